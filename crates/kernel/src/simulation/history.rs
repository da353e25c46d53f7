//! Whether what callers were told and what is stored go together.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::commands::UNSTORABLE;
use super::counter::{Counter, CounterEvent, Counters, No, Wish};
use crate::command::Rejected;
use crate::log::simulated::{Rows, Server};
use crate::log::{AppendError, Receipt};

/// A request as its caller made it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) id: Uuid,
    pub(super) digest: [u8; 32],
    pub(super) wish: Wish,
    pub(super) expected: Option<u64>,
}

/// What a caller was told, and how many appends were stored when it asked and when it was told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) request: Request,
    pub(super) asked: usize,
    pub(super) told: usize,
    pub(super) answer: Result<Receipt, Rejected<No>>,
}

/// All that was asked and told in a run.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) requests: Vec<Request>,
    pub(super) told: Vec<Told>,
}

macro_rules! ensure {
    ($holds:expr, $($found:tt)+) => {
        if !$holds {
            return Err(format!($($found)+));
        }
    };
}
pub(super) use ensure;

fn object(stored_id: &str) -> &str {
    stored_id.split_once('/').map_or(stored_id, |(_, object)| object)
}

fn event(payload: &str) -> Result<CounterEvent, String> {
    serde_json::from_str(payload).map_err(|error| format!("{payload} is no event: {error}"))
}

impl History {
    /// Compares all of it with what is stored.
    pub(super) fn check(&self, server: &Server) -> Result<(), String> {
        server.look(|rows| {
            let moments = self.moments(rows)?;
            self.told.iter().try_for_each(|told| self.check_told(told, rows, &moments))
        })
    }

    /// The counters before the first append, and after each. Every append must be what its request
    /// comes to at its place.
    fn moments(&self, rows: &Rows) -> Result<Vec<Counters>, String> {
        let mut now = Counters::default();
        let mut moments = vec![now.clone()];
        let mut events = rows.events().iter().peekable();
        let mut stored = BTreeMap::new();
        for append in rows.appends() {
            let (id, digest) = (append.append.request.id, append.append.request.digest);
            ensure!(stored.insert(id, ()).is_none(), "request {id} is stored twice");
            let request = self.requests.iter().find(|r| r.id == id && r.digest == digest);
            let request = request.ok_or_else(|| format!("nobody made request {id}"))?;
            let subject = request.wish.subject();
            let version = now.of(subject).1;
            let expected = request.expected.unwrap_or(version);
            ensure!(expected == version, "{request:?} is stored on version {version}");
            let wanted = now.decide(&request.wish);
            let wanted = wanted.map_err(|no| format!("{request:?} is stored, but {no}"))?;
            let mut grown: BTreeMap<String, Vec<CounterEvent>> = BTreeMap::new();
            while let Some(next) = events.next_if(|event| event.position <= append.position) {
                let (object, event) = (object(&next.id), event(&next.event.payload)?);
                now.apply(object, event.clone());
                let version = now.of(object).1;
                ensure!(next.sequence == version, "{object} has {} at {version}", next.sequence);
                grown.entry(object.to_owned()).or_default().push(event);
            }
            let wanted = wanted.into_iter().filter(|(_, events)| !events.is_empty());
            ensure!(grown == wanted.collect(), "{request:?} is stored as {grown:?}");
            moments.push(now.clone());
        }
        ensure!(events.next().is_none(), "an event is of no append");
        Ok(moments)
    }

    fn check_told(&self, told: &Told, rows: &Rows, moments: &[Counters]) -> Result<(), String> {
        let Told { request, asked, told, answer } = told;
        let stored = rows.appends().iter().position(|a| a.append.request.id == request.id);
        let append = stored.and_then(|place| rows.appends().get(place));
        match answer {
            Ok(receipt) => {
                let (Some(place), Some(append)) = (stored, append) else {
                    return Err(format!("{request:?} is acknowledged and not stored"));
                };
                ensure!(append.append.request.digest == request.digest, "{request:?} is another's");
                let subject = request.wish.subject();
                let version = moments[place + 1].of(subject).1;
                let due =
                    Receipt { object_id: subject.to_owned(), version, position: append.position };
                ensure!(*receipt == due, "{request:?} has {receipt:?}, not {due:?}");
            }
            Err(Rejected::Refused(_) | Rejected::Stale { .. }) => {
                let before = stored.unwrap_or(usize::MAX);
                let mut places = (*asked..=*told).filter(|place| *place <= before);
                ensure!(
                    places.any(|place| refuses(&moments[place], request, answer)),
                    "{request:?} was told {answer:?}, which held never from {asked} to {told}"
                );
            }
            Err(Rejected::Append(AppendError::RequestReused)) => {
                let other = append.is_some_and(|a| a.append.request.digest != request.digest);
                ensure!(other, "{request:?} was told that its id belongs to another");
            }
            Err(
                failed @ (Rejected::SameHands { .. }
                | Rejected::Append(AppendError::Conflict { .. } | AppendError::Closed)
                | Rejected::Unwritable(_)),
            ) => return Err(format!("{request:?} was told {failed:?}")),
            Err(Rejected::Append(AppendError::Database(error)))
                if error
                    .as_database_error()
                    .is_some_and(|e| e.code().as_deref() == Some("22021")) =>
            {
                let own = request.wish.subject() == UNSTORABLE;
                ensure!(own, "{request:?} was refused for what its neighbour holds");
            }
            // Failures that a caller tries again.
            Err(Rejected::Append(_) | Rejected::Read(_)) => (),
        }
        Ok(())
    }
}

/// Whether a no is what the rules say at a moment.
fn refuses(moment: &Counters, request: &Request, no: &Result<Receipt, Rejected<No>>) -> bool {
    let version = moment.of(request.wish.subject()).1;
    match (no, request.expected) {
        (Err(Rejected::Stale { expected, actual }), Some(wanted)) => {
            wanted == *expected && *actual == version && wanted != version
        }
        (Err(Rejected::Refused(no)), expected) => {
            // Who asks for a version is refused by a rule only on that version.
            expected.is_none_or(|expected| expected == version)
                && moment.decide(&request.wish).err().as_ref() == Some(no)
        }
        _ => false,
    }
}

/// Whether a state in memory is one that the object has had.
pub(super) fn was(
    server: &Server,
    stored_id: &str,
    (state, version, after): &(Counter, u64, Option<Uuid>),
) -> Result<(), String> {
    let stream = server.look(|rows| rows.stream("counter", stored_id, 0));
    let mut counters = Counters::default();
    let mut last = None;
    for stored in stream.iter().take_while(|event| event.sequence <= *version) {
        counters.apply(stored_id, event(&stored.event.payload)?);
        last = Some(stored.event.event_id);
    }
    let had = counters.of(stored_id) == (state.clone(), *version);
    ensure!(
        had && (after.is_none() || *after == last),
        "{state:?} at version {version} of {stored_id} is in memory and was never stored"
    );
    Ok(())
}
