//! Signing in: a password for a token.

use chrono::TimeDelta;
use kernel::auth::{Caller, Keys};
use kernel::failure::{internal, read_failed, status, unavailable};
use kernel::{Text, clock};
use proto::access::v1::Role;
use proto::partner::v1::{CurrentUser, SignInRequest, SignInResponse};
use tonic::{Code, Status};
use values::{TenantId, UserId};

use crate::people::People;
use crate::tenant::Tenant;
use crate::user::{Person, User};

/// How long a token is good for.
const VALID: TimeDelta = TimeDelta::hours(12);

/// Characters that a password may have; hashing more is somebody else's work for nothing.
pub(crate) const MAX_PASSWORD: usize = 200;

/// Checks the password and issues a token.
pub(crate) async fn sign_in(
    people: &People,
    keys: &Keys,
    request: SignInRequest,
) -> Result<SignInResponse, Status> {
    let person = who(people, &request).await?;
    // Nobody's password is checked as well, so that time tells nothing either.
    let credential_id = person.as_ref().map(|person| person.credential_id).unwrap_or_default();
    let SignInRequest { tenant_id, login, password } = request;
    if password.chars().count() > MAX_PASSWORD {
        return Err(wrong_password());
    }
    let right = people.credentials.check(&tenant_id, credential_id, password).await;
    match person {
        Some(person) if right.map_err(|error| unavailable(&error))? => {
            let user = profile(people, &tenant_id, &login, person).await?;
            token(keys, user.ok_or_else(wrong_password)?)
        }
        Some(_) | None => Err(wrong_password()),
    }
}

/// The person that a login names. Texts that can not be ids are nobody's, as unknown ones are.
async fn who(people: &People, request: &SignInRequest) -> Result<Option<Person>, Status> {
    let (Ok(tenant), Ok(login)) =
        (request.tenant_id.parse::<TenantId>(), request.login.parse::<UserId>())
    else {
        return Ok(None);
    };
    let loaded = people.log.load::<User>(tenant.as_str(), login.as_str()).await;
    match loaded.map_err(|error| read_failed(&error))?.0 {
        User::Registered(person) => Ok(Some(person)),
        User::Unknown | User::Erased { .. } => Ok(None),
    }
}

/// The same answer whatever was wrong: nobody learns which logins exist.
fn wrong_password() -> Status {
    let text = Text::new(
        "租户、用户名或密码不正确",
        "the tenant, the user name or the password is not right",
    );
    status(Code::Unauthenticated, "WRONG_PASSWORD", &text)
}

fn token(keys: &Keys, user: CurrentUser) -> Result<SignInResponse, Status> {
    let now = clock::now();
    let caller = Caller {
        user_id: user.user_id.clone(),
        name: user.name.clone(),
        tenant: user.tenant_id.clone(),
        roles: user.roles().map(|role| role.as_str_name().to_owned()).collect(),
        dealer_id: (!user.dealer_id.is_empty()).then(|| user.dealer_id.clone()),
        time_zone: user.time_zone.clone(),
    };
    let token = keys.issue(&caller, now, VALID).map_err(|error| internal(&error))?;
    Ok(SignInResponse { token, expires_at: (now + VALID).to_rfc3339(), user: Some(user) })
}

/// Who calls, as of now. The operator and this system's own programs are no users of a tenant;
/// their token says all there is to know.
pub(crate) async fn current_user(people: &People, caller: &Caller) -> Result<CurrentUser, Status> {
    let loaded = people.log.load::<User>(&caller.tenant, &caller.user_id).await;
    match loaded.map_err(|error| read_failed(&error))?.0 {
        User::Registered(person) => {
            let user = profile(people, &caller.tenant, &caller.user_id, person).await?;
            user.ok_or_else(nobody_any_more)
        }
        User::Erased { .. } => Err(nobody_any_more()),
        User::Unknown => {
            let roles = caller.roles.iter().filter_map(|role| Role::from_str_name(role));
            Ok(CurrentUser {
                user_id: caller.user_id.clone(),
                name: caller.name.clone(),
                roles: roles.map(Into::into).collect(),
                dealer_id: caller.dealer_id.clone().unwrap_or_default(),
                tenant_id: caller.tenant.clone(),
                time_zone: caller.time_zone.clone(),
                ..CurrentUser::default()
            })
        }
    }
}

/// What the token of an erased person is worth.
fn nobody_any_more() -> Status {
    let text = Text::new("该用户已删除", "the user was erased");
    status(Code::Unauthenticated, "NOT_SIGNED_IN", &text)
}

/// A person and the brand they work in, as of now; nobody when their data was erased, and in no
/// brand that is not there.
async fn profile(
    people: &People,
    tenant_id: &str,
    login: &str,
    person: Person,
) -> Result<Option<CurrentUser>, Status> {
    let loaded = people.log.load::<Tenant>(tenant_id, tenant_id).await;
    let (tenant, _) = loaded.map_err(|error| read_failed(&error))?;
    // Users are registered in founded tenants only, so this is no answer that anybody sees.
    let Tenant::Founded(settings) = tenant else { return Ok(None) };
    let Some(name) = people.name(tenant_id, &person.name).await? else { return Ok(None) };
    Ok(Some(CurrentUser {
        user_id: login.to_owned(),
        name,
        roles: person.roles.iter().map(|role| role.contract().into()).collect(),
        dealer_id: person.dealer_id.map(|id| id.to_string()).unwrap_or_default(),
        tenant_id: tenant_id.to_owned(),
        tenant_name: settings.name,
        currency_code: settings.currency.to_string(),
        time_zone: settings.time_zone,
    }))
}
