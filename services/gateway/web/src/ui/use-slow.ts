import { useEffect, useRef, useState } from "react";

/** A value once it has stood still for a while. */
export function useSlow<T>(value: T, millis: number): T {
  const [slow, setSlow] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(value), millis);
    return () => clearTimeout(timer);
  }, [value, millis]);
  return slow;
}

/** A value that follows another one, but not more often than that. */
export function useSeldom<T>(value: T, millis: number): T {
  const [seen, setSeen] = useState(value);
  const changedAt = useRef(0);
  useEffect(() => {
    if (value === seen) return;
    const wait = Math.max(0, changedAt.current + millis - Date.now());
    const timer = setTimeout(() => {
      changedAt.current = Date.now();
      setSeen(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, seen, millis]);
  return seen;
}
