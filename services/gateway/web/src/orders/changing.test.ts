import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { Role } from "../gen/qudao/access/v1/access_pb";
import { OrderLineSchema, OrderSummarySchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { Reviewer, ReviewStep } from "../gen/qudao/order/v1/order_rules_service_pb";
import { openQuantity, wantedOf } from "./changing";
import { takesStep } from "./review";

const lines = [
  create(OrderLineSchema, { lineNo: 1, productId: "trail-1", quantity: 5n, closedQuantity: 1n }),
  create(OrderLineSchema, { lineNo: 2, productId: "race-2", quantity: 2n }),
];

describe("a change of an order", () => {
  it("names only what becomes another", () => {
    expect(openQuantity(lines[0]!)).toBe(4);
    expect(wantedOf(lines, new Map(), [])).toEqual({ lines: [], added: [] });
    expect(wantedOf(lines, new Map([[1, 4], [2, 0]]), [])).toEqual({ lines: [{ lineNo: 2, quantity: 0 }], added: [] });
  });

  it("adds what there is some of", () => {
    const added = [
      { productId: "tea", name: "Tea", unit: "箱", quantity: 3 },
      { productId: "cup", name: "Cup", unit: "只", quantity: 0 },
    ];
    expect(wantedOf(lines, new Map(), added).added).toEqual([{ productId: "tea", quantity: 3 }]);
  });
});

describe("a step of the review", () => {
  const order = (change = {}) =>
    create(OrderSummarySchema, { reviewStep: ReviewStep.FINANCE, reviewer: Reviewer.FINANCE, ...change });

  it("is taken by those who may, and by headquarters", () => {
    expect(takesStep([Role.FINANCE], order())).toBe(true);
    expect(takesStep([Role.HQ_ADMIN], order())).toBe(true);
    expect(takesStep([Role.REGION_MANAGER], order())).toBe(false);
    expect(takesStep([Role.REGION_MANAGER], order({ reviewer: Reviewer.UNSPECIFIED }))).toBe(false);
  });

  it("is nobody's when there is none, or the order was sent back", () => {
    expect(takesStep([Role.HQ_ADMIN], order({ reviewStep: ReviewStep.UNSPECIFIED }))).toBe(false);
    expect(takesStep([Role.HQ_ADMIN], order({ sentBack: true }))).toBe(false);
  });
});
