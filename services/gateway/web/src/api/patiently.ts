import { Code, ConnectError } from "@connectrpc/connect";
import { waitOf } from "./errors";

/** How often one call is made at most. */
const TRIES = 5;
const USUAL_SECONDS = 2;
const MOST_SECONDS = 60;

/** What may go well a little later, without anybody doing anything about it. */
const PASSING = [Code.Unavailable, Code.ResourceExhausted, Code.DeadlineExceeded];

/** Calls again what failed for now, after as long as the server said. For what can be repeated. */
export async function patiently<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  wait: (seconds: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (failure) {
      const told = ConnectError.from(failure);
      if (signal.aborted || tries === TRIES || !PASSING.includes(told.code)) throw failure;
      await wait(Math.min(waitOf(told) || USUAL_SECONDS * tries, MOST_SECONDS), signal);
    }
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
