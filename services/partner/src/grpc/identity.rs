//! People: registered, renamed, let in and kept out.

use kernel::Text;
use kernel::auth::Caller;
use kernel::clock;
use kernel::command::Addressed;
use kernel::failure::{Violations, personal_failed, read_failed, unavailable};
use kernel::personal::{Personal, PersonalError};
use kernel::rpc::{self, Call, IntoCommand, Reply};
use proto::access::v1 as access;
use proto::partner::v1 as pb;
use proto::partner::v1::identity_service_server::IdentityService;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use values::UserId;
use values::text::name;

use super::PartnerApi;
use super::fields::{authority, company, explain, membership, new_login, parse, reason};
use crate::password;
use crate::people::Admitted;
use crate::sessions::Origin;
use crate::transactions::{Ask, Manage, RegisterUser};
use crate::user::{Newcomer, User, UserCommand};

#[tonic::async_trait]
impl IdentityService for PartnerApi {
    async fn sign_in(&self, request: Request<pb::SignInRequest>) -> Reply<pb::SignInResponse> {
        let origin = Origin::of(&request);
        self.reception.sign_in(request.into_inner(), origin).await.map(Response::new)
    }

    async fn get_current_user(
        &self,
        request: Request<pb::GetCurrentUserRequest>,
    ) -> Reply<pb::GetCurrentUserResponse> {
        let user = self.reception.current_user(rpc::caller(&request)?).await?;
        Ok(Response::new(pb::GetCurrentUserResponse { user: Some(user) }))
    }

    /// What is kept beside the log comes first; it counts when the user's event is there, and does
    /// not stay when there is none.
    async fn register_user(
        &self,
        request: Request<pb::RegisterUserRequest>,
    ) -> Reply<pb::RegisterUserResponse> {
        let password = request.get_ref().password.clone();
        let called = request.get_ref().name.clone();
        let mut admitted = None;
        let place = &mut admitted;
        let admit = move |mut command: RegisterUser| async move {
            let tenant = command.tenant_id.clone();
            let who = (tenant.as_str(), command.login.as_str());
            self.people().acceptable(who, &called, ("password", &password)).await?;
            let Newcomer { name, credential_id, .. } = &mut command.newcomer;
            *place = self.people().admit(who, name, *credential_id, password).await?;
            Ok(command)
        };
        let answer = self.commands.run_prepared(request, admit).await;
        self.settle(admitted, &answer).await?;
        answer
    }

    /// The event comes first: from then on nobody signs in as the person. What is kept of them is
    /// erased before the call is answered, so an acknowledged one has always erased; one that
    /// ended in between is repeated by its caller, or ended by [`crate::people::Erasures`].
    async fn erase_user(
        &self,
        request: Request<pb::EraseUserRequest>,
    ) -> Reply<pb::EraseUserResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let login = request.get_ref().login.clone();
        let answer = self.manage(request).await?;
        self.people().forget(&tenant, &login).await.map_err(|error| unavailable(&error))?;
        Ok(answer)
    }

    async fn rename_user(
        &self,
        request: Request<pb::RenameUserRequest>,
    ) -> Reply<pb::RenameUserResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let seal = move |mut command: Addressed<User>| async move {
            if let UserCommand::Rename(name) = &mut command.command {
                match self.people().vault.sealed(&tenant, name).await {
                    Ok(sealed) => *name = sealed,
                    // Who was erased is no user; the rules say so.
                    Err(PersonalError::Erased(subject)) => *name = Personal::erased(subject),
                    Err(error) => return Err(personal_failed(&error)),
                }
            }
            Ok(command)
        };
        self.commands.run_prepared(request, seal).await
    }

    async fn grant_membership(
        &self,
        request: Request<pb::GrantMembershipRequest>,
    ) -> Reply<pb::GrantMembershipResponse> {
        self.manage(request).await
    }

    async fn change_membership(
        &self,
        request: Request<pb::ChangeMembershipRequest>,
    ) -> Reply<pb::ChangeMembershipResponse> {
        self.manage(request).await
    }

    async fn end_membership(
        &self,
        request: Request<pb::EndMembershipRequest>,
    ) -> Reply<pb::EndMembershipResponse> {
        self.manage(request).await
    }

    async fn suspend_user(
        &self,
        request: Request<pb::SuspendUserRequest>,
    ) -> Reply<pb::SuspendUserResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let login = request.get_ref().login.clone();
        let answer = self.manage(request).await?;
        let ended = self.people().sessions.end_others((&tenant, &login), None, clock::now()).await;
        ended.map_err(|error| unavailable(&error))?;
        Ok(answer)
    }

    async fn reinstate_user(
        &self,
        request: Request<pb::ReinstateUserRequest>,
    ) -> Reply<pb::ReinstateUserResponse> {
        self.commands.run(request).await
    }
}

