// Payments through providers of the made-up brand: one in every state that a page has to show.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  PaymentClosure, PaymentMismatch, PaymentSchema, PaymentStatus, RefundStatus, type Payment,
} from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentProvider, PaymentScene } from "../gen/qudao/order/v1/payment_service_pb";
import { CreditStanding, HoldReason, OrderPaymentSchema } from "../gen/qudao/order/v1/order_service_pb";
import type { DemoOrder, World } from "./world";

/** What providers take. */
export const CNY = "CNY";

export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const costOf = (order: DemoOrder) => order.lines.reduce((total, line) => total + line.priceMinor * BigInt(line.quantity), 0n);

/** These wait to be paid; what comes of a payment of one is as its last digit says. */
const OWED = ["S-10311", "S-10312", "S-10313", "S-10314", "S-10315", "S-10316", "S-10317"];

type More = Exclude<MessageInitShape<typeof PaymentSchema>, Payment>;

type State = [orderId: string, status: PaymentStatus, more?: (cost: bigint) => More];

const refund = (n: number, amountMinor: bigint, status: RefundStatus, detail = "") => ({
  $typeName: "qudao.order.v1.PaymentRefund" as const, refundId: `RF-20261126-${1000 + n}`, amountMinor, status, detail,
  reason: n % 2 === 0 ? "订单已取消" : "订单已用其他方式付清", askedAt: ago(80 - n), endedAt: status === RefundStatus.ASKED ? "" : ago(60 - n),
});

const paid = (cost: bigint, allocatedMinor = cost): More => ({
  capturedMinor: cost, allocatedMinor, transaction: "4200002611202611267831946205", paidAt: ago(95),
});

const parked = (cost: bigint, mismatch: PaymentMismatch): More => ({
  parked: {
    $typeName: "qudao.order.v1.ParkedMoney", mismatch, transaction: "2026112622001431881447209136",
    amountMinor: mismatch === PaymentMismatch.AMOUNT ? cost - 10_000n : cost, currencyCode: mismatch === PaymentMismatch.CURRENCY ? "USD" : CNY,
  },
});

const { STARTING, WAITING, CAPTURED, PARKED, REFUNDING, PARTLY_REFUNDED, REFUNDED, REFUND_FAILED, CLOSED } = PaymentStatus;

const STATES: State[] = [
  ["S-10310", CAPTURED, (cost) => paid(cost)],
  ["S-10309", PARKED, (cost) => parked(cost, PaymentMismatch.AMOUNT)],
  ["S-10308", REFUND_FAILED, (cost) => ({
    ...paid(cost, 0n),
    refunds: [refund(1, cost, RefundStatus.REPLACED, "用户账户异常"), refund(3, cost, RefundStatus.FAILED, "用户银行卡已注销，无法退款到原支付账户")],
  })],
  ["S-10307", REFUNDING, (cost) => ({ ...paid(cost, 0n), refunds: [refund(4, cost, RefundStatus.ASKED)] })],
  ["S-10306", PARTLY_REFUNDED, (cost) => ({ ...paid(cost, cost - 50_000n), refundedMinor: 50_000n, refunds: [refund(5, 50_000n, RefundStatus.DONE)] })],
  ["S-10305", REFUNDED, (cost) => ({ ...paid(cost, 0n), refundedMinor: cost, refunds: [refund(6, cost, RefundStatus.DONE)] })],
  ["S-10310", CLOSED, () => ({ closure: PaymentClosure.EXPIRED })],
  ["S-10304", CLOSED, () => ({ closure: PaymentClosure.WITHDRAWN })],
  ["S-10303", CLOSED, () => ({ closure: PaymentClosure.REFUSED, detail: "商户号未开通 Native 支付权限" })],
  ["S-10302", PARKED, (cost) => parked(cost, PaymentMismatch.PAID_TWICE)],
  ["S-10301", PARKED, (cost) => parked(cost, PaymentMismatch.CURRENCY)],
  ["S-10318", STARTING],
  ["S-10319", WAITING, () => ({ url: "https://pay.example.com/p/0198f2b4", expiresAt: ago(-9) })],
];

function paymentOf(world: World, [orderId, status, more]: State, n: number): Payment[] {
  const order = world.orders.find((one) => one.orderId === orderId);
  if (!order) return [];
  const cost = costOf(order);
  const dealerName = world.dealers.find((one) => one.dealerId === order.dealerId)?.name ?? "";
  return [create(PaymentSchema, {
    paymentId: `P20261126${String(700 + n)}`, orderId, dealerId: order.dealerId, dealerName, status, currencyCode: CNY,
    provider: n % 3 === 1 ? PaymentProvider.ALIPAY : PaymentProvider.WECHAT_PAY, scene: n % 4 === 3 ? PaymentScene.PHONE : PaymentScene.CODE,
    amountMinor: cost, startedAt: ago(100 + n * 47), expiresAt: ago(85 + n * 47), startedBy: n % 2 === 0 ? "dealer" : "lin", version: 3n,
    ...more?.(cost),
  })];
}

/** Orders that owe something, and one that waits for credit. */
function owe(world: World) {
  for (const order of world.orders) {
    if (![...OWED, "S-10318", "S-10319"].includes(order.orderId)) continue;
    const held = order.orderId === "S-10317";
    const cost = costOf(order);
    Object.assign(order, { currency: CNY, confirmed: false, lines: order.lines.map((line) => ({ ...line, shipped: 0, received: 0 })) });
    order.payment = create(OrderPaymentSchema, {
      prepaidMinor: held ? 0n : 20_000n, openMinor: held ? 0n : cost - 20_000n, creditMinor: held ? cost : 0n,
      creditStanding: held ? CreditStanding.ON_HOLD : CreditStanding.NOT_NEEDED, holdReasons: held ? [HoldReason.OVER_LIMIT] : [],
      missingCreditMinor: held ? cost / 2n : 0n,
    });
  }
}

export function demoOnlineWorld(world: World): Payment[] {
  owe(world);
  const first = STATES.flatMap((state, n) => paymentOf(world, state, n));
  // More than a page of them.
  const older = world.orders.slice(200, 260).flatMap(({ orderId }, n) =>
    paymentOf(world, [orderId, CAPTURED, (cost) => paid(cost)], STATES.length + n),
  );
  const all = [...first, ...older];
  for (const { orderId, allocatedMinor } of all) {
    const order = world.orders.find((one) => one.orderId === orderId);
    if (order) order.currency = CNY;
    if (order && !order.payment && allocatedMinor > 0n) order.payment = create(OrderPaymentSchema, { onlineMinor: allocatedMinor });
  }
  return all;
}
