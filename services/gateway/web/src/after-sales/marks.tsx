import { nameOf } from "../funds/words";
import type { AfterSaleStatus } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import type { AfterSaleCause } from "../gen/qudao/order/v1/after_sale_service_pb";
import { useI18n } from "../i18n/i18n";
import { CAUSES, STATUSES } from "./words";
import "./after-sales.css";

export function CaseTag({ status }: { status: AfterSaleStatus }) {
  const { t } = useI18n();
  const name = nameOf(STATUSES, status);
  return <span className={`tag tag-case-${name ?? "unknown"}`}>{t(name ? `case.status.${name}` : "status.unknown")}</span>;
}

export function CauseTag({ cause }: { cause: AfterSaleCause }) {
  const { t } = useI18n();
  const name = nameOf(CAUSES, cause);
  return <span className="tag tag-cause">{t(name ? `case.cause.${name}` : "status.unknown")}</span>;
}

/** Points out of five, as people know them. */
export function Stars({ n }: { n: number }) {
  const { t } = useI18n();
  return (
    <span className="stars" role="img" aria-label={t("rate.points", { n })}>
      {"★".repeat(n)}
      <span className="stars-left">{"★".repeat(Math.max(0, 5 - n))}</span>
    </span>
  );
}
