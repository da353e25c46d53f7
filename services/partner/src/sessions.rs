//! Where people are signed in. A session is a chain of refresh tokens, each used once; only their
//! digests are kept.
//!
//! A client may lose an answer, and must not lose its session by that. So the same request,
//! repeated within ten seconds, has the same answer: the next token is made from the one before, the
//! request's id and a salt that is kept. None of the three is enough: the table gives nobody a
//! token, a stolen token gives nobody the next one, and who repeats a request that they overheard
//! has what its sender has, so one of the two is found out with the next use. Refusing such a
//! repeat would be as safe, but every lost answer would cost somebody a sign-in.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::auth::{digest_of, secret};
use kernel::gate::CameFrom;
use kernel::wall;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use tonic::Request;
use uuid::Uuid;

/// How long a session lasts at most.
const LONGEST_DAYS: i64 = 30;
/// How long it lasts when nobody uses it.
const IDLE_DAYS: i64 = 7;
/// How long a request whose answer was lost can be repeated, in seconds.
const REPEAT_SECONDS: i64 = 10;

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The client's address; empty when nobody can say.
    pub(crate) address: String,
    /// What the program said that it is.
    pub(crate) user_agent: String,
}

impl Origin {
    /// Where a request comes from.
    pub(crate) fn of<T>(request: &Request<T>) -> Self {
        let address = request.extensions().get::<CameFrom>().and_then(|from| from.0);
        let short = |text: &str| text.chars().take(200).collect();
        let user_agent = request.metadata().get("user-agent").and_then(|told| told.to_str().ok());
        let user_agent = user_agent.map(short).unwrap_or_default();
        Self { address: address.map(|address| address.to_string()).unwrap_or_default(), user_agent }
    }
}

/// A session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) tenant: String,
    pub(crate) id: Uuid,
    pub(crate) user: String,
    pub(crate) credential_id: Uuid,
    pub(crate) company: String,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) used_at: DateTime<Utc>,
    /// At the latest.
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) ended: bool,
    pub(crate) origin: Origin,
}

impl Session {
    /// Until when it lasts if nobody uses it.
    pub(crate) fn open_until(&self) -> DateTime<Utc> {
        self.ends_at.min(self.used_at + TimeDelta::days(IDLE_DAYS))
    }

    /// Whether it can be gone on with.
    pub(crate) fn is_open(&self, now: DateTime<Utc>) -> bool {
        !self.ended && now < self.open_until()
    }
}

/// What became of a refresh token.
pub(crate) enum Refreshed {
    /// This is the next one.
    Next(String),
    /// It was used before, so the session was ended.
    Reused,
    /// There is no such token, or its session is over.
    Over,
}

/// The sessions of all tenants.
#[derive(Clone)]
pub(crate) struct Sessions(pub(crate) PgPool);

const COLUMNS: &str = "s.tenant_id, s.session_id, s.user_id, s.credential_id, s.company, s.address, \
                       s.user_agent, s.started_at, s.used_at, s.ends_at, s.ended_at";

impl Sessions {
    /// Begins a session; its first refresh token is given out here and kept nowhere. One that lasts
    /// only so long has none.
    pub(crate) async fn begin(
        &self,
        (tenant, user): (&str, &str),
        credential_id: Uuid,
        company: &str,
        (origin, lasts): (Origin, Option<TimeDelta>),
        now: DateTime<Utc>,
    ) -> sqlx::Result<(Session, String)> {
        let session = Session {
            tenant: tenant.to_owned(),
            id: Uuid::new_v4(),
            user: user.to_owned(),
            credential_id,
            company: company.to_owned(),
            started_at: now,
            used_at: now,
            ends_at: now + lasts.unwrap_or(TimeDelta::days(LONGEST_DAYS)),
            ended: false,
            origin,
        };
        let mut tx = wall::begin(&self.0).await?;
        sqlx::query(
            "INSERT INTO sessions (tenant_id, session_id, user_id, credential_id, company, address,
             user_agent, started_at, used_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        )
        .bind(tenant)
        .bind(session.id)
        .bind(user)
        .bind(credential_id)
        .bind(company)
        .bind(&session.origin.address)
        .bind(&session.origin.user_agent)
        .bind(now)
        .bind(session.ends_at)
        .execute(&mut *tx)
        .await?;
        let token = if lasts.is_none() { secret() } else { String::new() };
        if lasts.is_none() {
            keep(&mut tx, &session, &token).await?;
        }
        tx.commit().await?;
        Ok((session, token))
    }

