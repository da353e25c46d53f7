//! What an order is paid from, and that no money is made or lost on the way.

use std::collections::BTreeMap;

use kernel::Decider;
use kernel::spec::given;
use order::credit::{CreditAccount, CreditCommand, Following, HoldReason, Lending};
use order::order::paying::{Choice, Lender, Means, Positions, Standing};
use order::order::{
    Commercial, Order, OrderCommand, OrderEvent, OrderRefusal, OrderStatus, Payment, Submission,
};
use order::promotion::Discount;
use order::shift::{Position, Shift};
use order::wallet::{Purse, Source, Wallet, WalletCommand};
use proptest::prelude::*;
use values::{DealerId, Minor, PaymentId};

use crate::changing::{asked, wanted};
use crate::world::{
    Shop, after, basket, confirmed, day, lines, shipped, submission, submitted, usd,
};

const NET: i64 = 874_000;
const REBATES: i64 = 300_000;
const ALL: Choice = Choice { rebate: true, prepaid: true, credit: true };

fn dealer() -> DealerId {
    "kansas-29ers".parse().expect("a dealer id")
}

fn means(rebate: i64, prepaid: i64, credit: Option<i64>) -> Means {
    Means {
        rebate: Minor(rebate),
        rebate_share: 30,
        prepaid: Minor(prepaid),
        credit: credit.map(|left| Lender {
            dealer_id: dealer(),
            left: Minor(left),
            kept_back: Vec::new(),
        }),
    }
}

fn parts(payment: &Payment) -> [i64; 4] {
    let Payment { rebate_minor, prepaid_minor, credit_minor, open_minor, .. } = payment;
    [rebate_minor.0, prepaid_minor.0, credit_minor.0, open_minor.0]
}

#[test]
fn rebates_come_first_then_prepaid_money_then_credit() {
    let paid = |means: &Means, choice| means.pay(Minor(1_000), choice);
    let all = means(500, 200, Some(10_000));
    assert_eq!(parts(&paid(&all, ALL)), [300, 200, 500, 0], "30 % of it at most by rebates");
    assert_eq!(paid(&all, ALL).standing, Standing::Reserved);
    assert_eq!(parts(&paid(&all, Choice { rebate: false, ..ALL })), [0, 200, 800, 0]);
    assert_eq!(parts(&paid(&all, Choice { credit: false, ..ALL })), [300, 200, 0, 500]);
    assert_eq!(parts(&paid(&means(0, 200, None), ALL)), [0, 200, 0, 800]);
    let rich = paid(&means(0, 5_000, Some(0)), ALL);
    assert_eq!((parts(&rich), rich.standing), ([0, 1_000, 0, 0], Standing::NotNeeded));
}

#[test]
fn an_order_waits_for_credit_that_is_not_there() {
    let payment = means(0, 200, Some(799)).pay(Minor(1_000), ALL);
    assert_eq!(parts(&payment), [0, 200, 800, 0]);
    assert_eq!(payment.standing, Standing::OnHold);
    assert_eq!(payment.hold_reasons, [HoldReason::OverLimit]);
    assert_eq!(payment.missing_credit_minor, Minor(1));
    // Money that came in since pays it instead.
    let later = means(0, 900, Some(0)).pay_more(&payment, Minor(1_000), ALL);
    assert_eq!((parts(&later), later.standing), ([0, 1_000, 0, 0], Standing::NotNeeded));
    // Rebates that it has are part of the share.
    let most = means(1_000, 0, None);
    let first = most.pay(Minor(1_000), ALL);
    assert_eq!(parts(&most.pay_more(&first, Minor(1_000), ALL)), [300, 0, 0, 700]);
}

fn allocated(payment: Payment, status: OrderStatus) -> OrderEvent {
    let submission = submission();
    OrderEvent::PaymentAllocated {
        order_id: submission.order_id,
        dealer_id: submission.dealer_id,
        currency: submission.currency,
        payment,
        status,
    }
}

fn on_hold() -> Payment {
    means(0, 200_000, Some(0)).pay(Minor(NET), ALL)
}

