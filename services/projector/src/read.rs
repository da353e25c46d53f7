//! What all queries share: waiting for a position, freshness, paging, the caller's scope.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use kernel::auth::Caller;
use kernel::failure::{Violations, status};
use kernel::projection::{Checkpoint, Progress};
use kernel::{Text, rpc};
use proto::common::v1::{Freshness, PageInfo, PageRequest};
use sqlx::{Postgres, QueryBuilder};
use tonic::{Code, Request, Status};

/// Longest wait for a position.
const WAIT: Duration = Duration::from_secs(5);

/// Whose rows the caller sees.
pub(crate) struct Scope {
    pub(crate) tenant: String,
    /// The one dealer, if they are a dealer's people.
    pub(crate) dealer: Option<String>,
    /// The regions, with all below them, if they look after some only; none means all.
    pub(crate) regions: Vec<String>,
}

impl Scope {
    pub(crate) fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let Caller { tenant, dealer_id, regions, .. } = rpc::caller(request)?.clone();
        // A dealer is in one region at a time; its own people see it wherever it was.
        let regions = if dealer_id.is_some() { Vec::new() } else { regions };
        Ok(Self { tenant, dealer: dealer_id, regions })
    }

    /// Adds to a statement on rows with a dealer and a path of regions that the caller sees them.
    pub(crate) fn push(&self, sql: &mut QueryBuilder<'_, Postgres>, path: &str) {
        if let Some(dealer) = &self.dealer {
            sql.push(" AND dealer_id = ").push_bind(dealer.clone());
        }
        if !self.regions.is_empty() {
            sql.push(format!(" AND {path} && ")).push_bind(self.regions.clone());
        }
    }
}

/// Waits until a read model has reached a position.
pub(crate) async fn wait(progress: &Progress, position: u64) -> Result<Freshness, Status> {
    let mut progress = progress.clone();
    match tokio::time::timeout(WAIT, progress.reached(position)).await {
        Ok(checkpoint) => Ok(freshness(&checkpoint)),
        Err(_) => Err(not_reached(progress.now().position, position)),
    }
}

/// Answers only go up to one position, and a later one was asked for.
pub(crate) fn not_reached(at: u64, position: u64) -> Status {
    status(
        Code::FailedPrecondition,
        "NOT_YET_PROJECTED",
        &Text::new(
            format!("数据还在更新（已到 {at}，需要 {position}），请稍后再试"),
            format!("the data is at position {at}, not yet at {position}; try again"),
        ),
    )
}

/// The log of a context was asked for that is none.
pub(crate) fn no_such_context(name: &str, known: &[&str]) -> Status {
    let known = known.join(", ");
    status(
        Code::NotFound,
        "NO_SUCH_CONTEXT",
        &Text::new(
            format!("没有“{name}”这个上下文，可选：{known}"),
            format!("there is no context {name}; there are {known}"),
        ),
    )
}

pub(crate) fn freshness(at: &Checkpoint) -> Freshness {
    Freshness {
        position: at.position,
        event_time: at.event_time.map(rfc3339).unwrap_or_default(),
        applied_at: at.applied_at.map(rfc3339).unwrap_or_default(),
    }
}

pub(crate) fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A part of a list, by row number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) offset: i64,
    pub(crate) limit: i64,
}

impl Page {
    pub(crate) fn of(request: Option<PageRequest>) -> Result<Self, Status> {
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
    pub(crate) fn rows(self) -> (usize, usize) {
        let rows = |number: i64| usize::try_from(number).unwrap_or_default();
        (rows(self.offset), rows(self.limit))
    }

    pub(crate) fn info(self, total: i64) -> PageInfo {
        let next = self.offset + self.limit;
        PageInfo {
            next_token: if next < total { next.to_string() } else { String::new() },
            total: total.cast_unsigned(),
        }
    }
}

/// A business date of a request; empty means open.
pub(crate) fn date(violations: &mut Violations, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let parsed = text.parse::<NaiveDate>();
    violations.take(
        field,
        parsed.map_err(|_| Text::new("必须是 YYYY-MM-DD 日期", "must be a date like 2026-11-23")),
    )
}

/// A search text as a pattern for ILIKE; `None` when nothing is searched for.
pub(crate) fn pattern(search: &str) -> Option<String> {
    let search = search.trim();
    if search.is_empty() {
        return None;
    }
    let mut pattern = String::from("%");
    for letter in search.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    Some(pattern)
}

/// The read models' database failed.
pub(crate) fn failed(error: sqlx::Error) -> Status {
    kernel::failure::unavailable(&error)
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

    #[test]
    fn a_search_has_no_wildcards_of_its_own() {
        assert_eq!(pattern(" 50%_\\ ").as_deref(), Some("%50\\%\\_\\\\%"));
        assert_eq!(pattern("  "), None);
    }
}
