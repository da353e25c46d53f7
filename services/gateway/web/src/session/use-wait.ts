import { useEffect, useState } from "react";

/** Seconds left of a wait that begins whenever `cause` changes; 0 when there is none. */
export function useWait(seconds: number, cause: unknown): number {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const from = Date.now();
    setNow(from);
    setUntil(from + seconds * 1_000);
  }, [seconds, cause]);
  const left = Math.max(0, Math.ceil((until - now) / 1_000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [left === 0]);
  return left;
}

/** `75` as `1:15`. */
export function clockOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
