//! Worlds: the same every time, with the shapes and the faults that they promise.

use std::collections::{BTreeMap, BTreeSet};

use world::acts::{Act, BrandAct, Day};
use world::dealers::Pay;
use world::{Settings, Size, Truth, World};

fn played(size: Size, seed: u64, days: u32) -> (World, Vec<Day>, Truth) {
    let world = World::new(Settings { size, seed, online: true });
    let mut script = world.script(days);
    let all: Vec<Day> = script.by_ref().collect();
    let truth = script.truth().clone();
    (world, all, truth)
}

fn acts(days: &[Day]) -> impl Iterator<Item = &Act> {
    days.iter().flat_map(|day| day.dealers.iter()).flat_map(|(_, acts)| acts)
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let [one, two, other] = [7, 7, 8].map(|seed| played(Size::S, seed, 40));

    assert_eq!(format!("{:?}", one.1), format!("{:?}", two.1));
    assert_eq!(one.2, two.2);
    assert_ne!(one.2.sales, other.2.sales);
}

#[test]
fn a_longer_play_begins_as_a_shorter_one() {
    let (short, long) = (played(Size::S, 7, 10), played(Size::S, 7, 40));

    assert_eq!(format!("{:?}", short.1), format!("{:?}", &long.1[..10]));
}

#[test]
fn four_days_of_a_small_world_have_every_fault() {
    for seed in 1..=20 {
        let (_, _, truth) = played(Size::S, seed, 4);
        let planted = &truth.planted;
        let there = [
            planted.differences.len(),
            planted.duplicate_notices.len(),
            planted.late_payments.len(),
            planted.holds_released.len(),
            planted.holds_refused.len(),
            planted.swapped_notices.len(),
            planted.out_of_stock.iter().filter(|it| it.cut).count(),
            planted.closed_short.len(),
            truth.cases.settled as usize,
        ];
        assert!(there.iter().all(|count| *count > 0), "seed {seed}: {there:?}");
    }
}

#[test]
fn faults_are_as_frequent_as_they_should_be() {
    let (_, days, truth) = played(Size::M, 3, 60);

    let online = acts(&days).filter(|act| matches!(act, Act::PayOnline { .. })).count();
    let permille = |part: usize, of: usize| part * 1_000 / of;
    let receipts = &truth.receipts;
    let different = permille(receipts.with_differences as usize, receipts.parcels as usize);
    assert!((15..=25).contains(&different), "{different} of a thousand parcels");
    let twice = permille(truth.planted.duplicate_notices.len(), online);
    assert!((15..=45).contains(&twice), "{twice} of a thousand payments");
    let holds = truth.planted.holds_released.len() + truth.planted.holds_refused.len();
    let holds = permille(holds, truth.orders.submitted as usize);
    assert!((3..=40).contains(&holds), "{holds} of a thousand orders");
    assert!(!truth.planted.holds_refused.is_empty());
    assert!(receipts.accuracy_ppm > 990_000 && receipts.accuracy_ppm < 1_000_000);
}

#[test]
fn a_day_has_as_many_orders_as_the_world_says() {
    let orders = |size, days: u32| {
        let (_, days, truth) = played(size, 5, days);
        (
            truth.orders.submitted / u64::from(truth.workdays),
            truth.orders.lines / truth.orders.submitted,
            days,
        )
    };

    let (a_day, lines, _) = orders(Size::S, 30);
    assert!((27..=33).contains(&a_day) && (3..=5).contains(&lines), "{a_day} with {lines} lines");
    let (a_day, lines, _) = orders(Size::M, 28);
    assert!((250..=500).contains(&a_day) && (7..=9).contains(&lines), "{a_day} with {lines} lines");
}

