import { DesktopOutlined, MobileOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { SessionService, type SignedInSession } from "../gen/qudao/partner/v1/session_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Empty, QueryView } from "../ui/states";
import { deviceOf } from "./device";

/** Where somebody is signed in: oneself without a login, or whom an administrator looks at. */
export function SessionList({ login = "", tick = "" }: { login?: string; tick?: string }) {
  const { t } = useI18n();
  const sessions = useClient(SessionService);
  const [chosen, setChosen] = useState<SignedInSession>();
  const query = useQuery(
    `sessions/${login}`,
    async (signal) => (await sessions.listSessions({ login }, { signal })).sessions,
    { tick },
  );
  return (
    <>
      <QueryView
        query={query}
        isEmpty={(all) => all.length === 0}
        empty={<Empty title={t("sessions.none")} todo={t("sessions.none.todo")} />}
      >
        {(all) => (
          <ul className="sessions" aria-label={t("sessions.title")}>
            {all.map((session) => (
              <SessionRow key={session.sessionId} session={session} onRevoke={() => setChosen(session)} />
            ))}
          </ul>
        )}
      </QueryView>
      {chosen && (
        <RevokeDialog
          session={chosen}
          login={login}
          onClose={() => setChosen(undefined)}
          onDone={() => {
            setChosen(undefined);
            query.refetch();
          }}
        />
      )}
    </>
  );
}

function nameOf({ userAgent }: SignedInSession, t: Translate): string {
  const { browser, system } = deviceOf(userAgent);
  if (browser && system) return t("sessions.device", { browser, system });
  if (browser || system) return browser || system;
  return userAgent ? t("sessions.program") : t("sessions.unknown");
}

function SessionRow({ session, onRevoke }: { session: SignedInSession; onRevoke: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const Icon = deviceOf(session.userAgent).phone ? MobileOutlined : DesktopOutlined;
  const parts = [
    session.address && t("sessions.address", { address: session.address }),
    t("sessions.since", { time: format.time(session.startedAt) }),
    t("sessions.used", { time: format.time(session.usedAt) }),
    t("sessions.ends", { time: format.time(session.endsAt) }),
  ];
  return (
    <li className="session-row" title={session.userAgent}>
      <Icon aria-hidden />
      <span className="name">
        <span>
          {nameOf(session, t)} {session.current && <span className="tag tag-received">{t("sessions.current")}</span>}
        </span>
        <span className="soft">{parts.filter(Boolean).join(" · ")}</span>
      </span>
      {!session.current && <Button onClick={onRevoke}>{t("sessions.revoke")}</Button>}
    </li>
  );
}

interface RevokeProps {
  session: SignedInSession;
  login: string;
  onClose: () => void;
  onDone: () => void;
}

function RevokeDialog({ session, login, onClose, onDone }: RevokeProps) {
  const { t } = useI18n();
  const sessions = useClient(SessionService);
  const { message } = App.useApp();
  const command = useCommand(() => {
    void message.success(t("sessions.revoked"));
    onDone();
  });
  const { sessionId } = session;
  return (
    <AskFirst
      title={t("sessions.revoke.title")}
      okText={t("sessions.revoke")}
      danger
      state={command}
      onClose={onClose}
      onOk={() => void command.run(sessionId, (requestId) => sessions.revokeSession({ requestId, sessionId, login }))}
    >
      <p>{nameOf(session, t)}</p>
      <p className="soft">{t("sessions.revoke.consequence")}</p>
    </AskFirst>
  );
}
