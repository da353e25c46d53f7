import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { ShipmentQueryService } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { useTick } from "../live/live";
import { SHIPMENTS } from "./words";

/** One shipment with its lines and what left of it; `setSeen` says how far what was done here is in the log. */
export function useShipment(shipmentId: string) {
  const shipments = useClient(ShipmentQueryService);
  const [seen, setSeen] = useState(0n);
  const query = useQuery(`shipment/${shipmentId}`, (signal) => shipments.getShipment({ shipmentId, minPosition: seen }, { signal }), {
    tick: `${useTick(SHIPMENTS)}/${seen}`,
  });
  return { query, setSeen };
}
