// Rows as people copy them out of a sheet: what they say, and which products they mean.
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { MOST_LINES, MOST_PIECES } from "../orders/draft";

export interface Row {
  /** Number of the row in the text, from 1. */
  row: number;
  text: string;
  /** What is said of the product: its id or its name. */
  product: string;
  quantity: number;
  /** As it is written; empty: base units. */
  unit: string;
}

export type Trouble =
  | "noQuantity"
  | "notWhole"
  | "notPositive"
  | "ambiguousComma"
  | "unknown"
  | "twoOfThem"
  | "unknownUnit"
  | "tooMany"
  | "tooManyProducts";

export interface RowTrouble {
  row: number;
  text: string;
  trouble: Trouble;
}

export interface Rows {
  rows: Row[];
  troubles: RowTrouble[];
}

export interface Matched {
  product: Product;
  /** Base units of all rows that mean it. */
  quantity: number;
  rows: number[];
}

export interface Match {
  matched: Matched[];
  troubles: RowTrouble[];
}

/** One form of what looks alike: full-width signs, large letters, runs of spaces. */
export function plain(text: string): string {
  return text.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();
}

const HEADS = {
  quantity: /^(数量|订货数量?|订购数量|采购数量|件数|quantity|qty)$/,
  product: /^(商品|产品|商品编[号码]|产品编[号码]|编[号码]|货号|条码|商品名称?|产品名称?|名称|品名|sku|code|product( ?(id|code|name))?|id|name)$/,
  unit: /^(单位|unit|uom)$/,
};

interface Columns {
  product: number;
  quantity: number;
  unit: number;
}

/** Reads rows of cells that tabs or commas divide; a row of column names may come first. */
export function readRows(text: string): Rows {
  const found: Rows = { rows: [], troubles: [] };
  let columns: Columns | undefined;
  let first = true;
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    if (line.trim() === "") return;
    const { cells, byComma } = cellsOf(line);
    const head = first ? headOf(cells) : undefined;
    first = false;
    if (head) {
      columns = head;
      return;
    }
    const at = { row: index + 1, text: line.trim() };
    const read = byComma && isAmbiguous(cells) ? "ambiguousComma" : rowOf(cells, columns);
    if (typeof read === "string") found.troubles.push({ ...at, trouble: read });
    else found.rows.push({ ...at, ...read });
  });
  return found;
}

interface Cells {
  cells: string[];
  byComma: boolean;
}

function cellsOf(line: string): Cells {
  if (line.includes("\t")) return { cells: line.split("\t").map(unquoted), byComma: false };
  const folded = line.replace(/，/g, ",");
  if (folded.includes(",")) {
    const cells = folded.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
    // The last match is the empty one at the end of the text.
    return { cells: cells.slice(0, folded.endsWith(",") ? undefined : -1).map((cell) => unquoted(cell.replace(/,$/, ""))), byComma: true };
  }
  const [, product, quantity] = /^\s*(.*\S)\s+(\S+)\s*$/.exec(line) ?? [];
  return { cells: product === undefined || quantity === undefined ? [line.trim()] : [product, quantity], byComma: false };
}

function unquoted(cell: string): string {
  const inner = /^\s*"((?:[^"]|"")*)"\s*$/.exec(cell)?.[1];
  return (inner === undefined ? cell : inner.replace(/""/g, '"')).trim();
}

/** The names of columns: a row that names one for quantities. */
function headOf(cells: string[]): Columns | undefined {
  const names = cells.map(plain);
  const quantity = names.findIndex((name) => HEADS.quantity.test(name));
  if (quantity < 0) return undefined;
  const product = names.findIndex((name) => HEADS.product.test(name));
  return { product: product < 0 ? 0 : product, quantity, unit: names.findIndex((name) => HEADS.unit.test(name)) };
}

/** `1,200` that was copied with commas between cells: one number, or two. */
function isAmbiguous(cells: string[]): boolean {
  return cells.some((cell, i) => i > 0 && /^\d{1,3}$/.test(plain(cell)) && /^\d{3}(\D|$)/.test(plain(cells[i + 1] ?? "")));
}

