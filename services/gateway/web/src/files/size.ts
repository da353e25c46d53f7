import type { Locale } from "../format/number";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Bytes as people read them: three digits at most, in steps of 1,000. */
export function sizeText(bytes: number | bigint, locale: Locale): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const format = { style: "unit", unit: UNITS[unit], unitDisplay: unit === 0 ? "long" : "short", maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(locale, format).format(value);
}
