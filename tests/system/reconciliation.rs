//! Bank statements and bills of providers, against what is on record.

mod references;

use std::collections::BTreeMap;

use proto::access::v1::Role;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1 as order;
use proto::order::v1::bank_line_service_client::BankLineServiceClient;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::provider_bill_service_client::ProviderBillServiceClient;
use proto::order::v1::reconciliation_query_service_client::ReconciliationQueryServiceClient;
use proto::order::v1::remittance_service_client::RemittanceServiceClient;
use proto::order::v1::{
    BankLine, BankLineStatus, BillDifferenceKind, BillDifferenceStatus, PaymentProvider,
    PaymentStatus, RemittancePurpose, RemittanceStatus,
};
use proto::payment::v1::provider_service_client::ProviderServiceClient;
use proto::payment::v1::{CompareBillRequest, CompareBillResponse};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tonic::Status;
use tonic::transport::Channel;

use cluster_tests::support::funds::{cancel, confirm, funds, report, settled};
use cluster_tests::support::online::Till;
use cluster_tests::support::shop::{PRICE, reason};
use cluster_tests::support::system::{System, User, id};

const ACCOUNT: &str = "6222020200112233";

fn lines_of(user: &User) -> BankLineServiceClient<Channel> {
    BankLineServiceClient::new(user.channel.clone())
}

fn lists_of(user: &User) -> ReconciliationQueryServiceClient<Channel> {
    ReconciliationQueryServiceClient::new(user.channel.clone())
}

async fn import(user: &User, reference: &str, amount_minor: i64) -> Result<Receipt, Status> {
    let request = order::ImportBankLineRequest {
        request_id: id(),
        bank_account: ACCOUNT.to_owned(),
        bank_reference: reference.to_owned(),
        booked_on: "2026-01-05".to_owned(),
        currency_code: "CNY".to_owned(),
        amount_minor,
        payer_name: "恒通商贸".to_owned(),
        memo: "货款".to_owned(),
        ..Default::default()
    };
    let told = lines_of(user).import_bank_line(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap())
}

async fn matches(user: &User, line: &BankLine) -> Result<Receipt, Status> {
    let request = order::ConfirmBankMatchRequest {
        request_id: id(),
        expected_version: None,
        line_id: line.line_id.clone(),
        remittance_id: line.remittance_id.clone(),
    };
    let told = lines_of(user).confirm_bank_match(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap())
}

async fn assign(user: &User, line: &BankLine) -> Result<Receipt, Status> {
    let request = order::AssignBankLineRequest {
        request_id: id(),
        line_id: line.line_id.clone(),
        dealer_id: "hengtong".to_owned(),
        purpose: RemittancePurpose::TopUp.into(),
        ..Default::default()
    };
    let told = lines_of(user).assign_bank_line(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap())
}

async fn propose(user: &User, line: &BankLine, remittance_id: &str) -> Result<Receipt, Status> {
    let request = order::ProposeBankMatchRequest {
        request_id: id(),
        expected_version: None,
        line_id: line.line_id.clone(),
        remittance_id: remittance_id.to_owned(),
    };
    let told = lines_of(user).propose_bank_match(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap())
}

async fn reopen(user: &User, line: &BankLine) -> Result<Receipt, Status> {
    let (line_id, reason) = (line.line_id.clone(), "看错了".to_owned());
    let request =
        order::ReopenBankLineRequest { request_id: id(), expected_version: None, line_id, reason };
    let told = lines_of(user).reopen_bank_line(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap())
}

async fn set_aside(user: &User, line: &BankLine) -> Result<Receipt, Status> {
    let (line_id, reason) = (line.line_id.clone(), "利息".to_owned());
    let request = order::SetBankLineAsideRequest {
        request_id: id(),
        expected_version: None,
        line_id,
        reason,
    };
    let told = lines_of(user).set_bank_line_aside(user.says(request)).await?;
    Ok(told.into_inner().receipt.unwrap())
}

/// The lines by their references, as of a position.
async fn listed(user: &User, min_position: u64) -> BTreeMap<String, BankLine> {
    let page = Some(PageRequest { size: 200, token: String::new() });
    let asked = order::ListBankLinesRequest { page, min_position, ..Default::default() };
    let told = lists_of(user).list_bank_lines(user.says(asked)).await.unwrap().into_inner();
    assert_eq!(told.counts.iter().map(|it| it.count).sum::<u64>(), told.page.unwrap().total);
    told.lines.into_iter().map(|line| (line.bank_reference.clone(), line)).collect()
}

