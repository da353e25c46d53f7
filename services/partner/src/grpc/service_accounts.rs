//! Programs of a tenant and their keys.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::command::{Addressed, Rejected};
use kernel::failure::{Violations, read_failed, unavailable};
use kernel::rpc::{self, Call, IntoCommand, Reply};
use kernel::{Text, clock};
use proto::partner::v1 as pb;
use proto::partner::v1::service_account_service_server::ServiceAccountService;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use values::ServiceAccountId;
use values::text::name;

use super::PartnerApi;
use super::fields::{Done, explain, membership, parse, reason};
use crate::service_account::{
    Account, DEFAULT_DAYS, ServiceAccount, ServiceAccountCommand, ServiceAccountRefusal, ServiceKey,
};
use crate::service_keys::{Holder, Key, Used};
use crate::sessions::Origin;
use crate::sign_in::rfc3339;
use crate::transactions::AddServiceAccount;

#[tonic::async_trait]
impl ServiceAccountService for PartnerApi {
    /// It is noted first, so that whatever the log has is in the list.
    async fn add_service_account(
        &self,
        request: Request<pb::AddServiceAccountRequest>,
    ) -> Reply<pb::AddServiceAccountResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let note = move |command: AddServiceAccount| async move {
            let noted = self.people().service_keys.note(&tenant, command.account_id.as_str()).await;
            match noted.map_err(|error| unavailable(&error))? {
                true => Ok(command),
                false => Err(no(ServiceAccountRefusal::TooManyAccounts)),
            }
        };
        self.commands.run_prepared(request, note).await
    }

    /// The digest comes first; it counts when the log has the key, and does not stay when it has
    /// another: of a request that was carried out before, nobody can tell the key again.
    async fn issue_service_key(
        &self,
        request: Request<pb::IssueServiceKeyRequest>,
    ) -> Reply<pb::IssueServiceKeyResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let account = request.get_ref().account_id.clone();
        let holder = Holder { tenant, account };
        let (key, whose) = (Key::new(), &holder);
        let made = &key;
        let keep = move |mut command: Addressed<ServiceAccount>| async move {
            if let ServiceAccountCommand::Issue(issued) = &mut command.command {
                (issued.key_id, issued.hint) = (made.id, made.hint());
            }
            let kept = self.people().service_keys.keep(whose, made).await;
            kept.map_err(|error| unavailable(&error))?;
            Ok(command)
        };
        let answer = self.commands.run_prepared::<ServiceAccount, _, Done, _>(request, keep).await;
        let issued = self.issued(&holder, key.id).await?;
        if issued.is_none() {
            let discarded = self.people().service_keys.discard(&holder.tenant, key.id).await;
            discarded.map_err(|error| unavailable(&error))?;
        }
        let Done(receipt) = answer?.into_inner();
        Ok(Response::new(pb::IssueServiceKeyResponse {
            receipt: Some(receipt),
            key: issued.as_ref().map(|_| key.text()).unwrap_or_default(),
            key_id: issued.as_ref().map(|_| key.id.to_string()).unwrap_or_default(),
            expires_at: issued.map(|issued| rfc3339(issued.expires_at)).unwrap_or_default(),
        }))
    }

    async fn revoke_service_key(
        &self,
        request: Request<pb::RevokeServiceKeyRequest>,
    ) -> Reply<pb::RevokeServiceKeyResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let key_id = Uuid::parse_str(&request.get_ref().key_id).unwrap_or_default();
        let answer = self.commands.run(request).await?;
        let discarded = self.people().service_keys.discard(&tenant, key_id).await;
        discarded.map_err(|error| unavailable(&error))?;
        Ok(answer)
    }

    async fn suspend_service_account(
        &self,
        request: Request<pb::SuspendServiceAccountRequest>,
    ) -> Reply<pb::SuspendServiceAccountResponse> {
        self.commands.run(request).await
    }

    async fn reinstate_service_account(
        &self,
        request: Request<pb::ReinstateServiceAccountRequest>,
    ) -> Reply<pb::ReinstateServiceAccountResponse> {
        self.commands.run(request).await
    }

    async fn remove_service_account(
        &self,
        request: Request<pb::RemoveServiceAccountRequest>,
    ) -> Reply<pb::RemoveServiceAccountResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let account = request.get_ref().account_id.clone();
        let answer = self.commands.run(request).await?;
        let forgotten = self.people().service_keys.forget(&tenant, &account).await;
        forgotten.map_err(|error| unavailable(&error))?;
        Ok(answer)
    }

    async fn list_service_accounts(
        &self,
        request: Request<pb::ListServiceAccountsRequest>,
    ) -> Reply<pb::ListServiceAccountsResponse> {
        let tenant = &rpc::caller(&request)?.tenant;
        let (keys, now) = (&self.people().service_keys, clock::now());
        let used = keys.last_used(tenant).await.map_err(|error| unavailable(&error))?;
        let used: HashMap<_, _> = used.into_iter().map(|used| (used.key_id, used)).collect();
        let mut accounts = Vec::new();
        for id in keys.accounts(tenant).await.map_err(|error| unavailable(&error))? {
            let loaded = self.people().log.load::<ServiceAccount>(tenant, &id).await;
            // What was noted and is not in the log was refused.
            if let (ServiceAccount::Added(account), version) =
                loaded.map_err(|error| read_failed(&error))?
            {
                accounts.push(shown(id, account, version, (&used, now)));
            }
        }
        Ok(Response::new(pb::ListServiceAccountsResponse { accounts }))
    }

    async fn exchange_key(
        &self,
        request: Request<pb::ExchangeKeyRequest>,
    ) -> Reply<pb::ExchangeKeyResponse> {
        let origin = Origin::of(&request);
        self.reception.exchange(&request.get_ref().key, &origin).await.map(Response::new)
    }
}

