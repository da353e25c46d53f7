// The page where people sign in shows the brand before anybody is known, and files are shown to
// nobody who is not. So a small copy of the logo goes with the settings of the brand.
import type { Wire } from "../api/transport";
import { readFile } from "./wire";

/** What the settings take: 64 KiB as a data URI. */
const MOST = 64 * 1024;
/** Pixels on the longer side, for screens of the finest kind first. */
const SIDES = [192, 128, 96, 64];

/** A small copy of a stored picture as a data URI. */
export async function logoCopy(wire: Wire, fileId: string): Promise<string> {
  const picture = await createImageBitmap(await readFile(wire, fileId, "preview"));
  for (const side of SIDES) {
    const uri = drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)));
    if (uri.length <= MOST) return uri;
  }
  throw new Error("no copy of the picture is small enough");
}

function drawn(picture: ImageBitmap, scale: number): string {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}
