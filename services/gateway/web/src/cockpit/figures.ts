import { drawnAmount, formatMoney } from "../format/money";
import { formatCompact, formatInteger, roundedDivision, sum, type Locale } from "../format/number";
import type { SalesFigures, SalesRow } from "../gen/qudao/bi/v1/sales_query_service_pb";
import type { Measure } from "./state";

type Plain = Pick<SalesFigures, "grossMinor" | "quantity" | "orders" | "averageOrderMinor">;

export const ZERO: Plain = { grossMinor: 0n, quantity: 0n, orders: 0n, averageOrderMinor: 0n };

export function valueOf(figures: Plain | undefined, measure: Measure): bigint {
  if (!figures) return 0n;
  switch (measure) {
    case "gross":
      return figures.grossMinor;
    case "orders":
      return figures.orders;
    case "average":
      return figures.averageOrderMinor;
    case "quantity":
      return figures.quantity;
  }
}

export function isMoney(measure: Measure): boolean {
  return measure === "gross" || measure === "average";
}

export function formatValue(value: bigint, measure: Measure, currency: string, locale: Locale): string {
  return isMoney(measure) ? formatMoney(value, currency, locale) : formatInteger(value, locale);
}

export function drawn(value: bigint, measure: Measure, currency: string): number {
  return isMoney(measure) ? drawnAmount(value, currency) : Number(value);
}

export function axisLabel(locale: Locale): (value: number) => string {
  return (value) => formatCompact(value, locale);
}

/**
 * What the rows do not show of the total, so that a cut-off table still adds up.
 * Undefined when nothing is missing.
 */
export function remainder(rows: SalesRow[], total: Plain | undefined): Plain | undefined {
  if (!total) return undefined;
  const grossMinor = total.grossMinor - sum(rows.map((row) => row.figures?.grossMinor ?? 0n));
  const quantity = total.quantity - sum(rows.map((row) => row.figures?.quantity ?? 0n));
  // An order with three products counts in three rows, so what is left of it says nothing.
  const orders = total.orders - sum(rows.map((row) => row.figures?.orders ?? 0n));
  if (grossMinor === 0n && quantity === 0n) return undefined;
  return {
    grossMinor,
    quantity,
    orders: orders > 0n ? orders : 0n,
    averageOrderMinor: orders > 0n ? roundedDivision(grossMinor, orders) : 0n,
  };
}
