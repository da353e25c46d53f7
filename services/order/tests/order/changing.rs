//! An order that becomes another one: what stays keeps its price, and everything follows the difference.

use kernel::Decider as _;
use order::order::change_refusal::ChangeRefusal;
use order::order::changing::{ChangeCommand, LineChange, Proposal, Wanted};
use order::order::paying::{Choice, Lender, Means, Standing};
use order::order::review::Reviewers;
use order::order::{
    LineQuantity, Order, OrderCommand, OrderEvent, OrderRefusal, OrderStatus, Payment, Placed,
    Submission,
};
use order::promotion::Discount;
use proptest::prelude::*;
use proto::access::v1::Role;
use values::{Minor, Quantity};

use crate::world::{
    Shop, after, cancelled, confirmed, day, lines, product_id, shipped, submission, submitted,
};

fn placed(order: &Order) -> &Placed {
    match order {
        Order::Placed(placed) => placed,
        Order::Unsubmitted => panic!("it was submitted"),
    }
}

/// What has to be asked of an order, so that it becomes what is wanted: of one that is confirmed to
/// propose it first.
pub(crate) fn asked(
    order: &Order,
    wanted: &Wanted,
    means: Option<&Means>,
) -> Result<Vec<OrderCommand>, OrderRefusal> {
    let order = placed(order);
    let changes = order.changes(wanted, ToString::to_string)?;
    let goods = order.to_price(&changes);
    let basket = order.basket_of(&goods, day("2026-11-24"));
    let priced = match goods.is_empty() {
        true => None,
        false => Some(Shop::open().price(&basket)?),
    };
    let (mut change, net) = order.costs_after(changes.clone(), priced)?;
    if net > order.net_minor && order.uses_online() {
        return Err(ChangeRefusal::PaidOnline.into());
    }
    change.payment = means.and_then(|means| means.pay_changed(order, net));
    change.roles = Reviewers::of(|role| role == Role::RegionManager);
    let anew = change.anew;
    let make = OrderCommand::Change(ChangeCommand::Make(Box::new(change)));
    let (note, on_behalf) = (String::new(), false);
    let proposal = Proposal { changes, net_minor: net, note, on_behalf };
    let propose = OrderCommand::Change(ChangeCommand::Propose(Box::new(proposal)));
    Ok(if anew { vec![make] } else { vec![propose, make] })
}

/// What somebody wants: other quantities of lines, and trail bikes besides.
pub(crate) fn wanted(moved: &[(u32, u32)], added: u32) -> Wanted {
    let more = (added > 0).then(|| (product_id("trail-1"), Quantity::of(added)));
    Wanted { lines: lines(moved), added: more.into_iter().collect() }
}

fn become_(facts: Vec<OrderEvent>, wanted: &Wanted) -> Result<Order, OrderRefusal> {
    let mut order: Order = after(facts);
    for command in asked(&order, wanted, None)? {
        order = order.after(command)?;
    }
    Ok(order)
}

fn refused(facts: Vec<OrderEvent>, wanted: &Wanted) -> OrderRefusal {
    become_(facts, wanted).expect_err("it is refused")
}

fn ordered(order: &Order) -> Vec<(u32, i64, i64)> {
    let line = |line: &order::order::Progress| (line.line_no, line.ordered.get(), line.net.0);
    placed(order).lines.iter().map(line).collect()
}

#[test]
fn until_it_is_confirmed_an_order_is_priced_anew() {
    let order = become_(vec![submitted()], &wanted(&[(1, 5), (2, 0)], 0)).expect("changed");
    assert_eq!(ordered(&order), [(1, 5, 1_500_000), (2, 0, 0)]);
    assert_eq!(placed(&order).net_minor, Minor(1_500_000));
    assert_eq!(order.status(), Some(OrderStatus::Submitted));
    let more = become_(vec![submitted()], &wanted(&[], 1)).expect("changed");
    assert_eq!(ordered(&more), [(1, 2, 600_000), (2, 1, 274_000), (3, 1, 300_000)]);
}

