import { Segmented } from "antd";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "react-router";
import { OrderAfterSales } from "../after-sales/order-after-sales";
import { OrderRating } from "../after-sales/order-rating";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { Reorder } from "../carts/reorder";
import { OrderAttachments } from "../files/attachments";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { OrderQueryService, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { OrderPayments } from "../payments/order-payments";
import { PayOnline } from "../payments/pay-online";
import { useProviders } from "../payments/use-providers";
import { isDealer, useMay, useUser } from "../session/session";
import { OrderShipments } from "../shipments/order-shipments";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { OrderWaiting } from "../waiting/order-waiting";
import { OrderActions } from "./actions";
import { OrderChanges, ReviewNotice } from "./order-changes";
import { OrderLines } from "./order-lines";
import { OrderPaymentPanel } from "./order-payment";
import { OrderPromotions } from "./order-promotions";
import { StatusSteps } from "./status";

export default function OrderPage() {
  const { id = "" } = useParams();
  return <Order key={id} id={id} />;
}

function Order({ id }: { id: string }) {
  const { t } = useI18n();
  const orders = useClient(OrderQueryService);
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const query = useQuery(
    `order/${id}/${seen}`,
    (signal) => orders.getOrder({ orderId: id, minPosition: seen }, { signal }),
    { tick: useTick("orders"), keep: true },
  );
  const user = useUser();
  const providers = useProviders(query.data);
  return (
    <Page
      title={t("order.title", { id })}
      extra={
        query.data && (
          <>
            <Reorder order={query.data} />
            <PayOnline order={query.data} providers={providers} onMoved={setSeen} />
            <OrderActions
              order={query.data}
              paysOnline={isDealer(user) && providers.length > 0}
              onDone={setSeen}
              onStale={query.refetch}
            />
          </>
        )
      }
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
          <OrderPaymentPanel order={order} />
          <OrderPayments order={order} />
          <OrderLines order={order} />
          <OrderChanges order={order} />
          <OrderWaiting order={order} />
          <OrderShipments order={order} />
          <OrderAfterSales order={order} />
          <OrderPromotions order={order} />
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
  const money = (minor: bigint) => format.money(minor, summary.currencyCode);
  const net: [string, ReactNode] = [t("order.net"), <strong key="net">{money(summary.netMinor)}</strong>];
  // What was ordered at first, and how it became what the order costs now.
  const changed = summary.offMinor > 0n || summary.closedNetMinor > 0n;
  const steps: [string, ReactNode][] = [
    [t("order.gross"), money(summary.grossMinor)],
    ...(summary.offMinor > 0n ? [[t("order.off"), money(-summary.offMinor)] as [string, ReactNode]] : []),
    ...(summary.closedNetMinor > 0n ? [[t("order.closedNet"), money(-summary.closedNetMinor)] as [string, ReactNode]] : []),
    net,
  ];
  const facts: [string, ReactNode][] = [
    [t("order.dealer"), summary.dealerName],
    [t("order.region"), order.regionNames.join(" › ")],
    [t("order.date"), summary.businessDate],
    [t("order.submittedAt"), format.time(summary.submittedAt)],
    [t("order.quantity"), format.count(summary.quantity)],
    ...(changed ? [] : [net]),
  ];
  return (
    <Panel>
      <StatusSteps status={summary.status} />
      <ReviewNotice order={order} />
      {order.cancelReason && <p className="note">{t("order.cancelReason", { reason: order.cancelReason })}</p>}
      {order.shortClosedReason && (
        <p className="note">{t("order.shortClosedReason", { reason: order.shortClosedReason })}</p>
      )}
      <FactList facts={facts} />
      {changed && <FactList facts={steps} />}
      {order.note && (
        <p className="note">
          <span className="soft">{t("order.note")}: </span>
          {order.note}
        </p>
      )}
      <OrderRating order={order} />
      <FreshnessMark freshness={order.freshness} projection="orders" />
    </Panel>
  );
}
