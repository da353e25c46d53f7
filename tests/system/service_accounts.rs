//! Programs of a tenant: let in by keys, kept out when these are over.

use chrono::TimeDelta;
use kernel::access::ApartFrom;
use kernel::auth::digest_of;
use kernel::command::{Addressed, CommandContext, Commands};
use kernel::log::{Log, RequestKey};
use kernel::{Metadata, clock};
use partner::service_account::{ServiceAccount, ServiceAccountCommand, ServiceKey};
use proto::access::v1::Role;
use proto::order::v1::ListOrdersRequest;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::partner::v1 as pb;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::service_account_service_client::ServiceAccountServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use uuid::Uuid;

use cluster_tests::support::people::{database, history, places_of};
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User, executable, id};

use crate::system::identity::ends_soon;

fn programs(user: &User) -> ServiceAccountServiceClient<Channel> {
    ServiceAccountServiceClient::new(user.channel.clone())
}

async fn added(admin: &User, account_id: &str, roles: &[Role]) {
    let add = pb::AddServiceAccountRequest {
        request_id: id(),
        account_id: account_id.to_owned(),
        name: "ERP 接口".to_owned(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        ..Default::default()
    };
    programs(admin).add_service_account(admin.says(add)).await.unwrap();
}

fn issue(account_id: &str) -> pb::IssueServiceKeyRequest {
    let account_id = account_id.to_owned();
    pb::IssueServiceKeyRequest { request_id: id(), account_id, ..Default::default() }
}

async fn issued(admin: &User, account_id: &str) -> pb::IssueServiceKeyResponse {
    let answer = programs(admin).issue_service_key(admin.says(issue(account_id))).await;
    answer.unwrap().into_inner()
}

async fn exchange(by: &User, key: &str) -> Result<(User, pb::ExchangeKeyResponse), Status> {
    let request = Request::new(pb::ExchangeKeyRequest { key: key.to_owned() });
    let answer = programs(by).exchange_key(request).await?.into_inner();
    Ok((User { channel: by.channel.clone(), token: answer.token.clone() }, answer))
}

async fn list(admin: &User) -> Vec<pb::ServiceAccountEntry> {
    let asked = admin.says(pb::ListServiceAccountsRequest {});
    programs(admin).list_service_accounts(asked).await.unwrap().into_inner().accounts
}

async fn orders(user: &User) -> Result<usize, Status> {
    let asked = user.says(ListOrdersRequest::default());
    let answer = OrderQueryServiceClient::new(user.channel.clone()).list_orders(asked).await?;
    Ok(answer.into_inner().orders.len())
}

async fn refused(by: &User, key: &str) -> (Code, String) {
    let no = exchange(by, key).await.err().expect("the key is not good");
    (no.code(), reason(&no))
}

#[tokio::test]
async fn a_key_lets_a_program_in_until_it_is_revoked_and_is_kept_nowhere() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    added(&admin, "erp", &[Role::HqAdmin]).await;
    let request = issue("erp");
    let answer = programs(&admin).issue_service_key(admin.says(request.clone())).await;
    let first = answer.unwrap().into_inner();
    assert!(first.key.starts_with("qdk_"), "{}", first.key.len());
    let again = programs(&admin).issue_service_key(admin.says(request)).await.unwrap().into_inner();
    assert_eq!((again.key.as_str(), again.receipt), ("", first.receipt.clone()), "told once");

    let (erp, answer) = exchange(&admin, &first.key).await.unwrap();
    assert_eq!((answer.tenant_id.as_str(), answer.account_id.as_str()), ("acme", "erp"));
    assert_eq!(answer.key_expires_at, first.expires_at);
    submit(&erp, &order_of("SO-1", 1)).await;
    let entries = history(&admin, "SO-1").await;
    let origin = entries[0].event.clone().unwrap().origin.unwrap();
    assert_eq!(origin.actor_id, "service:erp");

    let second = issued(&admin, "erp").await;
    let (other, _) = exchange(&admin, &second.key).await.unwrap();
    let accounts = list(&admin).await;
    let hints: Vec<_> = accounts[0].keys.iter().map(|key| key.hint.clone()).collect();
    assert_eq!(hints, [&second.key, &first.key].map(|key| key[key.len() - 4..].to_owned()));
    assert!(accounts[0].keys.iter().all(|key| !key.used_at.is_empty()));

    let revoke = pb::RevokeServiceKeyRequest {
        request_id: id(),
        account_id: "erp".to_owned(),
        key_id: first.key_id.clone(),
        reason: "泄露".to_owned(),
        ..Default::default()
    };
    programs(&admin).revoke_service_key(admin.says(revoke)).await.unwrap();
    ends_soon(&erp).await;
    orders(&other).await.expect("tokens of the other key are good");
    let wrong = (Code::Unauthenticated, "WRONG_KEY".to_owned());
    assert_eq!(refused(&admin, &first.key).await, wrong);
    let secret = &first.key[first.key.len() - 43..];
    assert_eq!(places_of(&system, secret).await, Vec::<String>::new(), "the key stands nowhere");
}

