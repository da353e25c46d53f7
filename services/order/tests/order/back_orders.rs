//! What orders wait for (欠货): who comes first is served first, and nobody is given what is not there.

use std::collections::{BTreeMap, VecDeque};

use kernel::spec::given;
use kernel::{Decider as _, Refusal as _};
use order::order::expiring::Waited;
use order::order::{
    ClosedLine, Commercial, LineQuantity, Order, OrderCommand, OrderEvent, OrderRefusal,
    OrderStatus, Placed,
};
use order::order_rules::{BackOrders, WaitingRules};
use order::shift::Shift;
use order::shipment::splitting::{Goods, split};
use order::shipment::{Load, Shipment, ShipmentCommand};
use order::stock::{Kept, StockCommand, StockEvent, StockItem, StockRefusal};
use proptest::prelude::*;
use values::{Minor, Quantity};

use crate::shipments::names;
use crate::stock::{count, counted, goods, level, order_id, warehouse};
use crate::world::{
    Shop, after, basket, confirmed, lines, product_id, shipped, submission, submitted,
};

fn follow(number: u32, [hold, capture, release]: [u32; 3]) -> StockCommand {
    let [hold, capture, release] = [hold, capture, release].map(Quantity::of);
    let shift = Shift { hold, capture, release };
    StockCommand::Follow { order_id: order_id(number), shift, waits: true }
}

fn receive(at: &str, quantity: u32) -> StockCommand {
    StockCommand::Receive {
        product_id: product_id("trail-1"),
        warehouse_id: warehouse(at),
        quantity: Quantity::of(quantity),
        reference: String::new(),
    }
}

fn received(at: &str, quantity: u32, after: order::stock::Level) -> StockEvent {
    StockEvent::StockReceived {
        product_id: product_id("trail-1"),
        warehouse_id: warehouse(at),
        quantity: Quantity::of(quantity),
        reference: String::new(),
        after,
    }
}

fn queued(number: u32, quantity: u32) -> StockEvent {
    let (product_id, order_id) = (product_id("trail-1"), order_id(number));
    StockEvent::BackOrderQueued { product_id, order_id, quantity: Quantity::of(quantity) }
}

fn filled(number: u32, parts: &[(&str, u32, order::stock::Level)]) -> StockEvent {
    StockEvent::BackOrderFilled(goods(number, parts))
}

fn given_up(number: u32, quantity: u32) -> StockEvent {
    let (product_id, order_id) = (product_id("trail-1"), order_id(number));
    StockEvent::BackOrderGivenUp { product_id, order_id, quantity: Quantity::of(quantity) }
}

/// Three are there, of which an order has two and waits for nothing; the next takes one and waits for
/// four, and another one waits for two.
fn line() -> Vec<StockEvent> {
    vec![
        counted("north", 0, level(3, 0)),
        StockEvent::StockReserved(goods(1, &[("north", 2, level(3, 2))])),
        StockEvent::StockReserved(goods(2, &[("north", 1, level(3, 3))])),
        queued(2, 4),
        queued(3, 2),
    ]
}

#[test]
fn what_is_there_is_kept_and_the_rest_waits() {
    given::<StockItem>([counted("north", 0, level(3, 0))])
        .when(follow(1, [5, 0, 0]))
        .then([StockEvent::StockReserved(goods(1, &[("north", 3, level(3, 3))])), queued(1, 2)]);
    given::<StockItem>(line()).when(follow(4, [1, 0, 0])).then([queued(4, 1)]);
    let item: StockItem = after(line());
    assert_eq!(item.waiting_for(&order_id(2)), Quantity::of(4));
    assert_eq!(item.kept().expect("it is").line.orders(), 2);
}

#[test]
fn what_comes_in_is_given_to_who_came_first() {
    given::<StockItem>(line()).when(receive("south", 5)).then([
        received("south", 5, level(5, 0)),
        filled(2, &[("south", 4, level(5, 4))]),
        filled(3, &[("south", 1, level(5, 5))]),
    ]);
    // Some of it for the first is nothing for the second.
    given::<StockItem>(line())
        .when(count("north", 5))
        .then([counted("north", 3, level(5, 3)), filled(2, &[("north", 2, level(5, 5))])]);
    // Whatever makes goods free gives them to the line.
    given::<StockItem>(line()).when(follow(1, [0, 0, 2])).then([
        StockEvent::StockReleased(goods(1, &[("north", 2, level(3, 1))])),
        filled(2, &[("north", 2, level(3, 3))]),
    ]);
}

