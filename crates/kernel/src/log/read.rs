//! Reading: one object's stream, and the log in order.

use std::sync::LazyLock;

use cqrs_es::Aggregate as _;
use cqrs_es::persist::{PersistedEventRepository as _, PersistenceError};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use postgres_es::PostgresEventRepository;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::append::{Receipt, RequestKey};
use super::writer::stored_id;
use super::{AppendError, Log};
use crate::decider::{Decider, Stateful};
use crate::event::{Recorded, Stored};

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

const COLUMNS: &str = "position, event_id, tenant_id, aggregate_type, aggregate_id, sequence, \
                       event_type, event_version, recorded_at, metadata::text, payload::text";

impl Log {
    /// The state of an object and the number of its events.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn load<D: Decider>(
        &self,
        tenant: &str,
        object_id: &str,
    ) -> Result<(D, u64), ReadError> {
        let events = PostgresEventRepository::new(self.pool().clone())
            .get_events::<Stateful<D>>(&stored_id(tenant, object_id))
            .await?;
        let version = events.len() as u64;
        let mut state = Stateful::<D>::default();
        for event in events {
            let fact: Stored<D::Event> =
                serde_json::from_value(event.payload).map_err(|source| ReadError::Unreadable {
                    object_id: object_id.to_owned(),
                    version: event.sequence as u64,
                    event_type: event.event_type,
                    source,
                })?;
            state.apply(fact);
        }
        Ok((state.0, version))
    }

    /// The answer that a request got before, if it did.
    ///
    /// # Errors
    /// [`AppendError::RequestReused`] when the id was used for something else.
    pub async fn answered(
        &self,
        tenant: &str,
        request: &RequestKey,
    ) -> Result<Option<Receipt>, AppendError> {
        let row = sqlx::query(
            "SELECT digest, object_id, version, position FROM requests
             WHERE tenant_id = $1 AND request_id = $2",
        )
        .bind(tenant)
        .bind(request.id)
        .fetch_optional(self.pool())
        .await
        .map_err(|error| AppendError::Database(error.into()))?;
        let Some(row) = row else { return Ok(None) };
        if row.get::<&[u8], _>("digest") != request.digest {
            return Err(AppendError::RequestReused);
        }
        Ok(Some(Receipt {
            object_id: row.get("object_id"),
            version: row.get::<i64, _>("version").cast_unsigned(),
            position: row.get::<i64, _>("position").cast_unsigned(),
        }))
    }

    /// The position of the newest event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<u64, ReadError> {
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM log_head").fetch_one(self.pool()).await?;
        Ok(position.cast_unsigned())
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

    /// Events after a position, in order, at most `limit` of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_after(&self, position: u64, limit: u32) -> Result<Vec<Recorded>, ReadError> {
        let rows = sqlx::query(&format!(
            "SELECT {COLUMNS} FROM events WHERE position > $1 ORDER BY position LIMIT $2"
        ))
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
        static AFTER: LazyLock<String> = LazyLock::new(|| {
            format!("SELECT {COLUMNS} FROM events WHERE position > $1 ORDER BY position LIMIT $2")
        });
        sqlx::query(&AFTER)
            .bind(position.cast_signed())
            .bind(i64::from(limit))
            .fetch(self.pool())
            .map(|row| self.recorded(&row?))
            .boxed()
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
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(|row| self.recorded(row)).collect()
    }

    /// The position before the first event recorded at a time or later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn position_before(
        &self,
        time: chrono::DateTime<chrono::Utc>,
    ) -> Result<u64, ReadError> {
        let position: i64 = sqlx::query_scalar(
            "SELECT coalesce(min(position) - 1, (SELECT position FROM log_head))
             FROM events WHERE recorded_at >= $1",
        )
        .bind(time)
        .fetch_one(self.pool())
        .await?;
        Ok(position.cast_unsigned())
    }

    fn recorded(&self, row: &PgRow) -> Result<Recorded, ReadError> {
        let stored_id: &str = row.try_get("aggregate_id")?;
        let tenant: String = row.try_get("tenant_id")?;
        let metadata: &str = row.try_get("metadata")?;
        let metadata =
            serde_json::from_str(metadata).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let event_version: &str = row.try_get("event_version")?;
        Ok(Recorded {
            position: row.try_get::<i64, _>("position")?.cast_unsigned(),
            event_id: row.try_get::<Uuid, _>("event_id")?,
            object_id: stored_id.get(tenant.len() + 1..).unwrap_or_default().to_owned(),
            tenant,
            context: self.context().to_owned(),
            aggregate: row.try_get("aggregate_type")?,
            version: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
            event_type: row.try_get("event_type")?,
            event_version: event_version
                .parse()
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            recorded_at: row.try_get("recorded_at")?,
            metadata,
            payload: row.try_get("payload")?,
        })
    }
}
