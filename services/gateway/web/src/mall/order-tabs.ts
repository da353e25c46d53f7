// Orders by what a dealer has to do about them.
import { STATUSES } from "../orders/status";
import type { OrderStatus } from "../gen/qudao/order/v1/order_query_service_pb";

const { onHold, awaitingPayment, submitted, confirmed, partlyShipped, shipped, partlyReceived, received, cancelled } = STATUSES;

/** In the order in which an order passes them. */
export const ORDER_TABS = {
  all: [],
  toPay: [awaitingPayment],
  inReview: [submitted, onHold],
  toShip: [confirmed],
  toReceive: [partlyShipped, shipped, partlyReceived],
  done: [received],
  cancelled: [cancelled],
} as const satisfies Record<string, readonly OrderStatus[]>;

export type OrderTab = keyof typeof ORDER_TABS;

export const ORDER_TAB_NAMES = Object.keys(ORDER_TABS) as OrderTab[];

/** What waits for the dealer itself. */
export const MINE = ["toPay", "toReceive"] as const satisfies readonly OrderTab[];

export function orderTab(name: string | null): OrderTab {
  return ORDER_TAB_NAMES.find((one) => one === name) ?? "all";
}

export function statusesOf(tab: OrderTab): OrderStatus[] {
  return [...ORDER_TABS[tab]];
}