fn no(refusal: ServiceAccountRefusal) -> Status {
    Rejected::Refused(refusal).into()
}

impl PartnerApi {
    /// A key that the log has.
    async fn issued(&self, holder: &Holder, key_id: Uuid) -> Result<Option<ServiceKey>, Status> {
        let Holder { tenant, account } = holder;
        let loaded = self.people().log.load::<ServiceAccount>(tenant, account).await;
        Ok(match loaded.map_err(|error| read_failed(&error))?.0 {
            ServiceAccount::Added(account) => account.key(key_id).cloned(),
            ServiceAccount::Unknown | ServiceAccount::Removed => None,
        })
    }
}

type Uses<'a> = (&'a HashMap<Uuid, Used>, DateTime<Utc>);

fn shown(id: String, account: Account, version: u64, uses: Uses<'_>) -> pb::ServiceAccountEntry {
    let Account { name, membership, suspended, keys } = account;
    pb::ServiceAccountEntry {
        account_id: id,
        name,
        suspended,
        dealer_id: membership.company.dealer().map(ToString::to_string).unwrap_or_default(),
        roles: membership.roles.iter().map(|role| role.contract().into()).collect(),
        region_ids: membership.regions.iter().map(ToString::to_string).collect(),
        keys: keys.iter().rev().map(|key| entry(key, uses)).collect(),
        version,
    }
}

fn entry(key: &ServiceKey, (used, now): Uses<'_>) -> pb::ServiceKeyEntry {
    let state = match key {
        key if !key.is_good(now) => pb::ServiceKeyState::Expired,
        key if key.is_expiring(now) => pb::ServiceKeyState::Expiring,
        _ => pb::ServiceKeyState::Good,
    };
    let used = used.get(&key.key_id);
    pb::ServiceKeyEntry {
        key_id: key.key_id.to_string(),
        hint: key.hint.clone(),
        state: state.into(),
        issued_at: rfc3339(key.issued_at),
        expires_at: rfc3339(key.expires_at),
        used_at: used.map(|used| rfc3339(used.at)).unwrap_or_default(),
        used_from: used.map(|used| used.from.clone()).unwrap_or_default(),
    }
}

impl IntoCommand<ServiceAccount> for pb::AddServiceAccountRequest {
    type Command = AddServiceAccount;

    fn into_command(self, call: &Call) -> Result<AddServiceAccount, Status> {
        let mut bad = Violations::default();
        let account_id = parse::<ServiceAccountId>(&mut bad, "account_id", &self.account_id);
        let called = bad.take("name", name(&self.name).map_err(explain));
        let place = (self.dealer_id.as_str(), self.roles.as_slice(), self.region_ids.as_slice());
        let membership = membership(&mut bad, place);
        let command = || {
            let (account_id, name) = (account_id?, called?);
            Some(AddServiceAccount { account_id, name, membership: membership?, now: call.now })
        };
        let command = command();
        bad.finish(command)
    }
}

impl IntoCommand<ServiceAccount> for pb::IssueServiceKeyRequest {
    type Command = Addressed<ServiceAccount>;

    /// Which key it is, is known when it was made.
    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let days = if self.days == 0 { DEFAULT_DAYS } else { self.days };
        let key = ServiceKey {
            key_id: Uuid::nil(),
            hint: String::new(),
            issued_at: call.now,
            expires_at: call.now + TimeDelta::days(days.into()),
        };
        about(&self.account_id, |_| Some(ServiceAccountCommand::Issue(key)))
    }
}

impl IntoCommand<ServiceAccount> for pb::RevokeServiceKeyRequest {
    type Command = Addressed<ServiceAccount>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        about(&self.account_id, |bad| {
            let key_id = Uuid::parse_str(&self.key_id);
            let key_id = key_id.map_err(|_| Text::new("必须是密钥编号", "must be the id of a key"));
            let key_id = bad.take("key_id", key_id);
            let reason = reason(bad, &self.reason)?;
            Some(ServiceAccountCommand::RevokeKey { key_id: key_id?, reason })
        })
    }
}

impl IntoCommand<ServiceAccount> for pb::SuspendServiceAccountRequest {
    type Command = Addressed<ServiceAccount>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        about(&self.account_id, |bad| {
            Some(ServiceAccountCommand::Suspend { reason: reason(bad, &self.reason)? })
        })
    }
}

impl IntoCommand<ServiceAccount> for pb::ReinstateServiceAccountRequest {
    type Command = Addressed<ServiceAccount>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        about(&self.account_id, |bad| {
            Some(ServiceAccountCommand::Reinstate { reason: reason(bad, &self.reason)? })
        })
    }
}

impl IntoCommand<ServiceAccount> for pb::RemoveServiceAccountRequest {
    type Command = Addressed<ServiceAccount>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        about(&self.account_id, |bad| {
            Some(ServiceAccountCommand::Remove { reason: reason(bad, &self.reason)? })
        })
    }
}

/// A command to an account, from its fields.
fn about(
    account_id: &str,
    read: impl FnOnce(&mut Violations) -> Option<ServiceAccountCommand>,
) -> Result<Addressed<ServiceAccount>, Status> {
    let mut bad = Violations::default();
    let id = parse::<ServiceAccountId>(&mut bad, "account_id", account_id);
    let command = read(&mut bad);
    let command =
        id.zip(command).map(|(id, command)| Addressed { object_id: id.to_string(), command });
    bad.finish(command)
}
