import { App } from "antd";
import { useEffect, useRef, useState } from "react";
import { problemOf } from "../api/errors";
import { saveBlob } from "../files/save-file";
import { formatTime } from "../format/time";
import { useI18n } from "../i18n/i18n";
import { useUser } from "../session/session";
import { csvText, type Cell, type Sheet, type SheetWords } from "./cells";
import { writeCsv } from "./csv";
import { everyRow, type PageWanted, type PartOfList } from "./every-row";

export type FileKind = "csv" | "xlsx";

export interface ListToExport<Part extends PartOfList, Item, Row> {
  /** What the file is called, before the time. */
  name: string;
  sheet: Sheet<Item, Row>;
  /** The rpc of the list, with the filters that are set. */
  ask: (page: PageWanted, signal: AbortSignal) => Promise<Part>;
  rowsOf: (part: Part) => Item[];
}

export interface Progress {
  have: number;
  /** Undefined: nobody knows. */
  total: number | undefined;
}

/** The cells of the file, with its header. */
export function cellsOf<Item, Row>(items: Item[], { columns, lines }: Sheet<Item, Row>, words: SheetWords): Cell[][] {
  const chosen = columns(words);
  // A sheet without lines has a row for each entry.
  const rows = lines ? items.flatMap(lines) : (items as unknown as Row[]);
  return [chosen.map(({ title }) => title), ...rows.map((row) => chosen.map(({ cell }) => cell(row)))];
}

async function fileOf(kind: FileKind, name: string, cells: Cell[][]): Promise<Blob> {
  if (kind === "csv") return new Blob([writeCsv(cells.map((row) => row.map(csvText)))], { type: "text/csv;charset=utf-8" });
  const { writeXlsx } = await import("./xlsx");
  return writeXlsx(name, cells);
}

/** Gets a whole list, page by page, and has the browser save it; can be stopped at any time. */
export function useExport<Part extends PartOfList, Item, Row>({ name, sheet, ask, rowsOf }: ListToExport<Part, Item, Row>) {
  const { locale, t } = useI18n();
  const { timeZone } = useUser();
  const { message } = App.useApp();
  const [progress, setProgress] = useState<Progress>();
  const running = useRef<AbortController | undefined>(undefined);
  // Whoever leaves the page does not wait for its file.
  useEffect(() => () => running.current?.abort(), []);

  const words: SheetWords = { t, time: (at) => (at ? formatTime(at, timeZone) : "") };
  const run = async (kind: FileKind) => {
    const abort = new AbortController();
    running.current = abort;
    setProgress({ have: 0, total: undefined });
    try {
      const { rows, cut } = await everyRow(ask, rowsOf, {
        signal: abort.signal,
        onProgress: (have, total) => setProgress({ have, total }),
      });
      const blob = await fileOf(kind, name, cellsOf(rows, sheet, words));
      if (abort.signal.aborted) return;
      const at = formatTime(new Date().toISOString(), timeZone).replace(":", "");
      saveBlob(blob, `${name} ${at}.${kind}`);
      if (cut) void message.warning(t("export.cut", { n: rows.length }), 10);
      else void message.success(t("export.done", { n: rows.length }));
    } catch (failure) {
      if (abort.signal.aborted) return;
      const { what, todo } = problemOf(failure, locale, t);
      void message.error(`${what} ${todo}`, 10);
    } finally {
      if (running.current === abort) {
        running.current = undefined;
        setProgress(undefined);
      }
    }
  };
  return { progress, run, stop: () => running.current?.abort() };
}
