import { describe, expect, it } from "vitest";
import { translate } from "../i18n/i18n";
import { changedRows, classWords, NEW_ROW, rowProblem, rowsOf } from "./classes";

const known = [{ id: "gold", name: "金牌" }, { id: "silver", name: "银牌" }];

describe("levels in the form", () => {
  it("are sent only where they are new or called otherwise", () => {
    const rows = rowsOf(known);
    expect(changedRows(known, rows)).toEqual([]);
    const renamed = rows.map((row) => (row.id === "gold" ? { ...row, name: " 黄金 " } : row));
    const added = [...renamed, { id: "bronze", name: "铜牌", known: false }, NEW_ROW];
    expect(changedRows(known, added)).toEqual([{ id: "gold", name: "黄金" }, { id: "bronze", name: "铜牌" }]);
  });

  it("say what is wrong beside the row", () => {
    const of = (id: string, name: string) => rowProblem([...rowsOf(known), { id, name, known: false }], 2);
    expect(of("bronze", "铜牌")).toBeUndefined();
    expect(of("", "")).toBeUndefined();
    expect(of("bronze", " ")).toBe("classes.name.needed");
    expect(of("", "铜牌")).toBe("classes.id.bad");
    expect(of("Bronze", "铜牌")).toBe("classes.id.bad");
    expect(of("gold", "铜牌")).toBe("classes.id.twice");
    expect(rowProblem([{ id: "gold", name: "", known: true }], 0)).toBe("classes.name.needed");
  });
});

describe("what a dealer is", () => {
  const names = { levelName: (id: string) => known.find((one) => one.id === id)?.name ?? id, channelName: () => "餐饮" };
  const t = (key: Parameters<typeof translate>[1]) => translate("zh-CN", key);

  it("is said as far as it is something", () => {
    expect(classWords({ levelId: "gold", channelId: "catering" }, names, t)).toBe("金牌 · 餐饮");
    expect(classWords({ levelId: "", channelId: "catering" }, names, t)).toBe("餐饮");
    expect(classWords({ levelId: "", channelId: "" }, names, t)).toBe("无级别、无渠道");
  });
});
