//! Rebate plans over their rpcs: what dealers have reached, what they are given of it once, and what
//! is taken back.

use chrono::Datelike as _;
use proto::access::v1::Role;
use proto::order::v1 as order;
use proto::order::v1::rebate_query_service_client::RebateQueryServiceClient;
use proto::order::v1::wallet_service_client::WalletServiceClient;
use proto::order::v1::{AfterSaleCause, AfterSaleSettlement, RebatePlanStatus};

use cluster_tests::support::after_sales::{self, receive, request};
use cluster_tests::support::funds::{confirm_order, finance, funds, ship};
use cluster_tests::support::rebates::{
    accrual, approve, draft, end, revise, settle, tier, two_percent,
};
use cluster_tests::support::shop::{PRICE, open, order_of, reason, submit};
use cluster_tests::support::system::{System, User, id};

const PLAN: &str = "monthly";

/// Orders, ships and receives so much on the day of whoever asks.
async fn deliver(user: &User, order_id: &str, quantity: u32) -> u64 {
    submit(user, &order_of(order_id, quantity)).await;
    confirm_order(user, order_id).await;
    ship(user, order_id, quantity).await.unwrap();
    receive(user, order_id, &[]).await.unwrap().position
}

#[tokio::test]
async fn what_was_reached_is_given_once_and_taken_back_when_goods_come_back() {
    let system = System::start().await;
    let admin = open(&system).await;
    let director = system.director();
    // One day of the calendar is over there before it begins here.
    let early = system.on_a_day_of("Pacific/Midway", &[Role::HqAdmin], &[]);
    let late = system.on_a_day_of("Pacific/Kiritimati", &[Role::HqAdmin], &[]);
    let day = (kernel::clock::now() - chrono::TimeDelta::hours(11)).date_naive();
    let period = format!("{:04}-{:02}", day.year(), day.month());
    let of = (PLAN, period.as_str(), "hengtong");

    let mut plan = two_percent(PLAN, "月度返利");
    let terms = plan.terms.as_mut().unwrap();
    (terms.from, terms.until) = (format!("{period}-01"), day.to_string());
    let tiers =
        vec![tier(100 * PRICE.cast_unsigned(), 10_000), tier(200 * PRICE.cast_unsigned(), 20_000)];
    terms.tiers = tiers;
    draft(&director, plan.clone()).await.unwrap();
    let no = approve(&director, PLAN).await.unwrap_err();
    assert_eq!(reason(&no), "DUTIES_APART");
    approve(&admin, PLAN).await.unwrap();

    let position = deliver(&early, "SO-1", 150).await;
    let told = accrual(&admin, of, (0, position)).await.unwrap();
    let reached = told.accrual.clone().unwrap();
    assert_eq!((reached.net_minor, reached.units, reached.tier_no), (150 * PRICE, 150, 1));
    assert_eq!((reached.accrued_minor, reached.settled_minor), (150 * PRICE / 100, 0));
    assert_eq!((reached.next_tier_no, reached.missing), (2, 50 * PRICE.cast_unsigned()));
    assert_eq!(told.orders[0].order_id, "SO-1");

    let no = settle(&early, of, &["SO-1"]).await.unwrap_err();
    assert_eq!(reason(&no), "PERIOD_NOT_OVER");
    let drafter = system.somebody("li.lei", Role::Finance);
    assert_eq!(reason(&settle(&drafter, of, &["SO-1"]).await.unwrap_err()), "DUTIES_APART");
    assert_eq!(reason(&settle(&late, of, &["SO-9"]).await.unwrap_err()), "NOT_THEIR_ORDER");
    settle(&late, of, &["SO-1"]).await.unwrap();
    let no = settle(&late, of, &["SO-1"]).await.unwrap_err();
    assert_eq!(reason(&no), "NOTHING_TO_SETTLE");

    // An order of the period that arrives later lifts all of it; only the difference is given.
    deliver(&early, "SO-2", 50).await;
    let receipt = settle(&late, of, &["SO-2"]).await.unwrap();
    let there = funds(&admin, "hengtong", receipt.position).await.unwrap().rebate.unwrap();
    assert_eq!(there.balance_minor, 200 * PRICE / 50);

    // Goods that come back take back more than there is by now, and nothing is left to be used.
    deduct(&system, PRICE).await;
    let case = give_back(&system, 150).await;
    let told = accrual(&admin, of, (0, case)).await.unwrap();
    let reached = told.accrual.unwrap();
    assert_eq!((reached.net_minor, reached.accrued_minor, reached.tier_no), (50 * PRICE, 0, 0));
    // A version that ends before does not keep it out, either: what was settled stays within reach.
    let last = day.with_day(1).unwrap().pred_opt().unwrap();
    let mut terms = plan.terms.clone().unwrap();
    (terms.from, terms.until) = (last.with_day(1).unwrap().to_string(), last.to_string());
    revise(&director, PLAN, terms).await.unwrap();
    let position = approve(&admin, PLAN).await.unwrap().position;
    let told = accrual(&admin, of, (0, position)).await.unwrap().accrual.unwrap();
    assert_eq!((told.plan_version, told.accrued_minor), (1, 0));
    let no = accrual(&admin, (PLAN, period.as_str(), "lixin"), (0, 0)).await.unwrap_err();
    assert_eq!(reason(&no), "NO_SUCH_PERIOD", "who was not settled");
    // Whoever names no order does not keep the return out of it.
    let receipt = settle(&late, of, &[]).await.unwrap();
    let told = accrual(&admin, of, (0, receipt.position)).await.unwrap();
    let given: Vec<_> = told.settlements.iter().map(|it| it.given_minor).collect();
    assert_eq!(given, [-4 * PRICE, 5 * PRICE / 2, 3 * PRICE / 2]);
    assert_eq!(told.accrual.unwrap().settled_minor, 0);
    let there = funds(&admin, "hengtong", receipt.position).await.unwrap().rebate.unwrap();
    assert_eq!((there.balance_minor, there.held_minor, there.available_minor), (-PRICE, 0, 0));
    as_told_by_the_command_line(&system, &late, &period);
}

