import { Code, ConnectError, type Client } from "@connectrpc/connect";
import type { OperationsService, ProjectionStatus } from "../gen/qudao/operations/v1/operations_service_pb";

/** `live`: the stream is up. `polling`: asking every few seconds. `offline`: no answer at all. */
export type Connection = "connecting" | "live" | "polling" | "offline";

export interface Watcher {
  onStatus: (projections: ProjectionStatus[]) => void;
  onConnection: (connection: Connection) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Doubles up to a limit; the half at random keeps a thousand tabs from returning at once. */
export function backOffMillis(failures: number, random = Math.random()): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return wait / 2 + (random * wait) / 2;
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, millis);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}

/** Follows the read models until the signal says stop; between streams it polls. */
export async function watchProjections(
  operations: Client<typeof OperationsService>,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      // A stream has no deadline of its own.
      for await (const answer of operations.watchProjections({}, { signal, timeoutMs: 0 })) {
        failures = 0;
        watcher.onConnection("live");
        watcher.onStatus(answer.projections);
      }
    } catch {
      // The poll shows what holds, and exchanges a token that ended early.
    }
    if (signal.aborted) return;
    failures += 1;
    if (!(await poll(operations, watcher, signal))) return;
    await pause(backOffMillis(failures), signal);
  }
}

const isOver = (error: unknown) => ConnectError.from(error).code === Code.Unauthenticated;

/** Whether it makes sense to go on: not when the sign-in is over. */
async function poll(operations: Client<typeof OperationsService>, watcher: Watcher, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await operations.listProjections({}, { signal });
    watcher.onConnection("polling");
    watcher.onStatus(answer.projections);
    return true;
  } catch (error) {
    if (!signal.aborted) watcher.onConnection(isOver(error) ? "polling" : "offline");
    return !isOver(error);
  }
}
