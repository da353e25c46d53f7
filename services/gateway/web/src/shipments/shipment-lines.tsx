import { sum } from "../format/number";
import type { ShipmentLine } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { leftOf } from "./rules";

/** What was released, and how much of it has left. */
export function ShipmentLines({ lines }: { lines: ShipmentLine[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const withdrawn = sum(lines.map((line) => line.withdrawn));
  const total = (of: (line: ShipmentLine) => bigint) => format.count(sum(lines.map(of)));
  const gone: Column<ShipmentLine> = {
    key: "withdrawn",
    title: t("ship.withdrawn"),
    number: true,
    cell: (line) => format.count(line.withdrawn),
    footer: format.count(withdrawn),
  };
  return (
    <Panel className="panel-flush">
      <DataTable
        label={t("order.goods")}
        rows={lines}
        rowKey={(line) => String(line.lineNo)}
        columns={[
          { key: "no", title: "#", cell: (line) => line.lineNo },
          { key: "product", title: t("dimension.product"), cell: (line) => line.productName || line.productId, footer: t("table.total") },
          { key: "unit", title: t("stock.unit"), cell: (line) => line.baseUnit },
          { key: "quantity", title: t("ship.released"), number: true, cell: (line) => format.count(line.quantity), footer: total((line) => line.quantity) },
          { key: "shipped", title: t("order.shipped"), number: true, cell: (line) => format.count(line.shipped), footer: total((line) => line.shipped) },
          ...(withdrawn > 0n ? [gone] : []),
          {
            key: "left",
            title: t("ship.left"),
            number: true,
            cell: (line) => <strong>{format.count(leftOf(line))}</strong>,
            footer: format.count(lines.reduce((all, line) => all + leftOf(line), 0)),
          },
        ]}
        card={(line) => (
          <>
            <span className="card-line">
              <strong>{line.productName || line.productId}</strong>
              <strong className="num">
                {format.count(line.quantity)} {line.baseUnit}
              </strong>
            </span>
            <span className="card-line soft">
              <span>
                {t("order.shipped")} {format.count(line.shipped)}
                {line.withdrawn > 0n && ` · ${t("ship.withdrawn")} ${format.count(line.withdrawn)}`}
              </span>
              <span>
                {t("ship.left")} {format.count(leftOf(line))}
              </span>
            </span>
          </>
        )}
      />
    </Panel>
  );
}
