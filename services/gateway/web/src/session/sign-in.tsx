import { Input } from "antd";
import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useI18n } from "../i18n/i18n";
import { LanguageSwitch } from "../shell/settings";
import { useBrand } from "./brand";
import { ProviderButton } from "./provider-button";
import { BrandMark } from "./brand-mark";
import { useSession } from "./session";
import { SignInForm } from "./sign-in-form";

const LAST = "qudao.lastTenant";
/** So long after the last key the brand of what was typed is asked for. */
const TYPED_MS = 400;

/** Takes the place of the page that was asked for, so that its URL is still there afterwards. */
export function SignIn() {
  const { t } = useI18n();
  const { begin, over } = useSession();
  const { look, show } = useBrand();
  const navigate = useNavigate();
  const named = /^\/t\/([^/]+)/.exec(useLocation().pathname)?.[1] ?? "";
  const [tenant, setTenant] = useState(() => named || (localStorage.getItem(LAST) ?? ""));

  useEffect(() => {
    document.title = `${t("session.title")} · ${look?.name ?? t("app.name")}`;
  }, [t, look]);
  useEffect(() => {
    const timer = setTimeout(() => show(tenant.trim()), tenant === named ? 0 : TYPED_MS);
    return () => clearTimeout(timer);
  }, [show, tenant, named]);

  return (
    <main className="identity">
      <div className="panel identity-panel">
        <BrandMark claim={look ? t("session.toWork") : t("app.claim")} />
        {over && <p role="status">{t("session.expired")}</p>}
        <SignInForm
          tenantId={tenant}
          autoFocus={tenant !== ""}
          onSignedIn={(answer) => {
            localStorage.setItem(LAST, tenant.trim());
            if (named) void navigate("/", { replace: true });
            begin(answer);
          }}
        >
          <label className="field">
            {t("session.tenant")}
            <Input
              name="tenant"
              autoComplete="organization"
              autoCapitalize="none"
              required
              autoFocus={tenant === ""}
              value={tenant}
              onChange={(event) => setTenant(event.target.value)}
            />
          </label>
        </SignInForm>
        {look?.provider && <ProviderButton label={look.provider} tenantId={tenant.trim()} />}
        <LanguageSwitch />
      </div>
    </main>
  );
}
