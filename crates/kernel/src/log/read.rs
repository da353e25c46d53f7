//! Reading: one object's stream, and the log in order.

use std::sync::Arc;

use cqrs_es::Aggregate as _;
use cqrs_es::persist::{PersistenceError, SerializedEvent};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Log;
use super::columns::stored_id;
use super::database::Database;
use super::snapshot::{self, Written};
use super::states::{Basis, ObjectKey, Since};
use crate::decider::{Decider, Stateful};
use crate::event::{Recorded, Stored};
use crate::wall::TenantTransaction;

/// Why the log can not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database failed.
    #[error("the log's database failed")]
    Database(#[from] sqlx::Error),
    /// The stream's reader failed.
    #[error("the stream can not be read")]
    Stream(#[from] PersistenceError),
    /// A stored event is not one that this program knows.
    #[error("event {event_type} number {version} of {object_id} can not be read")]
    Unreadable {
        /// The object it belongs to.
        object_id: String,
        /// Its number in the object's stream.
        version: u64,
        /// Its type.
        event_type: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

macro_rules! columns {
    () => {
        "position, event_id, tenant_id, aggregate_type, aggregate_id, sequence, event_type, \
         event_version, recorded_at, metadata::text, payload::text"
    };
}

/// The columns of an event, in the order that [`Log::recorded`] reads them.
pub(super) const COLUMNS: &str = columns!();

const AFTER: &str =
    concat!("SELECT ", columns!(), " FROM events WHERE position > $1 ORDER BY position LIMIT $2");

/// What has happened to an object after some of its events.
const SINCE: &str = "SELECT sequence, event_type, payload FROM events
     WHERE aggregate_id = $1 AND aggregate_type = $2 AND sequence > $3 ORDER BY sequence";

/// An event of one object: its number, its type, its JSON.
type Fact = (i64, String, serde_json::Value);

impl Log {
    /// The state of an object and the number of its events, as stored; for whoever answers a
    /// caller of that tenant.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn load<D: Decider>(
        &self,
        tenant: &str,
        object_id: &str,
    ) -> Result<(D, u64), ReadError> {
        let Basis { state, version, .. } = match &self.0.database {
            Database::Postgres { tenant: pool, .. } => {
                let id = stored_id(tenant, object_id);
                let mut tx = pool.begin(tenant).await?;
                let written = snapshot::get(&mut *tx, D::AGGREGATE, &id, D::STATE_VERSION).await?;
                let written = written.and_then(Written::<D>::read);
                let after = written.as_ref().map_or(0, |written| written.version);
                let facts: Vec<Fact> = sqlx::query_as(SINCE)
                    .bind(id)
                    .bind(D::AGGREGATE)
                    .bind(after.cast_signed())
                    .fetch_all(&mut *tx)
                    .await?;
                self.folded(tenant, object_id, written, facts)?
            }
            #[cfg(feature = "simulation")]
            Database::Simulated(_) => self.stored(tenant, object_id).await?,
        };
        Ok((Arc::unwrap_or_clone(state), version))
    }

    /// The newest state of an object, if this process knows one.
    pub(crate) fn known<D: Decider>(&self, key: &ObjectKey) -> Option<Basis<D>> {
        self.0.queue.newest(key)
    }

    /// The newest state of an object that this process knows, or the stored one.
    pub(crate) async fn newest<D: Decider>(&self, key: &ObjectKey) -> Result<Basis<D>, ReadError> {
        if let Some(known) = self.known(key) {
            return Ok(known);
        }
        let stored = self.stored(&key.tenant, &key.object_id).await?;
        Ok(self.0.queue.keep(key, stored))
    }

    /// The stored state of an object: its newest snapshot and what has happened since. When that
    /// is much, the state is written down, so that the next one who has to load it does not read
    /// all of that again: an object that several processes change is loaded by each command.
    pub(crate) async fn stored<D: Decider>(
        &self,
        tenant: &str,
        object_id: &str,
    ) -> Result<Basis<D>, ReadError> {
        let id = stored_id(tenant, object_id);
        let database = &self.0.database;
        let written = snapshot::newest::<D>(database, &id).await?;
        let after = written.as_ref().map_or(0, |written| written.version);
        let events = database.events::<D>(&id, after).await?.into_iter();
        let facts = events.map(|event| (event.sequence as i64, event.event_type, event.payload));
        self.folded(tenant, object_id, written, facts)
    }

    fn folded<D: Decider>(
        &self,
        tenant: &str,
        object_id: &str,
        written: Option<Written<D>>,
        facts: impl IntoIterator<Item = Fact>,
    ) -> Result<Basis<D>, ReadError> {
        let (mut state, mut version, mut since) = match written {
            Some(Written { state, version, bytes }) => {
                (Stateful(state), version, Since::of_snapshot(bytes))
            }
            None => (Stateful::default(), 0, Since::default()),
        };
        for (sequence, event_type, payload) in facts {
            version = sequence.cast_unsigned();
            since.add(&payload);
            let fact: Result<Stored<D::Event>, _> = serde_json::from_value(payload);
            state.apply(fact.map_err(|source| ReadError::Unreadable {
                object_id: object_id.to_owned(),
                version,
                event_type,
                source,
            })?);
        }
        let mut basis = Basis::stored(state.0, version, since);
        if let Some(snapshot) = basis.due_snapshot(tenant, object_id) {
            self.0.snapshots.write(snapshot);
        }
        Ok(basis)
    }

    /// All that is stored of an object, with who did it, oldest first.
    pub(crate) async fn events<D: Decider>(
        &self,
        tenant: &str,
        object_id: &str,
    ) -> Result<Vec<SerializedEvent>, ReadError> {
        Ok(self.0.database.events::<D>(&stored_id(tenant, object_id), 0).await?)
    }

    /// The position of the newest event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<u64, ReadError> {
        Ok(self.0.database.head().await?)
    }

    /// The id of the event at a position.
    pub(crate) async fn event_id(&self, position: u64) -> Result<Option<Uuid>, ReadError> {
        Ok(self.0.database.event_id(position).await?)
    }

    /// Number of events, counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<u64, ReadError> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(self.pool()).await?;
        Ok(count.cast_unsigned())
    }

    /// How many objects of a kind a tenant has that have no event of this type.
    pub(crate) async fn count_without<D: Decider>(
        &self,
        tenant: &str,
        ended: &str,
    ) -> Result<u64, ReadError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM (
                 SELECT FROM events
                 WHERE aggregate_id >= $1 AND aggregate_id < $2 AND aggregate_type = $3
                 GROUP BY aggregate_id HAVING NOT bool_or(event_type = $4)
             ) AS living",
        )
        // All ids of the tenant: 0 follows the sign that stands between.
        .bind(stored_id(tenant, ""))
        .bind(format!("{tenant}0"))
        .bind(D::AGGREGATE)
        .bind(ended)
        .fetch_one(self.pool())
        .await?;
        Ok(count.cast_unsigned())
    }

    /// Events after a position, in order, at most `limit` of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_after(&self, position: u64, limit: u32) -> Result<Vec<Recorded>, ReadError> {
        let rows = sqlx::query(AFTER)
            .bind(position.cast_signed())
            .bind(i64::from(limit))
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(|row| self.recorded(row)).collect()
    }

    /// Events after a position, in order, at most `limit` of them, as the database sends them: what
    /// is not asked for is not in memory.
    pub fn stream_after(
        &self,
        position: u64,
        limit: u32,
    ) -> BoxStream<'_, Result<Recorded, ReadError>> {
        let pool = match &self.0.database {
            Database::Postgres { pool, .. } => pool,
            #[cfg(feature = "simulation")]
            Database::Simulated(server) => return server.after(self.context(), position, limit),
        };
        let rows =
            sqlx::query(AFTER).bind(position.cast_signed()).bind(i64::from(limit)).fetch(pool);
        rows.map(|row| self.recorded(&row?)).boxed()
    }

    /// All events of one object of a tenant, oldest first. Without an aggregate, of every
    /// aggregate that has an object with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_object(
        &self,
        tenant: &str,
        aggregate: Option<&str>,
        object_id: &str,
    ) -> Result<Vec<Recorded>, ReadError> {
        let rows = sqlx::query(&format!(
            "SELECT {COLUMNS} FROM events
             WHERE aggregate_id = $1 AND ($2::text IS NULL OR aggregate_type = $2)
             ORDER BY position"
        ))
        .bind(stored_id(tenant, object_id))
        .bind(aggregate)
        .fetch_all(&mut *self.of(tenant).await?)
        .await?;
        rows.iter().map(|row| self.recorded(row)).collect()
    }

    /// A transaction that sees events of this tenant only.
    pub(super) async fn of(&self, tenant: &str) -> Result<TenantTransaction, sqlx::Error> {
        self.schema().tenant().begin(tenant).await
    }

    /// An event from a row of [`COLUMNS`]. By number: names are looked up anew for every row.
    pub(super) fn recorded(&self, row: &PgRow) -> Result<Recorded, ReadError> {
        let stored_id: &str = row.try_get(4)?;
        let tenant: String = row.try_get(2)?;
        let metadata: &str = row.try_get(9)?;
        let metadata =
            serde_json::from_str(metadata).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let event_version: &str = row.try_get(7)?;
        Ok(Recorded {
            position: row.try_get::<i64, _>(0)?.cast_unsigned(),
            event_id: row.try_get::<Uuid, _>(1)?,
            object_id: stored_id.get(tenant.len() + 1..).unwrap_or_default().to_owned(),
            tenant,
            context: self.context().to_owned(),
            aggregate: row.try_get(3)?,
            version: row.try_get::<i64, _>(5)?.cast_unsigned(),
            event_type: row.try_get(6)?,
            event_version: event_version
                .parse()
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            recorded_at: row.try_get(8)?,
            metadata,
            payload: row.try_get(10)?,
        })
    }
}
