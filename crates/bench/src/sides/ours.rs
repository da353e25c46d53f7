//! The log and the commands of qudao, called in this process.

use std::sync::Arc;

use kernel::Metadata;
use kernel::access::ApartFrom;
use kernel::command::{Addressed, CommandContext, Commands, Rejected};
use kernel::log::{Append, AppendError, Log, NewEvent, RequestKey, StreamAppend, StreamVersion};
use uuid::Uuid;

use super::tally::{Tally, counted};
use crate::load::{Operation, Step};

/// The tenant that all is done in.
pub const TENANT: &str = "acme";

/// What is known of a command besides what it asks; as full as an rpc makes it.
pub fn metadata(id: Uuid) -> Metadata {
    let (trace, span) = (id.simple().to_string(), &id.simple().to_string()[..16]);
    Metadata {
        tenant: TENANT.to_owned(),
        actor_id: "han.meimei".to_owned(),
        correlation_id: id,
        causation_id: id,
        request_id: id,
        traceparent: Some(format!("00-{trace}-{span}-01")),
    }
}

/// A request of its own for every command.
pub fn context() -> CommandContext {
    let id = Uuid::new_v4();
    CommandContext {
        metadata: metadata(id),
        request: RequestKey { id, digest: [7; 32] },
        apart_from: ApartFrom::default(),
        expected_version: None,
    }
}

/// One event for a stream at a version.
///
/// # Errors
/// When the event has no JSON form.
pub fn append_of(object_id: String, version: u64) -> anyhow::Result<Append> {
    let context = context();
    let stream = StreamVersion { aggregate: "tally", object_id, version, after: None };
    Ok(Append {
        metadata: context.metadata,
        request: context.request,
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events: vec![NewEvent::of(&counted(1))?] }],
    })
}

/// Appends one event to a new stream.
pub fn append(log: Log) -> Operation {
    Arc::new(move |_| {
        let log = log.clone();
        Box::pin(async move {
            log.append(append_of(Uuid::new_v4().to_string(), 0)?).await?;
            Ok(())
        })
    })
}

/// Carries out a command on the object that `object_of` names for a call. One that was beaten too
/// often is asked again, as its caller is told to do.
pub fn command(
    commands: Commands,
    object_of: impl Fn(Step) -> String + Send + Sync + 'static,
) -> Operation {
    Arc::new(move |step| {
        let commands = commands.clone();
        let object_id = object_of(step);
        Box::pin(async move {
            let command = Addressed::<Tally> { object_id, command: 1 };
            loop {
                match commands.execute(&command, &context()).await {
                    Err(Rejected::Append(AppendError::Conflict { .. })) => {}
                    done => return Ok(done.map(|_| ())?),
                }
            }
        })
    })
}

/// An object that no other call is about.
pub fn cold(_: Step) -> String {
    Uuid::new_v4().to_string()
}

/// The one object of a turn, new in each.
pub fn hot(step: Step) -> String {
    format!("hot-{}", step.turn)
}
