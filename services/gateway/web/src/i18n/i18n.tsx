import { createContext, useCallback, useContext } from "react";
import type { Locale } from "../format/number";
import { wordsOf, type Key } from "./words";

export type { Key };
export type Translate = (key: Key, values?: Record<string, string | number>) => string;

/**
 * Fills `{name}` from the values. A text with `|` has a form for one and a form for many,
 * chosen by `n`.
 */
export function translate(
  locale: Locale,
  key: Key,
  values: Record<string, string | number> = {},
): string {
  const [one = "", many] = wordsOf(locale, key).split("|");
  const text = many !== undefined && String(values.n) !== "1" ? many : one;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const LocaleContext = createContext<Locale>("zh-CN");

export function useI18n(): { locale: Locale; t: Translate } {
  const locale = useContext(LocaleContext);
  const t = useCallback<Translate>((key, values) => translate(locale, key, values), [locale]);
  return { locale, t };
}
