import { useEffect, useReducer, useRef, useState } from "react";
import type { ImportKind, Knowledge } from "./kind";
import { FileProblem, readTable, type TableFile } from "./read-file";
import { belowTitles, mapHeader, planRows, readRows, type Header, type ImportRow } from "./rows";
import { runRows } from "./run";

/** A file whose rows are known: what each comes to stands in its state, which a run changes. */
export interface Plan {
  file: TableFile;
  header: Header;
  rows: ImportRow[];
  position: bigint;
}

export type Stage =
  | { at: "file"; error?: unknown }
  /** What there is of what the file names is being asked for. */
  | { at: "looking" }
  | { at: "preview"; plan: Plan }
  | { at: "running"; plan: Plan }
  /** All of it, or as far as it came. */
  | { at: "over"; plan: Plan };

/** How often a long run shows how far it is. */
const SHOWN_EVERY_MS = 100;

async function planOf<Item>(file: File, kind: ImportKind<Item>, signal: AbortSignal): Promise<Plan> {
  const whole = await readTable(file);
  const table = { ...whole, rows: belowTitles(whole.rows, kind.columns, kind.titles) };
  const header = mapHeader(table.rows[0] ?? [], kind.columns);
  const read = header.missing.length + header.twice.length === 0 ? readRows(table.rows, header, kind) : [];
  const items = read.flatMap(({ item }) => (item === undefined ? [] : [item]));
  const nothing: Knowledge<Item> = { position: 0n, stepOf: () => ({ kind: "same" }) };
  const knowledge = items.length > 0 ? await kind.look(items, signal) : nothing;
  if (header.missing.length + header.twice.length === 0 && read.length === 0) throw new FileProblem("import.file.empty");
  return { file: table, header, rows: planRows(read, knowledge), position: knowledge.position };
}

/** From a file over what it would do to what it did. */
export function useImport<Item>(kind: ImportKind<Item>, onDone: (position: bigint) => void) {
  const [stage, setStage] = useState<Stage>({ at: "file" });
  const [, show] = useReducer((n: number) => n + 1, 0);
  const abort = useRef<AbortController | undefined>(undefined);
  const shownAt = useRef(0);
  useEffect(() => () => abort.current?.abort(), []);

  const begin = () => {
    abort.current?.abort();
    abort.current = new AbortController();
    return abort.current.signal;
  };
  const choose = async (file: File) => {
    const signal = begin();
    setStage({ at: "looking" });
    try {
      const plan = await planOf(file, kind, signal);
      if (!signal.aborted) setStage({ at: "preview", plan });
    } catch (error) {
      if (!signal.aborted) setStage({ at: "file", error });
    }
  };
  const run = async (plan: Plan) => {
    const signal = begin();
    setStage({ at: "running", plan });
    const onChange = () => {
      if (Date.now() - shownAt.current < SHOWN_EVERY_MS) return;
      shownAt.current = Date.now();
      show();
    };
    const { hash } = plan.file;
    const last = await runRows(plan.rows, { hash, position: plan.position, signal, onChange });
    setStage({ at: "over", plan });
    if (last > 0n) onDone(last);
  };
  const back = () => {
    begin();
    setStage({ at: "file" });
  };
  return { stage, choose, run, back, stop: () => abort.current?.abort() };
}
