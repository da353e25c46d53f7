//! Keys of service accounts. Only a digest of a key is kept, in a table beside the log; the fact in
//! the log decides whether it is still good. A plain SHA-256 will do where a password needs Argon2:
//! a key is 256 random bits, so nobody gets anywhere by trying, however fast they can try.

use chrono::{DateTime, Utc};
use kernel::auth::{digest_of, secret};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// What every key begins with, so that people and scanners for leaked secrets know it.
const PREFIX: &str = "qdk_";
/// Last signs of a key that everybody may know.
const HINT: usize = 4;
/// Service accounts of a tenant at most.
pub(crate) const MOST_ACCOUNTS: i64 = 100;

/// A key as its holder has it.
pub(crate) struct Key {
    pub(crate) id: Uuid,
    secret: String,
}

impl Key {
    /// A new one.
    pub(crate) fn new() -> Self {
        Self { id: Uuid::new_v4(), secret: secret() }
    }

    /// What a program shows, if it has the form of a key.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (id, secret) = text.trim().strip_prefix(PREFIX)?.split_once('_')?;
        let id = Uuid::try_parse(id).ok().filter(|_| id.len() == 32)?;
        Some(Self { id, secret: secret.to_owned() })
    }

    /// As its holder has it.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}_{}", self.id.simple(), self.secret)
    }

    /// Its last signs.
    pub(crate) fn hint(&self) -> String {
        self.secret[self.secret.len().saturating_sub(HINT)..].to_owned()
    }
}

/// Whose a key is.
pub(crate) struct Holder {
    pub(crate) tenant: String,
    pub(crate) account: String,
}

/// When a key was used last, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) key_id: Uuid,
    pub(crate) at: DateTime<Utc>,
    pub(crate) from: String,
}

/// The service accounts of all tenants and digests of their keys.
#[derive(Clone)]
pub(crate) struct ServiceKeys(pub(crate) PgPool);

impl ServiceKeys {
    /// Notes an account, so that it can be listed; it counts when the log has it. False when the
    /// tenant has all that it may have.
    pub(crate) async fn note(&self, tenant: &str, account: &str) -> sqlx::Result<bool> {
        let noted = sqlx::query(
            "INSERT INTO service_accounts (tenant_id, account_id) SELECT $1, $2
             WHERE (SELECT count(*) FROM service_accounts WHERE tenant_id = $1) < $3
                OR EXISTS (SELECT FROM service_accounts WHERE tenant_id = $1 AND account_id = $2)
             ON CONFLICT (tenant_id, account_id) DO UPDATE SET account_id = $2",
        );
        let noted = noted.bind(tenant).bind(account).bind(MOST_ACCOUNTS).execute(&self.0).await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Forgets an account that the log does not have, or not any more, and its keys.
    pub(crate) async fn forget(&self, tenant: &str, account: &str) -> sqlx::Result<()> {
        for statement in [
            "DELETE FROM service_keys WHERE tenant_id = $1 AND account_id = $2",
            "DELETE FROM service_accounts WHERE tenant_id = $1 AND account_id = $2",
        ] {
            sqlx::query(statement).bind(tenant).bind(account).execute(&self.0).await?;
        }
        Ok(())
    }

    /// The accounts of a tenant that were noted.
    pub(crate) async fn accounts(&self, tenant: &str) -> sqlx::Result<Vec<String>> {
        let query = "SELECT account_id FROM service_accounts WHERE tenant_id = $1
                     ORDER BY account_id LIMIT $2";
        sqlx::query_scalar(query).bind(tenant).bind(MOST_ACCOUNTS).fetch_all(&self.0).await
    }

    /// Keeps the digest of a key; it counts when the log has it.
    pub(crate) async fn keep(&self, holder: &Holder, key: &Key) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO service_keys (key_id, tenant_id, account_id, digest) VALUES ($1, $2, $3, $4)",
        )
        .bind(key.id)
        .bind(&holder.tenant)
        .bind(&holder.account)
        .bind(&digest_of(&key.secret)[..])
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// Forgets a key.
    pub(crate) async fn discard(&self, tenant: &str, key_id: Uuid) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM service_keys WHERE tenant_id = $1 AND key_id = $2")
            .bind(tenant)
            .bind(key_id)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Whose a key is.
    pub(crate) async fn holder(&self, key: &Key) -> sqlx::Result<Option<Holder>> {
        let query = "SELECT tenant_id, account_id FROM service_keys
                     WHERE key_id = $1 AND digest = $2";
        let digest = digest_of(&key.secret);
        let row = sqlx::query(query).bind(key.id).bind(&digest[..]).fetch_optional(&self.0).await?;
        let holder = |row: PgRow| {
            Ok(Holder { tenant: row.try_get("tenant_id")?, account: row.try_get("account_id")? })
        };
        row.map(holder).transpose()
    }

    /// Notes that a key was used.
    pub(crate) async fn used(
        &self,
        key_id: Uuid,
        from: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query("UPDATE service_keys SET used_at = $2, used_from = $3 WHERE key_id = $1")
            .bind(key_id)
            .bind(now)
            .bind(from)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// When the keys of a tenant were used last; of those that never were, nothing.
    pub(crate) async fn last_used(&self, tenant: &str) -> sqlx::Result<Vec<Used>> {
        let query = "SELECT key_id, used_at, used_from FROM service_keys
                     WHERE tenant_id = $1 AND used_at IS NOT NULL";
        let rows = sqlx::query(query).bind(tenant).fetch_all(&self.0).await?;
        let used = |row: &PgRow| {
            let (key_id, at) = (row.try_get("key_id")?, row.try_get("used_at")?);
            Ok(Used { key_id, at, from: row.try_get("used_from")? })
        };
        rows.iter().map(used).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is() {
        let key = Key::new();
        let text = key.text();
        assert_eq!(text.len(), 4 + 32 + 1 + 43);
        assert!(text.ends_with(&key.hint()) && key.hint().len() == 4);
        let read = Key::read(&text).expect("a key");
        assert_eq!((read.id, read.secret), (key.id, key.secret));
        let id = key.id;
        for other in ["", "qdk_", "qdk_x_y", &format!("qdk_{id}_secret"), &text[1..]] {
            assert!(Key::read(other).is_none(), "{other}");
        }
    }
}
