//! What an order knows of goods that did not arrive well, or go back: which of them are in a case,
//! what they are worth, and what went back of the money.

use std::collections::BTreeMap;

use kernel::Decider as _;
use kernel::spec::given;
use order::after_sale::Cause;
use order::order::OrderCommand::{self, CloseShort, EndAfterSale, OpenAfterSale, Receive, Ship};
use order::order::paying::{OnlinePart, Standing};
use order::order::{
    Arrival, Difference, Fund, Order, OrderEvent, OrderRefusal, OrderStatus, Payment, Placed,
    Refunded, SettledLine,
};
use order::rating::Rating;
use proptest::prelude::*;
use values::{AfterSaleId, Minor, Quantity};

use crate::world::{after, confirmed, lines, received, shipped, submission, submitted, usd};

fn case(number: u32) -> AfterSaleId {
    format!("AS-{number:06}").parse().expect("a number")
}

fn differs(line_no: u32, cause: Cause, units: u32) -> Difference {
    Difference { line_no, cause, quantity: Quantity::of(units), note: "纸箱湿了".into() }
}

fn arrival(well: &[(u32, u32)], differences: &[Difference]) -> Arrival {
    Arrival { lines: lines(well), differing: Some((case(1), differences.to_vec())) }
}

fn differing(well: &[(u32, u32)], differences: &[Difference], status: OrderStatus) -> OrderEvent {
    let (order_id, lines) = (submission().order_id, lines(well));
    OrderEvent::OrderReceived { order_id, lines, differences: differences.to_vec(), status }
}

fn opened(number: u32, moved: &[(u32, u32)], status: OrderStatus) -> OrderEvent {
    let (order_id, after_sale_id) = (submission().order_id, case(number));
    OrderEvent::AfterSaleOpened { order_id, after_sale_id, lines: lines(moved), status }
}

/// Two trail bikes and a race bike left.
fn sent() -> Vec<OrderEvent> {
    vec![submitted(), confirmed(), shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped)]
}

fn arrived() -> Vec<OrderEvent> {
    let mut facts = sent();
    facts.push(received(&[(1, 2), (2, 1)], OrderStatus::Received));
    facts
}

#[test]
fn what_did_not_arrive_well_opens_a_case_with_the_receipt() {
    let differences = [differs(1, Cause::Damaged, 1), differs(2, Cause::Short, 1)];
    given::<Order>(sent()).when(Receive(arrival(&[], &differences))).then([
        differing(&[(1, 1)], &differences, OrderStatus::Received),
        opened(1, &[(1, 1), (2, 1)], OrderStatus::Received),
    ]);
}

#[test]
fn one_line_can_differ_for_several_causes_and_never_by_more_than_was_sent() {
    let differences = [differs(1, Cause::Damaged, 1), differs(1, Cause::WrongGoods, 1)];
    given::<Order>(sent()).when(Receive(arrival(&[(2, 1)], &differences))).then([
        differing(&[(2, 1)], &differences, OrderStatus::Received),
        opened(1, &[(1, 2)], OrderStatus::Received),
    ]);
    let refused = |well: &[(u32, u32)], differences: &[Difference], refusal| {
        given::<Order>(sent()).when(Receive(arrival(well, differences))).then_refused(refusal);
    };
    let more = |line_no, open| OrderRefusal::MoreThanShipped { line_no, open: Quantity::of(open) };
    refused(&[], &[differs(1, Cause::Damaged, 3)], more(1, 2));
    refused(&[], &[differs(1, Cause::Damaged, 2), differs(1, Cause::Short, 1)], more(1, 0));
    refused(&[(1, 2)], &[differs(1, Cause::Damaged, 1)], more(1, 1));
    let twice = [differs(1, Cause::Damaged, 1), differs(1, Cause::Damaged, 1)];
    refused(&[], &twice, OrderRefusal::LineTwice { line_no: 1 });
    refused(&[], &[differs(9, Cause::Short, 1)], OrderRefusal::LineNotFound { line_no: 9 });
}

fn open(number: u32, moved: &[(u32, u32)]) -> OrderCommand {
    OpenAfterSale { after_sale_id: case(number), lines: lines(moved) }
}

