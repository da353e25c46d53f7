import { DatePicker } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { Handover } from "../gen/qudao/connector/v1/handover_service_pb";
import { ConnectionService } from "../gen/qudao/order/v1/connection_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { Field } from "../ui/field-problems";
import { ReasonField } from "../ui/reason-field";
import { isByHand } from "./words";

interface Props {
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Leaves a document out: a person takes care of it in the books; or says that a person has, of one that is there. */
export function SkipDialog({ handover, onClose, onDone }: Props & { handover: Handover }) {
  const { t } = useI18n();
  const connecting = useClient(ConnectionService);
  const [reason, setReason] = useState("");
  const text = reason.trim();
  const { number } = handover;
  const there = isByHand(handover);
  const name = t(there ? "erp.mended" : "erp.skip");
  const command = useToldCommand(there ? "erp.mended.done" : "erp.skip.done", (position) => {
    onDone(position);
    onClose();
  });
  return (
    <AskFirst
      title={`${name} · ${number}`}
      okText={name}
      danger={!there}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([number, text], (requestId) => connecting.skipDocument({ requestId, number, reason: text }))}
    >
      <p>{t(there ? "erp.mended.consequence" : "erp.skip.consequence")}</p>
      <ReasonField label={t("webhook.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** Compares the books with all that happened since a time. */
export function ResyncDialog({ onClose, onDone }: Props) {
  const { t } = useI18n();
  const connecting = useClient(ConnectionService);
  const [since, setSince] = useState(() => dayjs().subtract(7, "day").startOf("day"));
  const command = useToldCommand("erp.resync.done", (position) => {
    onDone(position);
    onClose();
  });
  const text = since.toISOString();
  return (
    <AskFirst
      title={t("erp.resync")}
      okText={t("erp.resync")}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(text, (requestId) => connecting.requestResync({ requestId, since: text }))}
    >
      <p>{t("erp.resync.consequence")}</p>
      <Field label={t("erp.resync.since")}>
        <DatePicker showTime allowClear={false} value={since} onChange={(next) => next && setSince(next)} />
      </Field>
    </AskFirst>
  );
}
