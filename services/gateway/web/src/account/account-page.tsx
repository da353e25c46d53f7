import { Button } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { companyName, useSwitch } from "../session/company-switch";
import { useUser } from "../session/session";
import { RoleNames } from "../shell/role-names";
import { FactList } from "../ui/fact-list";
import { Page, Panel } from "../ui/page";
import { Failure } from "../ui/states";
import { IdentityList } from "./identity-list";
import { ChangePassword } from "./change-password";
import { SessionList } from "./session-list";

export default function AccountPage() {
  const { t } = useI18n();
  const user = useUser();
  const [changes, setChanges] = useState(0);
  return (
    <Page title={t("account.title")}>
      <Panel>
        <FactList
          facts={[
            [t("join.name"), user.name],
            [t("session.login"), <span key="login" className="mono">{user.userId}</span>],
            [t("session.tenant"), user.tenantName || user.tenantId],
          ]}
        />
      </Panel>
      <Companies />
      <Panel title={t("sessions.title")}>
        <SessionList tick={String(changes)} />
      </Panel>
      <IdentityList />
      <Panel title={t("account.password")}>
        <ChangePassword onDone={() => setChanges(changes + 1)} />
      </Panel>
    </Page>
  );
}

function Companies() {
  const { t } = useI18n();
  const { memberships, membershipId } = useUser();
  const { switchTo, busy, error } = useSwitch();
  return (
    <Panel title={t(memberships.length > 1 ? "account.companies" : "account.company")}>
      {memberships.length > 1 && <p className="soft">{t("account.company.todo")}</p>}
      <ul className="memberships">
        {memberships.map((membership) => (
          <li key={membership.membershipId} className="membership">
            <span className="name">
              <strong>{companyName(membership, t)}</strong>
              <span className="soft">
                <RoleNames roles={membership.roles} />
              </span>
            </span>
            {membership.membershipId === membershipId ? (
              <span className="tag tag-received">{t("account.company.here")}</span>
            ) : (
              <Button disabled={busy} onClick={() => void switchTo(membership.membershipId)}>
                {t("account.company.switch")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {error !== undefined && <Failure error={error} />}
    </Panel>
  );
}
