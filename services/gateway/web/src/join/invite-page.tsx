import { Button, Input } from "antd";
import { useEffect, useState, type FormEvent } from "react";
import { useNavigate, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { formatTime } from "../format/time";
import { InvitationService, type GetInvitationResponse } from "../gen/qudao/partner/v1/invitation_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { useBrand } from "../session/brand";
import { NewPassword } from "../session/new-password";
import { ProviderButton } from "../session/provider-button";
import { useSession } from "../session/session";
import { LEAST } from "../session/strength";
import { RoleNames } from "../shell/role-names";
import { FactList } from "../ui/fact-list";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { Failure, Loading } from "../ui/states";
import { isLinkOver, LinkOver } from "./link-over";
import { JoinPage } from "./join-page";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Who holds the link sees what they are invited to, and becomes a user. */
export default function InvitePage() {
  const { t } = useI18n();
  const { token = "" } = useParams();
  const invitations = useClient(InvitationService);
  const { show } = useBrand();
  const query = useQuery(`invitation/${token}`, (signal) => invitations.getInvitation({ token }, { signal }));
  const tenantId = query.data?.tenantId;
  useEffect(() => {
    if (tenantId) show(tenantId);
  }, [show, tenantId]);
  return (
    <JoinPage title={t("join.title")} claim={t("join.title")} brand={query.data?.tenantName}>
      {query.data ? (
        <Acceptance token={token} invitation={query.data} />
      ) : isLinkOver(query.error) ? (
        <LinkOver error={query.error} />
      ) : query.error !== undefined ? (
        <Failure error={query.error} retry={query.refetch} />
      ) : (
        <Loading rows={6} />
      )}
    </JoinPage>
  );
}

function Offer({ invitation }: { invitation: GetInvitationResponse }) {
  const { t } = useI18n();
  return (
    <FactList
      facts={[
        [t("join.company"), <strong key="company">{invitation.companyName || invitation.tenantName}</strong>],
        [t("join.roles"), <RoleNames key="roles" roles={invitation.roles} />],
        [t("join.until"), formatTime(invitation.expiresAt, HERE)],
      ]}
    />
  );
}

function Acceptance({ token, invitation }: { token: string; invitation: GetInvitationResponse }) {
  const { t } = useI18n();
  const invitations = useClient(InvitationService);
  const { look } = useBrand();
  const { begin } = useSession();
  const navigate = useNavigate();
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const command = useCommand(() => void navigate("/", { replace: true }));
  const problem = useFieldProblems(command.error);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { login: login.trim(), name: name.trim(), password };
    void command.run(wanted, async (requestId) => {
      const answer = await invitations.acceptInvitation({ requestId, token, ...wanted });
      localStorage.setItem("qudao.lastTenant", invitation.tenantId);
      if (answer.session) begin(answer.session);
      return answer;
    });
  };

  if (isLinkOver(command.error)) return <LinkOver error={command.error} />;
  return (
    <form className="identity-form" onSubmit={submit}>
      <Offer invitation={invitation} />
      <Field label={t("join.login")} problem={problem("login")} hint={t("join.login.hint")}>
        <Input
          name="login"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          minLength={2}
          maxLength={64}
          pattern="[a-z0-9._\-]+"
          title={t("join.login.hint")}
          value={login}
          onChange={(event) => setLogin(event.target.value.toLowerCase())}
        />
      </Field>
      <Field label={t("join.name")} problem={problem("name")} hint={t("join.name.hint")}>
        <Input name="name" autoComplete="name" required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <NewPassword
        label={t("session.password")}
        value={password}
        onChange={setPassword}
        known={[login, name, invitation.tenantId, invitation.tenantName]}
        error={command.error}
        field="password"
      />
      <RestOfFailure error={command.error} fields={["login", "name", "password"]} />
      <Button
        type="primary"
        htmlType="submit"
        size="large"
        block
        loading={command.busy}
        disabled={[...password].length < LEAST || login.trim().length < 2 || name.trim() === ""}
      >
        {t("join.accept")}
      </Button>
      {look?.provider && look.tenantId === invitation.tenantId && (
        <>
          <p className="soft">{t("oidc.invite.or")}</p>
          <ProviderButton
            label={look.provider}
            invitation={{ token, login: login.trim(), name: name.trim() }}
            disabled={login.trim().length < 2 || name.trim() === ""}
          />
        </>
      )}
    </form>
  );
}
