import { OrderStatus, type OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { ReviewStep } from "../gen/qudao/order/v1/order_rules_service_pb";
import { useI18n } from "../i18n/i18n";
import { StatusTag } from "./status";

/** The status of an order: of one that waits for the brand, which step of the review that is. */
export function OrderStatusTag({ order }: { order: OrderSummary }) {
  const { t } = useI18n();
  const waits = order.status === OrderStatus.SUBMITTED;
  if (waits && order.sentBack) return <span className="tag tag-onHold">{t("todo.sentBack")}</span>;
  if (waits && order.reviewStep !== ReviewStep.UNSPECIFIED) {
    return <span className="tag tag-submitted">{t(order.reviewStep === ReviewStep.FINANCE ? "todo.finance" : "todo.sales")}</span>;
  }
  return (
    <>
      <StatusTag status={order.status} />
      {order.changeWaits && <span className="tag tag-awaitingPayment">{t("todo.change")}</span>}
    </>
  );
}
