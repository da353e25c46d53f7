//! What warehouses send of orders.

use std::collections::BTreeMap;

use kernel::spec::{given, given_nothing};
use kernel::{DomainEvent as _, Refusal as _};
use order::order::{Order, OrderEvent, OrderGift, Placed};
use order::shipment::splitting::{Goods, Names, Places, split};
use order::shipment::{
    ReleasedLine, Shipment, ShipmentCommand, ShipmentEvent, ShipmentRefusal, ShipmentReleased,
    ShipmentStatus,
};
use values::{OrderId, Quantity, ShipmentId, WarehouseId};

use crate::world::{after, confirmed, lines, product_id, region_path, submission, submitted};

pub(crate) const WHY: &str = "客户改期";

pub(crate) fn warehouse(id: &str) -> WarehouseId {
    id.parse().expect("a warehouse id")
}

fn shipment_id(number: u32) -> ShipmentId {
    ShipmentId::of(&submission().order_id, number)
}

fn line(line_no: u32, product: &str, quantity: u32) -> ReleasedLine {
    ReleasedLine {
        line_no,
        product_id: product_id(product),
        product_name: format!("{product} bike"),
        base_unit: "辆".into(),
        quantity: Quantity::of(quantity),
    }
}

/// Two trail bikes and a race bike from the north.
fn released() -> ShipmentReleased {
    let submission = submission();
    ShipmentReleased {
        shipment_id: shipment_id(1),
        order_id: submission.order_id,
        number: 1,
        of: 2,
        dealer_id: submission.dealer_id,
        dealer_name: submission.dealer_name,
        region_ids: region_path().ids().cloned().collect(),
        warehouse_id: Some(warehouse("north")),
        lines: vec![line(1, "trail-1", 2), line(2, "race-2", 1)],
        status: ShipmentStatus::Released,
    }
}

fn begun() -> ShipmentEvent {
    ShipmentEvent::ShipmentReleased(Box::new(released()))
}

fn acknowledge(reference: &str) -> ShipmentCommand {
    ShipmentCommand::Acknowledge { reference: reference.into() }
}

fn acknowledged(reference: &str, status: ShipmentStatus) -> ShipmentEvent {
    let (shipment_id, reference) = (shipment_id(1), reference.into());
    ShipmentEvent::ShipmentAcknowledged { shipment_id, reference, status }
}

fn hand_back() -> ShipmentCommand {
    ShipmentCommand::HandBack { reason: "货位破损".into() }
}

fn handed_back(status: ShipmentStatus) -> ShipmentEvent {
    let reason = "货位破损".into();
    ShipmentEvent::ShipmentHandedBack { shipment_id: shipment_id(1), reason, status }
}

fn ship(moved: &[(u32, u32)]) -> ShipmentCommand {
    ShipmentCommand::Ship {
        lines: lines(moved),
        carrier: "顺丰".into(),
        tracking_number: "SF14".into(),
    }
}

fn shipped(moved: &[(u32, u32)], status: ShipmentStatus) -> ShipmentEvent {
    ShipmentEvent::ShipmentShipped {
        shipment_id: shipment_id(1),
        order_id: submission().order_id,
        lines: lines(moved),
        carrier: "顺丰".into(),
        tracking_number: "SF14".into(),
        status,
    }
}

pub(crate) fn withdraw() -> ShipmentCommand {
    ShipmentCommand::Withdraw { reason: WHY.into() }
}

fn withdrawn(moved: &[(u32, u32)], status: ShipmentStatus) -> ShipmentEvent {
    let (shipment_id, reason) = (shipment_id(1), WHY.into());
    ShipmentEvent::ShipmentWithdrawn { shipment_id, lines: lines(moved), reason, status }
}

