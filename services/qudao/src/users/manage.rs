//! Changes of what people may do.

use clap::Args;
use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::invitation_service_client::InvitationServiceClient;
use proto::partner::v1::{
    ChangeMembershipRequest, GrantMembershipRequest, InviteUserRequest, ReinstateUserRequest,
    SuspendUserRequest,
};
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Connection, failure, output, retry};

/// A role as people type it: `hq-admin`, or its name in the contract.
pub(crate) fn role(text: &str) -> Result<Role, String> {
    let name = text.to_ascii_uppercase().replace('-', "_");
    let name = if name.starts_with("ROLE_") { name } else { format!("ROLE_{name}") };
    Role::from_str_name(&name).ok_or_else(|| {
        let known = (1..).map_while(|number| Role::try_from(number).ok()).map(short);
        format!("no such role; there are {}", known.collect::<Vec<_>>().join(", "))
    })
}

/// A role as people type it.
pub(crate) fn short(role: Role) -> String {
    role.as_str_name().trim_start_matches("ROLE_").to_ascii_lowercase().replace('_', "-")
}

#[derive(Args)]
#[command(
    after_help = "There is no mail server: hand the link over yourself. It is good for 7 days and
for one person, and is told only once.

Examples:
  qudao users invite finance analyst
  qudao users invite dealer-staff --dealer kansas-city-29ers
  qudao users invite region-manager --region east --json | jq -r .link_path"
)]
pub(crate) struct Invite {
    /// Roles that the person will hold, for example finance
    #[arg(required = true, value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,
    /// Dealer that the person will work for [default: the brand]
    #[arg(long, value_name = "ID", default_value = "")]
    dealer: String,
    /// Part of the region tree that the person will see; can be repeated [default: all of it]
    #[arg(long = "region", value_name = "ID")]
    regions: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Invited {
    invitation_id: String,
    link_path: String,
    expires_at: String,
}

impl Invite {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = InviteUserRequest {
            request_id: Uuid::new_v4().to_string(),
            dealer_id: self.dealer,
            roles: self.roles.into_iter().map(Into::into).collect(),
            region_ids: self.regions,
            ..Default::default()
        };
        let answer = retry::until_answered(&[], async || {
            InvitationServiceClient::new(session.wire()).invite_user(request.clone()).await
        });
        let answer = answer.await?.into_inner();
        let invited = Invited {
            invitation_id: answer.receipt.unwrap_or_default().object_id,
            link_path: answer.link_path,
            expires_at: answer.expires_at,
        };
        if self.json {
            return output::json(&invited);
        }
        eprintln!("invited: good until {}", invited.expires_at);
        output::text(&invited.link_path)
    }
}

/// Whom a change is about.
#[derive(Args)]
struct Whom {
    /// What the person signs in with
    #[arg(value_name = "LOGIN")]
    login: String,
    /// Refuse when the user has another number of events than this
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Done {
    login: String,
    version: u64,
    position: u64,
}

fn tell(what: &str, receipt: Option<Receipt>, json: bool) -> anyhow::Result<()> {
    let Receipt { object_id, version, position } = receipt.unwrap_or_default();
    let done = Done { login: object_id, version, position };
    if json {
        return output::json(&done);
    }
    eprintln!("{what}: version {version}, position {position}");
    output::text(&done.login)
}

#[derive(Args)]
#[command(after_help = "The person's tokens end within a second, everywhere.

Examples:
  qudao users suspend li.lei --reason 'account stolen'
  qudao users suspend li.lei --reason 离职 --json | jq .version")]
pub(crate) struct Suspend {
    #[command(flatten)]
    whom: Whom,
    /// Why; kept for ever, so leave names out
    #[arg(long)]
    reason: String,
}

impl Suspend {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.whom.json);
        let session = self.whom.connection.open().await?.one_trace();
        let request = SuspendUserRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: self.whom.version,
            login: self.whom.login,
            reason: self.reason,
        };
        let answer = retry::until_answered(&[], async || {
            IdentityServiceClient::new(session.wire()).suspend_user(request.clone()).await
        });
        tell("suspended", answer.await?.into_inner().receipt, self.whom.json)
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao users reinstate li.lei --reason 'has another password'
  qudao users reinstate li.lei --reason 复职 --json")]
pub(crate) struct Reinstate {
    #[command(flatten)]
    whom: Whom,
    /// Why; kept for ever, so leave names out
    #[arg(long)]
    reason: String,
}

impl Reinstate {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.whom.json);
        let session = self.whom.connection.open().await?.one_trace();
        let request = ReinstateUserRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: self.whom.version,
            login: self.whom.login,
            reason: self.reason,
        };
        let answer = retry::until_answered(&[], async || {
            IdentityServiceClient::new(session.wire()).reinstate_user(request.clone()).await
        });
        tell("reinstated", answer.await?.into_inner().receipt, self.whom.json)
    }
}

#[derive(Args)]
#[command(
    after_help = "The roles named replace those before. With --grant the person works in one more
company.

Examples:
  qudao users roles li.lei finance analyst
  qudao users roles li.lei region-manager --region east
  qudao users roles he.kan dealer-staff --dealer suzhou-wheels --grant --json"
)]
pub(crate) struct Roles {
    #[command(flatten)]
    whom: Whom,
    /// Roles that the person holds from now on
    #[arg(required = true, value_name = "ROLE", value_parser = role)]
    roles: Vec<Role>,
    /// Dealer that it is about [default: the brand]
    #[arg(long, value_name = "ID", default_value = "")]
    dealer: String,
    /// Part of the region tree that the person sees; can be repeated [default: all of it]
    #[arg(long = "region", value_name = "ID")]
    regions: Vec<String>,
    /// The person does not work there yet
    #[arg(long)]
    grant: bool,
}

impl Roles {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.whom.json);
        let session = self.whom.connection.open().await?.one_trace();
        let grant = GrantMembershipRequest {
            request_id: Uuid::new_v4().to_string(),
            expected_version: self.whom.version,
            login: self.whom.login,
            dealer_id: self.dealer,
            roles: self.roles.into_iter().map(Into::into).collect(),
            region_ids: self.regions,
        };
        let change = ChangeMembershipRequest {
            request_id: grant.request_id.clone(),
            expected_version: grant.expected_version,
            login: grant.login.clone(),
            dealer_id: grant.dealer_id.clone(),
            roles: grant.roles.clone(),
            region_ids: grant.region_ids.clone(),
        };
        let receipt = retry::until_answered(&[], async || {
            let mut people = IdentityServiceClient::new(session.wire());
            Ok(if self.grant {
                people.grant_membership(grant.clone()).await?.into_inner().receipt
            } else {
                people.change_membership(change.clone()).await?.into_inner().receipt
            })
        });
        tell("changed", receipt.await?, self.whom.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_typed_short_or_as_in_the_contract() {
        assert_eq!(role("hq-admin"), Ok(Role::HqAdmin));
        assert_eq!(role("ROLE_DEALER_OWNER"), Ok(Role::DealerOwner));
        assert_eq!(short(Role::TenantAdmin), "tenant-admin");
        assert!(role("boss").unwrap_err().contains("finance"));
    }
}
