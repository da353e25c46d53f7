import type { OrderPayment } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { holdReasons } from "./payment";

interface Props {
  payment: OrderPayment;
  currency: string | undefined;
  title: Key;
}

/** That an order waits for credit, and why. */
export function HoldNotice({ payment, currency, title }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const { missingCreditMinor } = payment;
  return (
    <div className="hold-notice" role="status">
      <strong>{t(title)}</strong>
      <span>{holdReasons(payment).map((key) => t(key)).join(t("promotion.and"))}</span>
      {missingCreditMinor > 0n && <span>{t("pay.missing", { money: format.money(missingCreditMinor, currency) })}</span>}
    </div>
  );
}
