// Warehouses have no list of their own: they are known by what was counted in them.
import type { StockItem, WarehouseStock } from "../gen/qudao/order/v1/stock_query_service_pb";

const ID = /^[a-z0-9-]{1,64}$/;

export function isWarehouse(id: string): boolean {
  return ID.test(id);
}

export function availableIn({ onHand, reserved }: WarehouseStock): bigint {
  return onHand > reserved ? onHand - reserved : 0n;
}

export function warehouseOf(item: StockItem | undefined, id: string): WarehouseStock | undefined {
  return item?.warehouses.find(({ warehouseId }) => warehouseId === id);
}

/** Where a product is, before where others are. */
export function warehouseIds(item: StockItem | undefined, listed: StockItem[]): string[] {
  const idsOf = (items: StockItem[]) => items.flatMap(({ warehouses }) => warehouses.map(({ warehouseId }) => warehouseId));
  return [...new Set([...idsOf(item ? [item] : []), ...idsOf(listed).sort()])];
}

/** The only one that it can be. */
export function usualWarehouse(item: StockItem | undefined): string {
  return item?.warehouses.length === 1 ? (item.warehouses[0]?.warehouseId ?? "") : "";
}
