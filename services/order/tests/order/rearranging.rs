//! Orders that change while warehouses send them: what a shipment sends stays kept where it is, and what
//! no shipment has is handed over, or given back.

use std::collections::BTreeMap;

use kernel::Decider as _;
use order::order::{
    Commercial, LineQuantity, Order, OrderCommand, OrderGift, Placed, Progress, Submission,
};
use order::shipment::rearranging::{cuts, goes_on, sends};
use order::shipment::splitting::{Goods, split};
use order::shipment::{Load, Shipment, ShipmentCommand};
use order::stock::{OrderStock, StockCommand, StockEvent, StockItem};
use proptest::prelude::*;
use values::{OrderId, ProductId, Quantity, WarehouseId};

use crate::changing::{asked, wanted};
use crate::shipments::{WHY, names, warehouse, withdraw};
use crate::stock::order_id;
use crate::world::{Shop, basket, lines, product_id};

const WAREHOUSES: [&str; 3] = ["east", "north", "south"];
const PRODUCTS: [&str; 2] = ["trail-1", "race-2"];

#[derive(Clone, Debug)]
enum Step {
    /// Whether warehouses are handed what is confirmed from now on.
    Rule(bool),
    Receive(usize, usize, u32),
    /// Trail bikes, race bikes, trail bikes given besides, and whether it may wait.
    Order([u32; 3], bool),
    Confirm(usize),
    HandOver(usize),
    Acknowledge(usize, usize),
    HandBack(usize, usize),
    Ship(usize, usize, (u32, u32)),
    ShipWhole(usize, (u32, u32)),
    Change(usize, Vec<(u32, u32)>, u32),
    GiveUp(usize),
    Cancel(usize),
    Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let moved = || prop::collection::vec((1..6_u32, 0..8_u32), 0..3);
    let (order, part) = (|| 0..5_usize, || (1..6_u32, 1..5_u32));
    prop_oneof![
        1 => any::<bool>().prop_map(Step::Rule),
        5 => (0..2_usize, 0..3_usize, 1..6_u32).prop_map(|(id, at, n)| Step::Receive(id, at, n)),
        4 => ((1..8_u32, 0..4_u32, 0..3_u32), prop::bool::weighted(0.8))
            .prop_map(|((trail, race, gift), waits)| Step::Order([trail, race, gift], waits)),
        5 => order().prop_map(Step::Confirm),
        4 => order().prop_map(Step::HandOver),
        2 => (order(), 0..4_usize).prop_map(|(i, at)| Step::Acknowledge(i, at)),
        2 => (order(), 0..4_usize).prop_map(|(i, at)| Step::HandBack(i, at)),
        5 => (order(), 0..4_usize, part()).prop_map(|(i, at, part)| Step::Ship(i, at, part)),
        2 => (order(), part()).prop_map(|(i, part)| Step::ShipWhole(i, part)),
        10 => (order(), moved(), 0..4_u32)
            .prop_map(|(i, moved, added)| Step::Change(i, moved, added)),
        2 => order().prop_map(Step::GiveUp),
        1 => order().prop_map(Step::Cancel),
        1 => order().prop_map(Step::Close),
    ]
}

/// Orders, their shipments, and stock: each step is what one append does.
#[derive(Clone, Debug, Default)]
struct World {
    orders: Vec<(Order, Vec<Shipment>)>,
    stock: BTreeMap<ProductId, StockItem>,
    hands_over: bool,
}

fn number(index: usize) -> OrderId {
    order_id(u32::try_from(index).expect("a small number") + 1)
}

fn open(line: &Progress) -> Quantity {
    line.ordered.less(line.shipped)
}

fn reason() -> String {
    WHY.to_owned()
}

/// What these have of a warehouse.
fn of(parts: &[(WarehouseId, Quantity)], at: &WarehouseId) -> Quantity {
    Quantity::total(parts.iter().filter(|(from, _)| from == at).map(|(_, quantity)| *quantity))
}

