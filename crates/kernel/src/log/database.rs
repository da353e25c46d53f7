//! What a log asks of its database while commands are decided and stored. In programs that is
//! PostgreSQL; a simulation has a server of its own, which fails on purpose.

use std::sync::Arc;

use cqrs_es::persist::{PersistedEventRepository as _, PersistenceError, SerializedEvent};
use postgres_es::PostgresEventRepository;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::append::Append;
use super::clean::{self, Care};
use super::ends::End;
use super::head::Head;
use super::queue::Answer;
#[cfg(feature = "simulation")]
use super::simulated;
use super::{columns, snapshot};
use crate::decider::{Decider, Stateful};
use crate::wall::{self, TenantPool};

/// The database of a log.
#[derive(Clone)]
pub(super) enum Database {
    /// A pool to read from, one to read from for a tenant, and one to write with.
    Postgres { pool: PgPool, tenant: TenantPool, writers: PgPool },
    #[cfg(feature = "simulation")]
    Simulated(simulated::Server),
}

/// A connection that batches go through.
pub(super) enum Connection {
    Postgres(PoolConnection<Postgres>),
    #[cfg(feature = "simulation")]
    Simulated(simulated::Connection),
}

/// A transaction that holds the head's lock.
pub(super) enum Turn<'c> {
    Postgres(Transaction<'c, Postgres>),
    #[cfg(feature = "simulation")]
    Simulated(simulated::Turn),
}

impl Database {
    pub(super) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::Postgres { writers, .. } => writers.acquire().await.map(Connection::Postgres),
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => Ok(Connection::Simulated(server.connect())),
        }
    }

    /// Waits for the head's lock.
    pub(super) async fn turn(&self) -> Result<(Turn<'static>, Head), sqlx::Error> {
        match self {
            Self::Postgres { writers, .. } => Turn::of(wall::begin(writers).await?).await,
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => server.turn().await,
        }
    }

    /// The events of an object after a version, oldest first.
    pub(super) async fn events<D: Decider>(
        &self,
        stored_id: &str,
        after: u64,
    ) -> Result<Vec<SerializedEvent>, PersistenceError> {
        match self {
            Self::Postgres { pool, .. } => {
                let streams = PostgresEventRepository::new(pool.clone());
                match usize::try_from(after).unwrap_or(usize::MAX) {
                    0 => streams.get_events::<Stateful<D>>(stored_id).await,
                    last => streams.get_last_events::<Stateful<D>>(stored_id, last).await,
                }
            }
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => server.events(D::AGGREGATE, stored_id, after).await,
        }
    }

    /// The position of the newest event.
    pub(super) async fn head(&self) -> Result<u64, sqlx::Error> {
        match self {
            Self::Postgres { pool, .. } => {
                let head = sqlx::query_scalar("SELECT position FROM log_head");
                head.fetch_one(pool).await.map(i64::cast_unsigned)
            }
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => server.head().await,
        }
    }

    /// The id of the event at a position.
    pub(super) async fn event_id(&self, position: u64) -> Result<Option<Uuid>, sqlx::Error> {
        match self {
            Self::Postgres { pool, .. } => {
                sqlx::query_scalar("SELECT event_id FROM events WHERE position = $1")
                    .bind(position.cast_signed())
                    .fetch_optional(pool)
                    .await
            }
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => server.event_id(position).await,
        }
    }

    /// The newest snapshot of an object: number of its events, and JSON.
    pub(super) async fn snapshot(
        &self,
        aggregate: &str,
        stored_id: &str,
        state_version: u32,
    ) -> Result<Option<(u64, String)>, sqlx::Error> {
        match self {
            Self::Postgres { pool, .. } => {
                snapshot::get(pool, aggregate, stored_id, state_version).await
            }
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => server.snapshot(aggregate, stored_id).await,
        }
    }

    pub(super) async fn put_snapshot(&self, row: snapshot::Row) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres { pool, .. } => snapshot::put(pool, &row).await,
            #[cfg(feature = "simulation")]
            Self::Simulated(server) => server.put_snapshot(row).await,
        }
    }
}

impl Connection {
    /// Stores a batch as a whole, by a statement that is its own transaction: [`clean::store`].
    pub(super) async fn clean(
        &mut self,
        appends: &[Arc<Append>],
        ends: &[End<'_>],
        head: &Head,
        care: Care,
    ) -> Result<Option<Head>, sqlx::Error> {
        match self {
            Self::Postgres(connection) => clean::store(connection, appends, ends, head, care).await,
            #[cfg(feature = "simulation")]
            Self::Simulated(connection) => connection.clean(appends, ends, head, care).await,
        }
    }

    /// Waits for the head's lock.
    pub(super) async fn turn(&mut self) -> Result<(Turn<'_>, Head), sqlx::Error> {
        match self {
            Self::Postgres(connection) => Turn::of(connection.begin().await?).await,
            #[cfg(feature = "simulation")]
            Self::Simulated(connection) => connection.turn().await,
        }
    }
}

impl<'c> Turn<'c> {
    async fn of(mut tx: Transaction<'c, Postgres>) -> Result<(Self, Head), sqlx::Error> {
        let head = Head::lock(&mut tx).await?;
        Ok((Self::Postgres(tx), head))
    }

    /// Stores a batch as a whole: [`clean::store`].
    pub(super) async fn clean(
        &mut self,
        appends: &[Arc<Append>],
        ends: &[End<'_>],
        head: &Head,
        care: Care,
    ) -> Result<Option<Head>, sqlx::Error> {
        match self {
            Self::Postgres(tx) => clean::store(tx, appends, ends, head, care).await,
            #[cfg(feature = "simulation")]
            Self::Simulated(turn) => turn.clean(appends, ends, head, care).await,
        }
    }

    /// Stores what can be stored: [`columns::store_each`].
    pub(super) async fn each(
        &mut self,
        appends: &[Arc<Append>],
    ) -> Result<Vec<Answer>, sqlx::Error> {
        match self {
            Self::Postgres(tx) => columns::store_each(tx, appends).await,
            #[cfg(feature = "simulation")]
            Self::Simulated(turn) => turn.each(appends).await,
        }
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(tx) => tx.commit().await,
            #[cfg(feature = "simulation")]
            Self::Simulated(turn) => turn.commit().await,
        }
    }
}
