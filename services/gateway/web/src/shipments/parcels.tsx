import type { ShipmentLine, ShipmentParcel } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { CopyId } from "../ui/copy-id";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";

/** What left of a shipment together, the first first. */
export function Parcels({ lines, parcels }: { lines: ShipmentLine[]; parcels: ShipmentParcel[] }) {
  const { t } = useI18n();
  const format = useFormat();
  if (parcels.length === 0) return null;
  const nameOf = (lineNo: number) => {
    const line = lines.find((one) => one.lineNo === lineNo);
    return line ? line.productName || line.productId : String(lineNo);
  };
  return (
    <Panel title={t("ship.parcels")}>
      <ol className="parcels">
        {parcels.map((parcel, i) => (
          <li key={i} data-parcel>
            <div className="parcel-head">
              <strong>{t("ship.parcel.n", { n: i + 1 })}</strong>
              <span className="soft">{format.time(parcel.shippedAt)}</span>
              <span>{parcel.carrier || <span className="soft">{t("ship.carrier.none")}</span>}</span>
              {parcel.trackingNumber && <CopyId value={parcel.trackingNumber} />}
            </div>
            <ul>
              {parcel.lines.map(({ lineNo, quantity }) => (
                <li key={lineNo}>
                  <span>{nameOf(lineNo)}</span>
                  <span className="num">
                    {format.count(quantity)} {lines.find((one) => one.lineNo === lineNo)?.baseUnit}
                  </span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
