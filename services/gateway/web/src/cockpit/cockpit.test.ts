import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ANONYMOUS } from "../api/transport";
import { Grain, SalesDimension, SalesQueryService, SalesRowSchema } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { previewTransport } from "../preview/transport";
import { sum } from "../format/number";
import { remainder } from "./figures";
import { seriesOf } from "./series";
import { ordersSearch, readState, stepInto, stepsUpTo } from "./state";
import { regionTree } from "./use-regions";

const row = (grossMinor: bigint, quantity: bigint) =>
  create(SalesRowSchema, { figures: { grossMinor, quantity, orders: 1n, averageOrderMinor: grossMinor } });

describe("the cockpit's URL", () => {
  const params = new URLSearchParams("period=2011-Q3&region=us-west&product=jekyll");

  it("holds the path in the order it was gone", () => {
    expect(readState(params).steps.map((step) => step.kind)).toEqual(["region", "product"]);
    const swapped = readState(new URLSearchParams("dealer=a&region=b"));
    expect(swapped.steps.map((step) => step.kind)).toEqual(["dealer", "region"]);
  });

  it("goes down and comes back up", () => {
    const down = stepInto(params, { kind: "dealer", id: "denver" });
    expect(down.toString()).toBe("period=2011-Q3&region=us-west&product=jekyll&dealer=denver");
    expect(stepsUpTo(down, readState(down).steps, 1).toString()).toBe("period=2011-Q3&region=us-west");
    expect(stepInto(params, { kind: "region", id: "us-ca" }).toString()).toContain("region=us-ca&product");
  });

  it("takes its filters along to the orders", () => {
    expect(ordersSearch(readState(params))).toBe("?region=us-west&product=jekyll&from=2011-07-01&to=2011-09-30");
    expect(ordersSearch(readState(new URLSearchParams()))).toBe("");
  });

  it("survives nonsense", () => {
    const state = readState(new URLSearchParams("period=soon&measure=constructor&region="));
    expect(state).toEqual({ period: "soon", dates: undefined, measure: "gross", steps: [] });
  });
});

describe("a table of sales", () => {
  it("adds up to its total however much is cut off", () => {
    const total = { grossMinor: 100n, quantity: 10n, orders: 5n, averageOrderMinor: 20n };
    const rows = [row(60n, 6n), row(30n, 3n)];
    const rest = remainder(rows, total);
    expect(rest?.grossMinor).toBe(10n);
    expect(60n + 30n + (rest?.grossMinor ?? 0n)).toBe(total.grossMinor);
    expect(remainder([...rows, row(10n, 1n)], total)).toBeUndefined();
  });

  it("has the same sum on every way down", async () => {
    const transport = previewTransport(ANONYMOUS);
    const sales = createClient(SalesQueryService, transport);
    const { total } = await sales.querySales({});
    for (const dimension of [SalesDimension.REGION, SalesDimension.PRODUCT, SalesDimension.DEALER, SalesDimension.ORDER]) {
      const { rows } = await sales.querySales({ dimensions: [dimension], limit: 10_000 });
      expect(sum(rows.map((r) => r.figures?.grossMinor ?? 0n))).toBe(total?.figures?.grossMinor);
    }
  });
});

describe("the region tree", () => {
  const at = (regionId: string, parentId: string) =>
    ({ regionId, parentId, name: regionId, path: [] }) as unknown as Parameters<typeof regionTree>[0][number];
  const tree = regionTree([at("root", ""), at("west", "root"), at("ca", "west")]);

  it("leads from below the root to a region", () => {
    expect(tree.pathTo("ca").map((r) => r.regionId)).toEqual(["west", "ca"]);
    expect(tree.childrenOf("").map((r) => r.regionId)).toEqual(["west"]);
    expect(tree.childrenOf("ca")).toEqual([]);
  });
});

describe("a series", () => {
  const sold = (id: string) => create(SalesRowSchema, { keys: [{ id }], figures: { grossMinor: 1n } });
  const dates = { from: "2011-01-07", to: "2026-11-23" };
  const rows = [sold("2011-01-01"), sold("2011-03-01"), sold("2026-11-01")];

  it("has zeros for quiet months and one place for quiet years", () => {
    const points = seriesOf(rows, dates, Grain.MONTH, true);
    expect(points.map((point) => point.name)).toEqual(["2011-01", "2011-02", "2011-03", "⋯", "2026-11"]);
    expect(points[3]?.emptyUntil).toBe("2026-10");
  });

  it("is unfolded in a chosen period", () => {
    expect(seriesOf(rows, dates, Grain.MONTH, false)).toHaveLength(191);
  });
});
