//! cqrs-es with postgres-es as published: its own pool, its own tables, its own way to carry out a
//! command.

use std::sync::Arc;

use cqrs_es::{Aggregate, AggregateError};
use kernel::decider::Stateful;
use postgres_es::{PostgresCqrs, default_postgress_pool, postgres_cqrs};
use sqlx::{Executor as _, PgPool};

use super::tally::Tally;
use crate::load::{Operation, Step};

/// What it is called in tables.
pub const NAME: &str = "cqrs-es + postgres-es";

/// The tables that postgres-es works on, as it asks for them.
const TABLES: &str = "
CREATE TABLE events (
    aggregate_type text NOT NULL,
    aggregate_id   text NOT NULL,
    sequence       bigint NOT NULL CHECK (sequence >= 0),
    event_type     text NOT NULL,
    event_version  text NOT NULL,
    payload        json NOT NULL,
    metadata       json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);
CREATE TABLE snapshots (
    aggregate_type   text NOT NULL,
    aggregate_id     text NOT NULL,
    last_sequence    bigint NOT NULL CHECK (last_sequence >= 0),
    current_snapshot bigint NOT NULL CHECK (current_snapshot >= 0),
    payload          json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
);";

/// Its pool, with its tables made. The address must lead to a schema of its own.
///
/// # Errors
/// When the database does not answer.
pub async fn pool(url: &str) -> anyhow::Result<PgPool> {
    let pool = default_postgress_pool(url).await;
    pool.execute(TABLES).await?;
    Ok(pool)
}

/// Its framework for one kind of aggregate, without queries.
pub fn framework<A: Aggregate<Services = ()> + 'static>(pool: &PgPool) -> Arc<PostgresCqrs<A>> {
    Arc::new(postgres_cqrs(pool.clone(), Vec::new(), ()))
}

/// Carries out a command until it is not beaten by another one: the framework leaves that to its
/// users.
///
/// # Errors
/// Whatever else goes wrong.
pub async fn execute<A>(
    framework: &PostgresCqrs<A>,
    id: &str,
    command: A::Command,
) -> Result<(), AggregateError<A::Error>>
where
    A: Aggregate<Services = ()>,
    A::Command: Clone,
{
    loop {
        match framework.execute(id, command.clone()).await {
            Err(AggregateError::AggregateConflict) => tokio::task::yield_now().await,
            done => return done,
        }
    }
}

/// Carries out a command of [`Tally`] on the object that `object_of` names for a call.
pub fn command(
    pool: &PgPool,
    object_of: impl Fn(Step) -> String + Send + Sync + 'static,
) -> Operation {
    let framework = framework::<Stateful<Tally>>(pool);
    Arc::new(move |step| {
        let framework = framework.clone();
        let object_id = object_of(step);
        Box::pin(async move { Ok(execute(&framework, &object_id, 1).await?) })
    })
}