/// What an import of these would meet: references as they were asked for, and amounts.
async fn known(user: &User, references: &[&str]) -> Vec<(String, i64)> {
    let asked = order::LookUpBankLinesRequest {
        bank_account: ACCOUNT.to_owned(),
        bank_references: references.iter().map(|it| (*it).to_owned()).collect(),
    };
    let told = lists_of(user).look_up_bank_lines(user.says(asked)).await.unwrap().into_inner();
    told.lines.into_iter().map(|line| (line.bank_reference, line.amount_minor)).collect()
}

async fn sent(owner: &User, reference: &str, amount: i64) -> (String, u64) {
    let told = report("hengtong", RemittancePurpose::TopUp, amount, reference);
    let mut client = RemittanceServiceClient::new(owner.channel.clone());
    let told = client.report_remittance(owner.says(told)).await.unwrap().into_inner();
    let receipt = told.receipt.unwrap();
    (receipt.object_id, receipt.position)
}

async fn reject(user: &User, remittance_id: &str) -> u64 {
    let request = order::RejectRemittanceRequest {
        request_id: id(),
        expected_version: None,
        remittance_id: remittance_id.to_owned(),
        reason: "重复申报".to_owned(),
    };
    let mut client = RemittanceServiceClient::new(user.channel.clone());
    let told = client.reject_remittance(user.says(request)).await.unwrap().into_inner();
    told.receipt.unwrap().position
}

