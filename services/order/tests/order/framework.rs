//! A decider is an aggregate to cqrs-es as well: its own test framework runs the rules of an order.

use cqrs_es::test::TestFramework;
use kernel::decider::Stateful;
use kernel::event::Stored;
use order::order::OrderCommand::{Confirm, Ship};
use order::order::{Order, OrderEvent, OrderRefusal, OrderStatus};
use values::Quantity;

use crate::world::{confirmed, lines, shipped, submit, submitted};

fn orders() -> TestFramework<Stateful<Order>> {
    TestFramework::with(())
}

fn stored<const N: usize>(events: [OrderEvent; N]) -> Vec<Stored<OrderEvent>> {
    events.map(Stored).into()
}

#[test]
fn the_framework_of_cqrs_es_sees_facts() {
    orders().given_no_previous_events().when(submit()).then_expect_events(stored([submitted()]));
    orders()
        .given(stored([submitted(), confirmed()]))
        .when(Ship(vec![]))
        .then_expect_events(stored([shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped)]));
}

#[test]
fn the_framework_of_cqrs_es_sees_refusals() {
    orders()
        .given(stored([submitted(), confirmed()]))
        .when(Ship(lines(&[(1, 3)])))
        .then_expect_error(OrderRefusal::MoreThanOrdered { line_no: 1, open: Quantity::of(2) });
    let unknown = orders().given_no_previous_events().when(Confirm).inspect_result();
    assert!(unknown.is_err(), "an order that was never submitted can not be confirmed");
}
