//! The states of objects in memory: the newest that this process knows, events that are on their
//! way to the database included. Only a help: whatever is decided on them, the database checks.

use std::any::Any;
use std::sync::Arc;

use lru::LruCache;
use serde_json::Value;
use uuid::Uuid;

use super::append::StreamVersion;
use super::snapshot::Snapshot;
use crate::decider::Decider;
use crate::fault;

/// Memory that states may take, by the length of the JSON that they were made of.
const CAPACITY: usize = 32 << 20;
/// What an entry takes besides.
const PER_STATE: usize = 512;
/// What a state is taken to weigh at most once its events have been folded into it.
const FOLDED: usize = 64 << 10;

/// A state of any aggregate.
pub(super) type AnyState = Arc<dyn Any + Send + Sync>;

/// Names an object of the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectKey {
    pub(crate) aggregate: &'static str,
    pub(crate) tenant: String,
    pub(crate) object_id: String,
}

/// A state that something is decided on.
pub(crate) struct Basis<D> {
    pub(crate) state: Arc<D>,
    /// Number of its events.
    pub(crate) version: u64,
    /// The last of them, when this process made it and it may still be on its way.
    pub(crate) after: Option<Uuid>,
    pub(super) since: Since,
    /// Names the state in the cache; none when the object is believed not to exist.
    pub(super) entry: Option<u64>,
}

/// What a state was made of: a snapshot, and what has happened to the object since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Since {
    /// Length of the snapshot's JSON.
    pub(super) base: usize,
    /// Number of events since.
    pub(super) events: u64,
    /// Length of their payloads.
    pub(super) bytes: usize,
}

impl<D: Decider> Basis<D> {
    /// A state as the database has it.
    pub(super) fn stored(state: D, version: u64, since: Since) -> Self {
        Self { state: Arc::new(state), version, after: None, since, entry: None }
    }

    /// The state to write down, when that is due.
    pub(super) fn due_snapshot(&mut self, tenant: &str, object_id: &str) -> Option<Snapshot> {
        if !self.since.is_worth_writing() {
            return None;
        }
        self.since = self.since.folded();
        let key = ObjectKey {
            aggregate: D::AGGREGATE,
            tenant: tenant.to_owned(),
            object_id: object_id.to_owned(),
        };
        Some(Snapshot::of::<D>(key, self.version, self.state.clone()))
    }

    /// An object that does not exist, as far as the caller knows.
    pub(crate) fn absent() -> Self {
        Self::stored(D::default(), 0, Since::default())
    }

    /// The stream, as the decision wants it to be.
    pub(crate) fn stream(&self, object_id: &str) -> StreamVersion {
        StreamVersion {
            aggregate: D::AGGREGATE,
            object_id: object_id.to_owned(),
            version: self.version,
            after: self.after,
        }
    }

    /// Names it in the cache.
    pub(crate) fn seen(&self) -> Seen {
        Seen { version: self.version, entry: self.entry }
    }
}

/// A state that was seen, without the state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    version: u64,
    entry: Option<u64>,
}

impl Seen {
    pub(super) fn entry(self) -> Option<u64> {
        self.entry
    }
}

struct Known {
    entry: u64,
    state: AnyState,
    version: u64,
    after: Option<Uuid>,
    since: Since,
    weight: usize,
}

/// The cache.
pub(super) struct States {
    known: LruCache<ObjectKey, Known>,
    capacity: usize,
    weight: usize,
    entries: u64,
}

impl Default for States {
    fn default() -> Self {
        Self::of_capacity(CAPACITY)
    }
}

impl States {
    pub(super) fn of_capacity(capacity: usize) -> Self {
        Self { known: LruCache::unbounded(), capacity, weight: 0, entries: 0 }
    }

    /// The newest state of an object, if it is known.
    pub(super) fn newest<D: Decider>(&mut self, key: &ObjectKey) -> Option<Basis<D>> {
        let known = self.known.get(key)?;
        Some(Basis {
            state: known.state.clone().downcast().ok()?,
            version: known.version,
            after: known.after,
            since: known.since,
            entry: Some(known.entry),
        })
    }

    /// Whether nothing newer than what was seen is known.
    pub(super) fn is_newest(&self, key: &ObjectKey, seen: Seen) -> bool {
        self.known
            .peek(key)
            .is_none_or(|known| Some(known.entry) == seen.entry && known.version == seen.version)
    }

