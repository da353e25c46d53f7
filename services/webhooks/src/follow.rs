//! From facts to deliveries: each fact that an endpoint wants becomes a row, in the transaction of
//! the checkpoint, so that none is left out and none is there twice.

use chrono::TimeDelta;
use kernel::projection::{Db, DecodeError, Facts, ProjectError, Projection};
use kernel::{Decider as _, Recorded, clock};
use partner::webhook::{Webhook, WebhookEvent};

use crate::known::Known;
use crate::{endpoints, message};

/// How long deliveries are kept.
pub(crate) const KEPT: TimeDelta = TimeDelta::days(30);

/// Any fact of a context.
pub(crate) struct AnyFact;

impl Facts for AnyFact {
    fn of(_: &Recorded) -> Result<Option<Self>, DecodeError> {
        Ok(Some(Self))
    }
}

/// Follows the partner log: endpoints, and facts that endpoints want.
pub(crate) struct Partner;

impl Projection for Partner {
    const NAME: &'static str = "webhooks-partner";
    const CONTEXT: &'static str = "partner";
    type Facts = AnyFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        fact: &Recorded,
        _: AnyFact,
    ) -> Result<(), ProjectError> {
        if fact.aggregate == Webhook::AGGREGATE {
            let event: WebhookEvent = fact.decode().map_err(ProjectError::Unknown)?;
            endpoints::apply(db.sql().await?, fact, event).await?;
        }
        if is_too_old(fact) {
            return Ok(());
        }
        let enabled = endpoints::enabled(db.sql().await?, &fact.tenant).await?;
        deliver(db, fact, endpoints::who_want(&enabled, fact)).await
    }
}

/// Follows the log of another context.
macro_rules! follow {
    ($($name:ident: $context:literal as $projection:literal),+ $(,)?) => {$(
        /// Follows the log of one context.
        pub(crate) struct $name(pub(crate) Known);

        impl Projection for $name {
            const NAME: &'static str = $projection;
            const CONTEXT: &'static str = $context;
            type Facts = AnyFact;

            async fn project(
                &self,
                db: &mut Db<'_>,
                fact: &Recorded,
                _: AnyFact,
            ) -> Result<(), ProjectError> {
                if is_too_old(fact) {
                    return Ok(());
                }
                let wanted = self.0.who_want(db, fact).await?;
                deliver(db, fact, wanted).await
            }
        }
    )+};
}

follow! {
    Order: "order" as "webhooks-order",
    Collab: "collab" as "webhooks-collab",
}

/// What is too old to be kept does not come back.
fn is_too_old(fact: &Recorded) -> bool {
    fact.recorded_at < clock::now() - KEPT
}

/// Makes a row for each endpoint that wants a fact.
async fn deliver(
    db: &mut Db<'_>,
    fact: &Recorded,
    wanted: Vec<String>,
) -> Result<(), ProjectError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = wanted.iter().map(|id| message::delivery_id(id, fact.event_id)).collect();
    sqlx::query(
        "INSERT INTO webhook_deliveries (tenant_id, delivery_id, endpoint_id, event_id, position,
             event_type, occurred_at, body, created_at, status, next_at)
         SELECT $1, delivery_id, endpoint_id, $4, $5, $6, $7, $8, $9, 'pending', $9
         FROM unnest($2::uuid[], $3::text[]) AS wanted (delivery_id, endpoint_id)
         ON CONFLICT DO NOTHING",
    )
    .bind(&fact.tenant)
    .bind(ids)
    .bind(wanted)
    .bind(fact.event_id)
    .bind(fact.position.cast_signed())
    .bind(message::type_of(fact))
    .bind(fact.recorded_at)
    .bind(message::body(fact)?)
    .bind(clock::now())
    .execute(db.sql().await?)
    .await?;
    Ok(())
}
