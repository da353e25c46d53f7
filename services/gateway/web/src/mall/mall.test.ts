import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { GetOrderResponseSchema, ProductSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { PromotionVerdict, TriedPromotionSchema } from "../gen/qudao/order/v1/order_service_pb";
import { STATUSES } from "../orders/status";
import { entriesOf, found } from "./find";
import { offersOf } from "./offers";
import { ORDER_TAB_NAMES, orderTab, statusesOf } from "./order-tabs";
import { counted, isMixed, levelsOf, packed, packedWords, stepped, unitWords, usualLevel } from "./pack";
import { canOrder, categoriesOf, inPart, newest, recentOf } from "./range";
import { sounds } from "./sounds";

const product = (productId: string, name: string, categoryPath: string[] = ["饮料"], more: object = {}) =>
  create(ProductSchema, { productId, name, categoryPath, baseUnit: "瓶", unitPriceMinor: 100n, ...more });

const boxed = product("w", "水", ["饮料"], {
  packagings: [{ unit: "托", baseQuantity: 1_440 }, { unit: "箱", baseQuantity: 24 }],
});
const levels = levelsOf(boxed);
const plain = String;

describe("packaging", () => {
  it("goes from the largest unit to the base unit", () => {
    expect(levels.map(({ unit }) => unit)).toEqual(["托", "箱", "瓶"]);
    expect(usualLevel(levels)?.unit).toBe("箱");
    expect(usualLevel(levelsOf(product("x", "x")))?.unit).toBe("瓶");
  });

  it("is told in as few units as it takes", () => {
    expect(packedWords(78, levels, plain)).toBe("3箱6瓶");
    expect(packedWords(1_440, levels, plain)).toBe("1托");
    expect(packedWords(0, levels, plain)).toBe("0瓶");
    expect([unitWords(24, "瓶", plain), unitWords(12, "ea", plain)]).toEqual(["24瓶", "12 ea"]);
    expect(packed(1_470, levels).map(({ count }) => count)).toEqual([1, 1, 6]);
    const ea = levelsOf(create(ProductSchema, { baseUnit: "ea", packagings: [{ unit: "case", baseQuantity: 12 }] }));
    expect(packedWords(30, ea, plain)).toBe("2 case 6 ea");
  });

  it("is counted by whole units and keeps what is loose", () => {
    const box = usualLevel(levels)!;
    expect(stepped(6, box, 1)).toBe(30);
    expect(stepped(6, box, -1)).toBe(0);
    expect(stepped(1_000_000, box, 1)).toBe(1_000_000);
    expect(counted(3.9, box)).toBe(72);
    expect(counted(-1, box)).toBe(0);
    expect([isMixed(30, box), isMixed(48, box)]).toEqual([true, false]);
  });
});

describe("a search", () => {
  const shelf = [
    product("spring-550", "农夫山泉 550ml"),
    product("cola", "可口可乐", ["饮料", "碳酸"]),
    product("tea", "重庆沱茶", ["茶饮"]),
    product("nfsq", "Something else"),
  ];
  const ids = (query: string, by = entriesOf(shelf, sounds)) => found(by, query).map(({ productId }) => productId);

  it("finds by first letters of how it sounds", () => {
    expect(ids("NFSQ")).toEqual(["nfsq", "spring-550"]);
    expect(ids("kkkl")).toEqual(["cola"]);
    expect(ids("cqtc")).toEqual(["tea"]);
    expect(ids("nongfu")).toEqual(["spring-550"]);
  });

  it("finds by name, code and category, the closest first", () => {
    expect(ids("山泉")).toEqual(["spring-550"]);
    expect(ids("spring-550")).toEqual(["spring-550"]);
    expect(ids("碳酸")).toEqual(["cola"]);
    expect(ids("农夫山泉550")).toEqual(["spring-550"]);
    expect(ids(" ")).toEqual([]);
    expect(ids("zzz")).toEqual([]);
  });

  it("does without sounds until they are there", () => {
    expect(ids("nfsq", entriesOf(shelf))).toEqual(["nfsq"]);
    expect(ids("可乐", entriesOf(shelf))).toEqual(["cola"]);
  });
});

describe("the range", () => {
  const shelf = [product("a", "a", ["饮料", "水"]), product("b", "b", ["饮料", "果汁"]), product("c", "c", ["茶"])];

  it("is divided as its paths say", () => {
    const categories = categoriesOf(shelf);
    expect(categories.map(({ name, parts }) => [name, parts])).toEqual([["饮料", ["水", "果汁"]], ["茶", []]]);
    expect(inPart(categories[0]!.products, "果汁").map(({ productId }) => productId)).toEqual(["b"]);
    expect(inPart(shelf, "")).toHaveLength(3);
  });

  it("has new products, but not those it began with", () => {
    const at = (publishedAt: string) => ({ publishedAt });
    const now = Date.parse("2026-11-27T00:00:00Z");
    const dated = [
      product("first", "a", ["x"], at("2026-11-01T00:00:00Z")),
      product("same-day", "b", ["x"], at("2026-11-01T05:00:00Z")),
      product("later", "c", ["x"], at("2026-11-20T00:00:00Z")),
      product("latest", "d", ["x"], at("2026-11-26T00:00:00Z")),
    ];
    expect(newest(dated, now).map(({ productId }) => productId)).toEqual(["latest", "later"]);
    expect(newest(dated, now + 90 * 86_400_000)).toEqual([]);
    expect(newest([], now)).toEqual([]);
  });

  it("knows what was ordered lately, once, and without gifts", () => {
    const order = (...lines: { productId: string; giftPromotionId?: string }[]) => create(GetOrderResponseSchema, { lines });
    const byId = new Map([boxed, ...shelf, product("out", "o", ["x"], { available: 0n })].map((one) => [one.productId, one]));
    const orders = [
      order({ productId: "b" }, { productId: "w", giftPromotionId: "p" }, { productId: "gone" }),
      order({ productId: "out" }, { productId: "a" }, { productId: "b" }),
    ];
    expect(recentOf(orders, byId).map(({ productId }) => productId)).toEqual(["b", "a"]);
    expect(recentOf([], byId)).toEqual([]);
  });

  it("can be ordered where it has a price and is there", () => {
    expect([boxed, product("o", "o", ["x"], { available: 0n }), product("r", "r", ["x"], { retired: true })].map((one) => canOrder(one))).toEqual([true, false, false]);
    expect(canOrder(product("o", "o", ["x"], { available: 0n }), true)).toBe(true);
    expect(canOrder(create(ProductSchema, { productId: "none" }))).toBe(false);
  });
});

describe("offers", () => {
  const tried = (promotionId: string, verdict: PromotionVerdict) => create(TriedPromotionSchema, { promotionId, name: promotionId, verdict });

  it("are what counts, once each, with what they are about", () => {
    const { APPLIED, TOO_LITTLE, SCOPE, RAN_OUT } = PromotionVerdict;
    const offers = offersOf([
      { category: "饮料", promotions: [tried("p", TOO_LITTLE), tried("q", SCOPE), tried("gone", RAN_OUT)] },
      { category: "茶", promotions: [tried("p", APPLIED), tried("q", APPLIED)] },
    ]);
    expect(offers.map(({ promotionId, categories }) => [promotionId, categories])).toEqual([["p", ["饮料", "茶"]], ["q", ["茶"]]]);
  });
});

describe("tabs of orders", () => {
  it("have each status once", () => {
    const all = ORDER_TAB_NAMES.flatMap(statusesOf);
    expect([...all].sort()).toEqual(Object.values(STATUSES).sort());
    expect([orderTab("toPay"), orderTab("nonsense"), orderTab(null)]).toEqual(["toPay", "all", "all"]);
  });
});
