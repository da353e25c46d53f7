import { Button, Input } from "antd";
import { SearchOutlined } from "@ant-design/icons";
import { useState } from "react";
import { Link } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type OrderSummary } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { StatusTag } from "../orders/status";
import { MALL_PATH } from "../shell/surface";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Empty, Loading, QueryView } from "../ui/states";
import { useSearchText, useUrlParams } from "../ui/url-state";
import { WaitingTags } from "../waiting/waiting-tag";
import { MallPage } from "./mall-page";
import { ORDER_TAB_NAMES, orderTab, statusesOf, type OrderTab } from "./order-tabs";

export default function MyOrdersPage() {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  const tab = orderTab(params.get("tab"));
  const q = params.get("q") ?? "";
  const [text, setText] = useSearchText(q, (wanted) => change({ q: wanted }, { replace: true }));
  return (
    <MallPage title={t("mall.orders")} className="my-orders">
      <Input
        type="search"
        size="large"
        allowClear
        prefix={<SearchOutlined aria-hidden />}
        aria-label={t("mall.orders.search")}
        placeholder={t("mall.orders.search")}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Tabs chosen={tab} onChoose={(next) => change({ tab: next === "all" ? "" : next }, { replace: true })} />
      <Orders key={`${tab}/${q}`} tab={tab} q={q} />
    </MallPage>
  );
}

function Tabs({ chosen, onChoose }: { chosen: OrderTab; onChoose: (tab: OrderTab) => void }) {
  const { t } = useI18n();
  return (
    <div className="order-tabs" role="group" aria-label={t("order.status")}>
      {ORDER_TAB_NAMES.map((tab) => (
        <button key={tab} type="button" className={tab === chosen ? "on" : ""} aria-pressed={tab === chosen} onClick={() => onChoose(tab)}>
          {t(`mall.tab.${tab}`)}
        </button>
      ))}
    </div>
  );
}

const STEP = 20;
/** What one page of an answer has at most. */
const MOST = 200;

function Orders({ tab, q }: { tab: OrderTab; q: string }) {
  const { t } = useI18n();
  const orders = useClient(OrderQueryService);
  const [size, setSize] = useState(STEP);
  const query = useQuery(
    `mall-orders/${tab}/${q}/${size}`,
    (signal) => orders.listOrders({ statuses: statusesOf(tab), search: q, page: { size } }, { signal }),
    { tick: useTick("orders"), keep: true },
  );
  const filtered = tab !== "all" || q !== "";
  return (
    <QueryView
      query={query}
      skeleton={<Loading rows={10} />}
      isEmpty={(data) => data.orders.length === 0}
      empty={
        filtered ? (
          <Empty title={t("orders.noneFound")} todo={t("mall.orders.noneFound.todo")} />
        ) : (
          <Empty title={t("orders.none")} todo={t("mall.orders.none.todo")} />
        )
      }
    >
      {(data) => (
        <>
          <ul className="order-cards" aria-label={t("mall.orders")}>
            {data.orders.map((order) => (
              <OrderCard key={order.orderId} order={order} />
            ))}
          </ul>
          {data.page?.nextToken && size < MOST && (
            <Button block size="large" loading={query.loading} onClick={() => setSize(Math.min(MOST, size + STEP))}>
              {t("mall.orders.more")}
            </Button>
          )}
          {data.page?.nextToken && size >= MOST && <p className="soft">{t("mall.orders.refine")}</p>}
          <FreshnessMark freshness={data.freshness} projection="orders" />
        </>
      )}
    </QueryView>
  );
}

function OrderCard({ order }: { order: OrderSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const { orderId, status, businessDate, lineCount, quantity, netMinor, currencyCode } = order;
  return (
    <li>
      <Link to={`${MALL_PATH}/orders/${encodeURIComponent(orderId)}`} data-order={orderId}>
        <span className="order-card-line">
          <span className="mono">{orderId}</span>
          <span>
            <WaitingTags order={order} /> <StatusTag status={status} />
          </span>
        </span>
        <span className="order-card-line">
          <span className="soft">
            {businessDate} · {t("mall.orders.goods", { n: format.count(lineCount), pieces: format.count(quantity) })}
          </span>
          <strong className="num">{format.money(netMinor, currencyCode)}</strong>
        </span>
      </Link>
    </li>
  );
}
