import { Segmented } from "antd";
import { useState } from "react";
import { SalesDimension, type Comparison, type SalesRow } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { Bars } from "./bars";
import { SalesTable } from "./sales-table";
import { filtersOf, MEASURES, type CockpitState } from "./state";
import { useSales } from "./use-sales";
import { useView, ViewSwitch } from "./view-switch";

const ENDS = 8;
const ALL = 10_000;

interface Props {
  state: CockpitState;
  panel: "region" | "category" | "product" | "dealer";
  comparison: Comparison;
  className: string;
  onOpen: (id: string) => void;
}

const DIMENSIONS = {
  region: SalesDimension.REGION,
  category: SalesDimension.CATEGORY,
  product: SalesDimension.PRODUCT,
  dealer: SalesDimension.DEALER,
} as const;

function idOfRow(row: SalesRow): string {
  return row.keys[0]?.id ?? "";
}

/** Rows of one dimension, largest or smallest first, as bars or as a table with its total. */
export function Ranking({ state, panel, comparison, className, onOpen }: Props) {
  const { t } = useI18n();
  // Long lists are drawn by their ends, the other one (滞销) on demand; short ones whole.
  const ends = panel === "product" || panel === "dealer";
  const [view, setView] = useView(panel);
  const [end, setEnd] = useState<"best" | "worst">("best");
  const query = useSales({
    dimensions: [DIMENSIONS[panel]],
    filters: filtersOf(state.steps),
    fromDate: state.dates?.from ?? "",
    toDate: state.dates?.to ?? "",
    comparison,
    orderBy: MEASURES[state.measure],
    ascending: ends && end === "worst",
    limit: view === "table" || !ends ? ALL : ENDS,
  });
  const title = t(`cockpit.${panel}`);
  return (
    <Panel
      className={`panel-${panel} ${className}`}
      title={title}
      extra={
        <>
          {ends && (
            <Segmented
              size="small"
              aria-label={t("cockpit.end")}
              value={end}
              options={[
                { value: "best", label: t(panel === "product" ? "cockpit.best" : "cockpit.top") },
                { value: "worst", label: t(panel === "product" ? "cockpit.worst" : "cockpit.bottom") },
              ]}
              onChange={(value) => setEnd(value as "best" | "worst")}
            />
          )}
          <ViewSwitch value={view} onChange={setView} />
        </>
      }
    >
      <QueryView
        query={query}
        isEmpty={(data) => data.rows.length === 0}
        empty={<Empty title={t("cockpit.empty")} todo={t("cockpit.empty.todo")} />}
      >
        {(data) =>
          view === "table" ? (
            <SalesTable
              label={title}
              head={t(`dimension.${panel}`)}
              answer={data}
              nameOf={(row) => row.keys[0]?.name || idOfRow(row)}
              onOpen={(row) => onOpen(idOfRow(row))}
            />
          ) : (
            <Bars
              answer={data}
              rows={data.rows}
              measure={state.measure}
              label={title}
              onOpen={(row) => onOpen(idOfRow(row))}
              onAll={() => setView("table")}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