#[test]
fn what_was_agreed_keeps_its_price_and_what_is_added_stands_beside_it() {
    let mut submitted = submitted();
    let OrderEvent::OrderSubmitted(order) = &mut submitted else { panic!("it was submitted") };
    let promotion_id = "save".parse().expect("a promotion id");
    order.lines[0].discounts = vec![Discount { promotion_id, off: Minor(100_001) }];
    let facts = vec![submitted, confirmed()];
    let order = become_(facts, &wanted(&[(1, 1), (2, 3)], 0)).expect("changed");
    // Half of 499,999, down to a whole unit, as nothing of it has left.
    assert_eq!(ordered(&order), [(1, 1, 249_999), (2, 1, 274_000), (3, 2, 548_000)]);
    assert_eq!(placed(&order).net_minor, Minor(249_999 + 274_000 + 548_000));
    assert_eq!(placed(&order).gross_minor, Minor(300_000 + 274_000 + 548_000));
    assert!(placed(&order).proposal.is_none() && placed(&order).changed);
}

#[test]
fn what_left_has_left() {
    let facts = || vec![submitted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)];
    let no = ChangeRefusal::LessThanShipped { line_no: 1, shipped: Quantity::of(1) };
    assert_eq!(refused(facts(), &wanted(&[(1, 0)], 0)), no.into());
    let order = become_(facts(), &wanted(&[(1, 1)], 0)).expect("changed");
    assert_eq!(ordered(&order), [(1, 1, 300_000), (2, 1, 274_000)]);
    let all = vec![submitted(), confirmed(), shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped)];
    assert_eq!(refused(all, &wanted(&[], 1)), OrderRefusal::AlreadyShipped);
}

#[test]
fn a_change_comes_to_something() {
    let facts = || vec![submitted(), confirmed()];
    let no = |wanted: &Wanted| refused(facts(), wanted);
    assert_eq!(no(&wanted(&[(1, 2)], 0)), ChangeRefusal::NothingChanges.into());
    assert_eq!(no(&wanted(&[(1, 0), (2, 0)], 0)), ChangeRefusal::NothingLeft.into());
    assert_eq!(no(&wanted(&[(9, 1)], 0)), OrderRefusal::LineNotFound { line_no: 9 });
    assert_eq!(no(&wanted(&[(1, 1), (1, 0)], 0)), OrderRefusal::LineTwice { line_no: 1 });
    let gone = vec![submitted(), cancelled()];
    assert_eq!(refused(gone, &wanted(&[(1, 1)], 0)), OrderRefusal::OrderCancelled);
}

#[test]
fn one_change_waits_at_a_time_and_a_confirmed_order_changes_only_by_it() {
    let order: Order = after([submitted(), confirmed()]);
    let all = asked(&order, &wanted(&[(1, 1)], 0), None).expect("asked");
    let [propose, make] = all.as_slice() else { panic!("it is proposed first") };
    let none = ChangeRefusal::NoChangeWaits;
    assert_eq!(order.decide(make.clone()), Err(none.clone().into()));
    let waits = order.after(propose.clone()).expect("proposed");
    assert_eq!(waits.decide(propose.clone()), Err(ChangeRefusal::ChangeWaits.into()));
    let refuse = ChangeCommand::Refuse { reason: "已备货".into() };
    for end in [ChangeCommand::Withdraw, refuse] {
        let ended = waits.after(OrderCommand::Change(end.clone())).expect("it waits");
        assert_eq!(placed(&ended).net_minor, Minor(874_000), "it stays as it is");
        assert_eq!(ended.decide(OrderCommand::Change(end)), Err(none.clone().into()));
    }
    // Somebody did without a part of the line since.
    let less = LineQuantity { line_no: 1, quantity: Quantity::of(1) };
    let reason = "不等了".to_owned();
    let less = waits.after(OrderCommand::GiveUp { lines: vec![less], reason }).expect("less");
    assert_eq!(less.decide(make.clone()), Err(ChangeRefusal::ChangeOutdated.into()));
}

