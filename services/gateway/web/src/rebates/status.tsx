import type { RebatePlanStatus } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { STATUS_NAMES, STATUSES } from "./words";

const LOOKS = { draft: "draft", running: "approved", ended: "ended" } as const;

export function PlanStatusTag({ status }: { status: RebatePlanStatus }) {
  const { t } = useI18n();
  const name = STATUS_NAMES.find((one) => STATUSES[one] === status);
  const key: Key = name ? `rebate.status.${name}` : "status.unknown";
  return <span className={`tag tag-promo-${name ? LOOKS[name] : "unknown"}`}>{t(key)}</span>;
}
