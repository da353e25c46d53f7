//! Where people are signed in, and their passwords.

use chrono::TimeDelta;
use kernel::command::{Addressed, Rejected};
use kernel::failure::{Violations, session_ended, status, unavailable};
use kernel::rpc::{self, Call, IntoCommand, Reply};
use kernel::{Text, clock};
use proto::partner::v1 as pb;
use proto::partner::v1::session_service_server::SessionService;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;
use values::UserId;

use super::PartnerApi;
use super::fields::{Done, in_the_name_of, parse, whose};
use super::identity::id_of;
use crate::attempts::Guarded;
use crate::links::{Kind, Link};
use crate::sessions::{Origin, Session};
use crate::sign_in::{Known, rfc3339, session_id, wrong_password};
use crate::user::{SessionEnd, User, UserCommand, UserRefusal};

/// How long a link to set a password is good for.
const LINK: TimeDelta = TimeDelta::hours(24);

#[tonic::async_trait]
impl SessionService for PartnerApi {
    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Reply<pb::RefreshSessionResponse> {
        let asked = request.get_ref();
        let request_id = id_of(&asked.request_id)?;
        let session = match self.reception.refresh(&asked.refresh_token, request_id).await? {
            Ok(session) => session,
            Err(stolen) => return Err(self.end_stolen(stolen).await?),
        };
        Ok(Response::new(pb::RefreshSessionResponse { session: Some(session) }))
    }

    /// The table comes first: a crash after it leaves a token that ends by itself, and a caller who
    /// was told nothing.
    async fn sign_out(&self, request: Request<pb::SignOutRequest>) -> Reply<pb::SignOutResponse> {
        let caller = rpc::caller(&request)?;
        self.end(&caller.tenant.clone(), session_id(caller)?).await?;
        self.commands.run(request).await
    }

    async fn switch_membership(
        &self,
        request: Request<pb::SwitchMembershipRequest>,
    ) -> Reply<pb::SwitchMembershipResponse> {
        let caller = rpc::caller(&request)?;
        let session = self.reception.switch(caller, &request.get_ref().membership_id).await?;
        Ok(Response::new(pb::SwitchMembershipResponse { session: Some(session) }))
    }

    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Reply<pb::ListSessionsResponse> {
        let caller = rpc::caller(&request)?;
        let login = whose(caller, &request.get_ref().login)?;
        let open = self.people().sessions.of_user((&caller.tenant, login), clock::now()).await;
        let open = open.map_err(|error| unavailable(&error))?;
        let own = caller.session.as_deref().unwrap_or_default();
        let sessions = open.iter().map(|session| shown(session, own)).collect();
        Ok(Response::new(pb::ListSessionsResponse { sessions }))
    }

