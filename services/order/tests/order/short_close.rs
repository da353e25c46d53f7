//! An order of which a part was shipped ends with that part, and everything else is given back.

use kernel::Decider as _;
use kernel::spec::given;
use order::order::OrderCommand::{Cancel, CloseShort, Confirm, Receive, Ship};
use order::order::paying::{OnlinePart, Positions, Standing};
use order::order::{
    Arrival, ClosedLine, Order, OrderCommand, OrderEvent, OrderGift, OrderRefusal, OrderStatus,
    Payment,
};
use order::promotion::Discount;
use order::shift::Position;
use values::{Minor, PaymentId, PromotionId, Quantity};

use crate::world::{
    after, cancelled, confirmed, lines, product_id, received, shipped, submission, submitted,
};

const WHY: &str = "工厂停产";

fn close() -> OrderCommand {
    CloseShort { reason: WHY.into() }
}

fn closed_line(line_no: u32, quantity: u32, gross: i64, off: i64) -> ClosedLine {
    let (gross_minor, off_minor) = (Minor(gross), Minor(off));
    ClosedLine { line_no, quantity: Quantity::of(quantity), gross_minor, off_minor }
}

fn closed(
    lines: &[ClosedLine],
    net: i64,
    payment: Option<Payment>,
    status: OrderStatus,
) -> OrderEvent {
    let submission = submission();
    OrderEvent::OrderShortClosed {
        order_id: submission.order_id,
        dealer_id: submission.dealer_id,
        currency: submission.currency,
        lines: lines.to_vec(),
        net_minor: Minor(net),
        payment,
        reason: WHY.into(),
        status,
    }
}

/// One of two trail bikes left, and the race bike did not.
fn half() -> Vec<OrderEvent> {
    vec![submitted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)]
}

/// What is closed of it: a trail bike and a race bike.
fn rest(status: OrderStatus) -> OrderEvent {
    let lines = [closed_line(1, 1, 300_000, 0), closed_line(2, 1, 274_000, 0)];
    closed(&lines, 574_000, None, status)
}

fn promotion_id(id: &str) -> PromotionId {
    id.parse().expect("a promotion id")
}

fn cost(order: &Order) -> (i64, i64) {
    let Order::Placed(placed) = order else { panic!("it was placed") };
    (placed.gross_minor.0, placed.net_minor.0)
}

#[test]
fn the_rest_of_an_order_is_closed_and_costs_nothing() {
    let order = given::<Order>(half()).when(close()).then([rest(OrderStatus::Shipped)]);
    assert_eq!(cost(&order), (300_000, 300_000));
}

#[test]
fn only_an_order_with_a_shipped_part_and_an_open_one_is_closed() {
    let refused = |facts: Vec<OrderEvent>, refusal| {
        given::<Order>(facts).when(close()).then_refused(refusal);
    };
    refused(vec![], OrderRefusal::OrderNotFound);
    refused(vec![submitted()], OrderRefusal::NotConfirmed);
    refused(vec![submitted(), cancelled()], OrderRefusal::OrderCancelled);
    refused(vec![submitted(), confirmed()], OrderRefusal::NothingShipped);
    let all = shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped);
    refused(vec![submitted(), confirmed(), all], OrderRefusal::AlreadyShipped);
}

#[test]
fn nothing_is_shipped_of_a_closed_order_and_receiving_goes_on() {
    let over = || half().into_iter().chain([rest(OrderStatus::Shipped)]).collect::<Vec<_>>();
    for command in [close(), Ship(vec![]), Ship(lines(&[(1, 1)]))] {
        given::<Order>(over()).when(command).then_refused(OrderRefusal::AlreadyShipped);
    }
    given::<Order>(over()).when(Confirm).then_refused(OrderRefusal::AlreadyConfirmed);
    let shipped = Quantity::of(1);
    let cancel = Cancel { reason: WHY.into() };
    given::<Order>(over()).when(cancel).then_refused(OrderRefusal::GoodsShipped { shipped });
    given::<Order>(over())
        .when(Receive(Arrival::default()))
        .then([received(&[(1, 1)], OrderStatus::Received)]);
    let open = Quantity::ZERO;
    given::<Order>(over())
        .when(Receive(lines(&[(2, 1)]).into()))
        .then_refused(OrderRefusal::MoreThanShipped { line_no: 2, open });
}

