// After-sale cases of the made-up brand: one in every state that a page has to show, and what becomes
// of them and of new ones.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { AfterSaleGoodsSchema, AfterSalePayoutSchema, AfterSaleQueryService, AfterSaleSchema, AfterSaleStatus, type AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleCause, AfterSaleService, AfterSaleSettlement } from "../gen/qudao/order/v1/after_sale_service_pb";
import type { LineDifference } from "../gen/qudao/order/v1/order_service_pb";
import { acceptedOf, canReturn, expectedOf } from "../after-sales/rules";
import { ago } from "./online-world";
import { paged } from "./rows";
import type { DemoOrder, World } from "./world";

const { REQUESTED, AWAITING_RETURN, IN_TRANSIT, PARTLY_RETURNED, TO_SETTLE, SETTLED, REFUSED, WITHDRAWN } = AfterSaleStatus;
const { SHORT, DAMAGED, WRONG_GOODS, QUALITY, NEAR_EXPIRY, UNSOLD } = AfterSaleCause;
const { REFUND, CREDIT_NOTE, REPLACEMENT } = AfterSaleSettlement;

const has = (search: string, ...texts: string[]) => texts.join(" ").toLowerCase().includes(search.toLowerCase());

interface Told {
  lineNo: number;
  quantity: number;
  cause: AfterSaleCause;
  note: string;
}

function caseOf(world: World, order: DemoOrder, n: number, lines: Told[]): AfterSale {
  const goods = lines.map((told) => {
    const productId = order.lines[told.lineNo - 1]?.productId ?? "";
    const productName = world.products.find((one) => one.productId === productId)?.name ?? "";
    return create(AfterSaleGoodsSchema, { ...told, productId, productName, baseUnit: "ea" });
  });
  const dealerName = world.dealers.find((one) => one.dealerId === order.dealerId)?.name ?? "";
  return create(AfterSaleSchema, {
    afterSaleId: `AS-${String(n).padStart(6, "0")}`, orderId: order.orderId, dealerId: order.dealerId, dealerName, currencyCode: "USD",
    status: REQUESTED, lines: goods, requestedBy: "dealer", requestedAt: ago(0), version: 1n,
  });
}

const STATES: [status: AfterSaleStatus, causes: AfterSaleCause[], more?: Partial<AfterSale>][] = [
  [REQUESTED, [DAMAGED, SHORT], { atReceipt: true, note: "外箱压坏，照片在附件里" }],
  [REQUESTED, [NEAR_EXPIRY], { wish: REPLACEMENT }],
  [AWAITING_RETURN, [WRONG_GOODS], { wish: REPLACEMENT, goodsReturn: true, decidedAt: ago(500), remark: "请寄回杭州仓，运费我方承担" }],
  [IN_TRANSIT, [QUALITY], { wish: REFUND, goodsReturn: true, decidedAt: ago(900), carrier: "德邦物流", trackingNumber: "DPK212038842" }],
  [PARTLY_RETURNED, [UNSOLD], { wish: CREDIT_NOTE, goodsReturn: true, decidedAt: ago(1500), carrier: "顺丰速运", trackingNumber: "SF1400291" }],
  [TO_SETTLE, [SHORT], { atReceipt: true, decidedAt: ago(200) }],
  [SETTLED, [DAMAGED], { wish: CREDIT_NOTE, decidedAt: ago(4000), settledAt: ago(3900), settlement: CREDIT_NOTE, ratedGoods: 5, ratedService: 4, ratedComment: "处理很快" }],
  [SETTLED, [DAMAGED], { wish: REFUND, decidedAt: ago(9000), settledAt: ago(8000), settlement: REFUND }],
  [REFUSED, [UNSOLD], { decidedAt: ago(9900), remark: "超过约定的退货期限" }],
  [WITHDRAWN, [QUALITY], { remark: "客户留用" }],
];

function beginning(world: World): AfterSale[] {
  const orders = world.orders.slice(40, 40 + STATES.length);
  return STATES.flatMap(([status, causes, more], n) => {
    const order = orders[n];
    if (!order) return [];
    const told = causes.map((cause, i) => ({ lineNo: (i % order.lines.length) + 1, quantity: 1, cause, note: i === 0 ? "车架有划痕" : "" }));
    const one = Object.assign(caseOf(world, order, STATES.length - n, told), { status, requestedAt: ago(60 + n * 700), ...more });
    if (status === SETTLED) pay(order, one, undefined);
    return [one];
  });
}

/** All that was used goes back: what is owed first, the rest to prepaid money. */
function pay(order: DemoOrder, one: AfterSale, amountMinor: bigint | undefined) {
  const worth = one.lines.reduce((sum, goods) => sum + (order.lines[goods.lineNo - 1]?.priceMinor ?? 0n) * BigInt(acceptedOf(goods, one.goodsReturn)), 0n);
  const amount = amountMinor ?? worth;
  const debtMinor = amount / 3n;
  one.amountMinor = amount;
  one.payout = create(AfterSalePayoutSchema, one.settlement === REFUND ? { onlineMinor: amount } : { debtMinor, prepaidMinor: amount - debtMinor });
}

