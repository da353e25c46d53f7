//! Where orders count, day by day.

use kernel::spec::{Given, given, given_nothing};
use kernel::{Refusal as _, RefusalKind};
use order::territory::{Territory, TerritoryCommand, TerritoryEvent, TerritoryRefusal};
use values::{BusinessDate, RegionId, RegionRef, Sight};

use crate::world::{Shop, after, basket, region_path};

fn day(day: &str) -> BusinessDate {
    day.parse().expect("a day")
}

fn id(id: &str) -> RegionId {
    id.parse().expect("an id")
}

fn note(region_id: &str, name: &str, parent: Option<&str>) -> TerritoryCommand {
    let region = RegionRef { region_id: id(region_id), name: name.into() };
    TerritoryCommand::Note { region, parent_id: parent.map(id), added_on: None }
}

fn noted(region_id: &str, name: &str, parent: Option<&str>) -> TerritoryEvent {
    TerritoryEvent::TerritoryNoted {
        region_id: id(region_id),
        name: name.into(),
        parent_id: parent.map(id),
        added_on: None,
    }
}

fn moves(region_id: &str, parent: Option<&str>, on: &str) -> TerritoryCommand {
    TerritoryCommand::Move {
        region_id: id(region_id),
        parent_id: parent.map(id),
        effective_on: day(on),
    }
}

fn moved(region_id: &str, parent: &str, on: &str) -> TerritoryEvent {
    TerritoryEvent::TerritoryMoved {
        region_id: id(region_id),
        parent_id: id(parent),
        effective_on: day(on),
    }
}

fn known() -> Vec<TerritoryEvent> {
    vec![
        noted("root", "全国", None),
        noted("west", "西部大区", Some("root")),
        noted("north", "北部大区", Some("root")),
    ]
}

fn territory() -> Given<Territory> {
    given(known())
}

#[test]
fn a_region_is_noted_once_and_its_name_follows() {
    given_nothing::<Territory>()
        .when(note("root", "全国", None))
        .then([noted("root", "全国", None)]);
    territory().when(note("west", "西部大区", Some("root"))).then_nothing();
    territory()
        .when(note("west", "西部", None))
        .then([TerritoryEvent::TerritoryRenamed { region_id: id("west"), name: "西部".into() }]);
}

#[test]
fn a_move_is_noted_once_and_can_be_called_off() {
    let change = moved("west", "north", "2026-12-01");
    territory().when(moves("west", Some("north"), "2026-12-01")).then([change.clone()]);
    let with_it = || given::<Territory>(known().into_iter().chain([change.clone()]));
    with_it().when(moves("west", Some("north"), "2026-12-01")).then_nothing();
    with_it().when(moves("west", None, "2026-12-01")).then([
        TerritoryEvent::TerritoryMoveCancelled {
            region_id: id("west"),
            effective_on: day("2026-12-01"),
        },
    ]);
    territory().when(moves("west", None, "2026-12-01")).then_nothing();
}

#[test]
fn only_noted_regions_move() {
    let no = |region: &str| TerritoryRefusal::RegionNotNoted(id(region));
    territory().when(moves("south", Some("north"), "2026-12-01")).then_refused(no("south"));
    territory().when(moves("west", Some("south"), "2026-12-01")).then_refused(no("south"));
    let no = no("south");
    assert_eq!((no.reason().as_str(), no.kind()), ("REGION_NOT_NOTED", RefusalKind::NotFound));
    assert!(no.text().zh.contains("请先登记"));
}

/// An order takes the regions of its day, and those of the account where none are noted.
#[test]
fn an_order_counts_in_the_regions_of_its_day() {
    let mut shop = Shop::open();
    let ordered = |shop: &Shop, on: &str| {
        let mut basket = basket(&[("trail-1", 1, None)]);
        basket.business_date = day(on);
        let path = shop.price(&basket).expect("a submission").region_path;
        path.ids().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(ordered(&shop, "2026-12-01"), ["root", "west"]);
    let facts = known().into_iter().chain([moved("west", "north", "2026-12-01")]);
    shop.territory = after(facts);
    assert_eq!(ordered(&shop, "2026-11-30"), ["root", "west"]);
    assert_eq!(ordered(&shop, "2026-12-01"), ["root", "north", "west"]);
}

/// Whoever looks after the north from December on sees what was placed in the west before.
#[test]
fn people_see_what_is_in_their_regions_on_the_day_they_look() {
    let facts = known().into_iter().chain([moved("west", "north", "2026-12-01")]);
    let territory: Territory = after(facts);
    let north = Sight::parse(None, &["north".to_owned()]).expect("ids");
    let dealer = "kansas-29ers".parse().expect("an id");
    let of_then: Vec<RegionId> = region_path().ids().cloned().collect();
    assert!(!territory.shows(&north, &dealer, &of_then, day("2026-11-30")));
    assert!(territory.shows(&north, &dealer, &of_then, day("2026-12-01")));
    let west = Sight::parse(None, &["west".to_owned()]).expect("ids");
    assert!(territory.shows(&west, &dealer, &of_then, day("2026-12-01")));
    assert!(!Territory::default().shows(&north, &dealer, &of_then, day("2026-12-01")));
}
