//! The rows of connections: what each fact of one changes.

use chrono::{DateTime, Utc};
use erp::Kind;
use kernel::Recorded;
use kernel::projection::ProjectError;
use order::connection::{ConnectionEvent, OrderMoment, Settings};
use sqlx::PgConnection;

/// Why a document is not handed over: somebody has said so.
pub(crate) const SKIPPED: &str = "SKIPPED";

/// Applies a fact of a connection.
pub(crate) async fn apply(
    db: &mut PgConnection,
    fact: &Recorded,
    event: ConnectionEvent,
) -> Result<(), ProjectError> {
    match event {
        ConnectionEvent::ConnectionSet(settings) => set(db, fact, &settings).await?,
        ConnectionEvent::ConnectionPaused { .. } => pause(db, fact, true).await?,
        ConnectionEvent::ConnectionResumed {} => pause(db, fact, false).await?,
        ConnectionEvent::CodesMapped { .. } => (),
        ConnectionEvent::DocumentSkipped { number, reason } => {
            skip(db, fact, &number, &reason).await?;
        }
        ConnectionEvent::ResyncRequested { since } => resync(db, fact, since).await?,
    }
    sqlx::query("UPDATE connector_connections SET version = $2 WHERE tenant_id = $1")
        .bind(&fact.tenant)
        .bind(fact.version.cast_signed())
        .execute(db)
        .await?;
    Ok(())
}

async fn set(db: &mut PgConnection, fact: &Recorded, settings: &Settings) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO connector_connections (tenant_id, version, stock, stock_next_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id) DO UPDATE SET stock = EXCLUDED.stock,
             stock_next_at = EXCLUDED.stock_next_at",
    )
    .bind(&fact.tenant)
    .bind(fact.version.cast_signed())
    .bind(settings.stock)
    .bind(fact.recorded_at)
    .execute(&mut *db)
    .await?;
    let orders = settings.orders != OrderMoment::Never;
    let kinds = [
        (Kind::SalesOrder, orders, settings.orders == OrderMoment::Shipped),
        (Kind::Delivery, settings.deliveries, false),
        (Kind::Return, settings.returns, false),
        (Kind::Receipt, settings.receipts, false),
    ];
    for (kind, wanted, shipped) in kinds {
        if wanted {
            // What was wanted before still is since then.
            sqlx::query(
                "INSERT INTO connector_wants (tenant_id, kind, since, shipped)
                 VALUES ($1, $2, $3, $4)
                 ON CONFLICT (tenant_id, kind) DO UPDATE SET shipped = EXCLUDED.shipped",
            )
            .bind(&fact.tenant)
            .bind(kind.as_ref())
            .bind(fact.recorded_at)
            .bind(shipped)
            .execute(&mut *db)
            .await?;
        } else {
            unwanted(db, fact, kind).await?;
        }
    }
    Ok(())
}

/// What waits is not handed over any more; what a person has to look at stays.
async fn unwanted(db: &mut PgConnection, fact: &Recorded, kind: Kind) -> sqlx::Result<()> {
    for sql in [
        "DELETE FROM connector_wants WHERE tenant_id = $1 AND kind = $2",
        "UPDATE connector_documents SET status = 'idle', next_at = NULL, claim = NULL
         WHERE tenant_id = $1 AND kind = $2 AND status = 'waiting' AND NOT checking",
    ] {
        sqlx::query(sql).bind(&fact.tenant).bind(kind.as_ref()).execute(&mut *db).await?;
    }
    Ok(())
}

async fn pause(db: &mut PgConnection, fact: &Recorded, paused: bool) -> sqlx::Result<()> {
    sqlx::query("UPDATE connector_connections SET paused = $2 WHERE tenant_id = $1")
        .bind(&fact.tenant)
        .bind(paused)
        .execute(db)
        .await
        .map(drop)
}

pub(crate) async fn skip(
    db: &mut PgConnection,
    fact: &Recorded,
    number: &str,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO connector_skips (tenant_id, number, reason) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, number) DO UPDATE SET reason = EXCLUDED.reason",
    )
    .bind(&fact.tenant)
    .bind(number)
    .bind(reason)
    .execute(&mut *db)
    .await?;
    // Of what the books have, somebody has done by hand what was to be done there.
    sqlx::query(
        "UPDATE connector_documents SET mended_at = $3
         WHERE tenant_id = $1 AND number = $2 AND status = 'sent'",
    )
    .bind(&fact.tenant)
    .bind(number)
    .bind(fact.position.cast_signed())
    .execute(&mut *db)
    .await?;
    // What whoever hands it over at this moment hears counts only when the books have it.
    sqlx::query(
        "UPDATE connector_documents SET status = 'skipped', code = $3, words = $4, ended_at = $5,
             next_at = NULL, claim = NULL
         WHERE tenant_id = $1 AND number = $2 AND status <> 'sent'",
    )
    .bind(&fact.tenant)
    .bind(number)
    .bind(SKIPPED)
    .bind(reason)
    .bind(fact.recorded_at)
    .execute(db)
    .await
    .map(drop)
}

/// What has ended since then is handed over again, and what never began begins. What the books had is
/// looked for first; what they are known to have lost is still not there.
pub(crate) async fn resync(
    db: &mut PgConnection,
    fact: &Recorded,
    since: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("UPDATE connector_wants SET since = least(since, $2) WHERE tenant_id = $1")
        .bind(&fact.tenant)
        .bind(since)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "UPDATE connector_documents AS d SET status = 'waiting',
             checking = d.their_number <> '' AND (d.status = 'sent' OR NOT d.was_missing),
             was_missing = d.was_missing AND d.status <> 'sent',
             tries = 0, begun_at = NULL, next_at = $3, claim = NULL, ended_at = NULL
         FROM connector_wants AS w
         WHERE d.tenant_id = $1 AND w.tenant_id = $1 AND w.kind = d.kind
             AND d.status IN ('sent', 'refused', 'given_up') AND d.recorded_at >= $2",
    )
    .bind(&fact.tenant)
    .bind(since)
    .bind(fact.recorded_at)
    .execute(db)
    .await
    .map(drop)
}
