import type { RemittanceStatus } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { nameOf, REMITTANCES } from "./words";

export function RemittanceTag({ status }: { status: RemittanceStatus }) {
  const { t } = useI18n();
  const name = nameOf(REMITTANCES, status);
  return <span className={`tag tag-remit-${name ?? "unknown"}`}>{t(name ? `remit.status.${name}` : "status.unknown")}</span>;
}
