import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { OrderRulesSchema, Reviewer } from "../gen/qudao/order/v1/order_rules_service_pb";
import { rulesForm, rulesOf, sameRules } from "./rules-form";

describe("steps of the review", () => {
  const rules = create(OrderRulesSchema, {
    reviewed: true,
    salesReview: { reviewer: Reviewer.REGION_MANAGER, aboveMinor: 1_000_050n, byDealersOnly: true },
    financeReview: { reviewer: Reviewer.FINANCE, unlessPrepaid: true },
  });

  it("are written as they were read", () => {
    const form = rulesForm(rules);
    expect(form.salesReview?.above).toBe(10_000.5);
    expect(rulesOf(form)).toMatchObject({
      salesReview: { reviewer: Reviewer.REGION_MANAGER, aboveMinor: 1_000_050n, byDealersOnly: true },
      financeReview: { reviewer: Reviewer.FINANCE, unlessPrepaid: true },
    });
  });

  it("are told apart", () => {
    const form = rulesForm(rules);
    expect(sameRules(form, rulesForm(rules))).toBe(true);
    expect(sameRules(form, { ...form, financeReview: undefined })).toBe(false);
    expect(rulesOf({ ...form, financeReview: undefined }).financeReview).toBeUndefined();
  });
});
