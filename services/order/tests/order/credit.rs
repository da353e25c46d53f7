//! How much a dealer may order before it has paid.

use kernel::DomainEvent as _;
use kernel::spec::{given, given_nothing};
use order::account::{Account, AccountCommand, AccountEvent};
use order::credit::{
    CreditAccount, CreditCommand, CreditEvent, Exposure, Following, Grant, HoldReason, Lending,
    OrderCredit, Paid,
};
use order::funds::FundsRefusal;
use order::shift::Shift;
use values::{DealerId, Minor, OrderId};

use crate::world::{account_opened, after, day, usd};

const TODAY: &str = "2026-11-23";

fn dealer() -> DealerId {
    "kansas-29ers".parse().expect("a dealer id")
}

fn branch() -> DealerId {
    "kansas-branch".parse().expect("a dealer id")
}

fn order_id(number: u32) -> OrderId {
    format!("SO-{number}").parse().expect("an order id")
}

fn limit_set(limit: i64) -> CreditEvent {
    CreditEvent::CreditLimitSet {
        dealer_id: dealer(),
        currency: usd(),
        limit_minor: Minor(limit),
        payment_days: 30,
        reason: "年审".into(),
    }
}

fn set_limit(limit: i64) -> CreditCommand {
    CreditCommand::SetLimit {
        dealer_id: dealer(),
        currency: usd(),
        limit: Minor(limit),
        payment_days: 30,
        today: day(TODAY),
        reason: "年审".into(),
    }
}

fn exposure(reserved: i64, owed: i64) -> Exposure {
    Exposure { reserved_minor: Minor(reserved), receivable_minor: Minor(owed) }
}

fn of_order(number: u32, amount: i64, due: Option<&str>, after: Exposure) -> OrderCredit {
    OrderCredit {
        dealer_id: dealer(),
        order_id: order_id(number),
        order_dealer_id: dealer(),
        currency: usd(),
        amount_minor: Minor(amount),
        due_on: due.map(day),
        after,
    }
}

fn reserved(number: u32, amount: i64, after: Exposure) -> CreditEvent {
    CreditEvent::CreditReserved(of_order(number, amount, None, after))
}

fn consumed(number: u32, amount: i64, due: &str, after: Exposure) -> CreditEvent {
    CreditEvent::CreditConsumed(of_order(number, amount, Some(due), after))
}

fn follow(number: u32, [hold, capture, release]: [i64; 3], terms: Lending) -> CreditCommand {
    CreditCommand::Follow(Box::new(Following {
        dealer_id: dealer(),
        order_id: order_id(number),
        currency: usd(),
        shift: Shift { hold: Minor(hold), capture: Minor(capture), release: Minor(release) },
        today: day(TODAY),
        terms,
    }))
}

fn take(number: u32, amount: i64) -> CreditCommand {
    follow(number, [amount, 0, 0], Lending { grace_days: Some(5), grant: None })
}

fn denied(reasons: &[HoldReason], missing: i64) -> FundsRefusal {
    let reasons = reasons.to_vec();
    FundsRefusal::CreditDenied { reasons, missing: Minor(missing), currency: usd() }
}

fn granted(amount: i64, until: &str) -> CreditEvent {
    CreditEvent::TemporaryCreditGranted {
        dealer_id: dealer(),
        currency: usd(),
        amount_minor: Minor(amount),
        until: day(until),
        granted_on: day(TODAY),
        reason: "旺季".into(),
    }
}

fn grant(amount: i64, until: &str) -> CreditCommand {
    let grant = Grant { amount: Minor(amount), until: day(until) };
    CreditCommand::Grant { grant, today: day(TODAY), reason: "旺季".into() }
}

#[test]
fn an_order_takes_what_is_left_and_no_more() {
    given_nothing::<CreditAccount>().when(set_limit(1_000)).then([limit_set(1_000)]);
    given_nothing::<CreditAccount>().when(take(1, 1)).then_refused(FundsRefusal::NoCredit);
    given::<CreditAccount>([limit_set(1_000)]).when(take(1, 600)).then([reserved(
        1,
        600,
        exposure(600, 0),
    )]);
    given::<CreditAccount>([limit_set(1_000), reserved(1, 600, exposure(600, 0))])
        .when(take(2, 401))
        .then_refused(denied(&[HoldReason::OverLimit], 1));
    given::<CreditAccount>([limit_set(1_000)]).when(set_limit(1_000)).then_nothing();
}

