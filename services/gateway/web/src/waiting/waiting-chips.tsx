import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { isDealer, useUser } from "../session/session";
import { useFormat } from "../ui/format";
import { useUrlParams } from "../ui/url-state";
import { WAITING } from "./words";

/** Orders that wait for goods, and those that wait for anything too long, with how many these are. */
export function WaitingChips() {
  const { t } = useI18n();
  const user = useUser();
  const [params, change] = useUrlParams();
  const chosen = params.get("waits");
  const chip = (name: "goods" | "stuck", text: string) => (
    <button
      type="button"
      className={`chip ${chosen === name ? "chip-on" : ""}`}
      aria-pressed={chosen === name}
      data-waits={name}
      onClick={() => change({ waits: chosen === name ? "" : name, page: "", token: "" })}
    >
      {text}
    </button>
  );
  return (
    <div className="chips" role="group" aria-label={t("orders.waits")}>
      {chip("goods", t("orders.waits"))}
      {!isDealer(user) && <Stuck of={(text) => chip("stuck", text)} />}
    </div>
  );
}

function Stuck({ of }: { of: (text: string) => React.ReactNode }) {
  const { t } = useI18n();
  const format = useFormat();
  const orders = useClient(OrderQueryService);
  const query = useQuery("orders/stuck", (signal) => orders.listOrders({ stuck: true, page: { size: 1 } }, { signal }), {
    tick: useTick(WAITING),
    keep: true,
  });
  const count = query.data?.page?.total ?? 0n;
  return <>{of(count > 0n ? `${t("orders.stuck")} ${format.count(count)}` : t("orders.stuck"))}</>;
}
