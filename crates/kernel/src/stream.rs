//! The copy of a log in NATS JetStream: its declaration, its subjects, its messages.
//!
//! Messages are CloudEvents 1.0 in binary mode, see `message`.

mod message;

use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};

pub use message::{BadMessage, event, event_id, headers};

use crate::event::Recorded;

/// Name of a context's stream: `ORDER` for `order`.
pub fn name(context: &str) -> String {
    context.to_uppercase()
}

/// The addresses of a NATS server, or of all servers of a cluster, separated by commas.
///
/// # Errors
/// When one of them is not an address.
pub fn servers(urls: &str) -> Result<Vec<async_nats::ServerAddr>, std::io::Error> {
    urls.split(',').map(|url| url.trim().parse()).collect()
}

/// The declaration of a context's stream. History is never thrown away by the server; a backlog
/// comes in atomic batches (ADR-50 of NATS), each of which is synced to disk once.
pub fn config(context: &str, replicas: usize) -> Config {
    Config {
        name: name(context),
        subjects: vec![format!("ev.{context}.>")],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        allow_atomic_publish: true,
        ..Config::default()
    }
}

/// `ev.<context>.<tenant>.<aggregate>.<id>.<Event>`
pub fn subject(event: &Recorded) -> String {
    format!(
        "ev.{}.{}.{}.{}.{}",
        event.context,
        token(&event.tenant),
        event.aggregate,
        token(&event.object_id),
        event.event_type
    )
}

/// Data as one token of a subject: all but ASCII letters, digits, `-` and `_` is percent-encoded,
/// so no data can add a level or a wildcard.
pub fn token(data: &str) -> String {
    if data.is_empty() {
        return "%".to_owned();
    }
    let mut token = String::with_capacity(data.len());
    for byte in data.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => token.push(char::from(byte)),
            other => token.push_str(&format!("%{other:02X}")),
        }
    }
    token
}
