import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { CreditSchema, DealerFundsSchema, FundsAccount, FundsEntryKind, FundsFilter } from "../gen/qudao/order/v1/funds_query_service_pb";
import { BackOrderRule, OrderRulesSchema } from "../gen/qudao/order/v1/order_rules_service_pb";
import { translate } from "../i18n/i18n";
import { creditShares, creditTotal, creditUsed, currencyOf, isBlocked, ownCredit, parseAmount, typedAmount } from "./amounts";
import { reportProblems, type ReportForm } from "./report-form";
import { rulesForm, rulesOf, sameRules } from "./rules-form";
import { FILTERS, kindKey, nameOf, signed } from "./words";

describe("an amount", () => {
  it("is more than nothing, exact, and not without bounds", () => {
    expect(parseAmount("1,234.5", "CNY")).toBe(123_450n);
    expect(parseAmount("0", "CNY")).toBeUndefined();
    expect(parseAmount("0", "CNY", 0n)).toBe(0n);
    expect(parseAmount("1.005", "CNY")).toBeUndefined();
    expect(parseAmount("1.5", "JPY")).toBeUndefined();
    expect(parseAmount("10000000000", "CNY")).toBe(1_000_000_000_000n);
    expect(parseAmount("10000000000.01", "CNY")).toBeUndefined();
  });

  it("is typed as it was", () => {
    expect(parseAmount(typedAmount(123_450n, "CNY"), "CNY")).toBe(123_450n);
  });
});

describe("credit", () => {
  const credit = create(CreditSchema, {
    currencyCode: "CNY", limitMinor: 800n, temporaryMinor: 200n, reservedMinor: 100n, receivableMinor: 500n, overdueMinor: 200n,
  });

  it("is taken by what is owed and by what is reserved", () => {
    expect([creditTotal(credit), creditUsed(credit)]).toEqual([1000n, 600n]);
    expect(creditShares(credit)).toEqual({ overdue: 20, receivable: 30, reserved: 10 });
  });

  it("fills the bar when more is taken than there is, and leaves it empty without any", () => {
    const over = create(CreditSchema, { limitMinor: 100n, reservedMinor: 150n, receivableMinor: 50n });
    expect(creditShares(over)).toEqual({ overdue: 0, receivable: 25, reserved: 75 });
    expect(creditShares(create(CreditSchema))).toEqual({ overdue: 0, receivable: 0, reserved: 0 });
  });

  it("of another dealer is not one's own", () => {
    expect(ownCredit(create(DealerFundsSchema, { credit }))?.limitMinor).toBe(800n);
    expect(ownCredit(create(DealerFundsSchema, { credit: { ...credit, ofDealerId: "other" } }))).toBeUndefined();
    expect(isBlocked(undefined)).toBe(false);
    expect(isBlocked(create(CreditSchema, { blockedReason: "late" }))).toBe(true);
  });

  it("says which money accounts are in, before the rest does", () => {
    expect(currencyOf(create(DealerFundsSchema, { credit, currencyCode: "USD" }), "EUR")).toBe("CNY");
    expect(currencyOf(create(DealerFundsSchema, { currencyCode: "USD" }), "EUR")).toBe("USD");
    expect(currencyOf(create(DealerFundsSchema), "EUR")).toBe("EUR");
  });
});

describe("a report of money", () => {
  const form: ReportForm = { dealerId: "d-1", purpose: "topUp", amount: "500", paidOn: "2026-11-26", reference: "2026112617", note: "" };

  it("says what is missing, each at its field", () => {
    expect(reportProblems(form, "CNY").size).toBe(0);
    const empty = { ...form, dealerId: "", amount: "", paidOn: "", reference: " 12 " };
    expect([...reportProblems(empty, "CNY").keys()]).toEqual(["dealer_id", "amount_minor", "paid_on", "bank_reference"]);
  });
});

describe("order rules", () => {
  it("keep how long orders wait, and for what", () => {
    const waiting = { backOrders: BackOrderRule.ASK, paymentHours: 48, stuckHours: 24 };
    expect(rulesOf(rulesForm(create(OrderRulesSchema, { waiting }))).waiting).toEqual(waiting);
    expect(rulesOf({ ...rulesForm(undefined), reviewHours: 12 }).waiting).toEqual({ backOrders: BackOrderRule.UNSPECIFIED, reviewHours: 12 });
    expect(rulesOf({ ...rulesForm(create(OrderRulesSchema, { waiting: { reviewHours: 12 } })), reviewHours: undefined }).waiting).toBeUndefined();
  });

  it("come back as they were", () => {
    const rules = create(OrderRulesSchema, { settledHere: true, reviewed: false, rebateSharePercent: 30, overdueGraceDays: 0, stockChecked: true });
    expect(rulesOf(rulesForm(rules))).toEqual({
      settledHere: true, reviewed: false, rebateSharePercent: 30, overdueGraceDays: 0, stockChecked: true, handsOver: false,
    });
  });

  it("without days of grace keep nothing back, whatever was typed before", () => {
    const form = { ...rulesForm(create(OrderRulesSchema, { settledHere: true })), graceDays: 9 };
    expect(rulesOf(form)).not.toHaveProperty("overdueGraceDays");
    expect(sameRules(form, { ...form, graceDays: 3 })).toBe(true);
    expect(sameRules(form, { ...form, watchesOverdue: true })).toBe(false);
  });

  it("look at stock only where somebody has said so", () => {
    const form = rulesForm(undefined);
    expect(rulesOf(form).stockChecked).toBe(false);
    expect(sameRules(form, { ...form, stockChecked: true })).toBe(false);
  });
});

describe("words", () => {
  const zh = (key: Parameters<typeof translate>[1]) => translate("zh-CN", key);

  it("know every kind of entry", () => {
    const kinds = Object.values(FundsEntryKind).filter((kind): kind is FundsEntryKind => typeof kind === "number" && kind !== 0);
    expect(kinds.map((kind) => zh(kindKey(kind, FundsAccount.PREPAID)))).not.toContain(zh("funds.kind.unknown"));
    expect(zh(kindKey(FundsEntryKind.CAPTURE, FundsAccount.CREDIT))).toBe("发货挂账");
    expect(zh(kindKey(FundsEntryKind.CAPTURE, FundsAccount.PREPAID))).toBe("发货扣款");
  });

  it("name values and give a plus to what is more", () => {
    expect(nameOf(FILTERS, FundsFilter.OVERDUE)).toBe("overdue");
    expect(nameOf(FILTERS, FundsFilter.UNSPECIFIED)).toBeUndefined();
    expect([signed(5n, String), signed(0n, String), signed(-5n, String)]).toEqual(["+5", "0", "-5"]);
  });
});
