import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { isColour } from "../contrast";
import { useFileUrl } from "../files/use-file-url";
import { TenantService } from "../gen/qudao/partner/v1/tenant_service_pb";
import { applyTokens } from "../tokens";
import { usePreferences } from "./preferences";
import { useSession } from "./session";

/** How a brand looks, also to whom is not signed in. */
export interface Look {
  tenantId: string;
  name: string;
  logo: string;
  accent: string;
  accentDark: string;
  locale: string;
  /** What stands on the button of its identity provider; empty when there is none. */
  provider: string;
}

interface Brand {
  look: Look | undefined;
  /** Address of its logo, or of the system's own. */
  logo: string;
  /** The tenant whose people sign in here, as far as it is known. */
  show: (tenantId: string) => void;
  /** Tries a look on the whole page, without keeping it. */
  attempt: (look: Partial<Look> | undefined) => void;
  /** Reads it again: it was changed. */
  reload: () => void;
}

const BrandContext = createContext<Brand | undefined>(undefined);

export function useBrand(): Brand {
  const brand = useContext(BrandContext);
  if (!brand) throw new Error("BrandProvider is missing");
  return brand;
}

const KEY = "qudao.brand";

/** The last one stays on this device, so that its people see it before anything was asked. */
function storedLook(): Look | undefined {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? "null") as Look | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function BrandProvider({ children }: { children: ReactNode }) {
  const tenants = useClient(TenantService);
  const { session } = useSession();
  const { scheme, suggestLocale } = usePreferences();
  const [known, setKnown] = useState(storedLook);
  const [shown, setShown] = useState(known?.tenantId ?? "");
  const [tried, setTried] = useState<Partial<Look>>();
  const [version, setVersion] = useState(0);
  const tenantId = session?.user.tenantId ?? shown;

  useEffect(() => {
    if (!tenantId) return;
    const abort = new AbortController();
    tenants.getTenant({ tenantId }, { signal: abort.signal }).then(
      ({ name, logo, accentColour, accentColourDark, locale, providerLabel: provider }) => {
        if (abort.signal.aborted) return;
        const look = { tenantId, name, logo, accent: accentColour, accentDark: accentColourDark, locale, provider };
        localStorage.setItem(KEY, JSON.stringify(look));
        setKnown(look);
        if (locale === "zh-CN" || locale === "en") suggestLocale(locale);
      },
      // An unknown tenant looks like the system itself.
      () => undefined,
    );
    return () => abort.abort();
    // The way to suggest a language is new with every choice of one; that is no reason to ask.
  }, [tenants, tenantId, version]);

  useEffect(() => {
    const follow = ({ key }: StorageEvent) => key === KEY && setKnown(storedLook());
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, []);

  const look = useMemo(() => {
    const own = known?.tenantId === tenantId ? known : undefined;
    return tried && own ? { ...own, ...tried } : own;
  }, [known, tenantId, tried]);
  const accent = accentOf(look, scheme);
  // Before the first paint, not after it: the page must not flash in other colours.
  useMemo(() => applyTokens(scheme, accent), [scheme, accent]);

  const reload = useCallback(() => setVersion((n) => n + 1), []);
  const logo = useLogo(look?.logo ?? "");
  const brand = useMemo(() => ({ look, logo, show: setShown, attempt: setTried, reload }), [look, logo, reload]);
  return <BrandContext.Provider value={brand}>{children}</BrandContext.Provider>;
}

/** The brand's accent for a scheme; empty for the system's own. */
export function accentOf(look: Look | undefined, scheme: "light" | "dark"): string {
  const accent = (scheme === "dark" ? look?.accentDark : look?.accent) ?? "";
  return isColour(accent) ? accent : "";
}

const FILE = "file:";

/** A picture that came along is shown at once; one of a file, to whoever may see the file. */
function useLogo(logo: string): string {
  const fileUrl = useFileUrl(logo.startsWith(FILE) ? logo.slice(FILE.length) : "", "thumbnail");
  if (logo.startsWith("data:image/")) return logo;
  return fileUrl ?? "/icon.svg";
}
