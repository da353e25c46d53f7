import { useState } from "react";
import { useClient } from "../api/clients";
import { OrderChangeService } from "../gen/qudao/order/v1/order_change_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { ReasonField } from "../ui/reason-field";
import type { DialogProps } from "./actions";
import { ChangedLines, Difference } from "./order-changes";
import { useCommand } from "./use-command";

export type Decision = "agree" | "disagree" | "withdraw";

/** Makes the change that waits, does not, or takes it back. */
export function DecideChangeDialog({ decision, ...props }: DialogProps & { decision: Decision }) {
  const { t } = useI18n();
  const changing = useClient(OrderChangeService);
  const [reason, setReason] = useState("");
  const command = useCommand(props.onDone, props.onStale);
  const { orderId = "", version = 0n, currencyCode } = props.order.summary ?? {};
  const text = reason.trim();
  const base = { orderId, expectedVersion: version };
  const send = (requestId: string) => {
    if (decision === "agree") return changing.approveOrderChange({ ...base, requestId });
    if (decision === "withdraw") return changing.withdrawOrderChange({ ...base, requestId });
    return changing.refuseOrderChange({ ...base, requestId, reason: text });
  };
  const change = props.order.pendingChange;
  return (
    <AskFirst
      title={t(`action.${decision}.title`, { id: orderId })}
      okText={t(`action.${decision}`)}
      danger={decision === "disagree"}
      disabled={decision === "disagree" && text === ""}
      state={command}
      onClose={props.onClose}
      onOk={() => void command.run([decision, orderId, String(version), text], send)}
    >
      {change && (
        <>
          <ChangedLines lines={change.changes} />
          <Difference before={change.previousNetMinor} after={change.netMinor} currency={currencyCode} />
          {change.note && <p className="note">{change.note}</p>}
        </>
      )}
      <p className="soft">{t(`action.${decision}.consequence`)}</p>
      {decision === "disagree" && <ReasonField label={t("review.reason")} value={reason} onChange={setReason} />}
    </AskFirst>
  );
}