#[test]
fn an_order_gives_up_what_it_waits_for_before_what_it_has() {
    given::<StockItem>(line()).when(follow(2, [0, 0, 3])).then([given_up(2, 3)]);
    given::<StockItem>(line()).when(follow(2, [0, 0, 5])).then([
        given_up(2, 4),
        StockEvent::StockReleased(goods(2, &[("north", 1, level(3, 2))])),
        filled(3, &[("north", 1, level(3, 3))]),
    ]);
}

#[test]
fn what_waits_does_not_leave_and_the_line_does_not_end_with_the_stock() {
    let no =
        StockRefusal::StillWaiting { product_id: product_id("trail-1"), waiting: Quantity::of(4) };
    assert_eq!(no.text().zh, "商品 trail-1 还欠货 4，请只发已到货的部分，或先入库");
    given::<StockItem>(line()).when(follow(2, [0, 2, 0])).then_refused(no);
    let end = || StockCommand::End { reason: "改由 ERP 管理".into() };
    let no = StockRefusal::OrdersWait { orders: 2 };
    assert_eq!(no.text().zh, "还有 2 张订单在等这个商品，请先入库补齐，或放弃这些欠货");
    given::<StockItem>(line()).when(end()).then_refused(no);
}

#[test]
fn the_brand_says_when_more_is_expected() {
    let on = Some("2026-12-01".parse().expect("a day"));
    let expect = || StockCommand::Expect { on };
    let expected =
        || StockEvent::StockExpected { product_id: product_id("trail-1"), expected_on: on };
    given::<StockItem>(line()).when(expect()).then([expected()]);
    given::<StockItem>(line().into_iter().chain([expected()])).when(expect()).then_nothing();
    kernel::spec::given_nothing::<StockItem>()
        .when(expect())
        .then_refused(StockRefusal::StockNotKept);
    let nobody_knows = StockCommand::Expect { on: None };
    given::<StockItem>(line()).when(nobody_knows).then_nothing();
}

#[test]
fn whoever_orders_is_asked_or_not() {
    let all = [BackOrders::Off, BackOrders::Ask, BackOrders::Always];
    let allowed = |said| all.map(|rule| rule.allow(said));
    assert_eq!(allowed(None), [false, false, true]);
    assert_eq!(allowed(Some(true)), [false, true, true]);
    assert_eq!(allowed(Some(false)), [false, false, false]);
}

#[test]
fn one_step_serves_so_many_and_the_next_goes_on() {
    let orders = u32::try_from(order::stock::line::MOST_ALLOTTED).expect("a number") + 5;
    let begin = [counted("north", 0, level(0, 0))];
    let mut item: StockItem = after(begin.into_iter().chain((0..orders).map(|i| queued(i, 1))));
    let came = item.decide(receive("north", orders + 3)).expect("received");
    assert_eq!(came.len(), order::stock::line::MOST_ALLOTTED + 1);
    came.into_iter().for_each(|event| item.evolve(event));
    let kept = item.kept().expect("it is");
    assert_eq!(kept.available(), Quantity::of(3), "the rest is for those who wait");
    // Who comes now does not come before them.
    let mut late = item.clone();
    let took = late.decide(follow(900, [4, 0, 0])).expect("taken");
    assert!(took.contains(&queued(900, 1)), "{took:?}");
    took.into_iter().for_each(|event| late.evolve(event));
    assert_eq!(late.waiting_for(&order_id(104)), Quantity::ZERO);
    let more = item.decide(StockCommand::Allot).expect("allotted");
    assert_eq!(more.len(), 5);
    more.into_iter().for_each(|event| item.evolve(event));
    assert!(item.kept().expect("it is").line.is_empty());
    assert_eq!(item.decide(StockCommand::Allot), Ok(Vec::new()));
}

fn give_up(moved: &[(u32, u32)]) -> OrderCommand {
    OrderCommand::GiveUp { lines: lines(moved), reason: "不等了".into() }
}

