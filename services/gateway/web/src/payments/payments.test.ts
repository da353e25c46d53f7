import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { nameOf } from "../funds/words";
import { GetOrderResponseSchema, OrderStatus } from "../gen/qudao/order/v1/order_query_service_pb";
import { CreditStanding } from "../gen/qudao/order/v1/order_service_pb";
import {
  PaymentClosure, PaymentMismatch, PaymentSchema, PaymentStatus, RefundStatus, type Payment,
} from "../gen/qudao/order/v1/payment_query_service_pb";
import { ParkedVerdict, PaymentProvider, PaymentScene } from "../gen/qudao/order/v1/payment_service_pb";
import {
  askAgainMillis, canPayOnline, canRetry, clockText, fitsCode, isOpen, otherProvider, owes, pageOf, sceneFor, secondsLeft, stageOf, statusesOf,
  surplusMinor, verdictsFor,
} from "./rules";
import { CLOSURES, MISMATCHES, PROVIDERS, REFUNDS, SCENES, STATUSES, VERDICTS } from "./words";

const { STARTING, WAITING, CAPTURED, PARKED, REFUNDING, PARTLY_REFUNDED, REFUNDED, REFUND_FAILED, CLOSED } = PaymentStatus;
const known = (values: object) => Object.values(values).filter((one): one is number => typeof one === "number" && one !== 0);
const payment = (status: PaymentStatus): Payment => create(PaymentSchema, { status });

describe("an order that can be paid online", () => {
  const order = (status: OrderStatus, terms: object) =>
    create(GetOrderResponseSchema, { summary: { status }, payment: terms });

  it("owes something, or waits for credit that can be paid instead", () => {
    expect(owes(order(OrderStatus.AWAITING_PAYMENT, { openMinor: 5n }))).toBe(true);
    expect(owes(order(OrderStatus.ON_HOLD, { creditMinor: 5n, creditStanding: CreditStanding.ON_HOLD }))).toBe(true);
  });

  it("is in what providers take", () => {
    const owing = (currencyCode: string) =>
      create(GetOrderResponseSchema, { summary: { status: OrderStatus.AWAITING_PAYMENT, currencyCode }, payment: { openMinor: 5n } });
    expect([canPayOnline(owing("CNY")), canPayOnline(owing("USD"))]).toEqual([true, false]);
  });

  it("is not one that owes nothing, is over, or is paid elsewhere", () => {
    expect(owes(order(OrderStatus.SUBMITTED, { creditMinor: 5n, creditStanding: CreditStanding.RESERVED }))).toBe(false);
    expect(owes(order(OrderStatus.CANCELLED, { openMinor: 5n }))).toBe(false);
    expect(owes(create(GetOrderResponseSchema, { summary: { status: OrderStatus.AWAITING_PAYMENT } }))).toBe(false);
  });
});

describe("the scene", () => {
  it("is a phone where the screen is narrow and touched", () => {
    expect([sceneFor(true, true), sceneFor(true, false), sceneFor(false, true), sceneFor(false, false)]).toEqual([
      PaymentScene.PHONE, PaymentScene.CODE, PaymentScene.CODE, PaymentScene.CODE,
    ]);
  });
});

describe("the time that is left", () => {
  const now = Date.parse("2026-11-26T08:00:00Z");

  it("is counted down to nothing, and not beyond", () => {
    expect(secondsLeft("2026-11-26T08:15:00Z", now)).toBe(900);
    expect(secondsLeft("2026-11-26T08:00:00.200Z", now)).toBe(1);
    expect(secondsLeft("2026-11-26T07:00:00Z", now)).toBe(0);
    expect(secondsLeft("", now)).toBe(0);
  });

  it("is shown as clocks do", () => {
    expect([900, 65, 9, 0, 3_605].map(clockText)).toEqual(["15:00", "01:05", "00:09", "00:00", "1:00:05"]);
  });
});

