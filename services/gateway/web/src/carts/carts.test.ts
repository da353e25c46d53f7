import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { OrderLineSchema, ProductSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { draftBody, EMPTY_DRAFT, MOST_LINES } from "../orders/draft";
import { goodsOfOrder, withGoods } from "./goods";
import { matchRows, readRows, wantedOf } from "./paste";

const product = (productId: string, name: string, more: { unitPriceMinor?: bigint; retired?: boolean } = { unitPriceMinor: 350n }) =>
  create(ProductSchema, { productId, name, baseUnit: "瓶", packagings: [{ unit: "箱", baseQuantity: 24 }], ...more });

const TEA = product("tea-500", "冰红茶 500ml");
const COLA = product("cola-330", "可乐（罐装）330ml");
const SHELF = [TEA, COLA];

const read = (text: string) => readRows(text).rows.map(({ product: told, quantity, unit }) => [told, quantity, unit]);
const matched = (text: string, products = SHELF) => {
  const match = matchRows(readRows(text), products);
  return {
    goods: match.matched.map(({ product: meant, quantity, rows }) => [meant.productId, quantity, rows]),
    troubles: match.troubles.map(({ row, trouble }) => [row, trouble]),
  };
};

describe("rows of a sheet", () => {
  it("are divided by tabs, commas, or a space before the quantity", () => {
    expect(read("tea-500\t24\ncola-330\t6")).toEqual([["tea-500", 24, ""], ["cola-330", 6, ""]]);
    expect(read("tea-500,24\r\ncola-330，6")).toEqual([["tea-500", 24, ""], ["cola-330", 6, ""]]);
    expect(read("冰红茶 500ml 2箱")).toEqual([["冰红茶 500ml", 2, "箱"]]);
    expect(read("\n  \n")).toEqual([]);
  });

  it("have full-width digits and thousands separators", () => {
    expect(read("tea-500\t２４")).toEqual([["tea-500", 24, ""]]);
    expect(read("tea-500\t１２箱")).toEqual([["tea-500", 12, "箱"]]);
    expect(read("tea-500\t1,200")).toEqual([["tea-500", 1200, ""]]);
    expect(read('tea-500,"1,200"')).toEqual([["tea-500", 1200, ""]]);
    expect(read("tea-500\t1,234,567 瓶")).toEqual([["tea-500", 1234567, "瓶"]]);
    expect(read("tea-500\t24.00")).toEqual([["tea-500", 24, ""]]);
  });

  it("are not guessed where a comma may divide cells or thousands", () => {
    expect(readRows("tea-500,1,200").troubles.map(({ trouble }) => trouble)).toEqual(["ambiguousComma"]);
    expect(read("tea-500,24,3.50")).toEqual([["tea-500", 24, ""]]);
  });

  it("begin with the names of their columns, or do not", () => {
    const text = "序号\t商品名称\t单位\t数量\n1\t冰红茶 500ml\t箱\t2\n2\ttea-500\t瓶\t3";
    expect(read(text)).toEqual([["冰红茶 500ml", 2, "箱"], ["tea-500", 3, "瓶"]]);
    expect(read("Code,Qty\ntea-500,5")).toEqual([["tea-500", 5, ""]]);
    expect(readRows("随便写的\n").troubles.map(({ trouble }) => trouble)).toEqual(["noQuantity"]);
  });

  it("have the quantity after what else is said of the product, and the unit beside it", () => {
    expect(read("tea-500\t冰红茶\t24")).toEqual([["tea-500", 24, ""]]);
    expect(read("tea-500\t24\t箱")).toEqual([["tea-500", 24, "箱"]]);
    expect(read("tea-500\t24\t3.50")).toEqual([["tea-500", 24, ""]]);
  });

  it("say what is wrong with a quantity, by the number of the row", () => {
    const { troubles } = readRows("tea-500\t24\n\ntea-500\t1.5\ntea-500\t0\ntea-500\t-3\ntea-500\t很多\n\t5");
    expect(troubles.map(({ row, trouble }) => [row, trouble])).toEqual([
      [3, "notWhole"], [4, "notPositive"], [5, "notPositive"], [6, "noQuantity"], [7, "noQuantity"],
    ]);
  });
});

describe("the products of rows", () => {
  it("are found by id or by name, whatever their width and letters", () => {
    expect(matched("ＴＥＡ-500\t1\n冰红茶　500ML\t2\n可乐(罐装)330ml\t3").goods).toEqual([
      ["tea-500", 3, [1, 2]], ["cola-330", 3, [3]],
    ]);
  });

  it("are counted by their packagings, and added up", () => {
    const { goods, troubles } = matched("tea-500\t2箱\ntea-500\t6瓶\ntea-500\t1\ncola-330\t1 托");
    expect(goods).toEqual([["tea-500", 55, [1, 2, 3]]]);
    expect(troubles).toEqual([[4, "unknownUnit"]]);
  });

  it("have to be in the range, with a price, and one of a name", () => {
    const shelf = [TEA, product("x", "没有价格", {}), product("y", "停产", { unitPriceMinor: 1n, retired: true }), product("a", "同名"), product("b", "同名")];
    expect(matched("water\t1\nx\t1\ny\t1\n同名\t1\na\t1", shelf)).toEqual({
      goods: [["a", 1, [5]]],
      troubles: [[1, "unknown"], [2, "unknown"], [3, "unknown"], [4, "twoOfThem"]],
    });
  });

  it("are no more than an order takes", () => {
    expect(matched("tea-500\t1000000\ntea-500\t1").troubles).toEqual([[2, "tooMany"]]);
    const many = Array.from({ length: MOST_LINES + 1 }, (_, i) => product(`p-${i}`, `p ${i}`));
    expect(matched(many.map(({ productId }) => `${productId}\t1`).join("\n"), many).troubles).toEqual([[201, "tooManyProducts"]]);
  });

  it("are looked for by what may be an id, and by all names", () => {
    const { rows } = readRows("TEA-500\t1\n冰红茶　500ml\t1");
    expect(wantedOf(rows)).toEqual({ productIds: ["tea-500"], names: ["TEA-500", "冰红茶　500ml", "冰红茶 500ml"] });
  });
});

describe("goods on their way into a basket", () => {
  const shelf = new Map(SHELF.map((one) => [one.productId, one]));
  const goods = (productId: string, quantity: number) => ({ productId, name: productId, quantity });

  it("are added to what is there, or raise it", () => {
    const some = withGoods(EMPTY_DRAFT, [goods("tea-500", 24)], shelf, "add").draft;
    const more = (meeting: "add" | "raise", quantity: number) =>
      withGoods(some, [goods("tea-500", quantity)], shelf, meeting).draft.lines.map((line) => line.quantity);
    expect(more("add", 6)).toEqual([30]);
    expect(more("raise", 6)).toEqual([24]);
    expect(more("raise", 48)).toEqual([48]);
    expect(more("add", 1_000_000)).toEqual([1_000_000]);
  });

  it("are told where they can not be ordered, or where there is no room", () => {
    const { draft, missing } = withGoods(EMPTY_DRAFT, [goods("gone", 1), goods("cola-330", 2)], shelf, "add");
    expect(missing.map(({ productId }) => productId)).toEqual(["gone"]);
    expect(draft.lines.map(({ productId }) => productId)).toEqual(["cola-330"]);
    const line = draft.lines[0]!;
    const full = { ...draft, lines: Array.from({ length: MOST_LINES }, (_, i) => ({ ...line, productId: `p-${i}` })) };
    expect(withGoods(full, [goods("tea-500", 1)], shelf, "add").beyond).toHaveLength(1);
  });

  it("of an order are what was bought, without gifts", () => {
    const line = (productId: string, quantity: bigint, giftPromotionId = "") =>
      create(OrderLineSchema, { productId, productName: productId, quantity, giftPromotionId });
    const lines = [line("tea-500", 24n), line("tea-500", 6n), line("cup", 1n, "spring"), line("cola-330", 2n)];
    expect(goodsOfOrder({ lines })).toEqual([goods("tea-500", 30), goods("cola-330", 2)]);
  });

  it("make another order of a basket when its cart is another one", () => {
    const cart = { cartId: "CT-1", name: "十二月", version: "1" };
    expect(draftBody({ ...EMPTY_DRAFT, cart })).not.toBe(draftBody(EMPTY_DRAFT));
    expect(draftBody({ ...EMPTY_DRAFT, cart })).not.toBe(draftBody({ ...EMPTY_DRAFT, cart: { ...cart, version: "2" } }));
  });
});
