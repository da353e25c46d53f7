import { Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { nameOf } from "../funds/words";
import type { Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentService } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { verdictsFor } from "./rules";
import { MISMATCHES, VERDICTS, type VerdictName } from "./words";

export interface DialogProps {
  payment: Payment;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** Decides what counts of money that does not fit. */
export function SettleDialog({ payment, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const paying = useClient(PaymentService);
  const verdicts = verdictsFor(payment);
  const only = verdicts.length === 1 ? verdicts[0] : undefined;
  const [chosen, setChosen] = useState<VerdictName>();
  const [reason, setReason] = useState("");
  const command = useToldCommand("online.settle.done", onDone, onStale);
  const { paymentId, version, parked } = payment;
  const verdict = only ?? verdicts.find((one) => one === chosen);
  const text = reason.trim();
  const mismatch = parked && nameOf(MISMATCHES, parked.mismatch);
  const send = (requestId: string) =>
    paying.settleParkedPayment({ requestId, expectedVersion: version, paymentId, reason: text, ...(verdict && { verdict: VERDICTS[verdict] }) });
  const money = format.money(parked?.amountMinor ?? 0n, parked?.currencyCode);
  return (
    <AskFirst
      title={t("online.settle.title", { id: paymentId })}
      okText={t(verdict ? `online.verdict.${verdict}` : "online.settle")}
      danger={verdict === "giveBack"}
      disabled={verdict === undefined || text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["settle", paymentId, String(version), verdict, text], send)}
    >
      <p>
        {mismatch && <strong>{t(`online.mismatch.${mismatch}`)} </strong>}
        {t("online.parked.facts", {
          told: money,
          wanted: format.money(payment.amountMinor, payment.currencyCode),
          transaction: parked?.transaction || "–",
        })}
      </p>
      {only && <p className="soft">{t("online.settle.only")}</p>}
      <Radio.Group
        className="verdicts"
        aria-label={t("online.settle")}
        value={verdict}
        options={verdicts.map((value) => ({
          value,
          label: (
            <span className="two-lines">
              <strong>{t(`online.verdict.${value}`)}</strong>
              <span className="soft">{t(`online.verdict.${value}.means`, { money })}</span>
            </span>
          ),
        }))}
        onChange={(event) => setChosen(event.target.value as VerdictName)}
      />
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
