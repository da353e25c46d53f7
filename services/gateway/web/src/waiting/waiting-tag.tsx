import { Role } from "../gen/qudao/access/v1/access_pb";
import type { OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { roleName } from "../shell/role-names";
import { useFormat } from "../ui/format";

/** That an order waits for goods, and that it waits for anything too long, with who has to act. */
export function WaitingTags({ order }: { order: OrderSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      {order.waiting > 0n && (
        <span className="tag tag-submitted" data-waiting>
          {t("waiting.tag", { n: format.count(order.waiting) })}
        </span>
      )}
      {order.stuckWith !== Role.UNSPECIFIED && (
        <span className="tag tag-onHold" data-stuck title={t("waiting.since", { time: format.time(order.waitsSince) })}>
          {t("waiting.stuck.with", { role: roleName(order.stuckWith, t) })}
        </span>
      )}
    </>
  );
}