impl World {
    /// Nothing is there, and it is known.
    fn open() -> Self {
        let stock = PRODUCTS.map(|id| (product_id(id), StockItem::default())).into();
        let mut world = Self { stock, hands_over: true, ..Self::default() };
        for (id, at) in PRODUCTS.iter().flat_map(|id| WAREHOUSES.map(|at| (*id, at))) {
            let count = StockCommand::Count {
                product_id: product_id(id),
                warehouse_id: warehouse(at),
                on_hand: Quantity::ZERO,
                reason: String::new(),
            };
            world.tell(&product_id(id), count).expect("counted");
        }
        world
    }

    fn placed(&self, index: usize) -> &Placed {
        let Order::Placed(placed) = &self.orders[index].0 else { panic!("it was placed") };
        placed
    }

    fn loads(&self, index: usize) -> Vec<Load> {
        let load = |it: &Shipment| it.load().expect("it was released").clone();
        self.orders[index].1.iter().map(load).collect()
    }

    fn kept(&self, index: usize, product_id: &ProductId) -> Vec<(WarehouseId, Quantity)> {
        self.stock[product_id].kept_for(&number(index))
    }

    fn tell(&mut self, product_id: &ProductId, command: StockCommand) -> Option<Vec<StockEvent>> {
        let item = self.stock.get_mut(product_id).expect("it is");
        let events = item.decide(command).ok()?;
        events.iter().for_each(|event| item.evolve(event.clone()));
        Some(events)
    }

    /// Makes steps that are made.
    fn made(mut self, steps: &[Step]) -> Self {
        for step in steps {
            self.step(step).unwrap_or_else(|| panic!("{step:?} is not made: {self:?}"));
            self.holds();
        }
        self
    }

    fn step(&mut self, step: &Step) -> Option<()> {
        match *step {
            Step::Rule(hands_over) => self.hands_over = hands_over,
            Step::Receive(id, at, units) => self.receive(PRODUCTS[id], WAREHOUSES[at], units)?,
            Step::Order(units, waits) => self.order(units, waits)?,
            Step::Confirm(index) => {
                let (order, _) = self.orders.get_mut(index)?;
                *order = order.after(OrderCommand::Confirm).ok()?;
                if self.hands_over {
                    self.hand_over(index);
                }
            }
            Step::HandOver(index) => {
                self.orders.get(index)?;
                if goes_on(self.placed(index), &self.loads(index), self.hands_over) {
                    self.hand_over(index);
                }
            }
            Step::Acknowledge(index, at) => {
                self.say(index, at, ShipmentCommand::Acknowledge { reference: "W-1".to_owned() })?;
            }
            Step::HandBack(index, at) => {
                self.say(index, at, ShipmentCommand::HandBack { reason: reason() })?;
            }
            Step::Ship(index, at, part) => self.ship(index, at, &lines(&[part]))?,
            Step::ShipWhole(index, part) => self.ship_whole(index, lines(&[part]))?,
            Step::Change(index, ref moved, added) => self.change(index, moved, added)?,
            Step::GiveUp(index) => self.give_up(index)?,
            Step::Cancel(index) => self.end(index, OrderCommand::Cancel { reason: reason() })?,
            Step::Close(index) => self.end(index, OrderCommand::CloseShort { reason: reason() })?,
        }
        Some(())
    }

    fn receive(&mut self, id: &str, at: &str, units: u32) -> Option<()> {
        let receive = StockCommand::Receive {
            product_id: product_id(id),
            warehouse_id: warehouse(at),
            quantity: Quantity::of(units),
            reference: String::new(),
        };
        self.tell(&product_id(id), receive).map(drop)
    }

    fn order(&mut self, units: [u32; 3], waits: bool) -> Option<()> {
        let index = self.orders.len();
        let mut submission = submission(units);
        submission.order_id = number(index);
        (submission.stocked, submission.back_order) = (true, waits);
        let order = Order::default();
        let after = order.after(OrderCommand::Submit(Box::new(submission))).expect("submitted");
        self.orders.push((after, Vec::new()));
        self.follow(index, &order)
    }

    /// Lets stock follow an order that was another one before.
    fn follow(&mut self, index: usize, before: &Order) -> Option<()> {
        for (product_id, shift) in before.stock_shifts(&self.orders[index].0) {
            let (order_id, waits) = (number(index), self.placed(index).back_order);
            self.tell(&product_id, StockCommand::Follow { order_id, shift, waits })?;
        }
        Some(())
    }