describe("whoever pays", () => {
  it("is shown a stage for every status", () => {
    expect(stageOf(undefined)).toBe("choose");
    const all = [STARTING, WAITING, CAPTURED, PARKED, REFUNDING, PARTLY_REFUNDED, REFUNDED, REFUND_FAILED, CLOSED];
    expect(all.map((status) => stageOf({ status }))).toEqual([
      "starting", "waiting", "paid", "parked", "back", "back", "back", "back", "closed",
    ]);
    expect(known(PaymentStatus)).toEqual(all);
  });

  it("is told soon what happens, later what may still happen, and then no more", () => {
    expect([STARTING, WAITING].map((status) => askAgainMillis({ status }))).toEqual([1_500, 1_500]);
    expect([CLOSED, PARKED, REFUNDING].map((status) => askAgainMillis({ status }))).toEqual([6_000, 6_000, 6_000]);
    expect([CAPTURED, REFUNDED, PARTLY_REFUNDED, REFUND_FAILED].map((status) => askAgainMillis({ status }))).toEqual(Array(4).fill(undefined));
  });

  it("can change to the other provider where there is one", () => {
    const { WECHAT_PAY, ALIPAY } = PaymentProvider;
    expect(otherProvider(WECHAT_PAY, [WECHAT_PAY, ALIPAY])).toBe(ALIPAY);
    expect(otherProvider(ALIPAY, [ALIPAY])).toBeUndefined();
  });
});

describe("what has to be opened", () => {
  const shown = (url: string, scene = PaymentScene.CODE) => create(PaymentSchema, { url, scene });

  it("is a page only where a browser can open it", () => {
    expect(pageOf(shown("https://pay.example.com/p/1"))).toBe("https://pay.example.com/p/1");
    expect(pageOf(shown("weixin://wxpay/bizpayurl?pr=1"))).toBeUndefined();
    expect(pageOf(shown("weixin://wxpay/bizpayurl?pr=1", PaymentScene.PHONE))).toBe("weixin://wxpay/bizpayurl?pr=1");
    expect(pageOf(shown("javascript:alert(1)", PaymentScene.PHONE))).toBeUndefined();
  });

  it("is no code when no camera could read it", () => {
    expect([fitsCode(""), fitsCode("https://qr.alipay.com/bax1"), fitsCode("x".repeat(1_001))]).toEqual([false, true, false]);
  });
});

describe("what can be done", () => {
  const parked = (mismatch: PaymentMismatch) => create(PaymentSchema, { status: PARKED, parked: { mismatch } });

  it("is any decision about another amount, and only dismissal of anything else", () => {
    expect(verdictsFor(parked(PaymentMismatch.AMOUNT))).toEqual(["take", "giveBack", "dismiss"]);
    expect(verdictsFor(parked(PaymentMismatch.CURRENCY))).toEqual(["dismiss"]);
    expect(verdictsFor(parked(PaymentMismatch.PAID_TWICE))).toEqual(["dismiss"]);
    expect(verdictsFor(payment(CAPTURED))).toEqual([]);
  });

  it("is to ask again for what failed, and to end what nobody has paid", () => {
    expect(known(RefundStatus).filter((status) => canRetry({ status }))).toEqual([RefundStatus.FAILED]);
    expect(known(PaymentStatus).filter((status) => isOpen({ status }))).toEqual([STARTING, WAITING]);
  });

  it("says what goes back", () => {
    expect(surplusMinor({ capturedMinor: 500n, allocatedMinor: 300n })).toBe(200n);
    expect(surplusMinor({ capturedMinor: 0n, allocatedMinor: 0n })).toBe(0n);
  });
});

describe("the list", () => {
  const asked = (text: string) => statusesOf(new URLSearchParams(text));

  it("asks for one status, for what has to be dealt with, or for all", () => {
    expect(asked("status=parked")).toEqual([PARKED]);
    expect(asked("status=todo")).toEqual([PARKED, REFUND_FAILED]);
    expect([asked(""), asked("status=nonsense"), asked("status=toString")]).toEqual([[], [], []]);
  });

  it("has a name for everything", () => {
    const all: [object, Record<string, number>][] = [
      [PaymentStatus, STATUSES], [RefundStatus, REFUNDS], [PaymentProvider, PROVIDERS], [PaymentScene, SCENES],
      [PaymentClosure, CLOSURES], [PaymentMismatch, MISMATCHES], [ParkedVerdict, VERDICTS],
    ];
    for (const [values, names] of all) expect(known(values).filter((one) => nameOf(names, one) === undefined)).toEqual([]);
  });
});
