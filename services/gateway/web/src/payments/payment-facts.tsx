import type { ReactNode } from "react";
import { Link } from "react-router";
import { nameOf } from "../funds/words";
import type { Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { usePersonNames } from "../promotions/use-person-names";
import { CopyId } from "../ui/copy-id";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { PaymentTag, ProviderMark } from "./payment-marks";
import { CLOSURES, MISMATCHES, SCENES } from "./words";

type Fact = [string, ReactNode];

/** All that is known of a payment. */
export function PaymentFacts({ payment }: { payment: Payment }) {
  const { t } = useI18n();
  const format = useFormat();
  const person = usePersonNames([payment.startedBy]);
  const money = (minor: bigint) => format.money(minor, payment.currencyCode);
  const scene = nameOf(SCENES, payment.scene);
  const some = (name: string, text: string, value: ReactNode): Fact[] => (text === "" ? [] : [[name, value]]);
  const facts: Fact[] = [
    [t("order.dealer"), payment.dealerName || payment.dealerId],
    [t("order.number"), <Link key="order" className="mono" to={`/orders/${encodeURIComponent(payment.orderId)}`}>{payment.orderId}</Link>],
    [t("online.provider"), <ProviderMark key="provider" provider={payment.provider} />],
    ...some(t("online.scene"), scene ?? "", scene && t(`online.scene.${scene}`)),
    [t("online.number"), <CopyId key="id" value={payment.paymentId} />],
    ...some(t("online.transaction"), payment.transaction, <CopyId value={payment.transaction} />),
    [t("online.startedAt"), format.time(payment.startedAt, true)],
    [t("online.startedBy"), person(payment.startedBy)],
    [t("online.expiresAt"), format.time(payment.expiresAt, true)],
    ...some(t("online.paidAt"), payment.paidAt, format.time(payment.paidAt, true)),
  ];
  const captured = payment.capturedMinor > 0n;
  const amounts: Fact[] = [
    [t("online.amount"), <strong key="amount" className="num">{money(payment.amountMinor)}</strong>],
    ...(captured
      ? ([
          [t("online.captured"), <span key="captured" className="num">{money(payment.capturedMinor)}</span>],
          [t("online.allocated"), <span key="allocated" className="num">{money(payment.allocatedMinor)}</span>],
          [t("online.refunded"), <span key="refunded" className="num">{money(payment.refundedMinor)}</span>],
        ] satisfies Fact[])
      : []),
  ];
  return (
    <div className="payment-facts">
      <PaymentTag status={payment.status} />
      <Why payment={payment} />
      <FactList facts={amounts} />
      <FactList facts={facts} />
    </div>
  );
}

/** What does not fit, or why it is closed. */
function Why({ payment: { parked, closure, detail, amountMinor, currencyCode } }: { payment: Payment }) {
  const { t } = useI18n();
  const format = useFormat();
  const mismatch = parked && nameOf(MISMATCHES, parked.mismatch);
  const why = nameOf(CLOSURES, closure);
  if (!parked && !why && !detail) return null;
  return (
    <div className={parked ? "hold-notice" : "note"}>
      {mismatch && <strong>{t(`online.mismatch.${mismatch}`)}</strong>}
      {parked && (
        <span>
          {t("online.parked.facts", {
            told: format.money(parked.amountMinor, parked.currencyCode),
            wanted: format.money(amountMinor, currencyCode),
            transaction: parked.transaction || "–",
          })}
        </span>
      )}
      {why && <span>{t(`online.closed.${why}`)}</span>}
      {detail && <span className="soft">{why ? ` · ${detail}` : detail}</span>}
    </div>
  );
}
