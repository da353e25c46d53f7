import { patiently } from "../api/patiently";

export interface PageWanted {
  size: number;
  token: string;
}

/** What every list answers with, besides its rows. */
export interface PartOfList {
  page?: { nextToken: string; total?: bigint } | undefined;
}

/** Rows of a page; the most that a list gives at once. */
const PAGE = 200;

/** What a browser keeps without trouble, and a spreadsheet too. */
export const MOST_ROWS = 100_000;

interface Options {
  signal: AbortSignal;
  /** So many are here, of so many; nobody counts the rows of some lists. */
  onProgress?: (have: number, total: number | undefined) => void;
  most?: number;
}

/** All rows of a list, page by page; `cut` when there are more than anybody can take along. */
export async function everyRow<Part extends PartOfList, Row>(
  ask: (page: PageWanted, signal: AbortSignal) => Promise<Part>,
  rowsOf: (part: Part) => Row[],
  { signal, onProgress, most = MOST_ROWS }: Options,
): Promise<{ rows: Row[]; cut: boolean; first: Part }> {
  let token = "";
  let first: Part | undefined;
  const rows: Row[] = [];
  for (;;) {
    const part = await patiently(() => ask({ size: PAGE, token }, signal), signal);
    signal.throwIfAborted();
    first ??= part;
    for (const row of rowsOf(part)) rows.push(row);
    const total = part.page?.total;
    onProgress?.(rows.length, total === undefined ? undefined : Number(total));
    const next = part.page?.nextToken ?? "";
    if (next === "" || next === token) return { rows, cut: false, first };
    if (rows.length >= most) return { rows: rows.slice(0, most), cut: true, first };
    token = next;
  }
}
