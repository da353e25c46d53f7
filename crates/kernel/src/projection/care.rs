//! Facts that end the process: by `abort`, by the system's lack of memory, by an endless recursion.
//!
//! No handler can catch that, so the process that comes after has to find out. An end without
//! order is seen from a mark that an orderly end would have taken away. After the first one the
//! facts that may be to blame are applied a few at a time, after the second one by one, and each
//! attempt is on record before it is made. A fact on which the process ended three times alone is
//! parked: five tries with the two before.

use sqlx::Row as _;

use super::batch::{self, RunError};
use super::lane::Lane;
use super::{Checkpoint, parked};
use crate::event::Recorded;

/// Facts applied together without a mark, and after a first end without order.
const FEW: usize = 64;
/// Tries of one fact alone that may end the process.
const ALONE: i32 = parked::TRIES - 2;

const REASON: &str = "the process ended without order each time this fact was applied";

/// How careful a lane has to be.
#[derive(Default)]
pub(super) struct Care {
    crashes: i32,
    /// Last position that may be to blame.
    until: u64,
    /// An attempt that failed and did not end the process.
    survived: u64,
}

impl Care {
    /// Marks that the process runs, and looks how the one before ended.
    pub(super) async fn begin(lane: &Lane) -> Result<Self, sqlx::Error> {
        let table = lane.which.table();
        let row = sqlx::query(&format!(
            "UPDATE {table} SET crashes = CASE WHEN running THEN crashes + 1 ELSE 0 END,
                 running = true
             WHERE name = $1 RETURNING position, crashes, attempt_to"
        ))
        .bind(lane.name())
        .fetch_optional(&lane.pool)
        .await?;
        let Some(row) = row else { return Ok(Self::default()) };
        let crashes: i32 = row.try_get("crashes")?;
        let few = row.try_get::<i64, _>("position")?.cast_unsigned() + FEW as u64;
        let under_way = row.try_get::<i64, _>("attempt_to")?.cast_unsigned();
        let until = if crashes > 0 { few.max(under_way) } else { 0 };
        Ok(Self { crashes, until, survived: 0 })
    }

    /// Takes the mark away: this is an orderly end.
    pub(super) async fn end(lane: &Lane) -> Result<(), sqlx::Error> {
        let table = lane.which.table();
        sqlx::query(&format!("UPDATE {table} SET running = false WHERE name = $1"))
            .bind(lane.name())
            .execute(&lane.pool)
            .await
            .map(drop)
    }

    /// Applies facts, as carefully as need be.
    pub(super) async fn apply(
        &mut self,
        lane: &Lane,
        events: &[Recorded],
    ) -> Result<Checkpoint, RunError> {
        let mut rest = events;
        let mut at = Checkpoint::default();
        while let Some(first) = rest.first() {
            let suspect = first.position <= self.until;
            let most = match self.crashes {
                1 if suspect => FEW,
                2.. if suspect => 1,
                _ => rest.len(),
            };
            let (some, more) = rest.split_at(most.min(rest.len()));
            let to_blame = (suspect || some.len() > FEW) && self.mark(lane, some).await?;
            let applied = match to_blame {
                true => batch::park(lane, first, REASON).await,
                false => batch::apply(lane, some).await,
            };
            if applied.is_err() {
                self.survived = first.position;
            }
            at = applied?;
            rest = more;
            if self.crashes > 0 && at.position >= self.until {
                self.calm(lane).await?;
            }
        }
        Ok(at)
    }

    /// Puts an attempt on record; whether it would be one too many.
    async fn mark(&self, lane: &Lane, events: &[Recorded]) -> Result<bool, RunError> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(false) };
        let alone = events.len() == 1;
        let table = lane.which.table();
        let row = sqlx::query(&format!(
            "UPDATE {table} SET attempt_to = $2, attempts = CASE WHEN NOT $3 THEN 0
                 WHEN attempt_to = $2 THEN attempts + $4 ELSE 1 END
             WHERE name = $1 RETURNING position, attempts"
        ))
        .bind(lane.name())
        .bind(last.position.cast_signed())
        .bind(alone)
        .bind(i32::from(self.survived != last.position))
        .fetch_optional(&lane.pool)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let next = row.try_get::<i64, _>("position")?.cast_unsigned() + 1;
        Ok(alone && next == first.position && row.try_get::<i32, _>("attempts")? > ALONE)
    }

    /// All that may have been to blame is behind us.
    async fn calm(&mut self, lane: &Lane) -> Result<(), RunError> {
        let table = lane.which.table();
        sqlx::query(&format!("UPDATE {table} SET crashes = 0 WHERE name = $1"))
            .bind(lane.name())
            .execute(&lane.pool)
            .await?;
        *self = Self::default();
        Ok(())
    }
}
