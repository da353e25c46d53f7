import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Locale } from "../format/number";
import { loadLanguage } from "../i18n/words";
import type { Scheme } from "../tokens";

export type Appearance = "system" | Scheme;

interface Preferences {
  locale: Locale;
  setLocale: (locale: Locale) => void;
  /** The brand's language, for whoever has chosen none here and none that there are words in. */
  suggestLocale: (locale: Locale) => void;
  appearance: Appearance;
  setAppearance: (appearance: Appearance) => void;
  scheme: Scheme;
}

const PreferencesContext = createContext<Preferences | undefined>(undefined);

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (!preferences) throw new Error("PreferencesProvider is missing");
  return preferences;
}

function chosenLocale(): Locale | undefined {
  const stored = localStorage.getItem("qudao.locale");
  return stored === "zh-CN" || stored === "en" ? stored : undefined;
}

export function firstLocale(): Locale {
  const chosen = chosenLocale();
  if (chosen) return chosen;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

function stay() {}

function firstAppearance(): Appearance {
  const stored = localStorage.getItem("qudao.appearance");
  return stored === "light" || stored === "dark" ? stored : "system";
}

function useSystemScheme(): Scheme {
  const query = useMemo(() => window.matchMedia("(prefers-color-scheme: dark)"), []);
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const follow = () => setDark(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, [query]);
  return dark ? "dark" : "light";
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(firstLocale);
  const [appearance, setAppearance] = useState(firstAppearance);
  const system = useSystemScheme();
  const scheme = appearance === "system" ? system : appearance;

  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  useEffect(() => localStorage.setItem("qudao.appearance", appearance), [appearance]);
  const value = useMemo<Preferences>(
    () => ({
      locale,
      // Where its words can not be fetched, the language stays as it is.
      setLocale: (chosen) =>
        void loadLanguage(chosen).then(() => {
          localStorage.setItem("qudao.locale", chosen);
          setLocale(chosen);
        }, stay),
      suggestLocale: (suggested) => {
        if (chosenLocale() || /^(zh|en)/i.test(navigator.language)) return;
        void loadLanguage(suggested).then(() => setLocale(suggested), stay);
      },
      appearance,
      setAppearance,
      scheme,
    }),
    [locale, appearance, scheme],
  );
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>;
}
