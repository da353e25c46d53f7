//! Entries in batches: one statement for up to a thousand of them.

use std::time::Duration;

use sqlx::PgPool;

use super::{Entry, call_id};
use crate::failure::chain;

/// Entries written together.
pub(super) const MOST: usize = 1_000;
/// How long the first of them waits for others.
pub(super) const PAUSE: Duration = Duration::from_millis(50);
/// Tries to write a batch before it is given up; the process's log has the number then.
const TRIES: u32 = 5;

/// Writes a batch and empties it.
pub(super) async fn all(pool: &PgPool, batch: &mut Vec<Entry>) {
    if batch.is_empty() {
        return;
    }
    let rows = Rows::of(batch);
    for tried in 1..=TRIES {
        match rows.insert(pool).await {
            Ok(()) => return batch.clear(),
            Err(error) => {
                tracing::warn!(error = %chain(&error), tried, "the access log is not written");
                tokio::time::sleep(Duration::from_millis(200) * tried).await;
            }
        }
    }
    for entry in batch.drain(..) {
        super::told_here(&entry);
    }
}

/// A batch by columns, as the statement takes it.
#[derive(Default)]
struct Rows {
    ids: Vec<uuid::Uuid>,
    at: Vec<chrono::DateTime<chrono::Utc>>,
    micros: Vec<i64>,
    codes: Vec<Option<i16>>,
    texts: [Vec<String>; 10],
}

impl Rows {
    fn of(batch: &[Entry]) -> Self {
        let mut rows = Self::default();
        for entry in batch {
            rows.ids.push(call_id());
            rows.at.push(entry.at);
            rows.micros.push(i64::try_from(entry.took.as_micros()).unwrap_or(i64::MAX));
            rows.codes.push(entry.code.map(|code| code as i16));
            let credential = if entry.signed_in { "token" } else { "none" };
            let texts = [
                entry.tenant.clone(),
                entry.actor_id.clone(),
                entry.rpc.clone(),
                entry.named.join("\n"),
                credential.to_owned(),
                entry.address.clone(),
                entry.user_agent.clone(),
                entry.outcome.to_string(),
                entry.reason.clone(),
                entry.trace_id.clone(),
            ];
            for (column, text) in rows.texts.iter_mut().zip(texts) {
                column.push(text);
            }
        }
        rows
    }

    async fn insert(&self, pool: &PgPool) -> sqlx::Result<()> {
        let statement = "INSERT INTO calls (call_id, at, micros, code, tenant_id, actor_id, rpc,
             named, credential, address, user_agent, result, reason, trace_id)
             SELECT id, at, micros, code, tenant, actor, rpc,
             string_to_array(named, E'\\n'), credential, address, agent, result, reason, trace
             FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::smallint[], $5::text[],
             $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
             $12::text[], $13::text[], $14::text[])
             AS new (id, at, micros, code, tenant, actor, rpc, named, credential, address, agent,
             result, reason, trace)
             ON CONFLICT DO NOTHING";
        let mut query = sqlx::query(statement);
        query = query.bind(&self.ids).bind(&self.at).bind(&self.micros).bind(&self.codes);
        for column in &self.texts {
            query = query.bind(column);
        }
        query.execute(pool).await.map(drop)
    }
}
