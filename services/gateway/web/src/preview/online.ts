// Payments through providers, without any provider. What comes of one that is started depends on the
// last digit of its order: 1 is paid after a while, 2 waits, 3 does not fit, 4 comes too late, 5 is not
// taken, 6 runs out of time.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import {
  PaymentClosure, PaymentMismatch, PaymentQueryService, PaymentSchema, PaymentStatus, RefundStatus, type Payment,
} from "../gen/qudao/order/v1/payment_query_service_pb";
import { ParkedVerdict, PaymentProvider, PaymentService, type StartPaymentRequest } from "../gen/qudao/order/v1/payment_service_pb";
import { CreditStanding } from "../gen/qudao/order/v1/order_service_pb";
import { ProviderService } from "../gen/qudao/payment/v1/provider_service_pb";
import { ago, CNY, demoOnlineWorld } from "./online-world";
import { paged } from "./rows";
import type { DemoOrder, World } from "./world";

const { STARTING, WAITING, CAPTURED, PARKED, REFUNDING, REFUNDED, REFUND_FAILED, CLOSED } = PaymentStatus;
const has = (search: string, ...texts: string[]) => texts.join(" ").toLowerCase().includes(search.toLowerCase());

const PRESENTED_MS = 1_200;
const DECIDED_MS = 9_000;

const due = ({ payment }: DemoOrder) =>
  (payment?.openMinor ?? 0n) + (payment?.creditStanding === CreditStanding.ON_HOLD ? payment.creditMinor : 0n);

type Moved = (objectId: string) => { receipt: { objectId: string; version: bigint; position: bigint } };

/** What happens to payments: by people, by the provider, and by time. */
function simulated(world: World, moved: Moved) {
  const all = demoOnlineWorld(world);
  const mine = new Set<string>();
  const find = (id: string) => {
    const found = all.find((one) => one.paymentId === id);
    if (!found) throw new ConnectError("no such payment", Code.NotFound);
    return found;
  };
  const orderOf = (id: string) => world.orders.find((one) => one.orderId === id);
  const change = (payment: Payment, to: Partial<Payment>) => {
    Object.assign(payment, to, { version: payment.version + 1n });
    return moved(payment.paymentId);
  };
  const pay = (payment: Payment, minor: bigint) => {
    const order = orderOf(payment.orderId);
    if (!order?.payment) return;
    Object.assign(order.payment, {
      onlineMinor: order.payment.onlineMinor + minor, openMinor: 0n,
      ...(order.payment.creditStanding === CreditStanding.ON_HOLD && { creditStanding: CreditStanding.NOT_NEEDED, creditMinor: 0n, holdReasons: [] }),
    });
  };
  const decide = (payment: Payment) => {
    const { amountMinor } = payment;
    const captured = { transaction: "4200002611202611269930481725", paidAt: new Date().toISOString(), capturedMinor: amountMinor, url: "" };
    switch (payment.orderId.at(-1)) {
      case "1":
        pay(payment, amountMinor);
        return change(payment, { ...captured, status: CAPTURED, allocatedMinor: amountMinor });
      case "3": {
        const parked = { $typeName: "qudao.order.v1.ParkedMoney" as const, mismatch: PaymentMismatch.AMOUNT, transaction: captured.transaction, amountMinor: amountMinor - 1n, currencyCode: CNY };
        return change(payment, { status: PARKED, parked, url: "" });
      }
      case "4":
        return change(payment, { ...captured, status: REFUNDING, refunds: [newRefund(amountMinor, "订单已用其他方式付清")] });
      case "6":
        return change(payment, { status: CLOSED, closure: PaymentClosure.EXPIRED, url: "" });
      default:
        return undefined;
    }
  };
  const follow = (payment: Payment) => {
    const age = Date.now() - Date.parse(payment.startedAt);
    if (!mine.has(payment.paymentId)) return payment;
    if (payment.status === STARTING && age > PRESENTED_MS) {
      if (payment.orderId.endsWith("5")) change(payment, { status: CLOSED, closure: PaymentClosure.REFUSED, detail: "商户号未开通该支付方式" });
      else change(payment, { status: WAITING, url: `${location.origin}/pay/${payment.paymentId}?preview=weixin` });
    } else if (payment.status === WAITING && age > DECIDED_MS) decide(payment);
    return payment;
  };
  const start = ({ orderId, provider, scene }: StartPaymentRequest) => {
    const order = orderOf(orderId);
    if (!order || due(order) === 0n) throw new ConnectError("nothing to pay", Code.FailedPrecondition);
    const dealerName = world.dealers.find((one) => one.dealerId === order.dealerId)?.name ?? "";
    const paymentId = `P20261127${String(100 + all.length)}`;
    all.unshift(create(PaymentSchema, {
      paymentId, orderId, provider, scene, dealerName, dealerId: order.dealerId, status: STARTING, currencyCode: CNY,
      amountMinor: due(order), startedAt: ago(0), expiresAt: ago(-15), startedBy: "lin", version: 1n,
    }));
    mine.add(paymentId);
    return moved(paymentId);
  };
  return { all, find, change, pay, follow, start };
}

