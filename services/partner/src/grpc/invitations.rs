//! Invitations, and who accepts them.

use chrono::TimeDelta;
use kernel::clock;
use kernel::command::{Addressed, Rejected};
use kernel::failure::{Violations, read_failed, unavailable};
use kernel::personal::Personal;
use kernel::rpc::{self, Call, IntoCommand, Reply};
use proto::partner::v1 as pb;
use proto::partner::v1::invitation_service_server::InvitationService;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use values::UserId;
use values::text::name;

use super::PartnerApi;
use super::fields::{Done, authority, explain, in_the_name_of, membership, new_login, reason};
use super::identity::id_of;
use crate::invitation::{Invitation, InvitationCommand, InvitationRefusal, Offer};
use crate::links::{Kind, Link};
use crate::password;
use crate::sessions::Origin;
use crate::sign_in::rfc3339;
use crate::transactions::{AcceptInvitation, Invite};

/// How long an invitation can be accepted.
const OPEN: TimeDelta = TimeDelta::days(7);

#[tonic::async_trait]
impl InvitationService for PartnerApi {
    async fn invite_user(
        &self,
        request: Request<pb::InviteUserRequest>,
    ) -> Reply<pb::InviteUserResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let link_id = id_of(&request.get_ref().request_id)?;
        let Done(receipt) = self.commands.run::<Invitation, _, Done>(request).await?.into_inner();
        let offer = self.open(&tenant, &receipt.object_id).await?;
        let link = Link { tenant, object_id: receipt.object_id.clone(), link_id };
        let token = self.people().links.make(Kind::Invitation, &link, offer.expires_at).await;
        let token = token.map_err(|error| unavailable(&error))?;
        Ok(Response::new(pb::InviteUserResponse {
            receipt: Some(receipt),
            link_path: Kind::Invitation.path(&token),
            expires_at: rfc3339(offer.expires_at),
        }))
    }

    async fn revoke_invitation(
        &self,
        request: Request<pb::RevokeInvitationRequest>,
    ) -> Reply<pb::RevokeInvitationResponse> {
        self.commands.run(request).await
    }

    async fn get_invitation(
        &self,
        request: Request<pb::GetInvitationRequest>,
    ) -> Reply<pb::GetInvitationResponse> {
        let link = self.invited(&request.get_ref().token).await?;
        let Offer { membership, expires_at } = self.open(&link.tenant, &link.object_id).await?;
        let brand = self.reception.brand(&link.tenant).await?.ok_or_else(unknown)?;
        let company = &membership.company;
        let company_name = self.reception.company_name(&link.tenant, &brand, company).await?;
        Ok(Response::new(pb::GetInvitationResponse {
            tenant_id: link.tenant,
            tenant_name: brand.name,
            dealer_id: company.dealer().map(ToString::to_string).unwrap_or_default(),
            company_name,
            roles: membership.roles.iter().map(|role| role.contract().into()).collect(),
            expires_at: rfc3339(expires_at),
        }))
    }

    async fn accept_invitation(
        &self,
        request: Request<pb::AcceptInvitationRequest>,
    ) -> Reply<pb::AcceptInvitationResponse> {
        let (origin, asked) = (Origin::of(&request), request.get_ref());
        let Link { tenant, object_id, .. } = self.invited(&asked.token).await?;
        let (login, called) = (asked.login.clone(), asked.name.clone());
        let password = asked.password.clone();
        let mut admitted = None;
        let place = &mut admitted;
        let in_tenant = tenant.as_str();
        let admit = move |mut command: AcceptInvitation| async move {
            command.invitation_id = object_id;
            let login = command.login.clone();
            let who = (in_tenant, login.as_str());
            self.people().acceptable(who, &called, ("password", &password)).await?;
            let credential_id = command.credential_id;
            let admitted = self.people().admit(who, &mut command.name, credential_id, password);
            *place = admitted.await?;
            Ok(command)
        };
        let request = in_the_name_of(request, &tenant, &login);
        let answer = self.commands.run_prepared::<Invitation, _, Done, _>(request, admit).await;
        self.settle(admitted, &answer).await?;
        let Done(receipt) = answer?.into_inner();
        let known = self.reception.known(&tenant, &login).await?.ok_or_else(unknown)?;
        let session = Some(self.reception.enter(known, origin).await?);
        Ok(Response::new(pb::AcceptInvitationResponse { receipt: Some(receipt), session }))
    }
}

