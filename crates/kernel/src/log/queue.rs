//! What waits to be stored, and the states that it will make. Both change under one lock, so that
//! the order in which decisions were made is the order in which they are stored.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::append::{Append, AppendError, Receipt};
use super::snapshot::Snapshot;
use super::states::{Basis, Change, ObjectKey, Seen, States};
use crate::decider::Decider;

/// How much a queue holds and gives at a time.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Appends that may wait; more are refused.
    pub(super) appends: usize,
    /// The memory they may take.
    pub(super) bytes: usize,
    /// What one statement stores at most. Larger batches gain nothing.
    pub(super) batch_appends: usize,
    pub(super) batch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { appends: 4_096, bytes: 64 << 20, batch_appends: 512, batch_bytes: 4 << 20 }
    }
}

/// What became of an append.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It is stored, or its guards hold.
    Stored(Receipt),
    /// Its request was answered before.
    Repeated(Receipt),
}

pub(super) type Answer = Result<Outcome, AppendError>;

/// An append and the one who waits for it.
pub(super) struct Waiting {
    pub(super) append: Arc<Append>,
    pub(super) caller: oneshot::Sender<Answer>,
}

/// What a decision was made on, and what it changes.
pub(crate) struct Decision {
    pub(crate) append: Append,
    /// All objects that were looked at.
    pub(crate) seen: Vec<(ObjectKey, Seen)>,
    /// In the order of the append's streams.
    pub(crate) changes: Vec<Box<dyn Grow>>,
}

/// A [`Change`] without its type.
pub(crate) trait Grow: Send {
    /// Lets the state in the cache grow.
    fn grow(self: Box<Self>, cache: &mut Cache<'_>);
}

/// The cache while a decision enters it.
pub(crate) struct Cache<'a> {
    states: &'a mut States,
    grown: Vec<(ObjectKey, u64)>,
    snapshots: Vec<Snapshot>,
}

impl<D: Decider> Grow for (ObjectKey, Change<D>) {
    fn grow(self: Box<Self>, cache: &mut Cache<'_>) {
        let (key, change) = *self;
        let (entry, snapshot) = cache.states.grow(&key, change);
        cache.grown.push((key, entry));
        cache.snapshots.extend(snapshot);
    }
}

/// A decision on its way to the database.
pub(super) struct Queued {
    pub(super) answer: oneshot::Receiver<Answer>,
    /// The states that are old if something it rests on has changed.
    pub(super) seen: Vec<(ObjectKey, Seen)>,
    /// The states that are wrong if it is not stored.
    pub(super) grown: Vec<(ObjectKey, u64)>,
    /// To be written if it is.
    pub(super) snapshots: Vec<Snapshot>,
}

/// Why a decision was not taken in.
#[derive(Debug)]
pub(crate) enum NotQueued {
    /// Another decision was faster; decide again.
    Outrun,
    /// Too much waits, or nobody stores any more.
    Refused(AppendError),
}

impl From<AppendError> for NotQueued {
    fn from(error: AppendError) -> Self {
        Self::Refused(error)
    }
}

#[derive(Default)]
struct Inner {
    limits: Limits,
    states: States,
    waiting: VecDeque<Waiting>,
    bytes: usize,
    closed: bool,
}

/// The queue in front of a writer.
#[derive(Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    news: Notify,
}