fn released(status: OrderStatus) -> OrderEvent {
    let order_id = submission().order_id;
    let credit_dealer_id = dealer();
    OrderEvent::CreditHoldReleased {
        order_id, credit_dealer_id, reason: "老客户".into(), status
    }
}

fn release(confirm: bool) -> OrderCommand {
    OrderCommand::ReleaseHold { lender: dealer(), reason: "老客户".into(), confirm }
}

fn refuse() -> OrderCommand {
    OrderCommand::RefuseCredit { reason: "逾期过久".into() }
}

#[test]
fn an_order_says_what_it_is_paid_from() {
    let submit = |payment: Payment, reviewed| {
        let mut order = submission();
        (order.payment, order.reviewed) = (Some(payment), reviewed);
        OrderCommand::Submit(Box::new(order))
    };
    let covered = || means(0, 0, Some(NET)).pay(Minor(NET), ALL);
    let new = kernel::spec::given_nothing::<Order>;
    new()
        .when(submit(covered(), true))
        .then([submitted(), allocated(covered(), OrderStatus::Submitted)]);
    // Nobody has to look at it, so it goes on by itself.
    new().when(submit(covered(), false)).then([
        submitted(),
        allocated(covered(), OrderStatus::Submitted),
        confirmed(),
    ]);
    new()
        .when(submit(on_hold(), false))
        .then([submitted(), allocated(on_hold(), OrderStatus::OnHold)]);
    let open = || means(0, 0, None).pay(Minor(NET), ALL);
    new()
        .when(submit(open(), false))
        .then([submitted(), allocated(open(), OrderStatus::AwaitingPayment)]);
}

#[test]
fn an_order_on_hold_is_released_refused_or_paid_otherwise() {
    let before = || vec![submitted(), allocated(on_hold(), OrderStatus::OnHold)];
    given::<Order>(before()).when(OrderCommand::Confirm).then_refused(OrderRefusal::CreditOnHold);
    given::<Order>(before()).when(release(false)).then([released(OrderStatus::Submitted)]);
    given::<Order>(before())
        .when(release(true))
        .then([released(OrderStatus::Submitted), confirmed()]);
    let (order_id, reason) = (submission().order_id, String::from("逾期过久"));
    let status = OrderStatus::Cancelled;
    let refused = given::<Order>(before()).when(refuse()).then([
        OrderEvent::CreditRefused { order_id: order_id.clone(), reason: reason.clone(), status },
        OrderEvent::OrderCancelled { order_id, reason, status },
    ]);
    assert_eq!(refused.positions(), Positions::default(), "nothing is kept for it any more");
    given::<Order>(vec![submitted()]).when(refuse()).then_refused(OrderRefusal::NotOnHold);
    given::<Order>(vec![submitted()]).when(release(true)).then_refused(OrderRefusal::NotOnHold);
    let paid = || means(0, NET, None).pay(Minor(NET), ALL);
    let pay = || OrderCommand::Pay { payment: Box::new(paid()), confirm: false };
    given::<Order>(before()).when(pay()).then([allocated(paid(), OrderStatus::Submitted)]);
    let gone = vec![submitted(), crate::world::cancelled()];
    given::<Order>(gone).when(pay()).then_refused(OrderRefusal::OrderCancelled);
}

#[test]
fn an_order_that_is_not_paid_is_not_confirmed() {
    let open = means(0, 0, None).pay(Minor(NET), ALL);
    let before = vec![submitted(), allocated(open, OrderStatus::AwaitingPayment)];
    given::<Order>(before)
        .when(OrderCommand::Confirm)
        .then_refused(OrderRefusal::NotPaid { open: Minor(NET), currency: usd() });
}

