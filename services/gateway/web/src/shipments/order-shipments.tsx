import { useNavigate } from "react-router";
import type { GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import type { Shipment } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useSurface } from "../shell/surface";
import { Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { ShipmentTable } from "./shipment-table";
import { useOrderShipments } from "./use-order-shipments";

/** The shipments of an order, where it was handed over to warehouses. */
export function OrderShipments({ order }: { order: GetOrderResponse }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { shipments: pages } = useSurface();
  const query = useOrderShipments(order);
  const found = query.data?.shipments ?? [];
  if (found.length === 0 && (query.error === undefined || query.data)) return null;
  return (
    <Panel title={t("nav.shipments")} className="panel-flush order-shipments">
      {query.data ? (
        <ShipmentTable
          shipments={found}
          ofOrder
          {...(pages && { onOpen: ({ shipmentId }: Shipment) => void navigate(`${pages}/${encodeURIComponent(shipmentId)}`) })}
        />
      ) : (
        <Failure error={query.error} retry={query.refetch} />
      )}
    </Panel>
  );
}