/// Goods of the first order come back, against what they cost.
async fn give_back(system: &System, quantity: u32) -> u64 {
    let owner = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let case = request(&owner, "SO-1", quantity, AfterSaleCause::Quality).await.unwrap().object_id;
    after_sales::approve(&system.director(), &case, false).await.unwrap();
    let refund = AfterSaleSettlement::Refund;
    after_sales::settle(&finance(system), &case, refund, None).await.unwrap().position
}

/// Takes some of the rebates away by hand.
async fn deduct(system: &System, amount_minor: i64) {
    let finance = finance(system);
    let request = order::DeductRebateRequest {
        request_id: id(),
        dealer_id: "hengtong".to_owned(),
        currency_code: "CNY".to_owned(),
        amount_minor,
        reason: "更正".to_owned(),
        ..Default::default()
    };
    let mut wallets = WalletServiceClient::new(finance.channel.clone());
    wallets.deduct_rebate(finance.says(request)).await.unwrap();
}

fn as_told_by_the_command_line(system: &System, user: &User, period: &str) {
    let (fine, told) = system.qudao(user, &["rebates", "plans"]);
    assert!(fine && told[0]["plan_id"] == PLAN && told[0]["status"] == "running", "{told}");
    let (fine, told) = system.qudao(user, &["rebates", "show", PLAN]);
    assert!(fine && told["versions"][0]["tiers"][1]["rate_ppm"] == 20_000, "{told}");
    let (fine, told) = system.qudao(user, &["rebates", "accrual", PLAN, "--period", period]);
    assert!(fine && told[0]["net_minor"] == 50 * PRICE, "{told}");
    let settle = ["rebates", "settle", PLAN, "--period", period];
    let (fine, told) = system.qudao(user, &settle);
    assert!(fine && told.as_array().is_some_and(Vec::is_empty), "nothing is open: {told}");
}