#[test]
fn deliveries_use_money_up_in_the_order_in_which_it_was_taken() {
    let payment = means(0, 500_000, Some(NET)).pay(Minor(NET), ALL);
    let order = |shipments: Vec<OrderEvent>| -> Positions {
        let begin = [submitted(), allocated(payment.clone(), OrderStatus::Submitted), confirmed()];
        after::<Order>(begin.into_iter().chain(shipments)).positions()
    };
    let at = |held, captured| Position { held: Minor(held), captured: Minor(captured) };
    let nothing = order(vec![]);
    assert_eq!((nothing.prepaid, nothing.credit), (at(500_000, 0), at(374_000, 0)));
    // One of two trail bikes: 300,000.
    let one = order(vec![shipped(&[(1, 1)], OrderStatus::PartlyShipped)]);
    assert_eq!((one.prepaid, one.credit), (at(200_000, 300_000), at(374_000, 0)));
    let all = order(vec![shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped)]);
    assert_eq!((all.prepaid, all.credit), (at(0, 500_000), at(0, 374_000)));
}

/// A dealer's accounts as the services of this context keep them: every order is followed.
#[derive(Default)]
struct Accounts {
    wallet: Wallet,
    credit: CreditAccount,
    orders: Vec<Order>,
    /// What the brand has of payments through providers.
    online: BTreeMap<PaymentId, i64>,
}

impl Accounts {
    fn new(prepaid: i64, rebate: i64, limit: i64) -> Self {
        let mut new = Self::default();
        for (purse, amount) in [(Purse::Prepaid, prepaid), (Purse::Rebate, rebate)] {
            let source = Source::Grant { reason: "begin".into() };
            let (dealer_id, amount, currency) = (dealer(), Minor(amount), usd());
            ask(
                &mut new.wallet,
                WalletCommand::Credit { dealer_id, purse, amount, currency, source },
            )
            .expect("credited");
        }
        new.limit(limit);
        new
    }

    fn limit(&mut self, limit: i64) {
        let command = CreditCommand::SetLimit {
            dealer_id: dealer(),
            currency: usd(),
            limit: Minor(limit),
            payment_days: 30,
            today: day("2026-11-23"),
            reason: String::new(),
        };
        ask(&mut self.credit, command).expect("set");
    }

    fn means(&self) -> Means {
        let rules = order::order_rules::Rules {
            settled_here: true,
            rebate_share_percent: 30,
            ..Default::default()
        };
        let today = day("2026-11-23");
        Means::of(&self.wallet, (&dealer(), &self.credit), rules, &usd(), today)
    }

    /// Lets an order do something; accounts follow, or nothing happens at all.
    fn act(&mut self, index: usize, command: OrderCommand) {
        let before = self.orders[index].clone();
        let Ok(order) = before.after(command) else { return };
        let (from, to) = (before.positions(), order.positions());
        let order_id = format!("SO-{index}").parse().expect("an order id");
        let (mut wallet, mut credit) = (self.wallet.clone(), self.credit.clone());
        let shifts = vec![
            (Purse::Rebate, Shift::between(from.rebate, to.rebate)),
            (Purse::Prepaid, Shift::between(from.prepaid, to.prepaid)),
        ];
        let (dealer_id, currency) = (dealer(), usd());
        let follow = WalletCommand::Follow {
            dealer_id,
            order_id: Clone::clone(&order_id),
            currency,
            shifts,
        };
        let following = CreditCommand::Follow(Box::new(Following {
            dealer_id: dealer(),
            order_id,
            currency: usd(),
            shift: Shift::between(from.credit, to.credit),
            today: day("2026-11-23"),
            terms: Lending::default(),
        }));
        if ask(&mut wallet, follow).is_ok() && ask(&mut credit, following).is_ok() {
            for (payment_id, amount) in before.online_refunds(&order) {
                *self.online.get_mut(&payment_id).expect("it was paid") -= amount.0;
            }
            (self.wallet, self.credit, self.orders[index]) = (wallet, credit, order);
        }
    }

    /// A provider has money for an order: all that it needs, or a part.
    fn capture(&mut self, index: usize, part: i64) {
        let Order::Placed(placed) = &self.orders[index] else { return };
        let amount = Minor(placed.needed().0 / part);
        if amount <= Minor::ZERO {
            return;
        }
        let payment_id: PaymentId =
            format!("PM{:06}", self.online.len()).parse().expect("a payment id");
        self.online.insert(payment_id.clone(), amount.0);
        self.act(index, OrderCommand::Capture { payment_id, amount, confirm: true });
    }

