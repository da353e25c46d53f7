import type { StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import type { Allowed, DialogProps, StockAct } from "./acts";
import { CountDialog } from "./count-dialog";
import { EndDialog } from "./end-dialog";
import { ReceiveDialog } from "./receive-dialog";
import { WarehousesDialog } from "./warehouses-dialog";

interface Props extends DialogProps {
  act: StockAct;
  allowed: Allowed;
  onAct: (act: StockAct) => void;
  onStale: () => void;
}

export function StockDialog({ act, allowed, onAct, onStale, ...rest }: Props) {
  if (act.kind === "count") return <CountDialog {...rest} item={act.item} warehouseId={act.warehouseId} />;
  if (act.kind === "receive") return <ReceiveDialog {...rest} item={act.item} />;
  const item = current(act.item, rest.listed);
  if (act.kind === "end") return <EndDialog {...rest} item={item} onStale={onStale} />;
  const count = (warehouseId: string) => onAct({ kind: "count", item, warehouseId });
  return <WarehousesDialog item={item} onCount={allowed.count ? count : undefined} onClose={rest.onClose} />;
}

/** As it is by now: an order may have taken some of it while the dialog was open. */
function current(item: StockItem, all: StockItem[]): StockItem {
  return all.find(({ productId }) => productId === item.productId) ?? item;
}
