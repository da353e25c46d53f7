//! What holds of an order, its shipments and its stock together, after any sequence of commands. What
//! is decided here in one step is what one append has.

use std::collections::BTreeMap;

use kernel::Decider;
use order::order::{Commercial, LineQuantity, Order, OrderCommand, OrderGift, Placed, Submission};
use order::shift::Shift;
use order::shipment::splitting::{Goods, Places, split};
use order::shipment::{Load, Shipment, ShipmentCommand};
use order::stock::{StockCommand, StockItem};
use proptest::prelude::*;
use values::{ProductId, Quantity};

use crate::shipments::{WHY, names, warehouse, withdraw};
use crate::world::{Shop, basket, product_id};

const WAREHOUSES: [&str; 3] = ["east", "north", "south"];
const PRODUCTS: [&str; 2] = ["trail-1", "race-2"];

#[derive(Clone, Debug)]
enum Step {
    Confirm,
    Acknowledge(usize),
    HandBack(usize),
    Ship(usize, Vec<(u32, u32)>),
    Cancel,
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let moved = || prop::collection::vec((1..4_u32, 1..4_u32), 0..3);
    prop_oneof![
        2 => Just(Step::Confirm),
        4 => (0..4_usize).prop_map(Step::Acknowledge),
        3 => (0..4_usize).prop_map(Step::HandBack),
        8 => ((0..4_usize), moved()).prop_map(|(at, moved)| Step::Ship(at, moved)),
        1 => Just(Step::Cancel),
        1 => Just(Step::Close),
    ]
}

/// What there is at first: of each product in each warehouse, and what is ordered and given of it.
#[derive(Clone, Debug)]
struct Begin {
    there: [[u32; 3]; 2],
    kept: [bool; 2],
    ordered: [u32; 2],
    given: u32,
}

fn begin() -> impl Strategy<Value = Begin> {
    let there = || prop::array::uniform3(0..5_u32);
    ((there(), there()), (any::<bool>(), any::<bool>()), (1..8_u32, 1..8_u32), 0..4_u32).prop_map(
        |((trail, race), (a, b), (c, d), given)| Begin {
            there: [trail, race],
            kept: [a, b],
            ordered: [c, d],
            given,
        },
    )
}

#[derive(Clone, Debug, Default)]
struct World {
    order: Order,
    shipments: Vec<Shipment>,
    stock: BTreeMap<ProductId, StockItem>,
}

/// Lets an object do what it is asked; nothing when it says no.
fn ask<D: Decider>(object: &mut D, command: D::Command) -> Option<()> {
    *object = object.after(command).ok()?;
    Some(())
}

impl World {
    fn open(begin: &Begin) -> Self {
        let mut world = Self::default();
        let submission = submission(begin);
        let wanted = submission.wanted();
        for (index, product) in PRODUCTS.into_iter().enumerate() {
            let product_id = product_id(product);
            let item = world.stock.entry(product_id.clone()).or_default();
            let mut there = begin.there[index];
            // There is enough, if only because the last warehouse has the rest.
            let wanted = u32::try_from(wanted[&product_id].get()).expect("a small number");
            there[2] = there[2].max(wanted.saturating_sub(there[0] + there[1]));
            for (at, on_hand) in WAREHOUSES.into_iter().zip(there).filter(|_| begin.kept[index]) {
                let count = StockCommand::Count {
                    product_id: product_id.clone(),
                    warehouse_id: warehouse(at),
                    on_hand: Quantity::of(on_hand),
                    reason: String::new(),
                };
                ask(item, count).expect("counted");
            }
        }
        let order_id = submission.order_id.clone();
        ask(&mut world.order, OrderCommand::Submit(Box::new(submission))).expect("submitted");
        for (product_id, hold) in wanted {
            let shift = Shift { hold, ..Shift::default() };
            let follow = StockCommand::Follow { order_id: order_id.clone(), shift, waits: false };
            ask(world.stock.get_mut(&product_id).expect("it is"), follow).expect("reserved");
        }
        world
    }

