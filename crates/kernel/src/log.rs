//! The event log of one context in PostgreSQL: the record.

mod append;
mod read;
mod scan;
mod writer;

use std::sync::Arc;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::watch;
use tracing::field::Empty;
use tracing::{Instrument as _, info_span};

pub use append::{Append, AppendError, NewEvent, Receipt, RequestKey, StreamAppend, StreamVersion};
pub use read::ReadError;
pub use scan::{Filter, Page};

use writer::Writer;

/// The log of one context. Cheap to clone.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    context: &'static str,
    pool: PgPool,
    writer: Writer,
    committed: watch::Receiver<u64>,
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
    /// A setting would let acknowledged events be lost.
    #[error("PostgreSQL runs with {0} = off: a committed event could be lost; set it to on")]
    Unsafe(&'static str),
}

/// Opens a pool whose connections work in one schema, which is made if it is missing.
///
/// # Errors
/// When the database does not answer.
pub async fn connect(url: &str, schema: &str, connections: u32) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.options([("search_path", schema)]).application_name(schema);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(std::time::Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    // Two processes may start at once, and CREATE SCHEMA IF NOT EXISTS is not safe against that.
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('qudao schema'))").execute(&mut *tx).await?;
    sqlx::query(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(pool)
}

impl Log {
    /// Opens the log of a context, bringing its tables up to date, and starts its writer.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(url: &str, context: &'static str) -> Result<Self, OpenError> {
        let pool = connect(url, &format!("{context}_log"), 8).await?;
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let value: String =
                sqlx::query_scalar(&format!("SHOW {setting}")).fetch_one(&pool).await?;
            if value == "off" {
                return Err(OpenError::Unsafe(setting));
            }
        }
        sqlx::migrate!("migrations/log").run(&pool).await?;
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM log_head").fetch_one(&pool).await?;
        let (head, committed) = watch::channel(position.cast_unsigned());
        let writer = Writer::start(context, pool.clone(), head);
        Ok(Self(Arc::new(Inner { context, pool, writer, committed })))
    }

    /// The context whose log it is.
    pub fn context(&self) -> &'static str {
        self.0.context
    }

    /// The database of the log, working in its schema.
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// Stores an append, or says why not. Returns when it is durable.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        let span = info_span!("log.append", context = self.0.context, qudao.position = Empty);
        let answer = self.0.writer.append(append).instrument(span.clone()).await;
        if let Ok(receipt) = &answer {
            span.record("qudao.position", receipt.position);
        }
        answer
    }

    /// Changes whenever this process has committed an event; the value is the head's position.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.0.committed.clone()
    }
}
