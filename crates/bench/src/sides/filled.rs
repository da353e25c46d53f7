//! Logs that hold something already, made faster than by appending.

use kernel::log::{Append, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;

use super::ours::{TENANT, metadata};
use super::tally::counted;

/// Events of one append while an object is being filled.
const AT_ONCE: u64 = 500;
/// Rows of one statement while a log is being filled.
const ROWS: i64 = 250_000;

/// Gives an object that many events.
///
/// # Errors
/// When the log does not take them.
pub async fn object(log: &Log, object_id: &str, events: u64) -> anyhow::Result<()> {
    let mut version = 0;
    while version < events {
        let count = AT_ONCE.min(events - version);
        let id = Uuid::new_v4();
        let stream = StreamVersion {
            aggregate: "tally",
            object_id: object_id.to_owned(),
            version,
            after: None,
        };
        let event = NewEvent::of(&counted(1))?;
        log.append(Append {
            metadata: metadata(id),
            request: RequestKey { id, digest: [7; 32] },
            guards: Vec::new(),
            streams: vec![StreamAppend { stream, events: vec![event; count as usize] }],
        })
        .await?;
        version += count;
    }
    Ok(())
}

/// Objects of five events each, appended as commands append them: chain and tree are good.
///
/// # Errors
/// When the log does not take them.
pub async fn objects(log: &Log, events: u64) -> anyhow::Result<()> {
    let event = NewEvent::of(&counted(1))?;
    let mut left = events;
    while left > 0 {
        let (id, mut streams) = (Uuid::new_v4(), Vec::new());
        while left > 0 && streams.len() < 100 {
            let count = left.min(5);
            left -= count;
            let object_id = Uuid::new_v4().to_string();
            let stream = StreamVersion { aggregate: "tally", object_id, version: 0, after: None };
            streams.push(StreamAppend { stream, events: vec![event.clone(); count as usize] });
        }
        let request = RequestKey { id, digest: [7; 32] };
        log.append(Append { metadata: metadata(id), request, guards: Vec::new(), streams }).await?;
    }
    Ok(())
}

/// Fills an empty log by the server itself: objects of ten events each, with hashes that are no
/// chain. Indexes and head are as after so many appends.
///
/// # Errors
/// When the database does not take them.
pub async fn log(url: &str, schema: &str, events: i64, said: impl Fn(i64)) -> anyhow::Result<()> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.options([("search_path", schema)]).disable_statement_logging();
    let mut connection = options.connect().await?;
    let payload = serde_json::to_string(&counted(1))?;
    let metadata = serde_json::to_string(&metadata(Uuid::new_v4()))?;
    for from in (1..=events).step_by(ROWS as usize) {
        sqlx::query(
            "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version,
                payload, metadata, position, event_id, tenant_id, recorded_at, hash)
             SELECT 'tally', $1 || '/' || md5((n / 10)::text), n % 10 + 1, 'Counted', '1',
                $2::json, $3::json, n, lpad(to_hex(n), 32, '0')::uuid, $1,
                now() - interval '1 day' + n * interval '1 microsecond', sha256(n::text::bytea)
             FROM generate_series($4::bigint, $5) n",
        )
        .bind(TENANT)
        .bind(&payload)
        .bind(&metadata)
        .bind(from)
        .bind((from + ROWS - 1).min(events))
        .execute(&mut connection)
        .await?;
        said(from);
    }
    sqlx::query("UPDATE log_head SET position = $1").bind(events).execute(&mut connection).await?;
    sqlx::query("VACUUM (ANALYZE) events").execute(&mut connection).await?;
    Ok(())
}