    fn goods(&self, index: usize) -> Goods {
        let mut goods = Goods::default();
        for (product_id, item) in &self.stock {
            goods.places.insert(product_id.clone(), self.kept(index, product_id));
            goods.waiting.insert(product_id.clone(), item.waiting_for(&number(index)));
        }
        self.loads(index).iter().for_each(|load| goods.beside(load));
        goods
    }

    /// Hands over what is there and in no shipment: nothing of it is left after that.
    fn hand_over(&mut self, index: usize) {
        for released in split(self.placed(index), self.goods(index), &names()) {
            assert!(released.warehouse_id.is_some(), "nothing comes from nowhere: {self:?}");
            let release = ShipmentCommand::Release(Box::new(released));
            self.orders[index].1.push(Shipment::default().after(release).expect("released"));
        }
        let sent = sends(&self.loads(index));
        for product_id in PRODUCTS.map(product_id) {
            let sent = sent.get(&product_id).map_or(&[][..], Vec::as_slice);
            for (at, kept) in self.kept(index, &product_id) {
                assert_eq!(of(sent, &at), kept, "all of it is handed over: {self:?}");
            }
        }
    }

    fn say(&mut self, index: usize, at: usize, command: ShipmentCommand) -> Option<()> {
        let shipment = self.orders.get_mut(index)?.1.get_mut(at)?;
        *shipment = shipment.after(command).ok()?;
        Some(())
    }

    fn ship(&mut self, index: usize, at: usize, wanted: &[LineQuantity]) -> Option<()> {
        let load = self.orders.get(index)?.1.get(at)?.load().expect("released").clone();
        let lines = load.leaving(wanted).ok()?;
        let (carrier, tracking_number) = (String::new(), String::new());
        let ship = ShipmentCommand::Ship { lines: lines.clone(), carrier, tracking_number };
        self.say(index, at, ship).expect("what can leave leaves");
        let before = self.orders[index].0.clone();
        let after = before.after(OrderCommand::Ship(lines)).expect("it has what it released");
        for (product_id, shift) in before.stock_shifts(&after) {
            let warehouse_id = load.warehouse_id.clone().expect("it has one");
            let there = of(&self.kept(index, &product_id), &warehouse_id);
            assert!(shift.capture <= there, "it leaves from where it is kept: {self:?}");
            let (order_id, quantity) = (number(index), shift.capture);
            let leave = StockCommand::Leave { order_id, warehouse_id, quantity };
            self.tell(&product_id, leave).expect("left");
        }
        self.orders[index].0 = after;
        Some(())
    }

    /// An order of which warehouses have no shipments.
    fn ship_whole(&mut self, index: usize, lines: Vec<LineQuantity>) -> Option<()> {
        let (before, shipments) = self.orders.get(index)?.clone();
        if !shipments.is_empty() {
            return None;
        }
        self.orders[index].0 = before.after(OrderCommand::Ship(lines)).ok()?;
        self.follow(index, &before)
    }

