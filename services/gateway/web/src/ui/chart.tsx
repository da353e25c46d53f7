import { lazy, Suspense } from "react";
import { Loading } from "./states";

/** ECharts is two thirds of what a browser would otherwise load first. */
const LazyTrend = lazy(() => import("./echarts-trend"));

export interface TrendPoint {
  name: string;
  /** What the tooltip calls it. */
  title: string;
  value: number;
  compared?: number;
  /** The exact value, as text. */
  exact: string;
  comparedExact?: string;
}

export interface TrendProps {
  label: string;
  points: TrendPoint[];
  seriesName: string;
  comparedName: string;
  axis: (value: number) => string;
  onPick: (index: number) => void;
}

export function TrendChart(props: TrendProps) {
  return (
    <Suspense fallback={<div className="chart"><Loading rows={7} /></div>}>
      <LazyTrend {...props} />
    </Suspense>
  );
}
