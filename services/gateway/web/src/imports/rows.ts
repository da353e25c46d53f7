// From the rows of a file to what each of them comes to. No network, no browser.
import { translate, type Key } from "../i18n/i18n";
import { Cells, narrow, type Problem } from "./fields";
import type { ImportColumn, ImportKind, Knowledge, Step } from "./kind";

/** A header as it is compared: without case, spaces, marks of needed columns and notes in brackets. */
export function headerKey(text: string): string {
  return narrow(text).toLowerCase().replace(/\(.*?\)|（.*?）|[\s*_＊-]/g, "");
}

export interface Header {
  /** Where each column stands that the file has. */
  places: Map<string, number>;
  missing: Key[];
  twice: Key[];
  /** What stands in the file and is not read. */
  ignored: string[];
}

const keysOf = (names: string[]) => new Set(names.map(headerKey));

const ownNames = ({ key, title }: ImportColumn) => keysOf([key, translate("zh-CN", title), translate("en", title)]);
const otherNames = ({ also = [], ranked = false }: ImportColumn) => (ranked ? also.map((name) => keysOf([name])) : [keysOf(also)]);

/**
 * Which column is which, by their names in both languages. What else people call a column counts
 * only where the column itself is not there: an exported list has names beside its ids.
 */
export function mapHeader(header: string[], columns: ImportColumn[]): Header {
  const names = header.map(headerKey);
  const found: Header = { places: new Map(), missing: [], twice: [], ignored: [] };
  const used = new Set<number>();
  for (const column of columns) {
    const places = [ownNames(column), ...otherNames(column)].map((known) => names.flatMap((name, i) => (known.has(name) && !used.has(i) ? [i] : [])));
    const [place, second] = places.find((some) => some.length > 0) ?? [];
    if (place === undefined) {
      if (column.needed === true) found.missing.push(column.title);
      continue;
    }
    if (second !== undefined) found.twice.push(column.title);
    found.places.set(column.key, place);
    used.add(place);
  }
  found.ignored = header.filter((text, i) => text.trim() !== "" && !used.has(i)).map((text) => text.trim());
  return found;
}

/** The same rows with the header first, where titles stand above it; each keeps its number. */
export function belowTitles(rows: string[][], columns: ImportColumn[], titles = 0): string[][] {
  const at = rows.slice(0, titles + 1).findIndex((row) => mapHeader(row, columns).missing.length === 0);
  const header = rows[at];
  if (!header || at === 0) return rows;
  return [header, ...rows.slice(0, at).map(() => []), ...rows.slice(at + 1)];
}

export interface ReadRow<Item> {
  /** Its number in the file, from 1, the header included. */
  line: number;
  cells: string[];
  /** Absent where something is wrong with it. */
  item?: Item;
  problems: Problem[];
}

/** Rows with something in them, each by itself and against those before it. */
export function readRows<Item>(rows: string[][], { places }: Header, kind: ImportKind<Item>): ReadRow<Item>[] {
  const seen = new Map<string, number>();
  return rows.flatMap((cells, i) => {
    if (i === 0 || cells.every((cell) => cell.trim() === "")) return [];
    const line = i + 1;
    const row = new Cells(new Map([...places].map(([key, place]) => [key, cells[place] ?? ""])));
    const item = kind.read(row);
    if (row.problems.length > 0) return [{ line, cells, problems: row.problems }];
    const once = kind.once(item);
    const before = seen.get(once);
    if (before !== undefined) return [{ line, cells, problems: [{ words: "import.bad.twice", values: { line: before } }] }];
    seen.set(once, line);
    return [{ line, cells, item, problems: [] }];
  });
}

export type RowState =
  | Step
  | { kind: "sending" }
  | { kind: "done" }
  /** This row of this file was carried out before. */
  | { kind: "before" }
  | { kind: "refused"; error: unknown };

export interface ImportRow {
  line: number;
  cells: string[];
  state: RowState;
}

export function planRows<Item>(rows: ReadRow<Item>[], knowledge: Knowledge<Item>): ImportRow[] {
  return rows.map(({ line, cells, item, problems }) => ({
    line,
    cells,
    state: item === undefined ? { kind: "bad", problems } : knowledge.stepOf(item),
  }));
}

export type Kind = RowState["kind"];

export function countOf(rows: ImportRow[], ...kinds: Kind[]): number {
  return rows.reduce((sum, { state }) => sum + (kinds.includes(state.kind) ? 1 : 0), 0);
}

/** What a request is made of, so that a repeat of it is the same request; numbers of any size are text. */
export function requestName(hash: string, line: number, body: object): string {
  return `${hash}/${line}/${JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))}`;
}