#[tokio::test]
async fn a_suspended_or_removed_program_is_out() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    added(&admin, "report", &[Role::Analyst]).await;
    let key = issued(&admin, "report").await.key;
    let (report, _) = exchange(&admin, &key).await.unwrap();
    let suspend = pb::SuspendServiceAccountRequest {
        request_id: id(),
        account_id: "report".to_owned(),
        reason: "异常".to_owned(),
        ..Default::default()
    };
    programs(&admin).suspend_service_account(admin.says(suspend)).await.unwrap();
    ends_soon(&report).await;
    let told = refused(&admin, &key).await;
    assert_eq!(told, (Code::PermissionDenied, "PROGRAM_SUSPENDED".to_owned()));
    let reinstate = pb::ReinstateServiceAccountRequest {
        request_id: id(),
        account_id: "report".to_owned(),
        reason: "已修复".to_owned(),
        ..Default::default()
    };
    programs(&admin).reinstate_service_account(admin.says(reinstate)).await.unwrap();
    let (report, _) = exchange(&admin, &key).await.expect("with the key that it had");
    orders(&report).await.unwrap();

    let remove = pb::RemoveServiceAccountRequest {
        request_id: id(),
        account_id: "report".to_owned(),
        reason: "下线".to_owned(),
        ..Default::default()
    };
    programs(&admin).remove_service_account(admin.says(remove)).await.unwrap();
    ends_soon(&report).await;
    assert!(list(&admin).await.is_empty());
    let wrong = (Code::Unauthenticated, "WRONG_KEY".to_owned());
    assert_eq!(refused(&admin, &key).await, wrong);
    for other in ["", "qdk_", "a password", &format!("{key}x")] {
        assert_eq!(refused(&admin, other).await, wrong, "as of one that was never there");
    }
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM partner_log.service_keys")
        .fetch_one(&database(&system).await)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_program_does_not_do_what_only_people_may() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    added(&admin, "erp", &[Role::HqAdmin]).await;
    let key = issued(&admin, "erp").await.key;
    let (erp, _) = exchange(&admin, &key).await.unwrap();
    let no = programs(&erp).issue_service_key(erp.says(issue("erp"))).await.unwrap_err();
    assert_eq!((no.code(), reason(&no).as_str()), (Code::PermissionDenied, "PERSONS_ONLY"));
    let out = pb::SignOutRequest { request_id: id(), ..Default::default() };
    let no = crate::system::identity::sessions(&erp).sign_out(erp.says(out)).await.unwrap_err();
    assert_eq!(reason(&no), "PERSONS_ONLY");
    // A person with the same roles may.
    issued(&admin, "erp").await;
    let mut people = IdentityServiceClient::new(erp.channel.clone());
    let asked = erp.says(pb::GetCurrentUserRequest {});
    let me = people.get_current_user(asked).await.unwrap().into_inner().user.unwrap();
    assert_eq!((me.user_id.as_str(), me.name.as_str()), ("service:erp", "ERP 接口"));
}

#[tokio::test]
async fn wrong_keys_from_one_address_have_to_wait() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let mut told = Vec::new();
    for _ in 0..40 {
        let (_, reason) = refused(&admin, "qdk_no_such_key").await;
        let enough = reason == "TOO_MANY_ATTEMPTS";
        told.push(reason);
        if enough {
            break;
        }
        // The gate has its own limit, which is about how fast and not about how many.
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    }
    let wrong = told.iter().filter(|reason| *reason == "WRONG_KEY").count();
    assert_eq!(told.last().map(String::as_str), Some("TOO_MANY_ATTEMPTS"), "{told:?}");
    assert!((25..=31).contains(&wrong), "{wrong}");
}

