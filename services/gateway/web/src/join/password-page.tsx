import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useNavigate, useParams } from "react-router";
import { useClient } from "../api/clients";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useBrand } from "../session/brand";
import { NewPassword } from "../session/new-password";
import { useSession } from "../session/session";
import { LEAST } from "../session/strength";
import { RestOfFailure } from "../ui/field-problems";
import { JoinPage } from "./join-page";
import { isLinkOver, LinkOver } from "./link-over";

/** Who holds the link of a reset sets another password. Whose it is, only the server knows. */
export default function PasswordPage() {
  const { t } = useI18n();
  const { token = "" } = useParams();
  const sessions = useClient(SessionService);
  const { look } = useBrand();
  const { begin } = useSession();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const command = useCommand(() => void navigate("/", { replace: true }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void command.run(password, async (requestId) => {
      const answer = await sessions.setPassword({ requestId, token, password });
      if (answer.session) begin(answer.session);
      return answer;
    });
  };
  return (
    <JoinPage title={t("reset.title")} claim={t("reset.title")} {...(look && { brand: look.name })}>
      {isLinkOver(command.error) ? (
        <LinkOver error={command.error} />
      ) : (
        <form className="identity-form" onSubmit={submit}>
          <p className="soft">{t("reset.what")}</p>
          <NewPassword
            label={t("reset.password")}
            value={password}
            onChange={setPassword}
            known={look ? [look.tenantId, look.name] : []}
            error={command.error}
            field="password"
          />
          <RestOfFailure error={command.error} fields={["password"]} />
          <Button type="primary" htmlType="submit" size="large" block loading={command.busy} disabled={[...password].length < LEAST}>
            {t("reset.set")}
          </Button>
        </form>
      )}
    </JoinPage>
  );
}
