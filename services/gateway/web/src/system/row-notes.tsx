import { useCallback, useEffect, useRef, useState } from "react";

const SHOWN_MS = 10_000;

/** What an action did, said on the row where it was done, for a while. */
export function useRowNotes() {
  const [notes, setNotes] = useState<Record<string, string>>({});
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  const say = useCallback((row: string, words: string) => {
    setNotes((before) => ({ ...before, [row]: words }));
    timers.current.push(setTimeout(() => setNotes((before) => without(before, row, words)), SHOWN_MS));
  }, []);
  return { notes, say };
}

export type RowNotes = ReturnType<typeof useRowNotes>;

/** A later note about the same row stays. */
function without(notes: Record<string, string>, row: string, words: string) {
  return Object.fromEntries(Object.entries(notes).filter(([name, said]) => name !== row || said !== words));
}

/** The place is there before the words are, so that a screen reader says them. */
export function RowNote({ notes, row }: { notes: RowNotes; row: string }) {
  const words = notes.notes[row];
  return (
    <span role="status" className="row-note">
      {words && `✓ ${words}`}
    </span>
  );
}
