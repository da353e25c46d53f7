//! Where events stand in their logs, by object, actor, time and story: what auditors search. One
//! table for each context, since each is filled by its own projection and rebuilt alone.

use kernel::Recorded;
use kernel::projection::{Db, DecodeError, Facts, ProjectError, Projection, Table};
use serde_json::json;

/// Contexts and the tables of their events.
pub(crate) const TABLES: [(&str, &str); 2] =
    [("order", ORDER_EVENTS.name), ("partner", PARTNER_EVENTS.name)];

const ORDER_EVENTS: Table = Table { name: "event_index_order", key: &["position"] };
const PARTNER_EVENTS: Table = Table { name: "event_index_partner", key: &["position"] };

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
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&ORDER_EVENTS];
    const SCHEMA: &'static str = include_str!("event_index_order.sql");
    type Facts = AnyEvent;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        _: AnyEvent,
    ) -> Result<(), ProjectError> {
        note(db, &ORDER_EVENTS, recorded)
    }
}

pub(crate) struct PartnerEvents;

impl Projection for PartnerEvents {
    const NAME: &'static str = "event_index_partner";
    const CONTEXT: &'static str = "partner";
    const TABLES: &'static [&'static Table] = &[&PARTNER_EVENTS];
    const SCHEMA: &'static str = include_str!("event_index_partner.sql");
    type Facts = AnyEvent;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        _: AnyEvent,
    ) -> Result<(), ProjectError> {
        note(db, &PARTNER_EVENTS, recorded)
    }
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
