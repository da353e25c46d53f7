// Endpoints of the made-up brand: one that does well, one that fails, one that is gone.
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { WebhookCause, WebhookService } from "../gen/qudao/partner/v1/webhook_service_pb";
import { DeliveryService, DeliveryStatus } from "../gen/qudao/webhook/v1/delivery_service_pb";
import { paged } from "./rows";
import type { World } from "./world";

const SECRET = "whsec_cHJldmlldy1wcmV2aWV3LXByZXZpZXctcHJldmlldw==";
const TYPES = ["order.OrderSubmitted", "order.OrderConfirmed", "order.OrderShipped", "partner.DealerRegistered"];
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

function endpoint(endpointId: string, description: string, eventTypes: string[]) {
  return {
    endpointId, description, eventTypes, url: `https://${endpointId}.example.com/hooks/qudao`, enabled: true, cause: WebhookCause.UNSPECIFIED,
    reason: "", registeredAt: ago(40_000), previousSecretUntil: "", failingSince: "", delivered: 0n, failed: 0n, pending: 0n, version: 1n,
  };
}

function delivery(n: number, endpointId: string, status: DeliveryStatus) {
  const failed = status !== DeliveryStatus.DELIVERED;
  return {
    deliveryId: `${endpointId}-${n}`, endpointId, eventId: `0198f2b4-93b4-4d1f-8a56-2e7c9b10d4${String(n).padStart(2, "0")}`,
    eventType: TYPES[n % 3] ?? "", occurredAt: ago(n * 7), status, attempts: failed ? 3 : 1, nextAt: status === DeliveryStatus.PENDING ? ago(-25) : "",
    lastHttpStatus: failed ? 503 : 200, lastError: failed ? "status" : "", endedAt: status === DeliveryStatus.PENDING ? "" : ago(n * 7),
  };
}

export function demoWebhooks(world: World) {
  let webhooks = [
    { ...endpoint("erp", "ERP 订单同步", ["order.*"]), delivered: 1284n, failed: 3n, pending: 1n },
    { ...endpoint("wms", "仓储系统", ["order.OrderConfirmed", "order.OrderShipped"]), failingSince: ago(90), delivered: 640n, failed: 12n, pending: 18n },
    { ...endpoint("old-bi", "旧报表", ["*"]), enabled: false, cause: WebhookCause.GONE, reason: "410 Gone", failed: 1n },
  ];
  const rows = webhooks.flatMap(({ endpointId }, at) =>
    Array.from({ length: 14 }, (_, n) =>
      delivery(n, endpointId, n < at * 3 ? DeliveryStatus.PENDING : n === 5 ? DeliveryStatus.FAILED : DeliveryStatus.DELIVERED),
    ),
  );
  const find = (id: string) => {
    const found = webhooks.find((one) => one.endpointId === id);
    if (!found) throw new ConnectError("no such endpoint", Code.NotFound);
    return found;
  };
  const sent = (id: string) => {
    const found = rows.find((one) => one.deliveryId === id);
    if (!found) throw new ConnectError("no such delivery", Code.NotFound);
    return found;
  };
  const receipt = (objectId: string) => {
    world.position += 1n;
    return { receipt: { objectId, version: 1n, position: world.position } };
  };
  const change = (id: string, to: Partial<(typeof webhooks)[number]>) => {
    Object.assign(find(id), to);
    return receipt(id);
  };
  const attempt = (number: number, failed: boolean) => ({
    number, at: ago(number * 11), durationMs: 40 + number * 13, httpStatus: failed ? 503 : 200, error: failed ? "status" : "",
    excerpt: failed ? "<html><body>upstream is down for maintenance</body></html>" : '{"ok":true}',
  });
  return ({ service }: ConnectRouter) => {
    service(WebhookService, {
      registerWebhook: ({ url, description, eventTypes }) => {
        const one = { ...endpoint(`new-${webhooks.length}`, description, eventTypes), url };
        webhooks.push(one);
        return { ...receipt(one.endpointId), secret: SECRET };
      },
      changeWebhook: ({ endpointId, url, description, eventTypes }) => change(endpointId, { url, description, eventTypes }),
      enableWebhook: ({ endpointId }) => change(endpointId, { enabled: true, failingSince: "" }),
      disableWebhook: ({ endpointId, reason }) => change(endpointId, { enabled: false, cause: WebhookCause.ASKED, reason }),
      removeWebhook: ({ endpointId }) => {
        webhooks = webhooks.filter((one) => one.endpointId !== endpointId);
        return receipt(endpointId);
      },
      rotateWebhookSecret: ({ endpointId }) => {
        const previousSecretUntil = ago(-1440);
        return { ...change(endpointId, { previousSecretUntil }), secret: SECRET, previousUntil: previousSecretUntil };
      },
      revealWebhookSecret: () => ({ secret: SECRET }),
    });
    service(DeliveryService, {
      listWebhooks: ({ page }) => ({
        ...paged("webhooks", webhooks, page),
        freshness: { position: world.position, eventTime: world.movedAt, appliedAt: world.movedAt },
      }),
      listEventTypes: () => ({ types: TYPES.map((name) => ({ name, description: "" })) }),
      listDeliveries: ({ endpointId, status, page }) =>
        paged("deliveries", rows.filter((one) => one.endpointId === endpointId && (!status || one.status === status)), page),
      getDelivery: ({ deliveryId }) => {
        const found = sent(deliveryId);
        const attempts = Array.from({ length: found.attempts }, (_, n) => attempt(found.attempts - n, found.lastError !== ""));
        return { delivery: found, attempts, body: JSON.stringify({ type: found.eventType, timestamp: found.occurredAt, data: { id: found.eventId } }) };
      },
      resendDelivery: ({ deliveryId }) => ({ delivery: Object.assign(sent(deliveryId), { status: DeliveryStatus.PENDING }) }),
      resendFailed: () => ({ count: 3n }),
      sendTestEvent: ({ endpointId }) => {
        const one = { ...delivery(0, endpointId, DeliveryStatus.DELIVERED), deliveryId: `test-${rows.length}`, eventType: "webhook.Test" };
        rows.unshift(one);
        return { delivery: one };
      },
    });
  };
}
