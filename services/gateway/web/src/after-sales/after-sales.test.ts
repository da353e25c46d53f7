import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AfterSaleGoodsSchema, AfterSaleSchema, AfterSaleStatus } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleCause, AfterSaleService, AfterSaleSettlement } from "../gen/qudao/order/v1/after_sale_service_pb";
import { OrderLineSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { DifferenceKind } from "../gen/qudao/order/v1/order_service_pb";
import { addDifference, changeDifference, dropDifference, otherKinds, receiveForm, receiveProblem, receiveRequest, restOf, wellOf } from "./receive-form";
import { changeLine, pieces, requestForm, requestOf } from "./request-form";
import { allBack, returnedLines, returnForm, tooMuch } from "./return-form";
import { acceptedOf, actionsFor, claimableOf, expectedOf, statusesOf, worthOf } from "./rules";

const line = (lineNo: number, numbers: Partial<Record<"quantity" | "shipped" | "received" | "disputed" | "claimed" | "settled" | "grossMinor" | "closedQuantity", bigint>>) =>
  create(OrderLineSchema, { lineNo, productId: `p-${lineNo}`, productName: "", baseUnit: "瓶", ...numbers });

const goods = (lineNo: number, quantity: number, cause: AfterSaleCause, back: Partial<Record<"sellable" | "scrap" | "rejected", number>> = {}) =>
  create(AfterSaleGoodsSchema, { lineNo, quantity, cause, ...back });

describe("goods that arrive", () => {
  const form = receiveForm([line(1, { quantity: 10n, shipped: 10n }), line(2, { quantity: 5n, shipped: 5n, received: 3n, disputed: 2n }), line(3, { quantity: 6n, shipped: 4n })]);
  const [first, second] = form;

  it("are those that were shipped and of which nothing was said", () => {
    expect(form.map(({ lineNo, open }) => [lineNo, open])).toEqual([[1, 10], [3, 4]]);
  });

  it("are as they should be unless somebody says otherwise", () => {
    expect(receiveProblem(form)).toBeUndefined();
    expect(receiveRequest(form)).toEqual({ lines: [{ lineNo: 1, quantity: 10 }, { lineNo: 3, quantity: 4 }], differences: [] });
  });

  it("are fewer by what differs", () => {
    const damaged = changeDifference(addDifference(first!), 0, { kind: "damaged", quantity: 3, note: " 瓶碎 " });
    expect(wellOf(damaged)).toBe(7);
    expect(restOf(damaged)).toBe(0);
    expect(receiveRequest([damaged, second!])).toEqual({
      lines: [{ lineNo: 1, quantity: 7 }, { lineNo: 3, quantity: 4 }],
      differences: [{ lineNo: 1, kind: DifferenceKind.DAMAGED, quantity: 3, note: "瓶碎" }],
    });
    expect(dropDifference(damaged, 0)).toEqual(first);
  });

  it("can be wrong in each way once", () => {
    const thrice = addDifference(addDifference(addDifference(first!)));
    expect(thrice.differences.map(({ kind }) => kind)).toEqual(["short", "damaged", "wrongGoods"]);
    expect(otherKinds(thrice)).toEqual([]);
    expect(addDifference(thrice)).toBe(thrice);
  });

  it("can not be more than were shipped, nor none at all", () => {
    expect(receiveProblem([{ ...addDifference(first!), well: 10 }])).toBe("tooMany");
    expect(receiveProblem(form.map((one) => ({ ...one, well: 0 })))).toBe("nothing");
  });

  it("can all differ, but not some of them where nothing arrived well", () => {
    const all = changeDifference(addDifference(first!), 0, { quantity: 10 });
    expect(receiveProblem([all])).toBeUndefined();
    expect(receiveRequest([all]).lines).toEqual([]);
    const some = { ...changeDifference(addDifference(first!), 0, { quantity: 4 }), well: 0 };
    expect(receiveProblem([some])).toBe("nothingWell");
  });
});

describe("a request", () => {
  const lines = [line(1, { received: 8n, disputed: 2n, claimed: 2n, settled: 1n }), line(2, { shipped: 5n })];

  it("is about what arrived and is in no other case", () => {
    expect(claimableOf(lines[0]!)).toBe(7);
    expect(requestForm(lines).lines.map(({ lineNo, open }) => [lineNo, open])).toEqual([[1, 7]]);
  });

  it("says what for, and leaves out what nobody asked for", () => {
    const form = changeLine(requestForm([...lines, line(3, { received: 4n })]), 3, { quantity: 2, cause: "nearExpiry", note: "还有两周 " });
    expect(pieces(form)).toBe(2);
    expect(requestOf({ ...form, wish: "replacement", note: " 请换货" })).toEqual({
      wish: AfterSaleSettlement.REPLACEMENT,
      note: "请换货",
      lines: [{ lineNo: 3, quantity: 2, cause: AfterSaleCause.NEAR_EXPIRY, note: "还有两周" }],
    });
  });
});

describe("goods that come back", () => {
  const form = returnForm({
    lines: [goods(1, 5, AfterSaleCause.DAMAGED, { scrap: 2 }), goods(1, 3, AfterSaleCause.SHORT), goods(2, 4, AfterSaleCause.UNSOLD), goods(3, 2, AfterSaleCause.OTHER, { rejected: 2 })],
  });

  it("are those that the dealer has and that are not back yet", () => {
    expect(form.map(({ goods: { lineNo }, open, sellable, scrap }) => [lineNo, open, sellable, scrap])).toEqual([[1, 3, 0, 3], [2, 4, 4, 0]]);
    expect(allBack(form)).toBe(true);
    expect(tooMuch(form)).toBe(false);
  });

  it("are told line by line, without those of which nothing came", () => {
    const part = form.map((one, i) => ({ ...one, sellable: i === 1 ? 1 : 0, scrap: 0, rejected: i === 1 ? 2 : 0 }));
    expect(allBack(part)).toBe(false);
    expect(returnedLines(part)).toEqual([{ lineNo: 2, cause: AfterSaleCause.UNSOLD, sellable: 1, scrap: 0, rejected: 2 }]);
    expect(tooMuch(part.map((one) => ({ ...one, rejected: 4 })))).toBe(true);
  });
});

describe("a case", () => {
  const told = (status: AfterSaleStatus, ratedGoods = 0) => create(AfterSaleSchema, { status, requestedBy: "lin", ratedGoods });
  const all = () => true;

  it("is worth what was paid for what is settled of it", () => {
    // 1000 for three: 333 and a bit each, and all three together exactly 1000.
    const ofOrder = (settled: bigint) => [line(1, { quantity: 3n, grossMinor: 1000n, settled })];
    const one = { goodsReturn: false, lines: [goods(1, 1, AfterSaleCause.SHORT)] };
    expect([0n, 1n, 2n].map((settled) => worthOf(one, ofOrder(settled)))).toEqual([333n, 333n, 334n]);
    const twice = { goodsReturn: true, lines: [goods(1, 2, AfterSaleCause.DAMAGED, { scrap: 1, rejected: 1 }), goods(1, 1, AfterSaleCause.SHORT)] };
    expect(twice.lines.map((each) => acceptedOf(each, true))).toEqual([1, 1]);
    expect(worthOf(twice, ofOrder(0n))).toBe(666n);
    expect(expectedOf(twice.lines[0]!)).toBe(0);
  });

  it("is approved and settled by others than who asked for it", () => {
    const { REQUESTED, TO_SETTLE, AWAITING_RETURN, SETTLED, REFUSED } = AfterSaleStatus;
    expect(actionsFor(told(REQUESTED), "mei", all)).toEqual(["approve", "refuse", "withdraw"]);
    expect(actionsFor(told(REQUESTED), "lin", all)).toEqual(["refuse", "withdraw"]);
    expect(actionsFor(told(TO_SETTLE), "mei", all)).toEqual(["settle"]);
    expect(actionsFor(told(TO_SETTLE), "lin", all)).toEqual([]);
    expect(actionsFor(told(AWAITING_RETURN), "mei", all)).toEqual(["receive", "ship", "refuse", "withdraw"]);
    expect(actionsFor(told(SETTLED), "lin", all)).toEqual(["rate"]);
    expect(actionsFor(told(SETTLED, 4), "lin", all)).toEqual([]);
    expect(actionsFor(told(REFUSED), "mei", all)).toEqual([]);
    expect(actionsFor(told(REQUESTED), "mei", (method) => method === AfterSaleService.method.withdrawAfterSale)).toEqual(["withdraw"]);
  });

  it("is listed by who has to do something about it, or by one status", () => {
    const of = (query: string) => statusesOf(new URLSearchParams(query));
    expect(of("tab=goods")).toHaveLength(3);
    expect(of("status=settled")).toEqual([AfterSaleStatus.SETTLED]);
    expect(of("tab=toString")).toEqual([]);
    expect(of("")).toEqual([]);
  });
});