#[test]
fn a_change_tells_what_became_of_the_lines() {
    let order: Order = after([submitted(), confirmed()]);
    let wanted = wanted(&[(1, 1), (2, 2)], 0);
    let changes = placed(&order).changes(&wanted, ToString::to_string).expect("it can");
    let change = |line_no, id: &str, before, after| LineChange {
        line_no,
        product_id: product_id(id),
        product_name: id.to_owned(),
        before: Quantity::of(before),
        after: Quantity::of(after),
    };
    assert_eq!(changes, [change(Some(1), "trail-1", 2, 1), change(None, "race-2", 0, 1)]);
    assert_eq!(submission().lines.len(), 2);
}

/// What pays an order: so much from rebates, prepaid money and credit.
fn paid(rebate: i64, prepaid: i64, credit: i64, choice: Choice) -> Payment {
    let standing = if credit > 0 { Standing::Reserved } else { Standing::NotNeeded };
    Payment {
        rebate_minor: Minor(rebate),
        prepaid_minor: Minor(prepaid),
        credit_minor: Minor(credit),
        credit_dealer_id: (credit > 0).then(|| submission().dealer_id),
        standing,
        choice,
        ..Payment::default()
    }
}

/// What it is paid from once it is changed, of a dealer who has this much: rebates, prepaid money,
/// credit, open.
fn paid_after(payment: Payment, wanted: &Wanted, means: &Means) -> [i64; 4] {
    let Submission { order_id, dealer_id, currency, .. } = submission();
    let status = OrderStatus::Submitted;
    let allocated = OrderEvent::PaymentAllocated { order_id, dealer_id, currency, payment, status };
    let mut order: Order = after([submitted(), allocated]);
    for command in asked(&order, wanted, Some(means)).expect("asked") {
        order = order.after(command).expect("changed");
    }
    let paid = placed(&order).payment.clone().expect("it is paid here");
    [paid.rebate_minor, paid.prepaid_minor, paid.credit_minor, paid.open_minor].map(|it| it.0)
}

fn rich(rebate_share: u32) -> Means {
    let (dealer_id, left) = (submission().dealer_id, Minor(9_000_000));
    let credit = Some(Lender { dealer_id, left, kept_back: Vec::new() });
    Means { rebate: Minor(900_000), rebate_share, prepaid: Minor(100_000), credit }
}

#[test]
fn a_change_is_paid_from_what_the_dealer_wanted_to_pay_from() {
    // 874,000, and a trail bike of 300,000 more.
    let more = |payment| paid_after(payment, &wanted(&[(1, 3)], 0), &rich(30));
    let everything = Choice::default();
    assert_eq!(more(paid(0, 874_000, 0, everything)), [300_000, 874_000, 0, 0]);
    let no_rebates = Choice { rebate: false, ..everything };
    assert_eq!(more(paid(0, 874_000, 0, no_rebates)), [0, 974_000, 200_000, 0]);
    let money = Choice { rebate: false, prepaid: true, credit: false };
    assert_eq!(more(paid(0, 874_000, 0, money)), [0, 974_000, 0, 200_000]);
    let credit = Choice { rebate: false, prepaid: false, credit: true };
    assert_eq!(more(paid(0, 0, 874_000, credit)), [0, 0, 1_174_000, 0]);
    // It was submitted so, and paid otherwise later.
    let open = rich(30).pay(Minor(1_000), money);
    assert_eq!(open.choice, money);
    assert_eq!(rich(30).pay_more(&open, Minor(1_000), no_rebates).choice, no_rebates);
}

#[test]
fn rebates_that_were_granted_stay_when_the_share_becomes_smaller() {
    // 30 % of 874,000 when it was ordered.
    let had = || paid(262_200, 611_800, 0, Choice::default());
    let after = |wanted: &Wanted, share| paid_after(had(), wanted, &rich(share));
    // A race bike less: 600,000.
    for share in [0, 10, 30] {
        assert_eq!(after(&wanted(&[(2, 0)], 0), share), [180_000, 420_000, 0, 0], "{share} %");
    }
    // Of what the rules allow now nothing is taken either.
    assert_eq!(after(&wanted(&[(2, 0)], 0), 50), [262_200, 337_800, 0, 0]);
    assert_eq!(after(&wanted(&[(2, 0)], 0), 40), [240_000, 360_000, 0, 0]);
    // More goods are paid from other funds: 1,174,000.
    assert_eq!(after(&wanted(&[(1, 3)], 0), 0), [262_200, 711_800, 200_000, 0]);
    // All of it was paid by rebates once; they pay no more than it costs.
    let all = paid(874_000, 0, 0, Choice::default());
    assert_eq!(paid_after(all, &wanted(&[(2, 0)], 0), &rich(0)), [600_000, 0, 0, 0]);
}

