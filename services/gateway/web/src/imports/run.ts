import { Code, ConnectError } from "@connectrpc/connect";
import { patiently } from "../api/patiently";
import { requestName, type ImportRow } from "./rows";
import { uuidOf } from "./uuid";

/** What the next row would meet just so. */
const SAME_FOR_ALL = [Code.Unauthenticated, Code.PermissionDenied, Code.Unavailable, Code.Unimplemented];

interface Options {
  hash: string;
  /** How far the log was before the first row. */
  position: bigint;
  signal: AbortSignal;
  /** The states of rows have changed. */
  onChange: () => void;
}

/**
 * Carries out the rows that are to be sent, one command each, in the order of the file. A row that
 * is refused keeps its reason, and the next one goes on; a stop lets the one under way come to its end.
 * Answers with the last position of the log.
 */
export async function runRows(rows: ImportRow[], { hash, position, signal, onChange }: Options): Promise<bigint> {
  let last = 0n;
  for (const row of rows) {
    if (signal.aborted) return last;
    const step = row.state;
    if (step.kind !== "send") continue;
    row.state = { kind: "sending" };
    onChange();
    try {
      const requestId = await uuidOf(requestName(hash, row.line, step.body));
      const { receipt } = await patiently(() => step.send(requestId), signal);
      const at = receipt?.position ?? 0n;
      row.state = { kind: at > position ? "done" : "before" };
      if (at > last) last = at;
    } catch (error) {
      row.state = { kind: "refused", error };
      onChange();
      if (SAME_FOR_ALL.includes(ConnectError.from(error).code)) return last;
    }
    onChange();
  }
  return last;
}
