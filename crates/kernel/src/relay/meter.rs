//! The relay's metrics. They are looked at apart from publishing, so that the lag also grows while
//! publishing hangs.

use std::convert::Infallible;

use sqlx::Row as _;
use tokio::sync::watch;

use super::{LOOK, Problem, Status};
use crate::clock;
use crate::log::Log;

/// Counts events published and measures the lag once a second, for as long as it is run.
pub(super) async fn run(log: &Log, mut status: watch::Receiver<Status>) -> Infallible {
    let context = log.context();
    let mut counted = None;
    loop {
        let now = status.borrow_and_update().clone();
        if let (Some(before), Some(sequence)) = (counted, now.sequence)
            && sequence > before
        {
            metrics::counter!("qudao_relay_published", "context" => context)
                .increment(sequence - before);
        }
        counted = now.sequence.or(counted);
        metrics::gauge!("qudao_relay_leader", "context" => context).set(u8::from(now.leads));
        for reason in Problem::REASONS {
            let is = now.problem.as_ref().is_some_and(|problem| problem.reason() == reason);
            metrics::gauge!("qudao_relay_problem", "context" => context, "reason" => reason)
                .set(u8::from(is));
        }
        if let (true, Some(sequence)) = (now.leads, now.sequence) {
            // While the database is away there is nothing to compare with; the last figure stays.
            if let Ok((events, seconds)) = lag(log, sequence).await {
                metrics::gauge!("qudao_relay_lag_events", "context" => context).set(events);
                metrics::gauge!("qudao_relay_lag_seconds", "context" => context).set(seconds);
            }
        } else {
            left(context);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A process that does not lead has no lag to tell of.
pub(super) fn left(context: &'static str) {
    metrics::gauge!("qudao_relay_leader", "context" => context).set(0);
    metrics::gauge!("qudao_relay_lag_events", "context" => context).set(0);
    metrics::gauge!("qudao_relay_lag_seconds", "context" => context).set(0);
}

/// Events of the log that are not in the stream, and the age of the oldest of them in seconds.
async fn lag(log: &Log, sequence: u64) -> Result<(u32, f64), sqlx::Error> {
    let row = sqlx::query(
        "SELECT position, (SELECT recorded_at FROM events WHERE position = $1) AS waiting
         FROM log_head",
    )
    .bind(sequence.saturating_add(1).cast_signed())
    .fetch_one(log.pool())
    .await?;
    let position = row.try_get::<i64, _>("position")?.cast_unsigned();
    let waiting: Option<chrono::DateTime<chrono::Utc>> = row.try_get("waiting")?;
    let age = waiting.map_or(0.0, |since| (clock::now() - since).as_seconds_f64().max(0.0));
    Ok((u32::try_from(position.saturating_sub(sequence)).unwrap_or(u32::MAX), age))
}
