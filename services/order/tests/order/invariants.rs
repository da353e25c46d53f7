//! What holds after any sequence of commands.

use kernel::Decider as _;
use order::after_sale::Cause;
use order::order::{
    Arrival, Commercial, Difference, Fulfilment, LineQuantity, Order, OrderCommand, OrderEvent,
    OrderStatus, Placed, SettledLine,
};
use order::rating::Rating;
use proptest::prelude::*;
use values::{AfterSaleId, Minor, Quantity};

use crate::world::{Shop, after, basket, usd};

#[derive(Clone, Debug)]
enum Step {
    Submit(Vec<(bool, u32)>),
    Confirm,
    Ship(Vec<(u32, u32)>),
    Receive(Vec<(u32, u32)>, Vec<(u32, u32)>),
    Open(Vec<(u32, u32)>),
    End(u32, i64),
    Rate,
    Cancel,
    Close,
    GiveUp(Vec<(u32, u32)>),
    Release,
    Refuse,
    Pay,
}

fn step() -> impl Strategy<Value = Step> {
    let moved = || prop::collection::vec((1..5_u32, 1..6_u32), 0..4);
    prop_oneof![
        1 => prop::collection::vec((any::<bool>(), 1..6_u32), 1..4).prop_map(Step::Submit),
        2 => Just(Step::Confirm),
        6 => moved().prop_map(Step::Ship),
        6 => (moved(), moved()).prop_map(|(well, not)| Step::Receive(well, not)),
        2 => moved().prop_map(Step::Open),
        2 => (0..3_u32, 0..900_000_i64).prop_map(|(units, amount)| Step::End(units, amount)),
        1 => Just(Step::Rate),
        1 => Just(Step::Cancel),
        1 => Just(Step::Close),
        2 => moved().prop_map(Step::GiveUp),
        1 => Just(Step::Release),
        1 => Just(Step::Refuse),
        1 => Just(Step::Pay),
    ]
}

fn command(step: &Step) -> OrderCommand {
    let lines = |moved: &[(u32, u32)]| {
        let line = |&(line_no, units): &(u32, u32)| LineQuantity {
            line_no,
            quantity: Quantity::of(units),
        };
        moved.iter().map(line).collect()
    };
    match step {
        Step::Submit(wanted) => {
            let line = |&(trail, units): &(bool, u32)| {
                (if trail { "trail-1" } else { "race-2" }, units, None)
            };
            let wanted: Vec<_> = wanted.iter().map(line).collect();
            let submission = Shop::open().price(&basket(&wanted)).expect("priced");
            OrderCommand::Submit(Box::new(submission))
        }
        Step::Confirm => OrderCommand::Confirm,
        Step::Ship(moved) => OrderCommand::Ship(lines(moved)),
        Step::Receive(well, not) => {
            let differing = (!not.is_empty()).then(|| (case(), not.iter().map(damaged).collect()));
            OrderCommand::Receive(Arrival { lines: lines(well), differing })
        }
        Step::Open(moved) => {
            OrderCommand::OpenAfterSale { after_sale_id: case(), lines: lines(moved) }
        }
        Step::End(units, amount) => OrderCommand::EndAfterSale {
            after_sale_id: case(),
            settled: lines(&[(1, *units)]),
            amount: Minor(*amount),
        },
        Step::Rate => OrderCommand::Rate(Rating { goods: 5, service: 4, comment: String::new() }),
        Step::Cancel => OrderCommand::Cancel { reason: "property".into() },
        Step::Close => OrderCommand::CloseShort { reason: "property".into() },
        Step::GiveUp(moved) => {
            OrderCommand::GiveUp { lines: lines(moved), reason: "property".into() }
        }
        Step::Release => OrderCommand::ReleaseHold {
            lender: basket(&[]).dealer_id,
            reason: "property".into(),
            confirm: false,
        },
        Step::Refuse => OrderCommand::RefuseCredit { reason: "property".into() },
        // It is paid elsewhere, so there is nothing to pay here.
        Step::Pay => OrderCommand::Pay { payment: Box::default(), confirm: false },
    }
}

/// One case at a time is enough here; `after_sales` has many.
fn case() -> AfterSaleId {
    "AS-000001".parse().expect("a number")
}

fn damaged(&(line_no, units): &(u32, u32)) -> Difference {
    let (quantity, note) = (Quantity::of(units), String::new());
    Difference { line_no, cause: Cause::Damaged, quantity, note }
}

/// The statuses that may follow a status.
fn may_follow(before: Option<OrderStatus>, after: OrderStatus) -> bool {
    use OrderStatus::{
        AwaitingPayment, Cancelled, Confirmed, OnHold, PartlyReceived, PartlyShipped, Received,
        Shipped, Submitted,
    };
    let allowed: &[OrderStatus] = match before {
        None => &[Submitted],
        Some(Submitted) => &[Confirmed, Cancelled],
        Some(Confirmed) => &[Confirmed, PartlyShipped, Shipped, Cancelled],
        Some(PartlyShipped) => &[PartlyShipped, Shipped, PartlyReceived],
        Some(Shipped) => &[PartlyReceived, Received],
        Some(PartlyReceived) => &[PartlyReceived, Received],
        // What is said of goods that have arrived changes nothing of the order's way.
        Some(Received) => &[Received],
        Some(Cancelled) => &[],
        // Orders of this test are paid elsewhere; the others are those of `paying`.
        Some(OnHold | AwaitingPayment) => &[],
    };
    allowed.contains(&after)
}

