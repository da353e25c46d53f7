// What of a product can be changed, as it stands in a form.
import type { GetProductResponse, Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { gtinProblem, plainGtin } from "./gtin";

export interface DetailsForm {
  descriptionZh: string;
  descriptionEn: string;
  brand: string;
  series: string;
  shelfLifeDays: number;
  storage: string;
  newUntil: string;
}

export function detailsForm({ product, descriptionZh, descriptionEn, storage, newUntil }: GetProductResponse): DetailsForm {
  const { brand = "", series = "", shelfLifeDays = 0 } = product ?? {};
  return { descriptionZh, descriptionEn, brand, series, shelfLifeDays, storage, newUntil };
}

export interface LevelForm {
  unit: string;
  /** Base units in one; 1 of the base unit itself, which stays. */
  baseQuantity: number | null;
  barcode: string;
}

/** The base unit first, then the larger ones. */
export function levelForms({ baseUnit, packagings, barcodes }: Product): LevelForm[] {
  const coded = (unit: string) => barcodes.find((one) => one.unit === unit)?.barcode ?? "";
  const larger = packagings.map(({ unit, baseQuantity }) => ({ unit, baseQuantity, barcode: coded(unit) }));
  return [{ unit: baseUnit, baseQuantity: 1, barcode: coded(baseUnit) }, ...larger];
}

export type LevelProblem = "product.level.unit.bad" | "product.level.twice" | "product.level.count.bad" | "gtin.form" | "gtin.check" | "gtin.twice";

/** What is wrong by itself, by the place of the level and its field. */
export function levelProblems(levels: LevelForm[]): Map<string, LevelProblem> {
  const problems = new Map<string, LevelProblem>();
  levels.forEach(({ unit, baseQuantity, barcode }, index) => {
    const before = levels.slice(0, index);
    if (unit.trim() === "") problems.set(`${index}.unit`, "product.level.unit.bad");
    else if (before.some((other) => other.unit.trim() === unit.trim())) problems.set(`${index}.unit`, "product.level.twice");
    if (index > 0 && (baseQuantity === null || baseQuantity < 2)) problems.set(`${index}.count`, "product.level.count.bad");
    const code = plainGtin(barcode);
    const wrong = gtinProblem(code);
    if (wrong) problems.set(`${index}.barcode`, wrong.words);
    else if (code !== "" && before.some((other) => plainGtin(other.barcode).padStart(14, "0") === code.padStart(14, "0"))) {
      problems.set(`${index}.barcode`, "gtin.twice");
    }
  });
  return problems;
}

/** As the contract has it. */
export function packagingOf(levels: LevelForm[]) {
  const named = levels.map((level) => ({ ...level, unit: level.unit.trim(), barcode: plainGtin(level.barcode) }));
  return {
    packagings: named.slice(1).map(({ unit, baseQuantity }) => ({ unit, baseQuantity: baseQuantity ?? 0 })),
    barcodes: named.filter(({ barcode }) => barcode !== "").map(({ unit, barcode }) => ({ unit, barcode })),
  };
}
