import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { StockService } from "../gen/qudao/order/v1/stock_service_pb";
import { useMay } from "../session/session";

export type StockAct =
  /** Of a product that is chosen in the dialog, or of this one. */
  | { kind: "count"; item?: StockItem; warehouseId?: string }
  | { kind: "receive"; item?: StockItem }
  | { kind: "end"; item: StockItem }
  /** Looks at it only. */
  | { kind: "see"; item: StockItem };

export interface Allowed {
  count: boolean;
  receive: boolean;
  end: boolean;
}

export function useAllowed(): Allowed {
  const may = useMay();
  const { countStock, receiveStock, endStock } = StockService.method;
  return { count: may(countStock), receive: may(receiveStock), end: may(endStock) };
}

export interface DialogProps {
  /** What is in the list, for the warehouses in it. */
  listed: StockItem[];
  onClose: () => void;
  onDone: (position: bigint) => void;
}
