// A chunk of its own: the readings of all Chinese characters are larger than the rest of the mall.
import { pinyin } from "pinyin-pro";
import type { Sounds } from "./find";

const read = (text: string, pattern: "first" | "pinyin") =>
  pinyin(text, { pattern, toneType: "none", type: "array", nonZh: "consecutive", v: true }).join("");

export const sounds: Sounds = (text) => ({ initials: read(text, "first"), full: read(text, "pinyin") });
