import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, OrderTodo, type GetOrderTodosResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useFormat } from "../ui/format";
import { useUrlParams } from "../ui/url-state";

interface Tab {
  name: string;
  todo: OrderTodo;
  title: Key;
  count: (counts: GetOrderTodosResponse) => number;
}

const TABS: Tab[] = [
  { name: "sales", todo: OrderTodo.SALES_REVIEW, title: "todo.sales", count: (it) => it.salesReview },
  { name: "finance", todo: OrderTodo.FINANCE_REVIEW, title: "todo.finance", count: (it) => it.financeReview },
  { name: "confirm", todo: OrderTodo.CONFIRM, title: "todo.confirm", count: (it) => it.confirm },
  { name: "sentBack", todo: OrderTodo.SENT_BACK, title: "todo.sentBack", count: (it) => it.sentBack },
  { name: "change", todo: OrderTodo.CHANGE, title: "todo.change", count: (it) => it.change },
];

export function chosenTodo(params: URLSearchParams): OrderTodo {
  return TABS.find((tab) => tab.name === params.get("todo"))?.todo ?? OrderTodo.UNSPECIFIED;
}

/** What there is to do about orders, with how many there are; nothing where there is nothing to do. */
export function TodoTabs() {
  const { t } = useI18n();
  const format = useFormat();
  const orders = useClient(OrderQueryService);
  const [params, change] = useUrlParams();
  const query = useQuery("order-todos", (signal) => orders.getOrderTodos({}, { signal }), { tick: useTick("orders"), keep: true });
  const counts = query.data;
  const chosen = params.get("todo");
  const shown = TABS.filter((tab) => chosen === tab.name || (counts && tab.count(counts) > 0));
  if (!counts || shown.length === 0) return null;
  return (
    <div className="chips todo-tabs" role="group" aria-label={t("todo.title")}>
      <span className="soft">{t("todo.title")}</span>
      {shown.map((tab) => (
        <button
          key={tab.name}
          type="button"
          data-todo={tab.name}
          className={`chip ${chosen === tab.name ? "chip-on" : ""}`}
          aria-pressed={chosen === tab.name}
          onClick={() => change({ todo: chosen === tab.name ? "" : tab.name, page: "", token: "" })}
        >
          {t(tab.title)} {format.count(tab.count(counts))}
        </button>
      ))}
    </div>
  );
}