    fn placed(&self) -> &Placed {
        let Order::Placed(placed) = &self.order else { panic!("it was placed") };
        placed
    }

    fn loads(&self) -> impl Iterator<Item = &Load> {
        self.shipments.iter().map(|it| it.load().expect("it was released"))
    }

    /// Makes a step, all of it, or nothing.
    fn make(&mut self, step: &Step) -> Option<()> {
        let before = self.clone();
        let made = self.step(step);
        if made.is_none() {
            *self = before;
        }
        made
    }

    fn step(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Confirm => self.confirm(),
            Step::Acknowledge(at) => {
                let reference = "W-1".to_owned();
                ask(self.shipments.get_mut(*at)?, ShipmentCommand::Acknowledge { reference })
            }
            Step::HandBack(at) => {
                let reason = WHY.to_owned();
                ask(self.shipments.get_mut(*at)?, ShipmentCommand::HandBack { reason })
            }
            Step::Ship(at, moved) => self.ship(*at, &crate::world::lines(moved)),
            Step::Cancel => self.end(OrderCommand::Cancel { reason: WHY.to_owned() }),
            Step::Close => self.end(OrderCommand::CloseShort { reason: WHY.to_owned() }),
        }
    }

    fn confirm(&mut self) -> Option<()> {
        ask(&mut self.order, OrderCommand::Confirm)?;
        let order = self.placed();
        let kept =
            |(id, item): (&ProductId, &StockItem)| (id.clone(), item.kept_for(&order.order_id));
        let places: Places = self.stock.iter().map(kept).collect();
        for released in split(order, Goods { places, ..Goods::default() }, &names()) {
            let mut shipment = Shipment::default();
            let release = ShipmentCommand::Release(Box::new(released));
            ask(&mut shipment, release.clone()).expect("released");
            assert!(shipment.decide(release).is_err(), "it is released once");
            self.shipments.push(shipment);
        }
        Some(())
    }

    fn ship(&mut self, at: usize, wanted: &[LineQuantity]) -> Option<()> {
        let load = self.shipments.get(at)?.load().expect("it was released").clone();
        let lines = load.leaving(wanted).ok()?;
        let (carrier, tracking_number) = (String::new(), String::new());
        let command = ShipmentCommand::Ship { lines: lines.clone(), carrier, tracking_number };
        ask(&mut self.shipments[at], command).expect("what can leave leaves");
        let before = self.order.clone();
        ask(&mut self.order, OrderCommand::Ship(lines)).expect("an order has what it released");
        let shifts = before.stock_shifts(&self.order);
        for (product_id, shift) in shifts.into_iter().filter(|_| load.warehouse_id.is_some()) {
            let leave = StockCommand::Leave {
                order_id: load.order_id.clone(),
                warehouse_id: load.warehouse_id.clone().expect("it has one"),
                quantity: shift.capture,
            };
            ask(self.stock.get_mut(&product_id).expect("it is"), leave).expect("left");
        }
        Some(())
    }

    fn end(&mut self, command: OrderCommand) -> Option<()> {
        let before = self.order.clone();
        ask(&mut self.order, command)?;
        for shipment in &mut self.shipments {
            ask(shipment, withdraw())?;
        }
        let order_id = self.placed().order_id.clone();
        for (product_id, shift) in before.stock_shifts(&self.order) {
            let follow = StockCommand::Follow { order_id: order_id.clone(), shift, waits: false };
            ask(self.stock.get_mut(&product_id).expect("it is"), follow).expect("released");
        }
        Some(())
    }

    /// Everything that has to hold at any time.
    fn holds(&self, begin: &Begin) {
        let order = self.placed();
        for line in &order.lines {
            let of_line =
                |it: &Load| it.lines.iter().find(|it| it.line_no == line.line_no).cloned();
            let parts: Vec<_> = self.loads().filter_map(of_line).collect();
            let shipped = Quantity::total(parts.iter().map(|part| part.shipped));
            assert_eq!(shipped, line.shipped, "line {} of {self:?}", line.line_no);
            let gone = order.commercial == Commercial::Cancelled;
            if !self.shipments.is_empty() {
                let released = Quantity::total(parts.iter().map(|part| part.quantity));
                let ordered = if gone { Quantity::ZERO } else { line.ordered };
                assert_eq!(released, ordered, "line {} of {self:?}", line.line_no);
            }
            assert!(parts.iter().all(|part| part.shipped <= part.quantity), "{self:?}");
        }
        for (index, product) in PRODUCTS.into_iter().enumerate() {
            let item = &self.stock[&product_id(product)];
            assert_eq!(item.kept().is_some(), begin.kept[index]);
            let Some(kept) = item.kept() else { continue };
            assert!(kept.levels.values().all(|it| it.reserved <= it.on_hand), "{self:?}");
            for at in WAREHOUSES.into_iter().filter(|_| !self.shipments.is_empty()) {
                assert_eq!(kept.levels[&warehouse(at)].reserved, self.open_in(at, product));
            }
        }
    }

    /// What the shipments of a warehouse still have of a product.
    fn open_in(&self, at: &str, product: &str) -> Quantity {
        let (at, product_id) = (warehouse(at), product_id(product));
        let loads = self.loads().filter(|it| it.warehouse_id.as_ref() == Some(&at));
        let lines = loads.flat_map(|it| &it.lines).filter(|it| it.product_id == product_id);
        Quantity::total(lines.map(|line| line.quantity.less(line.shipped)))
    }

    /// Brings it to its end, whatever has happened.
    fn finish(&mut self) {
        self.make(&Step::Confirm);
        let shipments = self.shipments.len();
        (0..shipments).for_each(|at| {
            self.make(&Step::HandBack(at));
        });
        let ended = self.make(&Step::Cancel).or_else(|| self.make(&Step::Close));
        // What was shipped as a whole is over already.
        assert!(ended.is_some() || self.loads().all(|it| it.leaving(&[]).is_err()), "{self:?}");
        for kept in self.stock.values().filter_map(StockItem::kept) {
            assert!(kept.reserved.is_empty(), "{self:?}");
            assert!(kept.levels.values().all(|level| level.reserved.is_zero()), "{self:?}");
        }
    }
}