#[test]
fn an_order_can_do_without_what_waits() {
    let facts = || vec![submitted(), confirmed()];
    let submission = submission();
    let closed = ClosedLine {
        line_no: 1,
        quantity: Quantity::of(1),
        gross_minor: Minor(300_000),
        off_minor: Minor::ZERO,
    };
    given::<Order>(facts()).when(give_up(&[(1, 1)])).then([OrderEvent::OrderShortClosed {
        order_id: submission.order_id,
        dealer_id: submission.dealer_id,
        currency: submission.currency,
        lines: vec![closed],
        net_minor: Minor(300_000),
        payment: None,
        reason: "不等了".into(),
        status: OrderStatus::Confirmed,
    }]);
    given::<Order>(facts()).when(give_up(&[])).then_refused(OrderRefusal::NothingWaits);
    let all = give_up(&[(1, 2), (2, 1)]);
    given::<Order>(facts()).when(all).then_refused(OrderRefusal::NothingShipped);
    let early = given::<Order>([submitted()]).when(give_up(&[(1, 1)]));
    early.then_refused(OrderRefusal::NotConfirmed);
    let part = shipped(&[(1, 1)], OrderStatus::PartlyShipped);
    let too_many = OrderRefusal::MoreThanOrdered { line_no: 1, open: Quantity::of(1) };
    given::<Order>(facts().into_iter().chain([part]))
        .when(give_up(&[(1, 2)]))
        .then_refused(too_many);
}

#[test]
fn an_order_that_waits_too_long_is_called_off() {
    let expire = |waited: Waited| {
        let reason = waited.reason(48);
        OrderCommand::Expire { waited, hours: 48, reason }
    };
    let order_id = submission().order_id;
    let status = OrderStatus::Cancelled;
    let reason = Waited::Review.reason(48);
    assert_eq!(reason, "超过 48 小时未审核，系统自动取消 · not reviewed within 48 hours");
    given::<Order>([submitted()]).when(expire(Waited::Review)).then([
        OrderEvent::OrderExpired {
            order_id: order_id.clone(),
            waited: Waited::Review,
            hours: 48,
            status,
        },
        OrderEvent::OrderCancelled { order_id, reason, status },
    ]);
    // It was acted on just before.
    let acted = given::<Order>([submitted(), confirmed()]).when(expire(Waited::Review));
    acted.then_refused(OrderRefusal::NotDue);
    given::<Order>([submitted()]).when(expire(Waited::Payment)).then_refused(OrderRefusal::NotDue);
    let rules = WaitingRules { credit_hours: Some(2), ..WaitingRules::default() };
    assert_eq!(rules.hours(Waited::Credit), Some(2));
    assert_eq!(rules.hours(Waited::Payment), None);
}

#[derive(Clone, Debug)]
enum Step {
    Receive(usize, u32),
    Count(usize, u32),
    Order(u32),
    Confirm(usize),
    HandOver(usize),
    Ship(usize, usize, u32),
    GiveUp(usize),
    Cancel(usize),
    Close(usize),
}

const PLACES: [&str; 2] = ["north", "south"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2_usize, 1..6_u32).prop_map(|(at, n)| Step::Receive(at, n)),
        1 => (0..2_usize, 0..9_u32).prop_map(|(at, n)| Step::Count(at, n)),
        5 => (1..6_u32).prop_map(Step::Order),
        5 => (0..8_usize).prop_map(Step::Confirm),
        5 => (0..8_usize).prop_map(Step::HandOver),
        6 => (0..8_usize, 0..3_usize, 1..4_u32).prop_map(|(i, at, n)| Step::Ship(i, at, n)),
        1 => (0..8_usize).prop_map(Step::GiveUp),
        1 => (0..8_usize).prop_map(Step::Cancel),
        1 => (0..8_usize).prop_map(Step::Close),
    ]
}

/// Orders for one product, their shipments, and its stock: each step is what one append does.
#[derive(Clone, Debug, Default)]
struct World {
    orders: Vec<(Order, Vec<Shipment>)>,
    stock: StockItem,
    /// Who waits for how much, as this test keeps it.
    line: VecDeque<(usize, u32)>,
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a small number") + 1
}

impl World {
    fn open() -> Self {
        let stock = after([counted("north", 0, level(2, 0)), counted("south", 0, level(0, 0))]);
        Self { stock, ..Self::default() }
    }

    fn kept(&self) -> &Kept {
        self.stock.kept().expect("it is")
    }

    fn placed(&self, index: usize) -> &Placed {
        let Order::Placed(placed) = &self.orders[index].0 else { panic!("it was placed") };
        placed
    }

