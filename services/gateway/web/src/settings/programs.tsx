import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { ServiceAccountService, ServiceKeyState, type ServiceAccountEntry, type ServiceKeyEntry } from "../gen/qudao/partner/v1/service_account_service_pb";
import { useI18n, type Key, type Translate } from "../i18n/i18n";
import { RoleNames } from "../shell/role-names";
import { useFormat } from "../ui/format";
import { Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { AddProgramDialog, IssueKeyDialog, ReasonedDialog, type Act } from "./program-dialogs";

/** Programs of the brand, with the keys by which they are let in. */
export function Programs() {
  const { t } = useI18n();
  const programs = useClient(ServiceAccountService);
  const [adding, setAdding] = useState(false);
  const [issuing, setIssuing] = useState<ServiceAccountEntry>();
  const [act, setAct] = useState<Act>();
  const query = useQuery("programs", async (signal) => (await programs.listServiceAccounts({}, { signal })).accounts);
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t("programs.add")}
    </Button>
  );
  return (
    <>
      <QueryView
        query={query}
        isEmpty={(all) => all.length === 0}
        empty={<Empty title={t("programs.none")} todo={t("programs.none.todo")} action={add} />}
      >
        {(all) => (
          <>
            <div className="filters">{add}</div>
            {all.map((account) => (
              <Program key={account.accountId} account={account} onIssue={() => setIssuing(account)} onAct={setAct} />
            ))}
          </>
        )}
      </QueryView>
      {adding && <AddProgramDialog onClose={() => setAdding(false)} onDone={() => (setAdding(false), query.refetch())} />}
      {issuing && <IssueKeyDialog account={issuing} onClose={() => setIssuing(undefined)} onDone={query.refetch} />}
      {act && <ReasonedDialog act={act} onClose={() => setAct(undefined)} onDone={() => (setAct(undefined), query.refetch())} />}
    </>
  );
}

interface ProgramProps {
  account: ServiceAccountEntry;
  onIssue: () => void;
  onAct: (act: Act) => void;
}

function Program({ account, onIssue, onAct }: ProgramProps) {
  const { t } = useI18n();
  const { accountId, name, suspended, dealerId, roles, keys } = account;
  return (
    <Panel className="program">
      <div className="card-line">
        <span className="name">
          <span className="state-line">
            <strong>{name}</strong> {suspended && <span className="tag tag-cancelled">{t("people.suspended")}</span>}
          </span>
          <span className="soft">
            <span className="mono">service:{accountId}</span> · {dealerId || t("company.brand")} · <RoleNames roles={roles} />
          </span>
        </span>
      </div>
      <ul className="sessions" aria-label={`${name} ${t("programs.keys")}`}>
        {keys.map((key) => (
          <KeyRow key={key.keyId} entry={key} onRevoke={() => onAct({ kind: "revoke", account, key })} />
        ))}
        {keys.length === 0 && <li className="soft">{t("programs.keys.none")}</li>}
      </ul>
      <div className="row-actions">
        {!suspended && <Button onClick={onIssue}>{t("programs.issue")}</Button>}
        <Button onClick={() => onAct({ kind: suspended ? "reinstate" : "suspend", account })}>
          {t(suspended ? "programs.reinstate" : "programs.suspend")}
        </Button>
        <Button danger onClick={() => onAct({ kind: "remove", account })}>
          {t("programs.remove")}
        </Button>
      </div>
    </Panel>
  );
}

const STATES: Record<ServiceKeyState, [string, Key]> = {
  [ServiceKeyState.UNSPECIFIED]: ["", "programs.state.expired"],
  [ServiceKeyState.GOOD]: ["tag-received", "programs.state.good"],
  [ServiceKeyState.EXPIRING]: ["tag-submitted", "programs.state.expiring"],
  [ServiceKeyState.EXPIRED]: ["tag-cancelled", "programs.state.expired"],
};

function usedText({ usedAt, usedFrom }: ServiceKeyEntry, t: Translate, time: (text: string) => string): string {
  if (!usedAt) return t("programs.key.never");
  return usedFrom ? t("programs.key.usedFrom", { time: time(usedAt), address: usedFrom }) : t("programs.key.used", { time: time(usedAt) });
}

function KeyRow({ entry, onRevoke }: { entry: ServiceKeyEntry; onRevoke: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const [look, words] = STATES[entry.state];
  const until = t("programs.key.until", { time: format.time(entry.expiresAt) });
  return (
    <li className="session-row">
      <span className="name">
        <span className="state-line">
          <span className="mono">qdk_…{entry.hint}</span> <span className={`tag ${look}`}>{t(words)}</span>
        </span>
        <span className="soft">{[until, usedText(entry, t, format.time)].join(" · ")}</span>
      </span>
      <Button size="small" danger onClick={onRevoke}>
        {t("programs.revoke")}
      </Button>
    </li>
  );
}
