//! Where each region of a tree is, day by day: a move counts from a day on, and what was before
//! that day stays as it was.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::date::BusinessDate;
use crate::id::RegionId;
use crate::region::{RegionPath, RegionRef};

/// The regions of one tree, with the places that they had, have and will have.
///
/// A day is a business day of the brand: a move counts from 00:00 of its day in the brand's time
/// zone. A region that was added on a day is asked for as of earlier days too, for example by an
/// order that is dated back; it has then the way to the root that it had on its first day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegionPlaces(BTreeMap<RegionId, Placed>);

/// One region, and under which others it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Placed {
    name: String,
    /// Its first day; none of regions whose facts do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    added_on: Option<BusinessDate>,
    /// The region above it on that day; none of the root.
    parent_id: Option<RegionId>,
    /// From which day on it is below which other region.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    moves: BTreeMap<BusinessDate, RegionId>,
}

impl Placed {
    fn parent(&self, on: BusinessDate) -> Option<&RegionId> {
        let moved = self.moves.range(..=on).next_back();
        moved.map(|(_, parent)| parent).or(self.parent_id.as_ref())
    }

    fn was_ever_below(&self, region_id: &RegionId) -> bool {
        let mut parents = self.moves.values().chain(&self.parent_id);
        parents.any(|parent| parent == region_id)
    }

    fn is_there(&self, on: BusinessDate) -> bool {
        self.added_on.is_none_or(|added_on| added_on <= on)
    }
}

impl RegionPlaces {
    /// Puts a new region below another, or at the root, from a day on.
    pub fn add(
        &mut self,
        region: RegionRef,
        parent_id: Option<RegionId>,
        added_on: Option<BusinessDate>,
    ) {
        let RegionRef { region_id, name } = region;
        let placed = Placed { name, added_on, parent_id, moves: BTreeMap::new() };
        self.0.insert(region_id, placed);
    }

    /// Calls a region something else, on all days.
    pub fn rename(&mut self, region_id: &RegionId, name: String) {
        if let Some(placed) = self.0.get_mut(region_id) {
            placed.name = name;
        }
    }

    /// Puts a region below another from a day on, until its next move.
    pub fn place(&mut self, region_id: &RegionId, parent_id: RegionId, from: BusinessDate) {
        if let Some(placed) = self.0.get_mut(region_id) {
            placed.moves.insert(from, parent_id);
        }
    }

    /// Takes back the move of a day: the region stays where it was before.
    pub fn withdraw(&mut self, region_id: &RegionId, from: BusinessDate) {
        if let Some(placed) = self.0.get_mut(region_id) {
            placed.moves.remove(&from);
        }
    }

    /// How many regions there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no region.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is such a region.
    pub fn contains(&self, region_id: &RegionId) -> bool {
        self.0.contains_key(region_id)
    }

    /// What people call a region.
    pub fn name(&self, region_id: &RegionId) -> Option<&str> {
        self.0.get(region_id).map(|placed| placed.name.as_str())
    }

    /// The region above another on a day; none of the root and of what is not there.
    pub fn parent(&self, region_id: &RegionId, on: BusinessDate) -> Option<&RegionId> {
        self.0.get(region_id)?.parent(on)
    }

    /// Where the move of a region on exactly this day puts it.
    pub fn moved_on(&self, region_id: &RegionId, on: BusinessDate) -> Option<&RegionId> {
        self.0.get(region_id)?.moves.get(&on)
    }

    /// The way from the root to a region on a day; none when there is no such region.
    pub fn path(&self, region_id: &RegionId, on: BusinessDate) -> Option<RegionPath> {
        let first = self.0.get(region_id)?.added_on;
        let on = first.map_or(on, |first| first.max(on));
        let mut path = Vec::new();
        let mut next = Some(region_id);
        while let Some(id) = next {
            // A way through a tree passes each region once.
            if path.len() >= self.0.len() {
                return None;
            }
            let placed = self.0.get(id)?;
            path.push(RegionRef { region_id: id.clone(), name: placed.name.clone() });
            next = placed.parent(on);
        }
        path.reverse();
        RegionPath::parse(path).ok()
    }

    /// The regions right below another on a day.
    pub fn right_below(
        &self,
        parent_id: &RegionId,
        on: BusinessDate,
    ) -> impl Iterator<Item = &RegionId> {
        let below = move |placed: &Placed| {
            placed.is_there(on) && placed.parent(on).is_some_and(|parent| parent == parent_id)
        };
        self.0.iter().filter(move |(_, placed)| below(placed)).map(|(id, _)| id)
    }

    /// The levels from the root to a region on a day, that region included; none when a move
    /// would put it below itself.
    pub fn levels(&self, region_id: &RegionId, on: BusinessDate) -> Option<usize> {
        let mut levels = 1;
        let mut next = self.parent(region_id, on);
        while let Some(id) = next {
            if id == region_id || levels > self.0.len() {
                return None;
            }
            levels += 1;
            next = self.parent(id, on);
        }
        Some(levels)
    }

    /// The levels from a region down to the lowest one below it on a day, that region included.
    pub fn height(&self, region_id: &RegionId, on: BusinessDate) -> usize {
        // Most have never had any below them, and a new one can not have.
        if !self.0.values().any(|placed| placed.was_ever_below(region_id)) {
            return 1;
        }
        self.levels_below([region_id], on).len()
    }

