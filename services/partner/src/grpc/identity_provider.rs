//! Identity providers: configured, and people let in and linked through them.

use kernel::clock;
use kernel::command::{Addressed, Rejected};
use kernel::failure::{Violations, personal_failed, unavailable};
use kernel::personal::{Personal, PersonalError};
use kernel::rpc::{self, Call, IntoCommand, Reply};
use proto::partner::v1 as pb;
use proto::partner::v1::identity_provider_service_server::IdentityProviderService;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use values::text::name;

use super::PartnerApi;
use super::fields::{Done, explain, in_the_name_of, new_login, reason};
use super::identity::id_of;
use super::invitations::unknown;
use crate::identity_provider::{IdentityProvider, IdentityProviderCommand, PROVIDER, Provider};
use crate::invitation::Invitation;
use crate::links::Link;
use crate::oidc::flows::{LASTS, Purpose};
use crate::oidc::identities::Kept;
use crate::oidc::{OidcError, Somebody};
use crate::secrets::Holder;
use crate::sessions::Origin;
use crate::sign_in::{rfc3339, session_id};
use crate::transactions::AcceptInvitation;
use crate::user::{Identity, NewIdentity, User, UserCommand, UserRefusal};

#[tonic::async_trait]
impl IdentityProviderService for PartnerApi {
    /// The provider is asked, and the secret kept, before there is an event; of a request that was
    /// refused, no secret stays for long.
    async fn configure_identity_provider(
        &self,
        request: Request<pb::ConfigureIdentityProviderRequest>,
    ) -> Reply<pb::ConfigureIdentityProviderResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let asked = request.get_ref();
        let (id, issuer) = (id_of(&asked.request_id)?, asked.issuer.clone());
        let secret = asked.client_secret.clone();
        let in_tenant = tenant.as_str();
        let prepare = move |command: Addressed<IdentityProvider>| async move {
            self.reception.providers.check(&issuer).await?;
            if !secret.is_empty() {
                self.people().secrets.keep((in_tenant, Holder::Provider), id, secret).await?;
            }
            Ok(command)
        };
        let answer = self.commands.run_prepared(request, prepare).await;
        let named = self.provider(&tenant).await?.and_then(|(provider, _)| provider.secret_id);
        self.people().secrets.keep_only((&tenant, Holder::Provider), named).await?;
        answer
    }

    async fn remove_identity_provider(
        &self,
        request: Request<pb::RemoveIdentityProviderRequest>,
    ) -> Reply<pb::RemoveIdentityProviderResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let answer = self.commands.run(request).await?;
        self.people().secrets.keep_only((&tenant, Holder::Provider), None).await?;
        Ok(answer)
    }

    async fn get_identity_provider(
        &self,
        request: Request<pb::GetIdentityProviderRequest>,
    ) -> Reply<pb::GetIdentityProviderResponse> {
        let provider = self.provider(&rpc::caller(&request)?.tenant).await?;
        let provider = provider.map(|(provider, version)| pb::IdentityProvider {
            has_secret: provider.secret_id.is_some(),
            issuer: provider.issuer,
            client_id: provider.client_id,
            label: provider.label,
            redirect_uri: provider.redirect_uri,
            version,
        });
        Ok(Response::new(pb::GetIdentityProviderResponse { provider }))
    }

    async fn start_oidc_sign_in(
        &self,
        request: Request<pb::StartOidcSignInRequest>,
    ) -> Reply<pb::StartOidcSignInResponse> {
        let pb::StartOidcSignInRequest { tenant_id, invitation_token } = request.into_inner();
        let flow = if invitation_token.is_empty() {
            self.depart((&tenant_id, ""), Purpose::SignIn).await?
        } else {
            let Link { tenant, object_id, .. } = self.invited(&invitation_token).await?;
            self.open(&tenant, &object_id).await?;
            self.depart((&tenant, &object_id), Purpose::Invitation).await?
        };
        Ok(Response::new(pb::StartOidcSignInResponse { flow: Some(flow) }))
    }

    async fn finish_oidc_sign_in(
        &self,
        request: Request<pb::FinishOidcSignInRequest>,
    ) -> Reply<pb::FinishOidcSignInResponse> {
        let origin = Origin::of(&request);
        let back = request.into_inner().flow.unwrap_or_default();
        let visit = self.arrive(Purpose::SignIn, back).await?;
        let session = self.enter_as(visit, origin).await?;
        Ok(Response::new(pb::FinishOidcSignInResponse { session: Some(session) }))
    }

    /// As with a password: what is kept beside the log comes first, and counts when the log has it.
    async fn accept_invitation_by_provider(
        &self,
        request: Request<pb::AcceptInvitationByProviderRequest>,
    ) -> Reply<pb::AcceptInvitationByProviderResponse> {
        let (origin, asked) = (Origin::of(&request), request.get_ref());
        let Link { tenant, object_id, .. } = self.invited(&asked.token).await?;
        self.open(&tenant, &object_id).await?;
        let login = asked.login.clone();
        let visit =
            self.arrive(Purpose::Invitation, asked.flow.clone().unwrap_or_default()).await?;
        if (visit.tenant.as_str(), visit.about.as_str()) != (&tenant, &object_id) {
            return Err(OidcError::NoFlow.into());
        }
        let who = (tenant.as_str(), login.as_str());
        let identity = self.keep_identity(who, &visit.somebody).await?;
        let (identity_id, new) = (identity.identity.identity_id, identity.clone());
        let invitation_id = object_id.clone();
        let admit = move |mut command: AcceptInvitation| async move {
            command.invitation_id = invitation_id;
            command.identity = Some(new);
            let sealed = self.people().vault.sealed(who.0, &command.name).await;
            command.name = sealed.map_err(|error| personal_status(&error))?;
            Ok(command)
        };
        let request = in_the_name_of(request, &tenant, &login);
        let answer = self.commands.run_prepared::<Invitation, _, Done, _>(request, admit).await;
        if answer.is_err() {
            self.discard_unless_linked(who, identity_id).await?;
        }
        let Done(receipt) = answer?.into_inner();
        let known = self.reception.known(&tenant, &login).await?.ok_or_else(unknown)?;
        let session = Some(self.reception.enter(known, origin).await?);
        Ok(Response::new(pb::AcceptInvitationByProviderResponse {
            receipt: Some(receipt),
            session,
        }))
    }

    async fn start_identity_link(
        &self,
        request: Request<pb::StartIdentityLinkRequest>,
    ) -> Reply<pb::StartIdentityLinkResponse> {
        let caller = rpc::caller(&request)?;
        let flow = self.depart((&caller.tenant, &caller.user_id), Purpose::Link).await?;
        Ok(Response::new(pb::StartIdentityLinkResponse { flow: Some(flow) }))
    }

    async fn link_identity(
        &self,
        request: Request<pb::LinkIdentityRequest>,
    ) -> Reply<pb::LinkIdentityResponse> {
        let caller = rpc::caller(&request)?.clone();
        let back = request.get_ref().flow.clone().unwrap_or_default();
        let visit = self.arrive(Purpose::Link, back).await?;
        let who = (caller.tenant.as_str(), caller.user_id.as_str());
        if (visit.tenant.as_str(), visit.about.as_str()) != who {
            return Err(OidcError::NoFlow.into());
        }
        let new = self.keep_identity(who, &visit.somebody).await?;
        let identity_id = new.identity.identity_id;
        let link = async |mut command: Addressed<User>| {
            command.command = UserCommand::Link(new);
            Ok(command)
        };
        let answer = self.commands.run_prepared::<User, _, _, _>(request, link).await;
        if answer.is_err() {
            self.discard_unless_linked(who, identity_id).await?;
        }
        answer
    }

    /// Whoever has the account at the provider may be somebody else by now, so the sessions that
    /// were begun by it end, and with them all but the caller's.
    async fn unlink_identity(
        &self,
        request: Request<pb::UnlinkIdentityRequest>,
    ) -> Reply<pb::UnlinkIdentityResponse> {
        let caller = rpc::caller(&request)?.clone();
        let who = (caller.tenant.as_str(), caller.user_id.as_str());
        let identity_id = Uuid::parse_str(&request.get_ref().identity_id).unwrap_or_default();
        if !self.may_sign_in_otherwise(who, identity_id).await? {
            return Err(Rejected::Refused(UserRefusal::LastWayIn).into());
        }
        let answer = self.commands.run(request).await?;
        let (people, now) = (self.people(), clock::now());
        let forgotten = people.identities.discard(&caller.tenant, identity_id).await;
        forgotten.map_err(|error| unavailable(&error))?;
        let own = session_id(&caller).ok();
        for session in
            people.sessions.of_user(who, now).await.map_err(|error| unavailable(&error))?
        {
            if Some(session.id) != own {
                let ended = people.sessions.end(&caller.tenant, session.id, now).await;
                ended.map_err(|error| unavailable(&error))?;
            }
        }
        Ok(answer)
    }

    async fn list_identities(
        &self,
        request: Request<pb::ListIdentitiesRequest>,
    ) -> Reply<pb::ListIdentitiesResponse> {
        let caller = rpc::caller(&request)?;
        let who = (caller.tenant.as_str(), caller.user_id.as_str());
        let provider = self.provider(who.0).await?;
        let provider_label = provider.map(|(provider, _)| provider.label).unwrap_or_default();
        let Some(known) = self.reception.known(who.0, who.1).await? else {
            return Ok(Response::new(pb::ListIdentitiesResponse::default()));
        };
        let kept = self.people().identities.of_user(who).await;
        let kept = kept.map_err(|error| unavailable(&error))?;
        let at = |id| kept.iter().find(|kept| kept.identity_id == id).map(|kept| kept.kept_at);
        let shown = |identity: &Identity| pb::LinkedIdentity {
            identity_id: identity.identity_id.to_string(),
            issuer: identity.issuer.clone(),
            linked_at: at(identity.identity_id).map(rfc3339).unwrap_or_default(),
        };
        let password = self.people().credentials.is_kept(who.0, known.person.credential_id).await;
        Ok(Response::new(pb::ListIdentitiesResponse {
            identities: known.person.identities.iter().map(shown).collect(),
            provider_label,
            has_password: password.map_err(|error| unavailable(&error))?,
        }))
    }
}

