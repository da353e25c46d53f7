// What there is of the products of the made-up brand: some in several warehouses, some few, some none.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { ErrorInfoSchema, LocalizedMessageSchema } from "../gen/google/rpc/error_details_pb";
import { StockFilter, StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { StockService } from "../gen/qudao/order/v1/stock_service_pb";
import { WaitingQueryService } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { paged } from "./rows";
import type { World } from "./world";

interface Kept {
  warehouses: Map<string, { onHand: number; reserved: number }>;
  version: bigint;
  changedAt: string;
}

interface Goods {
  productId: string;
  quantity: number;
}

const has = (search: string, ...texts: string[]) => texts.join(" ").toLowerCase().includes(search.toLowerCase());

function beginning(world: World): Map<string, Kept> {
  const byName = [...world.products].sort((a, b) => a.name.localeCompare(b.name));
  const kept = new Map<string, Kept>();
  byName.slice(0, 24).forEach(({ productId }, i) => {
    if (i % 4 === 3) return;
    const onHand = [120, 3, 40, 0][(i * 7) % 4] ?? 0;
    const warehouses = new Map([["east-1", { onHand, reserved: Math.min(onHand, i % 3) }]]);
    if (i % 3 === 0) warehouses.set("west-2", { onHand: 1_250 + i, reserved: i });
    kept.set(productId, { warehouses, version: 2n, changedAt: new Date(Date.now() - i * 3_700_000).toISOString() });
  });
  return kept;
}

export function demoStock(world: World, isChecked: () => boolean, fresh: () => object, wake: () => void) {
  const all = beginning(world);
  const places = (kept: Kept) => [...kept.warehouses.values()];
  const freeOf = (kept: Kept) => Math.max(0, places(kept).reduce((free, { onHand, reserved }) => free + onHand - reserved, 0));
  const moved = (objectId: string) => {
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    return { receipt: { objectId, version: world.position, position: world.position } };
  };
  const change = (productId: string, warehouseId: string, apply: (place: { onHand: number; reserved: number }) => void) => {
    const kept = all.get(productId) ?? { warehouses: new Map(), version: 0n, changedAt: "" };
    const place = kept.warehouses.get(warehouseId) ?? { onHand: 0, reserved: 0 };
    apply(place);
    kept.warehouses.set(warehouseId, place);
    all.set(productId, { ...kept, version: kept.version + 1n, changedAt: new Date().toISOString() });
  };
  const reserve = (lines: Goods[], sign = 1) => {
    for (const { productId, quantity } of lines) {
      const [warehouseId] = all.get(productId)?.warehouses.keys() ?? [];
      if (warehouseId) change(productId, warehouseId, (place) => (place.reserved += sign * quantity));
    }
  };
  const row = ([productId, kept]: [string, Kept]) => {
    const product = world.products.find((one) => one.productId === productId);
    const total = (pick: (place: { onHand: number; reserved: number }) => number) => BigInt(places(kept).reduce((n, place) => n + pick(place), 0));
    return {
      productId, productName: product?.name ?? productId, baseUnit: "ea", version: kept.version, changedAt: kept.changedAt,
      onHand: total(({ onHand }) => onHand), reserved: total(({ reserved }) => reserved), available: BigInt(freeOf(kept)),
      warehouses: [...kept.warehouses].sort().map(([warehouseId, { onHand, reserved }]) => ({ warehouseId, onHand: BigInt(onHand), reserved: BigInt(reserved) })),
    };
  };
  const tooFew = ({ productId, quantity }: Goods) => {
    const kept = isChecked() ? all.get(productId) : undefined;
    return kept && freeOf(kept) < quantity ? freeOf(kept) : undefined;
  };

  return {
    /** A product with what can be ordered of it. */
    told: <Row extends { productId: string }>(product: Row) => {
      const kept = isChecked() ? all.get(product.productId) : undefined;
      return kept ? { ...product, available: BigInt(freeOf(kept)) } : product;
    },
    quoted: <Row extends Goods>(line: Row) => {
      const available = tooFew(line);
      return available === undefined ? line : { ...line, available };
    },
    reserve: (lines: Goods[]) => {
      if (lines.some((line) => tooFew(line) !== undefined)) throw outOfStock();
      if (isChecked()) reserve(lines);
    },
    release: (lines: Goods[]) => reserve(lines, -1),
    serve: ({ service }: ConnectRouter) => {
      service(StockQueryService, {
        listStock: ({ search, filter, page }) => {
          const rows = [...all].map(row).filter((one) => has(search, one.productName, one.productId));
          const fitting = rows.filter(({ available }) => filter === StockFilter.UNSPECIFIED || (filter === StockFilter.OUT) === (available === 0n));
          return { ...paged("items", fitting.sort((a, b) => a.productName.localeCompare(b.productName)), page), freshness: fresh() };
        },
      });
      // Nothing waits here: what is not there is refused.
      service(WaitingQueryService, {
        listBackOrderedProducts: ({ page }) => ({ ...paged("products", [], page), freshness: fresh() }),
        listBackOrders: ({ page }) => ({ ...paged("backOrders", [], page), freshness: fresh() }),
      });
      service(StockService, {
        countStock: ({ warehouseId, items }) => {
          for (const { productId, onHand } of items) change(productId, warehouseId, (place) => (place.onHand = onHand));
          return moved(items[0]?.productId ?? "");
        },
        receiveStock: ({ warehouseId, items }) => {
          for (const { productId, quantity } of items) change(productId, warehouseId, (place) => (place.onHand += quantity));
          return moved(items[0]?.productId ?? "");
        },
        endStock: ({ productId }) => {
          all.delete(productId);
          return moved(productId);
        },
      });
    },
  };
}

function outOfStock(): ConnectError {
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason: "OUT_OF_STOCK" }) };
  const words = { desc: LocalizedMessageSchema, value: create(LocalizedMessageSchema, { locale: "zh-CN", message: "有商品库存不足" }) };
  return new ConnectError("too little stock", Code.FailedPrecondition, undefined, [info, words]);
}
