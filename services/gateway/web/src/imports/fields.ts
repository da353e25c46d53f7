// What stands in a cell, as a field of the contract. The limits are those of the contract; here they
// are told before anything is sent. No network, no browser.
import type { Key } from "../i18n/i18n";

export interface Problem {
  words: Key;
  /** What the column is called that it is about. */
  field?: Key;
  values?: Record<string, string | number>;
}

export const ID = /^[a-z0-9-]{1,64}$/;
const CURRENCY = /^[A-Z]{3}$/;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Wide letters and digits as narrow ones, without the spaces around. */
export function narrow(text: string): string {
  return text.normalize("NFKC").trim();
}

/** How the contract counts: a character beyond the first plane is one, too. */
const lengthOf = (text: string) => [...text].length;

/** Takes the cells of one row, and notes what is wrong with them. */
export class Cells {
  readonly problems: Problem[] = [];
  private readonly cells: ReadonlyMap<string, string>;

  constructor(cells: ReadonlyMap<string, string>) {
    this.cells = cells;
  }

  wrong(words: Key, rest: Omit<Problem, "words"> = {}): void {
    this.problems.push({ words, ...rest });
  }

  /** Whether the file has the column at all. */
  has(column: string): boolean {
    return this.cells.has(column);
  }

  raw(column: string): string {
    return (this.cells.get(column) ?? "").trim();
  }

  id(column: string, field: Key): string {
    const id = narrow(this.raw(column));
    if (!ID.test(id)) this.problems.push({ words: "import.bad.id", field });
    return id;
  }

  /** Text of so many characters at most; of least 0, it may be missing. */
  text(column: string, field: Key, most: number, least = 1): string {
    const text = this.raw(column);
    const length = lengthOf(text);
    if (length < least) this.problems.push({ words: "import.bad.missing", field });
    if (length > most) this.problems.push({ words: "import.bad.long", field, values: { n: most } });
    if (CONTROL.test(text)) this.problems.push({ words: "import.bad.control", field });
    return text;
  }

  /** Undefined of nothing, which a caller may mind, and of what is no such number, which is noted. */
  whole(column: string, field: Key, least: number, most: number): number | undefined {
    const text = this.raw(column);
    if (text === "") return undefined;
    const digits = plainNumber(text);
    const value = digits !== undefined && /^\d{1,15}(\.0*)?$/.test(digits) ? Number.parseInt(digits, 10) : undefined;
    if (value === undefined || value < least || value > most) {
      this.problems.push({ words: "import.bad.whole", field, values: { least: least.toLocaleString("en"), most: most.toLocaleString("en") } });
      return undefined;
    }
    return value;
  }

  currency(column: string, field: Key): string {
    const code = narrow(this.raw(column)).toUpperCase();
    if (code !== "" && !CURRENCY.test(code)) this.problems.push({ words: "import.bad.currency", field });
    return code;
  }

  /** `YYYY-MM-DD`; empty where nothing stands. */
  day(column: string, field: Key): string {
    const text = narrow(this.raw(column));
    const day = dayOf(text);
    if (text !== "" && day === "") this.problems.push({ words: "import.bad.day", field });
    return day;
  }
}

/**
 * Digits with a point, of a number as people and spreadsheets write it: wide digits, a sign of money,
 * commas or spaces where they part thousands. A comma elsewhere could be a decimal one, and is no number.
 */
export function plainNumber(text: string): string | undefined {
  const plain = narrow(text).replace(/^[¥$€£]\s*/, "");
  if (/^\d+(\.\d*)?$/.test(plain)) return plain;
  if (/^\d{1,3}([, '\u00a0\u202f])\d{3}(\1\d{3})*(\.\d*)?$/.test(plain)) return plain.replace(/[, '\u00a0\u202f]/g, "");
  return undefined;
}

/** A day as people and spreadsheets write it; empty of what is none. */
export function dayOf(text: string): string {
  const parts = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  if (!parts) return "";
  const day = `${parts[1]}-${(parts[2] ?? "").padStart(2, "0")}-${(parts[3] ?? "").padStart(2, "0")}`;
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) ? day : "";
}

/** `箱=24; 提=6` as pairs; undefined where a part is no pair. */
export function pairsOf(text: string): [string, string][] | undefined {
  const parts = text.split(/[;；\n]/).map((part) => part.trim()).filter(Boolean);
  const pairs = parts.map((part) => /^([^=＝:：]+)[=＝:：]([^=＝:：]+)$/.exec(part));
  return pairs.every((pair) => pair !== null) ? pairs.map((pair) => [(pair[1] ?? "").trim(), (pair[2] ?? "").trim()]) : undefined;
}

/** Names from general to special: parted by `›` or `>`, or by `/` where neither is there. */
export function pathOf(text: string): string[] {
  const mark = /[›>＞]/.test(text) ? /[›>＞]/ : /[/／]/;
  return text.split(mark).map((name) => name.trim()).filter(Boolean);
}
