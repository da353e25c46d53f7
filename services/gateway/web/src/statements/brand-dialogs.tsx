import { Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import { namesOf } from "../funds/words";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { DayField } from "../ui/day-field";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { ReasonField } from "../ui/reason-field";
import { useToday } from "../ui/use-today";
import type { DialogProps } from "./statement-actions";
import { VERDICTS, type VerdictName } from "./words";

export function DiscardDialog({ statement: { statementId, version }, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const stating = useClient(StatementService);
  const [reason, setReason] = useState("");
  const text = reason.trim();
  const command = useToldCommand("stm.discard.done", onDone, onStale);
  const send = (requestId: string) => stating.discardStatement({ requestId, expectedVersion: version, statementId, reason: text });
  return (
    <AskFirst
      title={t("stm.discard")}
      okText={t("stm.discard")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["discard", statementId, String(version), text], send)}
    >
      <p>{t("stm.discard.means")}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** Says whether the dealer is right, and why. */
export function AnswerDialog({ statement, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const stating = useClient(StatementService);
  const [verdict, setVerdict] = useState<VerdictName>();
  const [answer, setAnswer] = useState("");
  const { statementId, version, disputed } = statement;
  const text = answer.trim();
  const command = useToldCommand("stm.answer.done", onDone, onStale);
  const send = (requestId: string) =>
    stating.answerDispute({ requestId, expectedVersion: version, statementId, answer: text, ...(verdict && { verdict: VERDICTS[verdict] }) });
  return (
    <AskFirst
      title={t("stm.answer")}
      okText={t("stm.answer")}
      disabled={verdict === undefined || text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["answer", statementId, String(version), verdict, text], send)}
    >
      {disputed.map(({ position, reason }) => (
        <p key={String(position)} className="wrap">
          <strong>{position === undefined ? t("stm.dispute.whole") : `#${position}`}</strong> {reason}
        </p>
      ))}
      <Radio.Group
        className="verdicts"
        aria-label={t("stm.answer")}
        value={verdict}
        options={namesOf(VERDICTS).map((value) => ({ value, label: t(`stm.verdict.${value}`) }))}
        onChange={(event) => setVerdict(event.target.value as VerdictName)}
      />
      <ReasonField label={t("stm.answer.label")} value={answer} onChange={setAnswer} />
    </AskFirst>
  );
}

/** Makes it anew with what was corrected since. */
export function ReviseDialog({ statement: { statementId, untilDate }, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const stating = useClient(StatementService);
  const today = useToday();
  const [until, setUntil] = useState(today > untilDate ? today : untilDate);
  const [reason, setReason] = useState("");
  const text = reason.trim();
  const command = useToldCommand("stm.revise.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const send = (requestId: string) => stating.reviseStatement({ requestId, statementId, untilDate: until, reason: text });
  return (
    <FormDialog
      title={t("stm.revise")}
      okText={t("stm.revise")}
      ready={text !== "" && until !== ""}
      command={command}
      fields={["until_date"]}
      onClose={onClose}
      onOk={() => void command.run(["revise", statementId, until, text], send)}
    >
      <p className="soft">{t("stm.revise.means")}</p>
      <DayField label={t("stm.until")} value={until} first={untilDate} last={today} problem={told("until_date")} onChange={setUntil} />
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </FormDialog>
  );
}
