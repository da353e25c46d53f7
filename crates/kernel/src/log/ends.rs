//! What a batch of appends rests on.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use super::append::{Append, StreamVersion};
use super::columns::stored_id;
use crate::fault;

/// A stream that a batch depends on, as it has to be before the batch.
pub(super) struct End<'a> {
    pub(super) aggregate: &'a str,
    /// As stored.
    pub(super) id: String,
    pub(super) version: i64,
    /// The event it ends with, when only that tells it from somebody else's.
    pub(super) after: Option<Uuid>,
    /// The batch begins it. The table itself refuses a second first event.
    pub(super) begins: bool,
}

/// The streams that a batch depends on, each once. `None` when the batch contradicts itself: two
/// appends on the same version of a stream, or a request that comes twice. Not all of it can be
/// stored, so the database has to choose.
pub(super) fn ends(appends: &[Arc<Append>]) -> Option<Vec<End<'_>>> {
    let mut before = Vec::with_capacity(appends.len());
    let mut now: HashMap<(&str, &str, &str), (u64, Option<Uuid>)> = HashMap::new();
    let mut requests = HashSet::with_capacity(appends.len());
    for append in appends {
        let tenant = append.metadata.tenant.as_str();
        if !requests.insert((tenant, append.request.id)) {
            return None;
        }
        let guards = append.guards.iter().map(|guard| (guard, None));
        let grown = append.streams.iter().map(|grown| (&grown.stream, grown.events.last()));
        for (stream, last) in guards.chain(grown) {
            let begins = stream.version == 0 && last.is_some();
            match now.entry((tenant, stream.aggregate, &stream.object_id)) {
                Entry::Occupied(end) if !follows(stream, *end.get()) => {
                    if !fault::planted("ends.contradict") {
                        return None;
                    }
                }
                Entry::Occupied(_) => (),
                Entry::Vacant(end) => {
                    end.insert((stream.version, stream.after));
                    before.push(End::of(tenant, stream, begins));
                }
            }
        }
        for grown in &append.streams {
            if let Some(last) = grown.events.last() {
                let version = grown.stream.version + grown.events.len() as u64;
                let key = (tenant, grown.stream.aggregate, grown.stream.object_id.as_str());
                now.insert(key, (version, Some(last.event_id)));
            }
        }
    }
    Some(before)
}

impl<'a> End<'a> {
    fn of(tenant: &str, stream: &'a StreamVersion, begins: bool) -> Self {
        Self {
            aggregate: stream.aggregate,
            id: stored_id(tenant, &stream.object_id),
            version: stream.version.cast_signed(),
            after: stream.after,
            begins,
        }
    }
}

/// Whether a decision on a stream still holds when appends before it have brought it here.
fn follows(stream: &StreamVersion, (version, last_event): (u64, Option<Uuid>)) -> bool {
    stream.version == version && (stream.after.is_none() || stream.after == last_event)
}
