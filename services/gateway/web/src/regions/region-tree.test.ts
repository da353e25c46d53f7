import { describe, expect, it } from "vitest";
import { forestOf, matching, rowsOf, stepOf, type Region } from "./region-tree";

const region = (regionId: string, name: string, parentId: string, dealers = 0): Region => ({
  regionId, name, parentId, dealers, retiredOn: "",
});
const forest = forestOf([
  region("root", "全国", ""),
  region("east", "华东", "root", 1),
  region("west", "西部", "root", 4),
  region("jiangsu", "江苏", "east", 2),
  region("nanjing", "南京", "jiangsu", 3),
]);
const ids = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => row.region.regionId);

describe("a region tree", () => {
  it("shows what is open", () => {
    expect(ids(rowsOf(forest, new Set()))).toEqual(["root"]);
    const rows = rowsOf(forest, new Set(["root", "east"]));
    expect(ids(rows)).toEqual(["root", "east", "jiangsu", "west"]);
    expect(rows.map(({ level }) => level)).toEqual([1, 2, 3, 2]);
    expect(rows[3]).toMatchObject({ place: 2, beside: 2, hasChildren: false });
  });

  it("shows the ways to what is found, by name or id", () => {
    expect(ids(rowsOf(forest, new Set(), matching(forest, "南京")))).toEqual(["root", "east", "jiangsu", "nanjing"]);
    expect(ids(rowsOf(forest, new Set(), matching(forest, " WEST ")))).toEqual(["root", "west"]);
    expect(rowsOf(forest, new Set(["root"]), matching(forest, "nowhere"))).toEqual([]);
    expect(matching(forest, "  ")).toBeUndefined();
  });

  it("counts the dealers of all that is below", () => {
    expect(forest.dealersWithin("east")).toBe(6);
    expect(forest.dealersWithin("root")).toBe(10);
    expect([...forest.within("jiangsu")]).toEqual(["jiangsu", "nanjing"]);
  });

  it("is walked by keys", () => {
    const rows = rowsOf(forest, new Set(["root", "east"]));
    expect(stepOf("ArrowDown", rows, "root")).toEqual({ focus: "east" });
    expect(stepOf("ArrowUp", rows, "root")).toBeUndefined();
    expect(stepOf("ArrowRight", rows, "jiangsu")).toEqual({ open: "jiangsu" });
    expect(stepOf("ArrowRight", rows, "east")).toEqual({ focus: "jiangsu" });
    expect(stepOf("ArrowRight", rows, "west")).toBeUndefined();
    expect(stepOf("ArrowLeft", rows, "east")).toEqual({ close: "east" });
    expect(stepOf("ArrowLeft", rows, "jiangsu")).toEqual({ focus: "east" });
    expect(stepOf("End", rows, "root")).toEqual({ focus: "west" });
    expect(stepOf("Home", rows, "west")).toEqual({ focus: "root" });
    expect(stepOf("x", rows, "root")).toBeUndefined();
  });
});
