//! What there is of products, and what orders have of it.

use kernel::spec::{given, given_nothing};
use kernel::{Decider as _, DomainEvent as _, Refusal as _};
use order::order::{Order, OrderCommand, OrderEvent, OrderStatus};
use order::shift::Shift;
use order::stock::{Level, OrderStock, Part, StockCommand, StockEvent, StockItem, StockRefusal};
use proptest::prelude::*;
use values::{OrderId, Quantity, WarehouseId};

use crate::world::{after, cancelled, confirmed, product_id, shipped, submission, submitted};

pub(crate) fn warehouse(id: &str) -> WarehouseId {
    id.parse().expect("a warehouse id")
}

pub(crate) fn order_id(number: u32) -> OrderId {
    format!("SO-{number}").parse().expect("an order id")
}

pub(crate) fn level(on_hand: u32, reserved: u32) -> Level {
    Level { on_hand: Quantity::of(on_hand), reserved: Quantity::of(reserved) }
}

pub(crate) fn counted(at: &str, before: u32, after: Level) -> StockEvent {
    StockEvent::StockCounted {
        product_id: product_id("trail-1"),
        warehouse_id: warehouse(at),
        before: Quantity::of(before),
        reason: String::new(),
        after,
    }
}

pub(crate) fn count(at: &str, on_hand: u32) -> StockCommand {
    StockCommand::Count {
        product_id: product_id("trail-1"),
        warehouse_id: warehouse(at),
        on_hand: Quantity::of(on_hand),
        reason: String::new(),
    }
}

pub(crate) fn goods(number: u32, parts: &[(&str, u32, Level)]) -> OrderStock {
    let part = |&(at, quantity, after): &(&str, u32, Level)| Part {
        warehouse_id: warehouse(at),
        quantity: Quantity::of(quantity),
        after,
    };
    OrderStock {
        product_id: product_id("trail-1"),
        order_id: order_id(number),
        parts: parts.iter().map(part).collect(),
    }
}

fn follow(number: u32, [hold, capture, release]: [u32; 3]) -> StockCommand {
    let shift = Shift {
        hold: Quantity::of(hold),
        capture: Quantity::of(capture),
        release: Quantity::of(release),
    };
    StockCommand::Follow { order_id: order_id(number), shift, waits: false }
}

#[test]
fn stock_is_kept_from_when_it_is_counted() {
    given_nothing::<StockItem>().when(follow(1, [5, 0, 0])).then_nothing();
    given_nothing::<StockItem>().when(count("north", 10)).then([counted("north", 0, level(10, 0))]);
    given::<StockItem>([counted("north", 0, level(10, 0))]).when(count("north", 10)).then_nothing();
    let received = StockEvent::StockReceived {
        product_id: product_id("trail-1"),
        warehouse_id: warehouse("north"),
        quantity: Quantity::of(5),
        reference: "DN-1".into(),
        after: level(15, 0),
    };
    let receive = StockCommand::Receive {
        product_id: product_id("trail-1"),
        warehouse_id: warehouse("north"),
        quantity: Quantity::of(5),
        reference: "DN-1".into(),
    };
    given::<StockItem>([counted("north", 0, level(10, 0))]).when(receive).then([received]);
    let end = || StockCommand::End { reason: "改由 ERP 管理".into() };
    let ended = StockEvent::StockEnded {
        product_id: product_id("trail-1"),
        reason: "改由 ERP 管理".into(),
    };
    given::<StockItem>([counted("north", 0, level(10, 0))]).when(end()).then([ended.clone()]);
    given::<StockItem>([counted("north", 0, level(0, 0)), ended])
        .when(follow(1, [5, 0, 0]))
        .then_nothing();
    given_nothing::<StockItem>().when(end()).then_refused(StockRefusal::StockNotKept);
}

