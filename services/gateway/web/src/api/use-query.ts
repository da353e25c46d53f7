import { createContext, useCallback, useContext, useEffect, useRef, useState } from "react";

export interface Query<T> {
  data: T | undefined;
  error: unknown;
  /** Asking for the first time, or for something else than before. */
  loading: boolean;
  refetch: () => void;
}

interface State<T> {
  key: string;
  data: T | undefined;
  error: unknown;
  done: boolean;
}

/** Changes when somebody signed in again: what failed without a sign-in is asked for once more. */
export const GenerationContext = createContext(0);

/**
 * Asks again whenever `key` changes, and quietly whenever `tick` does: the answer on the screen
 * stays until the next one is there. With `keep`, also across keys.
 */
export function useQuery<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
  { tick = "", keep = false, enabled = true }: { tick?: string; keep?: boolean; enabled?: boolean } = {},
): Query<T> {
  const [state, setState] = useState<State<T>>({ key, data: undefined, error: undefined, done: false });
  const [attempt, setAttempt] = useState(0);
  const generation = useContext(GenerationContext);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ key, data, error: undefined, done: true });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({
          key,
          data: before.key === key ? before.data : undefined,
          error,
          done: true,
        }));
      },
    );
    return () => abort.abort();
  }, [key, tick, attempt, enabled, generation]);

  const same = state.key === key;
  return {
    data: same || keep ? state.data : undefined,
    error: same ? state.error : undefined,
    loading: enabled && (!same || !state.done),
    refetch: useCallback(() => setAttempt((n) => n + 1), []),
  };
}
