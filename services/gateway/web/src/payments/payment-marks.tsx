import type { PaymentStatus, RefundStatus } from "../gen/qudao/order/v1/payment_query_service_pb";
import type { PaymentProvider } from "../gen/qudao/order/v1/payment_service_pb";
import { nameOf } from "../funds/words";
import { useI18n } from "../i18n/i18n";
import { PROVIDERS, REFUNDS, STATUSES } from "./words";

export function PaymentTag({ status }: { status: PaymentStatus }) {
  const { t } = useI18n();
  const name = nameOf(STATUSES, status);
  return <span className={`tag tag-online-${name ?? "unknown"}`}>{t(name ? `online.status.${name}` : "status.unknown")}</span>;
}

export function RefundTag({ status }: { status: RefundStatus }) {
  const { t } = useI18n();
  const name = nameOf(REFUNDS, status);
  return <span className={`tag tag-refund-${name ?? "unknown"}`}>{t(name ? `online.refund.${name}` : "status.unknown")}</span>;
}

/** Who takes the money, with a dot in the colour that it is known by. */
export function ProviderMark({ provider }: { provider: PaymentProvider }) {
  const { t } = useI18n();
  const name = nameOf(PROVIDERS, provider);
  if (!name) return <>–</>;
  return (
    <span className={`provider provider-${name}`}>
      <span className="provider-dot" aria-hidden="true" />
      {t(`online.provider.${name}`)}
    </span>
  );
}
