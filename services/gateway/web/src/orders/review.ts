// Which step of the review an order waits for, and who takes it.
import type { OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { Reviewer, ReviewStep } from "../gen/qudao/order/v1/order_rules_service_pb";
import { Role } from "../gen/qudao/access/v1/access_pb";
import type { Key } from "../i18n/i18n";

const ROLES: Record<Reviewer, Role> = {
  [Reviewer.UNSPECIFIED]: Role.HQ_ADMIN,
  [Reviewer.SALES_DIRECTOR]: Role.SALES_DIRECTOR,
  [Reviewer.REGION_MANAGER]: Role.REGION_MANAGER,
  [Reviewer.FINANCE]: Role.FINANCE,
};

/** Whether somebody with these roles takes the step that an order waits for; headquarters takes any. */
export function takesStep(roles: Role[], order: OrderSummary): boolean {
  const waits = order.reviewStep !== ReviewStep.UNSPECIFIED && !order.sentBack;
  return waits && (roles.includes(Role.HQ_ADMIN) || roles.includes(ROLES[order.reviewer]));
}

export function stepKey(step: ReviewStep): Key {
  return step === ReviewStep.FINANCE ? "review.step.finance" : "review.step.sales";
}
