import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OperationsService, type StreamStatus } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { contextName } from "../i18n/names";
import { useLive, useNow } from "../live/live";
import { useOperator } from "../session/operator";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { ReconcileDialog } from "./reconcile-dialog";
import { RowNote, useRowNotes } from "./row-notes";
import { behind, callsForReconciling } from "./state";

// A stream that is filled again moves no read model; the page looks by itself.
const LOOK_MS = 3_000;

export function Streams() {
  const { t } = useI18n();
  const format = useFormat();
  const operations = useClient(OperationsService);
  const { projections } = useLive();
  const { may } = useOperator();
  const phone = usePhone();
  const notes = useRowNotes();
  const [open, setOpen] = useState<StreamStatus>();
  const logs = projections.map((projection) => projection.logPosition).join("/");
  const tick = `${logs}@${Math.floor(useNow() / LOOK_MS)}`;
  const query = useQuery("streams", (signal) => operations.getStreamStatus({}, { signal }), { tick });
  const actions = (stream: StreamStatus) =>
    may(OperationsService.method.reconcileStream) &&
    callsForReconciling(stream.problem) && (
      <Button size={phone ? "middle" : "small"} danger onClick={() => setOpen(stream)}>
        {t("reconcile.start")}
      </Button>
    );
  const state = (stream: StreamStatus) => (
    <span className="state-cell">
      <State stream={stream} />
      <RowNote notes={notes} row={stream.name} />
    </span>
  );
  return (
    <Panel className="panel-flush" title={t("system.streams")}>
      <QueryView
        query={query}
        isEmpty={(data) => data.streams.length === 0}
        empty={<Empty title={t("system.noStreams")} todo={t("system.noStreams.todo")} />}
      >
        {(data) => (
          <DataTable<StreamStatus>
            label={t("system.streams")}
            rows={data.streams}
            rowKey={(stream) => stream.name}
            columns={[
              { key: "name", title: t("system.stream"), cell: (s) => <Name stream={s} /> },
              { key: "state", title: t("system.state"), cell: state },
              { key: "log", title: t("system.logPosition"), number: true, cell: (s) => format.count(s.logPosition) },
              { key: "stream", title: t("system.streamSequence"), number: true, cell: (s) => format.count(s.streamSequence) },
              { key: "events", title: t("system.events"), number: true, cell: (s) => format.count(s.events) },
              ...(data.streams.some(actions) ? [{ key: "actions", title: t("system.actions"), cell: actions }] : []),
            ]}
            card={(s) => (
              <>
                <span className="card-line">
                  <Name stream={s} />
                  {actions(s)}
                </span>
                {state(s)}
                <span className="card-line soft">
                  {t("system.logPosition")} {format.count(s.logPosition)} · {t("system.streamSequence")}{" "}
                  {format.count(s.streamSequence)} · {t("system.events")} {format.count(s.events)}
                </span>
              </>
            )}
          />
        )}
      </QueryView>
      {open && (
        <ReconcileDialog
          stream={open}
          onClose={() => setOpen(undefined)}
          onDone={(words) => {
            notes.say(open.name, words);
            setOpen(undefined);
            query.refetch();
          }}
        />
      )}
    </Panel>
  );
}

function Name({ stream }: { stream: StreamStatus }) {
  const { t } = useI18n();
  return (
    <span className="name">
      <span>{contextName(stream.name.toLowerCase(), t)}</span>
      <span className="mono soft">{stream.name}</span>
    </span>
  );
}

function State({ stream }: { stream: StreamStatus }) {
  const { locale, t } = useI18n();
  const format = useFormat();
  if (stream.problem) {
    return (
      <>
        <span className="tag tag-cancelled">{t("system.problem")}</span>
        <span>{locale === "zh-CN" ? stream.problemZh : stream.problemEn}</span>
        <span className="mono soft">{stream.problem}</span>
      </>
    );
  }
  const missing = behind(stream.logPosition, stream.streamSequence);
  return missing === 0n ? (
    <span className="tag tag-received">{t("system.even")}</span>
  ) : (
    <span className="tag tag-submitted">{t("system.lagging", { n: format.count(missing) })}</span>
  );
}