#[derive(Clone, Debug)]
enum Step {
    Change(Vec<(u32, u32)>, u32),
    Confirm,
    Ship(u32, u32),
    Receive,
    GiveUp(u32, u32),
    Close,
    Cancel,
}

fn step() -> impl Strategy<Value = Step> {
    let moved = || prop::collection::vec((1..6_u32, 0..7_u32), 0..3);
    prop_oneof![
        5 => (moved(), 0..3_u32).prop_map(|(moved, added)| Step::Change(moved, added)),
        2 => Just(Step::Confirm),
        4 => (1..6_u32, 1..4_u32).prop_map(|(line, units)| Step::Ship(line, units)),
        2 => Just(Step::Receive),
        1 => (1..6_u32, 1..4_u32).prop_map(|(line, units)| Step::GiveUp(line, units)),
        1 => Just(Step::Close),
        1 => Just(Step::Cancel),
    ]
}

/// What an order costs is what its lines do, what it keeps is what is open of them, and nothing is less
/// than nothing.
fn holds(order: &Order, before: &Order) {
    let now = placed(order);
    let net: i64 = now.lines.iter().map(|line| line.net.0).sum();
    assert_eq!(now.net_minor.0, net, "the total is that of the lines");
    let mut kept = 0;
    for (product_id, shift) in before.stock_shifts(order) {
        let release = shift.release.get() + shift.capture.get();
        kept += shift.hold.get() - release;
        assert!(shift.hold.is_zero() || shift.release.is_zero(), "{product_id}: not both");
    }
    let open = |order: &Placed| {
        let gone = order.commercial == order::order::Commercial::Cancelled;
        let open = order.lines.iter().map(|line| line.ordered.less(line.shipped));
        if gone || !order.stocked { 0 } else { Quantity::total(open).get() }
    };
    assert_eq!(kept, open(now) - open(placed(before)), "what is kept is what is open");
    for (line, was) in now.lines.iter().zip(&placed(before).lines) {
        assert!(line.shipped <= line.ordered && line.net >= Minor::ZERO, "{line:?}");
        assert_eq!(line.line_no, was.line_no, "lines keep their numbers");
    }
}

proptest! {
    #[test]
    fn goods_and_amounts_are_conserved_by_changes(
        steps in prop::collection::vec(step(), 1..40),
        off in 0..90_000_i64,
    ) {
        let mut submission = submission();
        submission.stocked = true;
        let promotion_id = "save".parse().expect("a promotion id");
        submission.lines[0].discounts = vec![Discount { promotion_id, off: Minor(off) }];
        let begin = OrderCommand::Submit(Box::new(submission));
        let mut order = Order::default().after(begin).expect("submitted");
        for step in steps {
            let why = || "property".to_owned();
            let commands = match step {
                Step::Change(moved, added) => {
                    asked(&order, &wanted(&moved, added), None).unwrap_or_default()
                }
                Step::Confirm => vec![OrderCommand::Confirm],
                Step::Ship(line, units) => vec![OrderCommand::Ship(lines(&[(line, units)]))],
                Step::Receive => vec![OrderCommand::Receive(vec![].into())],
                Step::GiveUp(line, units) => {
                    let lines = lines(&[(line, units)]);
                    vec![OrderCommand::GiveUp { lines, reason: why() }]
                }
                Step::Close => vec![OrderCommand::CloseShort { reason: why() }],
                Step::Cancel => vec![OrderCommand::Cancel { reason: why() }],
            };
            for command in commands {
                let before = order.clone();
                let Ok(events) = order.decide(command) else { continue };
                events.into_iter().for_each(|event| order.evolve(event));
                holds(&order, &before);
            }
        }
    }
}
