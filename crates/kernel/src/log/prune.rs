//! Answers are kept for repeats for a week; after that they are deleted, a few at a time.

use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::scan::position_before;
use super::{Log, ReadError};
use crate::clock;

/// How long a repeated request gets its old answer, in days.
const KEPT_DAYS: i64 = 8;
/// Rows deleted by one statement, so that none holds anything up.
const ROWS: i64 = 10_000;
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3_600);

impl Log {
    /// Forgets the answer to a request, and with it the digest of all that was asked. A repeat is
    /// decided as if it were new: only for what can not be done twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_request(&self, tenant: &str, id: Uuid) -> Result<(), ReadError> {
        sqlx::query("DELETE FROM requests WHERE request_id = $1 AND tenant_id = $2")
            .bind(id)
            .bind(tenant)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

/// Deletes old answers until stopped.
pub(super) async fn run(context: &'static str, pool: PgPool, stop: CancellationToken) {
    loop {
        match prune(&pool).await {
            Ok(0) => (),
            Ok(deleted) => tracing::info!(context, deleted, "old answers to requests are deleted"),
            // Whoever opened the log has closed it.
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => tracing::warn!(context, %error, "old answers could not be deleted"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => (),
        }
    }
}

async fn prune(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let oldest = clock::now() - TimeDelta::days(KEPT_DAYS);
    let position = position_before(pool, oldest).await?;
    let mut total = 0;
    loop {
        let deleted = sqlx::query(
            "DELETE FROM requests WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM requests WHERE position <= $1 LIMIT $2))",
        )
        .bind(position.cast_signed())
        .bind(ROWS)
        .execute(pool)
        .await?
        .rows_affected();
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}
