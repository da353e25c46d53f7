import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Shipment } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { useSurface } from "../shell/surface";
import { CopyId } from "../ui/copy-id";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { ShipmentTag, WarehouseName, Waiting } from "./marks";

type Fact = [string, ReactNode];

/** All that is known of a shipment. */
export function ShipmentFacts({ one }: { one: Shipment }) {
  const { t } = useI18n();
  const format = useFormat();
  const { orders } = useSurface();
  const own = isDealer(useUser());
  const some = (name: string, text: string, value: ReactNode = text): Fact[] => (text === "" ? [] : [[name, value]]);
  const facts: Fact[] = [
    ...some(t("order.dealer"), own ? "" : one.dealerName || one.dealerId),
    [t("order.number"), <Link key="order" className="mono" to={`${orders}/${encodeURIComponent(one.orderId)}`}>{one.orderId}</Link>],
    [t("ship.number"), <CopyId key="id" value={one.shipmentId} />],
    [t("ship.which"), t("ship.which.n", { number: one.number, of: one.of })],
    [t("stock.warehouse"), <WarehouseName key="warehouse" id={one.warehouseId} />],
    ...some(t("ship.reference"), one.reference, <CopyId value={one.reference} />),
    [t("ship.progress"), `${format.count(one.shipped)} / ${format.count(one.quantity)}`],
    ...(one.withdrawn > 0n ? [[t("ship.withdrawn"), format.count(one.withdrawn)] as Fact] : []),
    [t("ship.releasedAt"), format.time(one.releasedAt, true)],
    ...some(t("ship.acknowledgedAt"), one.acknowledgedAt, format.time(one.acknowledgedAt, true)),
    ...some(t("ship.shippedAt"), one.shippedAt, format.time(one.shippedAt, true)),
  ];
  return (
    <div className="payment-facts">
      <span className="shipment-state">
        <ShipmentTag status={one.status} />
        <Waiting one={one} />
      </span>
      {one.reason && (
        <p className="note">
          <span className="soft">{t("ship.reason")}: </span>
          {one.reason}
        </p>
      )}
      <FactList facts={facts} />
    </div>
  );
}
