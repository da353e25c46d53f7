import type { Tax } from "../gen/qudao/order/v1/product_service_pb";
import type { Translate } from "../i18n/i18n";

/** Rates of value-added tax that are usual, in millionths. */
export const RATES_PPM = [130_000, 90_000, 60_000, 0];

const USUAL: Told[] = [...RATES_PPM.map((ratePpm) => ({ ratePpm, exempt: false })), { ratePpm: 0, exempt: true }];

type Told = Pick<Tax, "ratePpm" | "exempt">;

/** `13%`, or that it is exempt; empty where nobody has said. */
export function taxWords(tax: Told | undefined, t: Translate): string {
  if (!tax) return "";
  if (tax.exempt) return t("product.tax.exempt");
  // Whole ten-thousandths of a percent, so no digit is made up.
  const rate = `${Math.floor(tax.ratePpm / 10_000)}.${String(tax.ratePpm % 10_000).padStart(4, "0")}`;
  return `${rate.replace(/\.?0+$/, "")}%`;
}

/** What can be chosen, and where in it the tax is that counts now; nowhere while nobody has said one. */
export function taxChoices(now: Told | undefined): { choices: Told[]; chosen: number | undefined } {
  if (!now) return { choices: USUAL, chosen: undefined };
  const chosen = USUAL.findIndex(({ ratePpm, exempt }) => ratePpm === now.ratePpm && exempt === now.exempt);
  if (chosen >= 0) return { choices: USUAL, chosen };
  const { ratePpm, exempt } = now;
  return { choices: [...USUAL, { ratePpm, exempt }], chosen: USUAL.length };
}

/** A tax as a cell of a file says it: `13%`, `0`, `免税` or `exempt`; undefined of what is none. */
export function taxOf(text: string): { ratePpm: number; exempt: boolean } | undefined {
  const plain = text.normalize("NFKC").trim().toLowerCase();
  if (["免税", "exempt"].includes(plain)) return { ratePpm: 0, exempt: true };
  const digits = /^(\d{1,2})(?:\.(\d{1,4}))?\s*%?$/.exec(plain);
  if (!digits) return undefined;
  const part = Number((digits[2] ?? "").padEnd(4, "0"));
  // A spreadsheet writes 13 % as 0.13.
  if (!plain.endsWith("%") && digits[1] === "0") return { ratePpm: part * 100, exempt: false };
  return { ratePpm: Number(digits[1]) * 10_000 + part, exempt: false };
}