export function demoAfterSales(world: World, fresh: () => object, wake: () => void) {
  const all = beginning(world);
  const find = (id: string) => {
    const found = all.find((one) => one.afterSaleId === id);
    if (!found) throw new ConnectError("no such case", Code.NotFound);
    return found;
  };
  const orderOf = (id: string) => world.orders.find((one) => one.orderId === id);
  const change = (one: AfterSale, to: Partial<AfterSale>) => {
    Object.assign(one, to, { version: one.version + 1n });
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId: one.afterSaleId, version: one.version, position: world.position } };
  };
  const open = (order: DemoOrder, lines: Told[], more: Partial<AfterSale>) => {
    const one = caseOf(world, order, all.length + 1, lines);
    all.unshift(one);
    for (const { lineNo, quantity } of lines) {
      const line = order.lines[lineNo - 1];
      if (line) line.claimed = (line.claimed ?? 0) + quantity;
    }
    return change(one, more);
  };
  /** No unit of it is in a case any more. */
  const leave = (one: AfterSale, settled: boolean) => {
    for (const goods of one.lines) {
      const line = orderOf(one.orderId)?.lines[goods.lineNo - 1];
      if (!line) continue;
      line.claimed = Math.max(0, (line.claimed ?? 0) - goods.quantity);
      if (settled) line.settled = (line.settled ?? 0) + acceptedOf(goods, one.goodsReturn);
    }
  };

  const serve = ({ service }: ConnectRouter) => {
    service(AfterSaleQueryService, {
      getAfterSale: ({ afterSaleId }) => ({ afterSale: find(afterSaleId), freshness: fresh() }),
      listAfterSales: ({ search, orderId, dealerId, statuses, page }) => {
        const rows = all
          .filter((one) => (!orderId || one.orderId === orderId) && (!dealerId || one.dealerId === dealerId))
          .filter((one) => statuses.length === 0 || statuses.includes(one.status))
          .filter((one) => has(search, one.afterSaleId, one.orderId, one.dealerName));
        return { ...paged("afterSales", rows, page), freshness: fresh() };
      },
    });
    service(AfterSaleService, {
      requestAfterSale: ({ orderId, lines, wish, note }) => {
        const order = orderOf(orderId);
        if (!order) throw new ConnectError("no such order", Code.NotFound);
        return open(order, lines, { wish, note });
      },
      approveAfterSale: ({ afterSaleId, goodsReturn, remark }) => {
        const one = find(afterSaleId);
        const back = goodsReturn && one.lines.some(canReturn);
        return change(one, { status: back ? AWAITING_RETURN : TO_SETTLE, goodsReturn: back, remark, decidedAt: ago(0) });
      },
      refuseAfterSale: ({ afterSaleId, reason }) => {
        leave(find(afterSaleId), false);
        return change(find(afterSaleId), { status: REFUSED, remark: reason, decidedAt: ago(0) });
      },
      withdrawAfterSale: ({ afterSaleId, reason }) => {
        leave(find(afterSaleId), false);
        return change(find(afterSaleId), { status: WITHDRAWN, remark: reason });
      },
      shipReturn: ({ afterSaleId, carrier, trackingNumber }) => change(find(afterSaleId), { status: IN_TRANSIT, carrier, trackingNumber }),
      receiveReturn: ({ afterSaleId, lines, last }) => {
        const one = find(afterSaleId);
        for (const came of lines) {
          const goods = one.lines.find(({ lineNo, cause }) => lineNo === came.lineNo && cause === came.cause);
          if (!goods) continue;
          goods.sellable += came.sellable;
          goods.scrap += came.scrap;
          goods.rejected += came.rejected;
        }
        const done = last || one.lines.filter(canReturn).every((goods) => expectedOf(goods) === 0);
        return change(one, { status: done ? TO_SETTLE : PARTLY_RETURNED });
      },
      settleAfterSale: ({ afterSaleId, settlement, amountMinor, remark }) => {
        const one = find(afterSaleId);
        const order = orderOf(one.orderId);
        leave(one, true);
        one.settlement = settlement;
        if (order && (settlement === REFUND || settlement === CREDIT_NOTE)) pay(order, one, amountMinor);
        return change(one, {
          status: SETTLED, settledAt: ago(0), remark: remark || one.remark, ...(settlement === REPLACEMENT && { replacementOrderId: "S-10321" }),
        });
      },
      rateAfterSale: ({ afterSaleId, goods, service: score, comment }) =>
        change(find(afterSaleId), { ratedGoods: goods, ratedService: score, ratedComment: comment }),
    });
  };
  /** What did not arrive as it was shipped makes a case. */
  const differ = (order: DemoOrder, differences: LineDifference[]) => {
    const causes = [DAMAGED, SHORT, DAMAGED, WRONG_GOODS] as const;
    const lines = differences.map(({ lineNo, kind, quantity, note }) => ({ lineNo, quantity, note, cause: causes[kind] ?? DAMAGED }));
    for (const { lineNo, quantity } of lines) {
      const line = order.lines[lineNo - 1];
      if (line) line.disputed = (line.disputed ?? 0) + quantity;
    }
    if (lines.length > 0) open(order, lines, { atReceipt: true });
  };
  return { serve, differ };
}
