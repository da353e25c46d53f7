import type { QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { HoldNotice } from "./hold-notice";
import { availableFor, isOnHold, openMinor, usedOf, type Source } from "./payment";
import { PaymentChoice } from "./payment-choice";

interface Props {
  quote: QuoteOrderResponse;
  without: Source[];
  stale: boolean;
  onChange: (without: Source[]) => void;
}

/** From what the order would be paid, and what comes of it where that is not enough. */
export function BasketPayment({ quote, without, stale, onChange }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const { payment, currencyCode } = quote;
  if (!payment) return null;
  const open = openMinor(payment);
  return (
    <section className={stale ? "basket-payment stale" : "basket-payment"} aria-busy={stale}>
      <h3>{t("pay.title")}</h3>
      <PaymentChoice
        currency={currencyCode}
        available={availableFor(quote)}
        used={usedOf(payment)}
        without={without}
        onChange={onChange}
      />
      {open > 0n && (
        <p className="pay-open">
          <span>
            {t("pay.open")} <span className="soft">{t("pay.open.note")}</span>
          </span>
          <strong className="num" data-open>
            {format.money(open, currencyCode)}
          </strong>
        </p>
      )}
      {isOnHold(payment) && <HoldNotice payment={payment} currency={currencyCode} title="pay.willHold" />}
    </section>
  );
}
