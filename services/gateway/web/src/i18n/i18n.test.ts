import { describe, expect, it } from "vitest";
import { en } from "./en";
import { translate } from "./i18n";
import { zh } from "./zh";

const holes = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe("texts", () => {
  it("have the same keys in both languages", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  it("are never empty and leave the same holes", () => {
    for (const [key, text] of Object.entries(zh)) {
      expect(text.trim(), key).not.toBe("");
      expect(holes(en[key as keyof typeof zh]), key).toEqual(holes(text));
    }
  });

  it("choose a form by number", () => {
    expect(translate("en", "order.pieces", { n: 1 })).toBe("1 unit");
    expect(translate("en", "order.pieces", { n: 322 })).toBe("322 units");
    expect(translate("zh-CN", "order.pieces", { n: 322 })).toBe("322 件");
  });
});