#[test]
fn a_shipment_is_released_once_and_acknowledged_under_one_number() {
    use ShipmentStatus::{Acknowledged, Shipped};
    let release = || ShipmentCommand::Release(Box::new(released()));
    given_nothing::<Shipment>().when(release()).then([begun()]);
    given::<Shipment>([begun()]).when(release()).then_refused(ShipmentRefusal::ShipmentExists);
    given_nothing::<Shipment>()
        .when(acknowledge("W-1"))
        .then_refused(ShipmentRefusal::ShipmentNotFound);

    given::<Shipment>([begun()]).when(acknowledge("W-1")).then([acknowledged("W-1", Acknowledged)]);
    let known = || vec![begun(), acknowledged("W-1", Acknowledged)];
    given::<Shipment>(known()).when(acknowledge("W-1")).then_nothing();
    let no = ShipmentRefusal::AcknowledgedOtherwise { reference: "W-1".into() };
    given::<Shipment>(known()).when(acknowledge("W-2")).then_refused(no.clone());
    assert_eq!(no.text().zh, "发货单已接单，仓库单号 W-1；如需更换，请先退回");
    // A number can be told later than that it was taken on, and told again when all has left.
    let unnamed = [begun(), acknowledged("", Acknowledged)];
    given::<Shipment>(unnamed).when(acknowledge("W-1")).then([acknowledged("W-1", Acknowledged)]);
    let all = shipped(&[(1, 2), (2, 1)], Shipped);
    let over = || known().into_iter().chain([all.clone()]).collect::<Vec<_>>();
    given::<Shipment>(over()).when(acknowledge("W-1")).then_nothing();
    given::<Shipment>([begun(), all.clone()])
        .when(acknowledge("W-1"))
        .then_refused(ShipmentRefusal::ShipmentShipped);
}

#[test]
fn a_shipment_leaves_in_parts_and_never_more_than_was_released() {
    use ShipmentStatus::{Acknowledged, PartlyShipped, Shipped};
    let known = || vec![begun(), acknowledged("W-1", Acknowledged)];
    given::<Shipment>(known()).when(ship(&[(1, 1)])).then([shipped(&[(1, 1)], PartlyShipped)]);
    let half = || {
        let left = shipped(&[(1, 1)], PartlyShipped);
        known().into_iter().chain([left]).collect::<Vec<_>>()
    };
    given::<Shipment>(half()).when(ship(&[])).then([shipped(&[(1, 1), (2, 1)], Shipped)]);
    let refused = |moved, no| given::<Shipment>(half()).when(ship(moved)).then_refused(no);
    let open = Quantity::of(1);
    refused(&[(1, 2)], ShipmentRefusal::MoreThanReleased { line_no: 1, open });
    refused(&[(3, 1)], ShipmentRefusal::LineNotFound { line_no: 3 });
    refused(&[(1, 1), (1, 1)], ShipmentRefusal::LineTwice { line_no: 1 });
    let all = || vec![begun(), shipped(&[(1, 2), (2, 1)], Shipped)];
    given::<Shipment>(all()).when(ship(&[])).then_refused(ShipmentRefusal::ShipmentShipped);
    given::<Shipment>(all()).when(hand_back()).then_refused(ShipmentRefusal::ShipmentShipped);
    given::<Shipment>(all()).when(withdraw()).then_nothing();
    let told = shipped(&[(1, 2), (2, 1)], Shipped).sentence();
    assert_eq!(told.zh, "发货单 SO-000002-1 发货 3 件（顺丰 SF14），已发货");
    assert_eq!(told.en, "3 of shipment SO-000002-1 left by 顺丰 SF14");
}

#[test]
fn what_a_warehouse_has_taken_on_is_withdrawn_only_when_it_was_handed_back() {
    use ShipmentStatus::{Acknowledged, PartlyShipped, Released, Shipped, Withdrawn};
    let gone = withdrawn(&[(1, 2), (2, 1)], Withdrawn);
    given::<Shipment>([begun()]).when(withdraw()).then([gone.clone()]);
    let known = || vec![begun(), acknowledged("W-1", Acknowledged)];
    let has_it = || ShipmentRefusal::WarehouseHasIt { shipment_id: shipment_id(1) };
    given::<Shipment>(known()).when(withdraw()).then_refused(has_it());
    assert_eq!(has_it().text().zh, "仓库正在处理发货单 SO-000002-1，请先由仓库退回");
    given::<Shipment>(known()).when(hand_back()).then([handed_back(Released)]);
    given::<Shipment>([begun()]).when(hand_back()).then_refused(ShipmentRefusal::NotAcknowledged);
    let back = || known().into_iter().chain([handed_back(Released)]).collect::<Vec<_>>();
    given::<Shipment>(back()).when(acknowledge("W-2")).then([acknowledged("W-2", Acknowledged)]);
    given::<Shipment>(back()).when(withdraw()).then([gone.clone()]);

    // Who ships has taken it on; what left stays, and the rest is withdrawn after it was handed back.
    let half = || vec![begun(), shipped(&[(1, 1)], PartlyShipped)];
    given::<Shipment>(half()).when(withdraw()).then_refused(has_it());
    given::<Shipment>(half()).when(hand_back()).then([handed_back(PartlyShipped)]);
    let back = half().into_iter().chain([handed_back(PartlyShipped)]);
    given::<Shipment>(back).when(withdraw()).then([withdrawn(&[(1, 1), (2, 1)], Shipped)]);

    let over = || vec![begun(), gone.clone()];
    for command in [acknowledge("W-1"), hand_back(), ship(&[])] {
        given::<Shipment>(over()).when(command).then_refused(ShipmentRefusal::ShipmentWithdrawn);
    }
    given::<Shipment>(over()).when(withdraw()).then_nothing();
}

