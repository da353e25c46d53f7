// What a payment lets people do, and when. No clock, no network.
import { OrderStatus, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { PaymentMismatch, PaymentStatus, RefundStatus, type Payment, type PaymentRefund } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentScene, type PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { dueMinor } from "../orders/payment";
import { STATUSES, type StatusName, type VerdictName } from "./words";

const { STARTING, WAITING, CAPTURED, PARKED, REFUNDING, PARTLY_REFUNDED, REFUNDED, REFUND_FAILED, CLOSED } = PaymentStatus;

/** Whether there is anything to be paid of an order; credit that it waits for is to be paid, too. */
export function owes({ summary, payment }: Pick<GetOrderResponse, "summary" | "payment">): boolean {
  const waits = summary?.status === OrderStatus.AWAITING_PAYMENT || summary?.status === OrderStatus.ON_HOLD;
  return waits && dueMinor(payment) > 0n;
}

/** All that providers take. */
const TAKEN = "CNY";

/** Whether a provider can be asked for it. */
export function canPayOnline(order: Pick<GetOrderResponse, "summary" | "payment">): boolean {
  return owes(order) && order.summary?.currencyCode === TAKEN;
}

/** A wide screen shows a code to the phone that pays; a phone opens the provider itself. */
export function sceneFor(narrow: boolean, touch: boolean): PaymentScene {
  return narrow && touch ? PaymentScene.PHONE : PaymentScene.CODE;
}

/** Whether somebody may still be about to pay it. */
export function isOpen({ status }: Pick<Payment, "status">): boolean {
  return status === STARTING || status === WAITING;
}

export const OPEN_STATUSES = [STARTING, WAITING];

/** What somebody has to look at. */
export const ATTENTION_STATUSES = [PARKED, REFUND_FAILED];

export type Stage = "choose" | "starting" | "waiting" | "paid" | "parked" | "back" | "closed";

/** What whoever pays is shown. */
export function stageOf(payment: Pick<Payment, "status"> | undefined): Stage {
  switch (payment?.status) {
    case undefined:
      return "choose";
    case WAITING:
      return "waiting";
    case CAPTURED:
      return "paid";
    case PARKED:
      return "parked";
    case REFUNDING:
    case PARTLY_REFUNDED:
    case REFUNDED:
    case REFUND_FAILED:
      return "back";
    case CLOSED:
      return "closed";
    default:
      return "starting";
  }
}

const SOON_MS = 1_500;
const LATER_MS = 6_000;

/** After which time to ask again how it stands; never, where nothing more will come by itself. */
export function askAgainMillis({ status }: Pick<Payment, "status">): number | undefined {
  if (status === STARTING || status === WAITING) return SOON_MS;
  // Money that was on its way counts although the payment is closed.
  if (status === CLOSED || status === PARKED || status === REFUNDING) return LATER_MS;
  return undefined;
}

/** Seconds until it can not be paid any more; not below 0. */
export function secondsLeft(expiresAt: string, now: number): number {
  const end = Date.parse(expiresAt);
  return Number.isNaN(end) ? 0 : Math.max(0, Math.ceil((end - now) / 1000));
}

/** `14:05`, and `1:00:00` from an hour on. */
export function clockText(seconds: number): string {
  const two = (n: number) => n.toString().padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** Longer ones make a code that no camera reads from a screen. */
const LONGEST_CODE = 1_000;

export function fitsCode(url: string): boolean {
  return url !== "" && url.length <= LONGEST_CODE;
}

/** What a browser can open. A code of WeChat's own is for its camera alone; on a phone it opens the app. */
export function pageOf({ url, scene }: Pick<Payment, "url" | "scene">): string | undefined {
  const known = scene === PaymentScene.PHONE ? /^(https?|weixin|alipays?):\/\//i : /^https?:\/\//i;
  return known.test(url) ? url : undefined;
}

/** The one to change to. */
export function otherProvider(now: PaymentProvider, all: PaymentProvider[]): PaymentProvider | undefined {
  return all.find((one) => one !== now);
}

/** What did not pay the order: on its way back, or back already. */
export function surplusMinor({ capturedMinor, allocatedMinor }: Pick<Payment, "capturedMinor" | "allocatedMinor">): bigint {
  return capturedMinor > allocatedMinor ? capturedMinor - allocatedMinor : 0n;
}

/** What can be decided about what does not fit; money in another currency, or a second time, is never taken. */
export function verdictsFor({ status, parked }: Pick<Payment, "status" | "parked">): VerdictName[] {
  if (status !== PARKED || !parked) return [];
  return parked.mismatch === PaymentMismatch.AMOUNT ? ["take", "giveBack", "dismiss"] : ["dismiss"];
}

export function canRetry({ status }: Pick<PaymentRefund, "status">): boolean {
  return status === RefundStatus.FAILED;
}

export const ATTENTION = "todo";

/** The statuses that a list is asked for. */
export function statusesOf(params: URLSearchParams): PaymentStatus[] {
  const chosen = params.get("status") ?? "";
  if (chosen === ATTENTION) return ATTENTION_STATUSES;
  return Object.hasOwn(STATUSES, chosen) ? [STATUSES[chosen as StatusName]] : [];
}