    /// Keeps a state that was loaded and returns it, or the newer one that is there already.
    pub(super) fn keep<D: Decider>(&mut self, key: &ObjectKey, loaded: Basis<D>) -> Basis<D> {
        if !self.known.contains(key) {
            self.insert(key.clone(), &loaded);
        }
        self.newest(key).unwrap_or(loaded)
    }

    /// Lets a state grow by events that are on their way. Says under which name it is known now,
    /// and gives the state to be written down when that is due.
    pub(super) fn grow<D: Decider>(
        &mut self,
        key: &ObjectKey,
        change: Change<D>,
    ) -> (u64, Option<Snapshot>) {
        let Change { basis, facts, last_event, bytes } = change;
        if !self.known.contains(key) {
            self.insert(key.clone(), &basis);
        }
        // With nobody else holding it, the state grows in place.
        drop(basis);
        let Some(known) = self.known.get_mut(key) else { return (0, None) };
        let events = facts.len() as u64;
        evolve::<D>(&mut known.state, facts);
        known.version += events;
        known.after = Some(last_event);
        known.since.events += events;
        known.since.bytes += bytes;
        let snapshot = known.since.is_much().then(|| {
            known.since = known.since.folded();
            Snapshot::of::<D>(key.clone(), known.version, known.state.clone())
        });
        self.weight = self.weight - known.weight + known.since.weight();
        known.weight = known.since.weight();
        let entry = known.entry;
        self.evict();
        (entry, snapshot)
    }

    /// Forgets a state that turned out to be wrong.
    pub(super) fn forget(&mut self, key: &ObjectKey, entry: u64) {
        if fault::planted("states.kept") {
            return;
        }
        if self.known.peek(key).is_some_and(|known| known.entry == entry) {
            self.forget_any(key);
        }
    }

    /// Forgets whatever is known of an object.
    pub(super) fn forget_any(&mut self, key: &ObjectKey) {
        if let Some(known) = self.known.pop(key) {
            self.weight -= known.weight;
        }
    }

    fn insert<D: Decider>(&mut self, key: ObjectKey, basis: &Basis<D>) {
        self.entries += 1;
        let weight = basis.since.weight();
        self.weight += weight;
        let known = Known {
            entry: self.entries,
            state: basis.state.clone(),
            version: basis.version,
            after: basis.after,
            since: basis.since,
            weight,
        };
        self.known.put(key, known);
        self.evict();
    }

    fn evict(&mut self) {
        while self.weight > self.capacity {
            let Some((_, oldest)) = self.known.pop_lru() else { return };
            self.weight -= oldest.weight;
        }
    }
}

impl Since {
    pub(super) fn of_snapshot(bytes: usize) -> Self {
        Self { base: bytes, events: 0, bytes: 0 }
    }

    /// Counts an event that was read.
    pub(super) fn add(&mut self, payload: &Value) {
        self.events += 1;
        self.bytes += approximate_len(payload);
    }

    /// Whether loading it would take longer than writing the state down.
    fn is_much(self) -> bool {
        self.events >= 100 || self.bytes >= 256 << 10
    }

    /// The same once it had to be read: it may have to be again soon.
    fn is_worth_writing(self) -> bool {
        self.events >= 20 || self.is_much()
    }

    /// After a snapshot.
    fn folded(self) -> Self {
        Self { base: (self.base + self.bytes).min(FOLDED), events: 0, bytes: 0 }
    }

    /// About how much memory the state takes.
    fn weight(self) -> usize {
        PER_STATE + self.base + self.bytes
    }
}

/// Facts decided on a state.
pub(crate) struct Change<D: Decider> {
    pub(crate) basis: Basis<D>,
    pub(crate) facts: Vec<D::Event>,
    /// Id of the last of them.
    pub(crate) last_event: Uuid,
    /// Length of their payloads.
    pub(crate) bytes: usize,
}

fn evolve<D: Decider>(state: &mut AnyState, facts: Vec<D::Event>) {
    let grow = |state: &mut D| facts.into_iter().for_each(|fact| state.evolve(fact));
    if let Some(state) = Arc::get_mut(state).and_then(|state| state.downcast_mut::<D>()) {
        return grow(state);
    }
    if let Some(held) = state.downcast_ref::<D>() {
        let mut own = held.clone();
        grow(&mut own);
        *state = Arc::new(own);
    }
}

/// About the length of a JSON text, without writing it.
fn approximate_len(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(approximate_len).sum::<usize>() + 2,
        Value::Object(fields) => {
            fields
                .iter()
                .map(|(name, value)| name.len() + 4 + approximate_len(value))
                .sum::<usize>()
                + 2
        }
    }
}
