//! What must hold before a log is opened: a commit is durable, and the tables are ones that
//! postgres-es can read.

use std::collections::HashMap;

use sqlx::PgPool;

use super::OpenError;

/// Why a log is not opened.
#[derive(Debug, thiserror::Error)]
pub enum Unsafe {
    /// A committed event could be lost.
    #[error(
        "PostgreSQL runs with {setting} = {value}: a committed event could be lost; set it to {wanted}"
    )]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What it is.
        value: String,
        /// What it has to be.
        wanted: &'static str,
    },
    /// Streams could not be read by postgres-es.
    #[error("table {table} has no column {column} of type {wanted}, which readers of streams need")]
    Column {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Its type.
        wanted: &'static str,
    },
}

/// Settings and the values with which an acknowledged commit survives a power cut.
const DURABLE: [(&str, &[&str], &str); 3] = [
    ("fsync", &["on"], "on"),
    ("full_page_writes", &["on"], "on"),
    ("synchronous_commit", &["on", "remote_apply"], "on"),
];

/// The columns that postgres-es 0.5 reads.
const COLUMNS: [(&str, &str, &str); 12] = [
    ("events", "aggregate_type", "text"),
    ("events", "aggregate_id", "text"),
    ("events", "sequence", "bigint"),
    ("events", "event_type", "text"),
    ("events", "event_version", "text"),
    ("events", "payload", "json"),
    ("events", "metadata", "json"),
    ("snapshots", "aggregate_type", "text"),
    ("snapshots", "aggregate_id", "text"),
    ("snapshots", "last_sequence", "bigint"),
    ("snapshots", "current_snapshot", "bigint"),
    ("snapshots", "payload", "json"),
];

/// Ends a transaction of ours that was left open: it may hold the head's lock.
pub(super) const LEFT_OPEN: (&str, &str) = ("idle_in_transaction_session_timeout", "60s");

/// Connections that the log is written through. Statements that store are planned once and by
/// index: a plan made while the tables were small would scan them for ever, and for statements
/// this short, planning and compiling cost more than they gain.
pub(super) fn writers(pool: &PgPool) -> PgPool {
    let options = (*pool.connect_options()).clone().options([
        ("plan_cache_mode", "force_generic_plan"),
        ("jit", "off"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
    ]);
    // One for batches, one for a command that has the log to itself, one to see who blocks them.
    pool.options().clone().max_connections(3).connect_lazy_with(options)
}

pub(super) async fn check_durability(pool: &PgPool) -> Result<(), OpenError> {
    for (setting, durable, wanted) in DURABLE {
        let value: String = sqlx::query_scalar(&format!("SHOW {setting}")).fetch_one(pool).await?;
        if !durable.contains(&value.as_str()) {
            return Err(Unsafe::Setting { setting, value, wanted }.into());
        }
    }
    Ok(())
}

pub(super) async fn check_tables(pool: &PgPool) -> Result<(), OpenError> {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text
         FROM information_schema.columns WHERE table_schema = current_schema()",
    )
    .fetch_all(pool)
    .await?;
    let types: HashMap<(&str, &str), &str> = columns
        .iter()
        .map(|(table, column, kind)| ((table.as_str(), column.as_str()), kind.as_str()))
        .collect();
    for (table, column, wanted) in COLUMNS {
        if types.get(&(table, column)) != Some(&wanted) {
            return Err(Unsafe::Column { table, column, wanted }.into());
        }
    }
    Ok(())
}
