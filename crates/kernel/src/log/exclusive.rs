//! One command with the whole log to itself: for a command that keeps losing against another
//! process. It holds the head's lock while it decides, so its turn comes in the database's queue.

use std::sync::Arc;

use super::append::Append;
use super::database::Turn;
use super::head::Head;
use super::queue::{Answer, Outcome};
use super::states::ObjectKey;
use super::{AppendError, Log, session, writer};

/// Nothing enters the log of this context while it lives, but what it appends.
pub(crate) struct Exclusive<'a> {
    log: &'a Log,
    turn: Turn<'static>,
    head: Head,
}

impl Log {
    /// Waits for the log to be free.
    pub(crate) async fn exclusive(&self) -> Result<Exclusive<'_>, AppendError> {
        let turn = self.0.database.turn().await;
        let (turn, head) = turn.map_err(|error| AppendError::Database(error.into()))?;
        Ok(Exclusive { log: self, turn, head })
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
        let stored = session::store_on(&mut self.turn, &[Arc::new(append)], &self.head).await;
        let (mut answers, _) = stored.map_err(database)?;
        let answer = answers.pop().unwrap_or(Err(AppendError::Closed));
        self.turn.commit().await.map_err(database)?;
        self.log.0.queue.forget_all(touched);
        if let Ok(Outcome::Stored(receipt)) = &answer {
            writer::moved(&self.log.0.committed, receipt.position);
        }
        answer
    }
}
