//! What orders are paid from: never more than there is, however many ask at once, and every 分 of it
//! can be found again.

use std::collections::BTreeMap;

use proto::order::v1 as order;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::order_service_client::OrderServiceClient;
use proto::order::v1::remittance_service_client::RemittanceServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;
use proto::order::v1::{CreditStanding, HoldReason, OrderStatus, RemittancePurpose};
use tonic::Code;

use cluster_tests::support::funds::{
    cancel, confirm, confirm_order, entries, funds, limit, release, report, reported, settled,
    ship, shown,
};
use cluster_tests::support::shop::{PRICE, order_of, quote, reason, submit};
use cluster_tests::support::system::{System, User, id};

/// Puts money into the wallet of a dealer.
async fn top_up(owner: &User, finance: &User, amount: i64, reference: &str) -> u64 {
    let told = report("hengtong", RemittancePurpose::TopUp, amount, reference);
    let number = reported(owner, told).await.unwrap();
    confirm(finance, &number).await.unwrap().position
}

#[tokio::test]
async fn an_order_is_paid_from_rebates_prepaid_money_and_credit() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    limit(&finance, "hengtong", 10 * PRICE).await.unwrap();
    top_up(&owner, &finance, 5 * PRICE, "ICBC 0001").await;
    grant(&finance, 2 * PRICE).await;

    let told = quote(&owner, "hengtong", 10).await.unwrap();
    let payment = told.payment.clone().unwrap();
    let parts = |it: &order::OrderPayment| {
        [it.rebate_minor, it.prepaid_minor, it.credit_minor, it.open_minor]
    };
    assert_eq!(parts(&payment), [2 * PRICE, 5 * PRICE, 3 * PRICE, 0]);
    assert_eq!(payment.credit_standing(), CreditStanding::Reserved);
    let asked = order::SubmitOrderRequest {
        quote_fingerprint: told.fingerprint.clone(),
        ..order_of("SO-1", 10)
    };
    let receipt = submit(&owner, &asked).await;
    let order = shown(&owner, "SO-1", receipt.position).await;
    assert_eq!(order.payment, Some(payment));
    assert_eq!(order.summary.unwrap().status(), OrderStatus::Submitted);
    // What was seen is not there any more, and the order says so instead of taking something else.
    let again = order::SubmitOrderRequest { order_id: "SO-2".into(), request_id: id(), ..asked };
    let mut orders = OrderServiceClient::new(owner.channel.clone());
    let no = orders.submit_order(owner.says(again)).await.unwrap_err();
    assert_eq!(reason(&no), "OFFER_CHANGED");

    let there = funds(&owner, "hengtong", receipt.position).await.unwrap();
    let credit = there.credit.clone().unwrap();
    assert_eq!((credit.reserved_minor, credit.available_minor), (3 * PRICE, 7 * PRICE));
    assert_eq!(there.prepaid.unwrap().available_minor, 0);
    confirm_order(&admin, "SO-1").await;
    // Deliveries use up rebates, then prepaid money, then credit.
    let shipped = ship(&admin, "SO-1", 8).await.unwrap();
    let there = funds(&owner, "hengtong", shipped.position).await.unwrap();
    let (rebate, prepaid, credit) =
        (there.rebate.unwrap(), there.prepaid.unwrap(), there.credit.unwrap());
    assert_eq!((rebate.balance_minor, prepaid.balance_minor), (0, 0));
    assert_eq!((credit.reserved_minor, credit.receivable_minor), (2 * PRICE, PRICE));
    let shipped = ship(&admin, "SO-1", 2).await.unwrap();
    let there = funds(&owner, "hengtong", shipped.position).await.unwrap();
    let credit = there.credit.unwrap();
    assert_eq!((credit.reserved_minor, credit.receivable_minor), (0, 3 * PRICE));

    // It is paid back, and what is more than is owed is prepaid.
    let told = report("hengtong", RemittancePurpose::Repayment, 4 * PRICE, "ICBC 0002");
    let number = reported(&owner, told).await.unwrap();
    let paid = confirm(&finance, &number).await.unwrap();
    let there = funds(&owner, "hengtong", paid.position).await.unwrap();
    assert_eq!(there.credit.unwrap().receivable_minor, 0);
    assert_eq!(there.prepaid.unwrap().balance_minor, PRICE);
    adds_up(&owner).await;
    as_told_by_the_command_line(&system, &finance);
}

