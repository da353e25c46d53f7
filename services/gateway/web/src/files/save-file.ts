import type { Wire } from "../api/transport";
import { readFile, type Rendition } from "./wire";

/** Has the browser save a file under its name. */
export async function saveFile(wire: Wire, { fileId, name }: { fileId: string; name: string }, as: Rendition = ""): Promise<void> {
  saveBlob(await readFile(wire, fileId, as), name);
}

/** The same of what was made here. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
