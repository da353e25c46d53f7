//! Says who blocks the log when a batch takes long: positions are given under one lock, and
//! whoever holds it without going on stops all writers.

use std::future::Future;
use std::time::Duration;

use sqlx::PgPool;

use crate::clock;

/// From here on a batch counts as stalled.
const LONG: Duration = Duration::from_secs(1);

/// Waits for a batch and reports, once a second, how long it has been stalled and by whom.
pub(super) async fn watched<T>(
    context: &'static str,
    pool: &PgPool,
    batch: impl Future<Output = T>,
) -> T {
    let started = clock::instant();
    let mut batch = std::pin::pin!(batch);
    let mut stalled = false;
    let answer = loop {
        match clock::timeout(LONG, &mut batch).await {
            Ok(answer) => break answer,
            Err(_) => {
                stalled = true;
                report(context, pool, clock::since(started)).await;
            }
        }
    };
    if stalled {
        metrics::gauge!("qudao_append_stalled_seconds", "context" => context).set(0);
        metrics::gauge!("qudao_append_blocked_by", "context" => context).set(0);
    }
    answer
}

async fn report(context: &'static str, pool: &PgPool, since: Duration) {
    metrics::gauge!("qudao_append_stalled_seconds", "context" => context).set(since);
    let blockers = clock::timeout(LONG, blockers(pool)).await;
    let blockers = blockers.unwrap_or(Err(sqlx::Error::PoolTimedOut)).unwrap_or_default();
    let seconds = since.as_secs();
    let pid = blockers.first().map_or(0, |(pid, ..)| *pid);
    metrics::gauge!("qudao_append_blocked_by", "context" => context).set(pid);
    tracing::warn!(
        context, seconds, blocked_by = ?blockers,
        "appends are stalled; SELECT pg_terminate_backend({pid}) would end what blocks them"
    );
}

/// Processes of the database server that keep writers of this log waiting and do not wait
/// themselves: pid, application, state. Who waits is looked up among the locks: of sessions of
/// other logins, a login sees no more than that.
async fn blockers(pool: &PgPool) -> Result<Vec<(i32, String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT pid, coalesce(application_name, ''), coalesce(state, '')
         FROM pg_stat_activity
         WHERE pid IN (
             SELECT unnest(pg_blocking_pids(waiting.pid)) FROM pg_stat_activity AS waiting
             WHERE waiting.pid IN (SELECT pid FROM pg_locks WHERE NOT granted)
                 AND waiting.datname = current_database()
                 AND waiting.application_name = current_setting('application_name')
         ) AND pid NOT IN (SELECT pid FROM pg_locks WHERE NOT granted)",
    )
    .fetch_all(pool)
    .await
}
