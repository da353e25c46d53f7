//! How a batch gets into the database: as a whole where nothing is in the way, else with the log's
//! end locked, and append by append only when one of them can not be stored.

use std::sync::Arc;

use super::append::Append;
use super::clean::{self, Care};
use super::database::{Connection, Database, Turn};
use super::ends::ends;
use super::head::Head;
use super::queue::Answer;

/// The connection that batches go through, and what is known of the log's end. The connection is
/// kept between batches: giving it back to its pool would cost a round trip each time.
pub(super) struct Session {
    database: Database,
    connection: Option<Connection>,
    head: Option<Head>,
    /// Another process stores as well, as far as the last batch has shown.
    shared: bool,
}

impl Session {
    pub(super) fn new(database: Database) -> Self {
        Self { database, connection: None, head: None, shared: false }
    }

    /// Stores a batch. Each append has an answer of its own; an error is about the whole batch, of
    /// which nothing is stored unless the connection was lost after the commit.
    pub(super) async fn store(
        &mut self,
        appends: &[Arc<Append>],
    ) -> Result<Vec<Answer>, sqlx::Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.database.connect().await?,
        };
        // Only a connection that has done well is used again; a pool looks after the others.
        let answers = match self.store_at_once(&mut connection, appends).await? {
            Some(answers) => answers,
            None => self.store_locked(&mut connection, appends).await?,
        };
        self.connection = Some(connection);
        Ok(answers)
    }

    /// On the end that is known, by a statement that is its own transaction.
    async fn store_at_once(
        &mut self,
        db: &mut Connection,
        appends: &[Arc<Append>],
    ) -> Result<Option<Vec<Answer>>, sqlx::Error> {
        if self.shared {
            return Ok(None);
        }
        let (Some(head), Some(ends)) = (self.head.take(), ends(appends)) else { return Ok(None) };
        match db.clean(appends, &ends, &head, Care::Least).await {
            Ok(Some(next)) => {
                self.head = Some(next);
                Ok(Some(clean::answers(appends, head.position)))
            }
            Ok(None) => {
                self.head = Some(head);
                Ok(None)
            }
            Err(error) if is_surprise(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// With the end locked, so that whatever is found stays so.
    async fn store_locked(
        &mut self,
        db: &mut Connection,
        appends: &[Arc<Append>],
    ) -> Result<Vec<Answer>, sqlx::Error> {
        let known = self.head.take();
        let (mut turn, head) = db.turn().await?;
        let (answers, next) = store_on(&mut turn, appends, &head).await?;
        turn.commit().await?;
        self.shared = known.is_some_and(|known| !known.is_same(&head));
        self.head = next;
        Ok(answers)
    }
}

/// Stores a batch on the log's end, which is locked. Also tells the new end, where that is known.
pub(super) async fn store_on(
    turn: &mut Turn<'_>,
    appends: &[Arc<Append>],
    head: &Head,
) -> Result<(Vec<Answer>, Option<Head>), sqlx::Error> {
    if let Some(ends) = ends(appends)
        && let Some(next) = turn.clean(appends, &ends, head, Care::All).await?
    {
        return Ok((clean::answers(appends, head.position), Some(next)));
    }
    Ok((turn.each(appends).await?, None))
}

/// Whether a row was there already: a stream has grown, or a request was answered before.
fn is_surprise(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
