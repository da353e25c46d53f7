// What a case lets people do, and when; what it is worth. No clock, no network.
import type { DescMethod } from "@bufbuild/protobuf";
import { AfterSaleStatus, type AfterSale, type AfterSaleGoods } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleCause, AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import type { OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";
import { netOf } from "../orders/lines";
import { STATUSES, type StatusName } from "./words";

const { REQUESTED, AWAITING_RETURN, IN_TRANSIT, PARTLY_RETURNED, TO_SETTLE, SETTLED } = AfterSaleStatus;

/** Cases by who has to do something about them. */
export const TABS = {
  review: [REQUESTED],
  goods: [AWAITING_RETURN, IN_TRANSIT, PARTLY_RETURNED],
  settle: [TO_SETTLE],
} as const;

export type TabName = keyof typeof TABS;

/** The statuses that a list is asked for: of the tab, or the one that was chosen. */
export function statusesOf(params: URLSearchParams): AfterSaleStatus[] {
  const tab = params.get("tab") ?? "";
  if (Object.hasOwn(TABS, tab)) return [...TABS[tab as TabName]];
  const status = params.get("status") ?? "";
  return Object.hasOwn(STATUSES, status) ? [STATUSES[status as StatusName]] : [];
}

/** In the order in which they are offered. */
export const METHODS = {
  approve: AfterSaleService.method.approveAfterSale,
  receive: AfterSaleService.method.receiveReturn,
  settle: AfterSaleService.method.settleAfterSale,
  ship: AfterSaleService.method.shipReturn,
  rate: AfterSaleService.method.rateAfterSale,
  refuse: AfterSaleService.method.refuseAfterSale,
  withdraw: AfterSaleService.method.withdrawAfterSale,
} as const;

export type ActionName = keyof typeof METHODS;

const ON_THE_WAY: AfterSaleStatus[] = [AWAITING_RETURN, IN_TRANSIT, PARTLY_RETURNED];

const WHEN: Record<ActionName, AfterSaleStatus[]> = {
  approve: [REQUESTED],
  receive: ON_THE_WAY,
  settle: [TO_SETTLE],
  ship: ON_THE_WAY,
  rate: [SETTLED],
  refuse: [REQUESTED, AWAITING_RETURN],
  withdraw: [REQUESTED, AWAITING_RETURN],
};

/** What whoever asked for a case leaves to somebody else. */
const APART: ActionName[] = ["approve", "settle"];

type Told = Pick<AfterSale, "status" | "requestedBy" | "ratedGoods">;

/** What this person can do about a case as it is. */
export function actionsFor(one: Told, userId: string, may: (method: DescMethod) => boolean): ActionName[] {
  const fits = (action: ActionName) => {
    if (!WHEN[action].includes(one.status) || !may(METHODS[action])) return false;
    if (action === "rate") return one.ratedGoods === 0;
    return !APART.includes(action) || one.requestedBy !== userId;
  };
  return (Object.keys(METHODS) as ActionName[]).filter(fits);
}

/** Whether the dealer has the goods, so that they can come back. */
export function canReturn({ cause }: Pick<AfterSaleGoods, "cause">): boolean {
  return cause !== AfterSaleCause.SHORT;
}

/** What of them is still to come back. */
export function expectedOf({ quantity, sellable, scrap, rejected }: AfterSaleGoods): number {
  return Math.max(0, quantity - sellable - scrap - rejected);
}

/** What is settled of them: what was taken back, or all where nothing comes back. */
export function acceptedOf(goods: AfterSaleGoods, goodsReturn: boolean): number {
  return goodsReturn && canReturn(goods) ? goods.sellable + goods.scrap : goods.quantity;
}

/** Units of a line that arrived, or should have, and that no case is about. */
export function claimableOf({ received, disputed, claimed, settled }: OrderLine): number {
  return Number(received + disputed - claimed - settled);
}

/** Units of a line that were shipped, and of which nobody has said how they arrived. */
export function toReceive({ shipped, received, disputed }: OrderLine): number {
  return Number(shipped - received - disputed);
}

/** What so many units of a line cost, down to a whole minor unit. */
function costOf(line: OrderLine, units: bigint): bigint {
  const ordered = line.quantity - line.closedQuantity;
  return ordered > 0n ? (netOf(line) * units) / ordered : 0n;
}

/** What the dealer paid for what is settled: all units of a line together cost exactly what it did. */
export function worthOf({ lines, goodsReturn }: Pick<AfterSale, "lines" | "goodsReturn">, ofOrder: OrderLine[]): bigint {
  let worth = 0n;
  for (const line of ofOrder) {
    const units = lines.filter(({ lineNo }) => lineNo === line.lineNo).reduce((sum, goods) => sum + acceptedOf(goods, goodsReturn), 0);
    worth += costOf(line, line.settled + BigInt(units)) - costOf(line, line.settled);
  }
  return worth;
}
