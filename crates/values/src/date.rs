//! Business days.

use std::str::FromStr;

use chrono::NaiveDate;
use derive_more::{Display, From};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Explain;

/// The day an act counts on, in the calendar of the brand. Written `YYYY-MM-DD`.
#[derive(
    Clone,
    Copy,
    Debug,
    Display,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    From,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct BusinessDate(NaiveDate);

/// A text that is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day of the calendar, written YYYY-MM-DD")]
pub struct InvalidDate;

impl Explain for InvalidDate {
    fn zh(&self) -> String {
        "须为真实日期，格式为 YYYY-MM-DD".to_owned()
    }
}

impl BusinessDate {
    /// The day in the calendar.
    pub fn day(self) -> NaiveDate {
        self.0
    }

    /// So many days later; the last day of the calendar when there are not so many.
    pub fn plus_days(self, days: u32) -> Self {
        let days = chrono::Days::new(days.into());
        Self(self.0.checked_add_days(days).unwrap_or(NaiveDate::MAX))
    }

    /// Days that have gone by since another day; none when it is not over.
    pub fn days_since(self, other: Self) -> u32 {
        (self.0 - other.0).num_days().max(0).try_into().unwrap_or(u32::MAX)
    }
}

impl FromStr for BusinessDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| InvalidDate)?;
        // chrono also takes `2026-1-5` and signed years; the form is part of the contract.
        if day.to_string() == text { Ok(Self(day)) } else { Err(InvalidDate) }
    }
}