#[test]
fn no_unit_is_in_two_cases_at_once() {
    let mut facts = arrived();
    facts.push(opened(1, &[(1, 1)], OrderStatus::Received));
    let more = |line_no, open| OrderRefusal::MoreThanArrived { line_no, open: Quantity::of(open) };
    given::<Order>(facts.clone()).when(open(2, &[(1, 2)])).then_refused(more(1, 1));
    given::<Order>(facts).when(open(2, &[(1, 1)])).then([opened(
        2,
        &[(1, 1)],
        OrderStatus::Received,
    )]);
    given::<Order>(sent()).when(open(1, &[(1, 1)])).then_refused(more(1, 0));
    given::<Order>(arrived()).when(open(1, &[])).then_refused(OrderRefusal::WrongNumberOfLines);
    given::<Order>([submitted()]).when(open(1, &[(1, 1)])).then_refused(OrderRefusal::NotConfirmed);
}

fn end(number: u32, moved: &[(u32, u32)], amount: i64) -> OrderCommand {
    EndAfterSale { after_sale_id: case(number), settled: lines(moved), amount: Minor(amount) }
}

#[test]
fn what_is_not_settled_can_be_in_another_case() {
    let mut facts = arrived();
    facts.push(opened(1, &[(1, 2)], OrderStatus::Received));
    let none: Order = given::<Order>(facts.clone()).when(end(1, &[], 0)).then([ended(&[], &[])]);
    assert!(none.decide(open(2, &[(1, 2)])).is_ok());
    let one = [(1, 1, 300_000)];
    let one: Order = given::<Order>(facts.clone())
        .when(end(1, &[(1, 1)], 300_000))
        .then([ended(&one, &[(Fund::Elsewhere, 300_000)])]);
    let more = OrderRefusal::MoreThanArrived { line_no: 1, open: Quantity::of(1) };
    assert_eq!(one.decide(open(2, &[(1, 2)])), Err(more));
    let other = OrderRefusal::MoreThanArrived { line_no: 2, open: Quantity::ZERO };
    given::<Order>(facts.clone()).when(end(1, &[(2, 1)], 0)).then_refused(other);
    let most = OrderRefusal::MoreThanPaid { most: Minor(300_000), currency: usd() };
    given::<Order>(facts).when(end(1, &[(1, 1)], 300_001)).then_refused(most);
}

fn ended(settled: &[(u32, u32, i64)], refunds: &[(Fund, i64)]) -> OrderEvent {
    let line = |&(line_no, units, worth): &(u32, u32, i64)| SettledLine {
        line_no,
        quantity: Quantity::of(units),
        worth_minor: Minor(worth),
    };
    let refund = |(fund, amount): &(Fund, i64)| Refunded {
        fund: fund.clone(),
        amount_minor: Minor(*amount),
    };
    OrderEvent::AfterSaleEnded {
        order_id: submission().order_id,
        after_sale_id: case(1),
        lines: lines(&[(1, 2)]),
        settled: settled.iter().map(line).collect(),
        refunds: refunds.iter().map(refund).collect(),
        status: OrderStatus::Received,
    }
}

#[test]
fn what_sends_goods_again_is_not_called_off() {
    let OrderEvent::OrderSubmitted(mut again) = submitted() else { panic!("it is") };
    again.replaces = Some(case(1));
    let begun = [OrderEvent::OrderSubmitted(again), confirmed()];
    let cancel = OrderCommand::Cancel { reason: "不要了".into() };
    given::<Order>(begun.clone()).when(cancel).then_refused(OrderRefusal::SendsAgain);
    let mut facts = begun.to_vec();
    facts.push(shipped(&[(1, 1)], OrderStatus::PartlyShipped));
    let close = CloseShort { reason: "缺货".into() };
    given::<Order>(facts).when(close).then_refused(OrderRefusal::SendsAgain);
}

