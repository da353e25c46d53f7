// What somebody wants of an order, as it is asked for.
import type { OrderLine } from "../gen/qudao/order/v1/order_query_service_pb";

/** Goods besides those that the order has. */
export interface Added {
  productId: string;
  name: string;
  unit: string;
  quantity: number;
}

/** What a line has without what will not come of it. */
export function openQuantity(line: OrderLine): number {
  return Number(line.quantity - line.closedQuantity);
}

/** The lines that should have another quantity, and what is added; what stays is not named. */
export function wantedOf(lines: OrderLine[], quantities: ReadonlyMap<number, number>, added: Added[]) {
  const moved = lines
    .filter((line) => quantities.has(line.lineNo) && quantities.get(line.lineNo) !== openQuantity(line))
    .map((line) => ({ lineNo: line.lineNo, quantity: quantities.get(line.lineNo) ?? 0 }));
  const more = added.filter((one) => one.quantity > 0).map(({ productId, quantity }) => ({ productId, quantity }));
  return { lines: moved, added: more };
}
