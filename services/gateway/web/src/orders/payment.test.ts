import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { DealerFundsSchema } from "../gen/qudao/order/v1/funds_query_service_pb";
import { CreditStanding, HoldReason, OrderPaymentSchema, QuoteOrderResponseSchema } from "../gen/qudao/order/v1/order_service_pb";
import { attemptOf, draftBody, EMPTY_DRAFT } from "./draft";
import { availableFor, availableOf, choiceOf, dueMinor, holdReasons, isOnHold, offered, openMinor, usedOf, withSource } from "./payment";

describe("a choice of what an order is paid from", () => {
  it("is sent only where something is left out", () => {
    expect(choiceOf()).toEqual({});
    expect(choiceOf(["prepaid"])).toEqual({ payment: { withoutRebate: false, withoutPrepaid: true, withoutCredit: false } });
  });

  it("is the same, whichever was left out first", () => {
    const one = withSource(withSource([], "credit", false), "rebate", false);
    const other = withSource(withSource([], "rebate", false), "credit", false);
    expect(one).toEqual(other);
    expect(withSource(one, "credit", true)).toEqual(["rebate"]);
  });

  it("makes another attempt of an order", () => {
    const left = { ...EMPTY_DRAFT, without: ["credit" as const] };
    expect(draftBody(left)).not.toBe(draftBody(EMPTY_DRAFT));
    expect(draftBody({ ...EMPTY_DRAFT, without: [] })).toBe(draftBody(EMPTY_DRAFT));
    const sent = attemptOf(EMPTY_DRAFT, undefined);
    expect(attemptOf({ ...left, sent }, undefined).requestId).not.toBe(sent.requestId);
  });
});

describe("what there is", () => {
  const payment = create(OrderPaymentSchema, { prepaidMinor: 300n, creditMinor: 700n, openMinor: 40n });
  const quote = create(QuoteOrderResponseSchema, { payment, prepaidAvailableMinor: 300n, creditAvailableMinor: 0n });

  it("is offered when it is there, is used, or was left out", () => {
    expect(offered(availableFor(quote), usedOf(payment), [])).toEqual(["prepaid", "credit"]);
    expect(offered(availableFor(quote), undefined, ["rebate"])).toEqual(["rebate", "prepaid"]);
  });

  it("has no credit in it while none is given", () => {
    const funds = { prepaid: { availableMinor: 5n }, credit: { availableMinor: 9n } };
    expect(availableOf(create(DealerFundsSchema, funds))).toEqual({ rebate: 0n, prepaid: 5n, credit: 9n });
    const blocked = { ...funds, credit: { availableMinor: 9n, blockedReason: "late" } };
    expect(availableOf(create(DealerFundsSchema, blocked)).credit).toBe(0n);
  });

  it("says what can be paid: what is open, and credit that is waited for", () => {
    expect([dueMinor(payment), dueMinor(undefined)]).toEqual([40n, 0n]);
    expect(dueMinor(create(OrderPaymentSchema, { creditMinor: 700n, creditStanding: CreditStanding.ON_HOLD }))).toBe(700n);
  });

  it("says what is open, also of an order that is paid elsewhere", () => {
    expect([openMinor(payment), openMinor(undefined)]).toEqual([40n, 0n]);
  });
});

describe("an order that waits for credit", () => {
  const payment = create(OrderPaymentSchema, {
    creditStanding: CreditStanding.ON_HOLD, holdReasons: [HoldReason.OVER_LIMIT, HoldReason.OVERDUE],
  });

  it("says why", () => {
    expect(isOnHold(payment)).toBe(true);
    expect(holdReasons(payment)).toEqual(["pay.reason.overLimit", "pay.reason.overdue"]);
    expect(isOnHold(undefined)).toBe(false);
  });

  it("does not show what it has no words for", () => {
    expect(holdReasons(create(OrderPaymentSchema, { holdReasons: [99 as HoldReason] }))).toEqual([]);
  });
});
