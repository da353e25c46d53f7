//! What the brand keeps of dealers' money.

use kernel::DomainEvent as _;
use kernel::Refusal as _;
use kernel::spec::{given, given_nothing};
use order::funds::FundsRefusal;
use order::order_rules::{OrderRules, OrderRulesCommand, OrderRulesEvent, Rules};
use order::shift::{Position, Shift};
use order::wallet::event::OrderFunds;
use order::wallet::{Balance, DebitCause, Purse, Source, Wallet, WalletCommand, WalletEvent};
use values::{Currency, DealerId, Minor, OrderId};

use crate::world::{after, usd};

fn dealer() -> DealerId {
    "kansas-29ers".parse().expect("a dealer id")
}

fn order_id() -> OrderId {
    "SO-1".parse().expect("an order id")
}

fn cny() -> Currency {
    "CNY".parse().expect("a currency")
}

fn balance(there: i64, held: i64) -> Balance {
    Balance { balance_minor: Minor(there), held_minor: Minor(held) }
}

fn top_up() -> Source {
    let remittance_id = "RM-1".parse().expect("a number");
    Source::TopUp { remittance_id, bank_reference: "ICBC 0001".into() }
}

fn grant() -> Source {
    Source::Grant { reason: "三季度达标".into() }
}

fn credited(purse: Purse, amount: i64, source: Source, after: Balance) -> WalletEvent {
    let (dealer_id, currency, amount_minor) = (dealer(), usd(), Minor(amount));
    WalletEvent::FundsCredited { dealer_id, purse, currency, amount_minor, source, after }
}

fn credit(purse: Purse, amount: i64, currency: Currency, source: Source) -> WalletCommand {
    WalletCommand::Credit { dealer_id: dealer(), purse, amount: Minor(amount), currency, source }
}

fn debit(purse: Purse, amount: i64, cause: DebitCause) -> WalletCommand {
    let (dealer_id, amount, currency) = (dealer(), Minor(amount), usd());
    WalletCommand::Debit { dealer_id, purse, amount, currency, cause, reason: "更正".into() }
}

fn debited(purse: Purse, amount: i64, cause: DebitCause, after: Balance) -> WalletEvent {
    let (dealer_id, currency, amount_minor) = (dealer(), usd(), Minor(amount));
    let reason = "更正".into();
    WalletEvent::FundsDebited { dealer_id, purse, currency, amount_minor, cause, reason, after }
}

fn follow(shifts: &[(Purse, Shift)]) -> WalletCommand {
    let (dealer_id, order_id, currency) = (dealer(), order_id(), usd());
    WalletCommand::Follow { dealer_id, order_id, currency, shifts: shifts.to_vec() }
}

fn funds(purse: Purse, amount: i64, after: Balance) -> OrderFunds {
    let (dealer_id, order_id, currency) = (dealer(), order_id(), usd());
    OrderFunds { dealer_id, order_id, purse, currency, amount_minor: Minor(amount), after }
}

fn shift(hold: i64, capture: i64, release: i64) -> Shift {
    Shift { hold: Minor(hold), capture: Minor(capture), release: Minor(release) }
}

/// A wallet with 1,000 prepaid.
fn prepaid() -> WalletEvent {
    credited(Purse::Prepaid, 1_000, top_up(), balance(1_000, 0))
}

#[test]
fn money_comes_in_by_top_ups_and_grants() {
    given_nothing::<Wallet>()
        .when(credit(Purse::Prepaid, 1_000, usd(), top_up()))
        .then([prepaid()]);
    given::<Wallet>([prepaid()]).when(credit(Purse::Rebate, 50, usd(), grant())).then([credited(
        Purse::Rebate,
        50,
        grant(),
        balance(50, 0),
    )]);
}

#[test]
fn an_after_sale_case_gives_back_to_both_purses_at_once() {
    let after_sale_id = || "AS-1".parse().expect("a number");
    let refund = |currency| WalletCommand::Refund {
        dealer_id: dealer(),
        after_sale_id: after_sale_id(),
        order_id: order_id(),
        currency,
        parts: vec![(Purse::Rebate, Minor(30)), (Purse::Prepaid, Minor(70))],
    };
    let refunded = |purse, amount, after| WalletEvent::FundsRefunded {
        dealer_id: dealer(),
        after_sale_id: after_sale_id(),
        order_id: order_id(),
        purse,
        currency: usd(),
        amount_minor: Minor(amount),
        after,
    };
    given::<Wallet>([prepaid()]).when(refund(usd())).then([
        refunded(Purse::Rebate, 30, balance(30, 0)),
        refunded(Purse::Prepaid, 70, balance(1_070, 0)),
    ]);
    given::<Wallet>([prepaid()])
        .when(refund(cny()))
        .then_refused(FundsRefusal::OtherCurrency { currency: usd() });
}

