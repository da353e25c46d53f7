import { Code } from "@connectrpc/connect";
import { useRef } from "react";
import { isCode } from "../api/errors";
import { useAction } from "../api/use-action";
import type { Receipt } from "../gen/qudao/common/v1/receipt_pb";
import { requestIdFor, type Sent } from "./request-id";

/** Sends one command at a time and keeps its request id until it got through. */
export function useCommand(onDone: (position: bigint) => void, onStale?: () => void) {
  const sent = useRef<Sent | undefined>(undefined);
  const action = useAction();

  const run = (
    body: unknown,
    send: (requestId: string) => Promise<{ receipt?: Receipt }>,
  ): Promise<void> =>
    action.run(async () => {
      sent.current = requestIdFor(sent.current, JSON.stringify(body));
      try {
        const { receipt } = await send(sent.current.requestId);
        sent.current = undefined;
        onDone(receipt?.position ?? 0n);
      } catch (failure) {
        if (isCode(failure, Code.Aborted)) onStale?.();
        throw failure;
      }
    });
  return { ...action, run };
}
