import { useState } from "react";
import { useClient } from "../api/clients";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import { ownCredit } from "./amounts";
import type { DialogProps } from "./dealer-actions";
import { useToldCommand } from "./use-told-command";

/** What is done with credit for nothing but a reason. */
export function CreditReasonDialog({ kind, funds, onClose, onDone, onStale }: DialogProps & { kind: "temporaryEnd" | "block" | "unblock" }) {
  const { t } = useI18n();
  const format = useFormat();
  const credit = useClient(CreditService);
  const [reason, setReason] = useState("");
  const command = useToldCommand(`funds.act.${kind}.done`, onDone, onStale);
  const own = ownCredit(funds);
  const text = reason.trim();
  const send = (requestId: string) => {
    const request = { requestId, dealerId: funds.dealerId, reason: text, ...(own && { expectedVersion: own.version }) };
    if (kind === "temporaryEnd") return credit.endTemporaryCredit(request);
    return kind === "block" ? credit.blockCredit(request) : credit.unblockCredit(request);
  };
  return (
    <AskFirst
      title={t(`funds.act.${kind}.title`, { name: funds.dealerName })}
      okText={t(`funds.act.${kind}`)}
      danger={kind !== "unblock"}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([kind, funds.dealerId, String(own?.version), text], send)}
    >
      <p>
        {t(`funds.act.${kind}.consequence`, {
          money: format.money((kind === "temporaryEnd" ? own?.temporaryMinor : own?.availableMinor) ?? 0n, own?.currencyCode),
        })}
      </p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
