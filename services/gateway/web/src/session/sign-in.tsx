import { Code } from "@connectrpc/connect";
import { Button, Input } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { useClients } from "../api/clients";
import { isCode } from "../api/errors";
import { useI18n } from "../i18n/i18n";
import { LanguageSwitch } from "../shell/settings";
import { Failure } from "../ui/states";
import { useSession } from "./session";

const LAST = "qudao.lastTenant";

/** Takes the place of the page that was asked for, so that its URL is still there afterwards. */
export function SignIn() {
  const { t } = useI18n();
  const { identity } = useClients();
  const { begin, expired } = useSession();
  const [tenant, setTenant] = useState(() => localStorage.getItem(LAST) ?? "");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  useEffect(() => {
    document.title = `${t("session.title")} · ${t("app.name")}`;
  }, [t]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const answer = await identity.signIn({ tenantId: tenant.trim(), login: login.trim(), password });
      localStorage.setItem(LAST, tenant.trim());
      if (answer.user) begin({ token: answer.token, expiresAt: answer.expiresAt, user: answer.user });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <form className="panel" onSubmit={(event) => void submit(event)}>
        <header>
          <img src="/icon.svg" alt="" width={40} height={40} />
          <div>
            <h1>{t("app.name")}</h1>
            <p className="soft">{t("app.claim")}</p>
          </div>
        </header>
        {expired && <p role="status">{t("session.expired")}</p>}
        <label>
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
        <label>
          {t("session.login")}
          <Input
            name="login"
            autoComplete="username"
            autoCapitalize="none"
            required
            autoFocus={tenant !== ""}
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        </label>
        <label>
          {t("session.password")}
          <Input.Password
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {error !== undefined && (
          <Failure
            error={error}
            {...(isCode(error, Code.Unauthenticated) && { todo: t("session.check") })}
          />
        )}
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t("session.signIn")}
        </Button>
        <LanguageSwitch />
      </form>
    </main>
  );
}
