import { describe, expect, it } from "vitest";
import { checkDigit, gtinKey, gtinProblem, plainGtin } from "./gtin";

describe("barcodes", () => {
  it("of every length are right or tell the digit that would be", () => {
    for (const right of ["73513537", "012345678905", "6901234567892", "16901234567899", "2000000000008", ""]) {
      expect(gtinProblem(right), right).toBeUndefined();
    }
    expect(gtinProblem("6901234567893")).toEqual({ words: "gtin.check", digit: 2 });
    for (const form of ["690123456789x", "6901", "00000000", "123456789"]) expect(gtinProblem(form), form).toEqual({ words: "gtin.form" });
  });

  it("are the same in all their forms", () => {
    expect(gtinKey("012345678905")).toBe(gtinKey("0012345678905"));
    expect(gtinKey("６９０１２３４ 567-892")).toBe("06901234567892");
    expect(gtinKey("6901234567893")).toBe("");
    expect(plainGtin(" 20 00-000 ")).toBe("2000000");
  });

  it("with one wrong digit are found", () => {
    const digits = "690123456789";
    const whole = `${digits}${checkDigit(digits)}`;
    for (let at = 0; at < whole.length; at += 1) {
      const wrong = `${whole.slice(0, at)}${(Number(whole[at]) + 1) % 10}${whole.slice(at + 1)}`;
      expect(gtinProblem(wrong), wrong).toBeDefined();
    }
  });
});
