// What a table is made of that somebody takes along: columns, and cells that are exact.
import { currencyDigits } from "../format/money";
import type { Translate } from "../i18n/i18n";
import { harmless } from "./csv";

export type Cell =
  | string
  | { whole: bigint | number }
  /** In the smallest unit of the currency; the file has the number without it. */
  | { minor: bigint; currency: string }
  | undefined;

export interface SheetColumn<Row> {
  title: string;
  cell: (row: Row) => Cell;
}

export interface SheetWords {
  t: Translate;
  /** In the time zone of the brand; empty of what has not happened. */
  time: (rfc3339: string) => string;
}

/** What the file of a list is like. */
export interface Sheet<Item, Row = Item> {
  columns: (words: SheetWords) => SheetColumn<Row>[];
  /** Several rows of one entry of the list; absent: one each. */
  lines?: (item: Item) => Row[];
}

export function decimalOf(minor: bigint, currency: string): string {
  const digits = currencyDigits(currency);
  const size = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  const point = size.length - digits;
  const rest = digits > 0 ? `.${size.slice(point)}` : "";
  return `${minor < 0n ? "-" : ""}${size.slice(0, point)}${rest}`;
}

export function numberOf(cell: Exclude<Cell, string | undefined>): string {
  return "minor" in cell ? decimalOf(cell.minor, cell.currency) : cell.whole.toString();
}

/** Numbers stay numbers, text is never a formula. */
export function csvText(cell: Cell): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? harmless(cell) : numberOf(cell);
}

export function money(minor: bigint | undefined, currency: string): Cell {
  return minor === undefined ? undefined : { minor, currency };
}

export function whole(value: bigint | number | undefined): Cell {
  return value === undefined ? undefined : { whole: value };
}
