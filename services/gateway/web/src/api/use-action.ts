import { useContext, useEffect, useRef, useState } from "react";
import { GenerationContext } from "./use-query";

/** Does one thing at a time; a failure stays on the screen until the next try. */
export function useAction() {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  // Who signed in again has another try; that the last one failed says nothing any more.
  const generation = useContext(GenerationContext);
  useEffect(() => setError(undefined), [generation]);

  const run = async (act: () => Promise<void>): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (failure) {
      setError(failure);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy, error };
}

export type Action = ReturnType<typeof useAction>;
