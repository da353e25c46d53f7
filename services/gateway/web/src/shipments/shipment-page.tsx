import { PrinterOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { Link, useNavigate, useParams } from "react-router";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import type { GetShipmentResponse } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { isDealer, useMay, useUser } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { Parcels } from "./parcels";
import { leftOf } from "./rules";
import { ShipmentActions } from "./shipment-actions";
import { ShipmentFacts } from "./shipment-facts";
import { ShipmentLines } from "./shipment-lines";
import { useShipment } from "./use-shipment";
import { SHIPMENTS } from "./words";

export default function ShipmentPage() {
  const { id = "" } = useParams();
  return <One key={id} id={id} />;
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const { query, setSeen } = useShipment(id);
  return (
    <Page
      title={t("ship.of", { id })}
      extra={
        query.data?.shipment && (
          <>
            <PrintButton data={query.data} />
            <ShipmentActions data={query.data} onDone={setSeen} onStale={query.refetch} />
          </>
        )
      }
    >
      <p className="back">
        <Link to="/shipments">‹ {t("nav.shipments")}</Link>
      </p>
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {(data) =>
          data.shipment && (
            <>
              <Panel>
                <ShipmentFacts one={data.shipment} />
                <FreshnessMark freshness={data.freshness} projection={SHIPMENTS} />
              </Panel>
              <Parts data={data} />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

/** A list for whoever picks the goods; of what has left, nobody needs one. */
function PrintButton({ data: { shipment } }: { data: GetShipmentResponse }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const own = isDealer(useUser());
  if (own || !shipment || leftOf(shipment) <= 0) return null;
  return (
    <Button icon={<PrinterOutlined />} data-pick onClick={() => void navigate(`/shipments/${encodeURIComponent(shipment.shipmentId)}/pick`)}>
      {t("ship.pick")}
    </Button>
  );
}

function Parts({ data }: { data: GetShipmentResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const hasHistory = may(HistoryService.method.getObjectHistory);
  const tab = hasHistory && params.get("tab") === "history" ? "history" : "goods";
  return (
    <>
      {hasHistory && (
        <Segmented
          aria-label={t("ship.views")}
          value={tab}
          options={[
            { value: "goods", label: t("order.goods") },
            { value: "history", label: t("nav.history") },
          ]}
          onChange={(next) => change({ tab: next === "history" ? "history" : "" }, { replace: true })}
        />
      )}
      {tab === "history" ? (
        <ObjectHistory object={`shipment/${data.shipment?.shipmentId ?? ""}`} tick={data.shipment?.version.toString() ?? ""} />
      ) : (
        <>
          <ShipmentLines lines={data.lines} />
          <Parcels lines={data.lines} parcels={data.parcels} />
        </>
      )}
    </>
  );
}
