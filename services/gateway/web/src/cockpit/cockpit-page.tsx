import { lazy, Suspense, useMemo } from "react";
import { useSearchParams } from "react-router";
import { grainFor, longGrain, periodText } from "../format/period";
import { Comparison, SalesDimension } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Loading } from "../ui/states";
import { Crumbs } from "./crumbs";
import { LeafOrders } from "./leaf-orders";
import { PeriodChooser } from "./period-chooser";
import { Ranking } from "./ranking";
import { filtersOf, idOf, readState, stepInto, type StepKind } from "./state";
import { seriesOf } from "./series";
import { Tiles } from "./tiles";
import { GRAINS, Trend } from "./trend";
import { useRegions } from "./use-regions";
import { useSales } from "./use-sales";
import { tablesOf } from "./view-switch";

// Below the sales, and fetched while they are looked at.
const OrderMetrics = lazy(() => import("./order-metrics"));

export default function CockpitPage() {
  const { t } = useI18n();
  const user = useUser();
  const [params, setParams] = useSearchParams();
  const state = useMemo(() => readState(params), [params]);
  const regions = useRegions();
  const comparison = state.dates ? Comparison.PREVIOUS_PERIOD : Comparison.UNSPECIFIED;
  const scope = {
    filters: filtersOf(state.steps),
    fromDate: state.dates?.from ?? "",
    toDate: state.dates?.to ?? "",
    comparison,
  };
  const total = useSales(scope);

  const extent = total.data?.lastDate
    ? { from: total.data.firstDate, to: total.data.lastDate }
    : undefined;
  const dates = state.dates ?? extent;
  const grainName = params.get("grain") ?? "";
  const grain = Object.hasOwn(GRAINS, grainName)
    ? GRAINS[grainName as keyof typeof GRAINS]
    : state.dates
      ? grainFor(state.dates)
      : longGrain(dates);
  const trend = useSales(
    {
      ...scope,
      dimensions: [SalesDimension.PERIOD],
      grain,
      limit: 10_000,
      // The period before a bar is the bar beside it; the year before is not on the chart yet.
      comparison: state.dates ? Comparison.PREVIOUS_YEAR : Comparison.UNSPECIFIED,
    },
    { enabled: total.data !== undefined || total.error !== undefined },
  );

  const points = useMemo(
    () => seriesOf(trend.data?.rows ?? [], dates, grain, state.dates === undefined),
    // The dates are new objects on every render; their texts are what counts.
    [trend.data, dates?.from, dates?.to, grain, state.dates],
  );

  const set = (name: string, value: string, replace = false) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace });
  };
  const into = (kind: StepKind) => (id: string) => setParams(stepInto(params, { kind, id }));
  const has = (kind: StepKind) => idOf(state.steps, kind) !== "";
  const below = regions.data?.childrenOf(idOf(state.steps, "region")) ?? [];
  // Nearly always there are some, so the place is theirs until the tree is known.
  const unknown = regions.data === undefined && regions.error === undefined;
  const showsRegions = (unknown || below.length > 0) && !has("dealer") && !isDealer(user);
  const sides: StepKind[] = [];
  if (showsRegions) sides.push("region");
  else if (!has("category") && !has("product")) sides.push("category");
  if (!has("product")) sides.push("product");
  if (!has("dealer") && !isDealer(user)) sides.push("dealer");

  // A table needs the width that its drawing does not; panels in one row widen together.
  const tables = tablesOf(params);
  const wideFirst = sides[0] === undefined || tables.includes(sides[0]);
  const wideRest = sides.length === 2 || sides.slice(1).some((panel) => tables.includes(panel));

  return (
    <Page
      title={t("nav.cockpit")}
      extra={
        <PeriodChooser
          period={state.period}
          extent={extent}
          onChange={(period) => {
            const next = new URLSearchParams(params);
            next.delete("grain");
            if (period === "all") next.delete("period");
            else next.set("period", period);
            setParams(next);
          }}
        />
      }
    >
      <Crumbs state={state} params={params} regions={regions.data} />
      <Tiles
        state={state}
        total={total}
        trend={points}
        onMeasure={(measure) => set("measure", measure === "gross" ? "" : measure, true)}
      />
      <div className="cockpit-grid">
        <Trend
          className={wideFirst ? "span-6" : "span-4"}
          query={trend}
          points={points}
          grain={grain}
          measure={state.measure}
          onGrain={(name) => set("grain", name, true)}
          onPick={(start) => {
            const next = new URLSearchParams(params);
            next.delete("grain");
            next.set("period", periodText(start, grain));
            setParams(next);
          }}
        />
        {sides.map((panel, i) => (
          <Ranking
            key={panel}
            className={i === 0 ? (wideFirst ? "span-6" : "span-2") : wideRest ? "span-6" : "span-3"}
            state={state}
            panel={panel}
            comparison={comparison}
            onOpen={into(panel)}
          />
        ))}
        {!has("category") && !has("product") && (
          // Its figures are of whole orders, and no category or product has these.
          <Suspense
            fallback={
              <Panel className="span-6" title={t("metrics.title")}>
                <Loading rows={6} />
              </Panel>
            }
          >
            <OrderMetrics
              state={state}
              groups={sides.filter((side) => side === "region" || side === "dealer")}
              onOpen={(kind, id) => into(kind)(id)}
            />
          </Suspense>
        )}
        {(has("product") || has("dealer")) && <LeafOrders state={state} />}
      </div>
    </Page>
  );
}
