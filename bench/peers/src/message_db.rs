//! message-db: functions in PostgreSQL are its interface, and any PostgreSQL client calls them.

use std::process::Stdio;
use std::sync::Arc;

use anyhow::Context as _;
use bench::load::Operation;
use bench::rounds::Side;
use bench::sides::{ours, tally};
use kernel::log::NewEvent;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection, PgPool};
use tokio::process::Command;
use uuid::Uuid;

use crate::external;

/// What it is called in tables.
pub const NAME: &str = "message-db write_message";
/// The role that its installation makes for the whole server.
const ROLE: &str = "message_store";

/// Installs it as its package says, and appends by its function.
pub async fn side(url: &str) -> anyhow::Result<Side> {
    install(url).await?;
    // As many connections as postgres-es takes by default.
    let options: PgConnectOptions = url.parse()?;
    // Its functions call each other by names without a schema.
    let options = options.options([("search_path", "message_store,public")]);
    let pool = PgPoolOptions::new().max_connections(10).connect_with(options).await?;
    pool.execute("SELECT 1").await?;
    Ok(Side::new(NAME, write(pool)))
}

async fn install(url: &str) -> anyhow::Result<()> {
    let options: PgConnectOptions = url.parse()?;
    let database = options.get_database().context("the address names a database")?;
    let folder = external::node().join("node_modules/@eventide/message-db/database");
    let output = Command::new("bash")
        .arg(folder.join("install.sh"))
        .env("DATABASE_NAME", database)
        .env("CREATE_DATABASE", "off")
        .env("PGHOST", options.get_host())
        .env("PGPORT", options.get_port().to_string())
        .env("PGUSER", options.get_username())
        .stdin(Stdio::null())
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "message-db is not installed: {}", said.trim());
    Ok(())
}

/// Whether the server has the role already, because somebody uses message-db there.
pub async fn role_exists(url: &str) -> anyhow::Result<bool> {
    let mut connection = PgConnection::connect(url).await?;
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(ROLE)
        .fetch_one(&mut connection)
        .await?)
}

/// Takes away the role that its installation made, while its database is still there.
pub async fn drop_role(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute(format!("DROP OWNED BY {ROLE}; DROP ROLE {ROLE}").as_str()).await?;
    Ok(connection.close().await?)
}

fn write(pool: PgPool) -> Operation {
    Arc::new(move |_| {
        let pool = pool.clone();
        Box::pin(async move {
            let id = Uuid::new_v4();
            let fact = NewEvent::of(&tally::counted(1))?;
            sqlx::query("SELECT message_store.write_message($1, $2, $3, $4::jsonb, $5::jsonb, -1)")
                .bind(Uuid::new_v4().to_string())
                .bind(format!("tally-{id}"))
                .bind(fact.event_type)
                .bind(fact.payload)
                .bind(serde_json::to_string(&ours::metadata(id))?)
                .execute(&pool)
                .await?;
            Ok(())
        })
    })
}