fn why<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    reason(&answer.expect_err("a refusal"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_statement_finds_the_money_that_was_reported() {
    let system = System::start().await;
    let (_, owner, checker) = settled(&system, false).await;
    let importer = system.somebody("li.na", Role::Finance);
    // Reported before its line, and after it; of another amount; confirmed without a line.
    let (first, _) = sent(&owner, "ICBC 0001", 100_000).await;
    let (other, _) = sent(&owner, "ICBC 0003", 30_000).await;
    let (early, _) = sent(&owner, "ICBC 0004", 40_000).await;
    confirm(&checker, &early).await.unwrap();
    let file = [
        ("ICBC 0001", 100_000),
        ("ICBC 0002", 200_000),
        ("ICBC 0003", 29_990),
        ("ICBC 0004", 40_000),
        ("ICBC 0005", 317),
        ("ICBC 0006", 60_000),
        ("ICBC 0007", 7_000),
    ];
    for (reference, amount) in file {
        import(&importer, reference, amount).await.unwrap();
        let again = reference.to_lowercase().replace(' ', "-");
        assert_eq!(why(import(&importer, &again, amount).await), "LINE_IMPORTED");
        assert_eq!(why(import(&importer, reference, amount + 1).await), "LINE_IS_ANOTHER");
    }
    let (late, _) = sent(&owner, "icbc-0002", 200_000).await;
    let (wrong, position) = sent(&owner, "ICBC 0007", 7_000).await;
    let lines = listed(&checker, position).await;
    let is = |reference: &str| (lines[reference].status(), lines[reference].remittance_id.clone());
    assert_eq!(is("ICBC 0001"), (BankLineStatus::Proposed, first.clone()));
    assert_eq!(is("ICBC 0002"), (BankLineStatus::Proposed, late));
    assert_eq!(is("ICBC 0003"), (BankLineStatus::Differs, other.clone()));
    assert_eq!(lines["ICBC 0003"].reported_minor, 30_000);
    assert_eq!(is("ICBC 0004"), (BankLineStatus::Matched, early));
    assert_eq!(is("ICBC 0005"), (BankLineStatus::Open, String::new()));
    assert_eq!(is("ICBC 0007"), (BankLineStatus::Proposed, wrong.clone()));
    let met = known(&importer, &["icbc-0003", "ICBC 0099", "ICBC 0001"]).await;
    assert_eq!(met, [("icbc-0003".to_owned(), 29_990), ("ICBC 0001".to_owned(), 100_000)]);

    matches(&checker, &lines["ICBC 0001"]).await.unwrap();
    assert_eq!(why(matches(&checker, &lines["ICBC 0001"]).await), "LINE_MATCHED");
    // Confirmed where remittances are: its line is matched in the same append.
    let by_itself = confirm(&checker, &lines["ICBC 0002"].remittance_id).await.unwrap();
    assert_eq!(why(reopen(&checker, &lines["ICBC 0002"]).await), "LINE_MATCHED");
    by_hand(&checker, &lines["ICBC 0003"], &other).await;
    set_aside(&checker, &lines["ICBC 0005"]).await.unwrap();
    assert_eq!(why(assign(&checker, &lines["ICBC 0005"]).await), "LINE_SET_ASIDE");
    reopen(&importer, &lines["ICBC 0005"]).await.unwrap();
    set_aside(&checker, &lines["ICBC 0005"]).await.unwrap();
    // Whoever imported a line does not say whose money it is.
    assert_eq!(why(assign(&importer, &lines["ICBC 0006"]).await), "DUTIES_APART");
    assign(&checker, &lines["ICBC 0006"]).await.unwrap();
    let position = reject(&checker, &wrong).await;

    let lines = listed(&checker, position).await;
    let count = |status| lines.values().filter(|line| line.status() == status).count();
    assert_eq!(count(BankLineStatus::Matched), 5);
    assert_eq!(lines["ICBC 0005"].reason, "利息");
    assert_eq!(lines["ICBC 0007"].status(), BankLineStatus::Open, "what was rejected");
    // What counts is what the bank has.
    let prepaid = funds(&owner, "hengtong", position).await.unwrap().prepaid.unwrap();
    assert_eq!(prepaid.balance_minor, 100_000 + 200_000 + 29_990 + 40_000 + 60_000);
    assert!(by_itself.position < position);
    by_command(&system, &importer);
}

/// A person proposes, takes it back, proposes again and confirms: the amounts differ.
async fn by_hand(checker: &User, line: &BankLine, remittance_id: &str) {
    assert_eq!(why(matches(checker, line).await), "LINE_NOT_PROPOSED");
    propose(checker, line, remittance_id).await.unwrap();
    assert_eq!(why(propose(checker, line, remittance_id).await), "LINE_PROPOSED");
    reopen(checker, line).await.unwrap();
    propose(checker, line, remittance_id).await.unwrap();
    matches(checker, line).await.unwrap();
}

/// The command line imports a bank's own file.
fn by_command(system: &System, importer: &User) {
    let text = "账户明细,,,,,\n交易日期,交易流水号,贷方发生额,对方户名,对方账号,摘要\n\
        20260105,ICBC 0001,\"1,000.00\",恒通商贸,6228,货款\n\
        20260105,ICBC 0002,\"2,000.01\",恒通商贸,6228,货款\n\
        20260105,ICBC 0008,88.00,,,\n20260105,ICBC 0010,,银行,,手续费\n";
    let file = std::env::temp_dir().join(format!("statement-{}.csv", id()));
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let mut arguments = vec!["reconciliation", "import", path, "--account", ACCOUNT, "--dry-run"];
    for dry in [true, false] {
        // A refused row is told by the exit code, too.
        let (fine, told) = system.qudao(importer, &arguments);
        assert!(!fine, "{told}");
        let sums = ["rows", "imported", "same", "outgoing"].map(|it| told[it].as_u64().unwrap());
        assert_eq!((sums, told["dry_run"].as_bool()), ([4, 1, 1, 1], Some(dry)), "{told}");
        assert_eq!(told["refused"][0]["reference"], "ICBC 0002");
        arguments.pop();
    }
    std::fs::remove_file(&file).unwrap();
    let only = ["reconciliation", "list", "--only", "set-aside"];
    let (fine, told) = system.qudao(importer, &only);
    assert!(fine && told[0]["bank_reference"] == "ICBC 0005", "{told}");
}

/// Lines come in any order and up to five times, money is reported before or after and confirmed here
/// or there: each line is one remittance at most and the other way round, and what counts is what the
/// bank has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_and_no_remittance_is_matched_twice() {
    let system = System::start().await;
    let (_, owner, checker) = settled(&system, false).await;
    let importer = system.somebody("li.na", Role::Finance);
    let (seed, _) = uuid::Uuid::new_v4().as_u64_pair();
    let mut dice = StdRng::seed_from_u64(seed);
    let mut steps = Vec::new();
    for n in 0..16_i64 {
        let amount = 1_000 + n;
        let told = if dice.random_bool(0.2) { amount + 5 } else { amount };
        steps.extend((0..dice.random_range(1..=5)).map(|_| (n, Some(amount))));
        steps.extend((0..dice.random_range(0..=2)).map(|_| (n, None)));
        if dice.random_bool(0.5) {
            steps.push((n, Some(told)));
        }
    }
    steps.shuffle(&mut dice);
    let mut remittances = Vec::new();
    for (n, step) in steps {
        let reference = format!("BOC {n:04}");
        match step {
            Some(amount) => drop(import(&importer, &reference, amount).await),
            None => remittances.push(sent(&owner, &reference, 1_000 + n).await.0),
        }
        if !remittances.is_empty() && dice.random_bool(0.1) {
            let any = &remittances[dice.random_range(0..remittances.len())];
            drop(confirm(&checker, any).await);
        }
    }
    let position = import(&importer, "BOC 9999", 1).await.unwrap().position;
    for _ in 0..2 {
        for line in listed(&checker, position).await.values() {
            drop(matches(&checker, line).await);
            if line.status() == BankLineStatus::Open && dice.random_bool(0.3) {
                drop(assign(&checker, line).await);
            }
        }
    }
    let position = import(&importer, "BOC 9998", 1).await.unwrap().position;
    conserved(&owner, &checker, position).await.unwrap_or_else(|no| panic!("seed {seed}: {no}"));
}

/// Each match is of its own line and its own remittance, and no 分 more counts than was confirmed.
async fn conserved(owner: &User, checker: &User, position: u64) -> Result<(), String> {
    let lines = listed(checker, position).await;
    let is_matched = |line: &&BankLine| line.status() == BankLineStatus::Matched;
    let matched: Vec<_> = lines.values().filter(is_matched).collect();
    let prepaid = funds(owner, "hengtong", position).await.unwrap().prepaid.unwrap();
    let asked = order::ListRemittancesRequest {
        page: Some(PageRequest { size: 200, token: String::new() }),
        statuses: vec![RemittanceStatus::Confirmed.into()],
        ..Default::default()
    };
    let mut client = FundsQueryServiceClient::new(checker.channel.clone());
    let told = client.list_remittances(checker.says(asked)).await.unwrap().into_inner();
    let confirmed: BTreeMap<_, _> =
        told.remittances.into_iter().map(|it| (it.remittance_id, it.received_minor)).collect();
    let mut of_lines: Vec<_> = matched.iter().map(|line| &line.remittance_id).collect();
    of_lines.sort();
    of_lines.dedup();
    if of_lines.len() != matched.len() {
        return Err(format!("a remittance is two lines: {matched:?}"));
    }
    for line in &matched {
        if confirmed.get(&line.remittance_id) != Some(&line.amount_minor) {
            return Err(format!("{line:?} counts as {:?}", confirmed.get(&line.remittance_id)));
        }
    }
    let all: i64 = confirmed.values().sum();
    match prepaid.balance_minor == all {
        true => Ok(()),
        false => Err(format!("{} in the wallet, {all} confirmed", prepaid.balance_minor)),
    }
}

async fn compare(user: &User, provider: PaymentProvider) -> Result<CompareBillResponse, Status> {
    // Providers count days in China.
    let today = (kernel::clock::now() + chrono::TimeDelta::hours(8)).date_naive();
    let request = CompareBillRequest { provider: provider.into(), day: today.to_string() };
    let mut client = ProviderServiceClient::new(user.channel.clone());
    Ok(client.compare_bill(user.says(request)).await?.into_inner())
}

async fn differences(user: &User, min_position: u64) -> Vec<order::ListedDifference> {
    let asked = order::ListBillDifferencesRequest { min_position, ..Default::default() };
    let mut client = lists_of(user);
    client.list_bill_differences(user.says(asked)).await.unwrap().into_inner().differences
}

async fn resolve(user: &User, it: &order::ListedDifference) -> Result<u64, Status> {
    let request = order::ResolveBillDifferenceRequest {
        request_id: id(),
        expected_version: None,
        bill_id: it.bill_id.clone(),
        difference_id: it.difference.clone().unwrap().difference_id,
        reason: "门店收款".to_owned(),
    };
    let mut client = ProviderBillServiceClient::new(user.channel.clone());
    let told = client.resolve_bill_difference(user.says(request)).await?.into_inner();
    Ok(told.receipt.unwrap().position)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_of_a_provider_is_compared_and_what_differs_is_told() {
    let till = Till::start().await;
    let empty = compare(&till.finance, PaymentProvider::Alipay).await.unwrap();
    assert_eq!(empty.position, None, "a day without movements leaves nothing");
    for (order_id, provider) in
        [("SO-1", PaymentProvider::WechatPay), ("SO-2", PaymentProvider::WechatPay)]
    {
        till.order(order_id, 3).await;
        let paid = till.pay(order_id, provider).await;
        till.until(&paid.payment_id, PaymentStatus::Captured).await;
        if order_id == "SO-2" {
            cancel(&till.admin, order_id).await.unwrap();
            till.until(&paid.payment_id, PaymentStatus::Refunded).await;
        }
    }
    let fine = compare(&till.finance, PaymentProvider::WechatPay).await.unwrap();
    assert_eq!((fine.differences_count, &fine.there), (0, &fine.here), "{fine:?}");
    let there = fine.there.unwrap();
    assert_eq!((there.paid_minor, there.refunded_minor), (6 * PRICE, 3 * PRICE));

    // The bill is made to have a payment of nobody.
    till.misbehave(json!({ "bill_stranger": true })).await;
    let told = compare(&till.finance, PaymentProvider::WechatPay).await.unwrap();
    assert_eq!(told.differences_count, 1);
    let found = differences(&till.finance, told.position.unwrap()).await;
    let [stranger] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(stranger.status(), BillDifferenceStatus::Open);
    let difference = stranger.difference.clone().unwrap();
    assert_eq!(difference.kind(), BillDifferenceKind::OnlyThere);
    assert_eq!((difference.there_minor, difference.here_minor), (Some(3 * PRICE), None));
    resolve(&till.finance, stranger).await.unwrap();
    assert_eq!(why(resolve(&till.finance, stranger).await), "DIFFERENCE_IS_RESOLVED");

    // Compared again, it stays resolved; other amounts are told, and go when they are none any more.
    till.misbehave(json!({ "bill_stranger": true, "bill_delta": 1 })).await;
    let told = compare(&till.finance, PaymentProvider::WechatPay).await.unwrap();
    let found = differences(&till.finance, told.position.unwrap()).await;
    let count = |found: &[order::ListedDifference], status| {
        found.iter().filter(|it| it.status() == status).count()
    };
    assert_eq!(count(&found, BillDifferenceStatus::Open), 2, "{found:?}");
    till.behave().await;
    let told = compare(&till.finance, PaymentProvider::WechatPay).await.unwrap();
    let found = differences(&till.finance, told.position.unwrap()).await;
    assert_eq!(count(&found, BillDifferenceStatus::Gone), found.len(), "{found:?}");
    bills(&till).await;
}

/// The bill as lists have it, and who may say what of it.
async fn bills(till: &Till) {
    let asked = order::ListProviderBillsRequest::default();
    let mut client = lists_of(&till.finance);
    let told = client.list_provider_bills(till.finance.says(asked)).await.unwrap().into_inner();
    let [bill] = told.bills.as_slice() else { panic!("{told:?}") };
    assert_eq!((bill.differences_count, bill.open_count, told.open_differences), (0, 0, 0));
    assert!(bill.fee_minor > 0 && bill.digest.len() == 64, "{bill:?}");
    let (fine, told) = till.system.qudao(&till.finance, &["reconciliation", "bills"]);
    assert!(fine && told[0]["bill_id"] == bill.bill_id, "{told}");
    // No program of a tenant says how a bill compares.
    let program = till.system.user("acme", &[Role::Integration], None);
    let note = order::NoteProviderBillRequest {
        request_id: id(),
        provider: PaymentProvider::WechatPay.into(),
        merchant: "1900000001".to_owned(),
        day: "2026-01-05".to_owned(),
        digest: "0".repeat(64),
        ..Default::default()
    };
    let mut client = ProviderBillServiceClient::new(program.channel.clone());
    assert_eq!(why(client.note_provider_bill(program.says(note)).await), "NOT_FROM_PROVIDER");
}
