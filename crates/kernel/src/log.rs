//! The event log of one context in PostgreSQL: the record.

mod append;
mod clean;
mod columns;
mod database;
mod ends;
mod exclusive;
mod head;
mod prune;
mod queue;
mod read;
mod scan;
mod session;
mod settings;
#[cfg(feature = "simulation")]
pub(crate) mod simulated;
mod snapshot;
mod stall;
mod states;
mod writer;

use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::field::Empty;
use tracing::{Instrument as _, info_span};

pub use append::{Append, AppendError, NewEvent, Receipt, RequestKey, StreamAppend, StreamVersion};
pub use read::ReadError;
pub use scan::{Filter, Page};
pub use settings::Unsafe;

pub(crate) use queue::{Decision, Grow, NotQueued, Outcome};
pub(crate) use states::{Basis, Change, ObjectKey, Seen};

use database::Database;
use queue::{Answer, Queue, Queued};
use snapshot::Snapshots;

use crate::wall::{self, Logins, Schema, WallError};

/// The log of one context. Cheap to clone.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    context: &'static str,
    schema: Schema,
    database: Database,
    queue: Arc<Queue>,
    snapshots: Snapshots,
    committed: watch::Sender<u64>,
    /// Ends what runs beside.
    _stop: DropGuard,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Why a log can not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database does not answer, or refuses.
    #[error("the database of the log does not answer")]
    Database(#[from] sqlx::Error),
    /// Its tables can not be brought up to date.
    #[error("the tables of the log can not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Something would let acknowledged events be lost, or their streams be read wrongly.
    #[error(transparent)]
    Unsafe(#[from] Unsafe),
    /// A login would go past the wall between tenants, or there is none to put up.
    #[error(transparent)]
    Wall(WallError),
}

impl From<WallError> for OpenError {
    fn from(error: WallError) -> Self {
        match error {
            WallError::Database(error) => Self::Database(error),
            other @ (WallError::Roles { .. } | WallError::Login { .. }) => Self::Wall(other),
        }
    }
}

/// Opens a pool of the owner's connections, which work in one schema; it is made if it is missing.
///
/// # Errors
/// When the database does not answer.
pub async fn connect(url: &str, schema: &str, connections: u32) -> Result<PgPool, sqlx::Error> {
    let pool = wall::pool(&url.parse()?, schema, connections);
    wall::create(&pool, schema).await?;
    Ok(pool)
}

impl Log {
    /// Opens the log of a context by one login: [`Log::open_as`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(url: &str, context: &'static str) -> Result<Self, OpenError> {
        Self::open_as(&Logins::of(url)?, context).await
    }

    /// Opens the log of a context, bringing its tables up to date, and starts its writer.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_as(logins: &Logins, context: &'static str) -> Result<Self, OpenError> {
        let logins = logins.clone().with(settings::LEFT_OPEN);
        let schema = Schema::open(&logins, &format!("{context}_log"), (8, 4)).await?;
        let pool = schema.all().clone();
        // Of the connections that store.
        settings::check_durability(&pool).await?;
        // A newer program may have been here: while an installation is updated, both work on the
        // same tables, and what this one needs of them is checked next.
        sqlx::migrate!("migrations/log").set_ignore_missing(true).run(schema.owner()).await?;
        schema.make("").await?;
        settings::check_tables(&pool).await?;
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM log_head").fetch_one(&pool).await?;
        let committed = watch::Sender::new(position.cast_unsigned());
        let queue = Arc::new(Queue::default());
        let writers = settings::writers(&pool);
        let tenant = schema.tenant().clone();
        let database = Database::Postgres { pool: pool.clone(), tenant, writers: writers.clone() };
        let writer =
            writer::run(context, writers, database.clone(), queue.clone(), committed.clone());
        tokio::spawn(writer);
        let stop = CancellationToken::new();
        tokio::spawn(prune::run(context, pool.clone(), stop.clone()));
        let (snapshots, writing) = Snapshots::new(database.clone());
        tokio::spawn(writing);
        let stop = stop.drop_guard();
        Ok(Self(Arc::new(Inner {
            context,
            schema,
            database,
            queue,
            snapshots,
            committed,
            _stop: stop,
        })))
    }

    /// The context whose log it is.
    pub fn context(&self) -> &'static str {
        self.0.context
    }

    /// The database of the log, working in its schema, with the rows of all tenants.
    pub fn pool(&self) -> &PgPool {
        self.0.schema.all()
    }

    /// The schema of the log, for what is kept beside it.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// Stores an append, or says why not. Returns when it is durable.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        let answer = self.0.queue.push(append)?;
        match self.answer(answer).await? {
            Outcome::Stored(receipt) | Outcome::Repeated(receipt) => Ok(receipt),
        }
    }

    /// Stores a decision, unless another one has changed what it was made on.
    pub(crate) async fn store(
        &self,
        decision: Decision,
    ) -> Result<Result<Outcome, AppendError>, NotQueued> {
        let Queued { answer, seen, grown, snapshots } = self.0.queue.submit(decision)?;
        let undo = Undo { queue: &self.0.queue, grown };
        let outcome = self.answer(answer).await;
        match outcome {
            Ok(Outcome::Stored(_)) => {
                undo.not_needed();
                snapshots.into_iter().for_each(|snapshot| self.0.snapshots.write(snapshot));
            }
            Err(AppendError::Conflict { .. }) => {
                let old = seen.iter().filter_map(|(key, seen)| Some((key, seen.entry()?)));
                self.0.queue.forget(old);
            }
            Ok(Outcome::Repeated(_)) | Err(_) => (),
        }
        Ok(outcome)
    }

    async fn answer(&self, answer: oneshot::Receiver<Answer>) -> Answer {
        let span = info_span!("log.append", context = self.0.context, qudao.position = Empty);
        let answer = async { answer.await.unwrap_or(Err(AppendError::Closed)) }
            .instrument(span.clone())
            .await;
        if let Ok(Outcome::Stored(receipt)) = &answer {
            span.record("qudao.position", receipt.position);
        }
        answer
    }

    /// Changes whenever this process has committed an event; the value is the head's position.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.0.committed.subscribe()
    }
}

/// Forgets states whose events were not stored, also when nobody waits for the answer any more.
struct Undo<'a> {
    queue: &'a Queue,
    grown: Vec<(ObjectKey, u64)>,
}

impl Undo<'_> {
    fn not_needed(mut self) {
        self.grown.clear();
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if !self.grown.is_empty() {
            self.queue.forget(self.grown.iter().map(|(key, entry)| (key, *entry)));
        }
    }
}
