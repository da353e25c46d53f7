// A first opinion on a password, told while it is typed. The server has the last word: it knows
// more words than fit into a page.

export const LEAST = 10;
export const MOST = 200;

export type Strength = 0 | 1 | 2 | 3;

export interface Opinion {
  longEnough: boolean;
  /** It does not rest on the user name, the brand or the person's name. */
  unrelated: boolean;
  /** It is no common word, row of keys or repetition. */
  unusual: boolean;
  strength: Strength;
}

/** What people take first, in the order in which attackers try it. */
const COMMON = [
  "password", "passw0rd", "qwerty", "qwertyuiop", "asdfgh", "zxcvbn", "1qaz2wsx", "iloveyou", "woaini", "5201314",
  "1314520", "admin", "welcome", "letmein", "dragon", "monkey", "abc123", "a123456", "123456789", "mima",
];

const ROWS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const BOTH_WAYS = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);

/** The text without the words that somebody would try first. */
function without(text: string, words: string[]): string {
  return words.reduce((rest, word) => rest.replaceAll(word, ""), text);
}

/** Runs of one sign and parts of rows of keys count as one sign. */
function folded(text: string): string {
  let rest = text.replace(/(.+?)\1+/gu, "$1");
  for (const row of BOTH_WAYS) {
    for (let length = row.length; length >= 3; length -= 1) {
      for (let at = 0; at + length <= row.length; at += 1) {
        rest = rest.replaceAll(row.slice(at, at + length), row[at] ?? "");
      }
    }
  }
  return rest;
}

function pool(text: string): number {
  const kinds: [RegExp, number][] = [[/[a-z]/, 26], [/[A-Z]/, 26], [/\d/, 10], [/[^\w\u4e00-\u9fff]/, 20], [/[\u4e00-\u9fff]/, 1_500]];
  return kinds.reduce((size, [kind, more]) => size + (kind.test(text) ? more : 0), 1);
}

function bitsOf(text: string): number {
  return new Set(text).size < 4 ? 0 : [...text].length * Math.log2(pool(text));
}

export function opinionOn(password: string, known: string[]): Opinion {
  const text = password.toLowerCase();
  const words = known.flatMap((one) => [one, ...one.split(/[\s.\-_]+/)]).map((one) => one.toLowerCase().trim());
  const own = words.filter((word) => word.length >= 3);
  const length = [...password].length;
  const rest = folded(without(without(text, own), COMMON));
  const bits = bitsOf(rest);
  const longEnough = length >= LEAST && length <= MOST;
  const unrelated = !own.some((word) => text.includes(word)) || bits >= 30;
  const unusual = bits >= 24;
  const strength = !longEnough || !unusual || !unrelated ? 0 : bits < 40 ? 1 : bits < 60 ? 2 : 3;
  return { longEnough, unrelated, unusual, strength };
}
