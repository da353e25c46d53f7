import { useEffect, useState } from "react";
import { readFile, useWire, type Rendition } from "./wire";

/**
 * An address of a file for this page alone: an `<img>` can send no token, so the bytes are fetched
 * and shown from memory. Undefined until they are there, and when they can not be had.
 */
export function useFileUrl(id: string, as: Rendition): string | undefined {
  const wire = useWire();
  const [shown, setShown] = useState<{ key: string; url: string }>();
  const key = `${id}/${as}`;
  useEffect(() => {
    if (!id) return;
    const abort = new AbortController();
    let url = "";
    readFile(wire, id, as, abort.signal).then(
      (blob) => {
        if (abort.signal.aborted) return;
        url = URL.createObjectURL(blob);
        setShown({ key, url });
      },
      () => undefined,
    );
    return () => {
      abort.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [wire, id, as, key]);
  return shown?.key === key ? shown.url : undefined;
}
