// What enums of the contract are called here: in addresses, in texts and in class names.
import { ShipmentStatus } from "../gen/qudao/order/v1/shipment_query_service_pb";

/** The read model behind all lists of shipments. */
export const SHIPMENTS = "shipments";

export const STATUSES = {
  released: ShipmentStatus.RELEASED,
  acknowledged: ShipmentStatus.ACKNOWLEDGED,
  partlyShipped: ShipmentStatus.PARTLY_SHIPPED,
  shipped: ShipmentStatus.SHIPPED,
  withdrawn: ShipmentStatus.WITHDRAWN,
} as const;

export type StatusName = keyof typeof STATUSES;
