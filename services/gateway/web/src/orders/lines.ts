import type { OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";

/** What is still to be shipped of a line: what was ordered, without what will not come. */
export const toShip = (line: OrderLine) => line.quantity - line.closedQuantity - line.shipped;

/** What a line costs after discounts, without what will not come. */
export const netOf = (line: OrderLine) => line.grossMinor - line.offMinor - line.closedNetMinor;
