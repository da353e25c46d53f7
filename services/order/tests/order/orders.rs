//! What an order allows, step by step.

use kernel::spec::{given, given_nothing};
use kernel::{DomainEvent as _, Refusal as _, RefusalKind};
use order::order::OrderCommand::{Cancel, Confirm, Receive, Ship};
use order::order::{Arrival, Order, OrderEvent, OrderRefusal, OrderStatus};
use order::territory::Territory;
use values::{Quantity, Sight};

use crate::world::{cancelled, confirmed, lines, received, shipped, submit, submitted};

fn cancel() -> order::order::OrderCommand {
    Cancel { reason: "下错型号".into() }
}

#[test]
fn a_dealer_can_submit_an_order() {
    given_nothing::<Order>().when(submit()).then([submitted()]);
}

#[test]
fn an_order_goes_from_submission_to_receipt() {
    let order = given::<Order>([submitted()]).when(Confirm).then([confirmed()]);
    assert_eq!(order.status(), Some(OrderStatus::Confirmed));

    given::<Order>([submitted(), confirmed()])
        .when(Ship(vec![]))
        .then([shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped)]);

    given::<Order>([submitted(), confirmed(), shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped)])
        .when(Receive(Arrival::default()))
        .then([received(&[(1, 2), (2, 1)], OrderStatus::Received)]);
}

#[test]
fn goods_leave_and_arrive_in_parts() {
    let before = || vec![submitted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)];
    given::<Order>(before())
        .when(Ship(vec![]))
        .then([shipped(&[(1, 1), (2, 1)], OrderStatus::Shipped)]);
    given::<Order>(before())
        .when(Receive(Arrival::default()))
        .then([received(&[(1, 1)], OrderStatus::PartlyReceived)]);
    given::<Order>(before())
        .when(Ship(lines(&[(2, 1)])))
        .then([shipped(&[(2, 1)], OrderStatus::PartlyShipped)]);
}

#[test]
fn no_more_is_shipped_than_was_ordered() {
    let more = |open| OrderRefusal::MoreThanOrdered { line_no: 1, open: Quantity::of(open) };
    given::<Order>([submitted(), confirmed()]).when(Ship(lines(&[(1, 3)]))).then_refused(more(2));
    given::<Order>([submitted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)])
        .when(Ship(lines(&[(1, 2)])))
        .then_refused(more(1));
}

#[test]
fn no_more_is_received_than_was_shipped() {
    given::<Order>([submitted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)])
        .when(Receive(lines(&[(1, 2)]).into()))
        .then_refused(OrderRefusal::MoreThanShipped { line_no: 1, open: Quantity::of(1) });
}

#[test]
fn a_line_can_not_be_named_twice_to_ship_more() {
    given::<Order>([submitted(), confirmed()])
        .when(Ship(lines(&[(1, 2), (1, 2)])))
        .then_refused(OrderRefusal::LineTwice { line_no: 1 });
}

#[test]
fn only_lines_of_the_order_are_shipped() {
    given::<Order>([submitted(), confirmed()])
        .when(Ship(lines(&[(3, 1)])))
        .then_refused(OrderRefusal::LineNotFound { line_no: 3 });
}

#[test]
fn an_order_must_be_confirmed_before_goods_move() {
    given::<Order>([submitted()]).when(Ship(vec![])).then_refused(OrderRefusal::NotConfirmed);
    given::<Order>([submitted()])
        .when(Receive(Arrival::default()))
        .then_refused(OrderRefusal::NotConfirmed);
}

#[test]
fn nothing_is_received_before_it_was_shipped() {
    given::<Order>([submitted(), confirmed()])
        .when(Receive(Arrival::default()))
        .then_refused(OrderRefusal::NothingToReceive);
}

#[test]
fn an_order_can_be_cancelled_until_something_was_shipped() {
    given::<Order>([submitted()]).when(cancel()).then([cancelled()]);
    given::<Order>([submitted(), confirmed()]).when(cancel()).then([cancelled()]);
    given::<Order>([submitted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)])
        .when(cancel())
        .then_refused(OrderRefusal::GoodsShipped { shipped: Quantity::of(1) });
}

