// Tables as CSV after RFC 4180, as spreadsheets write and read it. No network, no browser.

/** Without it, Excel takes UTF-8 for the code page of the machine. */
const BOM = "\ufeff";

/** What a spreadsheet takes for a formula, also in the wide forms of East Asian keyboards. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const MADE_HARMLESS = /^'(?=[=+\-@\t\r＝＋－＠])/;

/** Text that is shown, and never calculated. */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** As it was before it was made harmless. */
export function asWritten(text: string): string {
  return text.replace(MADE_HARMLESS, "");
}

/** One table with its header, for people to open. */
export function writeCsv(rows: string[][]): string {
  return BOM + rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const DELIMITERS = [",", "\t", ";"] as const;

/** What stands between the cells of the first line: who writes decimals with commas has `;` there. */
function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = (end < 0 ? text : text.slice(0, end)).replace(/"[^"]*"/g, "");
  const times = (mark: string) => first.split(mark).length;
  return DELIMITERS.reduce((best, mark) => (times(mark) > times(best) ? mark : best));
}

/**
 * Rows as they stand, with empty ones, so that the place of a row is its number in a spreadsheet.
 * Undefined: a quote has no end.
 */
export function parseCsv(text: string): string[][] | undefined {
  const source = text.startsWith(BOM) ? text.slice(1) : text;
  const delimiter = delimiterOf(source);
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  for (;;) {
    let head = "";
    if (source[at] === '"') {
      const [cell, end] = quotedCell(source, at);
      if (cell === undefined) return undefined;
      [head, at] = [cell, end];
    }
    // What stands after a closing quote belongs to the cell all the same.
    const [rest, end] = plainCell(source, at, delimiter);
    row.push(head + rest);
    at = end;
    if (source[at] === delimiter) {
      at += 1;
      continue;
    }
    rows.push(row);
    row = [];
    at += source.startsWith("\r\n", at) ? 2 : 1;
    if (at >= source.length) return rows;
  }
}

const isBreak = (mark: string | undefined) => mark === "\n" || mark === "\r";

function plainCell(source: string, from: number, delimiter: string): [string, number] {
  let at = from;
  while (at < source.length && source[at] !== delimiter && !isBreak(source[at])) at += 1;
  return [source.slice(from, at), at];
}

function quotedCell(source: string, from: number): [string | undefined, number] {
  let cell = "";
  let at = from + 1;
  for (;;) {
    const end = source.indexOf('"', at);
    if (end < 0) return [undefined, source.length];
    cell += source.slice(at, end);
    at = end + 1;
    if (source[at] !== '"') return [cell, at];
    cell += '"';
    at += 1;
  }
}

/** Text in whatever a spreadsheet has written it: UTF-8, UTF-16 with its mark, or GB18030. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const marked = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : undefined;
  for (const encoding of marked ? [marked] : ["utf-8", "gb18030"]) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      // No table has these; a picture has.
      return text.includes("\0") ? undefined : text;
    } catch {
      // Not written so.
    }
  }
  return undefined;
}
