import { Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { kindKey, signed } from "../funds/words";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import type { DialogProps } from "./statement-actions";

const MOST_LETTERS = 500;
/** The whole statement, among the positions of its lines. */
const WHOLE = 0n;

/** Says what is wrong: with each line that was marked, or with all of it. */
export function DisputeDialog({ statement: { statementId, version }, marked, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const stating = useClient(StatementService);
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const command = useToldCommand("stm.dispute.done", onDone, onStale);
  const positions = [...marked.keys()].sort((one, other) => (one < other ? -1 : 1));
  const about = positions.length > 0 ? positions : [WHOLE];
  const nameOfLine = (position: bigint) => {
    const entry = marked.get(position);
    if (!entry) return t("stm.dispute.whole");
    const { kind, account, changeMinor, heldChangeMinor, currencyCode, occurredAt } = entry;
    const money = signed(changeMinor || heldChangeMinor, (minor) => format.money(minor, currencyCode));
    return `${t(kindKey(kind, account))} ${money} · ${format.time(occurredAt)}`;
  };
  const reasonOf = (position: bigint) => reasons[String(position)] ?? "";
  const points = about.map((position) => ({
    reason: reasonOf(position).trim(),
    ...(position !== WHOLE && { position }),
  }));
  const send = (requestId: string) => stating.disputeStatement({ requestId, expectedVersion: version, statementId, points });
  return (
    <FormDialog
      title={t("stm.dispute")}
      okText={t("stm.dispute")}
      ready={points.every(({ reason }) => reason !== "")}
      command={command}
      fields={[]}
      onClose={onClose}
      onOk={() => void command.run(["dispute", statementId, String(version), reasons], send)}
    >
      {marked.size === 0 && <p className="soft">{t("stm.dispute.note")}</p>}
      {about.map((position) => (
        <Field key={String(position)} label={nameOfLine(position)}>
          <Input.TextArea
            rows={2}
            maxLength={MOST_LETTERS}
            value={reasonOf(position)}
            data-reason
            onChange={(event) => setReasons({ ...reasons, [String(position)]: event.target.value })}
          />
        </Field>
      ))}
    </FormDialog>
  );
}
