//! Puts a stream right that is not a copy of its log: what the log does not have is put aside, and
//! the stream is deleted. The relay then makes it anew and fills it from the log.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, Source, StorageType};
use tokio::time::Instant;

use super::standing::{self, Difference};
use super::{Problem, RelayError, Standing};
use crate::clock;
use crate::failure::chain;
use crate::log::Log;
use crate::stream;

/// How long putting aside may take.
const LIMIT: Duration = Duration::from_secs(300);

/// What was found and done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// What was wrong; nothing was done when nothing was.
    pub problem: Option<Problem>,
    /// First sequence of an event that the log does not have, if there is one.
    pub foreign_from: Option<u64>,
    /// How many such events the stream has.
    pub foreign: u64,
    /// The stream that these were put into.
    pub put_aside: Option<String>,
    /// Whether the stream was deleted, to be filled again.
    pub deleted: bool,
}

/// Compares a stream with its log and, unless only asked to look, puts it right.
///
/// # Errors
/// When the log or JetStream fails. Nothing is deleted before the foreign events are safely aside.
pub async fn reconcile(
    log: &Log,
    jetstream: &jetstream::Context,
    only_look: bool,
) -> Result<Reconciled, RelayError> {
    let standing = standing::inspect(log, jetstream, Difference::Every).await?;
    let mut done = Reconciled {
        problem: standing.as_ref().and_then(Standing::problem),
        foreign_from: None,
        foreign: 0,
        put_aside: None,
        deleted: false,
    };
    let (Some(standing), Some(_)) = (standing, &done.problem) else { return Ok(done) };
    let ahead = standing.sequence > standing.position;
    done.foreign_from = standing.differs_from.or(ahead.then_some(standing.position + 1));
    done.foreign = done.foreign_from.map_or(0, |from| standing.sequence + 1 - from);
    if only_look {
        return Ok(done);
    }
    let name = stream::name(log.context());
    if let Some(from) = done.foreign_from {
        done.put_aside = Some(put_aside(jetstream, &name, from, standing.sequence).await?);
    }
    crate::fault::at("reconcile.aside");
    jetstream.delete_stream(&name).await.map_err(|error| failed(&error))?;
    tracing::warn!(stream = name, aside = done.put_aside, "the stream was deleted to be refilled");
    done.deleted = true;
    Ok(done)
}

/// Copies the end of a stream into one of its own, with the same sequences, that nothing changes.
async fn put_aside(
    jetstream: &jetstream::Context,
    name: &str,
    from: u64,
    to: u64,
) -> Result<String, RelayError> {
    let aside = format!("{name}_ASIDE_{}", clock::now().format("%Y%m%dT%H%M%S"));
    let mut config = Config {
        name: aside.clone(),
        description: Some(format!(
            "sequences {from} to {to} of {name}, which its log does not have"
        )),
        storage: StorageType::File,
        mirror: Some(Source {
            name: name.to_owned(),
            start_sequence: Some(from),
            ..Source::default()
        }),
        ..Config::default()
    };
    let mut copy = jetstream.create_stream(&config).await.map_err(|error| failed(&error))?;
    let deadline = Instant::now() + LIMIT;
    while copy.info().await.map_err(|error| failed(&error))?.state.last_sequence < to {
        if Instant::now() > deadline {
            let left = jetstream.delete_stream(&aside).await;
            tracing::warn!(aside, removed = left.is_ok(), "putting aside took too long");
            return Err(RelayError::Stream(format!("sequences {from} to {to} were not copied")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // On its own from here on: a mirror would go on with the stream that is made next.
    config.mirror = None;
    config.subjects = vec![format!("aside.{aside}")];
    jetstream.update_stream(&config).await.map_err(|error| failed(&error))?;
    Ok(aside)
}

fn failed(error: &(impl std::error::Error + ?Sized)) -> RelayError {
    RelayError::Stream(chain(error))
}
