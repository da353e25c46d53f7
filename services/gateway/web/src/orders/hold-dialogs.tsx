import { Checkbox } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useClient } from "../api/clients";
import { AmountField } from "../funds/amount-field";
import { parseAmount, typedAmount } from "../funds/amounts";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { DAY, DayField } from "../ui/day-field";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { useToday } from "../ui/use-today";
import type { DialogProps } from "./actions";
import { HoldNotice } from "./hold-notice";
import { useCommand } from "./use-command";

function basics({ order: { summary } }: DialogProps) {
  return { orderId: summary?.orderId ?? "", expectedVersion: summary?.version ?? 0n };
}

/** A temporary limit is given for this long, unless somebody says otherwise. */
const USUAL_DAYS = 7;

/** Gives an order the credit that it waits for, and more of it for a while where there is too little. */
export function ReleaseDialog(props: DialogProps) {
  const { t } = useI18n();
  const ordering = useClient(OrderService);
  const today = useToday();
  const { payment, summary } = props.order;
  const currency = summary?.currencyCode ?? "";
  const missing = payment?.missingCreditMinor ?? 0n;
  const [raises, setRaises] = useState(missing > 0n);
  const [amount, setAmount] = useState(() => (missing > 0n ? typedAmount(missing, currency) : ""));
  const [until, setUntil] = useState(() => dayjs(today).add(USUAL_DAYS, "day").format(DAY));
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const text = reason.trim();
  const amountMinor = parseAmount(amount, currency);
  const temporary = raises && amountMinor !== undefined ? { amountMinor, until } : undefined;
  const send = (requestId: string) => ordering.releaseCreditHold({ ...base, requestId, reason: text, ...(temporary && { temporary }) });
  return (
    <AskFirst
      title={t("action.release.title", { id: base.orderId })}
      okText={t("action.release")}
      disabled={text === "" || (raises && (temporary === undefined || until === ""))}
      state={command}
      onClose={props.onClose}
      onOk={() => void command.run(["release", base.orderId, String(base.expectedVersion), text, raises && [amount, until]], send)}
    >
      <p>{t("action.release.consequence", { dealer: summary?.dealerName ?? "" })}</p>
      {payment && <HoldNotice payment={payment} currency={currency} title="pay.onHold" />}
      <Checkbox className="close-field" name="raise" checked={raises} onChange={(event) => setRaises(event.target.checked)}>
        {t("action.release.raise")}
      </Checkbox>
      {raises && (
        <div className="close-fields two-fields">
          <AmountField
            name="temporary-amount"
            label={t("funds.temporary")}
            currency={currency}
            value={amount}
            problem={amount !== "" && amountMinor === undefined ? t("number.bad") : ""}
            onChange={setAmount}
          />
          <DayField label={t("funds.until")} first={today} value={until} onChange={setUntil} />
        </div>
      )}
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** Gives an order no credit; it is cancelled by that. */
export function RefuseDialog(props: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const ordering = useClient(OrderService);
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const base = basics(props);
  const { summary } = props.order;
  const text = reason.trim();
  return (
    <AskFirst
      title={t("action.refuse.title", { id: base.orderId })}
      okText={t("action.refuse")}
      danger
      disabled={text === ""}
      state={command}
      onClose={props.onClose}
      onOk={() =>
        void command.run(["refuse", base.orderId, String(base.expectedVersion), text], (requestId) =>
          ordering.refuseCredit({ ...base, requestId, reason: text }),
        )
      }
    >
      <p>
        {t("action.refuse.consequence", {
          dealer: summary?.dealerName ?? "",
          money: format.money(summary?.netMinor ?? 0n, summary?.currencyCode),
        })}
      </p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
