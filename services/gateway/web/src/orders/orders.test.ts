import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { OrderLineSchema, ProductSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { BackOrderRule } from "../gen/qudao/order/v1/order_rules_service_pb";
import { QuoteOrderResponseSchema } from "../gen/qudao/order/v1/order_service_pb";
import { acceptPrices, addProduct, attemptOf, draftBody, draftGross, EMPTY_DRAFT, linePrice, priceChanges, setQuantity, shortOf, totalsOf, waitsOf } from "./draft";
import { netOf, toShip } from "./lines";
import { requestIdFor } from "./request-id";

const product = (productId: string, unitPriceMinor?: bigint, retired = false) =>
  create(ProductSchema, {
    productId,
    name: productId,
    baseUnit: "ea",
    retired,
    ...(unitPriceMinor !== undefined && { unitPriceMinor }),
  });

const draft = addProduct(addProduct(addProduct(EMPTY_DRAFT, product("a", 250n)), product("a", 250n)), product("b", 100n));

describe("a draft", () => {
  it("counts a product that is added twice", () => {
    expect(draft.lines.map((line) => line.quantity)).toEqual([2, 1]);
    expect(draftGross(draft)).toBe(600n);
  });

  it("takes only what can be ordered", () => {
    expect(addProduct(EMPTY_DRAFT, product("c")).lines).toEqual([]);
    expect(addProduct(EMPTY_DRAFT, product("c", 5n, true)).lines).toEqual([]);
  });

  it("drops a line at zero and stops at a million", () => {
    expect(setQuantity(draft, "a", 0).lines.map((line) => line.productId)).toEqual(["b"]);
    expect(setQuantity(draft, "b", 5_000_000).lines[1]?.quantity).toBe(1_000_000);
  });

  it("asks again when prices have changed", () => {
    const now = new Map([["a", product("a", 300n)], ["b", product("b", 100n, true)]]);
    const changes = priceChanges(draft, now);
    expect(changes.map(({ before, after }) => [before, after])).toEqual([[250n, 300n], [100n, undefined]]);
    const accepted = acceptPrices(draft, changes);
    expect(draftGross(accepted)).toBe(600n);
    expect(priceChanges(accepted, now)).toEqual([]);
  });
});

describe("a line with quantity breaks", () => {
  const steps = [{ fromQuantity: 10, unitPriceMinor: 330n }, { fromQuantity: 100, unitPriceMinor: 300n }];
  const bottle = (price: bigint, breaks = steps) => create(ProductSchema, { productId: "w", name: "w", baseUnit: "瓶", unitPriceMinor: price, breaks });
  const of = (quantity: number) => setQuantity(addProduct(EMPTY_DRAFT, bottle(350n)), "w", quantity);

  it("costs what so many cost", () => {
    expect([1, 9, 10, 99, 100].map((quantity) => of(quantity).lines.map(linePrice)[0])).toEqual([350n, 350n, 330n, 330n, 300n]);
    expect(draftGross(of(10))).toBe(3_300n);
    expect(draftBody(of(9))).not.toBe(draftBody(of(10)));
  });

  it("is compared at its quantity, and takes all new prices along", () => {
    const [first] = steps;
    const now = new Map([["w", bottle(350n, [{ ...first!, unitPriceMinor: 320n }])]]);
    const [change] = priceChanges(of(12), now);
    expect(change).toMatchObject({ before: 330n, after: 320n });
    expect(priceChanges(of(1), now)).toMatchObject([{ before: 350n, after: 350n }]);
    expect(draftGross(setQuantity(acceptPrices(of(12), [change!]), "w", 100))).toBe(32_000n);
    expect(priceChanges(of(12), new Map([["w", bottle(350n)]]))).toEqual([]);
  });

  it("goes when the dealer does not see the product", () => {
    const changes = priceChanges(of(3), new Map());
    expect(changes).toMatchObject([{ before: 350n, after: undefined }]);
    expect(acceptPrices(of(3), changes).lines).toEqual([]);
  });
});

describe("a request id", () => {
  it("stays with its body, so that a second click is no second order", () => {
    const first = requestIdFor(undefined, draftBody(draft));
    expect(requestIdFor(first, draftBody(draft))).toBe(first);
    const other = requestIdFor(first, draftBody(setQuantity(draft, "a", 7)));
    expect(other.requestId).not.toBe(first.requestId);
  });
});

describe("an attempt", () => {
  const at550 = { netMinor: "550", fingerprint: "a" };
  const at600 = { netMinor: "600", fingerprint: "b" };

  it("is another one at another amount", () => {
    expect(draftBody(draft, at550)).not.toBe(draftBody(draft, at600));
    expect(draftBody(draft, at550)).not.toBe(draftBody(draft));
    expect(draftBody(draft, at550)).not.toBe(draftBody(draft, { ...at550, fingerprint: "other gifts" }));
    const first = attemptOf(draft, at550);
    expect(first).toMatchObject({ body: draftBody(draft, at550), seen: at550 });
    expect(attemptOf(draft, undefined).seen).toBeUndefined();
  });

  it("is repeated as it was while nobody knows what came of it", () => {
    const sent = attemptOf(draft, at550);
    expect(attemptOf({ ...draft, sent }, at600)).toBe(sent);
    expect(attemptOf({ ...draft, sent }, undefined)).toBe(sent);
    const other = attemptOf({ ...setQuantity(draft, "a", 7), sent }, at550);
    expect(other.requestId).not.toBe(sent.requestId);
  });
});

describe("stock", () => {
  const quote = create(QuoteOrderResponseSchema, {
    lines: [{ productId: "a", available: 0 }, { productId: "b" }, { productId: "gone", available: 1 }],
  });

  it("is short of what the quote says, in the basket only", () => {
    expect(shortOf(draft, undefined)).toBe(0);
    expect(shortOf(draft, quote)).toBe(1);
    expect(shortOf(setQuantity(draft, "a", 0), quote)).toBe(0);
  });
});

describe("totals", () => {
  const quote = create(QuoteOrderResponseSchema, { grossMinor: 600n, offMinor: 50n, netMinor: 550n });

  it("are those of the quote for exactly this basket", () => {
    expect(totalsOf(draft, quote, true)).toEqual({ gross: 600n, off: 50n, net: 550n });
    expect(totalsOf(draft, undefined, false)).toEqual({ gross: 600n, off: 0n, net: 600n });
  });

  it("take the last discount along until the next is known, and never below nothing", () => {
    const more = setQuantity(draft, "a", 4);
    expect(totalsOf(more, quote, false)).toEqual({ gross: 1100n, off: 50n, net: 1050n });
    expect(totalsOf(EMPTY_DRAFT, quote, false)).toEqual({ gross: 0n, off: 0n, net: 0n });
  });
});

describe("a line of an order that was closed short", () => {
  const line = create(OrderLineSchema, { quantity: 10n, shipped: 6n, grossMinor: 1000n, offMinor: 100n });

  it("has nothing to ship any more, and costs what was shipped", () => {
    expect([toShip(line), netOf(line)]).toEqual([4n, 900n]);
    const closed = create(OrderLineSchema, { ...line, closedQuantity: 4n, closedNetMinor: 360n });
    expect([toShip(closed), netOf(closed)]).toEqual([0n, 540n]);
  });
});

describe("what waits for goods", () => {
  const quote = (backOrders: BackOrderRule) =>
    create(QuoteOrderResponseSchema, { backOrders, lines: [{ productId: "a", available: 1, wouldWait: 1 }, { productId: "b" }] });

  it("is as the brand says until the person says otherwise", () => {
    const { UNSPECIFIED, ASK, ALWAYS } = BackOrderRule;
    expect([UNSPECIFIED, ASK, ALWAYS].map((rule) => waitsOf(draft, quote(rule)))).toEqual([false, false, true]);
    expect([UNSPECIFIED, ASK, ALWAYS].map((rule) => waitsOf({ ...draft, backOrder: true }, quote(rule)))).toEqual([false, true, true]);
    expect(waitsOf({ ...draft, backOrder: false }, quote(ALWAYS))).toBe(false);
  });

  it("keeps an order back only where it does not wait", () => {
    expect(shortOf(draft, quote(BackOrderRule.ASK))).toBe(1);
    expect(shortOf({ ...draft, backOrder: true }, quote(BackOrderRule.ASK))).toBe(0);
    expect(shortOf({ ...draft, backOrder: true }, quote(BackOrderRule.UNSPECIFIED))).toBe(1);
  });

  it("is part of what goes out", () => {
    expect(draftBody({ ...draft, backOrder: true })).not.toBe(draftBody(draft));
  });
});