#[test]
fn an_order_is_received_as_far_as_its_parts_were() {
    let begin = |moved: &[OrderEvent]| {
        [submitted(), confirmed()].into_iter().chain(moved.to_vec()).collect::<Vec<_>>()
    };
    let race = closed_line(2, 1, 274_000, 0);
    let two = shipped(&[(1, 2)], OrderStatus::PartlyShipped);
    let one_there = received(&[(1, 1)], OrderStatus::PartlyReceived);
    let both_there = received(&[(1, 2)], OrderStatus::PartlyReceived);
    given::<Order>(begin(&[two.clone(), one_there])).when(close()).then([closed(
        &[race],
        274_000,
        None,
        OrderStatus::PartlyReceived,
    )]);
    given::<Order>(begin(&[two, both_there])).when(close()).then([closed(
        &[race],
        274_000,
        None,
        OrderStatus::Received,
    )]);
}

/// The order with 1.01 off its trail bikes, and with a bell that is given for the race bike.
fn promoted() -> OrderEvent {
    let OrderEvent::OrderSubmitted(mut order) = submitted() else { panic!("it is") };
    order.lines[0].discounts =
        vec![Discount { promotion_id: promotion_id("save"), off: Minor(101) }];
    order.lines[1].discounts =
        vec![Discount { promotion_id: promotion_id("race-days"), off: Minor(74_000) }];
    order.gifts = vec![OrderGift {
        line_no: 3,
        promotion_id: promotion_id("bonus"),
        product_id: product_id("bell-9"),
        product_name: "bell".into(),
        base_unit: "个".into(),
        quantity: Quantity::of(2),
        instead_of: None,
    }];
    OrderEvent::OrderSubmitted(order)
}

#[test]
fn discounts_and_gifts_are_closed_to_the_last_minor_unit() {
    let begin = vec![promoted(), confirmed(), shipped(&[(1, 1)], OrderStatus::PartlyShipped)];
    // Two bikes cost 599,899; the one that was shipped 299,949, so the other one 299,950.
    let lines = [
        closed_line(1, 1, 300_000, 50),
        closed_line(2, 1, 274_000, 74_000),
        closed_line(3, 2, 0, 0),
    ];
    let order = given::<Order>(begin).when(close()).then([closed(
        &lines,
        499_950,
        None,
        OrderStatus::Shipped,
    )]);
    assert_eq!(cost(&order), (300_000, 299_949));
}

#[test]
fn a_promotion_comes_back_only_where_nothing_of_it_was_shipped() {
    let OrderEvent::OrderSubmitted(mut order) = promoted() else { panic!("it is") };
    let applied = |id: &str, times| order::order::AppliedPromotion {
        promotion_id: promotion_id(id),
        name: id.into(),
        times,
        off_minor: Minor::ZERO,
    };
    order.promotions = vec![applied("save", 1), applied("race-days", 2), applied("bonus", 3)];
    let back = |moved: &[(u32, u32)]| -> Vec<(String, u32)> {
        let facts = [
            OrderEvent::OrderSubmitted(order.clone()),
            confirmed(),
            shipped(moved, OrderStatus::PartlyShipped),
        ];
        let Order::Placed(placed) = after::<Order>(facts) else { panic!("it was placed") };
        placed.unused_promotions().map(|(id, times)| (id.to_string(), *times)).collect()
    };
    let told = |all: &[(&str, u32)]| -> Vec<(String, u32)> {
        all.iter().map(|(id, times)| ((*id).to_owned(), *times)).collect()
    };
    assert_eq!(back(&[(1, 1)]), told(&[("race-days", 2), ("bonus", 3)]));
    assert_eq!(back(&[(2, 1)]), told(&[("save", 1), ("bonus", 3)]));
    assert_eq!(back(&[(3, 1)]), told(&[("save", 1), ("race-days", 2)]), "one of two bells");
}

fn payment_id(id: &str) -> PaymentId {
    id.parse().expect("a payment id")
}

fn part(id: &str, amount: i64) -> OnlinePart {
    OnlinePart { payment_id: payment_id(id), amount_minor: Minor(amount) }
}

/// 874,000 from everything there is.
fn from_everything() -> Payment {
    Payment {
        rebate_minor: Minor(100_000),
        prepaid_minor: Minor(150_000),
        credit_minor: Minor(324_000),
        online: vec![part("PM000001", 200_000), part("PM000002", 100_000)],
        credit_dealer_id: Some(submission().dealer_id),
        standing: Standing::Reserved,
        ..Payment::default()
    }
}