#[test]
fn a_delivery_is_owed_and_what_is_not_delivered_is_free_again() {
    let account = given::<CreditAccount>([limit_set(1_000), reserved(1, 600, exposure(600, 0))])
        .when(follow(1, [0, 450, 150], Lending::default()))
        .then([
            consumed(1, 450, "2026-12-23", exposure(150, 450)),
            CreditEvent::CreditFreed(of_order(1, 150, None, exposure(0, 450))),
        ]);
    let line = account.line().expect("there is one");
    assert_eq!(line.left(day(TODAY)), Minor(550));
    assert!(line.reserved.is_empty() && line.is_used_by(&dealer()) && !line.is_used_by(&branch()));
    given::<CreditAccount>([limit_set(1_000), reserved(1, 600, exposure(600, 0))])
        .when(follow(1, [0, 450, 151], Lending::default()))
        .then_refused(FundsRefusal::NotHeld);
    assert_eq!(line.owed.len(), 1);
}

#[test]
fn a_lower_limit_cancels_nothing_and_keeps_new_orders_out() {
    let cut = [limit_set(1_000), reserved(1, 600, exposure(600, 0)), limit_set(100)];
    let account: CreditAccount = after(cut.clone());
    let line = account.line().expect("there is one");
    assert_eq!((line.exposure, line.left(day(TODAY))), (exposure(600, 0), Minor(-500)));
    given::<CreditAccount>(cut)
        .when(take(2, 1))
        .then_refused(denied(&[HoldReason::OverLimit], 501));
}

#[test]
fn a_limit_is_raised_until_a_day() {
    given::<CreditAccount>([limit_set(1_000)])
        .when(grant(500, "2026-11-30"))
        .then([granted(500, "2026-11-30")]);
    let account: CreditAccount = after([limit_set(1_000), granted(500, "2026-11-30")]);
    let line = account.line().expect("there is one");
    assert_eq!(line.ceiling(day("2026-11-30")), Minor(1_500));
    assert_eq!(line.ceiling(day("2026-12-01")), Minor(1_000));
    given::<CreditAccount>([limit_set(1_000)])
        .when(grant(500, "2026-11-22"))
        .then_refused(FundsRefusal::DayIsOver);
    let many = (0..20).map(|_| granted(1, "2026-11-30"));
    given::<CreditAccount>(std::iter::once(limit_set(1_000)).chain(many))
        .when(grant(1, TODAY))
        .then_refused(FundsRefusal::TooManyGrants);
    let end = CreditCommand::EndGrants { today: day(TODAY), reason: "撤回".into() };
    // What was added for a while and is over keeps nobody from another currency.
    let yuan = || CreditCommand::SetLimit {
        dealer_id: dealer(),
        currency: "CNY".parse().expect("a currency"),
        limit: Minor(5),
        payment_days: 30,
        today: day("2026-12-01"),
        reason: String::new(),
    };
    let account: CreditAccount = after([limit_set(1_000), granted(500, "2026-11-30")]);
    assert!(kernel::Decider::decide(&account, yuan()).is_ok());
    given::<CreditAccount>([limit_set(1_000), granted(500, "2026-12-01")])
        .when(yuan())
        .then_refused(FundsRefusal::OtherCurrency { currency: usd() });
    let ended = CreditEvent::TemporaryCreditEnded { dealer_id: dealer(), reason: "撤回".into() };
    given::<CreditAccount>([limit_set(1_000), granted(500, "2026-11-30")])
        .when(end.clone())
        .then([ended.clone()]);
    given::<CreditAccount>([limit_set(1_000), granted(500, "2026-11-30"), ended])
        .when(end)
        .then_refused(FundsRefusal::NoTemporaryCredit);
}

#[test]
fn late_payments_and_a_block_keep_new_orders_out() {
    let owes = consumed(1, 100, "2026-11-17", exposure(0, 100));
    let late = [limit_set(1_000), reserved(1, 100, exposure(100, 0)), owes];
    given::<CreditAccount>(late.clone())
        .when(take(2, 10))
        .then_refused(denied(&[HoldReason::Overdue], 0));
    // Whoever looks at it may let the order have it all the same.
    given::<CreditAccount>(late).when(follow(2, [10, 0, 0], Lending::default())).then([reserved(
        2,
        10,
        exposure(10, 100),
    )]);
    let (block, unblock) = (
        CreditCommand::Block { reason: "诉讼".into() },
        CreditCommand::Unblock { reason: "和解".into() },
    );
    let blocked = CreditEvent::CreditBlocked { dealer_id: dealer(), reason: "诉讼".into() };
    let unblocked = CreditEvent::CreditUnblocked { dealer_id: dealer(), reason: "和解".into() };
    given::<CreditAccount>([limit_set(1_000)]).when(block.clone()).then([blocked.clone()]);
    given::<CreditAccount>([limit_set(1_000), blocked.clone()])
        .when(take(1, 10))
        .then_refused(denied(&[HoldReason::Blocked], 0));
    given::<CreditAccount>([limit_set(1_000), blocked.clone()])
        .when(block)
        .then_refused(FundsRefusal::AlreadyBlocked);
    given::<CreditAccount>([limit_set(1_000), blocked]).when(unblock.clone()).then([unblocked]);
    given::<CreditAccount>([limit_set(1_000)]).when(unblock).then_refused(FundsRefusal::NotBlocked);
}

