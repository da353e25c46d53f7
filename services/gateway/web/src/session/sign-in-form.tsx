import { Code } from "@connectrpc/connect";
import { Button, Input } from "antd";
import { useState, type FormEvent, type ReactNode } from "react";
import { useClient } from "../api/clients";
import { isCode, problemOf, reasonOf } from "../api/errors";
import { useAction } from "../api/use-action";
import { IdentityService, type SignInResponse } from "../gen/qudao/partner/v1/identity_service_pb";
import { useI18n } from "../i18n/i18n";
import { Failure } from "../ui/states";
import { clockOf, useWait } from "./use-wait";

interface Props {
  /** Whose people sign in; a page that does not know yet has a field for it among the children. */
  tenantId: string;
  /** The person, where only they can go on. */
  login?: string;
  autoFocus: boolean;
  onSignedIn: (answer: SignInResponse) => void;
  children?: ReactNode;
}

/** User name and password; too many wrong ones have to wait, and see for how long. */
export function SignInForm({ tenantId, login: known = "", autoFocus, onSignedIn, children }: Props) {
  const { t } = useI18n();
  const identity = useClient(IdentityService);
  const [login, setLogin] = useState(known);
  const [password, setPassword] = useState("");
  const { run, busy, error } = useAction();
  const wait = useLockOut(error);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait > 0) return;
    void run(async () => {
      onSignedIn(await identity.signIn({ tenantId: tenantId.trim(), login: login.trim(), password }));
    });
  };

  return (
    <form className="identity-form" onSubmit={submit}>
      {children}
      {known ? (
        // For whoever keeps passwords: it has to know whose this one is.
        <input className="hidden" name="login" autoComplete="username" readOnly tabIndex={-1} aria-hidden value={known} />
      ) : (
        <label className="field">
          {t("session.login")}
          <Input
            name="login"
            autoComplete="username"
            autoCapitalize="none"
            required
            autoFocus={autoFocus}
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        </label>
      )}
      <label className="field">
        {t("session.password")}
        <Input.Password
          name="password"
          autoComplete="current-password"
          required
          autoFocus={autoFocus && known !== ""}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      {wait > 0 ? (
        <LockOut seconds={wait} />
      ) : (
        error !== undefined &&
        !isLockOut(error) && (
          <Failure error={error} {...(isCode(error, Code.Unauthenticated) && { todo: t("session.check") })} />
        )
      )}
      <Button type="primary" htmlType="submit" size="large" block loading={busy} disabled={wait > 0}>
        {wait > 0 ? t("session.wait", { time: clockOf(wait) }) : t("session.signIn")}
      </Button>
    </form>
  );
}

function useLockOut(error: unknown): number {
  const { locale, t } = useI18n();
  const seconds = isLockOut(error) ? problemOf(error, locale, t).waitSeconds : 0;
  return useWait(seconds, error);
}

/** A busy server has people wait as well, but not because of what they did. */
function isLockOut(error: unknown): boolean {
  return error !== undefined && reasonOf(error) === "TOO_MANY_ATTEMPTS";
}

function LockOut({ seconds }: { seconds: number }) {
  const { t } = useI18n();
  return (
    <div className="state state-failed" role="alert" data-lock-out={seconds > 0}>
      <p className="state-title">{t("session.lockedOut")}</p>
      <p className="soft">{t("session.lockedOut.todo")}</p>
    </div>
  );
}
