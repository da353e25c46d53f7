import { useEffect, type ReactNode } from "react";
import { useI18n } from "../i18n/i18n";
import { BrandMark } from "../session/brand-mark";
import { useSession } from "../session/session";
import { LanguageSwitch } from "../shell/settings";

interface Props {
  title: string;
  claim: string;
  brand?: string;
  /** Nothing is asked of the person here, so nobody is about to take their place. */
  quiet?: boolean;
  children: ReactNode;
}

/** A page for who is not signed in yet: one panel, made for a phone. */
export function JoinPage({ title, claim, brand, quiet = false, children }: Props) {
  const { t } = useI18n();
  const { session, over } = useSession();
  useEffect(() => {
    document.title = `${title} · ${brand ?? t("app.name")}`;
  }, [title, brand, t]);
  return (
    <main className="identity">
      <div className="panel identity-panel">
        <BrandMark claim={claim} {...(brand && { name: brand })} />
        {session && !over && !quiet && <p className="note">{t("join.signedIn", { name: session.user.name })}</p>}
        {children}
        <LanguageSwitch />
      </div>
    </main>
  );
}
