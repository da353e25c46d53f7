import { Input, InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { ReasonField } from "../ui/reason-field";
import { AmountField } from "./amount-field";
import { ownCredit, parseAmount, typedAmount } from "./amounts";
import type { DialogProps } from "./dealer-actions";
import { useToldCommand } from "./use-told-command";

const MOST_DAYS = 365;
const USUAL_DAYS = 30;
const FIELDS = ["limit_minor", "currency_code", "payment_days"];

/** Says how much credit a dealer has, and how long it may take to pay. */
export function LimitDialog({ funds, currency: usual, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const credit = useClient(CreditService);
  const own = ownCredit(funds);
  const [currency, setCurrency] = useState(usual);
  const [limit, setLimit] = useState(() => (own ? typedAmount(own.limitMinor, usual) : ""));
  const [days, setDays] = useState(own?.paymentDays ?? USUAL_DAYS);
  const [reason, setReason] = useState("");
  const command = useToldCommand("funds.act.limit.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const limitMinor = parseAmount(limit, currency, 0n);
  const bad = limit !== "" && limitMinor === undefined;
  const send = (requestId: string) =>
    credit.setCreditLimit({
      requestId,
      dealerId: funds.dealerId,
      currencyCode: currency,
      limitMinor: limitMinor ?? 0n,
      paymentDays: days,
      reason: reason.trim(),
      ...(own && { expectedVersion: own.version }),
    });
  return (
    <FormDialog
      title={t("funds.act.limit.title", { name: funds.dealerName })}
      okText={t("classes.define.save")}
      ready={limitMinor !== undefined && currency.length === 3}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run([funds.dealerId, limit, currency, days, reason], send)}
    >
      <p>{t("funds.act.limit.note")}</p>
      <AmountField
        name="credit-limit"
        label={t("funds.limit")}
        currency={currency}
        value={limit}
        problem={bad ? t("promo.price.bad") : told("limit_minor")}
        hint={t("funds.limit.hint")}
        onChange={setLimit}
      />
      <div className="two-fields">
        <Field label={t("funds.days")} hint={t("funds.days.hint")} problem={told("payment_days")}>
          <InputNumber
            name="payment-days"
            inputMode="numeric"
            precision={0}
            min={0}
            max={MOST_DAYS}
            value={days}
            onChange={(value) => setDays(value ?? 0)}
          />
        </Field>
        <Field label={t("currency.label")} problem={told("currency_code")} {...(!own && { hint: t("prices.currency.hint") })}>
          <Input
            name="credit-currency"
            maxLength={3}
            disabled={own !== undefined}
            value={currency}
            onChange={(event) => setCurrency(event.target.value.toUpperCase())}
          />
        </Field>
      </div>
      <ReasonField label={t("funds.reason.optional")} value={reason} onChange={setReason} />
    </FormDialog>
  );
}
