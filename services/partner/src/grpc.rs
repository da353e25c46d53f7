//! Requests become commands: types, units, ranges. No rules.

use std::collections::BTreeSet;
use std::str::FromStr;

use kernel::Text;
use kernel::auth::{Caller, Keys, is_no_user};
use kernel::command::{Addressed, Commands};
use kernel::failure::{Violations, unavailable};
use kernel::personal::Personal;
use kernel::rpc::{self, Call, CommandApi, IntoCommand, Reply};
use proto::access::v1 as access;
use proto::partner::v1 as pb;
use proto::partner::v1::dealer_service_server::DealerService;
use proto::partner::v1::identity_service_server::IdentityService;
use proto::partner::v1::region_service_server::RegionService;
use proto::partner::v1::tenant_service_server::TenantService;
use tonic::{Request, Response, Status};
use values::text::{bounded, name};
use values::{DealerId, Explain, RegionId, TenantId, UserId};

use crate::dealer::Dealer;
use crate::people::People;
use crate::region_tree::{RegionCommand, RegionTree, TREE};
use crate::role::Role;
use crate::sign_in::{MAX_PASSWORD, current_user, sign_in};
use crate::tenant::{Settings, Tenant};
use crate::transactions::{FoundTenant, RegisterDealer, RegisterUser};
use crate::user::{Person, User, UserCommand};

/// All services of the context.
#[derive(Clone)]
pub(crate) struct PartnerApi {
    commands: CommandApi,
    people: People,
    keys: Keys,
}

impl PartnerApi {
    pub(crate) fn new(commands: Commands, people: People, keys: Keys) -> Self {
        Self { commands: CommandApi(commands), people, keys }
    }
}

#[tonic::async_trait]
impl TenantService for PartnerApi {
    async fn found_tenant(
        &self,
        request: Request<pb::FoundTenantRequest>,
    ) -> Reply<pb::FoundTenantResponse> {
        self.commands.run(request).await
    }
}

#[tonic::async_trait]
impl RegionService for PartnerApi {
    async fn add_region(
        &self,
        request: Request<pb::AddRegionRequest>,
    ) -> Reply<pb::AddRegionResponse> {
        self.commands.run(request).await
    }

    async fn rename_region(
        &self,
        request: Request<pb::RenameRegionRequest>,
    ) -> Reply<pb::RenameRegionResponse> {
        self.commands.run(request).await
    }
}

#[tonic::async_trait]
impl DealerService for PartnerApi {
    async fn register_dealer(
        &self,
        request: Request<pb::RegisterDealerRequest>,
    ) -> Reply<pb::RegisterDealerResponse> {
        self.commands.run(request).await
    }
}

#[tonic::async_trait]
impl IdentityService for PartnerApi {
    async fn sign_in(&self, request: Request<pb::SignInRequest>) -> Reply<pb::SignInResponse> {
        sign_in(&self.people, &self.keys, request.into_inner()).await.map(Response::new)
    }

    async fn get_current_user(
        &self,
        request: Request<pb::GetCurrentUserRequest>,
    ) -> Reply<pb::GetCurrentUserResponse> {
        let user = current_user(&self.people, rpc::caller(&request)?).await?;
        Ok(Response::new(pb::GetCurrentUserResponse { user: Some(user) }))
    }

    /// What is kept beside the log comes first; it counts when the user's event is there, and does
    /// not stay when there is none.
    async fn register_user(
        &self,
        request: Request<pb::RegisterUserRequest>,
    ) -> Reply<pb::RegisterUserResponse> {
        let password = request.get_ref().password.clone();
        let mut admitted = None;
        let place = &mut admitted;
        let admit = move |command| self.people.admit(command, password, place);
        let answer = self.commands.run_prepared(request, admit).await;
        if let Some(admitted) = admitted {
            match &answer {
                Ok(_) => self.people.confirm(admitted).await?,
                Err(no) => self.people.dismiss(admitted, no.code()).await,
            }
        }
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
        let answer = self.commands.run(request).await?;
        self.people.forget(&tenant, &login).await.map_err(|error| unavailable(&error))?;
        Ok(answer)
    }
}

fn acceptable(password: &str) -> Result<(), Text> {
    if (8..=MAX_PASSWORD).contains(&password.chars().count()) {
        return Ok(());
    }
    Err(Text::new("须有 8 至 200 个字符", "must have 8 to 200 characters"))
}

impl IntoCommand<Tenant> for pb::FoundTenantRequest {
    type Command = FoundTenant;

    fn tenant(&self, _: &Caller) -> String {
        self.tenant_id.clone()
    }

