import { Input, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { ACCOUNTS, namesOf, type AccountName } from "../funds/words";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { useUser } from "../session/session";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { PickDealer } from "../ui/pick-dealer";
import { useToday } from "../ui/use-today";
import { lastMonthEnd } from "./rules";

const FIELDS = ["dealer_id", "account", "currency_code", "from_date", "until_date"];

/** Makes the statement of one account, as a draft. */
export default function MakeDialog({ onClose, onDone }: { onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const stating = useClient(StatementService);
  const { currencyCode } = useUser();
  const today = useToday();
  const [dealer, setDealer] = useState("");
  const [account, setAccount] = useState<AccountName>("prepaid");
  const [currency, setCurrency] = useState(currencyCode);
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState(() => lastMonthEnd(today));
  const command = useToldCommand("stm.make.done", onDone);
  const told = useFieldProblems(command.error);
  const send = (requestId: string) =>
    stating.makeStatement({
      requestId,
      dealerId: dealer,
      account: ACCOUNTS[account],
      currencyCode: currency,
      fromDate: from,
      untilDate: until,
    });
  return (
    <FormDialog
      title={t("stm.make")}
      okText={t("stm.make")}
      ready={dealer !== "" && currency.length === 3 && until !== ""}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run([dealer, account, currency, from, until], send)}
    >
      <Field label={t("order.dealer")} problem={told("dealer_id")}>
        <PickDealer value={dealer} onChange={setDealer} />
      </Field>
      <div className="two-fields">
        <Field label={t("stm.account")} problem={told("account")}>
          <Select
            aria-label={t("stm.account")}
            value={account}
            options={namesOf(ACCOUNTS).map((value) => ({ value, label: t(`funds.account.${value}`) }))}
            onChange={setAccount}
          />
        </Field>
        <Field label={t("currency.label")} problem={told("currency_code")}>
          <Input maxLength={3} name="statement-currency" value={currency} onChange={(event) => setCurrency(event.target.value.toUpperCase())} />
        </Field>
      </div>
      <div className="two-fields">
        <DayField label={t("stm.from")} value={from} last={today} problem={told("from_date")} hint={t("stm.from.hint")} onChange={setFrom} />
        <DayField label={t("stm.until")} value={until} last={today} problem={told("until_date")} onChange={setUntil} />
      </div>
    </FormDialog>
  );
}