#[tokio::test]
async fn versions_count_for_their_periods_and_old_ones_can_be_worked_out_again() {
    let system = System::start().await;
    let admin = open(&system).await;
    let director = system.director();
    let (owner, other) = (
        system.user("acme", &[Role::DealerOwner], Some("hengtong")),
        system.user("acme", &[Role::DealerOwner], Some("lixin")),
    );
    let plan = two_percent(PLAN, "月度返利");
    let terms = plan.terms.clone().unwrap();
    draft(&director, plan).await.unwrap();
    approve(&admin, PLAN).await.unwrap();
    let half = order::RebateTerms { tiers: vec![tier(0, 5_000)], ..terms.clone() };
    revise(&director, PLAN, half.clone()).await.unwrap();
    let yearly = order::RebateTerms { cycle: order::RebateCycle::Year.into(), ..terms };
    assert_eq!(reason(&revise(&director, PLAN, yearly).await.unwrap_err()), "OTHER_PLAN");
    approve(&admin, PLAN).await.unwrap();

    let position = deliver(&admin, "SO-1", 100).await;
    let today = kernel::clock::now() + chrono::TimeDelta::hours(8);
    let period = today.format("%Y-%m").to_string();
    let of = (PLAN, period.as_str(), "hengtong");
    let by = async |version| {
        let told = accrual(&owner, of, (version, position)).await.unwrap();
        told.accrual.unwrap().accrued_minor
    };
    let amount = 100 * PRICE;
    assert_eq!((by(0).await, by(1).await, by(2).await), (amount / 200, amount / 50, amount / 200));
    let no = accrual(&owner, of, (3, 0)).await.unwrap_err();
    assert_eq!(reason(&no), "NO_SUCH_PERIOD");

    let mine = |user: &User| {
        let asked =
            order::ListDealerRebatesRequest { min_position: position, ..Default::default() };
        let asked = user.says(asked);
        let mut client = RebateQueryServiceClient::new(user.channel.clone());
        async move { client.list_dealer_rebates(asked).await.unwrap().into_inner().accruals }
    };
    let told = accrual(&owner, of, (0, 0)).await.unwrap().terms.unwrap();
    assert_eq!((told.audience, told.tiers.len()), (None, 1));
    let told = mine(&owner).await;
    assert_eq!((told.len(), told[0].accrued_minor), (1, amount / 200));
    assert!(mine(&other).await.is_empty());
    // Other companies are not there for a dealer.
    accrual(&other, of, (0, 0)).await.unwrap_err();

    let min_position = end(&director, PLAN).await.unwrap().position;
    let no = revise(&director, PLAN, half).await.unwrap_err();
    assert_eq!(reason(&no), "REBATE_PLAN_ENDED");
    let mut client = RebateQueryServiceClient::new(admin.channel.clone());
    let asked = order::GetRebatePlanRequest { plan_id: PLAN.to_owned(), min_position };
    let shown = client.get_rebate_plan(admin.says(asked)).await.unwrap().into_inner();
    assert_eq!(shown.versions.len(), 2);
    assert_eq!(shown.periods[0], period);
    let ended = order::ListRebatePlansRequest {
        status: RebatePlanStatus::Ended.into(),
        min_position,
        ..Default::default()
    };
    let listed = client.list_rebate_plans(admin.says(ended)).await.unwrap().into_inner();
    assert_eq!(listed.plans[0].reason, "改政策");
    let asked =
        order::ListRebateAccrualsRequest { plan_id: PLAN.to_owned(), period, ..Default::default() };
    let listed = client.list_rebate_accruals(admin.says(asked)).await.unwrap().into_inner();
    assert_eq!((listed.accrued_minor, listed.over), (amount / 200, false));
}
