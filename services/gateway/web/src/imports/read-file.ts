import type { Key } from "../i18n/i18n";
import { asWritten, decodeText, parseCsv } from "../tables/csv";
import { hexOf } from "./uuid";

/** What one file has at most: more than that is another file. */
export const MOST_ROWS = 10_000;
const MOST_BYTES = 10 * 1024 * 1024;

export interface TableFile {
  name: string;
  /** SHA-256 of what is in it. */
  hash: string;
  rows: string[][];
}

/** Why a file can not be read, in words that say what helps. */
export class FileProblem extends Error {
  readonly words: Key;
  readonly values: Record<string, string | number>;

  constructor(words: Key, values: Record<string, string | number> = {}) {
    super(words);
    this.words = words;
    this.values = values;
  }
}

/** The first bytes of every zip, which a workbook is, and of what Excel wrote before 2007. */
const ZIP = [0x50, 0x4b];
const OLD_EXCEL = [0xd0, 0xcf];

const beginsWith = (bytes: Uint8Array, mark: number[]) => mark.every((byte, i) => bytes[i] === byte);

/** The rows of a CSV file or of the first sheet of a workbook; what it is called says nothing. */
export async function readTable(file: File): Promise<TableFile> {
  if (file.size > MOST_BYTES) throw new FileProblem("import.file.large", { n: MOST_BYTES / 1024 / 1024 });
  const bytes = new Uint8Array(await file.arrayBuffer());
  const rows = await rowsOf(bytes);
  if (rows.length - 1 > MOST_ROWS) throw new FileProblem("import.file.rows", { n: MOST_ROWS.toLocaleString("en") });
  const hash = hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return { name: file.name, hash, rows };
}

async function rowsOf(bytes: Uint8Array): Promise<string[][]> {
  if (beginsWith(bytes, OLD_EXCEL)) throw new FileProblem("import.file.old");
  if (beginsWith(bytes, ZIP)) {
    const { readXlsx } = await import("../tables/xlsx");
    return readXlsx(bytes).catch(() => {
      throw new FileProblem("import.file.broken");
    });
  }
  const text = decodeText(bytes);
  if (text === undefined) throw new FileProblem("import.file.broken");
  const rows = parseCsv(text);
  if (!rows) throw new FileProblem("import.file.quote");
  return rows.map((row) => row.map(asWritten));
}
