import { useParams } from "react-router";
import { useI18n } from "../i18n/i18n";
import { MALL_PATH } from "../shell/surface";
import { Parcels } from "../shipments/parcels";
import { ShipmentFacts } from "../shipments/shipment-facts";
import { ShipmentLines } from "../shipments/shipment-lines";
import { useShipment } from "../shipments/use-shipment";
import { SHIPMENTS } from "../shipments/words";
import { FreshnessMark } from "../ui/freshness";
import { Loading, QueryView } from "../ui/states";
import { MallPage } from "./mall-page";

/** A shipment, as the dealer follows it. */
export default function MyShipmentPage() {
  const { id = "" } = useParams();
  return <MyShipment key={id} id={id} />;
}

function MyShipment({ id }: { id: string }) {
  const { t } = useI18n();
  const { query } = useShipment(id);
  return (
    <MallPage title={t("ship.of", { id })} back={`${MALL_PATH}/orders`} className="my-order">
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {({ shipment, lines, parcels, freshness }) =>
          shipment && (
            <>
              <section className="mall-card">
                <ShipmentFacts one={shipment} />
              </section>
              <Parcels lines={lines} parcels={parcels} />
              <ShipmentLines lines={lines} />
              <FreshnessMark freshness={freshness} projection={SHIPMENTS} />
            </>
          )
        }
      </QueryView>
    </MallPage>
  );
}