#[test]
fn orders_take_from_the_first_warehouse_and_no_more_than_there_is() {
    let there = || vec![counted("north", 0, level(3, 0)), counted("south", 0, level(4, 0))];
    let reserved = || {
        let parts = [("north", 3, level(3, 3)), ("south", 2, level(4, 2))];
        StockEvent::StockReserved(goods(1, &parts))
    };
    given::<StockItem>(there()).when(follow(1, [5, 0, 0])).then([reserved()]);
    let before = || there().into_iter().chain([reserved()]);
    given::<StockItem>(before()).when(follow(2, [3, 0, 0])).then_refused(
        StockRefusal::OutOfStock { product_id: product_id("trail-1"), available: Quantity::of(2) },
    );
    let item = given::<StockItem>(before()).when(follow(1, [0, 4, 1])).then([
        StockEvent::StockShipped(goods(1, &[("north", 3, level(0, 0)), ("south", 1, level(3, 1))])),
        StockEvent::StockReleased(goods(1, &[("south", 1, level(3, 0))])),
    ]);
    let kept = item.kept().expect("it is");
    assert_eq!(kept.available(), Quantity::of(3));
    assert!(kept.reserved.is_empty());
    let no =
        StockRefusal::OutOfStock { product_id: product_id("trail-1"), available: Quantity::of(2) };
    assert_eq!(no.text().zh, "商品 trail-1 库存不足，仅剩 2，请减少数量或等待补货");
    assert_eq!(reserved().sentence().zh, "订单 SO-1 占用库存：商品 trail-1 5");
}

#[test]
fn a_warehouse_that_was_counted_low_lends_nothing_and_takes_nothing_back() {
    let facts = [
        counted("north", 0, level(5, 0)),
        StockEvent::StockReserved(goods(1, &[("north", 4, level(5, 4))])),
        counted("north", 5, level(1, 4)),
        counted("south", 0, level(2, 0)),
    ];
    let item: StockItem = after(facts.clone());
    assert_eq!(item.kept().expect("it is").available(), Quantity::of(2), "of the south alone");
    // What left has left, though nobody knew that it was there.
    given::<StockItem>(facts)
        .when(follow(1, [0, 4, 0]))
        .then([StockEvent::StockShipped(goods(1, &[("north", 4, level(0, 0))]))]);
}

#[test]
fn an_order_has_what_it_ordered_until_it_left_or_is_called_off() {
    let OrderEvent::OrderSubmitted(mut placed) = submitted() else { panic!("it is") };
    placed.stocked = true;
    let begin = || [OrderEvent::OrderSubmitted(placed.clone()), confirmed()];
    let order: Order = after(begin());
    let shift = |after: &Order| {
        let all = order.stock_shifts(after);
        all.get(&product_id("trail-1"))
            .map(|it| [it.hold, it.capture, it.release].map(Quantity::get))
    };
    let ship = OrderCommand::Ship(crate::world::lines(&[(1, 1)]));
    assert_eq!(shift(&order.after(ship).expect("shipped")), Some([0, 1, 0]));
    let gone: Order = after(begin().into_iter().chain([cancelled()]));
    assert_eq!(shift(&gone), Some([0, 0, 2]));
    assert_eq!(shift(&after(begin())), None);
    let all = shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped);
    let elsewhere: Order = after([submitted(), confirmed()]);
    assert!(elsewhere.stock_shifts(&after([submitted(), confirmed(), all])).is_empty());
    assert_eq!(submission().wanted()[&product_id("trail-1")], Quantity::of(2));
}

proptest! {
    /// Whatever happens, nothing is reserved that is not there, but for what was counted away, and
    /// what is reserved is what orders have.
    #[test]
    fn no_more_is_promised_than_there_is(
        steps in prop::collection::vec((0..4_u32, 0..6_u32, 0..4_u32, 0..30_u32), 1..60),
    ) {
        let mut item = StockItem::default();
        let mut counted_low = false;
        for (kind, order, at, quantity) in steps {
            let place = ["a", "b", "c", "d"][at as usize];
            let command = match kind {
                0 => count(place, quantity),
                1 => follow(order, [quantity % 7 + 1, 0, 0]),
                2 => follow(order, [0, quantity % 5, 0]),
                _ => follow(order, [0, 0, quantity % 5]),
            };
            counted_low |= kind == 0;
            let before = item.kept().map(|kept| kept.available());
            let Ok(events) = item.decide(command) else { continue };
            events.into_iter().for_each(|event| item.evolve(event));
            let Some(kept) = item.kept() else { continue };
            let of_orders = kept.reserved.values().flatten().map(|(_, quantity)| *quantity);
            let reserved = kept.levels.values().map(|level| level.reserved);
            prop_assert_eq!(Quantity::total(of_orders), Quantity::total(reserved));
            let promised = kept.levels.values().all(|level| level.reserved <= level.on_hand);
            prop_assert!(promised || counted_low);
            if kind == 1 {
                prop_assert!(before.is_none_or(|before| kept.available() < before));
            }
        }
    }
}
