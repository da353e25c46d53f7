import { useState } from "react";
import { useClient } from "../api/clients";
import { WalletService } from "../gen/qudao/order/v1/wallet_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { AmountField } from "./amount-field";
import { parseAmount } from "./amounts";
import type { DialogProps } from "./dealer-actions";
import { useToldCommand } from "./use-told-command";

const FIELDS = ["amount_minor", "currency_code", "reason"];

/** Grants a rebate or takes it back, or records that prepaid money was paid back. */
export function MoneyDialog({ kind, funds, currency, onClose, onDone, onStale }: DialogProps & { kind: "grant" | "deduct" | "payBack" }) {
  const { t } = useI18n();
  const format = useFormat();
  const wallet = useClient(WalletService);
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const command = useToldCommand(`funds.act.${kind}.done`, onDone, onStale);
  const told = useFieldProblems(command.error);
  const money = funds.currencyCode || currency;
  const amountMinor = parseAmount(amount, money);
  const bad = amount !== "" && amountMinor === undefined;
  const body = { dealerId: funds.dealerId, currencyCode: money, reason: reason.trim() };
  const send = (requestId: string) => {
    const request = { ...body, requestId, amountMinor: amountMinor ?? 0n };
    if (kind === "grant") return wallet.grantRebate(request);
    return kind === "deduct" ? wallet.deductRebate(request) : wallet.payBackPrepaid(request);
  };
  const there = (kind === "payBack" ? funds.prepaid?.availableMinor : funds.rebate?.balanceMinor) ?? 0n;
  return (
    <FormDialog
      title={t(`funds.act.${kind}.title`, { name: funds.dealerName })}
      okText={t(`funds.act.${kind}`)}
      ready={amountMinor !== undefined && body.reason !== ""}
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() => void command.run([kind, body, amount], send)}
    >
      <p>{t(`funds.act.${kind}.note`)}</p>
      <AmountField
        name="money-amount"
        label={t("remit.amount")}
        currency={money}
        value={amount}
        problem={bad ? t("number.bad") : told("amount_minor")}
        hint={t(kind === "payBack" ? "funds.free.n" : "funds.balance.n", { money: format.money(there, money) })}
        onChange={setAmount}
      />
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </FormDialog>
  );
}
