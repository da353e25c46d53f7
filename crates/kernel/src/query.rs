//! What all queries share: waiting for a position, freshness, paging.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use proto::common::v1::{Freshness, PageInfo, PageRequest};
use tonic::{Code, Status};

use crate::failure::{Violations, status};
use crate::projection::{Checkpoint, Progress};
use crate::text::Text;

/// Longest wait for a position.
const WAIT: Duration = Duration::from_secs(5);

/// Waits until a read model has reached a position.
///
/// # Errors
/// FAILED_PRECONDITION when it has not within some seconds.
pub async fn wait(progress: &Progress, position: u64) -> Result<Freshness, Status> {
    let mut progress = progress.clone();
    match tokio::time::timeout(WAIT, progress.reached(position)).await {
        Ok(checkpoint) => Ok(freshness(&checkpoint)),
        Err(_) => Err(not_reached(progress.now().position, position)),
    }
}

/// Answers only go up to one position, and a later one was asked for.
pub fn not_reached(at: u64, position: u64) -> Status {
    status(
        Code::FailedPrecondition,
        "NOT_YET_PROJECTED",
        &Text::new(
            format!("数据还在更新（已到 {at}，需要 {position}），请稍后再试"),
            format!("the data is at position {at}, not yet at {position}; try again"),
        ),
    )
}

/// How far a read model is, as answers say it.
pub fn freshness(at: &Checkpoint) -> Freshness {
    Freshness {
        position: at.position,
        event_time: at.event_time.map(rfc3339).unwrap_or_default(),
        applied_at: at.applied_at.map(rfc3339).unwrap_or_default(),
    }
}

/// A time as answers say it: RFC 3339, UTC, milliseconds.
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A part of a list, by row number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows before it.
    pub offset: i64,
    /// Rows in it at most.
    pub limit: i64,
}

impl Page {
    /// The part that a request asks for.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when its token is none.
    pub fn of(request: Option<PageRequest>) -> Result<Self, Status> {
        let request = request.unwrap_or_default();
        let mut violations = Violations::default();
        let limit = if request.size == 0 { 50 } else { i64::from(request.size) };
        let offset = match request.token.as_str() {
            "" => Some(0),
            token => violations.take(
                "page.token",
                token.parse::<u32>().map(i64::from).map_err(|_| {
                    Text::new("不是上一页给出的", "is not one that a page before gave")
                }),
            ),
        };
        violations.finish(offset).map(|offset| Self { offset, limit })
    }

    /// How many rows are skipped, and how many are taken.
    pub fn rows(self) -> (usize, usize) {
        let rows = |number: i64| usize::try_from(number).unwrap_or_default();
        (rows(self.offset), rows(self.limit))
    }

    /// Where the list goes on, when it has so many rows.
    pub fn info(self, total: i64) -> PageInfo {
        let next = self.offset + self.limit;
        PageInfo {
            next_token: if next < total { next.to_string() } else { String::new() },
            total: total.cast_unsigned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_names_no_next_one() {
        let page = Page { offset: 50, limit: 50 };
        assert_eq!(page.info(100).next_token, "");
        assert_eq!(page.info(101).next_token, "100");
    }
}