    /// Lets stock decide; those who are served are the first in line, one after the other.
    fn tell(&mut self, command: StockCommand) -> Option<()> {
        let events = self.stock.decide(command).ok()?;
        for event in events {
            self.stock.evolve(event.clone());
            let total = |it: &order::stock::OrderStock| {
                let all = Quantity::total(it.parts.iter().map(|part| part.quantity));
                u32::try_from(all.get()).expect("a small number")
            };
            let index = |id: &values::OrderId| {
                let number = id.as_str().trim_start_matches("SO-");
                number.parse::<usize>().expect("a number") - 1
            };
            match &event {
                StockEvent::BackOrderQueued { order_id, quantity, .. } => {
                    let quantity = u32::try_from(quantity.get()).expect("a small number");
                    self.line.push_back((index(order_id), quantity));
                }
                StockEvent::BackOrderFilled(it) => {
                    let (first, waits) = self.line.front_mut().expect("somebody waits");
                    assert_eq!(*first, index(&it.order_id), "who came first is served first");
                    *waits -= total(it);
                }
                StockEvent::BackOrderGivenUp { order_id, quantity, .. } => {
                    let quantity = u32::try_from(quantity.get()).expect("a small number");
                    let mut all = self.line.iter_mut();
                    let own = all.find(|(i, _)| *i == index(order_id)).expect("it waits");
                    own.1 -= quantity;
                }
                StockEvent::StockCounted { .. }
                | StockEvent::StockReceived { .. }
                | StockEvent::StockReserved(_)
                | StockEvent::StockReleased(_)
                | StockEvent::StockShipped(_)
                | StockEvent::StockExpected { .. }
                | StockEvent::StockEnded { .. } => (),
            }
            self.line.retain(|(_, waits)| *waits > 0);
        }
        Some(())
    }

    fn step(&mut self, step: &Step) -> Option<()> {
        match *step {
            Step::Receive(at, units) => self.tell(receive(PLACES[at], units)),
            Step::Count(at, more) => {
                // Nothing is counted away that was promised.
                let reserved = self.kept().levels[&warehouse(PLACES[at])].reserved.get();
                let reserved = u32::try_from(reserved).expect("a small number");
                self.tell(count(PLACES[at], reserved + more))
            }
            Step::Order(units) => self.order(units),
            Step::Confirm(index) => {
                let (order, _) = self.orders.get_mut(index)?;
                *order = order.after(OrderCommand::Confirm).ok()?;
                self.hand_over(index)
            }
            Step::HandOver(index) => {
                self.orders.get(index)?;
                self.hand_over(index)?;
                self.tell(StockCommand::Allot)
            }
            Step::Ship(index, at, units) => self.ship(index, at, units),
            Step::GiveUp(index) => {
                let quantity = self.stock.waiting_for(&order_id(number(index)));
                let waits = LineQuantity { line_no: 1, quantity };
                let lines = if quantity.is_zero() { Vec::new() } else { vec![waits] };
                let reason = "property".into();
                self.end(index, OrderCommand::GiveUp { lines, reason }, false)
            }
            Step::Cancel(index) => {
                self.end(index, OrderCommand::Cancel { reason: "property".into() }, true)
            }
            Step::Close(index) => {
                self.end(index, OrderCommand::CloseShort { reason: "property".into() }, true)
            }
        }
    }

    fn order(&mut self, units: u32) -> Option<()> {
        let index = self.orders.len();
        let mut submission = Shop::open().price(&basket(&[("trail-1", units, None)])).ok()?;
        submission.order_id = order_id(number(index));
        (submission.stocked, submission.back_order) = (true, true);
        let order = Order::default().after(OrderCommand::Submit(Box::new(submission))).ok()?;
        self.orders.push((order, Vec::new()));
        self.tell(follow(number(index), [units, 0, 0]))
    }

    /// Hands over what is there and in no shipment yet.
    fn hand_over(&mut self, index: usize) -> Option<()> {
        let order = self.placed(index).clone();
        if order.commercial != Commercial::Confirmed {
            return None;
        }
        let mut goods = Goods::default();
        let product_id = product_id("trail-1");
        goods.places.insert(product_id.clone(), self.stock.kept_for(&order.order_id));
        goods.waiting.insert(product_id, self.stock.waiting_for(&order.order_id));
        self.orders[index].1.iter().for_each(|it| goods.beside(it.load().expect("released")));
        for released in split(&order, goods, &names()) {
            assert!(released.warehouse_id.is_some(), "nothing comes from nowhere");
            let released = ShipmentCommand::Release(Box::new(released));
            self.orders[index].1.push(Shipment::default().after(released).expect("released"));
        }
        Some(())
    }