#[test]
fn who_releases_an_order_can_raise_the_limit_with_it() {
    let grant = Grant { amount: Minor(500), until: day("2026-11-30") };
    let lending = Lending { grace_days: None, grant: Some((grant, "旺季".into())) };
    given::<CreditAccount>([limit_set(1_000)])
        .when(follow(1, [1_500, 0, 0], lending.clone()))
        .then([granted(500, "2026-11-30"), reserved(1, 1_500, exposure(1_500, 0))]);
    given::<CreditAccount>([limit_set(1_000)])
        .when(follow(1, [1_501, 0, 0], lending.clone()))
        .then_refused(denied(&[HoldReason::OverLimit], 1));
}

#[test]
fn what_is_added_to_a_limit_that_was_cut_counts_from_what_is_taken() {
    let grant = Grant { amount: Minor(500), until: day("2026-11-30") };
    let lending = Lending { grace_days: None, grant: Some((grant, "旺季".into())) };
    let cut = [limit_set(1_000), reserved(1, 800, exposure(800, 0)), limit_set(100)];
    given::<CreditAccount>(cut)
        .when(follow(2, [10, 0, 0], lending))
        .then_refused(denied(&[HoldReason::OverLimit], 210));
}

#[test]
fn money_pays_what_is_owed_the_oldest_first() {
    let account = given::<CreditAccount>([
        limit_set(1_000),
        reserved(1, 300, exposure(300, 0)),
        reserved(2, 200, exposure(500, 0)),
        consumed(2, 200, "2026-12-20", exposure(300, 200)),
        consumed(1, 300, "2026-12-01", exposure(0, 500)),
    ])
    .when(CreditCommand::Repay {
        remittance_id: "RM-1".parse().expect("a number"),
        bank_reference: "ICBC 0001".into(),
        payer: dealer(),
        amount: Minor(350),
    })
    .then([CreditEvent::CreditRepaid {
        dealer_id: dealer(),
        payer_dealer_id: dealer(),
        remittance_id: "RM-1".parse().expect("a number"),
        bank_reference: "ICBC 0001".into(),
        currency: usd(),
        amount_minor: Minor(350),
        paid: vec![
            Paid { order_id: order_id(1), due_on: day("2026-12-01"), amount_minor: Minor(300) },
            Paid { order_id: order_id(2), due_on: day("2026-12-20"), amount_minor: Minor(50) },
        ],
        after: exposure(0, 150),
    }]);
    let line = account.line().expect("there is one");
    assert_eq!(line.owed_by(&dealer()), Minor(150));
    assert_eq!(line.owed_by(&branch()), Minor::ZERO, "others pay for themselves");
    assert_eq!(line.days_late(day("2026-12-25")), 5);
}

#[test]
fn an_after_sale_case_takes_off_what_is_owed_for_its_order_alone() {
    let after_sale_id = || "AS-1".parse().expect("a number");
    let account = given::<CreditAccount>([
        limit_set(1_000),
        reserved(1, 300, exposure(300, 0)),
        reserved(2, 200, exposure(500, 0)),
        consumed(2, 200, "2026-12-20", exposure(300, 200)),
        consumed(1, 300, "2026-12-01", exposure(0, 500)),
    ])
    .when(CreditCommand::Reduce {
        after_sale_id: after_sale_id(),
        order_id: order_id(2),
        order_dealer_id: dealer(),
        amount: Minor(150),
    })
    .then([CreditEvent::DebtReduced {
        dealer_id: dealer(),
        order_dealer_id: dealer(),
        order_id: order_id(2),
        after_sale_id: after_sale_id(),
        currency: usd(),
        amount_minor: Minor(150),
        paid: vec![Paid {
            order_id: order_id(2),
            due_on: day("2026-12-20"),
            amount_minor: Minor(150),
        }],
        after: exposure(0, 350),
    }]);
    let line = account.line().expect("there is one");
    assert_eq!(line.owed_for(&order_id(2)), Minor(50));
    assert_eq!(line.owed_for(&order_id(1)), Minor(300));
}

#[test]
fn a_dealer_draws_on_the_credit_of_another_one() {
    let shared = |of_dealer_id: Option<DealerId>| {
        let dealer_id = dealer();
        AccountEvent::CreditShared { dealer_id, of_dealer_id }
    };
    let share = |of_dealer_id| AccountCommand::ShareCredit { of_dealer_id };
    given::<Account>([account_opened()]).when(share(Some(branch()))).then([shared(Some(branch()))]);
    given::<Account>([account_opened(), shared(Some(branch()))])
        .when(share(Some(dealer())))
        .then([shared(None)]);
    given::<Account>([account_opened()]).when(share(None)).then_nothing();
    assert_eq!(shared(None).sentence().zh, "经销商 kansas-29ers 的订单占用自己的信用额度");
}