    async fn revoke_session(
        &self,
        request: Request<pb::RevokeSessionRequest>,
    ) -> Reply<pb::RevokeSessionResponse> {
        let (caller, asked) = (rpc::caller(&request)?, request.get_ref());
        let login = whose(caller, &asked.login)?;
        let id = Uuid::parse_str(&asked.session_id).unwrap_or_default();
        let found = self.people().sessions.find((&caller.tenant, login), id).await;
        if found.map_err(|error| unavailable(&error))?.is_none() {
            let text =
                Text::new("没有这个会话，请刷新列表", "there is no such session; list them again");
            return Err(status(Code::NotFound, "NO_SUCH_SESSION", &text));
        }
        self.end(&caller.tenant.clone(), id).await?;
        self.commands.run(request).await
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Reply<pb::ChangePasswordResponse> {
        let caller = rpc::caller(&request)?.clone();
        let (known, session) = self.reception.session(&caller).await?;
        let asked = request.get_ref();
        let (credential_id, new) = (id_of(&asked.request_id)?, asked.new_password.clone());
        let who = (known.tenant.as_str(), known.login.as_str());
        differs(&asked.old_password, &new)?;
        // The old password of a repeat whose answer was lost is not the old one any more.
        if known.person.credential_id != credential_id {
            self.has_password(&known, asked.old_password.clone()).await?;
        }
        self.people().acceptable(who, &caller.name, ("new_password", &new)).await?;
        let kept = self.people().keep_password(who, credential_id, new).await?;
        let answer = self.commands.run::<User, _, Done>(request).await;
        self.settle(Some(kept), &answer).await?;
        let Done(receipt) = answer?.into_inner();
        self.only_this_password(who, Some((session.id, credential_id))).await?;
        let session = Some(self.reception.next_token(&caller).await?);
        Ok(Response::new(pb::ChangePasswordResponse { receipt: Some(receipt), session }))
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Reply<pb::ResetPasswordResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let (login, link_id) =
            (request.get_ref().login.clone(), id_of(&request.get_ref().request_id)?);
        let Done(receipt) = self.commands.run::<User, _, Done>(request).await?.into_inner();
        // A repeat of long ago: the password was set since, or reset again.
        let known = self.reception.known(&tenant, &login).await?;
        if known.is_none_or(|known| known.person.reset_id != Some(link_id)) {
            return Err(Rejected::Refused(UserRefusal::ResetOver).into());
        }
        self.only_this_password((&tenant, &login), None).await?;
        let expires_at = clock::now() + LINK;
        let link = Link { tenant, object_id: login, link_id };
        let token = self.people().links.make(Kind::Password, &link, expires_at).await;
        let token = token.map_err(|error| unavailable(&error))?;
        Ok(Response::new(pb::ResetPasswordResponse {
            receipt: Some(receipt),
            link_path: Kind::Password.path(&token),
            expires_at: rfc3339(expires_at),
        }))
    }

    async fn set_password(
        &self,
        request: Request<pb::SetPasswordRequest>,
    ) -> Reply<pb::SetPasswordResponse> {
        let (origin, asked) = (Origin::of(&request), request.get_ref());
        let (credential_id, new) = (id_of(&asked.request_id)?, asked.password.clone());
        let link = self.people().links.find(Kind::Password, &asked.token, clock::now()).await;
        let link = link.map_err(|error| unavailable(&error))?;
        let over = || Status::from(Rejected::Refused(UserRefusal::ResetOver));
        let Link { tenant, object_id: login, link_id } = link.ok_or_else(over)?;
        let who = (tenant.as_str(), login.as_str());
        self.people().acceptable(who, "", ("password", &new)).await?;
        let kept = self.people().keep_password(who, credential_id, new).await?;
        let set = async |mut command: Addressed<User>| {
            command.object_id.clone_from(&login);
            command.command = UserCommand::SetPassword { reset_id: link_id, credential_id };
            Ok(command)
        };
        let request = in_the_name_of(request, &tenant, &login);
        let answer = self.commands.run_prepared::<User, _, Done, _>(request, set).await;
        self.settle(Some(kept), &answer).await?;
        let Done(receipt) = answer?.into_inner();
        let known = self.reception.known(&tenant, &login).await?.ok_or_else(over)?;
        let session = Some(self.reception.enter(known, origin).await?);
        Ok(Response::new(pb::SetPasswordResponse { receipt: Some(receipt), session }))
    }
}

impl PartnerApi {
    async fn end(&self, tenant: &str, session: Uuid) -> Result<(), Status> {
        let ended = self.people().sessions.end(tenant, session, clock::now()).await;
        ended.map_err(|error| unavailable(&error))
    }

    /// Makes known everywhere that a session is over because its refresh token was used twice. What
    /// the one who used it is told is the same as of any session that is over.
    async fn end_stolen(&self, session: Session) -> Result<Status, Status> {
        tracing::warn!(tenant = session.tenant, session = %session.id, "a refresh token came twice");
        metrics::counter!("qudao_refresh_tokens_reused").increment(1);
        let end = pb::RevokeSessionRequest {
            // One fact for one session, however often its token comes.
            request_id: Uuid::new_v5(&session.id, b"reused").to_string(),
            session_id: session.id.to_string(),
            login: session.user.clone(),
            ..Default::default()
        };
        let why = SessionEnd::Reused;
        let reused = async |mut command: Addressed<User>| {
            command.command = UserCommand::EndSession { session_id: session.id, why };
            Ok(command)
        };
        let request = in_the_name_of(Request::new(end), &session.tenant, &session.user);
        self.commands.run_prepared::<User, _, Done, _>(request, reused).await?;
        Ok(session_ended())
    }