#[test]
fn an_order_is_rated_once_and_after_something_has_arrived() {
    let rating = Rating { goods: 5, service: 3, comment: "送货慢".into() };
    let rate = || OrderCommand::Rate(rating.clone());
    let rated = OrderEvent::OrderRated {
        order_id: submission().order_id,
        dealer_id: submission().dealer_id,
        rating: rating.clone(),
        status: OrderStatus::Received,
    };
    given::<Order>(sent()).when(rate()).then_refused(OrderRefusal::NothingToRate);
    given::<Order>(arrived()).when(rate()).then([rated.clone()]);
    let mut facts = arrived();
    facts.push(rated);
    given::<Order>(facts).when(rate()).then_refused(OrderRefusal::AlreadyRated);
}

fn online(number: u32, amount: i64) -> OnlinePart {
    let payment_id = format!("PM{number:06}").parse().expect("a payment id");
    OnlinePart { payment_id, amount_minor: Minor(amount) }
}

/// 874,000 from everything there is.
fn mixed() -> Payment {
    Payment {
        rebate_minor: Minor(100_000),
        prepaid_minor: Minor(150_000),
        credit_minor: Minor(324_000),
        online: vec![online(1, 200_000), online(2, 100_000)],
        credit_dealer_id: Some(submission().dealer_id),
        standing: Standing::Reserved,
        ..Payment::default()
    }
}

fn paid(payment: Payment) -> OrderEvent {
    OrderEvent::PaymentAllocated {
        order_id: submission().order_id,
        dealer_id: submission().dealer_id,
        currency: usd(),
        payment,
        status: OrderStatus::Submitted,
    }
}

fn placed(order: &Order) -> &Placed {
    let Order::Placed(placed) = order else { panic!("it was placed") };
    placed
}

#[test]
fn money_goes_back_of_what_delivered_goods_have_used_up_the_last_first() {
    let mut facts = vec![submitted(), paid(mixed()), confirmed()];
    facts.push(shipped(&[(1, 1)], OrderStatus::PartlyShipped));
    facts.push(received(&[(1, 1)], OrderStatus::PartlyReceived));
    // One trail bike has used up 300,000: the rebates, the prepaid money and 50,000 of the credit.
    let order: Order = after(facts);
    let back = |fund, amount| Refunded { fund, amount_minor: Minor(amount) };
    let all =
        [back(Fund::Credit, 50_000), back(Fund::Prepaid, 150_000), back(Fund::Rebate, 100_000)];
    assert_eq!(placed(&order).refunds(Minor(300_000)), all);
    assert_eq!(
        placed(&order).refunds(Minor(60_000)),
        [back(Fund::Credit, 50_000), back(Fund::Prepaid, 10_000),]
    );
}

#[derive(Clone, Debug)]
enum Step {
    Ship(u32, u32),
    Receive(u32, u32, u32),
    Open(u32, u32, u32),
    End(u32, u32, u32, i64),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let line = || 1..3_u32;
    prop_oneof![
        3 => (line(), 1..4_u32).prop_map(|(line, units)| Step::Ship(line, units)),
        3 => (line(), 0..3_u32, 0..3_u32).prop_map(|(line, well, not)| Step::Receive(line, well, not)),
        3 => (0..4_u32, line(), 1..3_u32).prop_map(|(case, line, units)| Step::Open(case, line, units)),
        4 => (0..4_u32, 0..3_u32, 0..3_u32, 0..120_i64)
            .prop_map(|(case, trail, race, percent)| Step::End(case, trail, race, percent)),
        1 => Just(Step::Close),
    ]
}

