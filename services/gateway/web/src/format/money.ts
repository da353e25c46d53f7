import type { Locale } from "./number";

/** Digits after the decimal point, for example 2 for USD and 0 for JPY. */
export function currencyDigits(currency: string): number {
  try {
    return (
      new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
        .maximumFractionDigits ?? 2
    );
  } catch {
    return 2;
  }
}

export function currencySymbol(currency: string): string {
  try {
    const parts = new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
    }).formatToParts(0);
    return parts.find((part) => part.type === "currency")?.value ?? currency;
  } catch {
    return currency ? `${currency} ` : "";
  }
}

/** `¥1,234.50` from minor units, exact for any size. */
export function formatMoney(minor: bigint, currency: string, locale: Locale): string {
  const digits = currencyDigits(currency);
  const size = minor < 0n ? -minor : minor;
  const unit = 10n ** BigInt(digits);
  const whole = new Intl.NumberFormat(locale).format(size / unit);
  const rest = digits > 0 ? `.${(size % unit).toString().padStart(digits, "0")}` : "";
  return `${minor < 0n ? "−" : ""}${currencySymbol(currency)}${whole}${rest}`;
}

/** Major units as a float, for the height of a bar or the label of an axis and nothing else. */
export function drawnAmount(minor: bigint, currency: string): number {
  return Number(minor) / 10 ** currencyDigits(currency);
}