fn paid(payment: Payment, moved: &[(u32, u32)]) -> Order {
    let submission = submission();
    let allocated = OrderEvent::PaymentAllocated {
        order_id: submission.order_id,
        dealer_id: submission.dealer_id,
        currency: submission.currency,
        payment,
        status: OrderStatus::Submitted,
    };
    after([submitted(), allocated, confirmed(), shipped(moved, OrderStatus::PartlyShipped)])
}

fn closed_payment(order: &Order) -> (Payment, Vec<(PaymentId, Minor)>, Positions) {
    let over = order.after(close()).expect("closed");
    let Order::Placed(placed) = &over else { panic!("it was placed") };
    let payment = placed.payment.clone().expect("it is paid here");
    (payment, order.online_refunds(&over), over.positions())
}

fn used(captured: i64) -> Position {
    Position { held: Minor::ZERO, captured: Minor(captured) }
}

#[test]
fn what_was_paid_last_is_given_back_first() {
    // A trail bike costs 300,000: rebates, prepaid money, and 50,000 of the credit.
    let order = paid(from_everything(), &[(1, 1)]);
    let (payment, refunds, there) = closed_payment(&order);
    assert_eq!(
        payment,
        Payment { credit_minor: Minor(50_000), online: vec![], ..from_everything() }
    );
    let both = [(payment_id("PM000002"), Minor(100_000)), (payment_id("PM000001"), Minor(200_000))];
    assert_eq!(refunds, both, "the newest first");
    let all = (there.rebate, there.prepaid, there.credit);
    assert_eq!(all, (used(100_000), used(150_000), used(50_000)));

    // Two trail bikes cost 600,000: of what was paid online 26,000 stay.
    let order = paid(from_everything(), &[(1, 2)]);
    let (payment, refunds, _) = closed_payment(&order);
    assert_eq!(payment, Payment { online: vec![part("PM000001", 26_000)], ..from_everything() });
    let both = [(payment_id("PM000002"), Minor(100_000)), (payment_id("PM000001"), Minor(174_000))];
    assert_eq!(refunds, both);
}

#[test]
fn an_order_that_needs_no_credit_any_more_says_so() {
    let payment = Payment {
        prepaid_minor: Minor(400_000),
        credit_minor: Minor(474_000),
        credit_dealer_id: Some(submission().dealer_id),
        standing: Standing::Reserved,
        ..Payment::default()
    };
    let (payment, refunds, there) = closed_payment(&paid(payment, &[(1, 1)]));
    let prepaid = Payment { prepaid_minor: Minor(300_000), ..Payment::default() };
    assert_eq!((payment, refunds), (prepaid, vec![]));
    assert_eq!((there.prepaid, there.credit), (used(300_000), used(0)));
}

#[test]
fn what_is_closed_is_reserved_no_longer() {
    let OrderEvent::OrderSubmitted(mut placed) = submitted() else { panic!("it is") };
    placed.stocked = true;
    let moved = shipped(&[(1, 1)], OrderStatus::PartlyShipped);
    let order: Order = after([OrderEvent::OrderSubmitted(placed), confirmed(), moved]);
    let shifts = order.stock_shifts(&order.after(close()).expect("closed"));
    let of = |id: &str| {
        let shift = shifts[&product_id(id)];
        [shift.hold, shift.capture, shift.release].map(Quantity::get)
    };
    assert_eq!((of("trail-1"), of("race-2")), ([0, 0, 1], [0, 0, 1]));
}

#[test]
fn giving_up_all_that_was_bought_leaves_no_gifts() {
    let mut submitted = submitted();
    let OrderEvent::OrderSubmitted(order) = &mut submitted else { panic!("it was submitted") };
    order.gifts = vec![OrderGift {
        line_no: 3,
        promotion_id: promotion_id("bonus"),
        product_id: product_id("trail-1"),
        product_name: "trail-1 bike".into(),
        base_unit: "辆".into(),
        quantity: Quantity::of(5),
        instead_of: None,
    }];
    let facts = [submitted, confirmed()];
    let give_up =
        |moved: &[(u32, u32)]| OrderCommand::GiveUp { lines: lines(moved), reason: WHY.into() };
    let order: Order = after(facts);
    assert_eq!(order.decide(give_up(&[(1, 2), (2, 1)])), Err(OrderRefusal::NothingShipped));
    let Order::Placed(placed) = &order else { panic!("it was placed") };
    assert!(!placed.keeps_bought(&lines(&[(1, 2), (2, 1)])));
    assert!(placed.keeps_bought(&lines(&[(1, 2), (3, 5)])), "a race bike is left");
    order.decide(give_up(&[(1, 2), (3, 5)])).expect("a race bike is left");
}
