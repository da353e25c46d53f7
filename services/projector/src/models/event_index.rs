//! Where events stand in their logs, by object, actor, time and story: what auditors search. One
//! table for each context, since each is filled by its own projection and rebuilt alone.

use kernel::Recorded;
use kernel::projection::{Db, DecodeError, Facts, ProjectError, Projection, Table};
use serde_json::json;

/// Any event: what it says does not matter here, so it need not be readable either.
pub(crate) struct AnyEvent;

impl Facts for AnyEvent {
    fn of(_: &Recorded) -> Result<Option<Self>, DecodeError> {
        Ok(Some(Self))
    }
}

/// Declares the index of each context: its projection, the context, its table. A new context adds
/// a line.
macro_rules! indexes {
    ($($name:ident: $context:literal in $table:literal),+ $(,)?) => {
        /// Contexts and the tables of their events.
        pub(crate) const TABLES: &[(&str, &str)] = &[$(($context, $table)),+];

        $(pub(crate) struct $name;

        impl Projection for $name {
            const NAME: &'static str = $table;
            const CONTEXT: &'static str = $context;
            const TABLES: &'static [&'static Table] =
                &[&Table { name: $table, key: &["position"] }];
            const SCHEMA: &'static str = concat!(
                "CREATE TABLE ", $table, " (
                    position       bigint      PRIMARY KEY,
                    tenant_id      text        NOT NULL,
                    recorded_at    timestamptz NOT NULL,
                    aggregate      text        NOT NULL,
                    object_id      text        NOT NULL,
                    event_type     text        NOT NULL,
                    actor_id       text        NOT NULL,
                    correlation_id uuid        NOT NULL
                );
                CREATE INDEX ON ", $table, " (tenant_id, recorded_at, position);
                CREATE INDEX ON ", $table, " (tenant_id, actor_id, recorded_at, position);
                CREATE INDEX ON ", $table, " (tenant_id, object_id, recorded_at, position);
                CREATE INDEX ON ", $table, " (correlation_id);"
            );
            type Facts = AnyEvent;

            async fn project(
                &self,
                db: &mut Db<'_>,
                recorded: &Recorded,
                _: AnyEvent,
            ) -> Result<(), ProjectError> {
                note(db, Self::TABLES[0], recorded)
            }
        })+
    };
}

indexes! {
    OrderEvents: "order" in "event_index_order",
    PartnerEvents: "partner" in "event_index_partner",
    CollabEvents: "collab" in "event_index_collab",
}

fn note(db: &mut Db<'_>, table: &'static Table, recorded: &Recorded) -> Result<(), ProjectError> {
    let row = json!({
        "position": recorded.position,
        "tenant_id": recorded.tenant,
        "recorded_at": recorded.recorded_at,
        "aggregate": recorded.aggregate,
        "object_id": recorded.object_id,
        "event_type": recorded.event_type,
        "actor_id": recorded.metadata.actor_id,
        "correlation_id": recorded.metadata.correlation_id,
    });
    db.insert(table, row)
}
