//! The one writer a process has for a log: what waits is stored together, by one statement.

use std::sync::Arc;

use sqlx::{PgPool, Row};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::append::{Append, AppendError, Receipt};

/// Appends that may wait; more are refused, so that memory stays bounded.
const QUEUE: usize = 4_096;
/// Appends stored by one statement. Larger batches gain nothing.
const BATCH: usize = 512;

type Answer = Result<Receipt, AppendError>;
type Waiting = (Append, oneshot::Sender<Answer>);

pub(super) struct Writer(mpsc::Sender<Waiting>);

impl Writer {
    /// Starts the writer; it ends when the log is dropped and its queue is empty.
    pub(super) fn start(context: &'static str, pool: PgPool, head: watch::Sender<u64>) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Waiting>(QUEUE);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let (appends, callers): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
                metrics::histogram!("qudao_append_batch_size", "context" => context)
                    .record(u32::try_from(appends.len()).unwrap_or(u32::MAX));
                let answers = store(&pool, &appends).await;
                let newest = answers.iter().filter_map(|a| a.as_ref().ok()).map(|r| r.position);
                if let Some(position) = newest.max() {
                    head.send_if_modified(|at| {
                        let moved = position > *at;
                        *at = position.max(*at);
                        moved
                    });
                }
                for (caller, answer) in callers.into_iter().zip(answers) {
                    // A caller that has gone away learns the outcome by repeating its request.
                    let _ = caller.send(answer);
                }
            }
        });
        Self(queue)
    }

    pub(super) async fn append(&self, append: Append) -> Answer {
        let (caller, answer) = oneshot::channel();
        self.0.try_send((append, caller)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => AppendError::Busy,
            mpsc::error::TrySendError::Closed(_) => AppendError::Closed,
        })?;
        answer.await.unwrap_or(Err(AppendError::Closed))
    }
}

/// Stores a batch. When the database refuses it for what one append holds, each is stored alone,
/// so that no append fails for its neighbours.
async fn store(pool: &PgPool, appends: &[Append]) -> Vec<Answer> {
    let error = match Columns::of(appends).store(pool).await {
        Ok(answers) => return answers,
        Err(error) => error,
    };
    let refused_for_content = matches!(error, sqlx::Error::Database(_));
    if appends.len() == 1 || !refused_for_content {
        tracing::error!(%error, "a batch was not stored");
        let error = Arc::new(error);
        return appends.iter().map(|_| Err(AppendError::Database(error.clone()))).collect();
    }
    let mut answers = Vec::with_capacity(appends.len());
    for append in appends.chunks(1) {
        answers.extend(Box::pin(store(pool, append)).await);
    }
    answers
}

/// A batch as the arrays that `append_batch` takes.
#[derive(Default)]
struct Columns<'a> {
    s_append: Vec<i32>,
    s_type: Vec<&'a str>,
    s_id: Vec<String>,
    s_expected: Vec<i64>,
    e_append: Vec<i32>,
    e_type: Vec<&'a str>,
    e_id: Vec<String>,
    e_sequence: Vec<i64>,
    e_name: Vec<&'a str>,
    e_version: Vec<String>,
    e_payload: Vec<&'a str>,
    e_metadata: Vec<String>,
    e_event_id: Vec<Uuid>,
    r_tenant: Vec<&'a str>,
    r_request: Vec<Uuid>,
    r_digest: Vec<&'a [u8]>,
    r_object: Vec<&'a str>,
    r_version: Vec<i64>,
}

impl<'a> Columns<'a> {
    fn of(appends: &'a [Append]) -> Self {
        let mut columns = Self::default();
        for (number, append) in (1..).zip(appends) {
            columns.add(number, append);
        }
        columns
    }

    fn add(&mut self, number: i32, append: &'a Append) {
        let tenant = &append.metadata.tenant;
        let metadata = serde_json::to_string(&append.metadata)
            .expect("metadata holds only strings and ids, which always have a JSON form");
        let depends_on = append.guards.iter().chain(append.streams.iter().map(|s| &s.stream));
        for stream in depends_on {
            self.s_append.push(number);
            self.s_type.push(stream.aggregate);
            self.s_id.push(stored_id(tenant, &stream.object_id));
            self.s_expected.push(stream.version.cast_signed());
        }
        for grown in &append.streams {
            for (sequence, event) in (grown.stream.version + 1..).zip(&grown.events) {
                self.e_append.push(number);
                self.e_type.push(grown.stream.aggregate);
                self.e_id.push(stored_id(tenant, &grown.stream.object_id));
                self.e_sequence.push(sequence.cast_signed());
                self.e_name.push(&event.event_type);
                self.e_version.push(event.event_version.to_string());
                self.e_payload.push(&event.payload);
                self.e_metadata.push(metadata.clone());
                self.e_event_id.push(Uuid::now_v7());
            }
        }
        let (object, version) = append.streams.first().map_or(("", 0), |grown| {
            let version = grown.stream.version + grown.events.len() as u64;
            (grown.stream.object_id.as_str(), version.cast_signed())
        });
        self.r_tenant.push(tenant);
        self.r_request.push(append.request.id);
        self.r_digest.push(&append.request.digest);
        self.r_object.push(object);
        self.r_version.push(version);
    }

    async fn store(&self, pool: &PgPool) -> Result<Vec<Answer>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT outcome, object_id, version, log_position FROM append_batch(
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(&self.s_append)
        .bind(&self.s_type)
        .bind(&self.s_id)
        .bind(&self.s_expected)
        .bind(&self.e_append)
        .bind(&self.e_type)
        .bind(&self.e_id)
        .bind(&self.e_sequence)
        .bind(&self.e_name)
        .bind(&self.e_version)
        .bind(&self.e_payload)
        .bind(&self.e_metadata)
        .bind(&self.e_event_id)
        .bind(&self.r_tenant)
        .bind(&self.r_request)
        .bind(&self.r_digest)
        .bind(&self.r_object)
        .bind(&self.r_version)
        .fetch_all(pool)
        .await?;
        rows.iter().map(answer).collect()
    }
}

fn answer(row: &sqlx::postgres::PgRow) -> Result<Answer, sqlx::Error> {
    let version: i64 = row.try_get("version")?;
    let position: i64 = row.try_get("log_position")?;
    let outcome: &str = row.try_get("outcome")?;
    Ok(match outcome {
        "stored" | "repeated" => Ok(Receipt {
            object_id: row.try_get("object_id")?,
            version: version.cast_unsigned(),
            position: position.cast_unsigned(),
        }),
        "conflict" => Err(AppendError::Conflict { actual: version.cast_unsigned() }),
        _ => Err(AppendError::RequestReused),
    })
}

/// The id of a stream in the table: the tenant is part of it, so that no two brands share one.
pub(super) fn stored_id(tenant: &str, object_id: &str) -> String {
    format!("{tenant}/{object_id}")
}
