// The rules by which orders are paid, reviewed and checked, as they are filled in.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { reviewForm, reviewOf, type ReviewForm } from "./review-form";
import { BackOrderRule, type OrderRules, type OrderRulesSchema } from "../gen/qudao/order/v1/order_rules_service_pb";

export interface RulesForm {
  settledHere: boolean;
  reviewed: boolean;
  rebateShare: number;
  /** Whether late payments keep anything back, and after how many days. */
  watchesOverdue: boolean;
  graceDays: number;
  /** Whether orders reserve stock, and are refused where there is too little. */
  stockChecked: boolean;
  /** Whether a confirmed order is handed over to warehouses as shipments. */
  handsOver: boolean;
  /** Whether orders may wait for goods that are not there. */
  backOrders?: BackOrderRule;
  /** Hours after which waiting orders are called off, or listed as stuck; undefined: never. */
  paymentHours?: number | undefined;
  creditHours?: number | undefined;
  reviewHours?: number | undefined;
  stuckHours?: number | undefined;
  /** Which orders sales has to look at, and finance after that. */
  salesReview?: ReviewForm | undefined;
  financeReview?: ReviewForm | undefined;
}

/** The limits of waiting, in the order in which they are shown. */
export const HOURS = ["paymentHours", "creditHours", "reviewHours", "stuckHours"] as const;
export type HoursName = (typeof HOURS)[number];
export const MOST_HOURS = 8_760;

export const MOST_GRACE_DAYS = 365;
const USUAL_GRACE_DAYS = 0;

export function rulesForm(rules: OrderRules | undefined): RulesForm {
  return {
    settledHere: rules?.settledHere ?? false,
    reviewed: rules?.reviewed ?? true,
    rebateShare: rules?.rebateSharePercent ?? 0,
    watchesOverdue: rules?.overdueGraceDays !== undefined,
    graceDays: rules?.overdueGraceDays ?? USUAL_GRACE_DAYS,
    stockChecked: rules?.stockChecked ?? false,
    handsOver: rules?.handsOver ?? false,
    backOrders: rules?.waiting?.backOrders ?? BackOrderRule.UNSPECIFIED,
    paymentHours: rules?.waiting?.paymentHours,
    creditHours: rules?.waiting?.creditHours,
    reviewHours: rules?.waiting?.reviewHours,
    stuckHours: rules?.waiting?.stuckHours,
    salesReview: reviewForm(rules?.salesReview),
    financeReview: reviewForm(rules?.financeReview),
  };
}

export function rulesOf(form: RulesForm): MessageInitShape<typeof OrderRulesSchema> {
  const { settledHere, reviewed, rebateShare, watchesOverdue, graceDays, stockChecked, handsOver } = form;
  const hours = Object.fromEntries(HOURS.flatMap((name) => (form[name] === undefined ? [] : [[name, form[name]]])));
  const waiting = { backOrders: form.backOrders ?? BackOrderRule.UNSPECIFIED, ...hours };
  const waits = waiting.backOrders !== BackOrderRule.UNSPECIFIED || Object.keys(hours).length > 0;
  const [sales, finance] = [reviewOf(form.salesReview), reviewOf(form.financeReview)];
  return {
    settledHere,
    reviewed,
    rebateSharePercent: rebateShare,
    ...(watchesOverdue && { overdueGraceDays: graceDays }),
    stockChecked,
    handsOver,
    ...(waits && { waiting }),
    ...(sales && { salesReview: sales }),
    ...(finance && { financeReview: finance }),
  };
}

export function sameRules(a: RulesForm, b: RulesForm): boolean {
  const told = (form: RulesForm) => JSON.stringify(rulesOf(form), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return told(a) === told(b);
}
