//! Some events of the log with what proves each of them.

use std::collections::HashMap;

use proof::export::{Line, Selection};
use proof::merkle::inclusion_ranges;
use proof::{Hash, StoredEvent, chain_start};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::tree::Tree;
use super::{ProofError, Proofs, Stored, rows};

/// Events read at a time.
const PAGE: i64 = 500;

/// Which one event is meant.
#[derive(Clone, Copy, Debug)]
pub enum Chosen {
    /// By its position.
    Position(u64),
    /// By its id.
    Id(Uuid),
}

/// An event with what proves that it is in the log.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The event, the hash before it, and its path to the root of the checkpoint.
    pub line: Line<'static>,
    /// The checkpoint that the path leads to.
    pub at: Stored,
}

/// A running selection.
pub(super) struct Cursor {
    proofs: Proofs,
    selection: Selection,
    at: Stored,
    tree: Tree,
    after: u64,
}

impl Proofs {
    /// One event of a tenant, signed now if it was not yet. `None` when the tenant has no such
    /// event.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub async fn event(
        &self,
        tenant: &str,
        chosen: Chosen,
        size: Option<u64>,
    ) -> Result<Option<Selected>, ProofError> {
        let (position, id) = match chosen {
            Chosen::Position(position) => (Some(position.cast_signed()), None),
            Chosen::Id(id) => (None, Some(id)),
        };
        let query = sqlx::query_scalar(
            "SELECT position FROM events
             WHERE tenant_id = $1 AND (position = $2 OR event_id = $3)",
        )
        .bind(tenant)
        .bind(position)
        .bind(id);
        let found: Option<i64> = match &self.tenant {
            Some(pool) => query.fetch_optional(&mut *pool.begin(tenant).await?).await?,
            None => query.fetch_optional(&self.pool).await?,
        };
        let Some(position) = found.map(i64::cast_unsigned) else { return Ok(None) };
        let at = match size {
            Some(size) => self.checkpoint_at(size).await?,
            None => match self.checkpoint(Some(position)).await? {
                Some(at) => at,
                None => self.sign_now().await?,
            },
        };
        if at.checkpoint.size < position {
            return Err(ProofError::NotSigned);
        }
        let selection = Selection {
            tenant: Some(tenant.to_owned()),
            from_position: Some(position),
            to_position: Some(position),
            ..Selection::default()
        };
        let mut cursor = Cursor::of(self, selection, at.clone());
        let line = cursor.next_page().await?.pop();
        Ok(line.map(|line| Selected { line, at }))
    }
}

impl Cursor {
    pub(super) fn of(proofs: &Proofs, selection: Selection, at: Stored) -> Self {
        let after = selection.from_position.map_or(0, |from| from.saturating_sub(1));
        let tree = Tree::of(&proofs.pool);
        Self { proofs: proofs.clone(), selection, at, tree, after }
    }

    /// The position up to which the log was looked through.
    pub(super) fn after(&self) -> u64 {
        self.after
    }

