//! How much a tenant keeps. One row for each tenant, so that whoever comes at the same time waits
//! for the other: together they do not get more than each alone.

use sqlx::PgConnection;

use crate::file::Sha256;
use crate::refusal::UploadRefusal;

/// Bytes that a tenant may keep when nobody says otherwise: 20 GiB.
pub const DEFAULT_QUOTA: u64 = 20 << 30;

/// Takes room for an upload, or says how much is left.
pub(crate) async fn reserve(
    db: &mut PgConnection,
    tenant: &str,
    size: u64,
    quota: u64,
) -> sqlx::Result<Result<(), UploadRefusal>> {
    let taken = sqlx::query_scalar::<_, i64>(
        "INSERT INTO file_usage (tenant_id, bytes) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET bytes = file_usage.bytes + $2
         RETURNING bytes",
    )
    .bind(tenant)
    .bind(size.cast_signed())
    .fetch_one(db)
    .await?
    .cast_unsigned();
    // The caller gives the transaction up, and with it what was taken.
    let left = quota.saturating_sub(taken - size);
    Ok(if taken > quota { Err(UploadRefusal::QuotaExceeded { left, quota }) } else { Ok(()) })
}

/// Gives room back.
pub(crate) async fn release(db: &mut PgConnection, tenant: &str, size: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE file_usage SET bytes = bytes - $2 WHERE tenant_id = $1")
        .bind(tenant)
        .bind(size)
        .execute(db)
        .await?;
    Ok(())
}

/// Notes that a content is kept. What was kept before takes no room a second time.
pub(crate) async fn keep(
    db: &mut PgConnection,
    tenant: &str,
    (sha256, size): (&Sha256, i64),
) -> sqlx::Result<()> {
    let new = sqlx::query(
        "INSERT INTO file_contents (tenant_id, sha256, size) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(sha256.as_str())
    .bind(size)
    .execute(&mut *db)
    .await?;
    if new.rows_affected() == 0 {
        release(db, tenant, size).await?;
    }
    Ok(())
}
