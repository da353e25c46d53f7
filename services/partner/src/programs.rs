//! Letting in a tenant's programs: a key for a token.

use chrono::{DateTime, Utc};
use kernel::auth::{Caller, SERVICE, VALID};
use kernel::failure::{internal, read_failed, status, unavailable};
use kernel::{Text, clock};
use proto::partner::v1 as pb;
use tonic::{Code, Status};

use crate::attempts::Guarded;
use crate::membership::Membership;
use crate::service_account::{Account, ServiceAccount};
use crate::service_keys::{Holder, Key};
use crate::sessions::Origin;
use crate::sign_in::{Reception, rfc3339};
use crate::tenant::Settings;

impl Reception {
    /// Exchanges a key for a token. Whatever is wrong with a key, its bearer is told the same; who
    /// holds one that was good learns what has become of it.
    pub(crate) async fn exchange(
        &self,
        text: &str,
        origin: &Origin,
    ) -> Result<pb::ExchangeKeyResponse, Status> {
        let now = clock::now();
        // A key is of one tenant, but nobody knows yet of which; nobody is guarded but addresses,
        // or whoever knows a key's id could keep its holder out.
        let place = if origin.address.is_empty() { "unknown" } else { origin.address.as_str() };
        let guarded = Guarded::address("", place);
        self.attempt(guarded, now).await?;
        let key = Key::read(text).ok_or_else(wrong_key)?;
        let keys = &self.people.service_keys;
        let holder = keys.holder(&key).await.map_err(|error| unavailable(&error))?;
        let holder = holder.ok_or_else(wrong_key)?;
        let taken = self.people.attempts.take_back(guarded).await;
        taken.map_err(|error| unavailable(&error))?;
        let (account, version) = self.account(&holder).await?;
        let issued = account.key(key.id).ok_or_else(wrong_key)?;
        if !issued.is_good(now) {
            return Err(key_expired());
        }
        if account.suspended {
            return Err(suspended());
        }
        let key_expires_at = rfc3339(issued.expires_at);
        let brand = self.brand(&holder.tenant).await?.ok_or_else(wrong_key)?;
        let caller = acting(&holder, account, &brand, (key.id.to_string(), version));
        let used = keys.used(key.id, &origin.address, now).await;
        used.map_err(|error| unavailable(&error))?;
        self.program_token(&caller, now).map(|token| pb::ExchangeKeyResponse {
            token,
            expires_at: rfc3339(now + VALID),
            tenant_id: holder.tenant,
            account_id: holder.account,
            key_expires_at,
        })
    }

    fn program_token(&self, caller: &Caller, now: DateTime<Utc>) -> Result<String, Status> {
        self.keys.issue(caller, now, VALID).map_err(|error| internal(&error))
    }

    /// An account that the log has, and by how many facts.
    async fn account(&self, holder: &Holder) -> Result<(Account, u64), Status> {
        let Holder { tenant, account } = holder;
        let loaded = self.people.log.load::<ServiceAccount>(tenant, account).await;
        match loaded.map_err(|error| read_failed(&error))? {
            (ServiceAccount::Added(account), version) => Ok((account, version)),
            (ServiceAccount::Unknown | ServiceAccount::Removed, _) => Err(wrong_key()),
        }
    }
}

/// What the token of a program says. Its session is the key, so that the tokens of one key end with
/// it.
fn acting(
    holder: &Holder,
    account: Account,
    brand: &Settings,
    (session, version): (String, u64),
) -> Caller {
    let Membership { company, roles, regions } = account.membership;
    let roles = roles.iter().map(|role| role.contract().as_str_name().to_owned());
    let modules = brand.modules.iter().map(|module| module.contract().as_str_name().to_owned());
    Caller {
        user_id: format!("{SERVICE}{}", holder.account),
        name: account.name,
        tenant: holder.tenant.clone(),
        roles: roles.collect(),
        dealer_id: company.dealer().map(ToString::to_string),
        time_zone: brand.time_zone.clone(),
        session: Some(session),
        memberships: vec![company.to_string()],
        regions: regions.iter().map(ToString::to_string).collect(),
        modules: modules.collect(),
        version,
        password_to_be_changed: false,
    }
}

/// The same answer whatever was wrong: nobody learns which keys and accounts there are.
fn wrong_key() -> Status {
    let text = Text::new(
        "密钥无效，请使用未撤销的密钥",
        "the key is not good; use one that was not revoked",
    );
    status(Code::Unauthenticated, "WRONG_KEY", &text)
}

fn key_expired() -> Status {
    let text = Text::new(
        "密钥已过期，请在“设置 → 服务账号”签发新的密钥",
        "the key has expired; issue another one in Settings → Service accounts",
    );
    status(Code::Unauthenticated, "KEY_EXPIRED", &text)
}

fn suspended() -> Status {
    let text = Text::new(
        "该服务账号已停用，请联系管理员",
        "the service account is suspended; ask an administrator",
    );
    status(Code::PermissionDenied, "PROGRAM_SUSPENDED", &text)
}