pub(super) fn unknown() -> Status {
    Rejected::Refused(InvitationRefusal::UnknownInvitation).into()
}

impl PartnerApi {
    pub(super) async fn invited(&self, token: &str) -> Result<Link, Status> {
        let link = self.people().links.find(Kind::Invitation, token, clock::now()).await;
        link.map_err(|error| unavailable(&error))?.ok_or_else(unknown)
    }

    /// What an invitation offers, while somebody may accept it.
    pub(super) async fn open(&self, tenant: &str, invitation_id: &str) -> Result<Offer, Status> {
        let loaded = self.people().log.load::<Invitation>(tenant, invitation_id).await;
        let refusal = match loaded.map_err(|error| read_failed(&error))?.0 {
            Invitation::Open(offer) if clock::now() < offer.expires_at => return Ok(offer),
            Invitation::Open(_) => InvitationRefusal::InvitationExpired,
            Invitation::Accepted { .. } => InvitationRefusal::InvitationUsed,
            Invitation::Revoked { .. } => InvitationRefusal::InvitationNoMore,
            Invitation::Unknown => InvitationRefusal::UnknownInvitation,
        };
        Err(Rejected::Refused(refusal).into())
    }
}

impl IntoCommand<Invitation> for pb::InviteUserRequest {
    type Command = Invite;

    fn into_command(self, call: &Call) -> Result<Invite, Status> {
        let by = authority(&call.caller)?;
        let mut bad = Violations::default();
        let place = (self.dealer_id.as_str(), self.roles.as_slice(), self.region_ids.as_slice());
        let membership = membership(&mut bad, place);
        let (invitation_id, expires_at) = (call.request_id, call.now + OPEN);
        let offer = membership.map(|membership| Offer { membership, expires_at });
        bad.finish(offer.map(|offer| Invite { invitation_id, offer, by, now: call.now }))
    }
}

impl IntoCommand<Invitation> for pb::RevokeInvitationRequest {
    type Command = Addressed<Invitation>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let by = authority(&call.caller)?;
        let mut bad = Violations::default();
        let id = Uuid::parse_str(&self.invitation_id);
        let id = id.map_err(|_| kernel::Text::new("必须是邀请编号", "must be an invitation's id"));
        let id = bad.take("invitation_id", id);
        let reason = reason(&mut bad, &self.reason);
        let command = reason.map(|reason| InvitationCommand::Revoke { reason, by });
        let command = id.zip(command);
        bad.finish(command.map(|(id, command)| Addressed { object_id: id.to_string(), command }))
    }
}

impl IntoCommand<Invitation> for pb::AcceptInvitationRequest {
    type Command = AcceptInvitation;

    /// The digest of a name would tell it to whoever guesses.
    fn forget_secrets(&mut self) {
        self.name.clear();
        self.password.clear();
    }

    /// Which invitation it is, only the table of links says.
    fn into_command(self, call: &Call) -> Result<AcceptInvitation, Status> {
        let mut bad = Violations::default();
        let login = new_login(&mut bad, &self.login);
        let called = bad.take("name", name(&self.name).map_err(explain));
        let known = [self.login.as_str(), self.name.as_str()];
        bad.take("password", password::acceptable(&self.password, &known));
        let command = || {
            let login: UserId = login?;
            let name = Personal::of(login.as_str(), called?);
            let (credential_id, now) = (call.request_id, call.now);
            let invitation_id = String::new();
            let identity = None;
            Some(AcceptInvitation { invitation_id, login, name, credential_id, identity, now })
        };
        let command = command();
        bad.finish(command)
    }
}
