import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderStatus, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { ShipmentQueryService } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { useSeldom } from "../ui/use-slow";
import { SHIPMENTS } from "./words";

const AGAIN_MS = 2_000;
const MOST = 50;

const { SUBMITTED, ON_HOLD, AWAITING_PAYMENT } = OrderStatus;

/** What no warehouse has been told of yet. */
const BEFORE: OrderStatus[] = [SUBMITTED, ON_HOLD, AWAITING_PAYMENT];

/** The shipments of an order; none where it was not handed over to warehouses. */
export function useOrderShipments({ summary, freshness }: GetOrderResponse, wanted = true) {
  const may = useMay();
  const shipments = useClient(ShipmentQueryService);
  const { orderId = "", version = 0n, status = OrderStatus.UNSPECIFIED } = summary ?? {};
  const tick = useSeldom(useTick(SHIPMENTS), AGAIN_MS);
  // As of what the order is shown as of: both are in one log.
  const minPosition = freshness?.position ?? 0n;
  return useQuery(
    `order-shipments/${orderId}`,
    (signal) => shipments.listShipments({ orderId, minPosition, page: { size: MOST } }, { signal }),
    { tick: `${tick}/${version}`, enabled: wanted && !BEFORE.includes(status) && may(ShipmentQueryService.method.listShipments) },
  );
}

/** Whether an order is shipped by its shipments and not as a whole; not known at once. */
export function useHandedOver(order: GetOrderResponse, wanted: boolean): boolean | undefined {
  const { data, error } = useOrderShipments(order, wanted);
  // Who is not told offers what there is, and the order decides.
  return data ? data.shipments.length > 0 : error === undefined ? undefined : false;
}
