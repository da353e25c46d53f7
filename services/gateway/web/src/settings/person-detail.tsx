import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { SessionList } from "../account/session-list";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useRegions } from "../cockpit/use-regions";
import { IdentityService, type Membership } from "../gen/qudao/partner/v1/identity_service_pb";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import { UserQueryService, type UserEntry } from "../gen/qudao/partner/v1/user_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { companyName } from "../session/company-switch";
import { useMay, useUser } from "../session/session";
import { RoleNames } from "../shell/role-names";
import { useFormat } from "../ui/format";
import { usePhone } from "../ui/media";
import { QueryView } from "../ui/states";
import { EndMembershipDialog, MembershipDialog, RenameDialog, ResetDialog, SuspendDialog } from "./person-dialogs";

type Dialog = { kind: "rename" | "suspend" | "reset" | "grant" } | { kind: "change" | "end"; membership: Membership };

interface Props {
  login: string;
  /** Position of the last command, and what makes the list ask again. */
  position: bigint;
  tick: string;
  onClose: () => void;
  onChanged: (position: bigint) => void;
}

/** One person beside the list. */
export function PersonDetail({ login, position, tick, onClose, onChanged }: Props) {
  const { t } = useI18n();
  const users = useClient(UserQueryService);
  const phone = usePhone();
  const section = useRef<HTMLElement>(null);
  const [dialog, setDialog] = useState<Dialog>();
  const query = useQuery(
    `user/${login}`,
    async (signal) => (await users.getUser({ login, minPosition: position }, { signal })).user,
    { tick: `${tick}/${position}` },
  );
  // On a phone it takes the place of the list, whose end may be what is on the screen.
  useEffect(() => {
    section.current?.scrollIntoView({ block: phone ? "start" : "nearest" });
  }, [phone]);
  return (
    <section ref={section} className="detail" aria-label={t("people.one")}>
      <QueryView query={query}>
        {(person) =>
          person && (
            <>
              <Head person={person} onClose={onClose} />
              <Actions person={person} onAct={setDialog} />
              <Memberships person={person} onAct={setDialog} />
              <Sessions person={person} />
              <Dialogs
                dialog={dialog}
                person={person}
                onClose={() => setDialog(undefined)}
                onStale={query.refetch}
                onDone={(at) => {
                  // A link is read in its dialog before that is closed.
                  if (dialog?.kind !== "reset") setDialog(undefined);
                  onChanged(at);
                }}
              />
            </>
          )
        }
      </QueryView>
    </section>
  );
}

function Head({ person, onClose }: { person: UserEntry; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <header className="card-line">
      <div className="name">
        <h2>
          {person.name || person.login} {person.suspended && <span className="tag tag-cancelled">{t("people.suspended")}</span>}
        </h2>
        <span className="soft">
          <span className="mono">{person.login}</span> · {t("people.since", { time: format.time(person.registeredAt) })}
        </span>
      </div>
      <Button type="text" icon={<CloseOutlined />} aria-label={t("people.back")} onClick={onClose} />
    </header>
  );
}

function Actions({ person, onAct }: { person: UserEntry; onAct: (dialog: Dialog) => void }) {
  const { t } = useI18n();
  const may = useMay();
  const self = useUser().userId === person.login;
  const { renameUser, suspendUser, reinstateUser } = IdentityService.method;
  return (
    <div className="row-actions">
      {may(renameUser) && <Button onClick={() => onAct({ kind: "rename" })}>{t("people.rename")}</Button>}
      {may(SessionService.method.resetPassword) && !self && (
        <Button onClick={() => onAct({ kind: "reset" })}>{t("people.reset")}</Button>
      )}
      {may(person.suspended ? reinstateUser : suspendUser) && !self && (
        <Button danger={!person.suspended} onClick={() => onAct({ kind: "suspend" })}>
          {t(person.suspended ? "people.reinstate" : "people.suspend")}
        </Button>
      )}
    </div>
  );
}

function Memberships({ person, onAct }: { person: UserEntry; onAct: (dialog: Dialog) => void }) {
  const { t } = useI18n();
  const may = useMay();
  const own = useUser().dealerId;
  const { grantMembership, changeMembership, endMembership } = IdentityService.method;
  return (
    <div>
      <header className="card-line">
        <h3>{t("people.memberships")}</h3>
        {may(grantMembership) && own === "" && (
          <Button size="small" onClick={() => onAct({ kind: "grant" })}>
            {t("people.grant")}
          </Button>
        )}
      </header>
      {person.memberships.length === 0 && <p className="soft">{t("people.memberships.none")}</p>}
      <ul className="memberships">
        {person.memberships.map((membership) => (
          <li key={membership.membershipId} className="membership">
            <span className="name">
              <strong>{companyName(membership, t)}</strong>
              <span className="soft">
                <RoleNames roles={membership.roles} />
              </span>
              {membership.dealerId === "" && <RegionNames ids={membership.regionIds} />}
            </span>
            {may(changeMembership) && (
              <Button size="small" onClick={() => onAct({ kind: "change", membership })}>
                {t("people.change")}
              </Button>
            )}
            {may(endMembership) && (
              <Button size="small" danger onClick={() => onAct({ kind: "end", membership })}>
                {t("people.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function RegionNames({ ids }: { ids: string[] }) {
  const { t } = useI18n();
  const { data } = useRegions();
  const names = ids.map((id) => data?.all.find((region) => region.regionId === id)?.name ?? "…");
  return <span className="soft">{ids.length === 0 ? t("people.regions.all") : names.join(" · ")}</span>;
}

/** An administrator sees where anybody is signed in; a dealer's owner does not. */
function Sessions({ person }: { person: UserEntry }) {
  const { t } = useI18n();
  const may = useMay();
  if (!may(SessionService.method.resetPassword)) return null;
  return (
    <div>
      <h3>{t("sessions.title")}</h3>
      <SessionList login={person.login} tick={String(person.version)} />
    </div>
  );
}

interface DialogsProps {
  dialog: Dialog | undefined;
  person: UserEntry;
  onClose: () => void;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

function Dialogs({ dialog, ...props }: DialogsProps) {
  switch (dialog?.kind) {
    case "rename":
      return <RenameDialog {...props} />;
    case "suspend":
      return <SuspendDialog {...props} />;
    case "reset":
      return <ResetDialog {...props} />;
    case "grant":
      return <MembershipDialog {...props} />;
    case "change":
      return <MembershipDialog {...props} membership={dialog.membership} />;
    case "end":
      return <EndMembershipDialog {...props} membership={dialog.membership} />;
    default:
      return null;
  }
}
