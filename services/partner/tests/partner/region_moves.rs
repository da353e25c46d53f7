//! Regions that move and retire, each from a day on.

use kernel::spec::{Given, given};
use partner::region_tree::{
    AnnouncedChange, MAX_ANNOUNCED, RegionCommand, RegionEvent, RegionRefusal, RegionTree,
};
use values::BusinessDate;

use crate::world::{added, planted, region};

fn day(day: &str) -> BusinessDate {
    day.parse().unwrap()
}

/// The day of all requests here.
const TODAY: &str = "2026-11-26";
const TOMORROW: &str = "2026-11-27";
const DECEMBER: &str = "2026-12-01";
const JANUARY: &str = "2027-01-01";

fn moves(id: &str, parent: &str, on: &str) -> RegionCommand {
    RegionCommand::Move {
        region_id: region(id),
        parent_id: region(parent),
        effective_on: day(on),
        today: day(TODAY),
    }
}

fn moved(id: &str, parent: &str, on: &str) -> RegionEvent {
    RegionEvent::RegionMoved {
        region_id: region(id),
        parent_id: region(parent),
        effective_on: day(on),
    }
}

fn retire(id: &str, on: &str) -> RegionCommand {
    RegionCommand::Retire { region_id: region(id), effective_on: day(on), today: day(TODAY) }
}

fn retired(id: &str, on: &str) -> RegionEvent {
    RegionEvent::RegionRetired { region_id: region(id), effective_on: day(on) }
}

fn cancel(id: &str, change: AnnouncedChange, on: &str) -> RegionCommand {
    RegionCommand::Cancel {
        region_id: region(id),
        change,
        effective_on: day(on),
        today: day(TODAY),
    }
}

fn cancelled(id: &str, change: AnnouncedChange, on: &str) -> RegionEvent {
    RegionEvent::RegionChangeCancelled { region_id: region(id), change, effective_on: day(on) }
}

fn add(id: &str, name: &str, parent: &str) -> RegionCommand {
    let (region_id, parent_id) = (region(id), region(parent));
    RegionCommand::Add { region_id, name: name.into(), parent_id, today: day(TODAY) }
}

/// East with Jiangsu and Nanjing below it, and west.
fn tree(later: impl IntoIterator<Item = RegionEvent>) -> Given<RegionTree> {
    let facts = [
        planted(),
        added("east", "华东", Some("root")),
        added("west", "西部", Some("root")),
        added("jiangsu", "江苏", Some("east")),
        added("nanjing", "南京", Some("jiangsu")),
    ];
    given::<RegionTree>(facts.into_iter().chain(later))
}

fn way(tree: &RegionTree, id: &str, on: &str) -> Vec<String> {
    let path = tree.path(&region(id), day(on)).unwrap();
    path.ids().map(ToString::to_string).collect()
}

#[test]
fn a_region_moves_on_its_day_and_not_before() {
    let tree = tree([])
        .when(moves("jiangsu", "west", DECEMBER))
        .then([moved("jiangsu", "west", DECEMBER)]);
    assert_eq!(way(&tree, "nanjing", "2026-11-30"), ["root", "east", "jiangsu", "nanjing"]);
    assert_eq!(way(&tree, "nanjing", DECEMBER), ["root", "west", "jiangsu", "nanjing"]);
    assert_eq!(way(&tree, "nanjing", JANUARY), ["root", "west", "jiangsu", "nanjing"]);
}

#[test]
fn a_region_moves_today_or_later() {
    tree([]).when(moves("jiangsu", "west", TODAY)).then([moved("jiangsu", "west", TODAY)]);
    tree([])
        .when(moves("jiangsu", "west", "2026-11-25"))
        .then_refused(RegionRefusal::InThePast { today: day(TODAY) });
    tree([])
        .when(retire("nanjing", "2026-11-25"))
        .then_refused(RegionRefusal::InThePast { today: day(TODAY) });
}

