//! Proofs of a log: the tree over its events and its signed states are kept beside it, and from
//! them anybody can be shown that an event is in the log and that the log only grows.
//!
//! Read in this order: [`key`] (who signs), `rows` (events exactly as stored), `tree` (the stored
//! tree), `sign` (how it grows and is signed), `select` and `export` (what auditors get), `verify`
//! (the check of a whole log). The mathematics is in the crate `proof`.

mod export;
pub mod key;
mod rows;
mod select;
mod sign;
mod tree;
mod verify;

use std::str::FromStr as _;
use std::sync::Arc;

use proof::{Checkpoint, Signer};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

pub use export::{Exported, Piece};
pub use key::LogKey;
pub use select::{Chosen, Selected};
pub use sign::run;
pub use verify::{Verification, Verified};

use crate::wall::TenantPool;

/// Why something can not be proved.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The database failed.
    #[error("the log's database failed")]
    Database(#[from] sqlx::Error),
    /// A row is not of the form that the log writes.
    #[error("a row of the log can not be read")]
    Row,
    /// The stored tree does not lead to what was signed.
    #[error("the tree of hashes is damaged: run `qudao verify`")]
    Tree,
    /// The log ends before what was signed.
    #[error("the log ends at {position}, but {size} events were signed: run `qudao verify`")]
    Shortened {
        /// The log's last position.
        position: u64,
        /// Events that were signed.
        size: u64,
    },
    /// An event does not follow from the one before.
    #[error("event {0} does not follow from the one before: nothing is signed; run `qudao verify`")]
    Broken(u64),
    /// The newest checkpoint is not signed by this key.
    #[error("the newest checkpoint is not signed by this log key")]
    Key(#[from] proof::checkpoint::CheckpointError),
    /// Nothing was signed yet, or not up to there.
    #[error("no signed checkpoint reaches that far")]
    NotSigned,
    /// This process has no key to sign with.
    #[error("this process has no log key")]
    NoKey,
}

/// A log with its proofs. Cheap to clone.
#[derive(Clone)]
pub struct Proofs {
    context: Arc<str>,
    pool: PgPool,
    /// Shows events of one tenant; none where a whole database is looked at from outside.
    tenant: Option<TenantPool>,
    signer: Option<Arc<Signer>>,
}

/// A checkpoint as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed text.
    pub note: String,
}

impl Proofs {
    /// The proofs of an open log. Only those with a signer let the tree grow.
    pub fn of(log: &crate::log::Log, signer: Option<Signer>) -> Self {
        let context = log.context().into();
        let (pool, tenant) = (log.pool().clone(), Some(log.schema().tenant().clone()));
        Self { context, pool, tenant, signer: signer.map(Arc::new) }
    }

    /// The proofs of the log in a database that is only read: nothing is made or migrated.
    ///
    /// # Errors
    /// When the address is none.
    pub fn open(url: &str, context: &str, connections: u32) -> Result<Self, ProofError> {
        let options = PgConnectOptions::from_str(url)?
            .options([("search_path", format!("{context}_log").as_str())])
            .application_name("qudao verify");
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(std::time::Duration::from_secs(10))
            .connect_lazy_with(options);
        Ok(Self { context: context.into(), pool, tenant: None, signer: None })
    }

    /// The same, able to sign.
    #[must_use]
    pub fn with_signer(mut self, signer: Signer) -> Self {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// The context whose log it is.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Who signs, if this process may.
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_deref()
    }

    /// The newest checkpoint, or the smallest one that is about at least `size` events.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint(&self, size: Option<u64>) -> Result<Option<Stored>, ProofError> {
        let note: Option<String> = sqlx::query_scalar(
            "SELECT note FROM checkpoints WHERE size >= coalesce($1, 0)
             ORDER BY CASE WHEN $1 IS NULL THEN -size ELSE size END LIMIT 1",
        )
        .bind(size.map(u64::cast_signed))
        .fetch_optional(&self.pool)
        .await?;
        note.map(Stored::read).transpose()
    }

    /// The checkpoint about exactly this many events.
    ///
    /// # Errors
    /// [`ProofError::NotSigned`] when there is none.
    pub async fn checkpoint_at(&self, size: u64) -> Result<Stored, ProofError> {
        let found = self.checkpoint(Some(size)).await?;
        found.filter(|found| found.checkpoint.size == size).ok_or(ProofError::NotSigned)
    }

    /// Checkpoints about more than `after` events, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoints(&self, after: u64, limit: u32) -> Result<Vec<Stored>, ProofError> {
        let notes: Vec<String> = sqlx::query_scalar(
            "SELECT note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT $2",
        )
        .bind(after.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        notes.into_iter().map(Stored::read).collect()
    }
}

impl Stored {
    /// Reads a stored note. Whether the signature is good is for those to check who get it.
    fn read(note: String) -> Result<Self, ProofError> {
        let text = note.rfind("\n\n").and_then(|end| note.get(..=end));
        let checkpoint = text.and_then(Checkpoint::parse).ok_or(ProofError::Tree)?;
        Ok(Self { checkpoint, note })
    }
}
