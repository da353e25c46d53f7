//! Reading a log in order, part by part: with a filter, and with bounds on rows and bytes.

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use sqlx::PgPool;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::columns::stored_id;
use super::read::COLUMNS;
use super::{Log, ReadError};
use crate::event::Recorded;

/// Bytes of metadata and payload that end a page early.
const PAGE_BYTES: usize = 4 << 20;

/// Which events of a log are wanted; what is empty or `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this brand.
    pub tenant: Option<String>,
    /// Of these kinds of objects.
    pub aggregates: Vec<String>,
    /// Of these types.
    pub event_types: Vec<String>,
    /// Of this object.
    pub object_id: Option<String>,
}

/// Some events of a log, and how far it was read to find them.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In log order.
    pub events: Vec<Recorded>,
    /// Every wanted event up to this position is in this page or one before.
    pub reached: u64,
    /// The page was ended early because its events are large; ask for smaller ones.
    pub large: bool,
}

impl Log {
    /// The wanted events after `after` and up to `until`, from at most `most` positions. The page
    /// is in memory before it is given out, so that a slow reader holds no connection.
    ///
    /// # Errors
    /// When the database fails or an event can not be read.
    pub async fn read_page(
        &self,
        filter: &Filter,
        after: u64,
        until: u64,
        most: u32,
    ) -> Result<Page, ReadError> {
        // An object has an index of its own; all else is a walk along the positions.
        let object = filter.tenant.as_ref().zip(filter.object_id.as_ref());
        let object = object.map(|(tenant, id)| stored_id(tenant, id));
        let end = if object.is_some() { until } else { until.min(after + u64::from(most)) };
        let query = format!(
            "SELECT {COLUMNS} FROM events
             WHERE position > $1 AND position <= $2
               AND ($3::text IS NULL OR tenant_id = $3)
               AND (cardinality($4::text[]) = 0 OR aggregate_type = ANY($4))
               AND (cardinality($5::text[]) = 0 OR event_type = ANY($5))
               AND ({}) ORDER BY position LIMIT $7",
            match (&object, &filter.object_id) {
                (Some(_), _) => "aggregate_id = $6",
                (None, Some(_)) => "aggregate_id = tenant_id || '/' || $6",
                (None, None) => "$6::text IS NULL",
            }
        );
        let rows = sqlx::query(&query)
            .bind(after.cast_signed())
            .bind(end.cast_signed())
            .bind(filter.tenant.as_deref())
            .bind(&filter.aggregates)
            .bind(&filter.event_types)
            .bind(object.as_ref().or(filter.object_id.as_ref()))
            .bind(i64::from(most));
        let mut page = Page { events: Vec::new(), reached: end, large: false };
        // When the page is large, the rest of the answer is on its way and nobody wants it.
        match &filter.tenant {
            Some(tenant) => {
                let mut db = self.of(tenant).await?;
                self.fill(&mut page, rows.fetch(&mut *db)).await?;
                if page.large {
                    db.hang_up();
                }
            }
            // Only the operator asks for events of everybody.
            None => {
                let mut db = self.pool().acquire().await?;
                self.fill(&mut page, rows.fetch(&mut *db)).await?;
                if page.large {
                    drop(db.detach());
                }
            }
        }
        let full = page.events.len() == most as usize;
        if let (true, Some(last)) = (page.large || full, page.events.last()) {
            page.reached = last.position;
        }
        Ok(page)
    }

    /// Fills a page with rows as they come, until it is large.
    async fn fill(
        &self,
        page: &mut Page,
        mut rows: BoxStream<'_, Result<PgRow, sqlx::Error>>,
    ) -> Result<(), ReadError> {
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            let event = self.recorded(&row)?;
            bytes += event.payload.len();
            page.events.push(event);
            if bytes > PAGE_BYTES {
                page.large = true;
                break;
            }
        }
        Ok(())
    }

    /// A tenant's events at these positions, in log order; others are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_at(
        &self,
        tenant: &str,
        positions: &[u64],
    ) -> Result<Vec<Recorded>, ReadError> {
        let positions: Vec<_> = positions.iter().map(|position| position.cast_signed()).collect();
        let query =
            format!("SELECT {COLUMNS} FROM events WHERE position = ANY($1) ORDER BY position");
        let rows =
            sqlx::query(&query).bind(positions).fetch_all(&mut *self.of(tenant).await?).await?;
        rows.iter().map(|row| self.recorded(row)).collect()
    }

    /// A tenant's event with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_event(&self, tenant: &str, id: Uuid) -> Result<Option<Recorded>, ReadError> {
        let query = format!("SELECT {COLUMNS} FROM events WHERE event_id = $1");
        let row = sqlx::query(&query).bind(id).fetch_optional(&mut *self.of(tenant).await?).await?;
        row.map(|row| self.recorded(&row)).transpose()
    }

    /// The position before the first event recorded at a time or later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn position_before(&self, time: DateTime<Utc>) -> Result<u64, ReadError> {
        Ok(position_before(self.pool(), time).await?)
    }
}

/// The position before the first event recorded at a time or later. Times grow with positions,
/// and positions have no gap: halving finds it in some twenty steps, however long the log is.
pub(super) async fn position_before(
    pool: &PgPool,
    time: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let head: i64 = sqlx::query_scalar("SELECT position FROM log_head").fetch_one(pool).await?;
    let (mut before, mut after) = (0, head + 1);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let recorded_at: Option<DateTime<Utc>> =
            sqlx::query_scalar("SELECT recorded_at FROM events WHERE position = $1")
                .bind(middle)
                .fetch_optional(pool)
                .await?;
        if recorded_at.is_some_and(|at| at < time) {
            before = middle;
        } else {
            after = middle;
        }
    }
    Ok(before.cast_unsigned())
}