impl PartnerApi {
    /// Makes sure that who was let in can sign in, and takes back what was kept of who was not.
    pub(super) async fn settle<T>(
        &self,
        admitted: Option<Admitted>,
        answer: &Result<T, Status>,
    ) -> Result<(), Status> {
        match (admitted, answer) {
            (Some(admitted), Ok(_)) => self.people().confirm(admitted).await,
            (Some(admitted), Err(no)) => {
                self.people().dismiss(admitted, no.code()).await;
                Ok(())
            }
            (None, _) => Ok(()),
        }
    }

    /// A change of what somebody may do. Who else is an administrator is looked up only when the
    /// tenant could lose its last one.
    async fn manage<Q, A>(&self, request: Request<Q>) -> Reply<A>
    where
        Q: IntoCommand<User, Command = Manage>,
        A: From<proto::common::v1::Receipt>,
    {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let look = move |mut command: Manage| async move {
            let known = self.reception.known(&tenant, command.login.as_str()).await?;
            if known.is_some_and(|known| known.person.is_admin()) {
                let admins = self.people().admins(&tenant).await;
                command.admins = admins.map_err(|error| read_failed(&error))?;
            }
            Ok(command)
        };
        self.commands.run_prepared(request, look).await
    }
}

impl IntoCommand<User> for pb::RegisterUserRequest {
    type Command = RegisterUser;

    fn tenant(&self, caller: &Caller) -> String {
        let tenant =
            if caller.has(access::Role::Operator) { &self.tenant_id } else { &caller.tenant };
        tenant.clone()
    }

    fn forget_secrets(&mut self) {
        self.password.clear();
    }

    fn into_command(self, call: &Call) -> Result<RegisterUser, Status> {
        let mut bad = Violations::default();
        let login = new_login(&mut bad, &self.login);
        let person_name = bad.take("name", name(&self.name).map_err(explain));
        let known = [self.login.as_str(), self.name.as_str()];
        bad.take("password", password::acceptable(&self.password, &known));
        let place = (self.dealer_id.as_str(), self.roles.as_slice(), self.region_ids.as_slice());
        let membership = membership(&mut bad, place);
        let tenant_id = parse(&mut bad, "tenant_id", &self.tenant(&call.caller));
        if !self.tenant_id.is_empty() && self.tenant_id != self.tenant(&call.caller) {
            let text = Text::new("只有平台运营可以指定租户", "only the operator names a tenant");
            bad.add("tenant_id", text);
        }
        let command = || {
            let (login, credential_id): (UserId, _) = (login?, call.request_id);
            let name = Personal::of(login.as_str(), person_name?);
            let newcomer = Newcomer {
                name,
                membership: membership?,
                credential_id,
                password_to_be_changed: !self.keep_password,
                identity: None,
            };
            Some(RegisterUser { tenant_id: tenant_id?, login, newcomer, now: call.now })
        };
        let command = command();
        bad.finish(command)
    }
}

/// A question about somebody, from what the fields gave.
fn about(call: &Call, login: Option<UserId>, ask: Option<Ask>) -> Option<Manage> {
    Some(Manage { login: login?, ask: ask?, admins: Vec::new(), now: call.now })
}

