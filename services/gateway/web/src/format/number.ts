// Whole numbers are bigint up to the last step; a float appears only for drawing.

export type Locale = "zh-CN" | "en";

export function formatInteger(value: bigint | number, locale: Locale): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** Axis labels: 万 and 亿 in Chinese, K, M and B in English. */
export function formatCompact(value: number, locale: Locale): string {
  const steps: [number, string][] =
    locale === "zh-CN"
      ? [[1e8, "亿"], [1e4, "万"]]
      : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
  for (const [size, unit] of steps) {
    if (Math.abs(value) >= size) return `${trim(value / size)}${unit}`;
  }
  return trim(value);
}

function trim(value: number): string {
  return value.toFixed(Math.abs(value) < 100 ? 1 : 0).replace(/\.0$/, "");
}

/** Change in tenths of a percent; undefined when there is nothing to compare with. */
export function changePermille(now: bigint, before: bigint): bigint | undefined {
  if (before === 0n) return undefined;
  const size = before < 0n ? -before : before;
  return roundedDivision((now - before) * 1000n, size);
}

/** Division rounded half away from zero. */
export function roundedDivision(value: bigint, by: bigint): bigint {
  const half = by / 2n;
  return value < 0n ? -((-value + half) / by) : (value + half) / by;
}

/** `+12.3%`, with a real minus sign. */
export function formatPermille(permille: bigint, sign = true): string {
  const size = permille < 0n ? -permille : permille;
  const mark = permille < 0n ? "−" : sign && permille > 0n ? "+" : "";
  return `${mark}${size / 10n}.${size % 10n}%`;
}

/** Share of a whole as `12.3%`. */
export function formatShare(part: bigint, whole: bigint): string {
  if (whole === 0n) return "–";
  return formatPermille(roundedDivision(part * 1000n, whole), false);
}

export function sum(values: Iterable<bigint>): bigint {
  let total = 0n;
  for (const value of values) total += value;
  return total;
}
