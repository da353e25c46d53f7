//! Transactions that see one tenant's rows. The tenant is told to PostgreSQL here and nowhere else.

use std::ops::{Deref, DerefMut};

use proof::hex;
use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, PgConnection, PgPool, Postgres};

/// Connections with the rights of one tenant at a time: whichever the transaction is for. There is
/// no way to ask them anything outside of such a transaction.
#[derive(Clone, Debug)]
pub struct TenantPool(pub(super) PgPool);

/// A transaction that sees rows of one tenant. Dropped without a commit, it is rolled back.
///
/// Not sqlx's own: one that is given up while it begins, because its caller has gone, is open for
/// the server and not for sqlx, and would go back to the pool with the tenant still set.
#[derive(Debug)]
pub struct TenantTransaction(Option<PoolConnection<Postgres>>);

impl TenantPool {
    /// Over connections that have the rights of [`super::TENANT`].
    pub fn over(pool: PgPool) -> Self {
        Self(pool)
    }

    /// Begins a transaction that sees rows of this tenant and of no other. What it is for ends with
    /// it, so nothing is left on the connection for whoever gets it next.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self, tenant: &str) -> Result<TenantTransaction, sqlx::Error> {
        let mut tx = TenantTransaction(Some(self.0.acquire().await?));
        // One message, so it takes no longer than `BEGIN` alone. The tenant goes as digits: no text
        // can end the literal that it stands in.
        let begin = format!(
            "BEGIN; SELECT set_config('qudao.tenant', \
             convert_from(decode('{}', 'hex'), 'UTF8'), true)",
            hex(tenant.as_bytes())
        );
        tx.execute(begin.as_str()).await?;
        Ok(tx)
    }
}

impl TenantTransaction {
    /// Makes what was done durable.
    ///
    /// # Errors
    /// When the database does not answer: it may have been done or not.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.execute("COMMIT").await?;
        // There is nothing to roll back.
        self.0 = None;
        Ok(())
    }

    /// Gives up the connection with it, for whoever does not want the rest of a long answer.
    pub(crate) fn hang_up(mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

impl Deref for TenantTransaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.0.as_ref().expect("only what ends the transaction takes its connection")
    }
}

impl DerefMut for TenantTransaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.0.as_mut().expect("only what ends the transaction takes its connection")
    }
}

impl Drop for TenantTransaction {
    fn drop(&mut self) {
        let Some(mut db) = self.0.take() else { return };
        // The answer does not wait for it.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                if db.execute("ROLLBACK").await.is_err() {
                    db.close_on_drop();
                }
            })),
            Err(_) => drop(db.detach()),
        }
    }
}
