//! The region tree.

use kernel::spec::{given, given_nothing};
use partner::region_tree::{MAX_REGIONS, RegionCommand, RegionEvent, RegionRefusal, RegionTree};
use values::BusinessDate;

use crate::world::{added, planted, region};

/// The day of all requests here.
fn today() -> BusinessDate {
    "2026-11-26".parse().unwrap()
}

fn add(id: &str, name: &str, parent: &str) -> RegionCommand {
    let (region_id, parent_id) = (region(id), region(parent));
    RegionCommand::Add { region_id, name: name.into(), parent_id, today: today() }
}

/// The fact that follows from [`add`].
fn added_today(id: &str, name: &str, parent: &str) -> RegionEvent {
    RegionEvent::RegionAdded {
        region_id: region(id),
        name: name.into(),
        parent_id: Some(region(parent)),
        added_on: Some(today()),
    }
}

fn rename(id: &str, name: &str) -> RegionCommand {
    RegionCommand::Rename { region_id: region(id), name: name.into(), today: today() }
}

fn renamed(id: &str, name: &str) -> RegionEvent {
    RegionEvent::RegionRenamed { region_id: region(id), name: name.into() }
}

/// A tree that is a single chain of so many levels: root, r2, r3, …
fn chain(levels: usize) -> Vec<RegionEvent> {
    let id = |level| if level == 1 { "root".to_owned() } else { format!("r{level}") };
    let below = |level| added(&id(level), "下级", Some(&id(level - 1)));
    std::iter::once(planted()).chain((2..=levels).map(below)).collect()
}

#[test]
fn a_tree_is_planted_with_its_root() {
    given_nothing::<RegionTree>()
        .when(RegionCommand::Plant { name: "全国".into() })
        .then([planted()]);
}

#[test]
fn a_tree_has_one_root() {
    given::<RegionTree>([planted()])
        .when(RegionCommand::Plant { name: "海外".into() })
        .then_refused(RegionRefusal::AlreadyPlanted);
}

#[test]
fn a_region_is_added_below_another() {
    let tree = given::<RegionTree>([planted()])
        .when(add("east", "华东", "root"))
        .then([added_today("east", "华东", "root")]);
    let path = tree.path(&region("east"), today()).unwrap();
    let names: Vec<_> = path.iter().map(|region| region.name.as_str()).collect();
    assert_eq!(names, ["全国", "华东"]);
}

#[test]
fn a_region_id_is_used_once() {
    given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(add("east", "东区", "root"))
        .then_refused(RegionRefusal::RegionExists(region("east")));
}

#[test]
fn a_region_needs_a_region_above_it() {
    given::<RegionTree>([planted()])
        .when(add("sh", "上海", "east"))
        .then_refused(RegionRefusal::UnknownRegion(region("east")));
}

#[test]
fn nothing_is_added_to_a_tree_that_is_not_planted() {
    given_nothing::<RegionTree>()
        .when(add("east", "华东", "root"))
        .then_refused(RegionRefusal::UnknownRegion(region("root")));
}

#[test]
fn a_tree_has_at_most_ten_levels() {
    given::<RegionTree>(chain(9))
        .when(add("r10", "十级", "r9"))
        .then([added_today("r10", "十级", "r9")]);
    given::<RegionTree>(chain(10))
        .when(add("r11", "十一级", "r10"))
        .then_refused(RegionRefusal::TooDeep(region("r10")));
}

#[test]
fn two_regions_side_by_side_have_different_names() {
    given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(add("east-2", "华东", "root"))
        .then_refused(RegionRefusal::NameTaken(region("east")));
    given::<RegionTree>([
        planted(),
        added("east", "华东", Some("root")),
        added("north", "华北", Some("root")),
    ])
    .when(rename("north", "华东"))
    .then_refused(RegionRefusal::NameTaken(region("east")));
}

#[test]
fn regions_in_different_places_may_share_a_name() {
    given::<RegionTree>([planted(), added("east", "城区", Some("root"))])
        .when(add("city", "城区", "east"))
        .then([added_today("city", "城区", "east")]);
}

#[test]
fn a_tree_has_at_most_five_thousand_regions() {
    let below = (1..MAX_REGIONS).map(|n| added(&format!("r{n}"), &n.to_string(), Some("root")));
    given::<RegionTree>(std::iter::once(planted()).chain(below))
        .when(add("one-more", "又一个", "root"))
        .then_refused(RegionRefusal::TooManyRegions);
}

#[test]
fn a_region_gets_another_name() {
    let tree = given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(rename("east", "东部大区"))
        .then([renamed("east", "东部大区")]);
    assert_eq!(tree.path(&region("east"), today()).unwrap().own().unwrap().name, "东部大区");
}

#[test]
fn a_region_that_is_called_so_already_stays() {
    given::<RegionTree>([planted(), added("east", "华东", Some("root"))])
        .when(rename("east", "华东"))
        .then_nothing();
}

#[test]
fn a_region_that_is_not_there_can_not_be_renamed() {
    given::<RegionTree>([planted()])
        .when(rename("east", "华东"))
        .then_refused(RegionRefusal::UnknownRegion(region("east")));
}
