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
}

impl FromStr for BusinessDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| InvalidDate)?;
        // chrono also takes `2026-1-5` and signed years; the form is part of the contract.
        if day.to_string() == text { Ok(Self(day)) } else { Err(InvalidDate) }
    }
}