    fn ship(&mut self, index: usize, at: usize, units: u32) -> Option<()> {
        let (order, shipments) = self.orders.get_mut(index)?;
        let load = shipments.get(at)?.load().expect("released").clone();
        let lines = load.leaving(&lines(&[(1, units)])).ok()?;
        let (carrier, tracking_number) = (String::new(), String::new());
        let ship = ShipmentCommand::Ship { lines: lines.clone(), carrier, tracking_number };
        shipments[at] = shipments[at].after(ship).expect("what can leave leaves");
        *order = order.after(OrderCommand::Ship(lines)).expect("it has what it released");
        self.tell(StockCommand::Leave {
            order_id: order_id(number(index)),
            warehouse_id: load.warehouse_id.expect("it has one"),
            quantity: Quantity::of(units),
        })
    }

    /// Ends an order, or what it waits for.
    fn end(&mut self, index: usize, command: OrderCommand, withdraws: bool) -> Option<()> {
        let (before, shipments) = self.orders.get(index)?.clone();
        let after = before.after(command).ok()?;
        let withdraw = || ShipmentCommand::Withdraw { reason: "property".into() };
        let mut left = shipments;
        for shipment in left.iter_mut().filter(|_| withdraws) {
            *shipment = shipment.after(withdraw()).ok()?;
        }
        let shifts = before.stock_shifts(&after);
        self.orders[index] = (after, left);
        for (_, shift) in shifts {
            let order_id = order_id(number(index));
            self.tell(StockCommand::Follow { order_id, shift, waits: true })?;
        }
        Some(())
    }

    /// Everything that has to hold at any time.
    fn holds(&self) {
        let kept = self.kept();
        assert!(kept.levels.values().all(|it| it.reserved <= it.on_hand), "oversold: {self:?}");
        let free = kept.levels.values().any(|level| !level.available().is_zero());
        assert!(kept.line.is_empty() || !free, "somebody waits for what is there: {self:?}");
        let line = |(index, waits): &(usize, u32)| (order_id(number(*index)), Quantity::of(*waits));
        let own: Vec<_> = self.line.iter().map(line).collect();
        let told = kept.line.iter().map(|it| (it.order_id.clone(), it.quantity));
        assert_eq!(told.collect::<Vec<_>>(), own);
        let mut open = BTreeMap::new();
        for (index, (_, shipments)) in self.orders.iter().enumerate() {
            let order = self.placed(index);
            let line = &order.lines[0];
            let gone = order.commercial == Commercial::Cancelled;
            let wants = if gone { Quantity::ZERO } else { line.ordered.less(line.shipped) };
            let has = kept.reserved.get(&order.order_id).into_iter().flatten();
            let has = Quantity::total(has.map(|(_, quantity)| *quantity));
            assert_eq!(has.plus(kept.line.of(&order.order_id)), wants, "order {index} of {self:?}");
            let loads: Vec<&Load> = shipments.iter().map(|it| it.load().expect("it is")).collect();
            let parts = || loads.iter().flat_map(|it| &it.lines);
            let shipped = Quantity::total(parts().map(|part| part.shipped));
            assert_eq!(shipped, line.shipped, "what left a warehouse left for the order");
            for load in &loads {
                let at = load.warehouse_id.clone().expect("it has one");
                let left = load.lines.iter().map(|part| part.quantity.less(part.shipped));
                let all: &mut Quantity = open.entry((index, at)).or_default();
                *all = all.plus(Quantity::total(left));
            }
        }
        for ((index, at), handed) in open {
            let own = kept.reserved.get(&order_id(number(index)));
            let there = own.and_then(|own| own.get(&at)).copied().unwrap_or_default();
            assert!(handed <= there, "a warehouse sends what it keeps: {self:?}");
        }
    }
}

proptest! {
    /// Whatever comes in, is ordered, sent, given up and called off.
    #[test]
    fn who_came_first_is_served_first_and_nothing_is_oversold(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::open();
        for step in &steps {
            let before = world.clone();
            if world.step(step).is_none() {
                world = before;
            }
            world.holds();
        }
        // All that was promised comes: nobody waits once there is enough.
        world.tell(receive("north", 1_000)).expect("received");
        world.holds();
        prop_assert!(world.kept().line.is_empty());
    }
}
