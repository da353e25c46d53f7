import { Segmented } from "antd";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderAttachments } from "../files/attachments";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import type { GetOrderResponse, OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { DataTable } from "../ui/data-table";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { OrderActions } from "./actions";
import { StatusSteps } from "./status";

export default function OrderPage() {
  const { id = "" } = useParams();
  return <Order key={id} id={id} />;
}

function Order({ id }: { id: string }) {
  const { t } = useI18n();
  const { orders } = useClients();
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const query = useQuery(
    `order/${id}/${seen}`,
    (signal) => orders.getOrder({ orderId: id, minPosition: seen }, { signal }),
    { tick: useTick("orders"), keep: true },
  );
  return (
    <Page
      title={t("order.title", { id })}
      extra={query.data && <OrderActions order={query.data} onDone={setSeen} onStale={query.refetch} />}
    >
      <p className="back">
        <Link to="/orders">‹ {t("nav.orders")}</Link>
      </p>
      <QueryView query={query} skeleton={<Loading rows={10} />}>
        {(order) => <Detail id={id} order={order} />}
      </QueryView>
    </Page>
  );
}

function Detail({ id, order }: { id: string; order: GetOrderResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const hasHistory = may(HistoryService.method.getObjectHistory);
  const tab = hasHistory && params.get("tab") === "history" ? "history" : "lines";
  return (
    <>
      <Head order={order} />
      {hasHistory && (
        <Segmented
          aria-label={t("order.views")}
          value={tab}
          options={[
            { value: "lines", label: t("order.goods") },
            { value: "history", label: t("nav.history") },
          ]}
          onChange={(next) => change({ tab: next === "history" ? "history" : "" }, { replace: true })}
        />
      )}
      {tab === "history" ? (
        <ObjectHistory object={`order/${id}`} tick={order.summary?.version.toString() ?? ""} />
      ) : (
        <>
          <Lines order={order} />
          <OrderAttachments orderId={id} dealerId={order.summary?.dealerId ?? ""} />
        </>
      )}
    </>
  );
}

function Head({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const summary = order.summary;
  if (!summary) return null;
  const facts: [string, ReactNode][] = [
    [t("order.dealer"), summary.dealerName],
    [t("order.region"), order.regionNames.join(" › ")],
    [t("order.date"), summary.businessDate],
    [t("order.submittedAt"), format.time(summary.submittedAt)],
    [t("order.quantity"), format.count(summary.quantity)],
    [t("order.gross"), <strong key="gross">{format.money(summary.grossMinor, summary.currencyCode)}</strong>],
  ];
  return (
    <Panel>
      <StatusSteps status={summary.status} />
      {order.cancelReason && <p className="note">{t("order.cancelReason", { reason: order.cancelReason })}</p>}
      <FactList facts={facts} />
      {order.note && (
        <p className="note">
          <span className="soft">{t("order.note")}: </span>
          {order.note}
        </p>
      )}
      <FreshnessMark freshness={order.freshness} projection="orders" />
    </Panel>
  );
}

function Lines({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const currency = order.summary?.currencyCode ?? "";
  const amount = (quantity: bigint, line: OrderLine) => (
    <span className={quantity === line.quantity ? "" : "soft"}>{format.count(quantity)}</span>
  );
  return (
    <Panel className="panel-flush">
      <DataTable<OrderLine>
        label={t("order.goods")}
        rows={order.lines}
        rowKey={(line) => String(line.lineNo)}
        columns={[
          { key: "no", title: "#", cell: (line) => line.lineNo },
          {
            key: "product",
            title: t("dimension.product"),
            cell: (line) => line.productName || line.productId,
            footer: t("table.total"),
          },
          {
            key: "price",
            title: t("order.price"),
            number: true,
            cell: (line) => `${format.money(line.unitPriceMinor, currency)} / ${line.baseUnit}`,
          },
          {
            key: "quantity",
            title: t("order.quantity"),
            number: true,
            cell: (line) => format.count(line.quantity),
            footer: format.count(order.summary?.quantity ?? 0n),
          },
          { key: "shipped", title: t("order.shipped"), number: true, cell: (line) => amount(line.shipped, line) },
          { key: "received", title: t("order.received"), number: true, cell: (line) => amount(line.received, line) },
          {
            key: "gross",
            title: t("order.gross"),
            number: true,
            cell: (line) => format.money(line.grossMinor, currency),
            footer: format.money(order.summary?.grossMinor ?? 0n, currency),
          },
        ]}
        card={(line) => (
          <>
            <span className="card-line">
              <strong>{line.productName || line.productId}</strong>
              <strong className="num">{format.money(line.grossMinor, currency)}</strong>
            </span>
            <span className="card-line soft">
              <span>
                {format.count(line.quantity)} {line.baseUnit} × {format.money(line.unitPriceMinor, currency)}
              </span>
            </span>
            <span className="card-line soft">
              <span>
                {t("order.shipped")} {format.count(line.shipped)} · {t("order.received")}{" "}
                {format.count(line.received)}
              </span>
            </span>
          </>
        )}
      />
    </Panel>
  );
}
