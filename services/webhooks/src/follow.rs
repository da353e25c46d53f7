//! From facts to deliveries: each fact that an endpoint wants becomes a row, in the transaction of
//! the checkpoint, so that none is left out and none is there twice.
//!
//! Endpoints are facts of the partner context themselves. Before a fact of another context is looked
//! at, the partner log has been followed to its end: what was registered before the fact was
//! recorded is known by then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::failure::read_failed;
use kernel::log::Log;
use kernel::projection::{Db, DecodeError, Facts, Progress, ProjectError, Projection};
use kernel::query::not_reached;
use kernel::{Decider as _, Recorded, clock};
use partner::webhook::{Webhook, WebhookEvent};
use sqlx::PgConnection;

use crate::{endpoints, message};

/// How long deliveries are kept.
pub(crate) const KEPT: TimeDelta = TimeDelta::days(30);
/// How far the clocks of two processes may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(1);
/// Longest wait for the partner log to be followed; then it is tried again.
const WAIT: Duration = Duration::from_secs(5);

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
        let db = db.sql().await?;
        if fact.aggregate == Webhook::AGGREGATE {
            let event: WebhookEvent = fact.decode().map_err(ProjectError::Unknown)?;
            endpoints::apply(db, fact, event).await?;
        }
        deliver(db, fact).await
    }
}

/// How far it is known that the partner log was followed.
pub(crate) struct Level {
    log: Log,
    followed: Progress,
    at: Mutex<DateTime<Utc>>,
}

impl Level {
    pub(crate) fn new(log: Log, followed: Progress) -> Arc<Self> {
        Arc::new(Self { log, followed, at: Mutex::new(DateTime::UNIX_EPOCH) })
    }

    /// Returns when all endpoints are known that were registered before a time.
    async fn with(&self, time: DateTime<Utc>) -> Result<(), ProjectError> {
        let known = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if time + SKEW < known {
            return Ok(());
        }
        let now = clock::now();
        let head = self.log.head().await.map_err(|error| read_failed(&error))?;
        let mut followed = self.followed.clone();
        if tokio::time::timeout(WAIT, followed.reached(head)).await.is_err() {
            let status = not_reached(followed.now().position, head);
            // What others refuse for now is tried again.
            return Err(tonic::Status::unavailable(status.message()).into());
        }
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }
}

/// Follows the log of another context.
macro_rules! follow {
    ($($name:ident: $context:literal as $projection:literal),+ $(,)?) => {$(
        /// Follows the log of one context.
        pub(crate) struct $name(pub(crate) Arc<Level>);

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
                self.0.with(fact.recorded_at).await?;
                deliver(db.sql().await?, fact).await
            }
        }
    )+};
}

follow! {
    Order: "order" as "webhooks-order",
    Collab: "collab" as "webhooks-collab",
}

/// Makes a row for each endpoint that wants a fact. Facts of before an endpoint was registered or
/// enabled are not for it, and what is too old to be kept does not come back.
async fn deliver(db: &mut PgConnection, fact: &Recorded) -> Result<(), ProjectError> {
    if fact.recorded_at < clock::now() - KEPT {
        return Ok(());
    }
    let wanted = endpoints::who_want(db, fact).await?;
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
    .execute(db)
    .await?;
    Ok(())
}
