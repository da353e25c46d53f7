//! Appends one by one, for a batch that holds a surprise: the arrays that `append_each` takes, and
//! its answers.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::append::{Append, AppendError, Receipt};
use super::queue::{Answer, Outcome};

/// Stores what can be stored. Each append has an answer of its own; an error is about the whole
/// batch, of which nothing is stored.
pub(super) async fn store_each(
    db: &mut PgConnection,
    appends: &[Arc<Append>],
) -> Result<Vec<Answer>, sqlx::Error> {
    let columns = Columns::of(appends);
    let rows = sqlx::query(
        "SELECT outcome, object_id, version, log_position FROM append_each($1, $2, $3, $4, $5, $6,
         $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
    )
    .bind(&columns.s_append)
    .bind(&columns.s_type)
    .bind(&columns.s_id)
    .bind(&columns.s_version)
    .bind(&columns.s_after)
    .bind(&columns.e_append)
    .bind(&columns.e_type)
    .bind(&columns.e_id)
    .bind(&columns.e_sequence)
    .bind(&columns.e_name)
    .bind(&columns.e_version)
    .bind(&columns.e_payload)
    .bind(&columns.e_event_id)
    .bind(&columns.r_tenant)
    .bind(&columns.r_request)
    .bind(&columns.r_digest)
    .bind(&columns.r_object)
    .bind(&columns.r_version)
    .bind(&columns.r_metadata)
    .bind(&columns.r_keep)
    .fetch_all(db)
    .await?;
    rows.iter().map(answer).collect()
}

fn answer(row: &PgRow) -> Result<Answer, sqlx::Error> {
    let version: i64 = row.try_get("version")?;
    let position: i64 = row.try_get("log_position")?;
    let outcome: &str = row.try_get("outcome")?;
    let receipt = Receipt {
        object_id: row.try_get("object_id")?,
        version: version.cast_unsigned(),
        position: position.cast_unsigned(),
    };
    Ok(match outcome {
        "stored" => Ok(Outcome::Stored(receipt)),
        "repeated" => Ok(Outcome::Repeated(receipt)),
        "conflict" => Err(AppendError::Conflict { actual: version.cast_unsigned() }),
        _ => Err(AppendError::RequestReused),
    })
}

/// The arrays of a batch; a prefix says what an entry is: a stream that an append depends on, an
/// event, or an append's request.
#[derive(Default)]
struct Columns<'a> {
    s_append: Vec<i32>,
    s_type: Vec<&'a str>,
    s_id: Vec<String>,
    s_version: Vec<i64>,
    s_after: Vec<Option<Uuid>>,
    e_append: Vec<i32>,
    e_type: Vec<&'a str>,
    e_id: Vec<String>,
    e_sequence: Vec<i64>,
    e_name: Vec<&'a str>,
    e_version: Vec<String>,
    e_payload: Vec<&'a str>,
    e_event_id: Vec<Uuid>,
    r_tenant: Vec<&'a str>,
    r_request: Vec<Uuid>,
    r_digest: Vec<&'a [u8]>,
    r_object: Vec<&'a str>,
    r_version: Vec<i64>,
    r_metadata: Vec<String>,
    r_keep: Vec<bool>,
}

impl<'a> Columns<'a> {
    fn of(appends: &'a [Arc<Append>]) -> Self {
        let mut columns = Self::default();
        for (number, append) in (1..).zip(appends) {
            columns.add(number, append);
        }
        columns
    }

    fn add(&mut self, number: i32, append: &'a Append) {
        let tenant = &append.metadata.tenant;
        for stream in append.depends_on() {
            self.s_append.push(number);
            self.s_type.push(stream.aggregate);
            self.s_id.push(stored_id(tenant, &stream.object_id));
            self.s_version.push(stream.version.cast_signed());
            self.s_after.push(stream.after);
        }
        for grown in &append.streams {
            let id = stored_id(tenant, &grown.stream.object_id);
            for (sequence, event) in (grown.stream.version + 1..).zip(&grown.events) {
                self.e_append.push(number);
                self.e_type.push(grown.stream.aggregate);
                self.e_id.push(id.clone());
                self.e_sequence.push(sequence.cast_signed());
                self.e_name.push(&event.event_type);
                self.e_version.push(event.event_version.to_string());
                self.e_payload.push(&event.payload);
                self.e_event_id.push(event.event_id);
            }
        }
        let (object, version) = append.subject();
        self.r_tenant.push(tenant);
        self.r_request.push(append.request.id);
        self.r_digest.push(&append.request.digest);
        self.r_object.push(object);
        self.r_version.push(version.cast_signed());
        self.r_metadata.push(metadata_json(append));
        self.r_keep.push(append.is_kept());
    }
}

/// The metadata of an append's events, as stored.
pub(super) fn metadata_json(append: &Append) -> String {
    serde_json::to_string(&append.metadata)
        .expect("metadata holds only strings and ids, which always have a JSON form")
}

/// The id of a stream in the table: the tenant is part of it, so that no two brands share one.
pub(super) fn stored_id(tenant: &str, object_id: &str) -> String {
    format!("{tenant}/{object_id}")
}
