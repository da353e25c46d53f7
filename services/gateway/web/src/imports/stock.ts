// How much of products somebody has counted, warehouse by warehouse.
import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { StockQueryService, type StockItem } from "../gen/qudao/order/v1/stock_query_service_pb";
import { StockService } from "../gen/qudao/order/v1/stock_service_pb";
import { knownProducts } from "../products/find-products";
import { warehouseOf } from "../stock/warehouses";
import { everyRow } from "../tables/every-row";
import type { Cells } from "./fields";
import type { ImportColumn, ImportKind, Step } from "./kind";

const COLUMNS: ImportColumn[] = [
  { key: "warehouse_id", title: "sheet.warehouseId", needed: true, also: ["仓库", "warehouse"], example: "east" },
  { key: "product_id", title: "sheet.productId", needed: true, also: ["编号", "货号", "SKU", "id"], example: "tea-500" },
  { key: "on_hand", title: "stock.counted", needed: true, also: ["现存", "数量", "库存", "on hand", "quantity", "counted"], example: "1200" },
  { key: "reason", title: "sheet.reason", needed: false, also: ["备注", "note"], example: "月末盘点" },
];

const [MOST, MOST_REASON] = [1_000_000_000, 200];

export interface CountItem {
  warehouseId: string;
  productId: string;
  onHand: number;
  reason: string;
}

function read(cells: Cells): CountItem {
  const [warehouseId, productId] = [cells.id("warehouse_id", "sheet.warehouseId"), cells.id("product_id", "sheet.productId")];
  const onHand = cells.whole("on_hand", "stock.counted", 0, MOST);
  if (cells.raw("on_hand") === "") cells.wrong("import.bad.missing", { field: "stock.counted" });
  return { warehouseId, productId, onHand: onHand ?? 0, reason: cells.text("reason", "sheet.reason", MOST_REASON, 0) };
}

export function countStep({ warehouseId, productId, onHand, reason }: CountItem, kept: StockItem | undefined, stocking: Client<typeof StockService>): Step {
  const there = warehouseOf(kept, warehouseId);
  if (there?.onHand === BigInt(onHand)) return { kind: "same" };
  const body = { warehouseId, items: [{ productId, onHand }], reason };
  return {
    kind: "send",
    words: there ? "import.will.change" : "import.will.set",
    values: { before: there?.onHand.toString() ?? "", after: onHand.toString() },
    body,
    send: (requestId) => stocking.countStock({ ...body, requestId }),
  };
}

export function stockImport(transport: Transport): ImportKind<CountItem> {
  const orders = createClient(OrderQueryService, transport);
  const stock = createClient(StockQueryService, transport);
  const stocking = createClient(StockService, transport);
  return {
    title: "import.stock",
    note: "import.stock.note",
    columns: COLUMNS,
    read,
    once: ({ warehouseId, productId }) => `${warehouseId}/${productId}`,
    look: async (items, signal) => {
      const { products, position } = await knownProducts(orders, items.map(({ productId }) => productId), signal);
      const { rows } = await everyRow((page, stop) => stock.listStock({ page }, { signal: stop }), (part) => part.items, { signal, most: Infinity });
      const kept = new Map(rows.map((item) => [item.productId, item]));
      return {
        position,
        stepOf: (item) =>
          products.has(item.productId)
            ? countStep(item, kept.get(item.productId), stocking)
            : { kind: "bad", problems: [{ words: "import.bad.noProduct", values: { id: item.productId } }] },
      };
    },
  };
}
