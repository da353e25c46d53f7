import type { ReactNode } from "react";
import type { Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { PaymentTag, ProviderMark } from "./payment-marks";
import { usePaymentDetail } from "./use-payment-detail";

interface Props {
  payments: Payment[];
  /** Whether they are of one order, whose page this is. */
  ofOrder?: boolean;
  /** Absent where there is no page of a payment. */
  onOpen?: (payment: Payment) => void;
}

/** Payments with how they stand, and how much of the money is where. */
export function PaymentTable({ payments, ofOrder = false, onOpen }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const own = isDealer(useUser());
  const id = (one: Payment) => <span className="mono">{one.paymentId}</span>;
  const whose: Column<Payment>[] = [
    { key: "dealer", title: t("order.dealer"), cell: (one) => <TwoLines first={one.dealerName} second={id(one)} /> },
    { key: "order", title: t("order.number"), cell: (one) => <span className="mono">{one.orderId}</span> },
  ];
  const number: Column<Payment> = { key: "id", title: t("online.number"), cell: id };
  return (
    <DataTable
      label={t("nav.payments")}
      rows={payments}
      rowKey={(one) => one.paymentId}
      {...(onOpen && { onOpen })}
      columns={[
        ...(ofOrder ? [number] : own ? [number, ...whose.slice(1)] : whose),
        { key: "status", title: t("order.status"), cell: (one) => <Status payment={one} /> },
        { key: "provider", title: t("online.provider"), cell: (one) => <ProviderMark provider={one.provider} /> },
        { key: "amount", title: t("online.amount"), number: true, cell: (one) => <Amount payment={one} /> },
        { key: "transaction", title: t("online.transaction"), cell: (one) => <span className="mono">{one.transaction || "–"}</span> },
        { key: "started", title: t("online.startedAt"), cell: (one) => format.time(one.startedAt) },
        { key: "paid", title: t("online.paidAt"), cell: (one) => format.time(one.paidAt) },
      ]}
      card={(one) => <Card payment={one} whose={ofOrder || own ? undefined : one.dealerName} ofOrder={ofOrder} />}
    />
  );
}

function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <span className="two-lines narrow">
      <span className="nowrap">{first}</span>
      <span className="soft">{second}</span>
    </span>
  );
}

function Status({ payment }: { payment: Payment }) {
  const detail = usePaymentDetail(payment);
  return (
    <span className="two-lines narrow">
      <span>
        <PaymentTag status={payment.status} />
      </span>
      {detail && <span className="soft wrap">{detail}</span>}
    </span>
  );
}

/** What was to be paid, and what is back of it. */
function Amount({ payment: { amountMinor, refundedMinor, currencyCode } }: { payment: Payment }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span className="num">
      <strong>{format.money(amountMinor, currencyCode)}</strong>
      {refundedMinor > 0n && <span className="soft credit-note">{t("online.refunded.n", { money: format.money(refundedMinor, currencyCode) })}</span>}
    </span>
  );
}

function Card({ payment, whose, ofOrder }: { payment: Payment; whose: string | undefined; ofOrder: boolean }) {
  const format = useFormat();
  const detail = usePaymentDetail(payment);
  return (
    <>
      <span className="card-line">
        <strong>{whose ?? <ProviderMark provider={payment.provider} />}</strong>
        <Amount payment={payment} />
      </span>
      <span className="card-line soft">
        <span>
          {whose !== undefined && (
            <>
              <ProviderMark provider={payment.provider} /> ·{" "}
            </>
          )}
          {format.time(payment.paidAt || payment.startedAt)}
        </span>
        <PaymentTag status={payment.status} />
      </span>
      <span className="card-line soft">
        <span className="mono">{ofOrder ? payment.paymentId : payment.orderId}</span>
        {detail && <span className="card-detail">{detail}</span>}
      </span>
    </>
  );
}
