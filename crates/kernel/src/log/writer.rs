//! The one writer a process has for a log: what waits is stored together, as one batch.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;

use super::append::{Append, AppendError};
use super::database::Database;
use super::queue::{Answer, Outcome, Queue, Waiting};
use super::session::Session;
use super::stall;
use crate::clock;

/// How long a batch is tried again when the database goes away.
const PATIENCE: Duration = Duration::from_secs(5);
/// Wait before another try.
const PAUSE: Duration = Duration::from_millis(100);

/// Stores batches until the queue is closed and empty. One batch is on its way at a time: a second
/// one on another connection only halves them, and may overtake.
pub(super) async fn run(
    context: &'static str,
    pool: PgPool,
    database: Database,
    queue: Arc<Queue>,
    head: watch::Sender<u64>,
) {
    // Also when a panic ends this task: callers must not wait for nobody.
    let queue = Ending(queue);
    let mut session = Session::new(database);
    while let Some(batch) = queue.0.next().await {
        store_and_answer(context, &pool, &mut session, &head, batch).await;
    }
}

/// Ends the queue together with its writer.
struct Ending(Arc<Queue>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

async fn store_and_answer(
    context: &'static str,
    pool: &PgPool,
    session: &mut Session,
    head: &watch::Sender<u64>,
    batch: Vec<Waiting>,
) {
    let (appends, callers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|Waiting { append, caller }| (append, caller)).unzip();
    metrics::histogram!("qudao_append_batch_size", "context" => context)
        .record(u32::try_from(appends.len()).unwrap_or(u32::MAX));
    crate::fault::at("log.taken");
    let started = clock::instant();
    let answers = stall::watched(context, pool, store(session, &appends)).await;
    metrics::histogram!("qudao_append_batch_seconds", "context" => context)
        .record(clock::since(started));
    crate::fault::at("log.stored");
    announce(head, &answers);
    for (caller, answer) in callers.into_iter().zip(answers) {
        // A caller that has gone away learns the outcome by repeating its request.
        let _ = caller.send(answer);
    }
}

/// Tells how far the log has grown.
fn announce(head: &watch::Sender<u64>, answers: &[Answer]) {
    let position = |answer: &Answer| match answer {
        Ok(Outcome::Stored(receipt) | Outcome::Repeated(receipt)) => Some(receipt.position),
        Err(_) => None,
    };
    if let Some(newest) = answers.iter().filter_map(position).max() {
        moved(head, newest);
    }
}

/// Tells that the log has grown to a position.
pub(super) fn moved(head: &watch::Sender<u64>, position: u64) {
    head.send_if_modified(|at| {
        let further = position > *at;
        *at = position.max(*at);
        further
    });
}

/// Stores a batch. When the database went away, the batch is tried again: requests and events
/// keep their ids, so that nothing is stored twice. When it refuses the batch for what one append
/// holds, each is stored alone, so that no append fails for its neighbours.
async fn store(session: &mut Session, appends: &[Arc<Append>]) -> Vec<Answer> {
    let started = clock::instant();
    loop {
        let error = match session.store(appends).await {
            Ok(answers) => return answers,
            Err(error) => error,
        };
        if is_passing(&error) && clock::since(started) < PATIENCE {
            tracing::warn!(%error, "a batch is tried again");
            clock::sleep(PAUSE).await;
            continue;
        }
        if appends.len() > 1 && matches!(error, sqlx::Error::Database(_)) && !is_passing(&error) {
            return one_by_one(session, appends).await;
        }
        tracing::error!(%error, "a batch was not stored");
        let error = Arc::new(error);
        return appends.iter().map(|_| Err(AppendError::Database(error.clone()))).collect();
    }
}

async fn one_by_one(session: &mut Session, appends: &[Arc<Append>]) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(appends.len());
    for append in appends.chunks(1) {
        answers.extend(Box::pin(store(session, append)).await);
    }
    answers
}

/// Whether the same statement may well succeed soon: the server is gone or restarting (SQLSTATE
/// classes 08 and 57), or it chose this statement to end a deadlock (40).
fn is_passing(error: &sqlx::Error) -> bool {
    let away =
        matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_));
    let code = error.as_database_error().and_then(|error| error.code());
    away || code.is_some_and(|code| ["08", "40", "57"].iter().any(|class| code.starts_with(class)))
}