    fn change(&mut self, index: usize, moved: &[(u32, u32)], added: u32) -> Option<()> {
        let before = self.orders.get(index)?.0.clone();
        let mut after = before.clone();
        for command in asked(&before, &wanted(moved, added), None).ok()? {
            after = after.after(command).ok()?;
        }
        let Order::Placed(changed) = &after else { panic!("it was placed") };
        let mut loads = self.loads(index);
        let cuts = cuts(self.placed(index), changed, &loads).ok()?;
        for (at, lines) in cuts.into_iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
            loads[at].shorten(&lines);
            let lessen = ShipmentCommand::Lessen { lines, reason: reason() };
            self.say(index, at, lessen).expect("it sends so much");
        }
        let sent = sends(&loads);
        self.orders[index].0 = after.clone();
        for (product_id, shift) in before.stock_shifts(&after) {
            let sends = sent.get(&product_id).cloned().unwrap_or_default();
            let (order_id, waits) = (number(index), self.placed(index).back_order);
            let kept = self.kept(index, &product_id);
            let rearrange =
                StockCommand::Rearrange { order_id, shift, waits, sends: sends.clone() };
            for event in self.tell(&product_id, rearrange)? {
                let StockEvent::StockReleased(OrderStock { parts, .. }) = event else { continue };
                for part in parts {
                    let at = &part.warehouse_id;
                    let free = of(&kept, at).less(of(&sends, at));
                    assert!(part.quantity <= free, "no shipment sends what is freed: {self:?}");
                }
            }
        }
        if goes_on(self.placed(index), &loads, self.hands_over) {
            self.hand_over(index);
        }
        Some(())
    }

    fn give_up(&mut self, index: usize) -> Option<()> {
        self.orders.get(index)?;
        let order = self.placed(index);
        let (waiting, _) = self.goods(index).by_line(order);
        let command = match waiting.is_empty() || order.keeps_bought(&waiting) {
            true => OrderCommand::GiveUp { lines: waiting, reason: reason() },
            false => OrderCommand::Cancel { reason: reason() },
        };
        self.end(index, command)?;
        let order = self.placed(index);
        let bought = |line: &Progress| line.price_list_id.is_some() && !line.ordered.is_zero();
        let gone = order.commercial == Commercial::Cancelled;
        assert!(gone || order.lines.iter().any(bought), "nobody has gifts alone: {self:?}");
        Some(())
    }

    fn end(&mut self, index: usize, command: OrderCommand) -> Option<()> {
        let before = self.orders.get(index)?.0.clone();
        let withdraws = !matches!(command, OrderCommand::GiveUp { .. });
        self.orders[index].0 = before.after(command).ok()?;
        for shipment in self.orders[index].1.iter_mut().filter(|_| withdraws) {
            *shipment = shipment.after(withdraw()).ok()?;
        }
        self.follow(index, &before)
    }

    /// Everything that has to hold at any time.
    fn holds(&self) {
        let mut reserved: BTreeMap<(ProductId, WarehouseId), Quantity> = BTreeMap::new();
        for index in 0..self.orders.len() {
            let (order, sent) = (self.placed(index), sends(&self.loads(index)));
            let gone = order.commercial == Commercial::Cancelled;
            for (product_id, item) in &self.stock {
                let lines = order.lines.iter().filter(|it| it.product_id == *product_id);
                let wants = Quantity::total(lines.filter(|_| !gone).map(open));
                let kept = self.kept(index, product_id);
                let all = Quantity::total(kept.iter().map(|(_, quantity)| *quantity));
                let waits = item.waiting_for(&number(index));
                assert_eq!(all.plus(waits), wants, "{product_id} of order {index}: {self:?}");
                for at in WAREHOUSES.map(warehouse) {
                    let sent = sent.get(product_id).map_or(Quantity::ZERO, |it| of(it, &at));
                    let there = of(&kept, &at);
                    assert!(sent <= there, "{at} sends what it keeps: {self:?}");
                    let level = reserved.entry((product_id.clone(), at)).or_default();
                    *level = level.plus(there);
                }
            }
        }
        for ((product_id, at), reserved) in reserved {
            let level = self.stock[&product_id].kept().expect("it is").levels[&at];
            assert_eq!(level.reserved, reserved, "{product_id} in {at}: {self:?}");
            assert!(level.reserved <= level.on_hand, "{product_id} in {at}: {self:?}");
        }
    }

    /// All that is confirmed is delivered once there is enough: nothing is kept that nobody sends.
    fn finish(&mut self) {
        for id in PRODUCTS {
            self.receive(id, "south", 1_000).expect("received");
        }
        for index in 0..self.orders.len() {
            self.step(&Step::HandOver(index)).expect("it is there");
            for at in 0..self.orders[index].1.len() {
                self.ship(index, at, &[]);
            }
            self.ship_whole(index, Vec::new());
            let order = self.placed(index);
            if order.commercial == Commercial::Confirmed {
                let left = Quantity::total(order.lines.iter().map(open));
                assert!(left.is_zero(), "order {index} is delivered: {self:?}");
            }
        }
        self.holds();
    }
}