impl IntoCommand<User> for pb::EraseUserRequest {
    type Command = Manage;

    fn into_command(self, call: &Call) -> Result<Manage, Status> {
        let mut bad = Violations::default();
        let login = parse(&mut bad, "login", &self.login);
        let reason = reason(&mut bad, &self.reason);
        bad.finish(about(call, login, reason.map(Ask::Erase)))
    }
}

impl IntoCommand<User> for pb::SuspendUserRequest {
    type Command = Manage;

    fn into_command(self, call: &Call) -> Result<Manage, Status> {
        let mut bad = Violations::default();
        let login = parse(&mut bad, "login", &self.login);
        let reason = reason(&mut bad, &self.reason);
        bad.finish(about(call, login, reason.map(Ask::Suspend)))
    }
}

impl IntoCommand<User> for pb::ReinstateUserRequest {
    type Command = Addressed<User>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let login = parse::<UserId>(&mut bad, "login", &self.login);
        let reason = reason(&mut bad, &self.reason);
        let command = reason.map(|reason| UserCommand::Reinstate { reason });
        bad.finish(login.zip(command).map(addressed))
    }
}

fn addressed((login, command): (UserId, UserCommand)) -> Addressed<User> {
    Addressed { object_id: login.to_string(), command }
}

impl IntoCommand<User> for pb::RenameUserRequest {
    type Command = Addressed<User>;

    /// The digest of a name would tell it to whoever guesses.
    fn forget_secrets(&mut self) {
        self.name.clear();
    }

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let login = parse::<UserId>(&mut bad, "login", &self.login);
        let new = bad.take("name", name(&self.name).map_err(explain));
        let command = || {
            let (login, new) = (login?, new?);
            let name = Personal::of(login.as_str(), new);
            Some((login, UserCommand::Rename(name)))
        };
        let command = command();
        bad.finish(command.map(addressed))
    }
}

impl IntoCommand<User> for pb::GrantMembershipRequest {
    type Command = Manage;

    fn into_command(self, call: &Call) -> Result<Manage, Status> {
        let by = authority(&call.caller)?;
        let mut bad = Violations::default();
        let login = parse(&mut bad, "login", &self.login);
        let place = (self.dealer_id.as_str(), self.roles.as_slice(), self.region_ids.as_slice());
        let membership = membership(&mut bad, place);
        bad.finish(about(call, login, membership.map(|membership| Ask::Grant(membership, by))))
    }
}

impl IntoCommand<User> for pb::ChangeMembershipRequest {
    type Command = Manage;

    fn into_command(self, call: &Call) -> Result<Manage, Status> {
        let by = authority(&call.caller)?;
        let mut bad = Violations::default();
        let login = parse(&mut bad, "login", &self.login);
        let place = (self.dealer_id.as_str(), self.roles.as_slice(), self.region_ids.as_slice());
        let membership = membership(&mut bad, place);
        bad.finish(about(call, login, membership.map(|membership| Ask::Change(membership, by))))
    }
}

impl IntoCommand<User> for pb::EndMembershipRequest {
    type Command = Manage;

    fn into_command(self, call: &Call) -> Result<Manage, Status> {
        let by = authority(&call.caller)?;
        let mut bad = Violations::default();
        let login = parse(&mut bad, "login", &self.login);
        let company = company(&mut bad, &self.dealer_id);
        let reason = reason(&mut bad, &self.reason);
        let ask = company.zip(reason).map(|(company, reason)| Ask::Leave(company, reason, by));
        bad.finish(about(call, login, ask))
    }
}

/// The id under which a request is known; the same that its command has.
pub(super) fn id_of(request_id: &str) -> Result<Uuid, Status> {
    let mut bad = Violations::default();
    let text = |_| Text::new("必须是 UUID", "must be a UUID made by the caller");
    let id = bad.take("request_id", Uuid::parse_str(request_id).map_err(text));
    bad.finish(id)
}
