//! Signing in: a password for a token.

use chrono::TimeDelta;
use kernel::auth::{Caller, Keys};
use kernel::failure::{internal, read_failed, status, unavailable};
use kernel::log::Log;
use kernel::{Text, clock};
use proto::access::v1::Role;
use proto::partner::v1::{CurrentUser, SignInRequest, SignInResponse};
use tonic::{Code, Status};

use crate::credentials::Credentials;
use crate::tenant::{Settings, Tenant};
use crate::user::{Person, User};

/// How long a token is good for.
const VALID: TimeDelta = TimeDelta::hours(12);

/// Checks the password and issues a token.
pub(crate) async fn sign_in(
    log: &Log,
    credentials: &Credentials,
    keys: &Keys,
    request: SignInRequest,
) -> Result<SignInResponse, Status> {
    let SignInRequest { tenant_id, login, password } = request;
    let right = credentials.check(&tenant_id, &login, password).await;
    if !right.map_err(|error| unavailable(&error))? {
        // The same answer whatever was wrong: nobody learns which logins exist.
        return Err(status(
            Code::Unauthenticated,
            "WRONG_PASSWORD",
            &Text::new(
                "租户、用户名或密码不正确",
                "the tenant, the user name or the password is not right",
            ),
        ));
    }
    let user = current_user(log, &tenant_id, &login).await?;
    let now = clock::now();
    let roles = user.roles.iter().filter_map(|role| Role::try_from(*role).ok());
    let caller = Caller {
        user_id: login,
        name: user.name.clone(),
        tenant: tenant_id,
        roles: roles.map(|role| role.as_str_name().to_owned()).collect(),
        dealer_id: (!user.dealer_id.is_empty()).then(|| user.dealer_id.clone()),
        time_zone: user.time_zone.clone(),
    };
    let token = keys.issue(&caller, now, VALID).map_err(|error| internal(&error))?;
    Ok(SignInResponse { token, expires_at: (now + VALID).to_rfc3339(), user: Some(user) })
}

/// A user and the brand they work in, as of now.
pub(crate) async fn current_user(
    log: &Log,
    tenant_id: &str,
    login: &str,
) -> Result<CurrentUser, Status> {
    let (user, _) = log.load::<User>(tenant_id, login).await.map_err(|e| read_failed(&e))?;
    let (tenant, _) =
        log.load::<Tenant>(tenant_id, tenant_id).await.map_err(|e| read_failed(&e))?;
    let (User::Registered(person), Tenant::Founded(settings)) = (user, tenant) else {
        return Err(status(
            Code::Unauthenticated,
            "UNKNOWN_USER",
            &Text::new("用户不存在,请重新登录", "the user does not exist; sign in again"),
        ));
    };
    let Person { name, roles, dealer_id } = person;
    let Settings { name: tenant_name, currency, time_zone } = settings;
    Ok(CurrentUser {
        user_id: login.to_owned(),
        name,
        roles: roles.iter().filter_map(|role| Role::from_str_name(role)).map(Into::into).collect(),
        dealer_id: dealer_id.map(|id| id.to_string()).unwrap_or_default(),
        tenant_id: tenant_id.to_owned(),
        tenant_name,
        currency_code: currency.to_string(),
        time_zone,
    })
}
