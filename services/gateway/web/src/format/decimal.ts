// Amounts and percentages as people type them, exact in their smallest unit.

/** `12.5` with two digits as 1250; undefined for what is no such number. */
export function parseDecimal(text: string, digits: number): bigint | undefined {
  const plain = text.replaceAll(",", "").replaceAll("，", "").trim();
  const parts = /^(\d{1,15})(?:\.(\d*))?$/.exec(plain);
  if (!parts?.[1]) return undefined;
  const rest = parts[2] ?? "";
  if (rest.length > digits) return undefined;
  return BigInt(parts[1] + rest.padEnd(digits, "0"));
}

/** 1250 with two digits as `12.50`, or as `12.5` where trailing zeros say nothing. */
export function showDecimal(value: bigint, digits: number, trim = false): string {
  if (digits === 0) return value.toString();
  const unit = 10n ** BigInt(digits);
  const rest = (value % unit).toString().padStart(digits, "0");
  const shown = trim ? rest.replace(/0+$/, "") : rest;
  return shown ? `${value / unit}.${shown}` : (value / unit).toString();
}
