//! Values that change on days: what holds on a day holds until the next change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::date::BusinessDate;

/// Changes that a timeline remembers; where there are more, the oldest one counts from ever. Twice
/// those that may be announced, so what becomes the oldest is over.
pub const MAX_CHANGES: usize = 2 * MAX_ANNOUNCED;
/// Changes of days to come that may be announced at a time.
pub const MAX_ANNOUNCED: usize = 6;

/// From when on a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Always: nothing was said before.
    Ever,
    /// From a day on.
    Day(BusinessDate),
}

impl Since {
    /// The first day, if there is one.
    pub fn day(self) -> Option<BusinessDate> {
        match self {
            Self::Ever => None,
            Self::Day(day) => Some(day),
        }
    }
}

/// Why a value can not change on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoChange {
    /// The day is over.
    DayOver,
    /// [`MAX_ANNOUNCED`] other days are announced already.
    TooManyAnnounced,
}

/// What holds day by day. A change that was announced for a later day is part of it, so nothing has
/// to happen when that day begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline<T> {
    /// Before the first change; none: nothing.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    first: Option<T>,
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    changes: BTreeMap<BusinessDate, T>,
}

fn none<T>() -> Option<T> {
    None
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { first: None, changes: BTreeMap::new() }
    }
}

impl<T> Timeline<T> {
    /// What holds on a day.
    pub fn on(&self, day: BusinessDate) -> Option<&T> {
        let changed = self.changes.range(..=day).next_back();
        changed.map(|(_, value)| value).or(self.first.as_ref())
    }

    /// What holds from a day on, until the next change; from ever where no day is given.
    pub fn set(&mut self, from: Option<BusinessDate>, value: T) {
        match from {
            None => self.first = Some(value),
            Some(day) => {
                self.changes.insert(day, value);
            }
        }
        while self.changes.len() > MAX_CHANGES {
            self.first = self.changes.pop_first().map(|(_, oldest)| oldest);
        }
    }

    /// From which day on a new value counts, where it is one: at once, or from a later day on.
    ///
    /// What was before stays: a value that counts at once begins today, and the first one of all
    /// counts from ever. Saying the present value for an announced day takes the announcement back.
    ///
    /// # Errors
    /// See [`NoChange`].
    pub fn change(
        &self,
        value: &T,
        effective_on: Option<BusinessDate>,
        today: BusinessDate,
    ) -> Result<Option<Since>, NoChange>
    where
        T: PartialEq,
    {
        let Some(day) = effective_on.filter(|day| *day != today) else {
            return Ok(match self.on(today) {
                Some(present) if present == value => None,
                Some(_) => Some(Since::Day(today)),
                None => Some(Since::Ever),
            });
        };
        if day < today {
            return Err(NoChange::DayOver);
        }
        let mut announced = self.after(today);
        let is_announced = self.changes.contains_key(&day);
        // One that is said for a later day holds then, even if an earlier announcement is changed.
        if self.on(day) == Some(value)
            && (is_announced || announced.all(|(earlier, _)| earlier > day))
        {
            return Ok(None);
        }
        if !is_announced && self.after(today).count() >= MAX_ANNOUNCED {
            return Err(NoChange::TooManyAnnounced);
        }
        Ok(Some(Since::Day(day)))
    }

    /// Whether just this was said for a day, or from ever where no day is given.
    pub fn says(&self, from: Option<BusinessDate>, value: &T) -> bool
    where
        T: PartialEq,
    {
        let said = match from {
            None => self.first.as_ref(),
            Some(day) => self.changes.get(&day),
        };
        said == Some(value)
    }

