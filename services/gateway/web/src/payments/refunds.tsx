import { Button } from "antd";
import { useState } from "react";
import type { Payment, PaymentRefund } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentService } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Empty } from "../ui/states";
import { RefundTag } from "./payment-marks";
import { RetryDialog } from "./retry-dialog";
import { canRetry } from "./rules";

interface Props {
  payment: Payment;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** What went back of a payment, or could not. */
export function Refunds({ payment, onDone, onStale }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay()(PaymentService.method.retryRefund);
  const [retried, setRetried] = useState<PaymentRefund>();
  const money = (minor: bigint) => format.money(minor, payment.currencyCode);
  const retry = (refund: PaymentRefund) =>
    canRetry(refund) && (
      <Button size="small" aria-label={t("online.retry.of", { id: refund.refundId })} onClick={() => setRetried(refund)}>
        {t("online.retry")}
      </Button>
    );
  return (
    <Panel className="panel-flush" title={t("online.refunds")}>
      {payment.refunds.length === 0 ? (
        <Empty title={t("online.refunds.none")} todo={t("online.refunds.none.todo")} />
      ) : (
        <DataTable
          label={t("online.refunds")}
          rows={payment.refunds}
          rowKey={(refund) => refund.refundId}
          columns={[
            { key: "id", title: t("online.refund.number"), cell: (one) => <span className="mono">{one.refundId}</span> },
            { key: "status", title: t("order.status"), cell: (one) => <Outcome refund={one} /> },
            { key: "amount", title: t("online.refund.amount"), number: true, cell: (one) => <strong>{money(one.amountMinor)}</strong> },
            { key: "reason", title: t("online.refund.reason"), cell: (one) => <span className="wrap">{one.reason}</span> },
            { key: "asked", title: t("online.refund.askedAt"), cell: (one) => format.time(one.askedAt) },
            { key: "ended", title: t("online.refund.endedAt"), cell: (one) => format.time(one.endedAt) },
          ]}
          card={(one) => <Card refund={one} money={money} />}
          {...(may && payment.refunds.some(canRetry) && { actions: retry })}
        />
      )}
      {retried && (
        <RetryDialog
          payment={payment}
          refund={retried}
          onClose={() => setRetried(undefined)}
          onDone={(position) => {
            setRetried(undefined);
            onDone(position);
          }}
          onStale={onStale}
        />
      )}
    </Panel>
  );
}

function Outcome({ refund: { status, detail } }: { refund: PaymentRefund }) {
  return (
    <span className="two-lines narrow">
      <span>
        <RefundTag status={status} />
      </span>
      {detail && <span className="soft wrap">{detail}</span>}
    </span>
  );
}

function Card({ refund, money }: { refund: PaymentRefund; money: (minor: bigint) => string }) {
  const format = useFormat();
  return (
    <>
      <span className="card-line">
        <strong>{money(refund.amountMinor)}</strong>
        <RefundTag status={refund.status} />
      </span>
      <span className="card-line soft">
        <span>{refund.reason}</span>
        <span className="nowrap">{format.time(refund.endedAt || refund.askedAt)}</span>
      </span>
      <span className="card-line soft">
        <span className="mono">{refund.refundId}</span>
      </span>
      {refund.detail && <span className="soft card-detail">{refund.detail}</span>}
    </>
  );
}