    fn into_command(self, _: &Call) -> Result<FoundTenant, Status> {
        let mut bad = Violations::default();
        let tenant_id = parse::<TenantId>(&mut bad, "tenant_id", &self.tenant_id);
        let brand = bad.take("name", name(&self.name).map_err(explain));
        let currency = parse(&mut bad, "currency_code", &self.currency_code);
        let zone = self.time_zone.parse::<chrono_tz::Tz>();
        let zone = bad.take(
            "time_zone",
            zone.map_err(|_| {
                Text::new("必须是 IANA 时区名", "must be an IANA name like Asia/Shanghai")
            }),
        );
        let root_name = bad.take("root_region_name", name(&self.root_region_name).map_err(explain));
        let command = || {
            let (name, currency) = (brand?, currency?);
            let settings = Settings { name, currency, time_zone: zone?.to_string() };
            Some(FoundTenant { tenant_id: tenant_id?, settings, root_name: root_name? })
        };
        let command = command();
        bad.finish(command)
    }
}

fn explain(error: impl Explain) -> Text {
    Text::new(error.zh(), error.to_string())
}

fn parse<T: FromStr<Err: Explain>>(bad: &mut Violations, field: &str, text: &str) -> Option<T> {
    bad.take(field, text.parse().map_err(explain))
}

impl IntoCommand<RegionTree> for pb::AddRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let name = bad.take("name", name(&self.name).map_err(explain));
        let parent_id = parse::<RegionId>(&mut bad, "parent_id", &self.parent_id);
        let command = || {
            Some(RegionCommand::Add { region_id: region_id?, name: name?, parent_id: parent_id? })
        };
        let command = command();
        bad.finish(command).map(tree)
    }
}

impl IntoCommand<RegionTree> for pb::RenameRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let name = bad.take("name", name(&self.name).map_err(explain));
        let command = || Some(RegionCommand::Rename { region_id: region_id?, name: name? });
        let command = command();
        bad.finish(command).map(tree)
    }
}

fn tree(command: RegionCommand) -> Addressed<RegionTree> {
    Addressed { object_id: TREE.to_owned(), command }
}

impl IntoCommand<Dealer> for pb::RegisterDealerRequest {
    type Command = RegisterDealer;

    fn into_command(self, _: &Call) -> Result<RegisterDealer, Status> {
        let mut bad = Violations::default();
        let dealer_id = parse::<DealerId>(&mut bad, "dealer_id", &self.dealer_id);
        let company = bad.take("name", name(&self.name).map_err(explain));
        let city = bad.take("city", name(&self.city).map_err(explain));
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let command = || {
            let (dealer_id, name) = (dealer_id?, company?);
            Some(RegisterDealer { dealer_id, name, city: city?, region_id: region_id? })
        };
        let command = command();
        bad.finish(command)
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
        let login = parse(&mut bad, "login", &self.login);
        if is_no_user(&self.login) {
            bad.add(
                "login",
                Text::new("由系统保留，请换一个", "is kept for the system; choose another"),
            );
        }
        let person_name = bad.take("name", name(&self.name).map_err(explain));
        let dealer_id = match self.dealer_id.as_str() {
            "" => Some(None),
            id => parse::<DealerId>(&mut bad, "dealer_id", id).map(Some),
        };
        bad.take("password", acceptable(&self.password));
        let roles = roles(&mut bad, &self);
        let tenant_id = parse(&mut bad, "tenant_id", &self.tenant(&call.caller));
        if !self.tenant_id.is_empty() && self.tenant_id != self.tenant(&call.caller) {
            let text = Text::new("只有平台运营可以指定租户", "only the operator names a tenant");
            bad.add("tenant_id", text);
        }
        let command = || {
            let (login, credential_id): (UserId, _) = (login?, call.request_id);
            let (name, roles) = (Personal::of(login.as_str(), person_name?), roles?);
            let person = Person { name, roles, dealer_id: dealer_id?, credential_id };
            Some(RegisterUser { tenant_id: tenant_id?, login, person })
        };
        let command = command();
        bad.finish(command)
    }
}

impl IntoCommand<User> for pb::EraseUserRequest {
    type Command = Addressed<User>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let login = parse::<UserId>(&mut bad, "login", &self.login);
        let reason = bad.take("reason", bounded(&self.reason, 1..=200).map_err(explain));
        let command = || {
            let (login, reason) = (login?, reason?);
            Some(Addressed { object_id: login.to_string(), command: UserCommand::Erase { reason } })
        };
        let command = command();
        bad.finish(command)
    }
}

/// The roles asked for, each once.
fn roles(bad: &mut Violations, request: &pb::RegisterUserRequest) -> Option<Vec<Role>> {
    let known = |&number: &i32| access::Role::try_from(number).ok().and_then(Role::of);
    let roles: Option<BTreeSet<Role>> = request.roles.iter().map(known).collect();
    let text = || Text::new("含有未知或不可授予的角色", "holds a role that can not be given");
    let roles = bad.take("roles", roles.ok_or_else(text))?;
    Some(roles.into_iter().collect())
}