#[test]
fn a_region_that_is_there_by_then_does_not_move() {
    tree([]).when(moves("jiangsu", "east", DECEMBER)).then_nothing();
    tree([moved("jiangsu", "west", DECEMBER)])
        .when(moves("jiangsu", "west", JANUARY))
        .then_nothing();
}

#[test]
fn the_root_neither_moves_nor_retires() {
    tree([]).when(moves("root", "west", TODAY)).then_refused(RegionRefusal::RootStays);
    tree([]).when(retire("root", TODAY)).then_refused(RegionRefusal::RootStays);
}

#[test]
fn both_regions_of_a_move_are_known() {
    tree([])
        .when(moves("anhui", "west", TODAY))
        .then_refused(RegionRefusal::UnknownRegion(region("anhui")));
    tree([])
        .when(moves("jiangsu", "north", TODAY))
        .then_refused(RegionRefusal::UnknownRegion(region("north")));
    tree([])
        .when(retire("anhui", TODAY))
        .then_refused(RegionRefusal::UnknownRegion(region("anhui")));
}

#[test]
fn a_region_is_never_below_itself() {
    tree([])
        .when(moves("east", "nanjing", TODAY))
        .then_refused(RegionRefusal::BelowItself(region("east")));
    tree([])
        .when(moves("east", "east", TODAY))
        .then_refused(RegionRefusal::BelowItself(region("east")));
}

/// Each move alone is fine on its day; both together would make a circle.
#[test]
fn what_is_announced_counts_when_a_circle_is_looked_for() {
    tree([moved("west", "nanjing", DECEMBER)])
        .when(moves("east", "west", TOMORROW))
        .then_refused(RegionRefusal::BelowItself(region("east")));
    tree([moved("west", "nanjing", DECEMBER)])
        .when(moves("east", "west", JANUARY))
        .then_refused(RegionRefusal::BelowItself(region("east")));
    // Nanjing has left by then.
    tree([moved("nanjing", "root", DECEMBER), moved("west", "nanjing", DECEMBER)])
        .when(moves("east", "west", JANUARY))
        .then([moved("east", "west", JANUARY)]);
}

#[test]
fn a_tree_has_ten_levels_at_most_with_all_that_moves() {
    let below = |level: usize| if level == 1 { "west".to_owned() } else { format!("w{level}") };
    let chain = |levels: usize| {
        (2..=levels).map(move |level| added(&below(level), "下级", Some(&below(level - 1))))
    };
    // Root, west and six more are eight levels: Jiangsu with Nanjing has room below the last.
    tree(chain(7)).when(moves("jiangsu", "w7", TODAY)).then([moved("jiangsu", "w7", TODAY)]);
    tree(chain(8))
        .when(moves("jiangsu", "w8", TODAY))
        .then_refused(RegionRefusal::TooDeep(region("w8")));
    // Nanjing leaves later, which is too late.
    tree(chain(8).chain([moved("nanjing", "root", DECEMBER)]))
        .when(moves("jiangsu", "w8", TOMORROW))
        .then_refused(RegionRefusal::TooDeep(region("w8")));
    tree(chain(8).chain([moved("nanjing", "root", DECEMBER)]))
        .when(moves("jiangsu", "w8", DECEMBER))
        .then([moved("jiangsu", "w8", DECEMBER)]);
}

