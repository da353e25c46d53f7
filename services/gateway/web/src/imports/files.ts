// Files that an import gives: a template, and the rows that did not go through.
import type { Translate } from "../i18n/i18n";
import { harmless, writeCsv } from "../tables/csv";
import type { ImportColumn } from "./kind";
import type { ImportRow } from "./rows";

/** The header alone: an example in it would be imported by whoever forgets it. */
export function templateRow(columns: ImportColumn[], t: Translate): string[] {
  return columns.map(({ title }) => t(title));
}

/** As they stood in the file, with why at the end; it can be mended and brought back. */
export function failedCsv(header: string[], rows: ImportRow[], wordsOf: (row: ImportRow) => string, t: Translate): string {
  const failed = rows.filter(({ state }) => state.kind === "bad" || state.kind === "refused");
  const width = header.length;
  const lines = failed.map((row) => [...Array.from({ length: width }, (_, i) => row.cells[i] ?? ""), wordsOf(row)]);
  return writeCsv([[...header, t("import.why")], ...lines].map((line) => line.map(harmless)));
}
