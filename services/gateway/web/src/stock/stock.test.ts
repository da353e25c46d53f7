import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { StockItemSchema, WarehouseStockSchema } from "../gen/qudao/order/v1/stock_query_service_pb";
import { availableText, leftOf } from "./left";
import { availableIn, isWarehouse, usualWarehouse, warehouseIds, warehouseOf } from "./warehouses";

const item = (productId: string, ...ids: string[]) =>
  create(StockItemSchema, { productId, warehouses: ids.map((warehouseId) => ({ warehouseId, onHand: 5n, reserved: 2n })) });

describe("what is left", () => {
  it("is told when there are few, and of a product that is kept only", () => {
    expect([undefined, 21n, 20n, 1n, 0n].map(leftOf)).toEqual(["enough", "enough", "few", "few", "out"]);
  });

  it("is told to dealers up to a bound, as the server does", () => {
    expect([99n, 100n].map((n) => availableText(n, true, String))).toEqual(["99", "100+"]);
    expect([100n, 5_000n].map((n) => availableText(n, false, String))).toEqual(["100", "5000"]);
  });
});

describe("warehouses", () => {
  it("have an id of a certain form", () => {
    expect(["journey", "east-1", "", "East", "东仓", "a".repeat(65)].map(isWarehouse)).toEqual([true, true, false, false, false, false]);
  });

  it("are offered once, those of the product first", () => {
    const listed = [item("a", "west"), item("b", "east", "west")];
    expect(warehouseIds(item("c", "north", "west"), listed)).toEqual(["north", "west", "east"]);
    expect(warehouseIds(undefined, listed)).toEqual(["east", "west"]);
    expect(warehouseIds(undefined, [])).toEqual([]);
  });

  it("are filled in where there is only one", () => {
    expect(usualWarehouse(item("a", "west"))).toBe("west");
    expect(usualWarehouse(item("a", "east", "west"))).toBe("");
    expect(usualWarehouse(undefined)).toBe("");
    expect(warehouseOf(item("a", "west"), "west")?.onHand).toBe(5n);
    expect(warehouseOf(item("a", "west"), "east")).toBeUndefined();
  });

  it("have nothing left for orders when more is reserved than there is", () => {
    expect(availableIn(create(WarehouseStockSchema, { onHand: 5n, reserved: 2n }))).toBe(3n);
    expect(availableIn(create(WarehouseStockSchema, { onHand: 1n, reserved: 2n }))).toBe(0n);
  });
});