    /// The next events; none at the end.
    pub(super) async fn next_page(&mut self) -> Result<Vec<Line<'static>>, ProofError> {
        let size = self.at.checkpoint.size;
        let rows = self.rows(size.min(self.selection.to_position.unwrap_or(size))).await?;
        let mut lines = Vec::with_capacity(rows.len());
        let mut before = self.hashes_before(&rows).await?;
        for row in &rows {
            let (event, hash) = event(row)?;
            let missing = if event.position == 1 { chain_start() } else { Hash::default() };
            let previous = before.remove(&(event.position - 1));
            let previous = previous.unwrap_or_else(|| missing.to_vec());
            self.after = event.position;
            let ranges = inclusion_ranges(event.position - 1, size);
            self.tree.fetch(&ranges).await?;
            let path = ranges.iter().map(|range| self.tree.hash(range));
            let path: Vec<Hash> = path.collect::<Result<_, _>>()?;
            lines.push(owned(Line::of(&event, hash).proved(&previous, &path)));
        }
        Ok(lines)
    }

    async fn rows(&self, to: u64) -> Result<Vec<PgRow>, ProofError> {
        let Selection { tenant, object, event_types, from_time_us, before_time_us, .. } =
            &self.selection;
        let (aggregate, object) = match object.as_deref().map(|object| object.split_once('/')) {
            Some(Some((aggregate, id))) => (Some(aggregate), Some(id)),
            Some(None) => (None, object.as_deref()),
            None => (None, None),
        };
        let columns: Vec<_> = rows::COLUMNS.split(", ").map(|name| format!("e.{name}")).collect();
        let columns = columns.join(", ").replace("metadata", "metadata::text AS metadata");
        let columns = columns.replace("payload", "payload::text AS payload");
        let statement = format!(
            "SELECT {columns} FROM events e
             WHERE e.position > $1 AND e.position <= $2
             AND ($3::text IS NULL OR e.tenant_id = $3)
             AND ($4::text IS NULL OR e.aggregate_id = coalesce($3 || '/', '') || $4)
             AND ($5::text IS NULL OR e.aggregate_type = $5)
             AND (cardinality($6::text[]) = 0 OR e.event_type = ANY($6))
             AND ($7::bigint IS NULL OR e.recorded_at >= 'epoch'::timestamptz + $7 * interval '1 us')
             AND ($8::bigint IS NULL OR e.recorded_at < 'epoch'::timestamptz + $8 * interval '1 us')
             ORDER BY e.position LIMIT {PAGE}"
        );
        let query = sqlx::query(&statement)
            .bind(self.after.cast_signed())
            .bind(to.cast_signed())
            .bind(tenant)
            .bind(object)
            .bind(aggregate)
            .bind(event_types)
            .bind(from_time_us)
            .bind(before_time_us);
        Ok(match (&self.proofs.tenant, tenant) {
            (Some(pool), Some(tenant)) => query.fetch_all(&mut *pool.begin(tenant).await?).await?,
            (None, _) | (_, None) => query.fetch_all(&self.proofs.pool).await?,
        })
    }

    /// The hashes that these events follow on, by position. They may be of anybody's events.
    async fn hashes_before(&self, rows: &[PgRow]) -> Result<HashMap<u64, Vec<u8>>, ProofError> {
        let before = rows.iter().map(|row| Ok(row.try_get::<i64, _>("position")? - 1));
        let before: Vec<i64> = before.collect::<Result<_, sqlx::Error>>()?;
        let hashes: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT position, hash FROM events WHERE position = ANY($1)")
                .bind(before)
                .fetch_all(&self.proofs.pool)
                .await?;
        Ok(hashes.into_iter().map(|(position, hash)| (position.cast_unsigned(), hash)).collect())
    }
}

/// The event of a row, and its hash.
fn event(row: &PgRow) -> Result<(StoredEvent<'_>, &[u8]), ProofError> {
    let recorded_at: chrono::DateTime<chrono::Utc> = row.try_get("recorded_at")?;
    let event = StoredEvent {
        position: row.try_get::<i64, _>("position")?.cast_unsigned(),
        event_id: row.try_get("event_id")?,
        tenant_id: row.try_get("tenant_id")?,
        aggregate_type: row.try_get("aggregate_type")?,
        aggregate_id: row.try_get("aggregate_id")?,
        sequence: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
        event_type: row.try_get("event_type")?,
        event_version: row.try_get("event_version")?,
        recorded_at: recorded_at.timestamp_micros(),
        metadata: row.try_get("metadata")?,
        payload: row.try_get("payload")?,
    };
    Ok((event, row.try_get("hash")?))
}

fn owned(line: Line<'_>) -> Line<'static> {
    let owned = |text: std::borrow::Cow<'_, str>| text.into_owned().into();
    Line {
        position: line.position,
        event_id: line.event_id,
        tenant_id: owned(line.tenant_id),
        aggregate_type: owned(line.aggregate_type),
        aggregate_id: owned(line.aggregate_id),
        sequence: line.sequence,
        event_type: owned(line.event_type),
        event_version: owned(line.event_version),
        recorded_at_us: line.recorded_at_us,
        metadata: owned(line.metadata),
        payload: owned(line.payload),
        hash: line.hash,
        previous: line.previous,
        proof: line.proof,
    }
}
