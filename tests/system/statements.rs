//! Statements of account: what moved on an account of a dealer in a period, worked out from what is
//! recorded, and agreed to by both.

use chrono::TimeDelta;
use kernel::clock;
use proto::access::v1::Role;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1 as order;
use proto::order::v1::statement_query_service_client::StatementQueryServiceClient;
use proto::order::v1::statement_service_client::StatementServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;
use proto::order::v1::{DisputeVerdict, FundsAccount, RemittancePurpose, StatementStatus};
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};

use cluster_tests::support::funds::{
    confirm, confirm_order, entries, limit, report, reported, settled, ship,
};
use cluster_tests::support::shop::{PRICE, order_of, reason, submit};
use cluster_tests::support::system::{System, User, id};

/// Where a day begins last, and where it began 26 hours before: a statement until today in the one is
/// followed by one until today in the other, whatever the time is.
const WESTMOST: &str = "Etc/GMT+12";
const EASTMOST: &str = "Pacific/Kiritimati";

fn today(hours: i64) -> String {
    (clock::now() + TimeDelta::hours(hours)).date_naive().to_string()
}

async fn top_up(owner: &User, finance: &User, amount: i64, reference: &str) -> u64 {
    let told = report("hengtong", RemittancePurpose::TopUp, amount, reference);
    let number = reported(owner, told).await.unwrap();
    confirm(finance, &number).await.unwrap().position
}

async fn pay_back(finance: &User, amount_minor: i64) -> u64 {
    let request = order::PayBackPrepaidRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        currency_code: "CNY".to_owned(),
        amount_minor,
        reason: "更正多记".to_owned(),
        ..Default::default()
    };
    let mut wallets = WalletServiceClient::new(finance.channel.clone());
    let done = wallets.pay_back_prepaid(finance.says(request)).await.unwrap().into_inner();
    done.receipt.unwrap().position
}

fn of(account: FundsAccount, from: &str, until: &str) -> order::MakeStatementRequest {
    order::MakeStatementRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        account: account.into(),
        currency_code: "CNY".to_owned(),
        from_date: from.to_owned(),
        until_date: until.to_owned(),
        ..Default::default()
    }
}

