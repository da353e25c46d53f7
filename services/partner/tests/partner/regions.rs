//! The region tree.

use std::collections::HashSet;

use kernel::Decider as _;
use kernel::spec::{given, given_nothing};
use partner::region_tree::{MAX_REGIONS, RegionCommand, RegionEvent, RegionRefusal, RegionTree};
use proptest::prelude::*;
use values::RegionId;
use values::region::MAX_LEVELS;

use crate::world::{added, planted, region};

fn add(id: &str, name: &str, parent: &str) -> RegionCommand {
    RegionCommand::Add { region_id: region(id), name: name.into(), parent_id: region(parent) }
}

fn rename(id: &str, name: &str) -> RegionCommand {
    RegionCommand::Rename { region_id: region(id), name: name.into() }
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
    let tree = given::<RegionTree>([planted()]).when(add("east", "华东", "root")).then([added(
        "east",
        "华东",
        Some("root"),
    )]);
    let path = tree.path(&region("east")).unwrap();
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
    given::<RegionTree>(chain(9)).when(add("r10", "十级", "r9")).then([added(
        "r10",
        "十级",
        Some("r9"),
    )]);
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
        .then([added("city", "城区", Some("east"))]);
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
    assert_eq!(tree.path(&region("east")).unwrap().own().unwrap().name, "东部大区");
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

// What holds after any sequence of commands.

#[derive(Clone, Debug)]
enum Step {
    Add { id: usize, parent: usize },
    Rename { id: usize, name: u8 },
}

/// Few enough ids that many steps meet, and enough for a tree that is too deep.
const IDS: usize = 16;

fn step() -> impl Strategy<Value = Step> {
    // A parent is most often the id before, so that deep trees are made too.
    let near = (1..IDS).prop_map(|id| Step::Add { id, parent: id - 1 });
    prop_oneof![
        3 => near,
        3 => (0..IDS, 0..IDS).prop_map(|(id, parent)| Step::Add { id, parent }),
        2 => (0..IDS, 0..40_u8).prop_map(|(id, name)| Step::Rename { id, name }),
    ]
}

fn numbered(id: usize) -> String {
    if id == 0 { "root".to_owned() } else { format!("r{id}") }
}

fn command(step: &Step) -> RegionCommand {
    match step {
        Step::Add { id, parent } => add(&numbered(*id), &format!("区域 {id}"), &numbered(*parent)),
        Step::Rename { id, name } => rename(&numbered(*id), &format!("区域 {name}")),
    }
}

/// Whether people can tell regions side by side apart.
fn siblings_differ(tree: &RegionTree, ids: &HashSet<RegionId>) -> bool {
    let places = ids.iter().map(|id| {
        let path = tree.path(id).unwrap();
        let above = path.regions().iter().rev().nth(1).map(|region| region.region_id.clone());
        (above, path.own().unwrap().name.clone())
    });
    places.collect::<HashSet<_>>().len() == ids.len()
}

proptest! {
    #[test]
    fn any_changes_leave_a_tree(steps in prop::collection::vec(step(), 1..60)) {
        let mut tree = given::<RegionTree>([planted()]).state();
        let mut facts = vec![planted()];
        let mut ids = HashSet::from([RegionId::root()]);
        let in_order = (1..IDS).map(|id| Step::Add { id, parent: id - 1 });
        for step in steps.into_iter().chain(in_order) {
            let before = tree.clone();
            let Ok(events) = tree.decide(command(&step)) else {
                prop_assert_eq!(&tree, &before);
                continue;
            };
            for event in events {
                if let RegionEvent::RegionAdded { region_id, parent_id, .. } = &event {
                    prop_assert!(ids.insert(region_id.clone()), "{region_id} was added twice");
                    prop_assert!(parent_id.as_ref().is_some_and(|parent| ids.contains(parent)));
                }
                tree.evolve(event.clone());
                facts.push(event);
            }
            prop_assert!(siblings_differ(&tree, &ids));
            for id in &ids {
                // Had the tree a cycle, this would never end.
                let path = tree.path(id).unwrap();
                let passed: Vec<_> = path.iter().map(|region| &region.region_id).collect();
                prop_assert_eq!(passed[0], &RegionId::root());
                prop_assert_eq!(passed[passed.len() - 1], id);
                prop_assert!(passed.len() <= MAX_LEVELS);
                prop_assert_eq!(passed.iter().collect::<HashSet<_>>().len(), passed.len());
            }
        }
        prop_assert_eq!(given::<RegionTree>(facts).state(), tree);
    }
}
