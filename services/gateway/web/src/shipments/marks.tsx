import { nameOf } from "../funds/words";
import type { Shipment, ShipmentStatus } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { waited } from "./rules";
import { STATUSES } from "./words";
import "./shipments.css";

export function ShipmentTag({ status }: { status: ShipmentStatus }) {
  const { t } = useI18n();
  const name = nameOf(STATUSES, status);
  return <span className={`tag tag-shipment-${name ?? "unknown"}`}>{t(name ? `ship.status.${name}` : "status.unknown")}</span>;
}

/** For how long no warehouse has taken it on. */
export function Waiting({ one: { waitingMinutes, stuck } }: { one: Shipment }) {
  const { t } = useI18n();
  const format = useFormat();
  if (waitingMinutes === undefined) return null;
  const { unit, n } = waited(waitingMinutes);
  return <span className={stuck ? "stuck" : "soft"}>{t(`ship.waits.${unit}`, { n: format.count(n) })}</span>;
}

/** Where it leaves; nobody has told where goods are of which no stock is kept. */
export function WarehouseName({ id }: { id: string }) {
  const { t } = useI18n();
  return id ? <span className="mono">{id}</span> : <span className="soft">{t("ship.noWarehouse")}</span>;
}