async fn make(user: &User, request: order::MakeStatementRequest) -> Result<Receipt, Status> {
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.make_statement(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn send(user: &User, statement_id: &str) -> Result<Receipt, Status> {
    let request = order::SendStatementRequest {
        request_id: id(),
        statement_id: statement_id.to_owned(),
        ..Default::default()
    };
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.send_statement(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn agree(user: &User, statement_id: &str) -> Result<Receipt, Status> {
    let request = order::AgreeStatementRequest {
        request_id: id(),
        statement_id: statement_id.to_owned(),
        ..Default::default()
    };
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.agree_statement(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn dispute(user: &User, statement_id: &str, position: u64) -> Result<Receipt, Status> {
    let point = order::DisputedPoint {
        position: Some(position),
        reason: "金额多记了 1 元".to_owned(),
    };
    let request = order::DisputeStatementRequest {
        request_id: id(),
        statement_id: statement_id.to_owned(),
        points: vec![point],
        ..Default::default()
    };
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.dispute_statement(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn discard(user: &User, statement_id: &str) -> Result<Receipt, Status> {
    let request = order::DiscardStatementRequest {
        request_id: id(),
        statement_id: statement_id.to_owned(),
        reason: "账期有误".to_owned(),
        ..Default::default()
    };
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.discard_statement(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn answer(user: &User, statement_id: &str) -> Result<Receipt, Status> {
    let request = order::AnswerDisputeRequest {
        request_id: id(),
        statement_id: statement_id.to_owned(),
        verdict: DisputeVerdict::Accepted.into(),
        answer: "确实多记，退还 1 元".to_owned(),
        ..Default::default()
    };
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.answer_dispute(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn revise(user: &User, statement_id: &str, until: &str) -> Result<Receipt, Status> {
    let request = order::ReviseStatementRequest {
        request_id: id(),
        statement_id: statement_id.to_owned(),
        until_date: until.to_owned(),
        reason: "退还多记的 1 元".to_owned(),
        ..Default::default()
    };
    let mut client = StatementServiceClient::new(user.channel.clone());
    Ok(client.revise_statement(user.says(request)).await?.into_inner().receipt.unwrap())
}

async fn shown(
    user: &User,
    statement_id: &str,
    min_position: u64,
) -> Result<order::Statement, Status> {
    let asked = order::GetStatementRequest { statement_id: statement_id.to_owned(), min_position };
    let mut client = StatementQueryServiceClient::new(user.channel.clone());
    Ok(client.get_statement(user.says(asked)).await?.into_inner().statement.unwrap())
}

async fn lines(user: &User, statement_id: &str) -> Vec<order::FundsEntry> {
    let asked = order::ListStatementLinesRequest {
        page: Some(PageRequest { size: 200, ..Default::default() }),
        statement_id: statement_id.to_owned(),
        ..Default::default()
    };
    let mut client = StatementQueryServiceClient::new(user.channel.clone());
    client.list_statement_lines(user.says(asked)).await.unwrap().into_inner().lines
}

/// How many accounts have moved, and are not stated.
async fn to_state(user: &User) -> usize {
    let min_position = entries(user, "hengtong").await.unwrap()[0].position;
    let until_date = today(14);
    let asked =
        order::ListAccountsToStateRequest { until_date, min_position, ..Default::default() };
    let mut client = StatementQueryServiceClient::new(user.channel.clone());
    let listed = client.list_accounts_to_state(user.says(asked)).await.unwrap().into_inner();
    listed.accounts.len()
}

async fn how_many_agreed(user: &User) -> usize {
    let statuses = vec![StatementStatus::Agreed.into()];
    let asked = order::ListStatementsRequest { statuses, ..Default::default() };
    let mut client = StatementQueryServiceClient::new(user.channel.clone());
    client.list_statements(user.says(asked)).await.unwrap().into_inner().statements.len()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest as anybody can work it out from what is shown.
fn digest(account: &str, statement: &order::Statement, lines: &[order::FundsEntry]) -> String {
    let written = lines.iter().map(|line| {
        let kind = line.kind().as_str_name().trim_start_matches("FUNDS_ENTRY_KIND_").to_lowercase();
        let reference = if line.order_id.is_empty() { &line.remittance_id } else { &line.order_id };
        format!(
            "{}\t{kind}\t{}\t{}\t{reference}\n",
            line.position, line.change_minor, line.held_change_minor
        )
    });
    let lines = hex(&Sha256::digest(written.collect::<String>()));
    let order::Statement { currency_code, opening_minor, opening_held_minor, .. } = statement;
    let head = format!("{account}\t{currency_code}\t{opening_minor}\t{opening_held_minor}\n");
    hex(&Sha256::digest(format!("{lines}{head}")))
}

/// The opening, the lines and the sums all lead to the closing, and the digest is that of the lines.
async fn adds_up(user: &User, account: &str, statement: &order::Statement) {
    let lines = lines(user, &statement.statement_id).await;
    assert_eq!(lines.len(), statement.line_count as usize, "{statement:?}: {lines:?}");
    let (mut there, mut held) = (statement.opening_minor, statement.opening_held_minor);
    for line in &lines {
        there += line.change_minor;
        held += line.held_change_minor;
        assert_eq!((line.balance_minor, line.held_minor), (Some(there), Some(held)), "{line:?}");
    }
    assert_eq!((there, held), (statement.closing_minor, statement.closing_held_minor));
    let sum: i64 = statement.sums.iter().map(|sum| sum.change_minor).sum();
    assert_eq!(statement.opening_minor + sum, statement.closing_minor);
    assert_eq!(digest(account, statement, &lines), statement.digest);
}

#[tokio::test]
async fn a_statement_is_sent_disputed_corrected_and_agreed_to() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    limit(&finance, "hengtong", 100 * PRICE).await.unwrap();
    top_up(&owner, &finance, 5 * PRICE + 100, "ICBC 0001").await;
    submit(&owner, &order_of("SO-1", 4)).await;
    confirm_order(&admin, "SO-1").await;
    ship(&admin, "SO-1", 3).await.unwrap();
    let west = system.on_a_day_of(WESTMOST, &[Role::HqAdmin], &[]);
    let until = today(-12);
    assert_eq!(to_state(&finance).await, 1, "prepaid money has moved");
    let no = make(&west, of(FundsAccount::Rebate, "", &until)).await.unwrap_err();
    assert_eq!(reason(&no), "NEVER_MOVED");
    let no = make(&west, of(FundsAccount::Prepaid, "", &today(36))).await.unwrap_err();
    assert_eq!(reason(&no), "PERIOD_NOT_BEGUN");
    let no = make(&owner, of(FundsAccount::Prepaid, "", &until)).await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied);

    // A draft is the brand's own, and can be made again.
    let draft = make(&west, of(FundsAccount::Prepaid, "", &until)).await.unwrap();
    let no = shown(&owner, &draft.object_id, draft.position).await.unwrap_err();
    assert_eq!(reason(&no), "STATEMENT_NOT_FOUND");
    assert_eq!(reason(&agree(&owner, &draft.object_id).await.unwrap_err()), "STATEMENT_NOT_FOUND");
    discard(&west, &draft.object_id).await.unwrap();
    let draft = make(&west, of(FundsAccount::Prepaid, "", &until)).await.unwrap();
    let first = draft.object_id.clone();
    let sent = send(&west, &first).await.unwrap();
    assert_eq!(reason(&discard(&west, &first).await.unwrap_err()), "NOT_A_DRAFT");

    assert_eq!(reason(&send(&west, &first).await.unwrap_err()), "NOT_A_DRAFT");
    let statement = shown(&owner, &first, sent.position).await.unwrap();
    assert_eq!(statement.status(), StatementStatus::Sent);
    assert_eq!((statement.opening_minor, statement.closing_minor), (0, 2 * PRICE + 100));
    assert_eq!((statement.closing_held_minor, statement.line_count), (PRICE, 3));
    adds_up(&owner, "prepaid", &statement).await;

    // What is disputed is a line, is answered, and is corrected by another movement.
    let credited = lines(&owner, &first).await[0].position;
    let no = dispute(&owner, &first, credited - 1).await.unwrap_err();
    assert_eq!(reason(&no), "LINE_NOT_ON_STATEMENT");
    dispute(&owner, &first, credited).await.unwrap();
    assert_eq!(reason(&agree(&owner, &first).await.unwrap_err()), "DISPUTE_OPEN");
    answer(&finance, &first).await.unwrap();
    pay_back(&finance, 100).await;
    let frozen = shown(&finance, &first, 0).await.unwrap();
    assert_eq!(frozen.closing_minor, statement.closing_minor, "what was sent stands");
    // A correction that is thrown away leaves what was disputed as it was.
    let revised = revise(&west, &first, &until).await.unwrap();
    let old = shown(&owner, &first, revised.position).await.unwrap();
    assert_eq!((old.status(), old.replaced_by.as_str()), (StatementStatus::Correcting, ""));
    let no = revise(&west, &first, &until).await.unwrap_err();
    assert_eq!(reason(&no), "LATER_ONE_FOLLOWS");
    discard(&west, &revised.object_id).await.unwrap();
    let revised = revise(&west, &first, &until).await.unwrap();
    let sent = send(&west, &revised.object_id).await.unwrap();
    let old = shown(&owner, &first, sent.position).await.unwrap();
    assert_eq!((old.status(), &old.replaced_by), (StatementStatus::Replaced, &revised.object_id));
    assert_eq!(reason(&agree(&owner, &first).await.unwrap_err()), "STATEMENT_OVER");
    let agreed = agree(&owner, &revised.object_id).await.unwrap();
    let second = shown(&owner, &revised.object_id, agreed.position).await.unwrap();
    assert_eq!((second.status(), second.closing_minor), (StatementStatus::Agreed, 2 * PRICE));
    assert_eq!((second.opening_minor, &second.replaces), (0, &first));
    adds_up(&owner, "prepaid", &second).await;
    assert_eq!(how_many_agreed(&finance).await, 1);
    let last = second.steps.last().unwrap();
    assert_eq!((last.act(), last.actor_id.as_str()), (order::StatementAct::Agreed, "han.meimei"));
    let no = agree(&owner, &revised.object_id).await.unwrap_err();
    assert_eq!(reason(&no), "ALREADY_AGREED");
    let no = revise(&west, &revised.object_id, &until).await.unwrap_err();
    assert_eq!(reason(&no), "ALREADY_AGREED");
    follows(&system, (&owner, &finance, &west), &second).await;
}

/// The next statement begins where the one before ended.
async fn follows(
    system: &System,
    (owner, finance, west): (&User, &User, &User),
    before: &order::Statement,
) {
    top_up(owner, finance, 10 * PRICE, "ICBC 0002").await;
    let east = system.on_a_day_of(EASTMOST, &[Role::HqAdmin], &[]);
    let (started, next, until) = (today(-12), today(12), today(14));
    let ask = |from: &str| of(FundsAccount::Prepaid, from, &until);
    let no = make(&east, ask(&started)).await.unwrap_err();
    assert_eq!(reason(&no), "PERIOD_OVERLAPS");
    let no = make(west, of(FundsAccount::Prepaid, "", &started)).await.unwrap_err();
    assert_eq!(reason(&no), "PERIOD_REVERSED");
    let made = make(&east, ask("")).await.unwrap();
    let after = shown(finance, &made.object_id, made.position).await.unwrap();
    assert_eq!((&after.from_date, &after.until_date), (&next, &until));
    assert_eq!(after.follows, before.statement_id);
    assert_eq!(after.after_position, before.upto_position);
    assert_eq!(after.opening_minor, before.closing_minor);
    assert_eq!(after.closing_minor, before.closing_minor + 10 * PRICE);
    adds_up(finance, "prepaid", &after).await;
    let all: Vec<_> = entries(finance, "hengtong").await.unwrap();
    let moved = all.iter().filter(|entry| entry.account() == FundsAccount::Prepaid).count();
    assert_eq!(moved, (before.line_count + after.line_count) as usize, "each line stands once");
}

#[tokio::test]
async fn statements_of_all_accounts_are_made_by_the_command_line() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    limit(&finance, "hengtong", 100 * PRICE).await.unwrap();
    top_up(&owner, &finance, 2 * PRICE, "ICBC 0001").await;
    submit(&owner, &order_of("SO-1", 4)).await;
    confirm_order(&admin, "SO-1").await;
    let shipped = ship(&admin, "SO-1", 4).await.unwrap();
    let (until, at) = (today(8), shipped.position.to_string());
    let listed = ["funds", "entries", "hengtong", "--min-position", &at];
    assert!(system.qudao(&finance, &listed).0, "the entries are there");

    let all = ["statements", "make", "--all", "--until", &until, "--send"];
    let (fine, told) = system.qudao(&finance, &all);
    assert!(fine, "{told}");
    let accounts: Vec<_> = told.as_array().unwrap().iter().map(|it| &it["account"]).collect();
    assert_eq!(accounts, ["credit", "prepaid"], "{told}");
    assert!(told[0]["sent"] == true, "{told}");
    let credit = told[0]["statement_id"].as_str().unwrap().to_owned();
    let (fine, told) = system.qudao(&finance, &all);
    assert!(fine && told.as_array().unwrap().is_empty(), "all are made: {told}");

    let (fine, told) = system.qudao(&owner, &["statements", "list", "--only", "waiting"]);
    assert!(fine && told.as_array().unwrap().len() == 2, "{told}");
    let (fine, told) = system.qudao(&owner, &["statements", "show", &credit, "--lines"]);
    assert!(fine && told["closing_minor"] == 2 * PRICE, "{told}");
    assert_eq!(told["lines"].as_array().unwrap().len(), 2, "{told}");
    let asked = ["statements", "dispute", &credit, "--all", "期末与我方账不符"];
    assert!(system.qudao(&owner, &asked).0, "disputed");
    let asked = ["statements", "answer", &credit, "rejected", "--text", "有签收单"];
    assert!(system.qudao(&finance, &asked).0, "answered");
    let (fine, told) = system.qudao(&owner, &["statements", "agree", &credit]);
    assert!(fine, "{told}");
    let position = told["position"].as_u64().unwrap();
    let statement = shown(&finance, &credit, position).await.unwrap();
    assert_eq!(statement.status(), StatementStatus::Agreed);
    adds_up(&finance, "credit", &statement).await;
    let other = system.user("acme", &[Role::DealerOwner], Some("jinmao"));
    let no = shown(&other, &credit, 0).await.unwrap_err();
    assert_eq!(reason(&no), "STATEMENT_NOT_FOUND", "of another dealer there is none");
    let no = agree(&other, &credit).await.unwrap_err();
    assert_eq!(reason(&no), "STATEMENT_NOT_FOUND");
}