fn personal_status(error: &PersonalError) -> Status {
    // Nobody is registered in the place of somebody who was erased.
    if matches!(error, PersonalError::Erased(_)) {
        return Rejected::Refused(UserRefusal::LoginErased).into();
    }
    personal_failed(error)
}

/// A visit that has ended well.
pub(crate) struct Visit {
    tenant: String,
    /// The invitation, or the user.
    about: String,
    somebody: Somebody,
}

impl PartnerApi {
    /// A tenant's provider, and how many facts there are of it.
    pub(super) async fn provider(&self, tenant: &str) -> Result<Option<(Provider, u64)>, Status> {
        self.reception.provider(tenant).await
    }

    async fn depart(
        &self,
        (tenant, about): (&str, &str),
        purpose: Purpose,
    ) -> Result<pb::BegunFlow, Status> {
        let party = self.reception.party(tenant).await?;
        let departure = self.reception.providers.depart(&party).await?;
        let (now, issuer) = (clock::now(), party.provider.issuer.as_str());
        let flows = &self.people().flows;
        let begun = flows.begin((tenant, about, issuer), purpose, &departure, now).await;
        Ok(pb::BegunFlow {
            authorization_url: departure.url,
            flow_secret: begun.map_err(|error| unavailable(&error))?,
            expires_at: rfc3339(now + LASTS),
        })
    }

