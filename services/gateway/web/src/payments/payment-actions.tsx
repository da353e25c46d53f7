import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { PaymentService } from "../gen/qudao/order/v1/payment_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { isOpen, verdictsFor } from "./rules";
import { SettleDialog, type DialogProps } from "./settle-dialog";

/** What this person can do with a payment as it is. */
export function PaymentActions({ payment, onDone, onStale }: Omit<DialogProps, "onClose">) {
  const { t } = useI18n();
  const may = useMay();
  const [act, setAct] = useState<"settle" | "withdraw">();
  const settles = may(PaymentService.method.settleParkedPayment) && verdictsFor(payment).length > 0;
  const withdraws = may(PaymentService.method.withdrawPayment) && isOpen(payment);
  const props = {
    payment,
    onStale,
    onClose: () => setAct(undefined),
    onDone: (position: bigint) => {
      setAct(undefined);
      onDone(position);
    },
  };
  return (
    <>
      {settles && (
        <Button type="primary" data-settle onClick={() => setAct("settle")}>
          {t("online.settle")}
        </Button>
      )}
      {withdraws && <Button onClick={() => setAct("withdraw")}>{t("online.withdraw")}</Button>}
      {act === "settle" && <SettleDialog {...props} />}
      {act === "withdraw" && <WithdrawDialog {...props} />}
    </>
  );
}

function WithdrawDialog({ payment: { paymentId, amountMinor, currencyCode }, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const paying = useClient(PaymentService);
  const command = useToldCommand("online.withdraw.done", onDone, onStale);
  return (
    <AskFirst
      title={t("online.withdraw.of", { id: paymentId })}
      okText={t("online.withdraw")}
      danger
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["withdraw", paymentId], (requestId) => paying.withdrawPayment({ requestId, paymentId }))}
    >
      <p>{t("online.withdraw.consequence", { money: format.money(amountMinor, currencyCode) })}</p>
    </AskFirst>
  );
}
