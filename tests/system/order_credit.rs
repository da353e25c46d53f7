//! Credit: shared by dealers, kept back, and never more of it taken than there is.

use std::collections::BTreeMap;

use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::credit_service_client::CreditServiceClient;
use proto::order::v1::funds_query_service_client::FundsQueryServiceClient;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;
use proto::order::v1::{HoldReason, OrderStatus};
use serde_json::Value;
use sqlx::PgPool;
use tonic::Code;

use cluster_tests::support::funds::{
    cancel, confirm_order, entries, funds, limit, release, settled, ship, shown,
};
use cluster_tests::support::shop::{PRICE, dealer, open_account, order_of, quote, reason, submit};
use cluster_tests::support::system::{Launch, System, User, id};

#[tokio::test]
async fn credit_is_shared_blocked_raised_and_owed() {
    let system = System::start().await;
    let (admin, owner, finance) = settled(&system, true).await;
    dealer(&admin, "branch", "east").await;
    open_account(&admin, "branch").await;
    let branch = system.user("acme", &[Role::DealerOwner], Some("branch"));
    limit(&finance, "hengtong", 10 * PRICE).await.unwrap();
    let mut credit = CreditServiceClient::new(finance.channel.clone());

    // The branch takes the credit of its parent, and both together no more than there is.
    let share = order::ShareCreditRequest {
        request_id: id(),
        dealer_id: "branch".to_owned(),
        of_dealer_id: "hengtong".to_owned(),
        ..Default::default()
    };
    credit.share_credit(finance.says(share)).await.unwrap();
    let of = |dealer: &str, number: &str, quantity| order::SubmitOrderRequest {
        dealer_id: dealer.to_owned(),
        ..order_of(number, quantity)
    };
    submit(&branch, &of("branch", "SO-B", 6)).await;
    let receipt = submit(&owner, &of("hengtong", "SO-H", 5)).await;
    let held = shown(&owner, "SO-H", receipt.position).await;
    assert_eq!(held.payment.unwrap().missing_credit_minor, PRICE);
    let theirs = funds(&branch, "branch", receipt.position).await.unwrap().credit.unwrap();
    assert_eq!((theirs.of_dealer_id.as_str(), theirs.available_minor), ("hengtong", 4 * PRICE));
    let no = funds(&branch, "hengtong", 0).await.unwrap_err();
    assert_eq!(no.code(), Code::PermissionDenied, "the parent's own page is not for the branch");
    assert_eq!(entries(&branch, "branch").await.unwrap().len(), 1, "its own order");
    assert_eq!(entries(&owner, "hengtong").await.unwrap().len(), 2, "the limit and that order");
    assert!(quote(&branch, "hengtong", 1).await.is_err());

    let block = order::BlockCreditRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        reason: "诉讼".to_owned(),
        ..Default::default()
    };
    credit.block_credit(finance.says(block)).await.unwrap();
    let told = quote(&owner, "hengtong", 1).await.unwrap().payment.unwrap();
    assert_eq!(told.hold_reasons().collect::<Vec<_>>(), [HoldReason::Blocked]);
    let unblock = order::UnblockCreditRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        reason: "和解".to_owned(),
        ..Default::default()
    };
    credit.unblock_credit(finance.says(unblock)).await.unwrap();
    let more = order::GrantTemporaryCreditRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        amount_minor: 50 * PRICE,
        until: "2099-12-31".to_owned(),
        reason: "旺季".to_owned(),
        ..Default::default()
    };
    let granted = credit.grant_temporary_credit(finance.says(more)).await.unwrap().into_inner();
    let there = funds(&owner, "hengtong", granted.receipt.unwrap().position).await.unwrap();
    assert_eq!(there.credit.unwrap().temporary[0].amount_minor, 50 * PRICE);
    let end = order::EndTemporaryCreditRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        reason: "撤回".to_owned(),
        ..Default::default()
    };
    credit.end_temporary_credit(finance.says(end)).await.unwrap();
    owed(&admin, &branch, &finance).await;
}

/// What the branch was delivered is owed, and it sees that; a rebate that is taken back leaves it
/// less than nothing.
async fn owed(admin: &User, branch: &User, finance: &User) {
    confirm_order(admin, "SO-B").await;
    let shipped = ship(admin, "SO-B", 6).await.unwrap();
    let asked = order::ListReceivablesRequest {
        dealer_id: "branch".to_owned(),
        min_position: shipped.position,
        ..Default::default()
    };
    let mut lists = FundsQueryServiceClient::new(branch.channel.clone());
    let owed = lists.list_receivables(branch.says(asked)).await.unwrap().into_inner().receivables;
    assert_eq!((owed[0].order_id.as_str(), owed[0].open_minor), ("SO-B", 6 * PRICE));
    let deduct = order::DeductRebateRequest {
        request_id: id(),
        dealer_id: "branch".to_owned(),
        currency_code: "CNY".to_owned(),
        amount_minor: 100,
        reason: "返利多发".to_owned(),
        ..Default::default()
    };
    let mut wallets = WalletServiceClient::new(finance.channel.clone());
    let deducted = wallets.deduct_rebate(finance.says(deduct)).await.unwrap().into_inner();
    let there = funds(branch, "branch", deducted.receipt.unwrap().position).await.unwrap();
    let rebate = there.rebate.unwrap();
    assert_eq!((rebate.balance_minor, rebate.available_minor), (-100, 0), "nothing to be spent");
    let mut lists = FundsQueryServiceClient::new(finance.channel.clone());
    let rules = order::GetOrderRulesRequest::default();
    let rules = lists.get_order_rules(finance.says(rules)).await.unwrap().into_inner();
    assert!(rules.rules.unwrap().settled_here && rules.version == 1);
    let asked = order::ListDealerFundsRequest {
        filter: order::FundsFilter::NearlyUsed.into(),
        ..Default::default()
    };
    let nearly = lists.list_dealer_funds(finance.says(asked)).await.unwrap().into_inner();
    assert!(nearly.dealers.is_empty(), "{nearly:?}");
}

