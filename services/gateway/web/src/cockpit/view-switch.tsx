import { BarChartOutlined, TableOutlined } from "@ant-design/icons";
import { Segmented } from "antd";
import { useI18n } from "../i18n/i18n";
import { useUrlParams } from "../ui/url-state";

export type View = "chart" | "table";

/** The panels that show their table. */
export function tablesOf(params: URLSearchParams): string[] {
  return (params.get("tables") ?? "").split(",").filter(Boolean);
}

/** Whether a panel shows its drawing or its table; part of the URL like everything else. */
export function useView(panel: string): [View, (view: View) => void] {
  const [params, change] = useUrlParams();
  const tables = tablesOf(params);
  const view = tables.includes(panel) ? "table" : "chart";
  const setView = (next: View) => {
    const rest = tables.filter((name) => name !== panel);
    if (next === "table") rest.push(panel);
    change({ tables: rest.join(",") }, { replace: true });
  };
  return [view, setView];
}

export function ViewSwitch({ value, onChange }: { value: View; onChange: (view: View) => void }) {
  const { t } = useI18n();
  return (
    <Segmented<View>
      size="small"
      aria-label={t("view.label")}
      value={value}
      options={[
        { value: "chart", icon: <BarChartOutlined aria-label={t("view.chart")} title={t("view.chart")} /> },
        { value: "table", icon: <TableOutlined aria-label={t("view.table")} title={t("view.table")} /> },
      ]}
      onChange={onChange}
    />
  );
}
