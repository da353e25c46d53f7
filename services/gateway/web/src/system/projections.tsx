import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { formatAgo, formatDuration } from "../format/time";
import { OperationsService, type ProjectionStatus } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { contextName } from "../i18n/names";
import { useLive, useNow } from "../live/live";
import { useOperator } from "../session/operator";
import { useUser } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { useMedia } from "../ui/media";
import { Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { ComparisonDialog } from "./comparison-dialog";
import { ModelName } from "./names";
import { METHODS, ProjectionActions } from "./projection-actions";
import { ProjectionState } from "./projection-state";
import { useRowNotes } from "./row-notes";
import { behind, lagOf } from "./state";

/** Read models and policies: how far each has got, whether it runs, and why not. */
export function Projections() {
  const { t } = useI18n();
  const operations = useClient(OperationsService);
  const { projections: live } = useLive();
  const query = useQuery("projections", (signal) => operations.listProjections({}, { signal }), {
    enabled: live.length === 0,
  });
  const rows = live.length > 0 ? live : (query.data?.projections ?? []);
  if (rows.length > 0) return <Rows rows={rows} />;
  return (
    <Panel title={t("system.projections")}>
      <QueryView query={query} skeleton={<Loading />}>
        {() => <Empty title={t("system.noProjections")} todo={t("system.noStreams.todo")} />}
      </QueryView>
    </Panel>
  );
}

function Rows({ rows }: { rows: ProjectionStatus[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const { may } = useOperator();
  const notes = useRowNotes();
  const [compared, setCompared] = useState("");
  const shown = rows.find((row) => row.name === compared);
  const contextOf = ({ context, policy }: ProjectionStatus) =>
    policy ? `${contextName(context, t)} · ${t("projection.policy")}` : contextName(context, t);
  const name = (row: ProjectionStatus) => <ModelName name={row.name} note={contextOf(row)} />;
  const state = (row: ProjectionStatus) => (
    <ProjectionState projection={row} notes={notes} onCompared={() => setCompared(row.name)} />
  );
  const actions = (row: ProjectionStatus) => <ProjectionActions projection={row} notes={notes} />;
  const operated = Object.values(METHODS).some(may);
  const narrow = useMedia("(max-width: 1279px)");
  const both = (row: ProjectionStatus) => (
    <span className="state-cell">
      {state(row)}
      {operated && actions(row)}
    </span>
  );
  const wide: Column<ProjectionStatus>[] = [
    { key: "applied", title: t("system.applied"), cell: (row) => <Ago at={row.appliedAt} /> },
    ...(operated ? [{ key: "actions", title: t("system.actions"), cell: actions }] : []),
  ];
  return (
    <Panel className="panel-flush" title={t("system.projections")}>
      <DataTable<ProjectionStatus>
        label={t("system.projections")}
        rows={rows}
        rowKey={(row) => row.name}
        columns={[
          { key: "name", title: t("system.projection"), cell: name },
          { key: "state", title: t("system.state"), cell: narrow ? both : state },
          { key: "position", title: t("system.position"), number: true, cell: (row) => <Position row={row} /> },
          { key: "behind", title: t("system.behind"), number: true, cell: (row) => format.count(behind(row.logPosition, row.position)) },
          { key: "lag", title: t("system.lag"), number: true, cell: (row) => <Lag row={row} /> },
          { key: "parked", title: t("projection.parked"), number: true, cell: (row) => <Parked row={row} /> },
          ...(narrow ? [] : wide),
        ]}
        card={(row) => (
          <>
            {name(row)}
            {state(row)}
            <span className="card-line soft">
              <span>
                {format.count(row.position)} / {format.count(row.logPosition)} · {t("system.lag")} <Lag row={row} />
              </span>
              <Ago at={row.appliedAt} />
            </span>
            {row.parked + row.held > 0n && (
              <span className="card-line soft">
                <span>{t("projection.parked")} <Parked row={row} /></span>
              </span>
            )}
            {operated && actions(row)}
          </>
        )}
      />
      {shown && <ComparisonDialog projection={shown} onClose={() => setCompared("")} />}
    </Panel>
  );
}

function Position({ row }: { row: ProjectionStatus }) {
  const format = useFormat();
  return (
    <>
      {format.count(row.position)} <span className="soft">/ {format.count(row.logPosition)}</span>
    </>
  );
}

function Lag({ row }: { row: ProjectionStatus }) {
  const { t } = useI18n();
  const lag = lagOf(row, useNow());
  return <>{lag === undefined ? "–" : formatDuration(lag, t)}</>;
}

function Parked({ row }: { row: ProjectionStatus }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      {format.count(row.parked)}
      {row.held > 0n && <span className="soft"> · {t("projection.parked.held", { n: format.count(row.held) })}</span>}
    </>
  );
}

function Ago({ at }: { at: string }) {
  const { t } = useI18n();
  const { timeZone } = useUser();
  return <>{formatAgo(at, useNow(), timeZone, t)}</>;
}
