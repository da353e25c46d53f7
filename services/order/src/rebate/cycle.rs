//! The periods that rebates are counted in, by the calendar of the brand.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Explain};

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// 月返
    Month,
    /// 季返
    Quarter,
    /// 年返
    Year,
}

impl Cycle {
    /// The period that a day is in.
    pub fn of(self, day: BusinessDate) -> Period {
        let (year, month) = (day.day().year(), day.day().month());
        let nth = match self {
            Self::Month => month,
            Self::Quarter => (month - 1) / 3 + 1,
            Self::Year => 1,
        };
        Period { cycle: self, year, nth }
    }

    fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// A month, a quarter or a year, written `2026-10`, `2026-Q4` or `2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?$"))]
pub struct Period {
    cycle: Cycle,
    year: i32,
    nth: u32,
}

/// A text that is no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a month, a quarter or a year, written 2026-10, 2026-Q4 or 2026")]
pub struct InvalidPeriod;

impl Explain for InvalidPeriod {
    fn zh(&self) -> String {
        "须为月、季或年，例如 2026-10、2026-Q4 或 2026".to_owned()
    }
}

impl Period {
    /// Of which kind it is.
    pub fn cycle(self) -> Cycle {
        self.cycle
    }

    /// Its first day.
    pub fn first_day(self) -> BusinessDate {
        let month = (self.nth - 1) * self.cycle.months() + 1;
        NaiveDate::from_ymd_opt(self.year, month, 1).unwrap_or(NaiveDate::MAX).into()
    }

    /// Its last day.
    pub fn last_day(self) -> BusinessDate {
        let months = chrono::Months::new(self.cycle.months());
        let next = self.first_day().day().checked_add_months(months);
        next.and_then(|day| day.pred_opt()).unwrap_or(NaiveDate::MAX).into()
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Self {
        let before = self.first_day().day().pred_opt().unwrap_or(NaiveDate::MIN);
        self.cycle.of(before.into())
    }

    /// Whether a day is in it.
    pub fn contains(self, day: BusinessDate) -> bool {
        self.cycle.of(day) == self
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cycle {
            Cycle::Month => write!(f, "{:04}-{:02}", self.year, self.nth),
            Cycle::Quarter => write!(f, "{:04}-Q{}", self.year, self.nth),
            Cycle::Year => write!(f, "{:04}", self.year),
        }
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let (year, rest) = match text.split_once('-') {
            Some((year, rest)) => (year, Some(rest)),
            None => (text, None),
        };
        let (cycle, nth) = match rest {
            None => (Cycle::Year, "1"),
            Some(rest) => match rest.strip_prefix('Q') {
                Some(quarter) => (Cycle::Quarter, quarter),
                None => (Cycle::Month, rest),
            },
        };
        let year = year.parse().map_err(|_| InvalidPeriod)?;
        let nth = nth.parse().map_err(|_| InvalidPeriod)?;
        let last = 12 / cycle.months();
        let period = Self { cycle, year, nth };
        // Numbers can be written in several ways; the form is part of the contract.
        let there = (1..=last).contains(&nth) && (1900..=9999).contains(&year);
        if there && period.to_string() == text { Ok(period) } else { Err(InvalidPeriod) }
    }
}

impl TryFrom<String> for Period {
    type Error = InvalidPeriod;

    fn try_from(text: String) -> Result<Self, InvalidPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}
