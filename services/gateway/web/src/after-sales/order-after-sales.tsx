import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { AfterSaleQueryService, type AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { useSurface } from "../shell/surface";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { useSeldom } from "../ui/use-slow";
import { AfterSaleTable } from "./after-sale-table";
import { AFTER_SALES } from "./words";

const AGAIN_MS = 2_000;
const MOST = 50;

/** The after-sale cases of an order, where there are any. */
export function OrderAfterSales({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const { afterSales: pages } = useSurface();
  const cases = useClient(AfterSaleQueryService);
  const { orderId = "", version = 0n } = order.summary ?? {};
  const tick = useSeldom(useTick(AFTER_SALES), AGAIN_MS);
  // Only what arrived, or should have, can be in a case.
  const any = order.lines.some(({ received, disputed }) => received + disputed > 0n);
  // As of what the order is shown as of: both are in one log.
  const minPosition = order.freshness?.position ?? 0n;
  const query = useQuery(
    `order-after-sales/${orderId}`,
    (signal) => cases.listAfterSales({ orderId, minPosition, page: { size: MOST } }, { signal }),
    { tick: `${tick}/${version}`, enabled: any && may(AfterSaleQueryService.method.listAfterSales) },
  );
  const found = query.data?.afterSales ?? [];
  if (found.length === 0 && (query.error === undefined || query.data)) return null;
  return (
    <Panel title={t("nav.afterSales")} className="panel-flush order-after-sales">
      {query.data ? (
        <AfterSaleTable
          cases={found}
          ofOrder
          {...(pages && { onOpen: ({ afterSaleId }: AfterSale) => void navigate(`${pages}/${encodeURIComponent(afterSaleId)}`) })}
        />
      ) : (
        <Failure error={query.error} retry={query.refetch} />
      )}
    </Panel>
  );
}
