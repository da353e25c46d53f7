import { App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { IdentityService, type Membership } from "../gen/qudao/partner/v1/identity_service_pb";
import { SessionService, type ResetPasswordResponse } from "../gen/qudao/partner/v1/session_service_pb";
import type { UserEntry } from "../gen/qudao/partner/v1/user_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { companyName } from "../session/company-switch";
import { isDealer, useUser } from "../session/session";
import { AskFirst } from "../ui/ask-first";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { ReasonField } from "../ui/reason-field";
import { LinkBox } from "./link-box";
import { PlaceFields } from "./place-fields";
import type { Place } from "./roles";

export interface PersonDialogProps {
  person: UserEntry;
  onClose: () => void;
  onDone: (position: bigint) => void;
  /** Somebody else changed the person meanwhile. */
  onStale: () => void;
}

const based = ({ login, version }: UserEntry) => ({ login, expectedVersion: version });

export function RenameDialog({ person, onClose, onDone, onStale }: PersonDialogProps) {
  const { t } = useI18n();
  const identity = useClient(IdentityService);
  const { message } = App.useApp();
  const [name, setName] = useState(person.name);
  const command = useCommand((position) => {
    void message.success(t("people.rename.done"));
    onDone(position);
  }, onStale);
  const problem = useFieldProblems(command.error);
  const wanted = name.trim();
  return (
    <Modal
      open
      title={t("people.rename")}
      okText={t("people.rename")}
      okButtonProps={{ disabled: wanted === "" || wanted === person.name }}
      cancelText={t("action.close")}
      confirmLoading={command.busy}
      onCancel={onClose}
      onOk={() =>
        void command.run([String(person.version), wanted], (requestId) => identity.renameUser({ ...based(person), requestId, name: wanted }))
      }
    >
      <Field label={t("join.name")} problem={problem("name")} hint={t("people.rename.hint")}>
        <Input maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <RestOfFailure error={command.error} fields={["name"]} />
    </Modal>
  );
}

/** Keeps somebody out, or lets them in again. */
export function SuspendDialog({ person, onClose, onDone, onStale }: PersonDialogProps) {
  const { t } = useI18n();
  const identity = useClient(IdentityService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const act = person.suspended ? "reinstate" : "suspend";
  const command = useCommand((position) => {
    void message.success(t(`people.${act}.done`));
    onDone(position);
  }, onStale);
  const text = reason.trim();
  const send = (requestId: string) => {
    const request = { ...based(person), requestId, reason: text };
    return person.suspended ? identity.reinstateUser(request) : identity.suspendUser(request);
  };
  return (
    <AskFirst
      title={t(`people.${act}.title`, { name: person.name || person.login })}
      okText={t(`people.${act}`)}
      danger={!person.suspended}
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run([act, String(person.version), text], send)}
    >
      <p>{t(`people.${act}.consequence`, { n: person.memberships.length })}</p>
      <ReasonField label={t("people.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

export function EndMembershipDialog({ person, membership, onClose, onDone, onStale }: PersonDialogProps & { membership: Membership }) {
  const { t } = useI18n();
  const identity = useClient(IdentityService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand((position) => {
    void message.success(t("people.end.done"));
    onDone(position);
  }, onStale);
  const { dealerId } = membership;
  const text = reason.trim();
  return (
    <AskFirst
      title={t("people.end.title", { company: companyName(membership, t) })}
      okText={t("people.end")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run([dealerId, String(person.version), text], (requestId) =>
          identity.endMembership({ ...based(person), requestId, dealerId, reason: text }),
        )
      }
    >
      <p>{t("people.end.consequence", { name: person.name || person.login, n: person.memberships.length - 1 })}</p>
      <ReasonField label={t("people.reason")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** One more company, or other roles and regions in one that there is. */
export function MembershipDialog({ person, membership, onClose, onDone, onStale }: PersonDialogProps & { membership?: Membership }) {
  const { t } = useI18n();
  const user = useUser();
  const identity = useClient(IdentityService);
  const { message } = App.useApp();
  const own = isDealer(user);
  const at = membership?.dealerId ?? user.dealerId;
  const [kind, setKind] = useState<"brand" | "dealer">(at ? "dealer" : "brand");
  const [place, setPlace] = useState<Place>({
    dealerId: at,
    dealerName: membership?.companyName ?? "",
    roles: membership?.roles ?? [],
    regionIds: membership?.regionIds ?? [],
  });
  const command = useCommand((position) => {
    void message.success(t(membership ? "people.change.done" : "people.grant.done"));
    onDone(position);
  }, onStale);
  const { dealerId, roles, regionIds } = place;
  const send = (requestId: string) => {
    const request = { ...based(person), requestId, dealerId, roles, regionIds };
    return membership ? identity.changeMembership(request) : identity.grantMembership(request);
  };
  return (
    <Modal
      open
      title={membership ? t("people.change.title", { company: companyName(membership, t) }) : t("people.grant")}
      okText={t(membership ? "brand.save" : "people.grant")}
      okButtonProps={{ disabled: roles.length === 0 || (kind === "dealer" && dealerId === "") }}
      cancelText={t("action.close")}
      confirmLoading={command.busy}
      onCancel={onClose}
      onOk={() => void command.run([String(person.version), place], send)}
    >
      <p className="soft">{t("people.change.consequence")}</p>
      <PlaceFields place={place} onChange={setPlace} fixedCompany={own || membership !== undefined} kind={kind} onKind={setKind} />
      <RestOfFailure error={command.error} fields={[]} />
    </Modal>
  );
}

/** Takes the password away; the link with which another is set is handed over by whoever asked. */
export function ResetDialog({ person, onClose, onDone, onStale }: PersonDialogProps) {
  const { t } = useI18n();
  const sessions = useClient(SessionService);
  const [made, setMade] = useState<ResetPasswordResponse>();
  const command = useCommand(onDone, onStale);
  const name = person.name || person.login;
  const reset = () =>
    command.run([person.login, String(person.version)], async (requestId) => {
      const answer = await sessions.resetPassword({ ...based(person), requestId });
      setMade(answer);
      return answer;
    });
  if (made) {
    return (
      <Modal open title={t("people.reset.made.title")} onCancel={onClose} footer={<Button onClick={onClose}>{t("link.done")}</Button>}>
        <LinkBox path={made.linkPath} expiresAt={made.expiresAt} note={t("people.reset.made", { name })} />
      </Modal>
    );
  }
  return (
    <AskFirst
      title={t("people.reset.title", { name })}
      okText={t("people.reset")}
      danger
      state={command}
      onClose={onClose}
      onOk={() => void reset()}
    >
      <p>{t("people.reset.consequence")}</p>
    </AskFirst>
  );
}
