//! The copy of a log in NATS JetStream: its declaration, its subjects, its messages.
//!
//! Messages are CloudEvents 1.0 in binary mode, see `message`; who may read and write them is
//! declared in [`users`].

mod message;
pub mod users;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use async_nats::{
    ConnectError, ConnectOptions, Event, ReconnectToServer, Server, ServerAddr, jetstream,
};

pub use message::{BadMessage, event, event_id, headers};
pub use users::{Identity, SeedError};

use crate::event::Recorded;

/// Name of a context's stream: `ORDER` for `order`.
pub fn name(context: &str) -> String {
    context.to_uppercase()
}

/// Wait before a server is tried again, for each time it was not there, up to ten.
const AGAIN: Duration = Duration::from_millis(100);
/// How often a server is asked for a sign of life; after the third one missed another is taken. The
/// client's own interval of a minute would leave a stream without events for as long.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// Longest wait for a server to take a connection. A paused one does so, but never says a word.
const CONNECT: Duration = Duration::from_secs(2);

/// A connection to a NATS server that asks nobody who they are: [`connect_as`].
///
/// # Errors
/// When one of these is not an address.
pub async fn connect(urls: &str, name: &str) -> Result<jetstream::Context, ConnectError> {
    connect_as(urls, name, None).await
}

/// A connection to a NATS server, or to one of several of a cluster, separated by commas. It goes on
/// trying for ever, also when the server refuses the user, and says so.
///
/// # Errors
/// When one of these is not an address.
pub async fn connect_as(
    urls: &str,
    name: &str,
    identity: Option<&Identity>,
) -> Result<jetstream::Context, ConnectError> {
    let urls = urls.split(',').map(|url| url.trim().parse::<ServerAddr>());
    let servers = urls.collect::<Result<Vec<_>, _>>().map_err(|error| {
        ConnectError::with_source(async_nats::ConnectErrorKind::ServerParse, error)
    })?;
    let turn = AtomicUsize::new(0);
    let client = known_as(ConnectOptions::new(), identity)
        .name(name)
        .retry_on_initial_connect()
        .ping_interval(SIGN_OF_LIFE)
        .connection_timeout(CONNECT)
        .reconnect_to_server_callback(move |servers, _| {
            let next = turn.fetch_add(1, Ordering::Relaxed);
            async move { take_turns(&servers, next) }
        })
        .connect(servers)
        .await?;
    Ok(jetstream::new(client))
}

/// Says who connects, and tells people when the server does not like that.
fn known_as(options: ConnectOptions, identity: Option<&Identity>) -> ConnectOptions {
    let who: Arc<str> = match identity {
        Some(Identity { user, file, .. }) => {
            format!("as {user}, with the seed in {}", file.display()).into()
        }
        None => "without a seed: say where one is with --nats-nkey (QUDAO_NATS_NKEY)".into(),
    };
    // Once for each time, not ten times a second.
    let told = Arc::new(AtomicBool::new(false));
    let options = options.event_callback(move |event| {
        let (who, told) = (who.clone(), told.clone());
        async move {
            let text = event.to_string().to_lowercase();
            let connected = matches!(event, Event::Connected);
            if connected {
                told.store(false, Ordering::Relaxed);
            } else if text.contains("permissions violation") {
                tracing::error!(%who, %text, "NATS refuses what this process does");
            } else if text.contains("authorization") && !told.swap(true, Ordering::Relaxed) {
                tracing::error!(%who, "NATS refuses this process: its server knows no such user");
            }
        }
    });
    match identity {
        Some(Identity { user, seed, .. }) => {
            options.nkey(seed.clone()).custom_inbox_prefix(users::inbox(user))
        }
        None => options,
    }
}

/// One server after the other: chance could come back again and again to the one that was left
/// because it is cut off.
fn take_turns(servers: &[Server], turn: usize) -> Option<ReconnectToServer> {
    let server = servers.get(turn.checked_rem(servers.len())?)?;
    let pauses = u32::try_from(server.failed_attempts.min(10)).unwrap_or(10);
    Some(ReconnectToServer { addr: server.addr.clone(), delay: Some(AGAIN * pauses) })
}

/// The declaration of a context's stream. History is never thrown away by the server; a backlog
/// comes in atomic batches (ADR-50 of NATS), each of which is synced to disk once.
pub fn config(context: &str, replicas: usize) -> Config {
    Config {
        name: name(context),
        subjects: vec![subjects(context)],
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

/// The subjects of a context's facts.
pub fn subjects(context: &str) -> String {
    format!("ev.{context}.>")
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

/// The data that a token stands for; `None` when no data has this token.
pub fn data(token: &str) -> Option<String> {
    if token == "%" {
        return Some(String::new());
    }
    let (mut data, mut rest) = (Vec::with_capacity(token.len()), token.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        data.push(match first {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(data).ok().filter(|data| self::token(data) == token)
}
