import { Button } from "antd";
import { Link, useParams } from "react-router";
import type { GetShipmentResponse } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useBrand } from "../session/brand";
import { useUser } from "../session/session";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { Page } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import { WarehouseName } from "./marks";
import { leftOf } from "./rules";
import { useShipment } from "./use-shipment";

/** What is to be picked, as a sheet of paper. */
export default function PickPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { query } = useShipment(id);
  return (
    <main id="content" className="pick">
      <Page
        title={t("ship.pick.of", { id })}
        extra={
          <Button type="primary" className="no-print" disabled={!query.data} onClick={() => window.print()}>
            {t("ship.pick.print")}
          </Button>
        }
      >
        <p className="back no-print">
          <Link to={`/shipments/${encodeURIComponent(id)}`}>‹ {t("ship.of", { id })}</Link>
        </p>
        <QueryView query={query} skeleton={<Loading rows={8} />}>
          {(data) => <Sheet data={data} />}
        </QueryView>
      </Page>
    </main>
  );
}

function Sheet({ data: { shipment, lines } }: { data: GetShipmentResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const user = useUser();
  const { look } = useBrand();
  if (!shipment) return null;
  const open = lines.filter((line) => leftOf(line) > 0);
  return (
    <div className="pick-sheet">
      <FactList
        facts={[
          [t("ship.pick.brand"), look?.name || user.tenantName || user.tenantId],
          [t("order.dealer"), shipment.dealerName || shipment.dealerId],
          [t("order.number"), <span key="order" className="mono">{shipment.orderId}</span>],
          [t("stock.warehouse"), <WarehouseName key="warehouse" id={shipment.warehouseId} />],
          [t("ship.reference"), shipment.reference || "–"],
          [t("ship.releasedAt"), format.time(shipment.releasedAt)],
        ]}
      />
      <table className="pick-table">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t("dimension.product")}</th>
            <th scope="col" className="num">
              {t("ship.pick.quantity")}
            </th>
            <th scope="col">{t("ship.pick.picked")}</th>
          </tr>
        </thead>
        <tbody>
          {open.map((line) => (
            <tr key={line.lineNo}>
              <td>{line.lineNo}</td>
              <td>
                <span className="two-lines">
                  <span>{line.productName || line.productId}</span>
                  <span className="soft mono">{line.productId}</span>
                </span>
              </td>
              <td className="num">
                {format.count(leftOf(line))} {line.baseUnit}
              </td>
              <td className="pick-box" aria-label={t("ship.pick.blank")} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td colSpan={2}>{t("table.total")}</td>
            <td className="num">{format.count(open.reduce((sum, line) => sum + leftOf(line), 0))}</td>
            <td />
          </tr>
        </tfoot>
      </table>
      <p className="pick-signs">
        <span>{t("ship.pick.by")}</span>
        <span>{t("ship.pick.checkedBy")}</span>
        <span>{t("ship.pick.at")}</span>
      </p>
    </div>
  );
}