#[test]
fn a_name_is_free_beside_those_that_are_there_by_then() {
    let twin = added("jiangsu-2", "江苏", Some("west"));
    tree([twin.clone()])
        .when(moves("jiangsu", "west", TODAY))
        .then_refused(RegionRefusal::NameTaken(region("jiangsu-2")));
    tree([twin.clone(), moved("jiangsu-2", "root", DECEMBER)])
        .when(moves("jiangsu", "west", DECEMBER))
        .then([moved("jiangsu", "west", DECEMBER)]);
    tree([twin, moved("jiangsu", "root", DECEMBER)])
        .when(moves("jiangsu-2", "root", JANUARY))
        .then_refused(RegionRefusal::NameTaken(region("jiangsu")));
    // Nobody takes the name of a region that will come.
    tree([moved("jiangsu", "west", DECEMBER)])
        .when(add("js", "江苏", "west"))
        .then_refused(RegionRefusal::NameTaken(region("jiangsu")));
    let other = added("js", "苏", Some("west"));
    tree([other, moved("jiangsu", "west", DECEMBER)])
        .when(RegionCommand::Rename {
            region_id: region("js"),
            name: "江苏".into(),
            today: day(TODAY),
        })
        .then_refused(RegionRefusal::NameTaken(region("jiangsu")));
}

#[test]
fn a_region_moves_once_on_a_day_and_a_move_of_today_is_put_right() {
    tree([moved("jiangsu", "west", DECEMBER)])
        .when(moves("jiangsu", "root", DECEMBER))
        .then_refused(RegionRefusal::MovesThatDay {
            region_id: region("jiangsu"),
            effective_on: day(DECEMBER),
        });
    let tree = tree([moved("jiangsu", "west", TODAY)])
        .when(moves("jiangsu", "root", TODAY))
        .then([moved("jiangsu", "root", TODAY)]);
    assert_eq!(way(&tree, "jiangsu", TODAY), ["root", "jiangsu"]);
}

#[test]
fn a_retired_region_takes_nothing_new_from_its_day_on() {
    let tree = tree([]).when(retire("nanjing", DECEMBER)).then([retired("nanjing", DECEMBER)]);
    assert_eq!(tree.takes_new(&region("nanjing"), day("2026-11-30")), Ok(()));
    let no =
        RegionRefusal::RegionRetired { region_id: region("nanjing"), effective_on: day(DECEMBER) };
    assert_eq!(tree.takes_new(&region("nanjing"), day(DECEMBER)), Err(no));
}

#[test]
fn what_retires_takes_no_region_even_before_its_day() {
    let no = || RegionRefusal::RegionRetired {
        region_id: region("nanjing"),
        effective_on: day(DECEMBER),
    };
    let retiring = || tree([retired("nanjing", DECEMBER)]);
    retiring().when(add("xuanwu", "玄武", "nanjing")).then_refused(no());
    retiring().when(moves("west", "nanjing", TODAY)).then_refused(no());
    retiring().when(moves("west", "nanjing", JANUARY)).then_refused(no());
}

#[test]
fn a_region_with_regions_that_go_on_does_not_retire() {
    let no = || RegionRefusal::HasRegions { below: region("nanjing") };
    tree([]).when(retire("jiangsu", DECEMBER)).then_refused(no());
    tree([retired("nanjing", JANUARY)]).when(retire("jiangsu", DECEMBER)).then_refused(no());
    tree([retired("nanjing", DECEMBER)])
        .when(retire("jiangsu", DECEMBER))
        .then([retired("jiangsu", DECEMBER)]);
    tree([moved("nanjing", "west", DECEMBER)])
        .when(retire("jiangsu", DECEMBER))
        .then([retired("jiangsu", DECEMBER)]);
    // Another one is announced to come.
    tree([moved("nanjing", "west", TODAY), moved("west", "jiangsu", JANUARY)])
        .when(retire("jiangsu", DECEMBER))
        .then_refused(RegionRefusal::HasRegions { below: region("west") });
}

#[test]
fn a_region_retires_once() {
    tree([retired("nanjing", DECEMBER)]).when(retire("nanjing", JANUARY)).then_refused(
        RegionRefusal::RetiresAlready { region_id: region("nanjing"), effective_on: day(DECEMBER) },
    );
}

