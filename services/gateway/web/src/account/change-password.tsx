import { App, Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { useClient } from "../api/clients";
import { reasonOf } from "../api/errors";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { NewPassword } from "../session/new-password";
import { useSession, useUser } from "../session/session";
import { LEAST } from "../session/strength";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";

/** Sets another password; whoever is signed in elsewhere is not any more. */
export function ChangePassword({ onDone }: { onDone: () => void }) {
  const { t } = useI18n();
  const user = useUser();
  const { goOn } = useSession();
  const sessions = useClient(SessionService);
  const { message } = App.useApp();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const command = useCommand(() => {
    setOld("");
    setNext("");
    void message.success(t("account.password.changed"));
    onDone();
  });
  const problem = useFieldProblems(command.error);
  const wrong = command.error !== undefined && reasonOf(command.error) === "WRONG_PASSWORD";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void command.run([old, next], async (requestId) => {
      const answer = await sessions.changePassword({ requestId, oldPassword: old, newPassword: next });
      if (answer.session) goOn(answer.session);
      return answer;
    });
  };
  return (
    <form className="identity-form narrow" onSubmit={submit}>
      <input type="hidden" autoComplete="username" value={user.userId} readOnly />
      <Field label={t("account.password.old")} problem={wrong ? t("account.password.wrong") : problem("old_password")}>
        <Input.Password
          name="old-password"
          autoComplete="current-password"
          required
          status={wrong ? "error" : ""}
          value={old}
          onChange={(event) => setOld(event.target.value)}
        />
      </Field>
      <NewPassword
        label={t("account.password.new")}
        value={next}
        onChange={setNext}
        known={[user.userId, user.name, user.tenantId, user.tenantName]}
        error={command.error}
        field="new_password"
      />
      {!wrong && <RestOfFailure error={command.error} fields={["old_password", "new_password"]} />}
      <p className="soft">{t("account.password.consequence")}</p>
      <Button type="primary" htmlType="submit" loading={command.busy} disabled={old === "" || [...next].length < LEAST}>
        {t("account.password")}
      </Button>
    </form>
  );
}