fn command(order: &Order, step: &Step) -> OrderCommand {
    let some = |moved: &[(u32, u32)]| {
        lines(moved).into_iter().filter(|line| !line.quantity.is_zero()).collect::<Vec<_>>()
    };
    match *step {
        Step::Ship(line, units) => Ship(lines(&[(line, units)])),
        Step::Receive(line, well, not) => {
            let differs = some(&[(line, not)]).into_iter().map(|it| Difference {
                line_no: it.line_no,
                cause: Cause::Damaged,
                quantity: it.quantity,
                note: String::new(),
            });
            let differing = (not > 0).then(|| (case(9), differs.collect()));
            Receive(Arrival { lines: some(&[(line, well)]), differing })
        }
        Step::Open(number, line, units) => open(number, &[(line, units)]),
        Step::End(number, trail, race, percent) => {
            // No more of a case is settled than is in it; its own rules say so.
            let within = placed(order).after_sales.get(&case(number)).cloned().unwrap_or_default();
            let wanted = some(&[(1, trail), (2, race)]).into_iter().filter(|line| {
                within.iter().any(|it| it.line_no == line.line_no && it.quantity >= line.quantity)
            });
            let settled: Vec<_> = wanted.collect();
            let worth: i64 = placed(order).worth(&settled).iter().map(|it| it.worth_minor.0).sum();
            let amount = Minor(worth * percent / 100);
            EndAfterSale { after_sale_id: case(number), settled, amount }
        }
        Step::Close => CloseShort { reason: "property".into() },
    }
}

/// What went back of each payment through a provider, by the rest of an order that was closed.
fn add(all: &mut BTreeMap<String, i64>, payment: &str, amount: Minor) {
    *all.entry(payment.to_owned()).or_default() += amount.0;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn never_more_goes_back_than_came_whatever_happens(
        steps in prop::collection::vec(step(), 1..40),
        rebate in 0..400_000_i64,
        prepaid in 0..400_000_i64,
        first in 0..74_000_i64,
    ) {
        let online = vec![online(1, first), online(2, 74_000 - first)];
        let credit = 800_000 - rebate - prepaid;
        let payment = Payment {
            rebate_minor: Minor(rebate),
            prepaid_minor: Minor(prepaid),
            credit_minor: Minor(credit),
            online: online.into_iter().filter(|it| it.amount_minor.0 > 0).collect(),
            credit_dealer_id: Some(submission().dealer_id),
            standing: Standing::Reserved,
            ..Payment::default()
        };
        let mut order: Order = after([submitted(), paid(payment.clone()), confirmed()]);
        let mut back: BTreeMap<String, i64> = BTreeMap::new();
        for step in steps {
            let command = command(&order, &step);
            let over = matches!(&command, EndAfterSale { .. });
            let wanted = if let EndAfterSale { amount, .. } = &command { amount.0 } else { 0 };
            let before = order.clone();
            let Ok(events) = order.decide(command) else { continue };
            events.iter().for_each(|event| order.evolve(event.clone()));
            for (payment, amount) in before.online_refunds(&order) {
                add(&mut back, payment.as_str(), amount);
            }
            let (was, is) = (placed(&before), placed(&order));
            let new = &is.refunded[was.refunded.len()..];
            prop_assert_eq!(new.iter().map(|it| it.amount_minor.0).sum::<i64>(), wanted);
            prop_assert!(over || new.is_empty());
            for part in new {
                match &part.fund {
                    Fund::Online { payment_id } => add(&mut back, payment_id.as_str(), part.amount_minor),
                    Fund::Rebate => add(&mut back, "rebate", part.amount_minor),
                    Fund::Prepaid => add(&mut back, "prepaid", part.amount_minor),
                    Fund::Credit => add(&mut back, "credit", part.amount_minor),
                    Fund::Elsewhere => prop_assert!(false, "it was paid here"),
                }
            }
            for line in &is.lines {
                let arrived = line.received.plus(line.disputed);
                prop_assert!(line.claimed.plus(line.settled) <= arrived, "{line:?}");
                prop_assert!(line.settled_worth <= line.net, "{line:?}");
                if line.settled == line.ordered && !line.ordered.is_zero() {
                    prop_assert_eq!(line.settled_worth, line.net, "all of it is worth what it cost");
                }
            }
            // What was used up is there to come back, account by account.
            let positions = order.positions();
            let of = |fund: &str| back.get(fund).copied().unwrap_or_default();
            prop_assert!(of("rebate") <= positions.rebate.captured.0);
            prop_assert!(of("prepaid") <= positions.prepaid.captured.0);
            prop_assert!(of("credit") <= positions.credit.captured.0);
            for part in &payment.online {
                prop_assert!(of(part.payment_id.as_str()) <= part.amount_minor.0, "{:?}", part);
            }
        }
    }
}
