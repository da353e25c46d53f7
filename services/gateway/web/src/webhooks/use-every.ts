import { useEffect, useState } from "react";

/** A number that grows while the page is looked at: what is sent changes without anybody's doing. */
export function useEvery(millis: number): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setCount((before) => before + 1);
    }, millis);
    return () => clearInterval(timer);
  }, [millis]);
  return count;
}