async fn grant(finance: &User, amount_minor: i64) {
    let request = order::GrantRebateRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        currency_code: "CNY".to_owned(),
        amount_minor,
        reason: "三季度达标".to_owned(),
        ..Default::default()
    };
    WalletServiceClient::new(finance.channel.clone())
        .grant_rebate(finance.says(request))
        .await
        .unwrap();
}

/// The balances after the entries are those that the changes add up to.
async fn adds_up(user: &User) {
    let mut entries = entries(user, "hengtong").await.unwrap();
    entries.reverse();
    let mut there: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    for entry in &entries {
        let (balance, held) = there.entry(entry.account).or_default();
        *balance += entry.change_minor;
        *held += entry.held_change_minor;
        if let (Some(told), Some(kept)) = (entry.balance_minor, entry.held_minor) {
            assert_eq!((told, kept), (*balance, *held), "{entry:?}");
        }
    }
    assert!(entries.len() >= 10 && there.len() == 3, "{entries:?}");
}

fn as_told_by_the_command_line(system: &System, finance: &User) {
    let (fine, told) = system.qudao(finance, &["funds", "list", "--dealer", "hengtong"]);
    assert!(fine && told[0]["credit"]["limit_minor"] == 10 * PRICE, "{told}");
    let (fine, told) = system.qudao(finance, &["funds", "list", "--only", "with-credit"]);
    assert!(fine && told[0]["prepaid"]["balance_minor"] == PRICE, "{told}");
    let (fine, told) = system.qudao(finance, &["funds", "entries", "hengtong"]);
    assert!(fine && told[0]["kind"] == "top-up" && told[1]["kind"] == "repayment", "{told}");
    let quote = ["orders", "quote", "--dealer", "hengtong", "--line", "tea-500=3"];
    let (fine, told) = system.qudao(finance, &[&quote[..], &["--without", "credit"]].concat());
    assert!(fine && told["payment"]["open_minor"] == 2 * PRICE, "{told}");
    let (fine, told) = system.qudao(finance, &["orders", "show", "SO-1"]);
    assert!(fine && told["payment"]["credit_minor"] == 3 * PRICE, "{told}");
}

#[tokio::test]
async fn an_order_waits_for_credit_until_finance_has_decided() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, false).await;
    limit(&finance, "hengtong", 5 * PRICE).await.unwrap();
    for order_id in ["SO-1", "SO-2", "SO-3"] {
        submit(&owner, &order_of(order_id, 10)).await;
    }
    let receipt = submit(&owner, &order_of("SO-4", 4)).await;
    let small = shown(&owner, "SO-4", receipt.position).await.summary.unwrap();
    assert_eq!(small.status(), OrderStatus::Confirmed, "nobody has to look at what is covered");
    let order = shown(&owner, "SO-1", receipt.position).await;
    assert_eq!(order.summary.unwrap().status(), OrderStatus::OnHold);
    let payment = order.payment.unwrap();
    assert_eq!(payment.hold_reasons().collect::<Vec<_>>(), [HoldReason::OverLimit]);
    assert_eq!(payment.missing_credit_minor, 5 * PRICE);
    let mut lists = OrderQueryServiceClient::new(finance.channel.clone());
    let statuses = vec![OrderStatus::OnHold.into()];
    let asked = order::ListOrdersRequest { statuses, ..Default::default() };
    let listed = lists.list_orders(finance.says(asked)).await.unwrap().into_inner();
    assert_eq!(listed.orders.len(), 3, "they wait where finance finds them");

    let no = release(&finance, "SO-1", None).await.unwrap_err();
    assert_eq!(reason(&no), "CREDIT_DENIED");
    let no = release(&owner, "SO-1", Some(10 * PRICE)).await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied);
    let released = release(&finance, "SO-1", Some(9 * PRICE)).await.unwrap();
    let order = shown(&owner, "SO-1", released.position).await;
    assert_eq!(order.summary.unwrap().status(), OrderStatus::Confirmed);
    assert_eq!(order.payment.unwrap().credit_standing(), CreditStanding::Reserved);
    let no = release(&finance, "SO-1", None).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_ON_HOLD");

    let refuse = order::RefuseCreditRequest {
        request_id: id(),
        order_id: "SO-2".to_owned(),
        reason: "逾期过久".to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(finance.channel.clone());
    let refused = orders.refuse_credit(finance.says(refuse)).await.unwrap().into_inner();
    let order = shown(&owner, "SO-2", refused.receipt.unwrap().position).await;
    assert_eq!(order.summary.unwrap().status(), OrderStatus::Cancelled);
    assert_eq!(order.payment.unwrap().credit_standing(), CreditStanding::Refused);

    // The third is paid otherwise.
    let no = pay(&owner, "SO-3").await.unwrap_err();
    assert_eq!(reason(&no), "CREDIT_DENIED");
    top_up(&owner, &finance, 10 * PRICE, "ICBC 0001").await;
    let position = pay(&owner, "SO-3").await.unwrap();
    let order = shown(&owner, "SO-3", position).await;
    assert_eq!(order.payment.unwrap().prepaid_minor, 10 * PRICE);
    assert_eq!(order.summary.unwrap().status(), OrderStatus::Confirmed);
    assert_eq!(reason(&pay(&owner, "SO-3").await.unwrap_err()), "NOTHING_TO_PAY");
    let back = cancel(&admin, "SO-3").await.unwrap();
    let there = funds(&owner, "hengtong", back.position).await.unwrap();
    assert_eq!(there.prepaid.unwrap().available_minor, 10 * PRICE, "it is back");
}

