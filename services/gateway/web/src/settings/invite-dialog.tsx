import { Button, Modal } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { InvitationService, type InviteUserResponse } from "../gen/qudao/partner/v1/invitation_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { isDealer, useUser } from "../session/session";
import { RestOfFailure } from "../ui/field-problems";
import { LinkBox } from "./link-box";
import { PlaceFields } from "./place-fields";
import type { Place } from "./roles";

/** Makes a link with which somebody becomes a user. */
export function InviteDialog({ onClose, onDone }: { onClose: () => void; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const user = useUser();
  const invitations = useClient(InvitationService);
  const own = isDealer(user);
  const [kind, setKind] = useState<"brand" | "dealer">(own ? "dealer" : "brand");
  const [place, setPlace] = useState<Place>({ dealerId: user.dealerId, dealerName: "", roles: [], regionIds: [] });
  const [made, setMade] = useState<InviteUserResponse>();
  const command = useCommand(onDone);
  const { dealerId, roles, regionIds } = place;
  const invite = () =>
    command.run([dealerId, roles, regionIds], async (requestId) => {
      const answer = await invitations.inviteUser({ requestId, dealerId, roles, regionIds });
      setMade(answer);
      return answer;
    });
  const ready = roles.length > 0 && (kind === "brand" || dealerId !== "");
  return (
    <Modal
      open
      title={t("invite.title")}
      width={520}
      onCancel={onClose}
      footer={
        made ? (
          <Button onClick={onClose}>{t("link.done")}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t("action.close")}</Button>
            <Button type="primary" disabled={!ready} loading={command.busy} onClick={() => void invite()}>
              {t("invite.make")}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <LinkBox path={made.linkPath} expiresAt={made.expiresAt} note={t("invite.made")} />
      ) : (
        <>
          <p className="soft">{t("invite.what")}</p>
          <PlaceFields place={place} onChange={setPlace} fixedCompany={own} kind={kind} onKind={setKind} />
          <RestOfFailure error={command.error} fields={[]} />
        </>
      )}
    </Modal>
  );
}
