import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";
import { formatAgo, formatLagSeconds, lagMillis } from "../format/time";
import type { ProjectionStatus, StreamStatus } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { useLive, useNow } from "../live/live";
import { useUser } from "../session/session";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";

export default function SystemPage() {
  const { t } = useI18n();
  return (
    <Page title={t("nav.system")}>
      <Streams />
      <Projections />
    </Page>
  );
}

function Difference({ ahead, behind }: { ahead: bigint; behind: bigint }) {
  const { t } = useI18n();
  const format = useFormat();
  const missing = ahead > behind ? ahead - behind : 0n;
  return missing === 0n ? (
    <span className="tag tag-received">{t("system.even")}</span>
  ) : (
    <span className="tag tag-submitted">{t("system.behind", { n: format.count(missing) })}</span>
  );
}

function Streams() {
  const { t } = useI18n();
  const format = useFormat();
  const { operations } = useClients();
  const { projections } = useLive();
  const logs = projections.map((projection) => projection.logPosition).join("/");
  const query = useQuery("streams", (signal) => operations.getStreamStatus({}, { signal }), { tick: logs });
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
              { key: "name", title: t("system.stream"), cell: (s) => <span className="mono">{s.name}</span> },
              { key: "log", title: t("system.logPosition"), number: true, cell: (s) => format.count(s.logPosition) },
              { key: "stream", title: t("system.streamSequence"), number: true, cell: (s) => format.count(s.streamSequence) },
              { key: "events", title: t("system.events"), number: true, cell: (s) => format.count(s.events) },
              { key: "state", title: t("system.state"), cell: (s) => <Difference ahead={s.logPosition} behind={s.streamSequence} /> },
            ]}
          />
        )}
      </QueryView>
    </Panel>
  );
}

function Projections() {
  const { t } = useI18n();
  const format = useFormat();
  const { operations } = useClients();
  const { projections: live } = useLive();
  const query = useQuery("projections", (signal) => operations.listProjections({}, { signal }), {
    enabled: live.length === 0,
  });
  const rows = live.length > 0 ? live : (query.data?.projections ?? []);
  if (rows.length === 0 && query.data === undefined) {
    return (
      <Panel title={t("system.projections")}>
        <QueryView query={query} skeleton={<Loading />}>{() => null}</QueryView>
      </Panel>
    );
  }
  return (
    <Panel className="panel-flush" title={t("system.projections")}>
      {rows.length === 0 ? (
        <Empty title={t("system.noProjections")} todo={t("system.noStreams.todo")} />
      ) : (
        <DataTable<ProjectionStatus>
          label={t("system.projections")}
          rows={rows}
          rowKey={(projection) => projection.name}
          columns={[
            { key: "name", title: t("system.projection"), cell: (p) => <span className="mono">{p.name}</span> },
            { key: "context", title: t("system.context"), cell: (p) => p.context },
            { key: "position", title: t("system.position"), number: true, cell: (p) => format.count(p.position) },
            { key: "log", title: t("system.logPosition"), number: true, cell: (p) => format.count(p.logPosition) },
            { key: "state", title: t("system.state"), cell: (p) => <Difference ahead={p.logPosition} behind={p.position} /> },
            { key: "lag", title: t("system.lag"), number: true, cell: (p) => <Lag projection={p} /> },
            { key: "applied", title: t("system.applied"), cell: (p) => <Ago at={p.appliedAt} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Lag({ projection }: { projection: ProjectionStatus }) {
  const { t } = useI18n();
  const lag = lagMillis(projection.eventTime, projection.appliedAt);
  return <>{lag === undefined ? "–" : t("time.seconds", { n: formatLagSeconds(lag) })}</>;
}

function Ago({ at }: { at: string }) {
  const { t } = useI18n();
  const { timeZone } = useUser();
  const now = useNow();
  return <>{formatAgo(at, now, timeZone, t)}</>;
}
