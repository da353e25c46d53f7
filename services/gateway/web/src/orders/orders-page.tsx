import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { OrderQueryService, type OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { ordersSheet } from "../tables/sheets/orders";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat, type Format } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { WaitingTags } from "../waiting/waiting-tag";
import { chosenStatuses, OrderFilters } from "./filters";
import { OrderStatusTag } from "./order-status-tag";
import { STATUSES } from "./status";
import { chosenTodo, TodoTabs } from "./todo-tabs";

function columns(t: Translate, format: Format): Column<OrderSummary>[] {
  return [
    { key: "id", title: t("order.number"), cell: (o) => <span className="mono">{o.orderId}</span> },
    { key: "date", title: t("order.date"), cell: (o) => o.businessDate },
    { key: "dealer", title: t("order.dealer"), cell: (o) => o.dealerName },
    { key: "region", title: t("order.region"), cell: (o) => o.regionName },
    { key: "status", title: t("order.status"), cell: (o) => <Standing order={o} /> },
    { key: "lines", title: t("order.lines"), number: true, cell: (o) => format.count(o.lineCount) },
    { key: "quantity", title: t("order.quantity"), number: true, cell: (o) => format.count(o.quantity) },
    { key: "net", title: t("order.net"), number: true, cell: (o) => format.money(o.netMinor, o.currencyCode) },
  ];
}

export default function OrdersPage() {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const navigate = useNavigate();
  const orders = useClient(OrderQueryService);
  const [params] = useSearchParams();
  const filtered = ["q", "status", "from", "to", "region", "dealer", "product", "todo", "waits"].some((name) => params.get(name));
  const ask = (page: PageWanted, signal: AbortSignal) =>
    orders.listOrders(
      {
        page,
        search: params.get("q") ?? "",
        todo: chosenTodo(params),
        statuses: chosenStatuses(params).map((name) => STATUSES[name]),
        dealerId: params.get("dealer") ?? "",
        regionId: params.get("region") ?? "",
        productId: params.get("product") ?? "",
        fromDate: params.get("from") ?? "",
        toDate: params.get("to") ?? "",
        stuck: params.get("waits") === "stuck",
        waitsForGoods: params.get("waits") === "goods",
      },
      { signal },
    );
  const query = useQuery(
    `orders?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: useTick("orders"), keep: true },
  );
  const open = (order: OrderSummary) => void navigate(`/orders/${encodeURIComponent(order.orderId)}`);
  const newOrder = may(OrderService.method.submitOrder) && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate("/orders/new")}>
      {t("orders.new")}
    </Button>
  );
  return (
    <Page title={t("nav.orders")} extra={newOrder}>
      <TodoTabs />
      <OrderFilters>
        <ExportMenu name={t("nav.orders")} sheet={ordersSheet} ask={ask} rowsOf={(part) => part.orders} />
      </OrderFilters>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.orders.length === 0}
          empty={
            filtered ? (
              <Empty
                title={t("orders.noneFound")}
                todo={t("orders.noneFound.todo")}
                action={<Button onClick={() => void navigate("/orders")}>{t("filter.clear")}</Button>}
              />
            ) : (
              <Empty title={t("orders.none")} todo={t("orders.none.todo")} action={newOrder} />
            )
          }
        >
          {(data) => (
            <>
              <DataTable
                label={t("nav.orders")}
                columns={columns(t, format)}
                rows={data.orders}
                rowKey={(order) => order.orderId}
                onOpen={open}
                card={(order) => <OrderCard order={order} />}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="orders" />
                <Pager page={data.page} rows={data.orders.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

function OrderCard({ order }: { order: OrderSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <span className="card-line">
        <strong>{order.dealerName}</strong>
        <strong className="num">{format.money(order.netMinor, order.currencyCode)}</strong>
      </span>
      <span className="card-line soft">
        <span>
          {order.businessDate} · {order.regionName}
        </span>
        <span>{t("order.pieces", { n: format.count(order.quantity) })}</span>
      </span>
      <span className="card-line soft">
        <span className="mono">{order.orderId}</span>
        <Standing order={order} />
      </span>
    </>
  );
}

/** Its status, and what it waits for. */
function Standing({ order }: { order: OrderSummary }) {
  return (
    <span className="tags">
      <OrderStatusTag order={order} /> <WaitingTags order={order} />
    </span>
  );
}