#[test]
fn a_repeated_act_is_told_so() {
    let all = [(1, 2), (2, 1)];
    let shipped_all = || vec![submitted(), confirmed(), shipped(&all, OrderStatus::Shipped)];
    let received_all = received(&all, OrderStatus::Received);

    given::<Order>([submitted()]).when(submit()).then_refused(OrderRefusal::AlreadySubmitted);
    given::<Order>([submitted(), confirmed()])
        .when(Confirm)
        .then_refused(OrderRefusal::AlreadyConfirmed);
    given::<Order>(shipped_all()).when(Ship(vec![])).then_refused(OrderRefusal::AlreadyShipped);
    given::<Order>(shipped_all().into_iter().chain([received_all]))
        .when(Receive(Arrival::default()))
        .then_refused(OrderRefusal::AlreadyReceived);
    given::<Order>([submitted(), cancelled()])
        .when(cancel())
        .then_refused(OrderRefusal::AlreadyCancelled);
}

#[test]
fn nothing_more_happens_to_a_cancelled_order() {
    for command in [Confirm, Ship(vec![]), Receive(Arrival::default())] {
        given::<Order>([submitted(), cancelled()])
            .when(command)
            .then_refused(OrderRefusal::OrderCancelled);
    }
}

#[test]
fn an_order_nobody_submitted_is_not_found() {
    for command in [Confirm, Ship(vec![]), Receive(Arrival::default()), cancel()] {
        given_nothing::<Order>().when(command).then_refused(OrderRefusal::OrderNotFound);
    }
}

#[test]
fn people_act_on_the_orders_that_they_see() {
    let dealer = |id: &str| Sight::parse(Some(id), &[]).expect("a dealer id");
    let region = |id: &str| Sight::parse(None, &[id.to_owned()]).expect("a region id");
    let order = given::<Order>([submitted()]).state();
    let (nothing, day) = (Territory::default(), "2026-11-23".parse().expect("a day"));
    for seen in [dealer("kansas-29ers"), region("root"), Sight::Everything] {
        assert_eq!(order.open_to(&seen, &nothing, day), Ok(()), "{seen:?}");
    }
    for unseen in [dealer("denver"), region("elsewhere")] {
        let answer = order.open_to(&unseen, &nothing, day);
        assert_eq!(answer, Err(OrderRefusal::OrderNotFound), "{unseen:?}");
    }
    assert_eq!(OrderRefusal::OtherDealer.kind(), RefusalKind::PermissionDenied);
    assert_eq!(OrderRefusal::OtherDealer.reason(), "OTHER_DEALER");
}

#[test]
fn events_read_as_sentences() {
    let sentence = submitted().sentence();
    assert_eq!(sentence.zh, "堪萨斯 29ers 提交了订单 SO-000002：2 行，合计 USD 8,740.00");
    assert_eq!(sentence.en, "堪萨斯 29ers submitted order SO-000002: 2 lines, USD 8,740.00");

    let shipped = shipped(&[(1, 1)], OrderStatus::PartlyShipped).sentence();
    assert_eq!(shipped.zh, "订单 SO-000002 发货 1 行共 1 件，部分发货");
    assert_eq!(shipped.en, "order SO-000002: 1 unit of 1 line was shipped");

    let received = received(&[(1, 2), (2, 1)], OrderStatus::Received).sentence();
    assert_eq!(received.zh, "订单 SO-000002 签收 2 行共 3 件，已签收");
    assert_eq!(received.en, "order SO-000002: 3 units of 2 lines were received");
}

#[test]
fn an_order_placed_by_the_brand_says_so() {
    let OrderEvent::OrderSubmitted(mut order) = submitted() else { panic!("not a submission") };
    order.placed_on_behalf = true;
    let sentence = OrderEvent::OrderSubmitted(order).sentence();
    assert_eq!(sentence.zh, "堪萨斯 29ers 提交了订单 SO-000002（代下单）：2 行，合计 USD 8,740.00");
}

#[test]
fn the_shown_status_has_a_twin_in_the_contract() {
    use proto::order::v1::OrderStatus as Contract;
    use strum::IntoEnumIterator as _;

    for status in OrderStatus::iter() {
        let contract = Contract::from(status).as_str_name();
        assert_eq!(contract, format!("ORDER_STATUS_{}", status.as_ref()));
    }
}
