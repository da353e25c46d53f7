import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";

/** Changes some parameters of the URL; an empty value removes one. */
export function useUrlParams() {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (changes: Record<string, string>, { replace = false } = {}) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace },
      );
    },
    [setParams],
  );
  return [params, change] as const;
}

/** The text of a search box that reaches the URL once the person stops typing. */
export function useSearchText(value: string, commit: (text: string) => void) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => commit(text.trim()), 300);
    return () => clearTimeout(timer);
    // `commit` is new on every render; only what was typed counts.
  }, [text]);
  return [text, setText] as const;
}