#[test]
fn what_happens_to_an_order_happens_in_order() {
    let (_, days, truth) = played(Size::S, 11, 60);
    let mut lines: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let mut shipped: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let mut arrived = BTreeSet::new();
    let mut taken = BTreeSet::new();
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    let mut refused = BTreeSet::new();
    for act in acts(&days) {
        match act {
            Act::Order(order) => {
                lines.insert(&order.id, order.lines.iter().map(|line| line.quantity).collect());
            }
            Act::Ship(parcel) => {
                let id = parcel.order_id.as_str();
                assert!(!refused.contains(id) && !closed.contains(id), "{parcel:?}");
                let ordered = &lines[parcel.order_id.as_str()];
                let so_far =
                    shipped.entry(&parcel.order_id).or_insert_with(|| vec![0; ordered.len()]);
                for &(line_no, quantity) in &parcel.lines {
                    let at = line_no as usize - 1;
                    so_far[at] += quantity;
                    assert!(so_far[at] <= ordered[at], "{parcel:?}");
                }
            }
            Act::Receive(arrival) => {
                let (id, part) = (arrival.parcel.order_id.as_str(), arrival.parcel.part);
                assert!(shipped.contains_key(id));
                assert!(arrived.insert((arrival.parcel.shipment_id(), part)));
                assert_eq!(arrival.well().len(), arrival.parcel.lines.len(), "something is well");
            }
            Act::Take { shipment_id, .. } => assert!(taken.insert(shipment_id)),
            Act::CloseShort { order_id, shipment_ids } => {
                assert!(
                    shipped.contains_key(order_id.as_str()) && closed.insert(order_id.as_str())
                );
                assert!(shipment_ids.iter().all(|id| id.starts_with(order_id.as_str())));
            }
            Act::AfterSale(case) => assert!(shipped.contains_key(case.order_id.as_str())),
            Act::Rate { order_id, rating } => {
                assert!(shipped.contains_key(order_id.as_str()));
                assert!((1..=5).contains(&rating.0) && (1..=5).contains(&rating.1));
            }
            Act::OutOfStock(order) => assert!(!lines.contains_key(order.id.as_str())),
            Act::Refuse { order_id } | Act::PayTooLate { order_id } => {
                refused.insert(order_id.as_str());
            }
            Act::Remit(_)
            | Act::Limit { .. }
            | Act::Rebate { .. }
            | Act::PayOnline { .. }
            | Act::PayBoth { .. }
            | Act::Release { .. }
            | Act::Confirm { .. } => (),
        }
    }
    assert_eq!(lines.len() as u64, truth.orders.submitted);
    assert_eq!(refused.len() as u64, truth.orders.cancelled);
    assert_eq!(truth.orders.submitted, truth.orders.confirmed + truth.orders.cancelled);
}

#[test]
fn a_year_has_new_prices_and_new_levels() {
    let (world, days, truth) = played(Size::S, 2, 362);

    let brand = || days.iter().flat_map(|day| &day.brand);
    assert_eq!(brand().filter(|act| matches!(act, BrandAct::Promote(_))).count(), 12);
    assert!(
        truth.planted.price_changes.len() == 11
            && truth.planted.price_changes.values().any(|count| *count > 0)
    );
    assert_eq!(truth.planted.level_changes.len(), 1);
    assert_eq!(truth.workdays, 248);
    let credit = world.dealers.iter().filter(|it| matches!(it.pay, Pay::Credit { .. })).count();
    assert_eq!(credit, 20);
}

#[test]
fn truth_is_told_as_json() {
    let (_, _, truth) = played(Size::S, 7, 3);

    let told = serde_json::to_value(&truth).unwrap();

    assert_eq!(told["tenant"], "world-s-7");
    assert_eq!(
        (&told["first_date"], &told["last_date"]),
        (&"2026-01-04".into(), &"2026-01-06".into())
    );
    let sold: i64 =
        told["sales"].as_array().unwrap().iter().map(|it| it["orders"].as_i64().unwrap()).sum();
    assert_eq!(told["orders"]["confirmed"], sold);
}
