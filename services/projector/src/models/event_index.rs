//! Where events stand in their logs, by object, actor, time and story: what auditors search.

use kernel::Recorded;
use kernel::projection::{DecodeError, Facts, ProjectError, Projection};
use sqlx::PgConnection;

/// Contexts and the tables of their events.
pub(crate) const TABLES: [(&str, &str); 2] =
    [("order", "event_index_order"), ("partner", "event_index_partner")];

/// Any event: what it says does not matter here, so it need not be readable either.
pub(crate) struct AnyEvent;

impl Facts for AnyEvent {
    fn of(_: &Recorded) -> Result<Option<Self>, DecodeError> {
        Ok(Some(Self))
    }
}

pub(crate) struct OrderEvents;

impl Projection for OrderEvents {
    const NAME: &'static str = "event_index_order";
    const CONTEXT: &'static str = TABLES[0].0;
    const TABLES: &'static [&'static str] = &[TABLES[0].1];
    type Facts = AnyEvent;

    async fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        _: AnyEvent,
    ) -> Result<(), ProjectError> {
        note(db, TABLES[0].1, recorded).await
    }
}

pub(crate) struct PartnerEvents;

impl Projection for PartnerEvents {
    const NAME: &'static str = "event_index_partner";
    const CONTEXT: &'static str = TABLES[1].0;
    const TABLES: &'static [&'static str] = &[TABLES[1].1];
    type Facts = AnyEvent;

    async fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        _: AnyEvent,
    ) -> Result<(), ProjectError> {
        note(db, TABLES[1].1, recorded).await
    }
}

async fn note(
    db: &mut PgConnection,
    table: &'static str,
    recorded: &Recorded,
) -> Result<(), ProjectError> {
    sqlx::query(&format!("INSERT INTO {table} VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"))
        .bind(recorded.position.cast_signed())
        .bind(&recorded.tenant)
        .bind(recorded.recorded_at)
        .bind(&recorded.aggregate)
        .bind(&recorded.object_id)
        .bind(&recorded.event_type)
        .bind(&recorded.metadata.actor_id)
        .bind(recorded.metadata.correlation_id)
        .execute(db)
        .await?;
    Ok(())
}