fn submission([trail, race, gift]: [u32; 3]) -> Submission {
    let all = [("trail-1", trail, None), ("race-2", race, None)];
    let bought: Vec<_> = all.into_iter().filter(|(_, units, _)| *units > 0).collect();
    let mut submission = Shop::open().price(&basket(&bought)).expect("priced");
    let line_no = u32::try_from(bought.len()).expect("a small number") + 1;
    let gift = (gift > 0).then(|| OrderGift {
        line_no,
        promotion_id: "bonus".parse().expect("a promotion id"),
        product_id: product_id("trail-1"),
        product_name: "trail-1 bike".into(),
        base_unit: "辆".into(),
        quantity: Quantity::of(gift),
        instead_of: None,
    });
    submission.gifts = gift.into_iter().collect();
    submission
}

/// Of five trail bikes two are in the east and handed over; two came into the north since, and one is
/// waited for.
fn handed_over_in_part() -> Vec<Step> {
    vec![
        Step::Receive(0, 0, 2),
        Step::Order([5, 0, 0], true),
        Step::Confirm(0),
        Step::Receive(0, 1, 2),
    ]
}

fn kept(world: &World) -> Vec<(String, i64)> {
    let told = |(at, quantity): &(WarehouseId, Quantity)| (at.to_string(), quantity.get());
    world.kept(0, &product_id("trail-1")).iter().map(told).collect()
}

#[test]
fn a_change_gives_back_what_it_waits_for_and_then_what_no_shipment_sends() {
    let world = World::open().made(&handed_over_in_part());
    let less = world.clone().made(&[Step::Rule(false), Step::Change(0, vec![(1, 4)], 0)]);
    assert_eq!(kept(&less), [("east".to_owned(), 2), ("north".to_owned(), 2)]);
    // The east sends two: what is free is in the north.
    let less = world.clone().made(&[Step::Change(0, vec![(1, 3)], 0)]);
    assert_eq!(kept(&less), [("east".to_owned(), 2), ("north".to_owned(), 1)]);
    let less = world.made(&[Step::Change(0, vec![(1, 1)], 0)]);
    assert_eq!(kept(&less), [("east".to_owned(), 1)], "then the shipment sends less");
}

#[test]
fn an_order_that_was_handed_over_goes_on_so_whatever_the_rules_say() {
    let mut world = World::open().made(&handed_over_in_part());
    world = world.made(&[Step::Rule(false), Step::HandOver(0)]);
    let from: Vec<_> = world.loads(0).into_iter().filter_map(|it| it.warehouse_id).collect();
    assert_eq!(from, [warehouse("east"), warehouse("north")]);
    world.finish();
}

#[test]
fn what_a_change_adds_is_handed_over_though_all_waited_until_then() {
    let all_waits = [Step::Order([0, 2, 0], true), Step::Confirm(0), Step::Receive(0, 0, 3)];
    let world = World::open().made(&all_waits);
    assert_eq!(world.loads(0), []);
    let mut world = world.made(&[Step::Change(0, vec![], 3)]);
    assert_eq!(world.loads(0).len(), 1, "what was added is there");
    world.finish();
}

#[test]
fn gifts_go_with_what_was_bought() {
    // A gift is there, all that was bought waits.
    let begin = [Step::Order([0, 4, 1], true), Step::Receive(0, 0, 1), Step::Confirm(0)];
    let mut world = World::open().made(&begin).made(&[Step::GiveUp(0)]);
    assert_eq!(world.placed(0).commercial, Commercial::Cancelled);
    assert_eq!(kept(&world), []);
    world.finish();
    // What was bought is there in part.
    let some = [begin.as_slice(), &[Step::Receive(1, 0, 1), Step::GiveUp(0)]].concat();
    let world = World::open().made(&some);
    assert_eq!(world.placed(0).commercial, Commercial::Confirmed);
}

proptest! {
    /// Whatever is ordered, changed, comes in, is sent, given up and called off.
    #[test]
    fn what_is_freed_is_in_no_shipment_and_what_is_kept_is_sent(
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
        world.finish();
    }
}
