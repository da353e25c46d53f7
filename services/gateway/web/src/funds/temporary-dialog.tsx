import dayjs from "dayjs";
import { useState } from "react";
import { useClient } from "../api/clients";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { useI18n } from "../i18n/i18n";
import { DAY, DayField } from "../ui/day-field";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { ReasonField } from "../ui/reason-field";
import { useToday } from "../ui/use-today";
import { AmountField } from "./amount-field";
import { ownCredit, parseAmount } from "./amounts";
import type { DialogProps } from "./dealer-actions";
import { useToldCommand } from "./use-told-command";

const USUAL_DAYS = 30;
const FIELDS = ["amount_minor", "until", "reason"];

/** Adds to the limit of a dealer until a day. */
export function TemporaryDialog({ funds, currency, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const credit = useClient(CreditService);
  const today = useToday();
  const [amount, setAmount] = useState("");
  const [until, setUntil] = useState(() => dayjs(today).add(USUAL_DAYS, "day").format(DAY));
  const [reason, setReason] = useState("");
  const command = useToldCommand("funds.act.temporary.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const amountMinor = parseAmount(amount, currency);
  const bad = amount !== "" && amountMinor === undefined;
  const version = ownCredit(funds)?.version;
  const body = { dealerId: funds.dealerId, until, reason: reason.trim() };
  const send = (requestId: string) =>
    credit.grantTemporaryCredit({
      ...body,
      requestId,
      amountMinor: amountMinor ?? 0n,
      ...(version !== undefined && { expectedVersion: version }),
    });
  return (
    <FormDialog
      title={t("funds.act.temporary.title", { name: funds.dealerName })}
      okText={t("funds.act.temporary.ok")}
      ready={amountMinor !== undefined && until !== "" && body.reason !== ""}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run([body, amount], send)}
    >
      <p>{t("funds.act.temporary.note")}</p>
      <div className="two-fields">
        <AmountField
          name="temporary-amount"
          label={t("remit.amount")}
          currency={currency}
          value={amount}
          problem={bad ? t("number.bad") : told("amount_minor")}
          onChange={setAmount}
        />
        <DayField label={t("funds.until")} first={today} problem={told("until")} value={until} onChange={setUntil} />
      </div>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </FormDialog>
  );
}
