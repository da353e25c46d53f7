import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { FundsEntry } from "../gen/qudao/order/v1/funds_query_service_pb";
import type { Statement } from "../gen/qudao/order/v1/statement_query_service_pb";
import { StatementService } from "../gen/qudao/order/v1/statement_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { AnswerDialog, DiscardDialog, ReviseDialog } from "./brand-dialogs";
import { DisputeDialog } from "./dispute-dialog";
import { isAsked, isDisputed, isDraft, isOpen, isOwed } from "./rules";

export interface ActionProps {
  statement: Statement;
  /** Lines that are to be disputed, by their positions. */
  marked: ReadonlyMap<bigint, FundsEntry>;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

export type DialogProps = ActionProps & { onClose: () => void };

type Act = "send" | "discard" | "agree" | "dispute" | "answer" | "revise";

const DIALOGS = { send: SendDialog, discard: DiscardDialog, agree: AgreeDialog, dispute: DisputeDialog, answer: AnswerDialog, revise: ReviseDialog };

function useActs(statement: Statement): Act[] {
  const may = useMay();
  const { method } = StatementService;
  const acts: [Act, boolean][] = [
    ["discard", isDraft(statement) && may(method.discardStatement)],
    ["send", isDraft(statement) && may(method.sendStatement)],
    ["revise", isOpen(statement) && may(method.reviseStatement)],
    ["answer", isDisputed(statement) && may(method.answerDispute)],
    ["dispute", isAsked(statement) && may(method.disputeStatement)],
    ["agree", isAsked(statement) && may(method.agreeStatement)],
  ];
  return acts.filter(([, can]) => can).map(([act]) => act);
}

/** What this person can do with a statement as it is. */
export function StatementActions(props: ActionProps) {
  const { t } = useI18n();
  const acts = useActs(props.statement);
  const [act, setAct] = useState<Act>();
  const Dialog = act && DIALOGS[act];
  const done = (position: bigint) => {
    setAct(undefined);
    props.onDone(position);
  };
  return (
    <>
      {acts.map((one, index) => (
        <Button key={one} data-act={one} {...(index === acts.length - 1 && one !== "revise" && { type: "primary" })} onClick={() => setAct(one)}>
          {t(`stm.${one}`)}
          {one === "dispute" && props.marked.size > 0 && ` (${props.marked.size})`}
        </Button>
      ))}
      {Dialog && <Dialog {...props} onDone={done} onClose={() => setAct(undefined)} />}
    </>
  );
}

function SendDialog({ statement: { statementId, version, dealerName }, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const stating = useClient(StatementService);
  const command = useToldCommand("stm.send.done", onDone, onStale);
  const send = (requestId: string) => stating.sendStatement({ requestId, expectedVersion: version, statementId });
  return (
    <AskFirst title={t("stm.send")} okText={t("stm.send")} state={command} onClose={onClose} onOk={() => void command.run(["send", statementId, String(version)], send)}>
      <p>{t("stm.send.means", { name: dealerName })}</p>
    </AskFirst>
  );
}

function AgreeDialog({ statement, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const stating = useClient(StatementService);
  const { statementId, version, fromDate, untilDate, closingMinor, currencyCode } = statement;
  const command = useToldCommand("stm.agree.done", onDone, onStale);
  const send = (requestId: string) => stating.agreeStatement({ requestId, expectedVersion: version, statementId });
  const name = t(isOwed(statement) ? "stm.closing.owed" : "stm.closing");
  const closing = `${name} ${format.money(closingMinor, currencyCode)}`;
  return (
    <AskFirst title={t("stm.agree")} okText={t("stm.agree")} state={command} onClose={onClose} onOk={() => void command.run(["agree", statementId, String(version)], send)}>
      <p>{t("stm.agree.means", { from: fromDate, to: untilDate, closing })}</p>
    </AskFirst>
  );
}
