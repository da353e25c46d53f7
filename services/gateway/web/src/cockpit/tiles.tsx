import { Skeleton } from "antd";
import { useEffect, useRef, useState } from "react";
import { Comparison, type QuerySalesResponse } from "../gen/qudao/bi/v1/sales_query_service_pb";
import type { Query } from "../api/use-query";
import { datesName, monthOf } from "../format/period";
import { useI18n } from "../i18n/i18n";
import { Delta } from "../ui/delta";
import { FreshnessMark } from "../ui/freshness";
import { Failure } from "../ui/states";
import { Sparkline } from "../ui/sparkline";
import { drawn, formatValue, valueOf, ZERO } from "./figures";
import type { Point } from "./series";
import { filtersOf, type CockpitState, type Measure } from "./state";
import { useSales } from "./use-sales";

const TILES: Measure[] = ["gross", "orders", "average", "quantity"];

interface Props {
  state: CockpitState;
  total: Query<QuerySalesResponse>;
  trend: Point[];
  onMeasure: (measure: Measure) => void;
}

export function Tiles({ state, total, trend, onMeasure }: Props) {
  const yearAgo = useSales(
    {
      filters: filtersOf(state.steps),
      fromDate: state.dates?.from ?? "",
      toDate: state.dates?.to ?? "",
      comparison: Comparison.PREVIOUS_YEAR,
    },
    { enabled: state.dates !== undefined },
  );
  if (total.error !== undefined && total.data === undefined) {
    return (
      <div className="panel">
        <Failure error={total.error} retry={total.refetch} />
      </div>
    );
  }
  return (
    <div className="tiles">
      {TILES.map((measure) => (
        <Tile
          key={measure}
          measure={measure}
          chosen={state.measure === measure}
          answer={total.data}
          yearAgo={state.dates && yearAgo.data}
          trend={trend}
          onChoose={() => onMeasure(measure)}
        />
      ))}
      <GrowthTile state={state} answer={total.data} />
    </div>
  );
}

/** True for a moment after the value changed on a tile that was already showing one. */
function useMoved(value: string | undefined): boolean {
  const before = useRef(value);
  const [moved, setMoved] = useState(false);
  useEffect(() => {
    const changed = before.current !== undefined && value !== undefined && before.current !== value;
    before.current = value;
    if (!changed) return;
    setMoved(true);
    const timer = setTimeout(() => setMoved(false), 1_600);
    return () => clearTimeout(timer);
  }, [value]);
  return moved;
}

function Tile({
  measure,
  chosen,
  answer,
  yearAgo,
  trend,
  onChoose,
}: {
  measure: Measure;
  chosen: boolean;
  answer: QuerySalesResponse | undefined;
  yearAgo: QuerySalesResponse | undefined;
  trend: Point[];
  onChoose: () => void;
}) {
  const { locale, t } = useI18n();
  const now = valueOf(answer?.total?.figures ?? ZERO, measure);
  const text = answer && formatValue(now, measure, answer.currencyCode, locale);
  const moved = useMoved(text);
  const previous = answer?.total?.compared;
  const lastYear = yearAgo?.total?.compared;
  return (
    <button
      type="button"
      className={`tile tile-${measure} ${chosen ? "tile-chosen" : ""} ${moved ? "tile-moved" : ""}`}
      aria-pressed={chosen}
      data-tile={measure}
      onClick={onChoose}
    >
      <span className="tile-name">{t(`measure.${measure}`)}</span>
      {text === undefined || !answer ? (
        <TileSkeleton />
      ) : (
        <>
          <span className="tile-value" aria-live="polite">
            {text}
          </span>
          <span className="tile-deltas">
            {previous && <Delta label={t("delta.previous")} now={now} before={valueOf(previous, measure)} empty="–" />}
            {lastYear && <Delta label={t("delta.year")} now={now} before={valueOf(lastYear, measure)} empty="–" />}
          </span>
          <Sparkline values={trend.map(({ row }) => drawn(valueOf(row?.figures, measure), measure, answer.currencyCode))} />
          <FreshnessMark freshness={answer.freshness} projection="sales" />
        </>
      )}
    </button>
  );
}

function TileSkeleton() {
  return (
    <span className="tile-skeleton">
      <Skeleton active title={false} paragraph={{ rows: 3 }} />
    </span>
  );
}

/**
 * 环比 of sales: of the chosen period, or over all time of the last month that had sales
 * against the month before it.
 */
function GrowthTile({ state, answer }: { state: CockpitState; answer: QuerySalesResponse | undefined }) {
  const { locale, t } = useI18n();
  const last = answer?.lastDate ?? "";
  const month = monthOf(last || "1970-01-01");
  const monthly = useSales(
    {
      filters: filtersOf(state.steps),
      fromDate: month.from,
      toDate: month.to,
      comparison: Comparison.PREVIOUS_PERIOD,
    },
    { enabled: !state.dates && last !== "", keep: true },
  );
  const shown = state.dates ? answer : last ? monthly.data : undefined;
  const empty = answer !== undefined && !state.dates && last === "";
  const now = shown?.total?.figures?.grossMinor ?? 0n;
  const before = shown?.total?.compared?.grossMinor ?? 0n;
  const dates = state.dates ?? month;
  const names = shown
    ? t("delta.which", {
        now: datesName(dates.from, dates.to),
        before: datesName(shown.comparedFromDate, shown.comparedToDate),
      })
    : "";
  return (
    <div className="tile tile-growth" data-tile="growth">
      <span className="tile-name">{t("delta.tile")}</span>
      {empty ? (
        <span className="tile-value">–</span>
      ) : monthly.error !== undefined && !shown ? (
        <span className="soft">{t("error.unavailable")}</span>
      ) : !shown ? (
        <TileSkeleton />
      ) : (
        <>
          <span className="tile-value">
            <Delta now={now} before={before} empty="–" />
          </span>
          <span className="tile-deltas soft">{names}</span>
          {before === 0n && <span className="tile-pair soft">{t("delta.noBase")}</span>}
          {before !== 0n && (
            <span className="tile-pair soft">
              {formatValue(before, "gross", shown.currencyCode, locale)} →{" "}
              {formatValue(now, "gross", shown.currencyCode, locale)}
            </span>
          )}
          <FreshnessMark freshness={shown.freshness} projection="sales" />
        </>
      )}
    </div>
  );
}
