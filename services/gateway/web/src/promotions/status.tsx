import { PromotionStatus } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";

export const STATUSES = {
  draft: PromotionStatus.DRAFT,
  approved: PromotionStatus.APPROVED,
  paused: PromotionStatus.PAUSED,
  ended: PromotionStatus.ENDED,
} as const;

export type StatusName = keyof typeof STATUSES;

export const STATUS_NAMES = Object.keys(STATUSES) as StatusName[];

export function chosenStatus(params: URLSearchParams): StatusName | undefined {
  return STATUS_NAMES.find((name) => name === params.get("status"));
}

export function StatusTag({ status }: { status: PromotionStatus }) {
  const { t } = useI18n();
  const name = STATUS_NAMES.find((one) => STATUSES[one] === status);
  const key: Key = name ? `promo.status.${name}` : "status.unknown";
  return <span className={`tag tag-promo-${name ?? "unknown"}`}>{t(key)}</span>;
}
