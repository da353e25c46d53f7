import { Segmented } from "antd";
import { useMemo } from "react";
import type { Query } from "../api/use-query";
import { periodName } from "../format/period";
import { Grain, type QuerySalesResponse } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { TrendChart } from "../ui/chart";
import { Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { axisLabel, drawn, formatValue, valueOf } from "./figures";
import { SalesTable } from "./sales-table";
import type { Point } from "./series";
import type { Measure } from "./state";
import { useView, ViewSwitch } from "./view-switch";

export const GRAINS = {
  day: Grain.DAY,
  week: Grain.WEEK,
  month: Grain.MONTH,
  quarter: Grain.QUARTER,
  year: Grain.YEAR,
} as const;

interface Props {
  className: string;
  query: Query<QuerySalesResponse>;
  points: Point[];
  grain: Grain;
  measure: Measure;
  onGrain: (name: keyof typeof GRAINS) => void;
  onPick: (start: string) => void;
}

export function Trend({ className, query, points, grain, measure, onGrain, onPick }: Props) {
  const { t } = useI18n();
  const [view, setView] = useView("trend");
  const grainName = Object.entries(GRAINS).find(([, value]) => value === grain)?.[0] ?? "day";
  return (
    <Panel
      className={`panel-trend ${className}`}
      title={t("cockpit.trend", { measure: t(`measure.${measure}`) })}
      extra={
        <>
          <Segmented
            size="small"
            aria-label={t("cockpit.grain")}
            value={grainName}
            options={(Object.keys(GRAINS) as (keyof typeof GRAINS)[]).map((name) => ({
              value: name,
              label: t(`grain.${name}`),
            }))}
            onChange={(name) => onGrain(name as keyof typeof GRAINS)}
          />
          <ViewSwitch value={view} onChange={setView} />
        </>
      }
    >
      <QueryView
        query={query}
        skeleton={<div className="chart"><Loading rows={7} /></div>}
        isEmpty={(data) => data.rows.length === 0}
        empty={<Empty title={t("cockpit.empty")} todo={t("cockpit.empty.todo")} />}
      >
        {(data) =>
          view === "table" ? (
            <SalesTable
              label={t("cockpit.trend", { measure: t(`measure.${measure}`) })}
              head={t("cockpit.period")}
              answer={data}
              comparedName={t("delta.year")}
              nameOf={(row) => periodName(row.keys[0]?.id ?? "", grain)}
              onOpen={(row) => onPick(row.keys[0]?.id ?? "")}
            />
          ) : (
            <Chart data={data} points={points} measure={measure} onPick={onPick} />
          )
        }
      </QueryView>
    </Panel>
  );
}

interface ChartProps {
  data: QuerySalesResponse;
  points: Point[];
  measure: Measure;
  onPick: (start: string) => void;
}

function Chart({ data, points, measure, onPick }: ChartProps) {
  const { locale, t } = useI18n();
  const drawnPoints = useMemo(() => {
    const compares = (data.total?.compared?.orders ?? 0n) > 0n;
    return points.map(({ start, name, row, emptyUntil }) => {
      const value = valueOf(row?.figures, measure);
      const compared = valueOf(row?.compared, measure);
      return {
        name,
        title: emptyUntil ? `${start} ⋯ ${emptyUntil}` : name,
        value: drawn(value, measure, data.currencyCode),
        exact: formatValue(value, measure, data.currencyCode, locale),
        ...(compares && {
          compared: drawn(compared, measure, data.currencyCode),
          comparedExact: formatValue(compared, measure, data.currencyCode, locale),
        }),
      };
    });
  }, [data, points, measure, locale]);
  return (
    <TrendChart
      label={t("cockpit.trend.label", { measure: t(`measure.${measure}`), n: points.length })}
      points={drawnPoints}
      seriesName={t(`measure.${measure}`)}
      comparedName={t("delta.lastYear")}
      axis={axisLabel(locale)}
      onPick={(index) => {
        const point = points[index];
        if (point && !point.emptyUntil) onPick(point.start);
      }}
    />
  );
}