    async fn has_password(&self, known: &Known, password: String) -> Result<(), Status> {
        let guarded = Guarded::change(&known.tenant, &known.login);
        self.reception.attempt(guarded, clock::now()).await?;
        let credentials = &self.people().credentials;
        let right = credentials.check(&known.tenant, known.person.credential_id, password).await;
        if !right.map_err(|error| unavailable(&error))? {
            return Err(wrong_password());
        }
        let cleared = self.people().attempts.clear(guarded).await;
        cleared.map_err(|error| unavailable(&error))
    }

    /// All other passwords of a person are gone, and so are all other sessions.
    async fn only_this_password(
        &self,
        who: (&str, &str),
        kept: Option<(Uuid, Uuid)>,
    ) -> Result<(), Status> {
        let people = self.people();
        let ended = people.sessions.end_others(who, kept, clock::now()).await;
        ended.map_err(|error| unavailable(&error))?;
        let erased = people.credentials.erase_others(who, kept.map(|(_, credential)| credential));
        erased.await.map_err(|error| unavailable(&error))
    }
}

/// Whoever is to change their password does not keep it.
fn differs(old: &str, new: &str) -> Result<(), Status> {
    let mut bad = Violations::default();
    if old == new {
        let text = Text::new("须与当前密码不同", "must be another one than the present one");
        bad.add("new_password", text);
    }
    bad.finish(Some(()))
}

fn shown(session: &Session, own: &str) -> pb::SignedInSession {
    let session_id = session.id.to_string();
    pb::SignedInSession {
        current: session_id == own,
        session_id,
        membership_id: session.company.clone(),
        started_at: rfc3339(session.started_at),
        used_at: rfc3339(session.used_at),
        ends_at: rfc3339(session.open_until()),
        user_agent: session.origin.user_agent.clone(),
        address: session.origin.address.clone(),
    }
}

impl IntoCommand<User> for pb::SignOutRequest {
    type Command = Addressed<User>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let (session_id, why) = (session_id(&call.caller)?, SessionEnd::SignedOut);
        let command = UserCommand::EndSession { session_id, why };
        Ok(Addressed { object_id: call.caller.user_id.clone(), command })
    }
}

impl IntoCommand<User> for pb::RevokeSessionRequest {
    type Command = Addressed<User>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let object_id = whose(&call.caller, &self.login)?.to_owned();
        let mut bad = Violations::default();
        let id = Uuid::parse_str(&self.session_id);
        let id = id.map_err(|_| Text::new("必须是会话编号", "must be the id of a session"));
        let id = bad.take("session_id", id);
        let why = SessionEnd::Revoked;
        let command = id.map(|session_id| UserCommand::EndSession { session_id, why });
        bad.finish(command.map(|command| Addressed { object_id, command }))
    }
}

impl IntoCommand<User> for pb::ChangePasswordRequest {
    type Command = Addressed<User>;

    fn forget_secrets(&mut self) {
        self.old_password.clear();
        self.new_password.clear();
    }

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let command = UserCommand::ChangePassword { credential_id: call.request_id };
        Ok(Addressed { object_id: call.caller.user_id.clone(), command })
    }
}

impl IntoCommand<User> for pb::ResetPasswordRequest {
    type Command = Addressed<User>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let login = parse::<UserId>(&mut bad, "login", &self.login);
        let command = UserCommand::ResetPassword { reset_id: call.request_id };
        bad.finish(login.map(|login| Addressed { object_id: login.to_string(), command }))
    }
}

impl IntoCommand<User> for pb::SetPasswordRequest {
    type Command = Addressed<User>;

    fn forget_secrets(&mut self) {
        self.password.clear();
    }

    /// Which link it is, only the table of links says.
    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let (reset_id, credential_id) = (Uuid::nil(), call.request_id);
        let command = UserCommand::SetPassword { reset_id, credential_id };
        Ok(Addressed { object_id: call.caller.user_id.clone(), command })
    }
}
