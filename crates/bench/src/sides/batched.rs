//! What group commit gives when nothing is asked of it: rows of the log's columns in batches, by
//! one statement, without chain, request ids, version checks or metadata of the cause.

use std::sync::Arc;

use kernel::log::{Log, NewEvent};
use sqlx::PgPool;
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use super::insert;
use super::ours::TENANT;
use super::tally::counted;
use crate::load::Operation;

/// As many as the log's writer stores by one statement.
const BATCH: usize = 512;
/// Batches in flight: one is being filled in the server while the next one is on its way.
const WRITERS: usize = 2;

const INSERT: &str = "
INSERT INTO bare_events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload,
    metadata, event_id, tenant_id, recorded_at, hash)
SELECT 'tally', id, 1, name, '1', payload::json, '{}'::json, event_id, $5, clock_timestamp(), ''
FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) AS new (id, name, payload, event_id)";

type Row = (String, NewEvent, oneshot::Sender<Result<(), Arc<sqlx::Error>>>);

/// Makes the table, with the columns and indexes of the log's own; a sequence gives positions.
///
/// # Errors
/// When the database does not answer.
pub async fn table(url: &str, log: &Log) -> anyhow::Result<PgPool> {
    let pool = insert::owner(url, log).await?;
    for statement in [
        "CREATE TABLE bare_events (LIKE events INCLUDING ALL)",
        "CREATE SEQUENCE bare_position CACHE 512",
        "ALTER TABLE bare_events ALTER position SET DEFAULT nextval('bare_position')",
    ] {
        sqlx::query(statement).execute(&pool).await?;
    }
    Ok(pool)
}

/// Queues one row, and waits until its batch is committed.
pub fn append(pool: &PgPool) -> Operation {
    let (queue, waiting) = mpsc::channel::<Row>(8 * BATCH);
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..WRITERS {
        tokio::spawn(write(pool.clone(), waiting.clone()));
    }
    Arc::new(move |_| {
        let queue = queue.clone();
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let id = format!("{TENANT}/{}", Uuid::new_v4());
            queue.send((id, NewEvent::of(&counted(1))?, answer)).await?;
            answered.await?.map_err(anyhow::Error::from)
        })
    })
}

async fn write(pool: PgPool, waiting: Arc<Mutex<mpsc::Receiver<Row>>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.lock().await.recv_many(&mut batch, BATCH).await > 0 {
        let (mut ids, mut names, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
        let mut answers = Vec::with_capacity(batch.len());
        for (id, event, answer) in batch.drain(..) {
            ids.push(id);
            names.push(event.event_type);
            payloads.push(event.payload);
            answers.push(answer);
        }
        let event_ids: Vec<_> = ids.iter().map(|_| Uuid::now_v7()).collect();
        let stored = sqlx::query(INSERT)
            .bind(&ids)
            .bind(&names)
            .bind(&payloads)
            .bind(&event_ids)
            .bind(TENANT)
            .execute(&pool)
            .await;
        let stored = stored.map(|_| ()).map_err(Arc::new);
        for answer in answers {
            // A caller whose turn was given up does not wait any more.
            let _ = answer.send(stored.clone());
        }
    }
}