export function demoOnline(world: World, fresh: () => object, wake: () => void) {
  const { all, find, change, pay, follow, start } = simulated(world, (objectId) => {
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId, version: world.position, position: world.position } };
  });

  const serve = ({ service }: ConnectRouter) => {
    service(ProviderService, { listProviders: () => ({ providers: [PaymentProvider.WECHAT_PAY, PaymentProvider.ALIPAY] }) });
    service(PaymentQueryService, {
      getPayment: ({ paymentId }) => ({ payment: follow(find(paymentId)), freshness: fresh() }),
      listPayments: ({ search, orderId, dealerId, statuses, page }) => {
        const rows = all.map(follow)
          .filter((one) => (!orderId || one.orderId === orderId) && (!dealerId || one.dealerId === dealerId))
          .filter((one) => statuses.length === 0 || statuses.includes(one.status))
          .filter((one) => has(search, one.paymentId, one.orderId, one.transaction, one.dealerName));
        return { ...paged("payments", rows, page), freshness: fresh() };
      },
    });
    service(PaymentService, {
      startPayment: start,
      withdrawPayment: ({ paymentId }) => change(find(paymentId), { status: CLOSED, closure: PaymentClosure.WITHDRAWN, url: "" }),
      settleParkedPayment: ({ paymentId, verdict, reason }) => {
        const payment = find(paymentId);
        const { amountMinor = 0n, transaction = "" } = payment.parked ?? {};
        const captured = { capturedMinor: amountMinor, transaction, paidAt: ago(0), parked: undefined, detail: reason };
        if (verdict === ParkedVerdict.DISMISS) return change(payment, { status: CLOSED, parked: undefined, detail: reason });
        if (verdict === ParkedVerdict.GIVE_BACK) return change(payment, { ...captured, status: REFUNDING, refunds: [newRefund(amountMinor, reason)] });
        pay(payment, amountMinor);
        return change(payment, { ...captured, status: CAPTURED, allocatedMinor: amountMinor });
      },
      retryRefund: ({ paymentId, refundId, reason }) => {
        const payment = find(paymentId);
        const failed = payment.refunds.find((one) => one.refundId === refundId);
        if (!failed) throw new ConnectError("no such refund", Code.NotFound);
        failed.status = RefundStatus.REPLACED;
        return change(payment, { status: REFUNDING, refunds: [...payment.refunds, newRefund(failed.amountMinor, reason)] });
      },
    });
  };
  return { serve, history: (id: string) => historyOf(find(id)) };
}

const newRefund = (amountMinor: bigint, reason: string) => ({
  $typeName: "qudao.order.v1.PaymentRefund" as const, refundId: `RF-20261127-${Date.now() % 10_000}`, amountMinor, reason,
  status: RefundStatus.ASKED, detail: "", askedAt: ago(0), endedAt: "",
});

const TOLD: [PaymentStatus[], string, string, string][] = [
  [[], "PaymentStarted", "发起了在线支付", "A payment was started"],
  [[STARTING], "PaymentPresented", "可以支付了", "The payment can be paid"],
  [[STARTING, WAITING, PARKED, CLOSED], "PaymentCaptured", "支付渠道收到了钱", "The provider has the money"],
  [[STARTING, WAITING, PARKED, CLOSED, CAPTURED], "RefundRequested", "多出的钱退回", "Money is to go back"],
  [[STARTING, WAITING, PARKED, CLOSED, CAPTURED, REFUNDING, REFUND_FAILED], "RefundCompleted", "钱已退回", "The money is back"],
];

function historyOf(payment: Payment) {
  const told = TOLD.filter(([before]) => !before.includes(payment.status) && (before.length < 5 || payment.status >= REFUNDED - 1));
  return told.map(([, type, zh, en], i) => ({
    event: {
      position: BigInt(2_000 + i), eventId: `${payment.paymentId}-${i}`, context: "order", aggregate: "payment", objectId: payment.paymentId,
      version: BigInt(i + 1), eventType: type, eventVersion: 1, recordedAt: payment.paidAt || payment.startedAt,
      payloadJson: JSON.stringify({ type, payment_id: payment.paymentId }),
      origin: { actorId: payment.startedBy, actorName: payment.startedBy, correlationId: "0f4c6f2e-6a1b-4a55-9c70-6a8b0de1a001" },
    },
    sentenceZh: zh, sentenceEn: en, changes: [],
  }));
}
