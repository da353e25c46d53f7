//! A database for one measurement: made, used, dropped.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use local::process::Process;
use sqlx::{Connection as _, Executor as _, PgConnection};

const PREFIX: &str = "qudao_bench_";

/// A database that nobody else uses.
pub struct Database {
    admin: String,
    name: String,
    url: String,
}

impl Database {
    /// Makes a database on the server that `admin` leads to.
    ///
    /// # Errors
    /// When the server does not answer or refuses.
    pub async fn create(admin: &str) -> anyhow::Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}_{number}", std::process::id());
        let mut connection = PgConnection::connect(admin).await?;
        connection.execute(format!("CREATE DATABASE {name}").as_str()).await.with_context(
            || format!("can not make the database {name}; the user needs the right CREATEDB"),
        )?;
        connection.close().await?;
        Ok(Self { url: with_database(admin, &name)?, admin: admin.to_owned(), name })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address for a client that knows no schema: its tables are found in `schema`, which is
    /// made here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn schema(&self, schema: &str) -> anyhow::Result<String> {
        let mut connection = PgConnection::connect(&self.url).await?;
        connection.execute(format!("CREATE SCHEMA {schema}").as_str()).await?;
        connection.close().await?;
        let sign = if self.url.contains('?') { '&' } else { '?' };
        Ok(format!("{}{sign}options[search_path]={schema}", self.url))
    }

    /// Deletes it, whoever is still connected.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn drop(self) -> anyhow::Result<()> {
        drop_database(&mut PgConnection::connect(&self.admin).await?, &self.name).await
    }
}

/// Deletes databases of runs that were killed: their names tell the process that made them.
///
/// # Errors
/// When the server does not answer.
pub async fn clear_abandoned(admin: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(admin).await?;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname FROM pg_database WHERE starts_with(datname, $1)")
            .bind(PREFIX)
            .fetch_all(&mut connection)
            .await?;
    for name in names.iter().filter(|name| is_abandoned(name)) {
        drop_database(&mut connection, name).await?;
    }
    Ok(())
}

/// Deletes the databases of this process that are still there, after it was interrupted.
///
/// # Errors
/// When the server does not answer.
pub async fn clear_own(admin: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(admin).await?;
    let own = format!("{PREFIX}{}_", std::process::id());
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname FROM pg_database WHERE starts_with(datname, $1)")
            .bind(own)
            .fetch_all(&mut connection)
            .await?;
    for name in &names {
        drop_database(&mut connection, name).await?;
    }
    Ok(())
}

fn is_abandoned(name: &str) -> bool {
    let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next());
    let owner = owner.and_then(|pid| pid.parse().ok());
    owner.is_some_and(|pid: u32| Process::of(pid).is_none())
}

async fn drop_database(connection: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    connection.execute(statement.as_str()).await?;
    Ok(())
}

/// The address of another database of the same server.
fn with_database(url: &str, name: &str) -> anyhow::Result<String> {
    let (start, parameters) = match url.split_once('?') {
        Some((start, parameters)) => (start, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let (scheme, rest) = start.split_once("://").context("an address begins with postgres://")?;
    let server = rest.split('/').next().unwrap_or_default();
    Ok(format!("{scheme}://{server}/{name}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_an_address_changes() {
        let url = |given| with_database(given, "b").unwrap();
        assert_eq!(url("postgres://u@h:1/a"), "postgres://u@h:1/b");
        assert_eq!(url("postgres://u@h:1"), "postgres://u@h:1/b");
        assert_eq!(url("postgres://u@h:1/a?sslmode=off"), "postgres://u@h:1/b?sslmode=off");
        assert!(with_database("h:1", "b").is_err());
    }

    #[test]
    fn only_what_a_dead_process_left_is_abandoned() {
        assert!(is_abandoned("qudao_bench_4294967295_0"));
        assert!(!is_abandoned(&format!("qudao_bench_{}_0", std::process::id())));
        assert!(!is_abandoned("qudao") && !is_abandoned("qudao_bench_mine"));
    }
}
