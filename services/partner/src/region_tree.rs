//! The tree of sales regions of a brand: one stream, so that no two changes can make a cycle or
//! use an id twice.
//!
//! Moves and retirements count from a day on, today or later. A change is judged on every day from
//! its own on, against all that is announced: a tree that is a tree today is one on every later
//! day, whatever comes to pass, and no fact has to be recorded when a day begins.

mod event;
mod refusal;

use std::collections::BTreeMap;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::region::MAX_LEVELS;
use values::{BusinessDate, RegionId, RegionPath, RegionPlaces, RegionRef};

pub use event::{AnnouncedChange, RegionEvent};
pub use refusal::RegionRefusal;

/// The id of the one tree that each tenant has.
pub const TREE: &str = "regions";

/// Regions that one tree may have.
pub const MAX_REGIONS: usize = 5_000;

/// Changes of one tree that may wait for their day.
pub const MAX_ANNOUNCED: usize = 200;

/// The regions of a brand, as they were, are and will be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegionTree {
    places: RegionPlaces,
    /// Since when, or from when on, a region takes nothing new.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    retired: BTreeMap<RegionId, BusinessDate>,
}

/// What can be asked of a region tree.
#[derive(Clone, Debug)]
pub enum RegionCommand {
    /// Make the root.
    Plant {
        /// What people call the whole sales area.
        name: String,
    },
    /// Add a region.
    Add {
        /// The new region.
        region_id: RegionId,
        /// What people call it.
        name: String,
        /// The region above.
        parent_id: RegionId,
        /// The business day of the request.
        today: BusinessDate,
    },
    /// Give a region another name.
    Rename {
        /// The region.
        region_id: RegionId,
        /// What people are to call it.
        name: String,
        /// The business day of the request.
        today: BusinessDate,
    },
    /// Put a region, with all below it, below another one.
    Move {
        /// The region.
        region_id: RegionId,
        /// The region that is to be above it.
        parent_id: RegionId,
        /// From which day on.
        effective_on: BusinessDate,
        /// The business day of the request.
        today: BusinessDate,
    },
    /// Put nothing new into a region.
    Retire {
        /// The region.
        region_id: RegionId,
        /// From which day on.
        effective_on: BusinessDate,
        /// The business day of the request.
        today: BusinessDate,
    },
    /// Call off what is announced for a later day.
    Cancel {
        /// The region.
        region_id: RegionId,
        /// Which of its changes.
        change: AnnouncedChange,
        /// The day on which it was to begin to count.
        effective_on: BusinessDate,
        /// The business day of the request.
        today: BusinessDate,
    },
}

impl Decider for RegionTree {
    const AGGREGATE: &'static str = "region_tree";
    const STATE_VERSION: u32 = 2;
    type Command = RegionCommand;
    type Event = RegionEvent;
    type Refusal = RegionRefusal;

    fn decide(&self, command: RegionCommand) -> Result<Vec<RegionEvent>, RegionRefusal> {
        match command {
            RegionCommand::Plant { name } => self.plant(name),
            RegionCommand::Add { region_id, name, parent_id, today } => {
                self.add(RegionRef { region_id, name }, parent_id, today)
            }
            RegionCommand::Rename { region_id, name, today } => self.rename(region_id, name, today),
            RegionCommand::Move { region_id, parent_id, effective_on, today } => {
                self.move_below(region_id, parent_id, effective_on, today)
            }
            RegionCommand::Retire { region_id, effective_on, today } => {
                self.retire(region_id, effective_on, today)
            }
            RegionCommand::Cancel { region_id, change, effective_on, today } => {
                self.cancel(region_id, change, effective_on, today)
            }
        }
    }

    fn evolve(&mut self, event: RegionEvent) {
        match event {
            RegionEvent::RegionAdded { region_id, name, parent_id, added_on } => {
                self.places.add(RegionRef { region_id, name }, parent_id, added_on);
            }
            RegionEvent::RegionRenamed { region_id, name } => self.places.rename(&region_id, name),
            RegionEvent::RegionMoved { region_id, parent_id, effective_on } => {
                self.places.place(&region_id, parent_id, effective_on);
            }
            RegionEvent::RegionRetired { region_id, effective_on } => {
                self.retired.insert(region_id, effective_on);
            }
            RegionEvent::RegionChangeCancelled { region_id, change, effective_on } => {
                match change {
                    AnnouncedChange::Move => self.places.withdraw(&region_id, effective_on),
                    AnnouncedChange::Retirement => drop(self.retired.remove(&region_id)),
                }
            }
        }
    }
}

