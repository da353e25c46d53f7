//! Facts that end the process: by `abort`, by the system's lack of memory, by an endless recursion.
//!
//! No handler can catch that, so the process that comes after has to find out. An end without
//! order is seen from a mark that an orderly end would have taken away. After the first one the
//! facts that may be to blame are applied a few at a time, after the second one by one, and each
//! attempt is on record before it is made. A fact on which the process ended three times alone is
//! parked: five tries with the two before.

use super::batch::{self, RunError, Tables};
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
    /// Last position of the attempt that was on record when the process began.
    attempt_to: u64,
    /// Which try that was, when it was one of one fact alone.
    tries: i32,
}

/// How a lane was found when its process started.
pub(super) struct Found {
    pub(super) position: u64,
    /// Ends without order, in a row.
    pub(super) crashes: i32,
    /// Last position of all attempts that were under way at those ends. The one on record is
    /// replaced by smaller ones before all of it was tried again.
    pub(super) suspect_to: u64,
    /// Last position of an attempt that may have been under way.
    pub(super) attempt_to: u64,
    /// Which try of one fact alone it was; 0 for several facts.
    pub(super) tries: i32,
}

impl Care {
    /// Marks that the process runs, and looks how the one before ended.
    pub(super) async fn begin(lane: &impl Tables) -> Result<Self, sqlx::Error> {
        let Some(found) = lane.begin().await? else { return Ok(Self::default()) };
        let Found { position, crashes, suspect_to, attempt_to, tries } = found;
        let until = if crashes > 0 { suspect_to.max(position + FEW as u64) } else { 0 };
        Ok(Self { crashes, until, attempt_to, tries })
    }

    /// Applies facts, as carefully as need be.
    pub(super) async fn apply(
        &mut self,
        lane: &impl Tables,
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
            at = match to_blame {
                true => batch::park(lane, first, REASON).await?,
                false => batch::apply(lane, some).await?,
            };
            rest = more;
            if self.crashes > 0 && at.position >= self.until {
                self.calm(lane).await?;
            }
        }
        Ok(at)
    }

    /// Puts an attempt on record; whether it would be one too many. What fails and does not end the
    /// process is the same try however often it is made, also when the record itself fails.
    async fn mark(&self, lane: &impl Tables, events: &[Recorded]) -> Result<bool, RunError> {
        let Some(last) = events.last() else { return Ok(false) };
        let tries = match events.len() {
            1 if last.position == self.attempt_to => self.tries + 1,
            1 => 1,
            _ => 0,
        };
        Ok(lane.put_on_record(last.position, tries).await? && tries > ALONE)
    }

    /// All that may have been to blame is behind us.
    async fn calm(&mut self, lane: &impl Tables) -> Result<(), RunError> {
        lane.calm().await?;
        *self = Self::default();
        Ok(())
    }
}
