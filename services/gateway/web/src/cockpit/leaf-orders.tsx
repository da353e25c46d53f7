import { Link, useNavigate } from "react-router";
import { Grain, SalesDimension } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { SalesTable } from "./sales-table";
import { filtersOf, ordersSearch, type CockpitState } from "./state";
import { useSales } from "./use-sales";

/** The ground of every drill: the orders behind the figures, adding up to the same total. */
export function LeafOrders({ state }: { state: CockpitState }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const query = useSales({
    dimensions: [SalesDimension.ORDER, SalesDimension.DEALER, SalesDimension.PERIOD],
    grain: Grain.DAY,
    filters: filtersOf(state.steps),
    fromDate: state.dates?.from ?? "",
    toDate: state.dates?.to ?? "",
    limit: 10_000,
  });
  return (
    <Panel
      className="panel-orders span-6"
      title={t("cockpit.orders")}
      extra={
        <Link to={`/orders${ordersSearch(state)}`}>{t("cockpit.openOrders")}</Link>
      }
    >
      <QueryView
        query={query}
        isEmpty={(data) => data.rows.length === 0}
        empty={<Empty title={t("cockpit.empty")} todo={t("cockpit.empty.todo")} />}
      >
        {(data) => (
          <SalesTable
            label={t("cockpit.orders")}
            head={t("dimension.order")}
            answer={data}
            nameOf={(row) => <span className="mono">{row.keys[0]?.id}</span>}
            onOpen={(row) => void navigate(`/orders/${encodeURIComponent(row.keys[0]?.id ?? "")}`)}
            more={[
              { key: "dealer", title: t("dimension.dealer"), cell: (row) => row.keys[1]?.name },
              { key: "date", title: t("order.date"), cell: (row) => row.keys[2]?.id },
            ]}
          />
        )}
      </QueryView>
    </Panel>
  );
}
