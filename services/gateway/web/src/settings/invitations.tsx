import { App, Button } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { InvitationService } from "../gen/qudao/partner/v1/invitation_service_pb";
import { InvitationStage, UserQueryService, type InvitationEntry } from "../gen/qudao/partner/v1/user_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useCommand } from "../orders/use-command";
import { useMay } from "../session/session";
import { RoleNames } from "../shell/role-names";
import { AskFirst } from "../ui/ask-first";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { ReasonField } from "../ui/reason-field";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { useDealerNames } from "./use-dealer-names";

const STAGES: Record<InvitationStage, [string, Key]> = {
  [InvitationStage.UNSPECIFIED]: ["", "invite.stage.expired"],
  [InvitationStage.OPEN]: ["tag-submitted", "invite.stage.open"],
  [InvitationStage.EXPIRED]: ["", "invite.stage.expired"],
  [InvitationStage.ACCEPTED]: ["tag-received", "invite.stage.accepted"],
  [InvitationStage.REVOKED]: ["tag-cancelled", "invite.stage.revoked"],
};

function StageOf({ stage }: { stage: InvitationStage }) {
  const { t } = useI18n();
  const [look, words] = STAGES[stage];
  return <span className={`tag ${look}`}>{t(words)}</span>;
}

/** What became of it, and who it made a user. */
function Outcome({ invitation: { stage, acceptedBy } }: { invitation: InvitationEntry }) {
  return (
    <span className="state-line">
      <StageOf stage={stage} />
      {acceptedBy && <span className="mono">{acceptedBy}</span>}
    </span>
  );
}

function Sent({ invitation: { sentBy, sentAt } }: { invitation: InvitationEntry }) {
  const format = useFormat();
  return (
    <span className="name">
      <span>{format.time(sentAt)}</span>
      <span className="mono soft">{sentBy}</span>
    </span>
  );
}

/** Whom nobody knows yet: links that were handed out, and what became of them. */
export function Invitations({ position, onChanged }: { position: bigint; onChanged: (position: bigint) => void }) {
  const { t } = useI18n();
  const users = useClient(UserQueryService);
  const [params, change] = useUrlParams();
  const [revoked, setRevoked] = useState<InvitationEntry>();
  const openOnly = params.get("open") === "1";
  const token = params.get("token") ?? "";
  const query = useQuery(
    `invitations/${openOnly}/${token}`,
    (signal) => users.listInvitations({ openOnly, page: { size: PAGE_SIZE, token }, minPosition: position }, { signal }),
    { tick: `${useTick("users")}/${position}`, keep: true },
  );
  return (
    <>
      <div className="filters chips">
        {[false, true].map((only) => (
          <button
            key={String(only)}
            type="button"
            className={only === openOnly ? "chip chip-on" : "chip"}
            aria-pressed={only === openOnly}
            onClick={() => change({ open: only ? "1" : "", page: "", token: "" })}
          >
            {t(only ? "invite.openOnly" : "filter.all")}
          </button>
        ))}
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.invitations.length === 0}
          empty={<Empty title={t("invite.none")} todo={t("invite.none.todo")} />}
        >
          {(data) => (
            <>
              <InvitationTable invitations={data.invitations} onRevoke={setRevoked} />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="users" />
                <Pager page={data.page} rows={data.invitations.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {revoked && (
        <RevokeDialog
          invitation={revoked}
          onClose={() => setRevoked(undefined)}
          onDone={(at) => {
            setRevoked(undefined);
            onChanged(at);
          }}
        />
      )}
    </>
  );
}

function InvitationTable({ invitations, onRevoke }: { invitations: InvitationEntry[]; onRevoke: (one: InvitationEntry) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const names = useDealerNames(invitations.map(({ dealerId }) => dealerId));
  const company = ({ dealerId }: InvitationEntry) => (dealerId ? (names.get(dealerId) ?? dealerId) : t("company.brand"));
  const revoke = (one: InvitationEntry) =>
    one.stage === InvitationStage.OPEN &&
    may(InvitationService.method.revokeInvitation) && (
      <Button size="small" danger onClick={() => onRevoke(one)}>
        {t("invite.revoke")}
      </Button>
    );
  return (
    <DataTable<InvitationEntry>
      label={t("invite.list")}
      rows={invitations}
      rowKey={(one) => one.invitationId}
      columns={[
        { key: "stage", title: t("invite.stage"), cell: (one) => <Outcome invitation={one} /> },
        { key: "company", title: t("people.company"), cell: company },
        { key: "roles", title: t("people.roles"), cell: (one) => <div className="wrap"><RoleNames roles={one.roles} /></div> },
        { key: "sent", title: t("invite.sent"), cell: (one) => <Sent invitation={one} /> },
        { key: "until", title: t("join.until"), cell: (one) => format.time(one.expiresAt) },
        { key: "act", title: <span className="hidden">{t("invite.revoke")}</span>, cell: revoke },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            <strong>{company(one)}</strong>
            <StageOf stage={one.stage} />
          </span>
          <span className="soft">
            <RoleNames roles={one.roles} />
          </span>
          <span className="card-line soft">
            <span>
              {t("join.until")} {format.time(one.expiresAt)}
            </span>
            {one.acceptedBy && <span className="mono">{one.acceptedBy}</span>}
          </span>
          <span className="row-actions">{revoke(one)}</span>
        </>
      )}
    />
  );
}

interface RevokeProps {
  invitation: InvitationEntry;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

function RevokeDialog({ invitation: { invitationId }, onClose, onDone }: RevokeProps) {
  const { t } = useI18n();
  const invitations = useClient(InvitationService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand((position) => {
    void message.success(t("invite.revoke.done"));
    onDone(position);
  });
  const text = reason.trim();
  return (
    <AskFirst
      title={t("invite.revoke.title")}
      okText={t("invite.revoke")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run([invitationId, text], (requestId) => invitations.revokeInvitation({ requestId, invitationId, reason: text }))
      }
    >
      <p>{t("invite.revoke.consequence")}</p>
      <ReasonField label={t("people.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