fn holds(order: &Placed) {
    for line in &order.lines {
        let arrived = line.received.plus(line.disputed);
        assert!(arrived <= line.shipped, "more arrived than shipped: {line:?}");
        assert!(line.claimed.plus(line.settled) <= arrived, "claimed twice: {line:?}");
        assert!(line.settled_worth <= line.net, "worth more than paid: {line:?}");
        assert!(line.shipped <= line.ordered, "more shipped than ordered: {line:?}");
    }
    let moved = order.fulfilment() != Fulfilment::None;
    assert!(!moved || order.commercial == Commercial::Confirmed, "goods moved without a deal");
}

fn amounts_add_up(event: &OrderEvent) {
    if let OrderEvent::OrderSubmitted(order) = event {
        for line in &order.lines {
            assert_eq!(line.unit_price_minor.times(line.quantity), Ok(line.gross_minor));
        }
        let gross = Minor::total(order.lines.iter().map(|line| line.gross_minor));
        assert_eq!(gross, Ok(order.gross_minor));
        let quantity = Quantity::total(order.lines.iter().map(|line| line.quantity));
        assert_eq!(quantity, order.quantity);
    }
}

proptest! {
    #[test]
    fn money_and_goods_are_conserved(steps in prop::collection::vec(step(), 1..40)) {
        let mut order = Order::default();
        let mut happened: Vec<OrderEvent> = vec![];
        // Most sequences are about an order that exists.
        let begin = [Step::Submit(vec![(true, 4), (false, 3)]), Step::Confirm];
        for step in begin.iter().chain(&steps) {
            let before = order.clone();
            let Ok(events) = order.decide(command(step)) else {
                prop_assert_eq!(&order, &before);
                continue;
            };
            for event in events {
                amounts_add_up(&event);
                let told = event.status();
                prop_assert!(may_follow(order.status(), told), "{:?} → {told:?}", order.status());
                order.evolve(event.clone());
                prop_assert_eq!(order.status(), Some(told));
                happened.push(event);
            }
            if let Order::Placed(placed) = &order {
                holds(placed);
            }
        }
        let replayed: Order = after(happened);
        prop_assert_eq!(replayed, order);
    }

    #[test]
    fn any_order_of_facts_can_be_read(steps in prop::collection::vec(step(), 0..20)) {
        // Facts as no decider would ever put them: evolve must take them all the same.
        let order_id = basket(&[]).order_id;
        let status = OrderStatus::Confirmed;
        let mut order = Order::default();
        for step in steps {
            order.evolve(match command(&step) {
                OrderCommand::Submit(_) => crate::world::submitted(),
                OrderCommand::Confirm => {
                    OrderEvent::OrderConfirmed { order_id: order_id.clone(), status }
                }
                OrderCommand::Ship(lines) => {
                    OrderEvent::OrderShipped { order_id: order_id.clone(), lines, status }
                }
                OrderCommand::Receive(Arrival { lines, differing }) => {
                    let order_id = order_id.clone();
                    let differences = differing.unwrap_or_else(|| (case(), vec![])).1;
                    OrderEvent::OrderReceived { order_id, lines, differences, status }
                }
                command @ (OrderCommand::OpenAfterSale { .. }
                | OrderCommand::EndAfterSale { .. }
                | OrderCommand::Rate(_)) => said_of_goods(command, status),
                OrderCommand::Cancel { reason } => {
                    OrderEvent::OrderCancelled { order_id: order_id.clone(), reason, status }
                }
                OrderCommand::CloseShort { reason } | OrderCommand::GiveUp { reason, .. } => {
                    OrderEvent::OrderShortClosed {
                        order_id: order_id.clone(),
                        dealer_id: basket(&[]).dealer_id,
                        currency: usd(),
                        lines: vec![],
                        net_minor: Minor::ZERO,
                        payment: None,
                        reason,
                        status,
                    }
                }
                OrderCommand::ReleaseHold { lender, reason, .. } => {
                    let (order_id, credit_dealer_id) = (order_id.clone(), lender);
                    OrderEvent::CreditHoldReleased { order_id, credit_dealer_id, reason, status }
                }
                OrderCommand::RefuseCredit { reason } => {
                    OrderEvent::CreditRefused { order_id: order_id.clone(), reason, status }
                }
                OrderCommand::Capture { .. }
                | OrderCommand::Expire { .. }
                | OrderCommand::Review(_)
                | OrderCommand::Change(_) => unreachable!("no step does that"),
                OrderCommand::Pay { payment, .. } => OrderEvent::PaymentAllocated {
                    order_id: order_id.clone(),
                    dealer_id: basket(&[]).dealer_id,
                    currency: usd(),
                    payment: *payment,
                    status,
                },
            });
            let _ = order.status();
        }
    }
}

/// What a dealer says of its goods, as a fact.
fn said_of_goods(command: OrderCommand, status: OrderStatus) -> OrderEvent {
    let order_id = basket(&[]).order_id;
    if let OrderCommand::OpenAfterSale { after_sale_id, lines } = command {
        return OrderEvent::AfterSaleOpened { order_id, after_sale_id, lines, status };
    }
    if let OrderCommand::Rate(rating) = command {
        let dealer_id = basket(&[]).dealer_id;
        return OrderEvent::OrderRated { order_id, dealer_id, rating, status };
    }
    let OrderCommand::EndAfterSale { after_sale_id, settled, amount } = command else {
        unreachable!("it says nothing of goods: {command:?}");
    };
    let settled = settled.iter().map(|line| SettledLine {
        line_no: line.line_no,
        quantity: line.quantity,
        worth_minor: amount,
    });
    OrderEvent::AfterSaleEnded {
        order_id,
        after_sale_id,
        lines: vec![],
        settled: settled.collect(),
        refunds: vec![],
        status,
    }
}
