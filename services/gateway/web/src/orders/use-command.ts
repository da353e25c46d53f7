import { Code } from "@connectrpc/connect";
import { useRef, useState } from "react";
import { isCode } from "../api/errors";
import type { Receipt } from "../gen/qudao/common/v1/receipt_pb";

interface Sent {
  body: string;
  requestId: string;
}

/**
 * The id a body goes out under: a repeat of the same body keeps its id, so that it is answered
 * and not done again; another body is another request.
 */
export function requestIdFor(sent: Sent | undefined, body: string): Sent {
  return sent?.body === body ? sent : { body, requestId: crypto.randomUUID() };
}

/** Sends one command at a time and keeps its request id until it got through. */
export function useCommand(onDone: (position: bigint) => void, onStale?: () => void) {
  const sent = useRef<Sent | undefined>(undefined);
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const run = async (
    body: unknown,
    send: (requestId: string) => Promise<{ receipt?: Receipt }>,
  ): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    sent.current = requestIdFor(sent.current, JSON.stringify(body));
    try {
      const { receipt } = await send(sent.current.requestId);
      sent.current = undefined;
      onDone(receipt?.position ?? 0n);
    } catch (failure) {
      setError(failure);
      if (isCode(failure, Code.Aborted)) onStale?.();
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy, error };
}