    /// Ends a visit. It is taken before anything is asked, so it is over whatever comes of it.
    async fn arrive(&self, purpose: Purpose, back: pb::FinishedFlow) -> Result<Visit, Status> {
        self.reception.arrive(purpose, back).await.map(|(tenant, about, somebody)| Visit {
            tenant,
            about,
            somebody,
        })
    }

    async fn enter_as(&self, visit: Visit, origin: Origin) -> Result<pb::SignInResponse, Status> {
        let found = self.people().identities.find(&visit.tenant, &visit.somebody).await;
        let found = found.map_err(|error| unavailable(&error))?.ok_or(OidcError::NotLinked)?;
        let known = self.reception.known(&visit.tenant, &found.user).await?;
        let linked = known.filter(|known| known.person.identity(found.identity_id).is_some());
        let known = linked.ok_or(OidcError::NotLinked)?;
        if known.person.reset_id.is_some() {
            return Err(OidcError::PasswordReset.into());
        }
        self.reception.enter(known, origin).await
    }

    /// Keeps a link that is to be; one of somebody else's stays theirs.
    async fn keep_identity(
        &self,
        (tenant, login): (&str, &str),
        somebody: &Somebody,
    ) -> Result<NewIdentity, Status> {
        let (people, now) = (self.people(), clock::now());
        let before = people.identities.find(tenant, somebody).await;
        let before = before.map_err(|error| unavailable(&error))?;
        let identity_id = match &before {
            Some(kept) if kept.user == login => kept.identity_id,
            Some(kept) if self.is_taken(tenant, kept).await? => return Err(taken()),
            Some(_) | None => Uuid::new_v4(),
        };
        let new = Kept { identity_id, user: login.to_owned(), kept_at: now };
        let replaced = before.map(|kept| kept.identity_id);
        let kept = people.identities.keep((tenant, somebody), &new, replaced).await;
        if !kept.map_err(|error| unavailable(&error))? {
            return Err(taken());
        }
        let subject = Personal::of(login, somebody.subject.clone());
        let subject = people.vault.sealed(tenant, &subject).await;
        let subject = subject.map_err(|error| personal_status(&error))?;
        let issuer = somebody.issuer.clone();
        Ok(NewIdentity { identity: Identity { identity_id, issuer }, subject })
    }