#[test]
fn what_is_announced_can_be_called_off() {
    let tree_after = tree([moved("jiangsu", "west", DECEMBER)])
        .when(cancel("jiangsu", AnnouncedChange::Move, DECEMBER))
        .then([cancelled("jiangsu", AnnouncedChange::Move, DECEMBER)]);
    assert_eq!(way(&tree_after, "jiangsu", JANUARY), ["root", "east", "jiangsu"]);
    let tree_after = tree([retired("nanjing", DECEMBER)])
        .when(cancel("nanjing", AnnouncedChange::Retirement, DECEMBER))
        .then([cancelled("nanjing", AnnouncedChange::Retirement, DECEMBER)]);
    assert_eq!(tree_after.takes_new(&region("nanjing"), day(JANUARY)), Ok(()));
}

#[test]
fn what_counts_already_or_was_never_announced_is_not_called_off() {
    tree([moved("jiangsu", "west", TODAY)])
        .when(cancel("jiangsu", AnnouncedChange::Move, TODAY))
        .then_refused(RegionRefusal::InForce { effective_on: day(TODAY) });
    for never in [
        cancel("jiangsu", AnnouncedChange::Retirement, DECEMBER),
        cancel("jiangsu", AnnouncedChange::Move, JANUARY),
        cancel("nanjing", AnnouncedChange::Move, DECEMBER),
    ] {
        let RegionCommand::Cancel { region_id, .. } = never.clone() else {
            panic!("no cancellation")
        };
        tree([moved("jiangsu", "west", DECEMBER)])
            .when(never)
            .then_refused(RegionRefusal::NotAnnounced(region_id));
    }
}

/// To call something off can break what was announced on the strength of it.
#[test]
fn calling_off_is_judged_against_what_else_is_announced() {
    let twin = added("jiangsu-2", "江苏", Some("west"));
    tree([twin, moved("jiangsu", "root", DECEMBER), moved("jiangsu-2", "east", JANUARY)])
        .when(cancel("jiangsu", AnnouncedChange::Move, DECEMBER))
        .then_refused(RegionRefusal::NameTaken(region("jiangsu-2")));
    let both = [moved("nanjing", "root", DECEMBER), moved("west", "nanjing", DECEMBER)];
    tree(both.into_iter().chain([moved("east", "west", JANUARY)]))
        .when(cancel("nanjing", AnnouncedChange::Move, DECEMBER))
        .then_refused(RegionRefusal::BelowItself(region("nanjing")));
    let both = [retired("nanjing", DECEMBER), retired("jiangsu", DECEMBER)];
    tree(both).when(cancel("nanjing", AnnouncedChange::Retirement, DECEMBER)).then_refused(
        RegionRefusal::RegionRetired { region_id: region("jiangsu"), effective_on: day(DECEMBER) },
    );
}

#[test]
fn nothing_that_goes_on_is_left_below_what_retires_later() {
    let refused =
        RegionRefusal::RegionRetired { region_id: region("jiangsu"), effective_on: day(JANUARY) };
    tree([retired("nanjing", DECEMBER), retired("jiangsu", JANUARY)])
        .when(cancel("nanjing", AnnouncedChange::Retirement, DECEMBER))
        .then_refused(refused.clone());
    tree([moved("nanjing", "west", DECEMBER), retired("jiangsu", JANUARY)])
        .when(cancel("nanjing", AnnouncedChange::Move, DECEMBER))
        .then_refused(refused);
}

#[test]
fn two_hundred_changes_wait_at_most() {
    let day_of = |n: usize| {
        let first = day(DECEMBER).day();
        BusinessDate::from(first + chrono::TimeDelta::days(n.try_into().unwrap()))
    };
    let to_and_fro = (0..MAX_ANNOUNCED).map(|n| RegionEvent::RegionMoved {
        region_id: region("jiangsu"),
        parent_id: region(if n % 2 == 0 { "west" } else { "east" }),
        effective_on: day_of(n),
    });
    let full = tree(to_and_fro);
    full.when(moves("nanjing", "west", DECEMBER)).then_refused(RegionRefusal::TooManyAnnounced);
}
