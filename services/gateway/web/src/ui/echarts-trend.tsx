import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { usePreferences } from "../session/preferences";
import { fontFamily, palette } from "../tokens";
import type { TrendProps } from "./chart";

use([BarChart, LineChart, GridComponent, TooltipComponent, SVGRenderer]);

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function options(props: TrendProps, colours: (typeof palette)["light" | "dark"]) {
  const { points, seriesName, comparedName } = props;
  const compares = points.some((point) => point.compared !== undefined);
  const text = { color: colours["text-soft"], fontFamily, fontSize: 12 };
  return {
    animationDuration: 250,
    animationDurationUpdate: 250,
    grid: { left: 4, right: 8, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colours.raised,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontFamily, fontSize: 12 },
      axisPointer: { type: "shadow" },
      formatter: (hits: { dataIndex: number }[]) => {
        const point = points[hits[0]?.dataIndex ?? -1];
        if (!point) return "";
        const rows = [`<b>${escape(point.title)}</b>`, `${escape(seriesName)}: ${escape(point.exact)}`];
        if (point.comparedExact) rows.push(`${escape(comparedName)}: ${escape(point.comparedExact)}`);
        return rows.join("<br>");
      },
    },
    xAxis: {
      type: "category",
      data: points.map((point) => point.name),
      axisLabel: { ...text, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours["line-strong"] } },
    },
    yAxis: {
      type: "value",
      min: 0,
      axisLabel: { ...text, formatter: props.axis },
      splitLine: { lineStyle: { color: colours.line } },
      splitNumber: 4,
    },
    series: [
      {
        type: "bar",
        name: seriesName,
        data: points.map((point) => point.value),
        itemStyle: { color: colours["chart-1"], borderRadius: [2, 2, 0, 0] },
        barMaxWidth: 28,
        cursor: "pointer",
      },
      ...(compares
        ? [
            {
              type: "line",
              name: comparedName,
              data: points.map((point) => point.compared ?? 0),
              symbol: "none",
              lineStyle: { color: colours["text-soft"], width: 1.5, type: "dashed" },
              itemStyle: { color: colours["text-soft"] },
            },
          ]
        : []),
    ],
  };
}

export default function EChartsTrend(props: TrendProps) {
  const { scheme } = usePreferences();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    if (!host.current) return;
    const instance = init(host.current, undefined, { renderer: "svg" });
    chart.current = instance;
    // The whole column answers, not only the drawn part of the bar: short bars are hard to hit.
    instance.getZr().on("click", ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      if (!instance.containPixel("grid", [offsetX, offsetY])) return;
      const at: unknown = instance.convertFromPixel({ seriesIndex: 0 }, [offsetX, offsetY]);
      if (Array.isArray(at)) latest.current.onPick(Math.round(Number(at[0])));
    });
    const observer = new ResizeObserver(() => instance.resize());
    observer.observe(host.current);
    return () => {
      observer.disconnect();
      instance.dispose();
    };
  }, []);

  useEffect(() => {
    chart.current?.setOption(options(props, palette[scheme]), { replaceMerge: ["series"] });
  }, [props, scheme]);

  return <div ref={host} className="chart" role="img" aria-label={props.label} />;
}