type Decision = Result<Vec<RegionEvent>, RegionRefusal>;

impl RegionTree {
    /// The way from the root to a region on a day.
    ///
    /// # Errors
    /// [`RegionRefusal::UnknownRegion`]
    pub fn path(
        &self,
        region_id: &RegionId,
        on: BusinessDate,
    ) -> Result<RegionPath, RegionRefusal> {
        let unknown = || RegionRefusal::UnknownRegion(region_id.clone());
        self.places.path(region_id, on).ok_or_else(unknown)
    }

    /// Whether something new can be put into a region on a day.
    ///
    /// # Errors
    /// [`RegionRefusal::UnknownRegion`] and [`RegionRefusal::RegionRetired`]
    pub fn takes_new(&self, region_id: &RegionId, on: BusinessDate) -> Result<(), RegionRefusal> {
        self.is_known(region_id)?;
        match self.retired.get(region_id) {
            Some(&effective_on) if effective_on <= on => {
                Err(RegionRefusal::RegionRetired { region_id: region_id.clone(), effective_on })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn is_known(&self, region_id: &RegionId) -> Result<(), RegionRefusal> {
        if self.places.contains(region_id) {
            return Ok(());
        }
        Err(RegionRefusal::UnknownRegion(region_id.clone()))
    }

    fn plant(&self, name: String) -> Decision {
        if !self.places.is_empty() {
            return Err(RegionRefusal::AlreadyPlanted);
        }
        let region_id = RegionId::root();
        Ok(vec![RegionEvent::RegionAdded { region_id, name, parent_id: None, added_on: None }])
    }

    fn add(&self, region: RegionRef, parent_id: RegionId, today: BusinessDate) -> Decision {
        if self.places.contains(&region.region_id) {
            return Err(RegionRefusal::RegionExists(region.region_id));
        }
        self.is_known(&parent_id)?;
        if self.places.len() >= MAX_REGIONS {
            return Err(RegionRefusal::TooManyRegions);
        }
        self.will_take_new(&parent_id)?;
        let RegionRef { region_id, name } = region;
        self.would_stand(
            RegionEvent::RegionAdded {
                region_id: region_id.clone(),
                name,
                parent_id: Some(parent_id),
                added_on: Some(today),
            },
            &region_id,
            today,
        )
    }

    fn rename(&self, region_id: RegionId, name: String, today: BusinessDate) -> Decision {
        self.is_known(&region_id)?;
        if self.places.name(&region_id) == Some(&name) {
            return Ok(Vec::new());
        }
        let renamed = RegionEvent::RegionRenamed { region_id: region_id.clone(), name };
        self.would_stand(renamed, &region_id, today)
    }

    fn move_below(
        &self,
        region_id: RegionId,
        parent_id: RegionId,
        effective_on: BusinessDate,
        today: BusinessDate,
    ) -> Decision {
        self.can_change(&region_id, effective_on, today)?;
        self.is_known(&parent_id)?;
        if self.places.parent(&region_id, effective_on) == Some(&parent_id) {
            return Ok(Vec::new());
        }
        // A move of today may be put right today; one that is announced is called off first, so
        // that nobody takes it back by mistake.
        if effective_on > today && self.places.moved_on(&region_id, effective_on).is_some() {
            return Err(RegionRefusal::MovesThatDay { region_id, effective_on });
        }
        self.will_take_new(&parent_id)?;
        self.may_announce(effective_on, today)?;
        let on = region_id.clone();
        let moved = RegionEvent::RegionMoved { region_id, parent_id, effective_on };
        self.would_stand(moved, &on, effective_on)
    }

    fn retire(
        &self,
        region_id: RegionId,
        effective_on: BusinessDate,
        today: BusinessDate,
    ) -> Decision {
        self.can_change(&region_id, effective_on, today)?;
        if let Some(&effective_on) = self.retired.get(&region_id) {
            return Err(RegionRefusal::RetiresAlready { region_id, effective_on });
        }
        self.may_announce(effective_on, today)?;
        for day in self.places.days_from(effective_on) {
            let mut below = self.places.right_below(&region_id, day);
            if let Some(below) = below.find(|below| !self.is_retired(below, day)) {
                return Err(RegionRefusal::HasRegions { below: below.clone() });
            }
        }
        Ok(vec![RegionEvent::RegionRetired { region_id, effective_on }])
    }

    fn cancel(
        &self,
        region_id: RegionId,
        change: AnnouncedChange,
        effective_on: BusinessDate,
        today: BusinessDate,
    ) -> Decision {
        self.is_known(&region_id)?;
        let is_announced = match change {
            AnnouncedChange::Move => self.places.moved_on(&region_id, effective_on).is_some(),
            AnnouncedChange::Retirement => self.retired.get(&region_id) == Some(&effective_on),
        };
        if !is_announced {
            return Err(RegionRefusal::NotAnnounced(region_id));
        }
        if effective_on <= today {
            return Err(RegionRefusal::InForce { effective_on });
        }
        // What would stay as it is has to go together with what else is announced.
        let on = region_id.clone();
        let cancelled = RegionEvent::RegionChangeCancelled { region_id, change, effective_on };
        self.would_stand(cancelled, &on, effective_on)
    }

    /// Whether a region may be moved or retired from a day on.
    fn can_change(
        &self,
        region_id: &RegionId,
        effective_on: BusinessDate,
        today: BusinessDate,
    ) -> Result<(), RegionRefusal> {
        self.is_known(region_id)?;
        if *region_id == RegionId::root() {
            return Err(RegionRefusal::RootStays);
        }
        if effective_on < today {
            return Err(RegionRefusal::InThePast { today });
        }
        Ok(())
    }

    /// Whether a region can take others: not when it will retire, as it would not be empty then.
    fn will_take_new(&self, parent_id: &RegionId) -> Result<(), RegionRefusal> {
        match self.retired.get(parent_id) {
            Some(&effective_on) => {
                Err(RegionRefusal::RegionRetired { region_id: parent_id.clone(), effective_on })
            }
            None => Ok(()),
        }
    }

    /// What waits for its day is bounded, as each change is judged on all days on which one does.
    fn may_announce(
        &self,
        effective_on: BusinessDate,
        today: BusinessDate,
    ) -> Result<(), RegionRefusal> {
        let retirements = self.retired.values().filter(|day| **day > today).count();
        let announced = self.places.moves_after(today).count() + retirements;
        if effective_on > today && announced >= MAX_ANNOUNCED {
            return Err(RegionRefusal::TooManyAnnounced);
        }
        Ok(())
    }

    fn is_retired(&self, region_id: &RegionId, on: BusinessDate) -> bool {
        self.retired.get(region_id).is_some_and(|day| *day <= on)
    }

    /// The decision to change one region, when the tree is a tree on every day from a day on.
    fn would_stand(
        &self,
        event: RegionEvent,
        region_id: &RegionId,
        from: BusinessDate,
    ) -> Decision {
        let mut changed = self.clone();
        changed.evolve(event.clone());
        let mut days = changed.places.days_from(from);
        days.extend(changed.retired.values().filter(|day| **day > from));
        for day in days {
            changed.stands(region_id, day)?;
        }
        Ok(vec![event])
    }

    /// Whether a region is in a place on a day where it can be. A change of one region makes no
    /// other one stand wrong: a cycle, a way that is too long, and two of one name would go
    /// through that region or be beside it.
    fn stands(&self, region_id: &RegionId, day: BusinessDate) -> Result<(), RegionRefusal> {
        let places = &self.places;
        let Some(parent_id) = places.parent(region_id, day) else { return Ok(()) };
        let Some(levels) = places.levels(region_id, day) else {
            return Err(RegionRefusal::BelowItself(region_id.clone()));
        };
        if levels - 1 + places.height(region_id, day) > MAX_LEVELS {
            return Err(RegionRefusal::TooDeep(parent_id.clone()));
        }
        let same_name =
            |other: &&RegionId| *other != region_id && places.name(other) == places.name(region_id);
        if let Some(beside) = places.right_below(parent_id, day).find(same_name) {
            return Err(RegionRefusal::NameTaken(beside.clone()));
        }
        if self.is_retired(parent_id, day) && !self.is_retired(region_id, day) {
            return self.takes_new(parent_id, day);
        }
        Ok(())
    }
}