#[test]
fn a_wallet_is_in_one_currency_until_it_is_empty() {
    given::<Wallet>([prepaid()])
        .when(credit(Purse::Rebate, 50, cny(), grant()))
        .then_refused(FundsRefusal::OtherCurrency { currency: usd() });
    let back = debited(Purse::Prepaid, 1_000, DebitCause::PayBack, balance(0, 0));
    let wallet: Wallet = after([prepaid(), back]);
    use kernel::Decider as _;
    assert!(wallet.decide(credit(Purse::Rebate, 50, cny(), grant())).is_ok());
}

#[test]
fn an_order_is_kept_captured_and_given_back() {
    let held = || WalletEvent::FundsHeld(funds(Purse::Prepaid, 600, balance(1_000, 600)));
    given::<Wallet>([prepaid()]).when(follow(&[(Purse::Prepaid, shift(600, 0, 0))])).then([held()]);
    let wallet = given::<Wallet>([prepaid(), held()])
        .when(follow(&[(Purse::Prepaid, shift(0, 400, 200))]))
        .then([
            WalletEvent::FundsCaptured(funds(Purse::Prepaid, 400, balance(600, 200))),
            WalletEvent::FundsReleased(funds(Purse::Prepaid, 200, balance(600, 0))),
        ]);
    assert_eq!(wallet.balance(Purse::Prepaid), balance(600, 0));
    assert_eq!(wallet.held_for(Purse::Prepaid, &order_id()), Minor::ZERO);
    assert_eq!(wallet.available(Purse::Prepaid, &cny()), Minor::ZERO, "of another currency");
}

#[test]
fn what_is_kept_for_one_order_is_not_there_for_another() {
    let held = WalletEvent::FundsHeld(funds(Purse::Prepaid, 600, balance(1_000, 600)));
    let too_little = |available| FundsRefusal::NotEnoughFunds {
        purse: Purse::Prepaid,
        available: Minor(available),
        currency: usd(),
    };
    given::<Wallet>([prepaid(), held.clone()])
        .when(follow(&[(Purse::Prepaid, shift(401, 0, 0))]))
        .then_refused(too_little(400));
    given::<Wallet>([prepaid(), held])
        .when(debit(Purse::Prepaid, 401, DebitCause::PayBack))
        .then_refused(too_little(400));
    given_nothing::<Wallet>()
        .when(follow(&[(Purse::Prepaid, shift(1, 0, 0))]))
        .then_refused(too_little(0));
}

#[test]
fn a_deduction_can_leave_less_than_nothing_and_blocks_rebates() {
    let granted = credited(Purse::Rebate, 50, grant(), balance(50, 0));
    let wallet = given::<Wallet>([granted])
        .when(debit(Purse::Rebate, 80, DebitCause::Deduction))
        .then([debited(Purse::Rebate, 80, DebitCause::Deduction, balance(-30, 0))]);
    assert_eq!(wallet.available(Purse::Rebate, &usd()), Minor::ZERO);
    given::<Wallet>([prepaid()])
        .when(credit(Purse::Prepaid, i64::MAX, usd(), top_up()))
        .then_refused(FundsRefusal::BalanceTooLarge);
}

#[test]
fn what_changes_between_two_positions() {
    let at = |held, captured| Position { held: Minor(held), captured: Minor(captured) };
    assert_eq!(Shift::between(at(0, 0), at(600, 0)), shift(600, 0, 0));
    assert_eq!(Shift::between(at(600, 0), at(200, 400)), shift(0, 400, 0));
    assert_eq!(Shift::between(at(600, 0), at(0, 400)), shift(0, 400, 200));
    assert_eq!(Shift::between(at(200, 400), at(0, 400)), shift(0, 0, 200));
    assert!(Shift::between(at(5, 5), at(5, 5)).is_none());
}

#[test]
fn refusals_and_facts_are_told_in_both_languages() {
    let no = FundsRefusal::NotEnoughFunds {
        purse: Purse::Prepaid,
        available: Minor(400),
        currency: usd(),
    };
    assert_eq!(no.text().zh, "预存款只有 USD 4.00 可用，请减少金额或先充值");
    assert_eq!(
        no.text().en,
        "there are only USD 4.00 of prepaid money; take less, or let the dealer send more"
    );
    assert_eq!(prepaid().sentence().zh, "经销商 kansas-29ers 的预存款增加 USD 10.00（汇款 RM-1）");
}

#[test]
fn rules_count_from_when_they_are_set() {
    let rules = Rules {
        settled_here: true,
        reviewed: false,
        rebate_share_percent: 30,
        overdue_grace_days: Some(7),
        stock_checked: true,
        hands_over: false,
        ..Rules::default()
    };
    assert!(OrderRules::default().rules().reviewed && !OrderRules::default().rules().settled_here);
    let set = given_nothing::<OrderRules>()
        .when(OrderRulesCommand::Set(rules))
        .then([OrderRulesEvent::OrderRulesSet(rules)]);
    assert_eq!(set.rules(), rules);
    given::<OrderRules>([OrderRulesEvent::OrderRulesSet(rules)])
        .when(OrderRulesCommand::Set(rules))
        .then_nothing();
}
