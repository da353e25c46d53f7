import { Modal } from "antd";
import { Link } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { WaitingQueryService, type BackOrderedProduct } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useFormat } from "../ui/format";
import { Empty, Loading, QueryView } from "../ui/states";
import { Others } from "./others";
import { FIRST, WAITING } from "./words";

/** Who waits for a product, in the order in which they will be served. */
export function LineDialog({ product, onClose }: { product: BackOrderedProduct; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const backOrders = useClient(WaitingQueryService);
  const { productId, productName, baseUnit } = product;
  const query = useQuery(
    `line/${productId}`,
    (signal) => backOrders.listBackOrders({ page: FIRST, productId }, { signal }),
    { tick: useTick(WAITING), keep: true },
  );
  return (
    <Modal open title={t("waiting.line.title", { name: productName })} footer={null} onCancel={onClose}>
      <p className="soft">{t("waiting.what")}</p>
      <QueryView
        query={query}
        skeleton={<Loading rows={4} />}
        isEmpty={(data) => data.backOrders.length === 0}
        empty={<Empty title={t("waiting.none")} todo={t("waiting.none.todo")} />}
      >
        {(data) => (
          <>
            <ol className="plain waiting-line">
              {data.backOrders.map((one) => (
                <li key={one.orderId} data-place={one.place}>
                  <span className="card-line">
                    <span>
                      {one.place}. <Link to={`/orders/${encodeURIComponent(one.orderId)}`} className="mono">{one.orderId}</Link> {one.dealerName}
                    </span>
                    <strong className="num">{t("waiting.n", { n: format.count(one.waiting), unit: baseUnit })}</strong>
                  </span>
                  <span className="soft">{t("waiting.since", { time: format.time(one.since) })}</span>
                </li>
              ))}
            </ol>
            <Others page={data.page} shown={data.backOrders.length} words="waiting.others.orders" />
          </>
        )}
      </QueryView>
    </Modal>
  );
}
