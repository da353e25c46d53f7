//! Passwords are guessed by trying. After a few wrong ones each further try has to wait, twice as
//! long as the one before; whether there is such a login makes no difference.
//!
//! An attempt is counted before the password is looked at, so that many at once are no way around,
//! and a right password takes it back. Attempts that have to wait are not counted, the wait has a
//! limit, and from where somebody has signed in before they have a count of their own: nobody is
//! locked out for ever, whatever strangers do to their login.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::auth::digest_of;
use sqlx::PgPool;

/// Wrong passwords for one login before the first wait.
const FREE_FOR_LOGIN: i32 = 5;
/// Wrong passwords from one address in one tenant before the first wait: an office has many people.
const FREE_FOR_ADDRESS: i32 = 30;
/// The longest wait, in seconds.
const LONGEST: i32 = 300;
/// After so long without an attempt the count begins anew.
const FORGOTTEN: TimeDelta = TimeDelta::hours(24);

/// Who may try again when.
#[derive(Clone)]
pub(crate) struct Attempts(pub(crate) PgPool);

/// Something that is guarded, and how many attempts are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guarded {
    digest: [u8; 32],
    free: i32,
}

impl Guarded {
    /// A login; from an address where its owner has signed in before, and from anywhere else.
    pub(crate) fn login(tenant: &str, login: &str, known_address: Option<&str>) -> Self {
        let address = known_address.unwrap_or_default();
        Self::of(["login", tenant, login, address], FREE_FOR_LOGIN)
    }

    /// An address, as far as one tenant is concerned.
    pub(crate) fn address(tenant: &str, address: &str) -> Self {
        Self::of(["address", tenant, address, ""], FREE_FOR_ADDRESS)
    }

    /// The old password of somebody who is signed in.
    pub(crate) fn change(tenant: &str, login: &str) -> Self {
        Self::of(["change", tenant, login, ""], FREE_FOR_LOGIN)
    }

    fn of(parts: [&str; 4], free: i32) -> Self {
        // What is typed as a login may be anything, also a password.
        Self { digest: digest_of(&parts.join("\n")), free }
    }
}

impl Attempts {
    /// Counts an attempt before it is made; how long to wait when it may not be made yet.
    ///
    /// While nobody has to wait it is open since ever: attempts at the same moment are counted in
    /// another order than their clocks say, and none of them may be told to wait for that.
    pub(crate) async fn begin(
        &self,
        guarded: Guarded,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Duration>> {
        let counted: Option<i32> = sqlx::query_scalar(
            "INSERT INTO sign_in_failures AS f (guarded, failures, last_at, open_at)
             VALUES ($1, 1, $2, '-infinity')
             ON CONFLICT (guarded) DO UPDATE SET
                 failures = CASE WHEN f.last_at < $3 THEN 1 ELSE f.failures + 1 END,
                 last_at = $2,
                 open_at = CASE WHEN f.last_at < $3 OR f.failures + 1 < $4 THEN '-infinity' ELSE
                     $2 + make_interval(secs => least($5, 2 ^ least(f.failures + 3 - $4, 30))) END
             WHERE f.open_at <= $2
             RETURNING failures",
        )
        .bind(&guarded.digest[..])
        .bind(now)
        .bind(now - FORGOTTEN)
        .bind(guarded.free)
        .bind(LONGEST)
        .fetch_optional(&self.0)
        .await?;
        if counted.is_some() {
            return Ok(None);
        }
        let open_at: Option<DateTime<Utc>> =
            sqlx::query_scalar("SELECT open_at FROM sign_in_failures WHERE guarded = $1")
                .bind(&guarded.digest[..])
                .fetch_optional(&self.0)
                .await?;
        let wait = open_at.map_or(TimeDelta::zero(), |at| at - now);
        Ok(Some(wait.to_std().unwrap_or_default().max(Duration::from_secs(1))))
    }

    /// The attempt was right: nothing is held against the login any more.
    pub(crate) async fn clear(&self, guarded: Guarded) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM sign_in_failures WHERE guarded = $1")
            .bind(&guarded.digest[..])
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// The attempt was right, and those before it stay: a stranger with one good password must not
    /// clear an address for others.
    pub(crate) async fn take_back(&self, guarded: Guarded) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE sign_in_failures SET failures = greatest(failures - 1, 0), open_at = '-infinity'
             WHERE guarded = $1",
        )
        .bind(&guarded.digest[..])
        .execute(&self.0)
        .await?;
        Ok(())
    }
}
