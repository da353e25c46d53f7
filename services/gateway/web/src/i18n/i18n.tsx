import { createContext, useCallback, useContext } from "react";
import type { Locale } from "../format/number";
import { zh } from "./zh";

export type Key = keyof typeof zh;
export type Translate = (key: Key, values?: Record<string, string | number>) => string;

/** Chinese is part of the page; another language is fetched by whoever reads it. */
const dictionaries: Partial<Record<Locale, Record<Key, string>>> & { "zh-CN": Record<Key, string> } = { "zh-CN": zh };

/** Fetches the words of a language, once. */
export async function loadLanguage(locale: Locale): Promise<void> {
  if (locale === "en" && !dictionaries.en) dictionaries.en = (await import("./en")).en;
}

/**
 * Fills `{name}` from the values. A text with `|` has a form for one and a form for many,
 * chosen by `n`.
 */
export function translate(
  locale: Locale,
  key: Key,
  values: Record<string, string | number> = {},
): string {
  const [one = "", many] = (dictionaries[locale] ?? dictionaries["zh-CN"])[key].split("|");
  const text = many !== undefined && String(values.n) !== "1" ? many : one;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const LocaleContext = createContext<Locale>("zh-CN");

export function useI18n(): { locale: Locale; t: Translate } {
  const locale = useContext(LocaleContext);
  const t = useCallback<Translate>((key, values) => translate(locale, key, values), [locale]);
  return { locale, t };
}
