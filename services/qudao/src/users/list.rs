//! `qudao users list`.

use clap::Args;
use proto::access::v1::Role;
use proto::common::v1::PageRequest;
use proto::partner::v1::user_query_service_client::UserQueryServiceClient;
use proto::partner::v1::{ListUsersRequest, UserEntry};
use serde::Serialize;

use super::manage::{role, short};
use crate::client::{Connection, failure, output, retry};

/// Rows asked for at once.
const PAGE: u32 = 200;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao users list
  qudao users list --dealer kansas-city-29ers
  qudao users list --role hq-admin --json | jq -r '.[].login'")]
pub(crate) struct List {
    /// Part of the login
    #[arg(value_name = "TEXT", default_value = "")]
    search: String,
    /// Only people of this dealer
    #[arg(long, value_name = "ID", default_value = "")]
    dealer: String,
    /// Only people with this role, for example finance
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Shown {
    login: String,
    name: String,
    suspended: bool,
    memberships: Vec<Member>,
    registered_at: String,
    version: u64,
}

#[derive(Serialize)]
struct Member {
    company: String,
    roles: Vec<String>,
    regions: Vec<String>,
}

impl List {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let (mut users, mut token) = (Vec::new(), String::new());
        loop {
            let request = ListUsersRequest {
                page: Some(PageRequest { size: PAGE, token }),
                search: self.search.clone(),
                dealer_id: self.dealer.clone(),
                role: self.role.unwrap_or_default().into(),
                ..Default::default()
            };
            let page = retry::until_answered(&[], async || {
                UserQueryServiceClient::new(session.wire()).list_users(request.clone()).await
            });
            let page = page.await?.into_inner();
            users.extend(page.users.into_iter().map(shown));
            token = page.page.unwrap_or_default().next_token;
            if token.is_empty() {
                break;
            }
        }
        if self.json {
            return output::json(&users);
        }
        let rows = users.iter().map(row);
        let columns = ["Login", "Name", "State", "Works as"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

fn shown(user: UserEntry) -> Shown {
    let member = |it: &proto::partner::v1::Membership| Member {
        company: it.membership_id.clone(),
        roles: it.roles().map(short).collect(),
        regions: it.region_ids.clone(),
    };
    Shown {
        memberships: user.memberships.iter().map(member).collect(),
        login: user.login,
        name: user.name,
        suspended: user.suspended,
        registered_at: user.registered_at,
        version: user.version,
    }
}

fn row(user: &Shown) -> Vec<String> {
    let works = |it: &Member| format!("{} ({})", it.company, it.roles.join(", "));
    let works: Vec<_> = user.memberships.iter().map(works).collect();
    let state = if user.suspended { "suspended" } else { "active" };
    vec![user.login.clone(), user.name.clone(), state.to_owned(), works.join("; ")]
}
