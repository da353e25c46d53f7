import { useNavigate } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { PaymentQueryService, type Payment } from "../gen/qudao/order/v1/payment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { useSurface } from "../shell/surface";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { useSeldom } from "../ui/use-slow";
import { PaymentTable } from "./payment-table";
import { PAYMENTS } from "./words";

const AGAIN_MS = 2_000;
const MOST = 50;

/** The payments of an order through providers, where there are any. */
export function OrderPayments({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const { payments: pages } = useSurface();
  const payments = useClient(PaymentQueryService);
  const { orderId = "", version = 0n } = order.summary ?? {};
  const tick = useSeldom(useTick(PAYMENTS), AGAIN_MS);
  const query = useQuery(
    `order-payments/${orderId}`,
    (signal) => payments.listPayments({ orderId, page: { size: MOST } }, { signal }),
    { tick: `${tick}/${version}`, enabled: order.payment !== undefined && may(PaymentQueryService.method.listPayments) },
  );
  const found = query.data?.payments ?? [];
  if (found.length === 0 && (query.error === undefined || query.data)) return null;
  return (
    <Panel title={t("online.ofOrder")} className="panel-flush order-payments">
      {query.data ? (
        <PaymentTable
          payments={found}
          ofOrder
          {...(pages && { onOpen: ({ paymentId }: Payment) => void navigate(`${pages}/${encodeURIComponent(paymentId)}`) })}
        />
      ) : (
        <Failure error={query.error} retry={query.refetch} />
      )}
    </Panel>
  );
}
