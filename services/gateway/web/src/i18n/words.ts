// The words of the pages, fetched with the pages that speak them, in the language of whoever reads.
import type { Locale } from "../format/number";
import { words as zhShell } from "./areas/zh-shell";
import type { zh } from "./zh";

export type Key = keyof typeof zh;
type Words = Partial<Record<Key, string>>;
type Source = () => Promise<{ words: Words }>;

/** What the frame around the pages says, and what is said before the sign-in, is there from the beginning. */
const dictionaries: Record<Locale, Words> = { "zh-CN": { ...zhShell }, en: {} };

/** Pages that share most of their words share an area. */
const AREAS = {
  shell: { "zh-CN": async () => ({ words: zhShell }), en: () => import("./areas/en-shell") },
  trade: { "zh-CN": () => import("./areas/zh-trade"), en: () => import("./areas/en-trade") },
  money: { "zh-CN": () => import("./areas/zh-money"), en: () => import("./areas/en-money") },
  rules: { "zh-CN": () => import("./areas/zh-rules"), en: () => import("./areas/en-rules") },
  office: { "zh-CN": () => import("./areas/zh-office"), en: () => import("./areas/en-office") },
  names: { "zh-CN": () => import("./areas/zh-names"), en: () => import("./areas/en-names") },
  mall: { "zh-CN": () => import("./areas/zh-mall"), en: () => import("./areas/en-mall") },
} satisfies Record<string, Record<Locale, Source>>;

export type Area = keyof typeof AREAS;

const LOCALES = Object.keys(dictionaries) as Locale[];

/** Areas and languages that are needed: what is fetched is each of the ones in each of the others. */
const areas = new Set<Area>(["shell"]);
const languages = new Set<Locale>();

async function fetchWords(area: Area, locale: Locale): Promise<void> {
  const source: Source = AREAS[area][locale];
  Object.assign(dictionaries[locale], (await source()).words);
}

/** Fetches a language for the pages that are open; those opened from now on come with it. */
export async function loadLanguage(locale: Locale): Promise<void> {
  languages.add(locale);
  try {
    await fetchAll([...areas], [locale]);
  } catch (error) {
    // Without its words the page is Chinese, which is better than none.
    languages.delete(locale);
    languages.add("zh-CN");
    throw error;
  }
}

async function fetchAll(wanted: Area[], locales: Iterable<Locale>): Promise<void> {
  await Promise.all([...locales].flatMap((locale) => wanted.map((area) => fetchWords(area, locale))));
}

/** Fetches what these areas say, in every language that is spoken here. */
export async function loadWords(...wanted: Area[]): Promise<void> {
  for (const area of wanted) areas.add(area);
  await fetchAll(wanted, languages);
}

/** How to fetch a part of the app so that it never shows up without its words. */
export function withWords<Part>(load: () => Promise<Part>, ...wanted: Area[]): () => Promise<Part> {
  return async () => (await Promise.all([load(), loadWords(...wanted)]))[0];
}

/** The same for a part that understands what people write in any language, whichever is spoken here. */
export function withAllWords<Part>(load: () => Promise<Part>, ...wanted: Area[]): () => Promise<Part> {
  return async () => (await Promise.all([load(), fetchAll(wanted, LOCALES)]))[0];
}

/** The text of a key as it was written, with its holes. */
export function wordsOf(locale: Locale, key: Key): string {
  const text = dictionaries[locale][key] ?? dictionaries["zh-CN"][key];
  if (text === undefined) console.error(`${key} is said by a page that was fetched without its words`);
  return text ?? key;
}

/** Whether it is a key of what was fetched. */
export function isKey(key: string): key is Key {
  return Object.values(dictionaries).some((words) => Object.hasOwn(words, key));
}

/** The keys of what was fetched that begin so, without that. */
export function keysUnder(prefix: string): string[] {
  const keys = new Set(Object.values(dictionaries).flatMap((words) => Object.keys(words)));
  return [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}