    /// What is announced for the days after one.
    pub fn after(&self, day: BusinessDate) -> impl Iterator<Item = (BusinessDate, &T)> {
        self.changes.iter().map(|(day, value)| (*day, value)).filter(move |(on, _)| *on > day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_set_for_a_day_holds_from_then_on() {
        let mut line = Timeline::default();
        assert_eq!(line.on(day("2026-01-01")), None);
        line.set(Some(day("2026-07-01")), "b");
        assert_eq!(line.on(day("2026-06-30")), None, "a gap is none, not a value");
        line.set(None, "a");
        assert_eq!(line.on(day("2026-06-30")), Some(&"a"));
        assert_eq!(line.on(day("2026-07-01")), Some(&"b"));
        line.set(Some(day("2026-07-01")), "c");
        assert_eq!(line.on(day("2027-01-01")), Some(&"c"), "the last word about a day counts");
        let announced: Vec<_> = line.after(day("2026-06-30")).collect();
        assert_eq!(announced, [(day("2026-07-01"), &"c")]);
    }

    #[test]
    fn a_change_counts_from_its_day_on_and_the_first_one_from_ever() {
        let today = day("2026-07-10");
        let mut line = Timeline::default();
        let change = |line: &Timeline<i32>, value, on: Option<&str>| {
            line.change(&value, on.map(day), today).map(|since| since.map(Since::day))
        };
        assert_eq!(change(&line, 1, None), Ok(Some(None)), "from ever");
        line.set(None, 1);
        assert_eq!(change(&line, 1, None), Ok(None), "it is so");
        assert_eq!(
            change(&line, 2, None),
            Ok(Some(Some(today))),
            "the days before stay as they were"
        );
        assert_eq!(change(&line, 2, Some("2026-07-10")), Ok(Some(Some(today))));
        assert_eq!(change(&line, 2, Some("2026-07-09")), Err(NoChange::DayOver));
        let august = Some("2026-08-01");
        assert_eq!(change(&line, 1, august), Ok(None), "nothing changes on that day");
        line.set(august.map(day), 2);
        assert_eq!(change(&line, 2, august), Ok(None));
        assert_eq!(change(&line, 1, august), Ok(Some(august.map(day))), "taken back");
        let september = Some("2026-09-01");
        assert_eq!(
            change(&line, 2, september),
            Ok(Some(september.map(day))),
            "whatever August says"
        );
        assert!(line.says(august.map(day), &2) && line.says(None, &1) && !line.says(None, &2));
    }

    #[test]
    fn what_is_announced_never_counts_early() {
        let today = day("2026-01-01");
        let mut line = Timeline::default();
        line.set(None, 0);
        let days = |month: usize| format!("2027-{month:02}-01");
        for month in 1..=MAX_ANNOUNCED {
            let since = line.change(&month, Some(day(&days(month))), today).unwrap().unwrap();
            line.set(since.day(), month);
        }
        let one_more = line.change(&9, Some(day("2028-01-01")), today);
        assert_eq!(one_more, Err(NoChange::TooManyAnnounced));
        let again = line.change(&9, Some(day(&days(1))), today);
        assert_eq!(again, Ok(Some(Since::Day(day(&days(1))))), "one of them may be said anew");
        // However often it changes, today has today's value.
        for at in 1..=28 {
            let today = day(&format!("2026-02-{at:02}"));
            let value = 100 + at;
            let since = line.change(&value, None, today).unwrap().unwrap();
            line.set(since.day(), value);
            assert_eq!(line.on(today), Some(&value));
        }
        assert_eq!(line.after(day("2026-03-01")).count(), MAX_ANNOUNCED);
    }

    #[test]
    fn the_oldest_changes_become_what_was_ever() {
        let mut line = Timeline::default();
        for (value, at) in (1..=28).enumerate() {
            line.set(Some(day(&format!("2026-01-{at:02}"))), value);
        }
        assert_eq!(line.changes.len(), MAX_CHANGES);
        assert_eq!(line.on(day("2025-01-01")), Some(&(28 - MAX_CHANGES - 1)));
        assert_eq!(line.on(day("2026-01-28")), Some(&27));
    }
}
