//! Requests become commands: types, units, ranges. No rules.

use kernel::Text;
use kernel::auth::{Caller, Keys};
use kernel::command::{Addressed, Commands};
use kernel::failure::{Violations, unavailable};
use kernel::rpc::{self, Call, CommandApi, IntoCommand, Reply};
use proto::access::v1::Role;
use proto::partner::v1 as pb;
use proto::partner::v1::dealer_service_server::DealerService;
use proto::partner::v1::identity_service_server::IdentityService;
use proto::partner::v1::region_service_server::RegionService;
use proto::partner::v1::tenant_service_server::TenantService;
use tonic::{Request, Response, Status};
use values::text::name;
use values::{DealerId, RegionId, TenantId, UserId};

use crate::credentials::Credentials;
use crate::dealer::Dealer;
use crate::region_tree::{RegionCommand, RegionTree, TREE};
use crate::sign_in::{current_user, sign_in};
use crate::tenant::{Settings, Tenant};
use crate::transactions::{FoundTenant, RegisterDealer, RegisterUser};
use crate::user::{Person, User};

/// All services of the context.
#[derive(Clone)]
pub(crate) struct PartnerApi {
    commands: CommandApi,
    credentials: Credentials,
    keys: Keys,
}

impl PartnerApi {
    pub(crate) fn new(commands: Commands, credentials: Credentials, keys: Keys) -> Self {
        Self { commands: CommandApi(commands), credentials, keys }
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
        let log = self.commands.0.log();
        sign_in(log, &self.credentials, &self.keys, request.into_inner()).await.map(Response::new)
    }

    async fn get_current_user(
        &self,
        request: Request<pb::GetCurrentUserRequest>,
    ) -> Reply<pb::GetCurrentUserResponse> {
        let caller = rpc::caller(&request)?;
        let user = current_user(self.commands.0.log(), &caller.tenant, &caller.user_id).await?;
        Ok(Response::new(pb::GetCurrentUserResponse { user: Some(user) }))
    }

    /// The event comes first. Without its password the user can not sign in yet; repeating the
    /// request then sets it, so a crash in between loses nothing.
    async fn register_user(
        &self,
        request: Request<pb::RegisterUserRequest>,
    ) -> Reply<pb::RegisterUserResponse> {
        let tenant = request.get_ref().tenant(rpc::caller(&request)?);
        let pb::RegisterUserRequest { login, password, .. } = request.get_ref().clone();
        let response = self.commands.run(request).await?;
        let set = self.credentials.set_first(&tenant, &login, password).await;
        set.map_err(|error| unavailable(&error))?;
        Ok(response)
    }
}

impl IntoCommand<Tenant> for pb::FoundTenantRequest {
    type Command = FoundTenant;

    fn tenant(&self, _: &Caller) -> String {
        self.tenant_id.clone()
    }

    fn into_command(self, _: &Call) -> Result<FoundTenant, Status> {
        let mut bad = Violations::default();
        let tenant_id = bad.parse("tenant_id", TENANT_ZH, self.tenant_id.parse::<TenantId>());
        let brand = bad.parse("name", NAME_ZH, name(&self.name));
        let currency = bad.parse(
            "currency_code",
            "必须是 ISO 4217 三位大写币种代码",
            self.currency_code.parse(),
        );
        let zone = self.time_zone.parse::<chrono_tz::Tz>();
        let zone = bad.take(
            "time_zone",
            zone.map_err(|_| {
                Text::new("必须是 IANA 时区名", "must be an IANA name like Asia/Shanghai")
            }),
        );
        let root_name = bad.parse("root_region_name", NAME_ZH, name(&self.root_region_name));
        let command = || {
            let (name, currency) = (brand?, currency?);
            let settings = Settings { name, currency, time_zone: zone?.to_string() };
            Some(FoundTenant { tenant_id: tenant_id?, settings, root_name: root_name? })
        };
        let command = command();
        bad.finish(command)
    }
}

const NAME_ZH: &str = "必须有 1 到 100 个字符,不含控制字符";
const ID_ZH: &str = "必须是 1 到 64 位 a–z、0–9 或 -";
const TENANT_ZH: &str = "必须是 2 到 32 位 a–z、0–9 或 -,以字母开头";

impl IntoCommand<RegionTree> for pb::AddRegionRequest {
    type Command = Addressed<RegionTree>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let region_id = bad.parse("region_id", ID_ZH, self.region_id.parse::<RegionId>());
        let name = bad.parse("name", NAME_ZH, name(&self.name));
        let parent_id = bad.parse("parent_id", ID_ZH, self.parent_id.parse::<RegionId>());
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
        let region_id = bad.parse("region_id", ID_ZH, self.region_id.parse::<RegionId>());
        let name = bad.parse("name", NAME_ZH, name(&self.name));
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
        let dealer_id = bad.parse("dealer_id", ID_ZH, self.dealer_id.parse::<DealerId>());
        let company = bad.parse("name", NAME_ZH, name(&self.name));
        let city = bad.parse("city", NAME_ZH, name(&self.city));
        let region_id = bad.parse("region_id", ID_ZH, self.region_id.parse::<RegionId>());
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
        let tenant = if caller.has(Role::Operator) { &self.tenant_id } else { &caller.tenant };
        tenant.clone()
    }

    fn forget_secrets(&mut self) {
        self.password.clear();
    }

    fn into_command(self, _: &Call) -> Result<RegisterUser, Status> {
        let mut bad = Violations::default();
        let login = bad.parse(
            "login",
            "必须是 2 到 64 位 a–z、0–9、.、_ 或 -",
            self.login.parse::<UserId>(),
        );
        let person_name = bad.parse("name", NAME_ZH, name(&self.name));
        let dealer_id = match self.dealer_id.as_str() {
            "" => Some(None),
            id => bad.parse("dealer_id", ID_ZH, id.parse::<DealerId>()).map(Some),
        };
        if self.password.chars().count() < 8 {
            bad.add("password", Text::new("至少 8 个字符", "must have at least 8 characters"));
        }
        let roles = self.roles().filter(|role| !matches!(role, Role::Unspecified | Role::Operator));
        let roles: Vec<_> = roles.map(|role| role.as_str_name().to_owned()).collect();
        if roles.len() != self.roles.len() {
            bad.add(
                "roles",
                Text::new("含有未知或不可授予的角色", "holds a role that can not be given"),
            );
        }
        let command = || {
            let person = Person { name: person_name?, roles, dealer_id: dealer_id? };
            Some(RegisterUser { login: login?, person })
        };
        let command = command();
        bad.finish(command)
    }
}
