import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Locale } from "../format/number";
import { applyTokens, type Scheme } from "../tokens";

export type Appearance = "system" | Scheme;

interface Preferences {
  locale: Locale;
  setLocale: (locale: Locale) => void;
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

function firstLocale(): Locale {
  const stored = localStorage.getItem("qudao.locale");
  if (stored === "zh-CN" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

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
    localStorage.setItem("qudao.locale", locale);
    document.documentElement.lang = locale;
  }, [locale]);
  useEffect(() => localStorage.setItem("qudao.appearance", appearance), [appearance]);
  // Before the first paint, not after it: the page must not flash in the other scheme.
  useMemo(() => applyTokens(scheme), [scheme]);

  const value = useMemo(
    () => ({ locale, setLocale, appearance, setAppearance, scheme }),
    [locale, appearance, scheme],
  );
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>;
}