/// Keys are good for a day at least, so one of long ago is put into the log as it would be there.
async fn expired_key(system: &System, account_id: &str) -> String {
    let now = clock::now();
    let (key_id, secret) = (Uuid::new_v4(), "s".repeat(43));
    let key = ServiceKey {
        key_id,
        hint: "ssss".to_owned(),
        issued_at: now - TimeDelta::days(90),
        expires_at: now - TimeDelta::seconds(1),
    };
    let log = Log::open(&system.servers.postgres_url(), "partner").await.unwrap();
    let command = Addressed::<ServiceAccount> {
        object_id: account_id.to_owned(),
        command: ServiceAccountCommand::Issue(key),
    };
    let metadata = Metadata {
        tenant: "acme".to_owned(),
        actor_id: "han.meimei".to_owned(),
        correlation_id: key_id,
        causation_id: key_id,
        request_id: key_id,
        traceparent: None,
    };
    let request = RequestKey { id: key_id, digest: digest_of("a test") };
    let apart_from = ApartFrom::default();
    let context = CommandContext { metadata, request, expected_version: None, apart_from };
    Commands::new(log).execute(&command, &context).await.unwrap();
    let row = "INSERT INTO partner_log.service_keys (key_id, tenant_id, account_id, digest)
               VALUES ($1, 'acme', $2, $3)";
    let row = sqlx::query(row).bind(key_id).bind(account_id).bind(digest_of(&secret).to_vec());
    row.execute(&database(system).await).await.unwrap();
    format!("qdk_{}_{secret}", key_id.simple())
}

#[tokio::test]
async fn an_expired_key_lets_nobody_in_and_its_holder_is_told_why() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    added(&admin, "erp", &[Role::Analyst]).await;
    let key = expired_key(&system, "erp").await;
    let told = refused(&admin, &key).await;
    assert_eq!(told, (Code::Unauthenticated, "KEY_EXPIRED".to_owned()));
    let guessed = format!("{}x", &key[..key.len() - 1]);
    let told = refused(&admin, &guessed).await;
    assert_eq!(told, (Code::Unauthenticated, "WRONG_KEY".to_owned()), "who does not hold it");
    assert_eq!(list(&admin).await[0].keys[0].state(), pb::ServiceKeyState::Expired);
}

#[tokio::test]
async fn the_command_line_acts_as_a_program_by_its_key() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let qudao = |arguments: &[&str], who: (&str, &str)| {
        let mut command = std::process::Command::new(executable());
        let done = command
            .args(arguments)
            .env_remove("QUDAO_TOKEN")
            .env("QUDAO_SERVER", &system.web)
            .env(who.0, who.1)
            .output()
            .unwrap();
        let failure = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{arguments:?}: {failure}");
        (String::from_utf8(done.stdout).unwrap().trim().to_owned(), failure)
    };
    let by_admin = ("QUDAO_TOKEN", admin.token.as_str());
    qudao(&["service-accounts", "add", "report", "周报", "analyst"], by_admin);
    let (key, _) = qudao(&["service-accounts", "issue", "report", "--days", "10"], by_admin);
    let (listed, warned) = qudao(&["orders", "list", "--json"], ("QUDAO_KEY", &key));
    assert!(listed.starts_with('{'), "{listed}");
    assert!(warned.contains("QUDAO_KEY expires in 9 days"), "{warned}");
    let (all, _) = qudao(&["service-accounts", "list", "--json"], by_admin);
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all[0]["keys"][0]["state"], "expiring");
    let key_id = all[0]["keys"][0]["key_id"].as_str().unwrap();
    let why = ["--reason", "试用结束"];
    qudao(&[&["service-accounts", "revoke", "report", key_id][..], &why].concat(), by_admin);
    for what in ["suspend", "reinstate", "remove"] {
        qudao(&[&["service-accounts", what, "report"][..], &why].concat(), by_admin);
    }
    let (all, _) = qudao(&["service-accounts", "list", "--json"], by_admin);
    assert_eq!(all, "[]");
}