    fn holds(&self, begin: i64) {
        let sum = |pick: fn(&Positions) -> Position| {
            let all = self.orders.iter().map(|order| pick(&order.positions()));
            all.fold((0, 0), |(held, captured), it| (held + it.held.0, captured + it.captured.0))
        };
        type Of = fn(&Positions) -> Position;
        let prepaid: Of = |it| it.prepaid;
        let rebate: Of = |it| it.rebate;
        for (purse, begin, of) in
            [(Purse::Prepaid, begin, prepaid), (Purse::Rebate, REBATES, rebate)]
        {
            let there = self.wallet.balance(purse);
            let (held, captured) = sum(of);
            assert_eq!(there.held_minor.0, held, "what is kept is what orders need");
            assert_eq!(there.balance_minor.0 + captured, begin, "money is neither made nor lost");
            assert!(there.held_minor <= there.balance_minor, "nothing is kept that is not there");
        }
        let line = self.credit.line().expect("there is one");
        let (held, captured) = sum(|it| it.credit);
        assert_eq!(line.exposure.reserved_minor.0, held);
        assert_eq!(line.exposure.receivable_minor.0, captured);
        let owed: i64 = line.owed.iter().map(|owed| owed.open.0).sum();
        assert_eq!(owed, captured, "what is owed is known delivery by delivery");
        let kept = self.orders.iter().flat_map(Order::online);
        let kept = kept.map(|part| (part.payment_id.clone(), part.amount_minor.0)).collect();
        let mut there = self.online.clone();
        there.retain(|_, amount| *amount != 0);
        assert_eq!(there, kept, "what providers have is what orders need of it");
        self.orders.iter().for_each(costs_what_it_is_paid);
    }
}

/// An order that is wanted is paid to the last minor unit, and so is what it has used up once nothing
/// more is shipped of it.
fn costs_what_it_is_paid(order: &Order) {
    let Order::Placed(placed) = order else { return };
    if placed.commercial == Commercial::Cancelled {
        return;
    }
    let paid = placed.payment.as_ref().expect("it is paid here");
    let online = paid.online_minor().0;
    let parts: i64 = parts(paid).iter().sum();
    assert_eq!(parts + online, placed.net_minor.0);
    let lines = placed.lines.iter().map(|line| line.net).sum();
    assert_eq!(placed.net_minor, lines);
    if placed.lines.iter().any(|line| line.shipped < line.ordered) {
        return;
    }
    let Positions { rebate, prepaid, credit } = placed.positions();
    let all = [rebate, prepaid, credit];
    let captured: i64 = all.iter().map(|it| it.captured.0).sum();
    assert_eq!(captured + online, placed.net_minor.0, "it has used up what it costs");
    assert!(all.iter().all(|it| it.held == Minor::ZERO), "nothing is kept for it");
}

fn ask<D: Decider>(state: &mut D, command: D::Command) -> Result<Vec<D::Event>, D::Refusal> {
    let events = state.decide(command)?;
    events.iter().for_each(|event| state.evolve(event.clone()));
    Ok(events)
}

/// Trail and race bikes, with something off the trail bikes that no number of them divides.
fn discounted((trail, race): (u32, u32), off: i64) -> Submission {
    let basket = basket(&[("trail-1", trail, None), ("race-2", race, None)]);
    let mut order = Shop::open().price(&basket).expect("priced");
    let promotion_id = "save".parse().expect("a promotion id");
    order.lines[0].discounts = vec![Discount { promotion_id, off: Minor(off) }];
    order
}

