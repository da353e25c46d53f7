// What can be changed of a brand, and what is to be said about a choice before it is saved.
import { contrast, isColour, LEAST_CONTRAST, mixed } from "../contrast";
import type { Module } from "../gen/qudao/access/v1/access_pb";
import type { GetTenantResponse } from "../gen/qudao/partner/v1/tenant_service_pb";
import { palette, type Scheme } from "../tokens";

export interface BrandDraft {
  name: string;
  logo: string;
  accentColour: string;
  accentColourDark: string;
  locale: string;
  timeZone: string;
  fiscalStartMonth: number;
  modules: Module[];
}

export function draftOf(tenant: GetTenantResponse): BrandDraft {
  const { name, logo, accentColour, accentColourDark, locale, settings } = tenant;
  return {
    name,
    logo,
    accentColour,
    accentColourDark,
    locale,
    timeZone: settings?.timeZone ?? "",
    fiscalStartMonth: settings?.fiscalStartMonth || 1,
    modules: [...(settings?.modules ?? [])].sort((a, b) => a - b),
  };
}

export function sameDraft(a: BrandDraft, b: BrandDraft): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What the accent stands on, or what stands on it. */
function groundsOf(accent: string, scheme: Scheme): string[] {
  const { surface, ground } = palette[scheme];
  return [surface, ground, mixed(accent, surface, scheme === "light" ? 0.1 : 0.18)];
}

/** The worst contrast that the accent has to anything; undefined for what is no colour. */
export function worstContrast(accent: string, scheme: Scheme): number | undefined {
  if (!isColour(accent)) return undefined;
  return Math.min(...groundsOf(accent, scheme).map((ground) => contrast(accent, ground)));
}

export function isReadable(accent: string, scheme: Scheme): boolean {
  return (worstContrast(accent, scheme) ?? LEAST_CONTRAST) >= LEAST_CONTRAST;
}

/** The nearest darker or lighter colour that people can read in a scheme. */
export function suggested(accent: string, scheme: Scheme): string {
  const end = scheme === "light" ? "#000000" : "#ffffff";
  for (let share = 0; share < 1; share += 0.04) {
    const tried = mixed(end, accent, share);
    if (isReadable(tried, scheme)) return tried;
  }
  return end;
}
