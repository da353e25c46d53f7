import type { Shipment } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { isDealer, useUser } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { ShipmentTag, WarehouseName, Waiting } from "./marks";

interface Props {
  shipments: Shipment[];
  /** Whether they are of one order, whose page this is. */
  ofOrder?: boolean;
  /** Absent where there is no page of a shipment. */
  onOpen?: (one: Shipment) => void;
}

/** Shipments with where they leave, how much of them has, and how it travels. */
export function ShipmentTable({ shipments, ofOrder = false, onOpen }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const own = isDealer(useUser());
  const dealer: Column<Shipment> = {
    key: "dealer",
    title: t("order.dealer"),
    cell: (one) => (
      <span className="two-lines narrow">
        <span className="nowrap">{one.dealerName || one.dealerId}</span>
        <span className="soft mono">{one.orderId}</span>
      </span>
    ),
  };
  const order: Column<Shipment> = { key: "order", title: t("order.number"), cell: (one) => <span className="mono">{one.orderId}</span> };
  return (
    <DataTable
      label={t("nav.shipments")}
      rows={shipments}
      rowKey={(one) => one.shipmentId}
      {...(onOpen && { onOpen })}
      columns={[
        { key: "id", title: t("ship.number"), cell: (one) => <span className="mono">{one.shipmentId}</span> },
        ...(ofOrder ? [] : [own ? order : dealer]),
        { key: "status", title: t("order.status"), cell: (one) => <Status one={one} /> },
        { key: "warehouse", title: t("stock.warehouse"), cell: (one) => <WarehouseName id={one.warehouseId} /> },
        { key: "lines", title: t("order.lines"), number: true, cell: (one) => format.count(one.lineCount) },
        { key: "quantity", title: t("ship.progress"), number: true, cell: (one) => <Progress one={one} /> },
        { key: "carrier", title: t("ship.travels"), cell: (one) => <Travels one={one} /> },
        { key: "released", title: t("ship.releasedAt"), cell: (one) => format.time(one.releasedAt) },
      ]}
      card={(one) => <Card one={one} named={!ofOrder && !own} ofOrder={ofOrder} />}
    />
  );
}

function Status({ one }: { one: Shipment }) {
  return (
    <span className="two-lines narrow">
      <span>
        <ShipmentTag status={one.status} />
      </span>
      <Waiting one={one} />
    </span>
  );
}

/** What left of what was released. */
function Progress({ one: { shipped, quantity, withdrawn } }: { one: Shipment }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span className="num">
      <strong>{format.count(shipped)}</strong> / {format.count(quantity)}
      {withdrawn > 0n && <span className="soft credit-note">{t("ship.withdrawn.n", { n: format.count(withdrawn) })}</span>}
    </span>
  );
}

function Travels({ one: { carrier, trackingNumber } }: { one: Shipment }) {
  if (!carrier && !trackingNumber) return <span className="soft">–</span>;
  return (
    <span className="two-lines narrow">
      <span className="nowrap">{carrier || "–"}</span>
      {trackingNumber && <span className="soft mono">{trackingNumber}</span>}
    </span>
  );
}

function Card({ one, named, ofOrder }: { one: Shipment; named: boolean; ofOrder: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  const travels = [one.carrier, one.trackingNumber].filter(Boolean).join(" · ");
  return (
    <>
      <span className="card-line">
        <strong>{named ? one.dealerName || one.dealerId : <span className="mono">{one.shipmentId}</span>}</strong>
        <ShipmentTag status={one.status} />
      </span>
      <span className="card-line">
        <WarehouseName id={one.warehouseId} />
        <span className="nowrap">
          {t("ship.progress")} <Progress one={one} />
        </span>
      </span>
      <span className="card-line soft">
        <span>{format.time(one.shippedAt || one.releasedAt)}</span>
        {one.waitingMinutes !== undefined ? <Waiting one={one} /> : <span className="card-detail">{travels}</span>}
      </span>
      {!ofOrder && (
        <span className="card-line soft">
          <span className="mono">{named ? one.shipmentId : one.orderId}</span>
        </span>
      )}
    </>
  );
}
