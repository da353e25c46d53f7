import { Tooltip } from "antd";
import type { ReactNode } from "react";
import type { CycleTime, OrderMetrics } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { accuracyMet, cycleText, hundredths, ppmText, releaseMet, shareText, tenths } from "./metrics";

type Name = "release" | "shipping" | "accuracy" | "touchFree" | "fill" | "frequency" | "satisfaction" | "dso";

interface TileProps {
  name: Name;
  /** Undefined: nothing can be said. */
  value: string | undefined;
  notes: ReactNode[];
  claim?: { text: string; met: boolean | undefined };
}

/** A figure with what it means, and what was promised of it. */
function MetricTile({ name, value, notes, claim }: TileProps) {
  const { t } = useI18n();
  return (
    <div className="tile metric-tile" data-metric={name}>
      <Tooltip title={t(`metrics.${name}.tip` as Key)}>
        <span className="tile-name metric-name" tabIndex={0}>
          {t(`metrics.${name}`)}
        </span>
      </Tooltip>
      <span className="tile-value">{value ?? "–"}</span>
      {claim && (
        <span className={`metric-note ${claim.met === undefined ? "soft" : claim.met ? "claim-met" : "claim-missed"}`}>
          {t("metrics.claim", { claim: claim.text })}
          {claim.met !== undefined && ` · ${claim.met ? "✓" : "✗"} ${t(claim.met ? "metrics.met" : "metrics.missed")}`}
        </span>
      )}
      {(value === undefined ? [t("metrics.none")] : notes).map((note, i) => (
        <span key={i} className="metric-note soft">
          {note}
        </span>
      ))}
    </div>
  );
}

export function MetricTiles({ metrics }: { metrics: OrderMetrics }) {
  const { t } = useI18n();
  const { count, money } = useFormat();
  const { release, shipping, accuracy, fillRate, deliverySatisfaction, afterSaleSatisfaction, daysSalesOutstanding } = metrics;
  const released = release?.orders ?? 0n;
  const time = (cycle: CycleTime | undefined) => (cycle && cycle.orders > 0n ? cycleText(cycle.p50Milliseconds, t) : undefined);
  const slow = (cycle: CycleTime | undefined) =>
    t("metrics.percentiles", { p90: cycleText(cycle?.p90Milliseconds ?? 0n, t), p99: cycleText(cycle?.p99Milliseconds ?? 0n, t) });
  const score = (goods: bigint, service: bigint) => ({ goods: hundredths(goods), service: hundredths(service) });
  const cases = afterSaleSatisfaction && afterSaleSatisfaction.answers > 0n ? afterSaleSatisfaction : undefined;
  const answers = deliverySatisfaction?.answers ?? 0n;
  return (
    <div className="metric-tiles">
      <MetricTile
        name="release"
        value={time(release)}
        claim={{ text: `≤ ${t("time.hours", { n: 2 })}`, met: releaseMet(release) }}
        notes={[`${t("metrics.within")} ${shareText(released, metrics.withinTwoHoursPpm)}`, slow(release), t("metrics.waiting", { n: count(metrics.waitingOrders) })]}
      />
      <MetricTile name="shipping" value={time(shipping)} notes={[slow(shipping)]} />
      <MetricTile
        name="accuracy"
        value={accuracy && accuracy.receivedLines > 0n ? ppmText(accuracy.accuracyPpm) : undefined}
        claim={{ text: "≥ 99.9%", met: accuracyMet(metrics) }}
        notes={[t("metrics.corrected", { n: count(accuracy?.correctedLines ?? 0n), all: count(accuracy?.receivedLines ?? 0n) })]}
      />
      <MetricTile
        name="touchFree"
        value={released > 0n ? ppmText(metrics.touchFreePpm) : undefined}
        notes={[t("metrics.of", { n: count(metrics.touchFreeOrders), all: count(released) })]}
      />
      <MetricTile
        name="fill"
        value={fillRate && fillRate.orders > 0n ? ppmText(fillRate.fillRatePpm) : undefined}
        notes={[t("metrics.quantity", { n: count(fillRate?.shippedQuantity ?? 0n), all: count(fillRate?.orderedQuantity ?? 0n) })]}
      />
      <MetricTile
        name="frequency"
        value={metrics.dealers > 0n ? t("metrics.frequency.unit", { n: hundredths(metrics.ordersPerDealer30DaysX100) }) : undefined}
        notes={[t("metrics.dealers", { n: count(metrics.dealers) })]}
      />
      <MetricTile
        name="satisfaction"
        value={
          answers > 0n && deliverySatisfaction
            ? t("metrics.score", score(deliverySatisfaction.goodsX100, deliverySatisfaction.serviceX100))
            : undefined
        }
        notes={[
          t("metrics.answers", { n: count(answers) }),
          cases && t("metrics.satisfaction.cases", { ...score(cases.goodsX100, cases.serviceX100), n: count(cases.answers) }),
        ].filter(Boolean)}
      />
      <MetricTile
        name="dso"
        value={daysSalesOutstanding?.known ? t("metrics.days", { n: tenths(daysSalesOutstanding.daysX10) }) : undefined}
        notes={[t("metrics.owed", { amount: money(daysSalesOutstanding?.receivableMinor ?? 0n) })]}
      />
    </div>
  );
}
