import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import "../i18n/both-languages";
import { ProductSchema } from "../gen/qudao/order/v1/order_query_service_pb";
import { translate } from "../i18n/i18n";
import { levelForms, levelProblems, packagingOf } from "./details-form";
import { taxOf, taxWords } from "./tax-words";

const PRODUCT = create(ProductSchema, {
  baseUnit: "瓶",
  packagings: [{ unit: "箱", baseQuantity: 24 }],
  barcodes: [{ unit: "箱", barcode: "12000000000005" }],
});

describe("packaging", () => {
  it("goes into the form and out of it", () => {
    const levels = levelForms(PRODUCT);
    expect(levels).toEqual([
      { unit: "瓶", baseQuantity: 1, barcode: "" },
      { unit: "箱", baseQuantity: 24, barcode: "12000000000005" },
    ]);
    expect(packagingOf(levels)).toEqual({
      packagings: [{ unit: "箱", baseQuantity: 24 }],
      barcodes: [{ unit: "箱", barcode: "12000000000005" }],
    });
    expect(levelProblems(levels).size).toBe(0);
  });

  it("tells what is wrong where it is", () => {
    const levels = [
      { unit: "瓶", baseQuantity: 1, barcode: "2000000000008" },
      { unit: "瓶", baseQuantity: 1, barcode: "0 2000000000008" },
      { unit: " ", baseQuantity: null, barcode: "2000000000009" },
    ];
    expect([...levelProblems(levels)]).toEqual([
      ["1.unit", "product.level.twice"],
      ["1.count", "product.level.count.bad"],
      ["1.barcode", "gtin.twice"],
      ["2.unit", "product.level.unit.bad"],
      ["2.count", "product.level.count.bad"],
      ["2.barcode", "gtin.check"],
    ]);
  });
});

describe("taxes", () => {
  it("are written and read in the same way", () => {
    const t = (locale: "zh-CN" | "en") => (...args: Parameters<typeof translate> extends [unknown, ...infer Rest] ? Rest : never) => translate(locale, ...args);
    for (const locale of ["zh-CN", "en"] as const) {
      for (const tax of [{ ratePpm: 130_000, exempt: false }, { ratePpm: 5_000, exempt: false }, { ratePpm: 0, exempt: false }, { ratePpm: 0, exempt: true }]) {
        expect(taxOf(taxWords(tax, t(locale))), locale).toEqual(tax);
      }
      expect(taxWords(undefined, t(locale))).toBe("");
    }
    expect(taxWords({ ratePpm: 105_000, exempt: false }, t("en"))).toBe("10.5%");
    // As a spreadsheet has 13 %.
    expect(taxOf("0.13")).toEqual({ ratePpm: 130_000, exempt: false });
    for (const bad of ["", "x", "13%%", "130%"]) expect(taxOf(bad), bad).toBeUndefined();
  });
});