fn submission(begin: &Begin) -> Submission {
    let [trail, race] = begin.ordered;
    let lines = [("trail-1", trail, None), ("race-2", race, None)];
    let mut submission = Shop::open().price(&basket(&lines)).expect("priced");
    submission.stocked = true;
    submission.gifts = (begin.given > 0)
        .then(|| OrderGift {
            line_no: 3,
            promotion_id: "bonus".parse().expect("a promotion id"),
            product_id: product_id("trail-1"),
            product_name: "trail-1 bike".into(),
            base_unit: "辆".into(),
            quantity: Quantity::of(begin.given),
            instead_of: None,
        })
        .into_iter()
        .collect();
    submission
}

proptest! {
    #[test]
    fn shipments_are_their_order_and_take_what_their_warehouse_keeps(
        begin in begin(),
        at_once in prop::bool::weighted(0.9),
        steps in prop::collection::vec(step(), 0..30),
    ) {
        let mut world = World::open(&begin);
        // Most sequences are about an order that is confirmed.
        let first = at_once.then_some(&Step::Confirm);
        for step in first.into_iter().chain(&steps) {
            let whole = world.shipments.len();
            world.make(step);
            world.holds(&begin);
            prop_assert!(whole == 0 || world.shipments.len() == whole, "it is split once");
            let all = world.shipments.len();
            prop_assert!(world.loads().all(|it| it.of as usize == all), "each knows how many");
        }
        world.finish();
        world.holds(&begin);
    }
}