async fn pay(user: &User, order_id: &str) -> Result<u64, tonic::Status> {
    let pay = order::PayOrderRequest {
        request_id: id(),
        order_id: order_id.to_owned(),
        ..Default::default()
    };
    let mut orders = OrderServiceClient::new(user.channel.clone());
    Ok(orders.pay_order(user.says(pay)).await?.into_inner().receipt.unwrap().position)
}

#[tokio::test]
async fn a_transfer_counts_once_and_not_by_who_reported_it() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    let told = report("hengtong", RemittancePurpose::TopUp, 100_000, "ICBC 2026 0001");
    let own = reported(&finance, told.clone()).await.unwrap();
    let no = confirm(&finance, &own).await.unwrap_err();
    assert_eq!(reason(&no), "DUTIES_APART", "{no:?}");
    let same = order::ReportRemittanceRequest { request_id: id(), ..told };
    let twice = order::ReportRemittanceRequest {
        request_id: id(),
        bank_reference: "icbc-20260001".to_owned(),
        ..same.clone()
    };
    let (one, two) =
        (reported(&owner, same).await.unwrap(), reported(&owner, twice).await.unwrap());
    confirm(&finance, &one).await.unwrap();
    let no = confirm(&finance, &two).await.unwrap_err();
    assert_eq!(reason(&no), "REFERENCE_USED", "{no:?}");
    assert_eq!(reason(&confirm(&finance, &one).await.unwrap_err()), "REMITTANCE_CLOSED");
    assert_eq!(reason(&confirm(&finance, "RM-NONE").await.unwrap_err()), "REMITTANCE_NOT_FOUND");
    let reject = order::RejectRemittanceRequest {
        request_id: id(),
        remittance_id: two.clone(),
        reason: "重复登记".to_owned(),
        ..Default::default()
    };
    let mut client = RemittanceServiceClient::new(finance.channel.clone());
    let rejected = client.reject_remittance(finance.says(reject)).await.unwrap().into_inner();
    let position = rejected.receipt.unwrap().position;
    let there = funds(&owner, "hengtong", position).await.unwrap();
    assert_eq!(there.prepaid.unwrap().balance_minor, 100_000, "once");
    assert_eq!((there.reported_minor, there.reported_remittances), (100_000, 1));
    let asked = order::ListRemittancesRequest { search: "icbc".to_owned(), ..Default::default() };
    let mut lists = FundsQueryServiceClient::new(admin.channel.clone());
    let listed = lists.list_remittances(admin.says(asked)).await.unwrap().into_inner().remittances;
    let statuses: Vec<_> = listed.iter().map(order::Remittance::status).collect();
    use order::RemittanceStatus::{Confirmed, Rejected, Reported};
    assert_eq!(statuses, [Rejected, Confirmed, Reported], "{listed:?}");
    // What is prepaid goes back, but for what orders need.
    let back = |amount_minor| order::PayBackPrepaidRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        currency_code: "CNY".to_owned(),
        amount_minor,
        reason: "终止合作".to_owned(),
        ..Default::default()
    };
    let mut wallets = WalletServiceClient::new(finance.channel.clone());
    let no = wallets.pay_back_prepaid(finance.says(back(100_001))).await.unwrap_err();
    assert_eq!(reason(&no), "NOT_ENOUGH_FUNDS");
    wallets.pay_back_prepaid(finance.says(back(100_000))).await.unwrap();
}