#[derive(Clone, Debug)]
enum Step {
    Order(Choice, (u32, u32), i64),
    Capture(usize, i64),
    Confirm(usize),
    Ship(usize, u32, u32),
    Cancel(usize),
    Close(usize),
    GiveUp(usize, u32, u32),
    Change(usize, (u32, u32), u32),
    Release(usize),
    Pay(usize),
    Limit(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let choice = (any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(rebate, prepaid, credit)| Choice { rebate, prepaid, credit });
    prop_oneof![
        3 => (choice, (1..6_u32, 1..6_u32), 0..90_000_i64)
            .prop_map(|(choice, units, off)| Step::Order(choice, units, off)),
        2 => (0..6_usize, 1..4_i64).prop_map(|(i, part)| Step::Capture(i, part)),
        3 => (0..6_usize).prop_map(Step::Confirm),
        4 => (0..6_usize, 1..3_u32, 1..3_u32).prop_map(|(i, line, n)| Step::Ship(i, line, n)),
        1 => (0..6_usize).prop_map(Step::Cancel),
        2 => (0..6_usize).prop_map(Step::Close),
        3 => (0..6_usize, 1..3_u32, 1..5_u32).prop_map(|(i, line, n)| Step::GiveUp(i, line, n)),
        4 => (0..6_usize, (1..4_u32, 0..7_u32), 0..3_u32)
            .prop_map(|(i, moved, added)| Step::Change(i, moved, added)),
        2 => (0..6_usize).prop_map(Step::Release),
        1 => (0..6_usize).prop_map(Step::Pay),
        1 => (0..4_000_000_i64).prop_map(Step::Limit),
    ]
}

proptest! {
    #[test]
    fn money_of_orders_is_conserved_and_credit_never_exceeded(
        steps in prop::collection::vec(step(), 1..40),
        prepaid in 0..2_000_000_i64,
        limit in 0..2_000_000_i64,
    ) {
        let mut accounts = Accounts::new(prepaid, REBATES, limit);
        for step in steps {
            let before = accounts.credit.line().expect("there is one").exposure.total();
            let cut = matches!(step, Step::Limit(_));
            let count = accounts.orders.len();
            match step {
                Step::Order(choice, units, off) => {
                    let mut order = discounted(units, off);
                    order.payment = Some(accounts.means().pay(order.net_minor(), choice));
                    accounts.orders.push(Order::default());
                    accounts.act(count, OrderCommand::Submit(Box::new(order)));
                }
                Step::Limit(limit) => accounts.limit(limit),
                _ if count == 0 => (),
                Step::Capture(i, part) => accounts.capture(i % count, part),
                Step::Close(i) => {
                    let reason = "property".into();
                    accounts.act(i % count, OrderCommand::CloseShort { reason });
                }
                Step::GiveUp(i, line, units) => {
                    let (lines, reason) = (lines(&[(line, units)]), "property".into());
                    accounts.act(i % count, OrderCommand::GiveUp { lines, reason });
                }
                Step::Change(i, moved, added) => {
                    let order = accounts.orders[i % count].clone();
                    let asked = match order {
                        Order::Placed(_) => {
                            asked(&order, &wanted(&[moved], added), Some(&accounts.means()))
                        }
                        Order::Unsubmitted => continue,
                    };
                    for command in asked.unwrap_or_default() {
                        accounts.act(i % count, command);
                    }
                }
                Step::Confirm(i) => accounts.act(i % count, OrderCommand::Confirm),
                Step::Ship(i, line, units) => {
                    accounts.act(i % count, OrderCommand::Ship(lines(&[(line, units)])));
                }
                Step::Cancel(i) => {
                    accounts.act(i % count, OrderCommand::Cancel { reason: "property".into() });
                }
                Step::Release(i) => accounts.act(i % count, release(true)),
                Step::Pay(i) => {
                    if let Order::Placed(placed) = &accounts.orders[i % count]
                        && let Some(paid) = &placed.payment
                    {
                        let payment = accounts.means().pay_more(paid, placed.net_minor, ALL);
                        let payment = Box::new(payment);
                        accounts.act(i % count, OrderCommand::Pay { payment, confirm: true });
                    }
                }
            }
            accounts.holds(prepaid);
            let line = accounts.credit.line().expect("there is one");
            let (now, ceiling) = (line.exposure.total(), line.ceiling(day("2026-11-23")));
            // A limit that is cut takes nothing back; but nothing grows above it.
            prop_assert!(now <= ceiling || now <= before || cut, "{now:?} of {ceiling:?}");
        }
    }
}
