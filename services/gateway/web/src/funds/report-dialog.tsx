import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { RemittanceService } from "../gen/qudao/order/v1/remittance_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCurrency } from "../products/use-currency";
import { useMay } from "../session/session";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { PickDealer } from "../ui/pick-dealer";
import { useToday } from "../ui/use-today";
import { AmountField } from "./amount-field";
import { parseAmount } from "./amounts";
import { LONGEST_REFERENCE, reportProblems, type ReportForm } from "./report-form";
import { useToldCommand } from "./use-told-command";
import { namesOf, PURPOSES, type PurposeName } from "./words";

interface Props {
  /** Whose money it is; absent where it is to be chosen. */
  dealerId?: string;
  /** What this dealer's accounts are in; absent where nobody knows yet. */
  currency?: string;
  onDone: (position: bigint) => void;
}

/** The way to say that money was sent. */
export function ReportButton({ onDone, ...rest }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (!may(RemittanceService.method.reportRemittance)) return null;
  const done = (position: bigint) => {
    setOpen(false);
    onDone(position);
  };
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t("remit.report")}
      </Button>
      {open && <ReportDialog {...rest} onClose={() => setOpen(false)} onDone={done} />}
    </>
  );
}

const FIELDS = ["dealer_id", "amount_minor", "paid_on", "bank_reference", "note"];

function ReportDialog({ dealerId = "", currency: known = "", onClose, onDone }: Props & { onClose: () => void }) {
  const { t } = useI18n();
  const remitting = useClient(RemittanceService);
  const today = useToday();
  const usual = useCurrency();
  const currency = known || usual.currency;
  const [form, setForm] = useState<ReportForm>({ dealerId, purpose: "topUp", amount: "", paidOn: today, reference: "", note: "" });
  const [tried, setTried] = useState(false);
  const set = (change: Partial<ReportForm>) => setForm((before) => ({ ...before, ...change }));
  const command = useToldCommand("remit.report.done", onDone);
  const told = useFieldProblems(command.error);
  const own = reportProblems(form, currency);
  const problem = (field: string) => {
    const words = tried ? own.get(field) : undefined;
    return words ? t(words) : told(field);
  };
  const send = (requestId: string) =>
    remitting.reportRemittance({
      requestId,
      dealerId: form.dealerId,
      purpose: PURPOSES[form.purpose],
      currencyCode: currency,
      amountMinor: parseAmount(form.amount, currency) ?? 0n,
      paidOn: form.paidOn,
      bankReference: form.reference.trim(),
      note: form.note.trim(),
    });
  const submit = () => {
    setTried(true);
    if (own.size === 0) void command.run([form, currency], send);
  };
  return (
    <FormDialog
      title={t("remit.report")}
      okText={t("remit.report.ok")}
      ready={known !== "" || !usual.loading}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={submit}
    >
      <p>{t("remit.report.note")}</p>
      {dealerId === "" && <DealerField value={form.dealerId} problem={problem("dealer_id")} onChange={(id) => set({ dealerId: id })} />}
      <Purpose value={form.purpose} onChange={(purpose) => set({ purpose })} />
      <AmountField
        name="remittance-amount"
        label={t("remit.amount")}
        currency={currency}
        value={form.amount}
        problem={problem("amount_minor")}
        onChange={(amount) => set({ amount })}
      />
      <DayField label={t("remit.paidOn")} last={today} problem={problem("paid_on")} value={form.paidOn} onChange={(paidOn) => set({ paidOn })} />
      <Field label={t("remit.reference")} hint={t("remit.reference.hint")} problem={problem("bank_reference")}>
        <Input
          name="bank-reference"
          autoComplete="off"
          maxLength={LONGEST_REFERENCE}
          value={form.reference}
          onChange={(event) => set({ reference: event.target.value })}
        />
      </Field>
      <Field label={t("remit.note")} problem={problem("note")}>
        <Input.TextArea
          autoSize={{ minRows: 2, maxRows: 4 }}
          maxLength={500}
          value={form.note}
          onChange={(event) => set({ note: event.target.value })}
        />
      </Field>
    </FormDialog>
  );
}

function DealerField({ value, problem, onChange }: { value: string; problem: string; onChange: (id: string) => void }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const choose = (id: string, chosen: string) => {
    setName(chosen);
    onChange(id);
  };
  return (
    <Field label={t("order.dealer")} problem={problem}>
      <PickDealer value={value} name={name} onChange={choose} />
    </Field>
  );
}

function Purpose({ value, onChange }: { value: PurposeName; onChange: (name: PurposeName) => void }) {
  const { t } = useI18n();
  return (
    <div className="field">
      <span>{t("remit.purpose")}</span>
      <Segmented
        block
        aria-label={t("remit.purpose")}
        value={value}
        options={namesOf(PURPOSES).map((name) => ({ value: name, label: t(`remit.purpose.${name}`) }))}
        onChange={onChange}
      />
      <span className="soft field-hint">{t(`remit.purpose.${value}.hint`)}</span>
    </div>
  );
}