    /// The session that a refresh token is of.
    pub(crate) async fn of_token(&self, token: &str) -> sqlx::Result<Option<Session>> {
        let query = format!(
            "SELECT {COLUMNS} FROM refresh_tokens t JOIN sessions s USING (tenant_id, session_id)
             WHERE t.digest = $1"
        );
        let row = sqlx::query(&query).bind(&digest_of(token)[..]).fetch_optional(&self.0).await?;
        row.as_ref().map(session).transpose()
    }

    /// Exchanges a refresh token for the next one.
    pub(crate) async fn refresh(
        &self,
        token: &str,
        request_id: Uuid,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Refreshed> {
        let mut tx = wall::begin(&self.0).await?;
        // Whoever else has a token of the session waits here.
        let query = format!(
            "SELECT {COLUMNS}, t.used_at AS token_used_at, t.request_id, t.salt
             FROM refresh_tokens t JOIN sessions s USING (tenant_id, session_id)
             WHERE t.digest = $1 FOR UPDATE OF s, t"
        );
        let row = sqlx::query(&query).bind(&digest_of(token)[..]).fetch_optional(&mut *tx).await?;
        let Some(row) = row else { return Ok(Refreshed::Over) };
        let session = session(&row)?;
        if !session.is_open(now) {
            return Ok(Refreshed::Over);
        }
        let Some(used_at) = row.try_get::<Option<DateTime<Utc>>, _>("token_used_at")? else {
            let next = advance(&mut tx, &session, token, request_id, now).await?;
            tx.commit().await?;
            return Ok(Refreshed::Next(next));
        };
        let salt: String = row.try_get("salt")?;
        let next = next_of(token, request_id, &salt);
        let repeated = row.try_get::<Option<Uuid>, _>("request_id")? == Some(request_id)
            && now < used_at + TimeDelta::seconds(REPEAT_SECONDS);
        if repeated && is_unused(&mut tx, &next).await? {
            return Ok(Refreshed::Next(next));
        }
        end(&mut tx, &session.tenant, session.id, now).await?;
        tx.commit().await?;
        Ok(Refreshed::Reused)
    }

    /// A session by its id, if it is a user's.
    pub(crate) async fn find(
        &self,
        (tenant, user): (&str, &str),
        id: Uuid,
    ) -> sqlx::Result<Option<Session>> {
        let query = format!(
            "SELECT {COLUMNS} FROM sessions s WHERE tenant_id = $1 AND user_id = $2 AND session_id = $3"
        );
        let row = sqlx::query(&query).bind(tenant).bind(user).bind(id);
        row.fetch_optional(&self.0).await?.as_ref().map(session).transpose()
    }

    /// A user's open sessions, the newest first.
    pub(crate) async fn of_user(
        &self,
        (tenant, user): (&str, &str),
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Session>> {
        let query = format!(
            "SELECT {COLUMNS} FROM sessions s WHERE tenant_id = $1 AND user_id = $2
             AND ended_at IS NULL ORDER BY used_at DESC LIMIT 200"
        );
        let rows = sqlx::query(&query).bind(tenant).bind(user).fetch_all(&self.0).await?;
        let all = rows.iter().map(session).collect::<sqlx::Result<Vec<_>>>()?;
        Ok(all.into_iter().filter(|session| session.is_open(now)).collect())
    }

    /// The company in which a user acted last.
    pub(crate) async fn last_company(
        &self,
        (tenant, user): (&str, &str),
    ) -> sqlx::Result<Option<String>> {
        let query = "SELECT company FROM sessions WHERE tenant_id = $1 AND user_id = $2
                     ORDER BY used_at DESC LIMIT 1";
        sqlx::query_scalar(query).bind(tenant).bind(user).fetch_optional(&self.0).await
    }

    /// Whether a user has signed in from an address before.
    pub(crate) async fn knows(
        &self,
        (tenant, user): (&str, &str),
        address: &str,
    ) -> sqlx::Result<bool> {
        let query = "SELECT EXISTS (SELECT FROM sessions
                     WHERE tenant_id = $1 AND user_id = $2 AND address = $3 AND address <> '')";
        sqlx::query_scalar(query).bind(tenant).bind(user).bind(address).fetch_one(&self.0).await
    }

    /// Acts in another company from now on.
    pub(crate) async fn switch(
        &self,
        session: &Session,
        company: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE sessions SET company = $3, used_at = $4 WHERE tenant_id = $1 AND session_id = $2",
        )
        .bind(&session.tenant)
        .bind(session.id)
        .bind(company)
        .bind(now)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// Ends one session.
    pub(crate) async fn end(&self, tenant: &str, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
        let mut db = self.0.acquire().await?;
        end(&mut db, tenant, id, now).await
    }

    /// Ends all sessions of a user but one, which goes on with another password.
    pub(crate) async fn end_others(
        &self,
        (tenant, user): (&str, &str),
        kept: Option<(Uuid, Uuid)>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let (kept, credential) = kept.unzip();
        sqlx::query(
            "UPDATE sessions SET
             ended_at = CASE WHEN session_id = $3 THEN ended_at ELSE $5 END,
             credential_id = CASE WHEN session_id = $3 THEN $4 ELSE credential_id END
             WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL",
        )
        .bind(tenant)
        .bind(user)
        .bind(kept)
        .bind(credential)
        .bind(now)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// Forgets all sessions of a person.
    pub(crate) async fn forget(&self, (tenant, user): (&str, &str)) -> sqlx::Result<()> {
        for statement in [
            "DELETE FROM refresh_tokens WHERE tenant_id = $1 AND session_id IN
             (SELECT session_id FROM sessions WHERE tenant_id = $1 AND user_id = $2)",
            "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM links WHERE tenant_id = $1 AND object_id = $2 AND kind = 'password'",
            "DELETE FROM identities WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM oidc_flows WHERE tenant_id = $1 AND about = $2 AND purpose = 'link'",
        ] {
            sqlx::query(statement).bind(tenant).bind(user).execute(&self.0).await?;
        }
        Ok(())
    }

    /// Deletes what nothing depends on any more.
    pub(crate) async fn clean(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        for (statement, days) in [
            ("DELETE FROM sessions WHERE ends_at < $1", 1),
            ("DELETE FROM refresh_tokens t WHERE used_at < $1 AND NOT EXISTS (SELECT FROM sessions s
              WHERE s.tenant_id = t.tenant_id AND s.session_id = t.session_id)", 1),
            ("DELETE FROM links WHERE expires_at < $1", 1),
            ("DELETE FROM oidc_flows WHERE expires_at < $1", 0),
            ("DELETE FROM sign_in_failures WHERE last_at < $1", 2),
        ] {
            sqlx::query(statement).bind(now - TimeDelta::days(days)).execute(&self.0).await?;
        }
        Ok(())
    }
}

fn next_of(token: &str, request_id: Uuid, salt: &str) -> String {
    kernel::auth::secret_from(&[token, &request_id.to_string(), salt])
}

async fn advance(
    tx: &mut PgConnection,
    session: &Session,
    token: &str,
    request_id: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<String> {
    let salt = secret();
    let next = next_of(token, request_id, &salt);
    sqlx::query(
        "UPDATE refresh_tokens SET used_at = $2, request_id = $3, salt = $4 WHERE digest = $1",
    )
    .bind(&digest_of(token)[..])
    .bind(now)
    .bind(request_id)
    .bind(salt)
    .execute(&mut *tx)
    .await?;
    sqlx::query("UPDATE sessions SET used_at = $3 WHERE tenant_id = $1 AND session_id = $2")
        .bind(&session.tenant)
        .bind(session.id)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    keep(tx, session, &next).await?;
    Ok(next)
}

async fn keep(tx: &mut PgConnection, session: &Session, token: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO refresh_tokens (digest, tenant_id, session_id) VALUES ($1, $2, $3)")
        .bind(&digest_of(token)[..])
        .bind(&session.tenant)
        .bind(session.id)
        .execute(tx)
        .await?;
    Ok(())
}

async fn is_unused(tx: &mut PgConnection, token: &str) -> sqlx::Result<bool> {
    let query = "SELECT used_at IS NULL FROM refresh_tokens WHERE digest = $1";
    let unused = sqlx::query_scalar(query).bind(&digest_of(token)[..]).fetch_optional(tx).await?;
    Ok(unused.unwrap_or(false))
}

async fn end(
    db: &mut PgConnection,
    tenant: &str,
    id: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE sessions SET ended_at = $3
         WHERE tenant_id = $1 AND session_id = $2 AND ended_at IS NULL",
    )
    .bind(tenant)
    .bind(id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

fn session(row: &PgRow) -> sqlx::Result<Session> {
    Ok(Session {
        tenant: row.try_get("tenant_id")?,
        id: row.try_get("session_id")?,
        user: row.try_get("user_id")?,
        credential_id: row.try_get("credential_id")?,
        company: row.try_get("company")?,
        started_at: row.try_get("started_at")?,
        used_at: row.try_get("used_at")?,
        ends_at: row.try_get("ends_at")?,
        ended: row.try_get::<Option<DateTime<Utc>>, _>("ended_at")?.is_some(),
        origin: Origin { address: row.try_get("address")?, user_agent: row.try_get("user_agent")? },
    })
}
