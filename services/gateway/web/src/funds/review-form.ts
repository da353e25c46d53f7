// The steps in which people look at orders, as they are filled in.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Reviewer, ReviewRule, ReviewRuleSchema } from "../gen/qudao/order/v1/order_rules_service_pb";

export interface ReviewForm {
  reviewer: Reviewer;
  byDealersOnly: boolean;
  unlessPrepaid: boolean;
  /** In whole units of the currency, as people write it; none: whatever an order costs. */
  above?: number | undefined;
}

const MINOR = 100;

export function reviewForm(rule: ReviewRule | undefined): ReviewForm | undefined {
  if (!rule) return undefined;
  const { reviewer, byDealersOnly, unlessPrepaid, aboveMinor } = rule;
  return { reviewer, byDealersOnly, unlessPrepaid, above: aboveMinor === undefined ? undefined : Number(aboveMinor) / MINOR };
}

export function reviewOf(form: ReviewForm | undefined): MessageInitShape<typeof ReviewRuleSchema> | undefined {
  if (!form) return undefined;
  const { reviewer, byDealersOnly, unlessPrepaid, above } = form;
  return { reviewer, byDealersOnly, unlessPrepaid, ...(above !== undefined && { aboveMinor: BigInt(Math.round(above * MINOR)) }) };
}
