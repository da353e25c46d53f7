import { Segmented } from "antd";
import { useState } from "react";
import { MetricsGroup, type OrderMetricsRow } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import { useI18n } from "../i18n/i18n";
import "../styles/metrics.css";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { MetricTiles } from "./metric-tiles";
import { cycleText, hundredths, shareText, tenths } from "./metrics";
import { idOf, type CockpitState } from "./state";
import { useMetrics } from "./use-metrics";

const GROUPS = { region: MetricsGroup.REGION, dealer: MetricsGroup.DEALER } as const;

export type Group = keyof typeof GROUPS;

const ROWS = 20;

interface Props {
  state: CockpitState;
  /** What there is to drill into. */
  groups: Group[];
  onOpen: (group: Group, id: string) => void;
}

/** 订单运营: how fast and how right orders go, against what was promised, and where. */
export default function OrderMetrics({ state, groups, onOpen }: Props) {
  const { t } = useI18n();
  const [wanted, setWanted] = useState<Group>("region");
  const group = groups.includes(wanted) ? wanted : groups[0];
  const query = useMetrics({
    fromDate: state.dates?.from ?? "",
    toDate: state.dates?.to ?? "",
    regionId: idOf(state.steps, "region"),
    dealerId: idOf(state.steps, "dealer"),
    groupBy: group === undefined ? MetricsGroup.UNSPECIFIED : GROUPS[group],
    limit: ROWS,
  });
  return (
    <Panel
      className="panel-metrics span-6"
      title={t("metrics.title")}
      extra={
        groups.length > 1 && (
          <Segmented<Group>
            size="small"
            aria-label={t("metrics.by")}
            value={group ?? "region"}
            options={groups.map((value) => ({ value, label: t(`dimension.${value}`) }))}
            onChange={setWanted}
          />
        )
      }
    >
      <QueryView
        query={query}
        skeleton={<Loading rows={6} />}
        isEmpty={({ total }) => total === undefined || total.orders === 0n}
        empty={<Empty title={t("metrics.empty")} todo={t("cockpit.empty.todo")} />}
      >
        {(data) => (
          <>
            {data.total && <MetricTiles metrics={data.total} />}
            {group && data.rows.length > 0 && (
              <Rows group={group} rows={data.rows} hidden={Number(data.rowCount) - data.rows.length} onOpen={(id) => onOpen(group, id)} />
            )}
            <FreshnessMark freshness={data.freshness} projection="order_metrics" />
          </>
        )}
      </QueryView>
    </Panel>
  );
}

function Rows({ group, rows, hidden, onOpen }: { group: Group; rows: OrderMetricsRow[]; hidden: number; onOpen: (id: string) => void }) {
  const { t } = useI18n();
  const { count } = useFormat();
  const number = (key: string, title: string, cell: (row: OrderMetricsRow) => string): Column<OrderMetricsRow> => ({ key, title, number: true, cell });
  const columns: Column<OrderMetricsRow>[] = [
    { key: "name", title: t(`dimension.${group}`), cell: ({ name, id }) => name || id },
    number("orders", t("measure.orders"), ({ metrics }) => count(metrics?.orders ?? 0n)),
    number("release", t("metrics.release"), ({ metrics }) =>
      metrics?.release && metrics.release.orders > 0n ? cycleText(metrics.release.p50Milliseconds, t) : "–",
    ),
    number("within", t("metrics.within"), ({ metrics }) => shareText(metrics?.release?.orders ?? 0n, metrics?.withinTwoHoursPpm ?? 0n)),
    number("accuracy", t("metrics.accuracy"), ({ metrics }) =>
      shareText(metrics?.accuracy?.receivedLines ?? 0n, metrics?.accuracy?.accuracyPpm ?? 0n),
    ),
    number("touchFree", t("metrics.touchFree"), ({ metrics }) => shareText(metrics?.release?.orders ?? 0n, metrics?.touchFreePpm ?? 0n)),
    number("fill", t("metrics.fill"), ({ metrics }) => shareText(metrics?.fillRate?.orders ?? 0n, metrics?.fillRate?.fillRatePpm ?? 0n)),
    number("frequency", t("metrics.frequency"), ({ metrics }) => hundredths(metrics?.ordersPerDealer30DaysX100 ?? 0n)),
    number("dso", t("metrics.dso"), ({ metrics }) =>
      metrics?.daysSalesOutstanding?.known ? t("metrics.days", { n: tenths(metrics.daysSalesOutstanding.daysX10) }) : "–",
    ),
  ];
  return (
    <>
      <DataTable label={t("metrics.title")} columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={(row) => onOpen(row.id)} />
      {hidden > 0 && <p className="soft metric-more">{t("metrics.more", { n: hidden })}</p>}
    </>
  );
}
