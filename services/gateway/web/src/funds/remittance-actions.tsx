import { Button, Input } from "antd";
import { useState } from "react";
import { reasonOf } from "../api/errors";
import { useClient } from "../api/clients";
import { RemittanceStatus, type Remittance } from "../gen/qudao/order/v1/funds_query_service_pb";
import { RemittanceService } from "../gen/qudao/order/v1/remittance_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { Field } from "../ui/field-problems";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { AmountField } from "./amount-field";
import { parseAmount, typedAmount } from "./amounts";
import { isReference, LONGEST_REFERENCE } from "./report-form";
import { useToldCommand } from "./use-told-command";

const METHODS = {
  confirm: RemittanceService.method.confirmRemittance,
  reject: RemittanceService.method.rejectRemittance,
} as const;

const KINDS = ["confirm", "reject"] as const;

export interface RemittanceAct {
  kind: (typeof KINDS)[number];
  remittance: Remittance;
}

/** What this person can do with money that was reported. */
export function useRemittanceKinds(): RemittanceAct["kind"][] {
  const may = useMay();
  return KINDS.filter((kind) => may(METHODS[kind]));
}

export function RemittanceButtons({ kinds, remittance, onAct }: { kinds: RemittanceAct["kind"][]; remittance: Remittance; onAct: (act: RemittanceAct) => void }) {
  const { t } = useI18n();
  if (remittance.status !== RemittanceStatus.REPORTED) return null;
  const id = remittance.remittanceId;
  return (
    <>
      {kinds.map((kind) => (
        <Button
          key={kind}
          size="small"
          danger={kind === "reject"}
          aria-label={t(`remit.${kind}.of`, { id })}
          onClick={() => onAct({ kind, remittance })}
        >
          {t(`remit.${kind}`)}
        </Button>
      ))}
    </>
  );
}

interface DialogProps {
  remittance: Remittance;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

export function RemittanceDialog({ kind, ...rest }: DialogProps & Pick<RemittanceAct, "kind">) {
  return kind === "confirm" ? <ConfirmDialog {...rest} /> : <RejectDialog {...rest} />;
}

function basics({ remittanceId, version }: Remittance) {
  return { remittanceId, expectedVersion: version };
}

/** Says that money has arrived. Whoever reported it is told who has to do it. */
function ConfirmDialog({ remittance, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const remitting = useClient(RemittanceService);
  const currency = remittance.currencyCode;
  const [amount, setAmount] = useState(() => typedAmount(remittance.amountMinor, currency));
  const [reference, setReference] = useState(remittance.bankReference);
  const command = useToldCommand("remit.confirm.done", onDone, onStale);
  const received = parseAmount(amount, currency);
  const apart = reasonOf(command.error) === "DUTIES_APART";
  const wrong = !isReference(reference);
  const send = (requestId: string) =>
    remitting.confirmRemittance({
      ...basics(remittance),
      requestId,
      bankReference: reference.trim(),
      ...(received !== undefined && { receivedMinor: received }),
    });
  return (
    <AskFirst
      title={t("remit.confirm.title", { id: remittance.remittanceId })}
      okText={t("remit.confirm")}
      disabled={received === undefined || wrong || apart}
      {...(apart && { todo: t("remit.apart.todo") })}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([remittance.remittanceId, String(remittance.version), amount, reference], send)}
    >
      <p>{t("remit.confirm.consequence", { dealer: remittance.dealerName })}</p>
      <div className="close-fields">
        <AmountField
          name="received-amount"
          label={t("remit.received")}
          currency={currency}
          value={amount}
          problem={received === undefined ? t("number.bad") : ""}
          onChange={setAmount}
        />
        <Field label={t("remit.reference")} hint={t("remit.confirm.reference.hint")} problem={wrong ? t("remit.reference.bad") : ""}>
          <Input
            name="confirmed-reference"
            maxLength={LONGEST_REFERENCE}
            value={reference}
            onChange={(event) => setReference(event.target.value)}
          />
        </Field>
      </div>
    </AskFirst>
  );
}

function RejectDialog({ remittance, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const remitting = useClient(RemittanceService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("remit.reject.done", onDone, onStale);
  const text = reason.trim();
  const send = (requestId: string) => remitting.rejectRemittance({ ...basics(remittance), requestId, reason: text });
  return (
    <AskFirst
      title={t("remit.reject.title", { id: remittance.remittanceId })}
      okText={t("remit.reject")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([remittance.remittanceId, String(remittance.version), text], send)}
    >
      <p>
        {t("remit.reject.consequence", {
          dealer: remittance.dealerName,
          money: format.money(remittance.amountMinor, remittance.currencyCode),
        })}
      </p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