type Read = Pick<Row, "product" | "quantity" | "unit">;

function rowOf(cells: string[], columns: Columns | undefined): Read | Trouble {
  if (columns) {
    const amount = amountOf(cells[columns.quantity] ?? "");
    return amount === undefined ? "noQuantity" : said(cells[columns.product] ?? "", amount, cells[columns.unit] ?? "");
  }
  const product = cells.findIndex((cell) => cell !== "");
  const quantity = cells.findIndex((cell, i) => i > product && amountOf(cell) !== undefined);
  const amount = amountOf(cells[quantity] ?? "");
  if (product < 0 || !amount) return "noQuantity";
  const next = cells[quantity + 1] ?? "";
  // A number after the quantity is another column: a price, perhaps.
  return said(cells[product] ?? "", amount, amountOf(next) ? "" : next);
}

function said(product: string, { number, unit }: Amount, beside: string): Read | Trouble {
  if (product === "") return "unknown";
  if (!/^[+-]?\d+(\.0*)?$/.test(number)) return "notWhole";
  const quantity = Number(number);
  if (quantity <= 0) return "notPositive";
  return { product, quantity, unit: unit || plain(beside) };
}

interface Amount {
  number: string;
  unit: string;
}

/** A number, with or without thousands separators, and perhaps a unit. */
function amountOf(cell: string): Amount | undefined {
  const [, number, unit] = /^([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?) ?([^\d\s.,]\S{0,9})?$/.exec(plain(cell)) ?? [];
  return number === undefined ? undefined : { number: number.replace(/,/g, ""), unit: unit ?? "" };
}

/** Which ids and which names to look for. */
export function wantedOf(rows: Row[]): { productIds: string[]; names: string[] } {
  const all = [...new Set(rows.flatMap(({ product }) => [product, product.normalize("NFKC").trim()]))];
  return {
    productIds: [...new Set(all.map(plain))].filter((id) => /^[a-z0-9-]{1,64}$/.test(id)),
    names: all.filter((name) => [...name].length <= 100),
  };
}

/** The products that rows mean, among those that the dealer can order; the same one twice is added up. */
export function matchRows({ rows, troubles }: Rows, products: Iterable<Product>): Match {
  const all = [...products].filter(({ retired, unitPriceMinor }) => !retired && unitPriceMinor !== undefined);
  const byId = new Map(all.map((product) => [product.productId, product]));
  const found = new Map<string, Matched>();
  const wrong = [...troubles];
  for (const { row, text, product: told, quantity, unit } of rows) {
    const add = (): Trouble | undefined => {
      const meant = byId.get(plain(told)) ?? called(all, told);
      if (typeof meant === "string") return meant;
      const size = sizeOf(meant, unit);
      if (size === undefined) return "unknownUnit";
      const before = found.get(meant.productId);
      if (!before && found.size >= MOST_LINES) return "tooManyProducts";
      const pieces = (before?.quantity ?? 0) + quantity * size;
      if (pieces > MOST_PIECES) return "tooMany";
      found.set(meant.productId, { product: meant, quantity: pieces, rows: [...(before?.rows ?? []), row] });
      return undefined;
    };
    const trouble = add();
    if (trouble) wrong.push({ row, text, trouble });
  }
  return { matched: [...found.values()], troubles: wrong.sort((a, b) => a.row - b.row) };
}

function called(products: Product[], name: string): Product | Trouble {
  const meant = products.filter((product) => plain(product.name) === plain(name));
  if (meant.length > 1) return "twoOfThem";
  return meant[0] ?? "unknown";
}

/** Base units in one of a unit. */
function sizeOf({ baseUnit, packagings }: Product, unit: string): number | undefined {
  if (unit === "" || plain(baseUnit) === unit) return 1;
  return packagings.find((packaging) => plain(packaging.unit) === unit)?.baseQuantity;
}
