//! What must be so after every fault on the whole system: acknowledged, stored, streamed and
//! projected are compared.

use std::time::{Duration, Instant};

use kernel::log::Log;
use proto::access::v1::Role;
use proto::operations::v1 as pb;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use sqlx::{PgPool, Row as _};

use super::load::{Book, Stored, passes, wrong};
use crate::support::relaying::connect;
use crate::support::sets;
use crate::support::shop::reason;
use crate::support::system::{System, User};

/// How long copies and read models may take to be level with the log.
const LEVEL: Duration = Duration::from_secs(60);

/// Compares everything. A difference is a violation.
pub(super) async fn all(system: &System, book: &Book) {
    let url = system.servers.postgres_url();
    let log = Log::open(&url, "order").await.unwrap();
    let head = log.head().await.unwrap();
    let operator = system.user("", &[Role::Operator], None);
    let models = level(system, head).await;
    sets::check(&book.positions(), &log, &connect(&system.servers.nats_url()).await).await;
    let found = wrong(&book.acknowledged, &submitted(log.pool()).await);
    assert!(found.is_empty(), "{}", found.join("; "));
    for model in models.iter().filter(|model| !model.policy) {
        same(&operator, &model.name).await;
    }
}

/// All stored submissions of orders.
async fn submitted(pool: &PgPool) -> Vec<Stored> {
    let rows = sqlx::query(
        "SELECT position, split_part(aggregate_id, '/', 2) AS object_id,
             metadata->>'request_id' AS request_id
         FROM events WHERE event_type = 'OrderSubmitted' ORDER BY position",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let stored = rows.iter().map(|row| Stored {
        position: row.get::<i64, _>("position").cast_unsigned(),
        object_id: row.get("object_id"),
        request_id: row.get("request_id"),
    });
    stored.collect()
}

/// Waits until the order stream is level with a position and everything that reads is level with its
/// log; nothing may be parked.
pub(super) async fn level(system: &System, head: u64) -> Vec<pb::ProjectionStatus> {
    let operator = system.user("", &[Role::Operator], None);
    let mut operations = OperationsServiceClient::new(operator.channel.clone());
    let started = Instant::now();
    let mut said = String::new();
    while started.elapsed() < LEVEL {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let request = operator.says(pb::GetStreamStatusRequest {});
        let Ok(streams) = operations.get_stream_status(request).await else { continue };
        let request = operator.says(pb::ListProjectionsRequest {});
        let Ok(models) = operations.list_projections(request).await else { continue };
        let (streams, models) = (streams.into_inner().streams, models.into_inner().projections);
        let waiting = models.iter().map(|one| one.parked + one.retrying + one.held).sum::<u64>();
        let copied = streams.iter().all(|one| {
            one.stream_sequence == one.log_position
                && (one.name != "ORDER" || one.stream_sequence >= head)
        });
        if copied && waiting == 0 && models.iter().all(|one| one.position == one.log_position) {
            return models;
        }
        said = format!("{streams:?} {models:?}");
    }
    let parked = parked(system).await;
    panic!("not level within {LEVEL:?}: {said}; parked: {parked:?}");
}

/// What is parked of all: of what, where, why.
async fn parked(system: &System) -> Vec<(String, i64, String)> {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let mut all = Vec::new();
    for schema in ["read_models", "policies", "webhooks", "payments", "connectors"] {
        let query = format!("SELECT name, position, reason FROM {schema}.parked WHERE NOT next");
        let found = sqlx::query_as::<_, (String, i64, String)>(&query).fetch_all(&pool).await;
        all.extend(found.unwrap());
    }
    all
}

/// What a process is told that dies again and again in the middle of a fact.
const BLAMED: &str = "the process ended without order each time this fact was applied";

/// Asks for another try of each fact that was parked because processes ended while they applied
/// it, as an operator does when the cause is gone; how many there were.
pub(super) async fn retry_blamed(system: &System) -> usize {
    let operator = system.user("", &[Role::Operator], None);
    let mut operations = OperationsServiceClient::new(operator.channel.clone());
    let mut retried = 0;
    for (projection, position, reason) in parked(system).await {
        if reason != BLAMED {
            continue;
        }
        let position = position.cast_unsigned();
        let request = pb::RetryParkedFactRequest { projection, position };
        operations.retry_parked_fact(operator.says(request)).await.unwrap();
        retried += 1;
    }
    retried
}

/// A read model is what its log makes of it: it is filled anew beside itself and compared.
async fn same(operator: &User, name: &str) {
    let mut operations = OperationsServiceClient::new(operator.channel.clone());
    let started = Instant::now();
    let mut asked = false;
    while started.elapsed() < LEVEL {
        if !asked {
            let request = pb::CompareProjectionRequest { name: name.to_owned() };
            match operations.compare_projection(operator.says(request)).await {
                Ok(_) => asked = true,
                // One that was asked for before the fault goes on first.
                Err(status) if reason(&status) == "REBUILD_UNDER_WAY" || passes(&status) => (),
                Err(status) => panic!("{name} can not be compared: {status:?}"),
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let request = operator.says(pb::ListProjectionsRequest {});
        let Ok(models) = operations.list_projections(request).await else { continue };
        let model = models.into_inner().projections.into_iter().find(|one| one.name == name);
        let rebuild = model.unwrap().rebuild.unwrap_or_default();
        if !asked || !rebuild.compare_only || rebuild.finished_at.is_empty() {
            continue;
        }
        assert_eq!(rebuild.outcome(), pb::RebuildOutcome::Same, "{name}: {:?}", rebuild.tables);
        return;
    }
    panic!("{name} was not compared within {LEVEL:?}");
}

/// Clients of the one shop, on connections of their own.
pub(super) fn clients(system: &System, count: usize) -> Vec<User> {
    (0..count).map(|_| system.admin()).collect()
}
