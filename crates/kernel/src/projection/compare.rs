//! What is in a read model, in few words: rows and a checksum of every table. Equal rows have equal
//! checksums, in whatever order they were written.

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row as _};

/// A table's rows, summed up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of rows.
    pub rows: u64,
    /// Sum of two independent 64-bit hashes of each row's text.
    pub checksum: String,
}

/// One table of a read model, as it is read and as it was filled anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableComparison {
    /// Name of the table.
    pub table: String,
    /// The one that was read.
    pub live: Summary,
    /// The one that was filled anew.
    pub next: Summary,
}

/// Sums up a table.
///
/// # Errors
/// When the database refuses.
pub async fn summary(
    db: &mut PgConnection,
    schema: &str,
    table: &str,
) -> Result<Summary, sqlx::Error> {
    // Rows are hashed as text, so the text must not hang on settings of the session.
    sqlx::query(
        "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),
                set_config('extra_float_digits', '3', true)",
    )
    .execute(&mut *db)
    .await?;
    let row = sqlx::query(&format!(
        "SELECT count(*) AS rows, concat_ws('-',
             coalesce(sum(hashtextextended(t::text, 1)), 0),
             coalesce(sum(hashtextextended(t::text, 2)), 0)) AS checksum
         FROM \"{schema}\".\"{table}\" t"
    ))
    .fetch_one(db)
    .await?;
    Ok(Summary {
        rows: row.try_get::<i64, _>("rows")?.cast_unsigned(),
        checksum: row.try_get("checksum")?,
    })
}

/// Compares tables of two schemas; one that is only in one of them counts as empty in the other.
pub(super) async fn tables(
    db: &mut PgConnection,
    (live, next): (&str, &str),
    names: impl Iterator<Item = &str>,
) -> Result<Vec<TableComparison>, sqlx::Error> {
    let mut compared = Vec::new();
    for table in names {
        let mut sums = [Summary::default(), Summary::default()];
        for (schema, sum) in [live, next].into_iter().zip(&mut sums) {
            if exists(db, schema, table).await? {
                *sum = summary(db, schema, table).await?;
            }
        }
        let [live, next] = sums;
        compared.push(TableComparison { table: table.to_owned(), live, next });
    }
    Ok(compared)
}

/// Whether a schema has a table.
pub(super) async fn exists(
    db: &mut PgConnection,
    schema: &str,
    table: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = $2)",
    )
    .bind(schema)
    .bind(table)
    .fetch_one(db)
    .await
}
