//! The row of an upload.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgPool, Row as _};
use uuid::Uuid;
use values::DealerId;

use super::Owner;
use crate::file::{ObjectRef, Purpose, StoredFile};
use crate::refusal::UploadRefusal;

/// What was said of a file before it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) name: String,
    /// Empty when nobody said.
    pub(crate) sha256: String,
    pub(crate) purpose: Purpose,
    pub(crate) object: Option<ObjectRef>,
    pub(crate) dealer_id: Option<DealerId>,
}

/// An upload.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) id: Uuid,
    pub(crate) asked: Asked,
    pub(crate) size: u64,
    pub(crate) received: u64,
    pub(crate) pieces: Vec<String>,
    /// What was found in it, once somebody has looked.
    pub(crate) file: Option<StoredFile>,
    pub(crate) expires_at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for Upload {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let file: Option<Json<StoredFile>> = row.try_get("file")?;
        Ok(Self {
            id: row.try_get("upload_id")?,
            asked: row.try_get::<Json<Asked>, _>("asked")?.0,
            size: row.try_get::<i64, _>("size")?.cast_unsigned(),
            received: row.try_get::<i64, _>("received")?.cast_unsigned(),
            pieces: row.try_get("pieces")?,
            file: file.map(|file| file.0),
            expires_at: row.try_get("expires_at")?,
        })
    }
}

impl Upload {
    pub(crate) fn new(id: Uuid, size: u64, asked: Asked, expires_at: DateTime<Utc>) -> Self {
        Self { id, asked, size, received: 0, pieces: Vec::new(), file: None, expires_at }
    }

    /// Whether a piece is the next one, and does not make it too long.
    pub(super) fn takes(&self, offset: u64, length: u64) -> Result<(), UploadRefusal> {
        if offset != self.received {
            return Err(UploadRefusal::WrongOffset { at: self.received });
        }
        if length > self.size - self.received {
            return Err(UploadRefusal::TooMuchData { size: self.size });
        }
        Ok(())
    }

    /// Whether it was not there before.
    pub(super) async fn insert(
        &self,
        db: &mut PgConnection,
        owner: Owner<'_>,
    ) -> sqlx::Result<bool> {
        let done = sqlx::query(
            "INSERT INTO uploads (tenant_id, upload_id, user_id, asked, size, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(owner.tenant)
        .bind(self.id)
        .bind(owner.user)
        .bind(Json(&self.asked))
        .bind(self.size.cast_signed())
        .bind(self.expires_at)
        .execute(db)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn find(
        db: &mut PgConnection,
        owner: Owner<'_>,
        id: Uuid,
    ) -> sqlx::Result<Option<Self>> {
        sqlx::query_as(
            "SELECT * FROM uploads
             WHERE tenant_id = $1 AND upload_id = $2 AND user_id = $3 AND expires_at > now()",
        )
        .bind(owner.tenant)
        .bind(id)
        .bind(owner.user)
        .fetch_optional(db)
        .await
    }

    /// Takes a piece in, if it is still the next one.
    pub(super) async fn grow(
        pool: &PgPool,
        owner: Owner<'_>,
        id: Uuid,
        (offset, length, piece): (u64, u64, &str),
        until: DateTime<Utc>,
    ) -> sqlx::Result<Option<Self>> {
        sqlx::query_as(
            "UPDATE uploads SET received = received + $5, pieces = pieces || $6, expires_at = $7
             WHERE tenant_id = $1 AND upload_id = $2 AND user_id = $3 AND received = $4
                 AND expires_at > now()
             RETURNING *",
        )
        .bind(owner.tenant)
        .bind(id)
        .bind(owner.user)
        .bind(offset.cast_signed())
        .bind(length.cast_signed())
        .bind(piece)
        .bind(until)
        .fetch_optional(pool)
        .await
    }

    /// Notes what was found in it; whether nobody had done so before.
    pub(super) async fn found(
        db: &mut PgConnection,
        tenant: &str,
        file: &StoredFile,
        until: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let done = sqlx::query(
            "UPDATE uploads SET file = $3, expires_at = $4
             WHERE tenant_id = $1 AND upload_id = $2 AND file IS NULL",
        )
        .bind(tenant)
        .bind(file.file_id)
        .bind(Json(file))
        .bind(until)
        .execute(db)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn keep_until(
        pool: &PgPool,
        tenant: &str,
        id: Uuid,
        until: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query("UPDATE uploads SET expires_at = $3 WHERE tenant_id = $1 AND upload_id = $2")
            .bind(tenant)
            .bind(id)
            .bind(until)
            .execute(pool)
            .await?;
        Ok(())
    }

    /// Deletes it; the room that it took, when nothing has come of it.
    pub(super) async fn delete(
        db: &mut PgConnection,
        tenant: &str,
        id: Uuid,
    ) -> sqlx::Result<Option<i64>> {
        sqlx::query_scalar::<_, Option<i64>>(
            "DELETE FROM uploads WHERE tenant_id = $1 AND upload_id = $2
             RETURNING CASE WHEN file IS NULL THEN size END",
        )
        .bind(tenant)
        .bind(id)
        .fetch_optional(db)
        .await
        .map(Option::flatten)
    }

    /// Some of those that are over, of whichever tenant.
    pub(super) async fn over(pool: &PgPool) -> sqlx::Result<Vec<(String, Uuid)>> {
        sqlx::query_as(
            "SELECT tenant_id, upload_id FROM uploads WHERE expires_at <= now()
             ORDER BY expires_at LIMIT 100",
        )
        .fetch_all(pool)
        .await
    }
}
