import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { Payment, PaymentRefund } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentService } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";

interface Props {
  payment: Payment;
  refund: PaymentRefund;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** Asks a provider once more for a refund that it could not do. */
export function RetryDialog({ payment: { paymentId, version, currencyCode, dealerName }, refund, onClose, onDone, onStale }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const paying = useClient(PaymentService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("online.retry.done", onDone, onStale);
  const text = reason.trim();
  const { refundId, amountMinor, detail } = refund;
  const send = (requestId: string) => paying.retryRefund({ requestId, expectedVersion: version, paymentId, refundId, reason: text });
  return (
    <AskFirst
      title={t("online.retry.of", { id: refundId })}
      okText={t("online.retry")}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["retry", refundId, String(version), text], send)}
    >
      <p>{t("online.retry.consequence", { money: format.money(amountMinor, currencyCode), dealer: dealerName })}</p>
      {detail && <p className="note">{detail}</p>}
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
