import { describe, expect, it } from "vitest";
import { prettyJson } from "./pretty-json";

describe("pretty JSON", () => {
  it("indents like JSON.stringify", () => {
    const value = { a: [1, { b: "x, {y}: \"z\"" }], empty: {}, none: [], text: "行\n" };
    expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  });

  it("keeps numbers as they were stored", () => {
    expect(prettyJson('{"n":12345678901234567890}')).toBe('{\n  "n": 12345678901234567890\n}');
  });
});
