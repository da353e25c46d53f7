// The rules by which orders are paid, reviewed and checked, as they are filled in.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { OrderRules, OrderRulesSchema } from "../gen/qudao/order/v1/order_rules_service_pb";

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
}

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
  };
}

export function rulesOf(form: RulesForm): MessageInitShape<typeof OrderRulesSchema> {
  const { settledHere, reviewed, rebateShare, watchesOverdue, graceDays, stockChecked, handsOver } = form;
  return {
    settledHere,
    reviewed,
    rebateSharePercent: rebateShare,
    ...(watchesOverdue && { overdueGraceDays: graceDays }),
    stockChecked,
    handsOver,
  };
}

export function sameRules(a: RulesForm, b: RulesForm): boolean {
  return JSON.stringify(rulesOf(a)) === JSON.stringify(rulesOf(b));
}