/// The order with a bell that is given for each trail bike.
fn placed() -> Placed {
    let OrderEvent::OrderSubmitted(mut order) = submitted() else { panic!("it is") };
    order.gifts = vec![OrderGift {
        line_no: 3,
        promotion_id: "bonus".parse().expect("a promotion id"),
        product_id: product_id("trail-1"),
        product_name: "trail-1 bike".into(),
        base_unit: "辆".into(),
        quantity: Quantity::of(2),
        instead_of: None,
    }];
    let order: Order = after([OrderEvent::OrderSubmitted(order), confirmed()]);
    let Order::Placed(placed) = order else { panic!("it was placed") };
    *placed
}

pub(crate) fn names() -> Names {
    let named = |id: &str| (product_id(id), (format!("{id} bike"), "辆".to_owned()));
    let products: BTreeMap<_, _> = ["trail-1", "race-2"].map(named).into();
    Names { dealer: submission().dealer_name, products }
}

/// From where, and what of which line.
type From<'a> = (Option<&'a str>, Vec<(u32, i64)>);

/// Where each shipment is from, and what it has of which line.
fn parts(released: &[ShipmentReleased]) -> Vec<From<'_>> {
    let lines = |it: &ShipmentReleased| {
        it.lines.iter().map(|line| (line.line_no, line.quantity.get())).collect()
    };
    let at = released.iter().map(|it| it.warehouse_id.as_ref().map(WarehouseId::as_str));
    at.zip(released.iter().map(lines)).collect()
}

#[test]
fn an_order_is_split_by_what_warehouses_keep_for_it() {
    let order = placed();
    // Without stock there is one shipment of everything, from nowhere in particular.
    let all = split(&order, Goods::default(), &names());
    assert_eq!(parts(&all), [(None, vec![(1, 2), (2, 1), (3, 2)])]);
    assert_eq!((all[0].number, all[0].of), (1, 1));

    // The gift is of the same product: both lines share what is kept of it.
    let at = |id: &str, quantity: u32| (warehouse(id), Quantity::of(quantity));
    let places = Places::from([(product_id("trail-1"), vec![at("south", 3), at("north", 1)])]);
    let kept = Goods { places, ..Goods::default() };
    let three = split(&order, kept, &names());
    let expected = [
        (Some("north"), vec![(3, 1)]),
        (Some("south"), vec![(1, 2), (3, 1)]),
        (None, vec![(2, 1)]),
    ];
    assert_eq!(parts(&three), expected);
    let ids: Vec<_> = three.iter().map(|it| it.shipment_id.to_string()).collect();
    assert_eq!(ids, ["SO-000002-1", "SO-000002-2", "SO-000002-3"]);
    assert!(three.iter().all(|it| it.of == 3 && it.dealer_name == submission().dealer_name));
    assert_eq!(three[0].lines[0], line(3, "trail-1", 1));
    let told = ShipmentEvent::ShipmentReleased(Box::new(three[2].clone())).sentence();
    assert_eq!(told.zh, "订单 SO-000002 已下发仓库（未指定）：发货单 SO-000002-3（3/3）");
}

#[test]
fn a_number_of_a_shipment_follows_from_its_order() {
    let longest: OrderId = "x".repeat(64).parse().expect("an order id");
    let id = ShipmentId::of(&longest, u32::MAX);
    assert_eq!(id.to_string().parse::<ShipmentId>(), Ok(id));
}