    /// Whether a link is somebody's. One that the log does not have is nobody's, but for a moment:
    /// it may be on its way there.
    async fn is_taken(&self, tenant: &str, kept: &Kept) -> Result<bool, Status> {
        let known = self.reception.known(tenant, &kept.user).await?;
        let linked = known.is_some_and(|known| known.person.identity(kept.identity_id).is_some());
        Ok(linked || clock::now() - kept.kept_at < chrono::TimeDelta::minutes(1))
    }

    async fn discard_unless_linked(
        &self,
        (tenant, login): (&str, &str),
        identity_id: Uuid,
    ) -> Result<(), Status> {
        let known = self.reception.known(tenant, login).await?;
        if known.is_some_and(|known| known.person.identity(identity_id).is_some()) {
            return Ok(());
        }
        let discarded = self.people().identities.discard(tenant, identity_id).await;
        discarded.map_err(|error| unavailable(&error))
    }

    /// Whether somebody has a password, or another link, besides one.
    async fn may_sign_in_otherwise(
        &self,
        (tenant, login): (&str, &str),
        identity_id: Uuid,
    ) -> Result<bool, Status> {
        let Some(known) = self.reception.known(tenant, login).await? else { return Ok(true) };
        let issuer = self.provider(tenant).await?.map(|(provider, _)| provider.issuer);
        let other = known.person.identities.iter().any(|identity| {
            identity.identity_id != identity_id && Some(&identity.issuer) == issuer.as_ref()
        });
        let password = self.people().credentials.is_kept(tenant, known.person.credential_id).await;
        Ok(other || password.map_err(|error| unavailable(&error))?)
    }
}

fn taken() -> Status {
    Rejected::Refused(UserRefusal::IdentityTaken).into()
}

impl IntoCommand<IdentityProvider> for pb::ConfigureIdentityProviderRequest {
    type Command = Addressed<IdentityProvider>;

    fn forget_secrets(&mut self) {
        self.client_secret.clear();
    }

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let label = bad.take("label", name(&self.label).map_err(explain));
        let command = label.map(|label| {
            IdentityProviderCommand::Configure(Provider {
                issuer: self.issuer,
                client_id: self.client_id,
                secret_id: (!self.client_secret.is_empty()).then_some(call.request_id),
                label,
                redirect_uri: self.redirect_uri,
            })
        });
        bad.finish(command.map(provider))
    }
}

impl IntoCommand<IdentityProvider> for pb::RemoveIdentityProviderRequest {
    type Command = Addressed<IdentityProvider>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let reason = reason(&mut bad, &self.reason);
        bad.finish(reason.map(|reason| provider(IdentityProviderCommand::Remove { reason })))
    }
}

fn provider(command: IdentityProviderCommand) -> Addressed<IdentityProvider> {
    Addressed { object_id: PROVIDER.to_owned(), command }
}

impl IntoCommand<Invitation> for pb::AcceptInvitationByProviderRequest {
    type Command = AcceptInvitation;

    /// The digest of a name would tell it to whoever guesses, and a visit is another one each time.
    fn forget_secrets(&mut self) {
        self.name.clear();
        self.flow = None;
    }

    /// Which invitation it is, only the table of links says; who it is, the provider.
    fn into_command(self, call: &Call) -> Result<AcceptInvitation, Status> {
        let mut bad = Violations::default();
        let login = new_login(&mut bad, &self.login);
        let called = bad.take("name", name(&self.name).map_err(explain));
        let command = || {
            let login = login?;
            let name = Personal::of(login.as_str(), called?);
            let (credential_id, now) = (call.request_id, call.now);
            let (invitation_id, identity) = (String::new(), None);
            Some(AcceptInvitation { invitation_id, login, name, credential_id, identity, now })
        };
        let command = command();
        bad.finish(command)
    }
}

impl IntoCommand<User> for pb::LinkIdentityRequest {
    type Command = Addressed<User>;

    fn forget_secrets(&mut self) {
        self.flow = None;
    }

    /// With whom, only the provider says.
    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let command = UserCommand::Unlink { identity_id: Uuid::nil() };
        Ok(Addressed { object_id: call.caller.user_id.clone(), command })
    }
}

impl IntoCommand<User> for pb::UnlinkIdentityRequest {
    type Command = Addressed<User>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let id = Uuid::parse_str(&self.identity_id);
        let id = id.map_err(|_| kernel::Text::new("必须是关联编号", "must be the id of a link"));
        let id = bad.take("identity_id", id);
        let command = id.map(|identity_id| UserCommand::Unlink { identity_id });
        let object_id = call.caller.user_id.clone();
        bad.finish(command.map(|command| Addressed { object_id, command }))
    }
}
