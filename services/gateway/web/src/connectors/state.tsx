import { App, Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { HandoverService, type GetConnectionResponse, type TryConnectionResponse } from "../gen/qudao/connector/v1/handover_service_pb";
import { ConnectionService } from "../gen/qudao/order/v1/connection_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useMay } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { ReasonField } from "../ui/reason-field";
import { SYSTEMS } from "./words";

interface Props {
  connection: GetConnectionResponse;
  onDone: (position: bigint) => void;
}

/** How the connection does: with whom, whether they answer, and how many documents are where. */
export function State({ connection, onDone }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const { system, address, paused, failingSince, stockAt, stockProblem, settings } = connection;
  const [pausing, setPausing] = useState(false);
  const counts = [
    ["waiting", connection.waiting],
    ["sent", connection.sent],
    ["refused", connection.refused],
    ["givenUp", connection.givenUp],
    ["skipped", connection.skipped],
  ] as const;
  const [look, words] = paused
    ? (["tag-submitted", t("erp.paused")] as const)
    : failingSince
      ? (["tag-cancelled", t("erp.failing", { time: format.time(failingSince, true) })] as const)
      : (["tag-received", t("erp.working")] as const);
  return (
    <Panel
      title={
        <span className="erp-title">
          {SYSTEMS[system] || t("erp.nobody")} <span className={`tag ${look}`}>{words}</span>
        </span>
      }
      extra={
        <>
          {may(HandoverService.method.tryConnection) && <TryButton />}
          {may(ConnectionService.method.pauseConnection) &&
            (paused ? (
              <ResumeButton onDone={onDone} />
            ) : (
              <Button onClick={() => setPausing(true)}>{t("erp.pause")}</Button>
            ))}
        </>
      }
    >
      <p className="mono soft erp-address">{address || t("erp.none.contract")}</p>
      <dl className="erp-counts">
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt className="soft">{t(`erp.status.${name}`)}</dt>
            <dd>{format.count(count)}</dd>
          </div>
        ))}
      </dl>
      {settings?.stock && (
        <p className="soft">
          {stockProblem || (stockAt ? t("erp.stock.at", { time: format.time(stockAt, true) }) : t("erp.stock.never"))}
        </p>
      )}
      {pausing && <PauseDialog onClose={() => setPausing(false)} onDone={onDone} />}
    </Panel>
  );
}

/** Asks the books for something small, and says what came of it. */
export function TryButton() {
  const { t } = useI18n();
  const format = useFormat();
  const { modal } = App.useApp();
  const handovers = useClient(HandoverService);
  const action = useAction();
  const tell = ({ works, problem, system, address, durationMs }: TryConnectionResponse) => {
    const content = works ? t("erp.try.works", { n: format.count(durationMs) }) : problem;
    const told = { title: `${SYSTEMS[system]} · ${address}`, content, okText: t("action.close") };
    void (works ? modal.success(told) : modal.error(told));
  };
  return (
    <>
      <Button loading={action.busy} data-erp-try onClick={() => void action.run(async () => tell(await handovers.tryConnection({})))}>
        {t("erp.try")}
      </Button>
      {action.error !== undefined && <Failure error={action.error} />}
    </>
  );
}

function ResumeButton({ onDone }: { onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const connecting = useClient(ConnectionService);
  const { message } = App.useApp();
  const command = useCommand((position) => {
    void message.success(t("erp.resumed"));
    onDone(position);
  });
  return (
    <Button type="primary" loading={command.busy} onClick={() => void command.run("resume", (requestId) => connecting.resumeConnection({ requestId }))}>
      {t("erp.resume")}
    </Button>
  );
}

function PauseDialog({ onClose, onDone }: { onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const connecting = useClient(ConnectionService);
  const [reason, setReason] = useState("");
  const text = reason.trim();
  const command = useCommand((position) => {
    onDone(position);
    onClose();
  });
  return (
    <AskFirst
      title={t("erp.pause")}
      okText={t("erp.pause")}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(text, (requestId) => connecting.pauseConnection({ requestId, reason: text }))}
    >
      <p>{t("erp.pause.consequence")}</p>
      <ReasonField label={t("webhook.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
