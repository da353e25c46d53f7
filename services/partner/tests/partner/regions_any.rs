//! What holds of a region tree on every day after any sequence of commands.

use std::collections::{BTreeMap, HashSet};

use kernel::Decider as _;
use kernel::spec::given;
use partner::region_tree::{AnnouncedChange, RegionCommand, RegionEvent, RegionTree};
use proptest::prelude::*;
use values::region::MAX_LEVELS;
use values::{BusinessDate, RegionId};

use crate::world::{planted, region};

/// Days go by between the steps, and changes are announced for days ahead.
#[derive(Clone, Debug)]
enum Step {
    Wait { days: i64 },
    Add { id: usize, parent: usize },
    Rename { id: usize, name: u8 },
    Move { id: usize, parent: usize, ahead: i64 },
    Retire { id: usize, ahead: i64 },
    Cancel { id: usize, retirement: bool, ahead: i64 },
}

/// Few enough ids that many steps meet, and enough for a tree that is too deep.
const IDS: usize = 14;
/// Days that can be announced for.
const AHEAD: i64 = 4;

fn step() -> impl Strategy<Value = Step> {
    // A parent is most often the id before, so that deep trees are made too.
    let near = (1..IDS).prop_map(|id| Step::Add { id, parent: id - 1 });
    let moves = (0..IDS, 0..IDS, 0..AHEAD);
    prop_oneof![
        4 => near,
        2 => (0..IDS, 0..IDS).prop_map(|(id, parent)| Step::Add { id, parent }),
        2 => (0..IDS, 0..8_u8).prop_map(|(id, name)| Step::Rename { id, name }),
        6 => moves.prop_map(|(id, parent, ahead)| Step::Move { id, parent, ahead }),
        2 => (0..IDS, 0..AHEAD).prop_map(|(id, ahead)| Step::Retire { id, ahead }),
        3 => (0..IDS, any::<bool>(), 0..AHEAD)
            .prop_map(|(id, retirement, ahead)| Step::Cancel { id, retirement, ahead }),
        1 => (1..3_i64).prop_map(|days| Step::Wait { days }),
    ]
}

fn numbered(id: usize) -> RegionId {
    region(&if id == 0 { "root".to_owned() } else { format!("r{id}") })
}

fn day(number: i64) -> BusinessDate {
    let first: BusinessDate = "2026-11-26".parse().unwrap();
    (first.day() + chrono::TimeDelta::days(number)).into()
}

fn command(step: &Step, now: i64) -> Option<RegionCommand> {
    let today = day(now);
    Some(match *step {
        Step::Wait { .. } => return None,
        Step::Add { id, parent } => RegionCommand::Add {
            region_id: numbered(id),
            name: format!("区域 {}", id % 5),
            parent_id: numbered(parent),
            today,
        },
        Step::Rename { id, name } => {
            RegionCommand::Rename { region_id: numbered(id), name: format!("区域 {name}"), today }
        }
        Step::Move { id, parent, ahead } => RegionCommand::Move {
            region_id: numbered(id),
            parent_id: numbered(parent),
            effective_on: day(now + ahead),
            today,
        },
        Step::Retire { id, ahead } => {
            RegionCommand::Retire { region_id: numbered(id), effective_on: day(now + ahead), today }
        }
        Step::Cancel { id, retirement, ahead } => RegionCommand::Cancel {
            region_id: numbered(id),
            change: if retirement { AnnouncedChange::Retirement } else { AnnouncedChange::Move },
            effective_on: day(now + ahead),
            today,
        },
    })
}

/// The tree of a day as its facts tell it, without the code that is judged.
#[derive(Default)]
struct Told {
    names: BTreeMap<RegionId, String>,
    parents: BTreeMap<RegionId, BTreeMap<BusinessDate, RegionId>>,
    retired: BTreeMap<RegionId, BusinessDate>,
}

impl Told {
    fn hear(&mut self, event: RegionEvent) {
        match event {
            RegionEvent::RegionAdded { region_id, name, parent_id, added_on } => {
                self.names.insert(region_id.clone(), name);
                let parent = parent_id.map(|parent| (added_on.unwrap_or(day(0)), parent));
                self.parents.insert(region_id, parent.into_iter().collect());
            }
            RegionEvent::RegionRenamed { region_id, name } => {
                self.names.insert(region_id, name);
            }
            RegionEvent::RegionMoved { region_id, parent_id, effective_on } => {
                self.parents.entry(region_id).or_default().insert(effective_on, parent_id);
            }
            RegionEvent::RegionRetired { region_id, effective_on } => {
                self.retired.insert(region_id, effective_on);
            }
            RegionEvent::RegionChangeCancelled { region_id, change, effective_on } => {
                match change {
                    AnnouncedChange::Move => {
                        self.parents.entry(region_id).or_default().remove(&effective_on);
                    }
                    AnnouncedChange::Retirement => {
                        self.retired.remove(&region_id);
                    }
                }
            }
        }
    }

    fn parent(&self, id: &RegionId, on: BusinessDate) -> Option<&RegionId> {
        self.parents.get(id)?.range(..=on).next_back().map(|(_, parent)| parent)
    }

    fn is_retired(&self, id: &RegionId, on: BusinessDate) -> bool {
        self.retired.get(id).is_some_and(|from| *from <= on)
    }

    /// What is wrong with the tree of a day.
    fn wrong(&self, tree: &RegionTree, on: BusinessDate) -> Option<String> {
        let mut beside = HashSet::new();
        for (id, name) in &self.names {
            let mut way = vec![id];
            while let Some(above) = self.parent(way[way.len() - 1], on) {
                if way.contains(&above) {
                    return Some(format!("{id} is below itself on {on}"));
                }
                way.push(above);
            }
            if *way[way.len() - 1] != RegionId::root() {
                return Some(format!("{id} is not below the root on {on}"));
            }
            if way.len() > MAX_LEVELS {
                return Some(format!("{id} is on level {} on {on}", way.len()));
            }
            if !beside.insert((way.get(1).copied(), name)) {
                return Some(format!("two are called {name} beside {id} on {on}"));
            }
            if let Some(above) = way.get(1)
                && self.is_retired(above, on)
                && !self.is_retired(id, on)
            {
                return Some(format!("{id} goes on below {above}, which is retired on {on}"));
            }
            way.reverse();
            let path = tree.path(id, on).map(|path| path.ids().cloned().collect::<Vec<_>>());
            if path.as_ref().ok() != Some(&way.into_iter().cloned().collect()) {
                return Some(format!("{id} has another way on {on}: {path:?}"));
            }
        }
        None
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_changes_leave_a_tree_on_every_day(steps in prop::collection::vec(step(), 1..80)) {
        let mut tree = given::<RegionTree>([planted()]).state();
        let mut facts = vec![planted()];
        let mut told = Told::default();
        told.hear(planted());
        let mut now = 0;
        for step in steps {
            if let Step::Wait { days } = step {
                now += days;
            }
            let Some(command) = command(&step, now) else { continue };
            let Ok(events) = tree.decide(command) else { continue };
            for event in events {
                tree.evolve(event.clone());
                told.hear(event.clone());
                facts.push(event);
            }
            for ahead in 0..=AHEAD {
                prop_assert_eq!(told.wrong(&tree, day(now + ahead)), None);
            }
        }
        prop_assert_eq!(given::<RegionTree>(facts).state(), tree);
    }
}
