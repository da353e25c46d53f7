//! One command with the whole log to itself: for a command that keeps losing against another
//! process. It holds the head's lock while it decides, so its turn comes in the database's queue.

use std::sync::Arc;

use sqlx::{Postgres, Transaction};

use super::append::Append;
use super::queue::{Answer, Outcome};
use super::states::ObjectKey;
use super::{AppendError, Log, columns, writer};

/// Nothing enters the log of this context while it lives, but what it appends.
pub(crate) struct Exclusive<'a> {
    log: &'a Log,
    tx: Transaction<'static, Postgres>,
}

impl Log {
    /// Waits for the log to be free.
    pub(crate) async fn exclusive(&self) -> Result<Exclusive<'_>, AppendError> {
        let tx = async {
            let mut tx = self.0.writers.begin().await?;
            sqlx::query("SELECT FROM log_head FOR UPDATE").execute(&mut *tx).await?;
            Ok(tx)
        };
        let tx = tx.await.map_err(|error: sqlx::Error| AppendError::Database(error.into()))?;
        Ok(Exclusive { log: self, tx })
    }
}

impl Exclusive<'_> {
    /// Stores the append and lets others go on. States of the objects in memory are forgotten:
    /// they grew without it.
    pub(crate) async fn append(
        mut self,
        append: Append,
        touched: impl Iterator<Item = &ObjectKey>,
    ) -> Answer {
        append.check_sizes()?;
        let database = |error: sqlx::Error| AppendError::Database(error.into());
        let stored = columns::store(&mut self.tx, &[Arc::new(append)]).await;
        let answer = stored.map_err(database)?.pop().unwrap_or(Err(AppendError::Closed));
        self.tx.commit().await.map_err(database)?;
        self.log.0.queue.forget_all(touched);
        if let Ok(Outcome::Stored(receipt)) = &answer {
            writer::moved(&self.log.0.committed, receipt.position);
        }
        answer
    }
}