impl Queue {
    /// A queue with limits of its own, and so much memory for states.
    #[cfg(feature = "simulation")]
    pub(super) fn limited(limits: Limits, states: usize) -> Self {
        let inner = Inner { limits, states: States::of_capacity(states), ..Inner::default() };
        Self { inner: Mutex::new(inner), news: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while it was held can at worst have left a wrong state, which the database finds.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in an append that was made without the cache.
    pub(super) fn push(&self, append: Append) -> Result<oneshot::Receiver<Answer>, AppendError> {
        let answer = self.lock().push(append)?;
        self.news.notify_one();
        Ok(answer)
    }

    /// Takes in a decision, unless another one has changed what it was made on.
    pub(super) fn submit(&self, decision: Decision) -> Result<Queued, NotQueued> {
        let mut inner = self.lock();
        if !decision.seen.iter().all(|(key, seen)| inner.states.is_newest(key, *seen)) {
            return Err(NotQueued::Outrun);
        }
        let answer = inner.push(decision.append)?;
        let mut cache =
            Cache { states: &mut inner.states, grown: Vec::new(), snapshots: Vec::new() };
        for change in decision.changes {
            change.grow(&mut cache);
        }
        let Cache { grown, snapshots, .. } = cache;
        drop(inner);
        self.news.notify_one();
        Ok(Queued { answer, seen: decision.seen, grown, snapshots })
    }

    pub(super) fn newest<D: Decider>(&self, key: &ObjectKey) -> Option<Basis<D>> {
        self.lock().states.newest(key)
    }

    pub(super) fn keep<D: Decider>(&self, key: &ObjectKey, loaded: Basis<D>) -> Basis<D> {
        self.lock().states.keep(key, loaded)
    }

    /// Forgets states that turned out to be old or wrong, unless others have taken their place.
    pub(super) fn forget<'a>(&self, entries: impl Iterator<Item = (&'a ObjectKey, u64)>) {
        let mut inner = self.lock();
        entries.for_each(|(key, entry)| inner.states.forget(key, entry));
    }

    /// Forgets whatever is known of some objects.
    pub(super) fn forget_all<'a>(&self, keys: impl Iterator<Item = &'a ObjectKey>) {
        let mut inner = self.lock();
        keys.for_each(|key| inner.states.forget_any(key));
    }

    /// The next batch, as soon as there is one; none when the log was dropped.
    pub(super) async fn next(&self) -> Option<Vec<Waiting>> {
        loop {
            {
                let mut inner = self.lock();
                if !inner.waiting.is_empty() {
                    return Some(inner.batch());
                }
                if inner.closed {
                    return None;
                }
            }
            self.news.notified().await;
        }
    }

    /// Nothing more comes: the writer ends when it has stored what waits.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
    }

    /// Nobody stores any more: whoever waits is told so, and whoever comes.
    pub(super) fn abandon(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.waiting.clear();
    }
}

impl Inner {
    fn push(&mut self, append: Append) -> Result<oneshot::Receiver<Answer>, AppendError> {
        if self.closed {
            return Err(AppendError::Closed);
        }
        append.check_sizes()?;
        let (bytes, limits) = (append.bytes(), self.limits);
        // A single append of any size may pass, or it never would.
        if self.waiting.len() >= limits.appends
            || (self.bytes > 0 && self.bytes + bytes > limits.bytes)
        {
            return Err(AppendError::Busy);
        }
        self.bytes += bytes;
        let (caller, answer) = oneshot::channel();
        self.waiting.push_back(Waiting { append: Arc::new(append), caller });
        Ok(answer)
    }

    fn batch(&mut self) -> Vec<Waiting> {
        let mut batch = Vec::with_capacity(self.waiting.len().min(self.limits.batch_appends));
        let mut bytes = 0;
        while let Some(next) = self.waiting.front() {
            let more = next.append.bytes();
            let full = batch.len() == self.limits.batch_appends;
            if full || (!batch.is_empty() && bytes + more > self.limits.batch_bytes) {
                break;
            }
            bytes += more;
            batch.extend(self.waiting.pop_front());
        }
        self.bytes -= bytes;
        batch
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::log::RequestKey;
    use crate::metadata::Metadata;

    fn append() -> Append {
        let id = Uuid::now_v7();
        let metadata = Metadata {
            tenant: "acme".to_owned(),
            actor_id: "li.lei".to_owned(),
            correlation_id: id,
            causation_id: id,
            request_id: id,
            traceparent: None,
        };
        let request = RequestKey { id, digest: [7; 32] };
        Append { metadata, request, guards: Vec::new(), streams: Vec::new() }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_writer_that_is_gone() {
        let queue = Queue::default();
        let waiting = queue.push(append()).expect("there is room");
        queue.abandon();
        waiting.await.expect_err("nobody will answer");
        assert!(matches!(queue.push(append()), Err(AppendError::Closed)));
    }

    #[tokio::test]
    async fn what_waits_is_stored_before_a_closed_queue_ends() {
        let queue = Queue::default();
        let _waiting = queue.push(append()).expect("there is room");
        queue.close();
        assert_eq!(queue.next().await.map(|batch| batch.len()), Some(1));
        assert!(queue.next().await.is_none());
    }
}