/// Forty orders at once through two processes, where credit is there for seven; then some are
/// cancelled, submitted again and released, while the limit goes up and down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credit_is_never_exceeded_however_many_ask_at_once() {
    let environment =
        vec![("QUDAO_CALLS_OF_PERSON", "0".to_owned()), ("QUDAO_CALLS_OF_TENANT", "0".to_owned())];
    let launch = Launch { environment, ..Launch::default() };
    let system = System::start_as(launch.clone()).await;
    let (admin, _, finance) = settled(&system, true).await;
    limit(&finance, "hengtong", 7 * 10 * PRICE).await.unwrap();
    let another = system.another(&launch).await;
    let elsewhere = another.asked_by(&admin);
    let send = |round: u32| {
        let asked = (0..40).map(move |n| order_of(&format!("SO-{round}-{n}"), 10));
        let sent = asked.zip([admin.clone(), elsewhere.clone()].into_iter().cycle());
        let sent: Vec<_> = sent
            .map(|(order, user)| tokio::spawn(async move { submit(&user, &order).await.position }))
            .collect();
        async move {
            let mut last = 0;
            for order in sent {
                last = last.max(order.await.unwrap());
            }
            last
        }
    };
    let last = send(1).await;
    let (reserved, waiting) = counts(&admin, last).await;
    assert_eq!((reserved, waiting), (7, 33), "exactly as many as fit");

    // Cancelled orders give back, others take it; the limit is cut and raised meanwhile.
    let cancelling = (0..40).map(|n| {
        let admin = admin.clone();
        tokio::spawn(async move { cancel(&admin, &format!("SO-1-{n}")).await.unwrap() })
    });
    let cancelling: Vec<_> = cancelling.collect();
    let cutting = tokio::spawn({
        let finance = finance.clone();
        async move {
            for limit_minor in [3, 9, 0, 5, 1, 7].map(|n| n * 10 * PRICE) {
                limit(&finance, "hengtong", limit_minor).await.unwrap();
            }
        }
    });
    send(2).await;
    cutting.await.unwrap();
    for order in cancelling {
        order.await.unwrap();
    }
    for n in 0..40 {
        if let Err(no) = release(&finance, &format!("SO-2-{n}"), None).await {
            // A limit of nothing is no credit at all: such orders wait to be paid.
            let why = reason(&no);
            assert!(["CREDIT_DENIED", "NOT_ON_HOLD"].contains(&why.as_str()), "{no:?}");
        }
    }
    // A cut takes nothing back; the highest limit of all was nine.
    let there = funds(&finance, "hengtong", 0).await.unwrap().credit.unwrap();
    assert!(there.reserved_minor <= 9 * 10 * PRICE, "{there:?}");
    let events = never_exceeded(&system).await;
    assert!(events >= 7 + 6 + 7, "{events} events of credit");
}

async fn counts(user: &User, min_position: u64) -> (u64, u64) {
    let mut lists = OrderQueryServiceClient::new(user.channel.clone());
    let mut count = async |status: OrderStatus| {
        let asked = order::ListOrdersRequest {
            statuses: vec![status.into()],
            min_position,
            ..Default::default()
        };
        lists.list_orders(user.says(asked)).await.unwrap().into_inner().page.unwrap().total
    };
    (count(OrderStatus::Submitted).await, count(OrderStatus::OnHold).await)
}

/// Goes through the log from its beginning: at no position is more taken than the limit of that
/// position, but for what was taken before a cut; and every order gives back what it took. The
/// number of events of credit.
async fn never_exceeded(system: &System) -> usize {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let facts: Vec<(String, Value)> = sqlx::query_as(
        "SELECT event_type, payload::jsonb FROM order_log.events
         WHERE aggregate_type = 'credit_account' ORDER BY position",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let (mut limit, mut taken) = (0, 0);
    let mut of_orders: BTreeMap<String, i64> = BTreeMap::new();
    for (kind, fact) in &facts {
        let amount = fact["amount_minor"].as_i64().unwrap_or_default();
        let order = fact["order_id"].as_str().unwrap_or_default().to_owned();
        match kind.as_str() {
            "CreditLimitSet" => limit = fact["limit_minor"].as_i64().unwrap(),
            "CreditReserved" => {
                taken += amount;
                *of_orders.entry(order).or_default() += amount;
                assert!(taken <= limit, "{taken} of {limit} after {fact}");
            }
            "CreditFreed" => {
                taken -= amount;
                *of_orders.entry(order).or_default() -= amount;
            }
            other => panic!("nothing was delivered: {other}"),
        }
        let told = fact["after"]["reserved_minor"].as_i64();
        assert!(told.is_none_or(|told| told == taken), "{taken} after {fact}");
    }
    assert!(of_orders.values().all(|&left| left == 0 || left == 10 * PRICE), "{of_orders:?}");
    facts.len()
}
