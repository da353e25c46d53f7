// What webhooks and deliveries are, in words.
import { WebhookCause } from "../gen/qudao/partner/v1/webhook_service_pb";
import { DeliveryStatus, type Delivery, type Webhook } from "../gen/qudao/webhook/v1/delivery_service_pb";
import type { Key, Translate } from "../i18n/i18n";
import { contextName, eventName } from "../i18n/names";
import { isKey } from "../i18n/words";

/** What an endpoint listens to, as people say it. */
export function patternName(pattern: string, t: Translate): string {
  if (pattern === "*") return t("webhook.events.all");
  const [context = "", event = ""] = pattern.split(".");
  if (event === "*") return t("webhook.events.context", { context: contextName(context, t) });
  return typeName(pattern, t);
}

/** An event type with its context, as people say it. */
export function typeName(type: string, t: Translate): string {
  if (type === "webhook.Test") return t("webhook.event.test");
  return eventName(type.split(".")[1] ?? type, t);
}

/** How many of a hundred that are through were taken; none when none is through. */
export function successRate({ delivered, failed }: Pick<Webhook, "delivered" | "failed">): number | undefined {
  const through = delivered + failed;
  // Rounded down: only what never failed is 100.
  return through === 0n ? undefined : Number((delivered * 100n) / through);
}

export const STATUSES: Record<DeliveryStatus, [string, Key]> = {
  [DeliveryStatus.UNSPECIFIED]: ["", "webhook.status.pending"],
  [DeliveryStatus.PENDING]: ["tag-submitted", "webhook.status.pending"],
  [DeliveryStatus.DELIVERED]: ["tag-received", "webhook.status.delivered"],
  [DeliveryStatus.FAILED]: ["tag-cancelled", "webhook.status.failed"],
};

/** The state of an endpoint: how it looks, and its words. */
export function stateOf({ enabled, failingSince }: Pick<Webhook, "enabled" | "failingSince">): [string, Key] {
  if (!enabled) return ["tag-cancelled", "webhook.state.disabled"];
  return failingSince ? ["tag-submitted", "webhook.state.failing"] : ["tag-received", "webhook.state.enabled"];
}

/** Why nothing is sent. */
export function causeOf({ cause, reason }: Pick<Webhook, "cause" | "reason">, t: Translate): string {
  if (cause === WebhookCause.GONE) return t("webhook.cause.gone");
  if (cause === WebhookCause.FAILING) return t("webhook.cause.failing");
  return t("webhook.cause.asked", { reason });
}

/** What was wrong with an attempt; empty when nothing was. */
export function problemOf(error: string, status: number, t: Translate): string {
  const key = `webhook.error.${error}`;
  if (!error) return "";
  return isKey(key) ? t(key, { status: String(status) }) : error;
}

export const outcomeOf = ({ lastError, lastHttpStatus }: Delivery, t: Translate): string =>
  problemOf(lastError, lastHttpStatus, t) || (lastHttpStatus ? `HTTP ${lastHttpStatus}` : "");
