import { Button, Input } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { ObjectHistory } from "./object-history";
import { historyPath } from "./path";

const RECENT = 12;

export default function HistoryPage() {
  const { t } = useI18n();
  const object = useParams()["*"] ?? "";
  const navigate = useNavigate();
  const may = useMay();
  const [text, setText] = useState(object);
  useEffect(() => setText(object), [object]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted) void navigate(historyPath(wanted));
  };
  return (
    <Page
      title={object ? t("history.of", { id: object }) : t("nav.history")}
      extra={may(HistoryService.method.listEvents) && <Link to="/audit">{t("audit.title")}</Link>}
    >
      <form className="filters" role="search" onSubmit={submit}>
        <Input
          className="search"
          aria-label={t("history.search")}
          placeholder={t("history.search")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="primary" htmlType="submit">
          {t("history.show")}
        </Button>
      </form>
      {object ? <ObjectHistory key={object} object={object} /> : <Recent />}
    </Page>
  );
}

/** Nobody knows ids by heart: the newest orders are a way in. */
function Recent() {
  const { t } = useI18n();
  const orders = useClient(OrderQueryService);
  const query = useQuery(
    "history/recent",
    (signal) => orders.listOrders({ page: { size: RECENT } }, { signal }),
    { tick: useTick("orders") },
  );
  return (
    <Panel title={t("history.recent")}>
      <p className="soft">{t("history.hint")}</p>
      <QueryView
        query={query}
        isEmpty={(data) => data.orders.length === 0}
        empty={<Empty title={t("orders.none")} todo={t("orders.none.todo")} />}
      >
        {(data) => (
          <ul className="links">
            {data.orders.map((order) => (
              <li key={order.orderId}>
                <Link to={historyPath(`order/${order.orderId}`)}>
                  <span className="mono">{order.orderId}</span> {order.dealerName}
                  <span className="soft"> · {order.businessDate}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Panel>
  );
}
