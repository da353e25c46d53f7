import { Button } from "antd";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, OrderStatus, type OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { holdsSheet } from "../tables/sheets/orders";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { HoldDialog, type HoldAct } from "./hold-dialog";
import { HoldTable } from "./hold-table";

const METHODS = {
  release: OrderService.method.releaseCreditHold,
  refuse: OrderService.method.refuseCredit,
} as const;

const KINDS = ["release", "refuse"] as const;

/** Orders that wait for credit. */
export function Holds() {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const orders = useClient(OrderQueryService);
  const [params] = useSearchParams();
  const [, change] = useUrlParams();
  const [seen, setSeen] = useState(0n);
  const [act, setAct] = useState<HoldAct>();
  const kinds = KINDS.filter((kind) => may(METHODS[kind]));
  const ask = (page: PageWanted, signal: AbortSignal) =>
    orders.listOrders({ page, search: params.get("q") ?? "", statuses: [OrderStatus.ON_HOLD], minPosition: seen }, { signal });
  const query = useQuery(
    `holds?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick("orders")}/${seen}`, keep: true },
  );
  const done = (position: bigint) => {
    setAct(undefined);
    setSeen(position);
  };
  const buttons = ({ orderId }: OrderSummary) =>
    kinds.map((kind) => (
      <Button
        key={kind}
        size="small"
        danger={kind === "refuse"}
        aria-label={t(`action.${kind}.title`, { id: orderId })}
        onClick={() => setAct({ kind, orderId })}
      >
        {t(`action.${kind}`)}
      </Button>
    ));
  const clear = <Button onClick={() => change({ q: "", page: "", token: "" })}>{t("filter.clear")}</Button>;
  return (
    <>
      <div className="filters">
        <SearchBox label={t("orders.search")} />
        <ExportMenu name={t("funds.tab.holds")} sheet={holdsSheet} ask={ask} rowsOf={(part) => part.orders} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.orders.length === 0}
          empty={
            params.get("q") ? (
              <Empty title={t("orders.noneFound")} todo={t("orders.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("holds.none")} todo={t("holds.none.todo")} />
            )
          }
        >
          {(data) => (
            <>
              <HoldTable
                orders={data.orders}
                onOpen={({ orderId }) => void navigate(`/orders/${encodeURIComponent(orderId)}`)}
                actions={kinds.length > 0 ? buttons : undefined}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="orders" />
                <Pager page={data.page} rows={data.orders.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {act && <HoldDialog act={act} onClose={() => setAct(undefined)} onDone={done} />}
    </>
  );
}