    /// Some regions and all that are below them on a day. One that is not in the tree is itself and
    /// nothing more.
    pub fn within<'a>(
        &'a self,
        regions: impl IntoIterator<Item = &'a RegionId>,
        on: BusinessDate,
    ) -> BTreeSet<&'a RegionId> {
        self.levels_below(regions, on).into_iter().flatten().collect()
    }

    /// Some regions, those right below them on a day, those right below these, and so on.
    fn levels_below<'a>(
        &'a self,
        regions: impl IntoIterator<Item = &'a RegionId>,
        on: BusinessDate,
    ) -> Vec<Vec<&'a RegionId>> {
        let mut below: BTreeMap<&RegionId, Vec<&RegionId>> = BTreeMap::new();
        for (id, placed) in self.0.iter().filter(|(_, placed)| placed.is_there(on)) {
            if let Some(parent) = placed.parent(on) {
                below.entry(parent).or_default().push(id);
            }
        }
        let mut levels = Vec::new();
        let mut level: Vec<_> = regions.into_iter().collect();
        // Taking what is below out of the map ends the walk, whatever the facts say.
        while !level.is_empty() {
            let next = level.iter().flat_map(|id| below.remove(id).unwrap_or_default()).collect();
            levels.push(std::mem::replace(&mut level, next));
        }
        levels
    }

    /// The days after one on which a region moves.
    pub fn moves_after(
        &self,
        day: BusinessDate,
    ) -> impl Iterator<Item = (BusinessDate, &RegionId)> {
        let later = (std::ops::Bound::Excluded(day), std::ops::Bound::Unbounded);
        let moves = move |(id, placed): (_, &'_ Placed)| {
            placed.moves.range(later).map(move |(day, _)| (*day, id)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(moves)
    }

    /// A day, and all days after it on which a region moves.
    pub fn days_from(&self, day: BusinessDate) -> BTreeSet<BusinessDate> {
        std::iter::once(day).chain(self.moves_after(day).map(|(day, _)| day)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: &str) -> RegionId {
        id.parse().expect("an id")
    }

    fn day(day: &str) -> BusinessDate {
        day.parse().expect("a day")
    }

    fn tree() -> RegionPlaces {
        let mut tree = RegionPlaces::default();
        let region =
            |id: &str| RegionRef { region_id: id.parse().expect("an id"), name: id.into() };
        tree.add(region("root"), None, None);
        tree.add(region("east"), Some(id("root")), None);
        tree.add(region("west"), Some(id("root")), None);
        tree.add(region("jiangsu"), Some(id("east")), Some(day("2026-03-01")));
        tree
    }

    fn way(tree: &RegionPlaces, region: &str, on: &str) -> Vec<String> {
        let path = tree.path(&id(region), day(on)).expect("a path");
        path.ids().map(ToString::to_string).collect()
    }

    #[test]
    fn a_region_is_where_its_newest_move_of_a_day_put_it() {
        let mut tree = tree();
        tree.place(&id("jiangsu"), id("west"), day("2026-12-01"));
        assert_eq!(way(&tree, "jiangsu", "2026-11-30"), ["root", "east", "jiangsu"]);
        assert_eq!(way(&tree, "jiangsu", "2026-12-01"), ["root", "west", "jiangsu"]);
        assert_eq!(way(&tree, "jiangsu", "2027-05-01"), ["root", "west", "jiangsu"]);
        tree.withdraw(&id("jiangsu"), day("2026-12-01"));
        assert_eq!(way(&tree, "jiangsu", "2027-05-01"), ["root", "east", "jiangsu"]);
    }

    #[test]
    fn before_its_first_day_a_region_has_the_way_of_that_day() {
        let mut tree = tree();
        tree.place(&id("east"), id("west"), day("2026-02-01"));
        assert_eq!(way(&tree, "jiangsu", "2026-01-01"), ["root", "west", "east", "jiangsu"]);
        assert_eq!(way(&tree, "east", "2026-01-01"), ["root", "east"]);
    }

    #[test]
    fn levels_and_heights_are_those_of_a_day() {
        let mut tree = tree();
        tree.place(&id("east"), id("west"), day("2026-12-01"));
        let (before, after) = (day("2026-11-30"), day("2026-12-01"));
        assert_eq!(tree.levels(&id("jiangsu"), before), Some(3));
        assert_eq!(tree.levels(&id("jiangsu"), after), Some(4));
        assert_eq!((tree.height(&id("west"), before), tree.height(&id("west"), after)), (1, 3));
        assert_eq!(tree.height(&id("east"), day("2026-02-01")), 1, "jiangsu was not there yet");
        tree.place(&id("west"), id("jiangsu"), after);
        assert_eq!(tree.levels(&id("west"), after), None, "below itself");
        assert_eq!(tree.path(&id("west"), after), None);
    }

    #[test]
    fn what_is_within_regions_is_that_of_a_day() {
        let mut tree = tree();
        tree.place(&id("east"), id("west"), day("2026-12-01"));
        let within = |regions: &[&str], on: &str| {
            let regions: Vec<_> = regions.iter().map(|region| id(region)).collect();
            tree.within(&regions, day(on)).into_iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(within(&["west"], "2026-11-30"), ["west"]);
        assert_eq!(within(&["west"], "2026-12-01"), ["east", "jiangsu", "west"]);
        assert_eq!(within(&["east", "jiangsu"], "2026-11-30"), ["east", "jiangsu"]);
        assert_eq!(within(&["nowhere"], "2026-11-30"), ["nowhere"]);
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let mut tree = tree();
        tree.place(&id("jiangsu"), id("west"), day("2026-12-01"));
        let json = serde_json::to_string(&tree).expect("JSON");
        assert_eq!(serde_json::from_str::<RegionPlaces>(&json).expect("a tree"), tree);
    }
}
