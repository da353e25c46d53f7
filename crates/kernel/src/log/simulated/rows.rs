//! The tables of a simulated log, and what its functions do to them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use cqrs_es::persist::SerializedEvent;
use sqlx::error::{DatabaseError, ErrorKind};
use uuid::Uuid;

use super::super::append::{Append, AppendError, NewEvent, Receipt, RequestKey};
use super::super::clean::Care;
use super::super::columns::stored_id;
use super::super::head::Head;
use super::super::queue::{Answer, Outcome};
use super::super::snapshot;
use crate::event::Recorded;
use crate::{fault, simulation};

/// A stored event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) position: u64,
    pub(crate) aggregate: &'static str,
    /// The id with its tenant.
    pub(crate) id: String,
    pub(crate) sequence: u64,
    pub(crate) event: NewEvent,
}

impl Event {
    pub(super) fn serialized(&self) -> SerializedEvent {
        SerializedEvent {
            aggregate_id: self.id.clone(),
            sequence: usize::try_from(self.sequence).unwrap_or(usize::MAX),
            aggregate_type: self.aggregate.to_owned(),
            event_type: self.event.event_type.clone(),
            event_version: self.event.event_version.to_string(),
            payload: serde_json::from_str(&self.event.payload).unwrap_or_default(),
            metadata: serde_json::Value::Null,
        }
    }

    pub(super) fn recorded(&self, context: &str) -> Recorded {
        let (tenant, object_id) = self.id.split_once('/').unwrap_or_default();
        Recorded {
            position: self.position,
            event_id: self.event.event_id,
            tenant: tenant.to_owned(),
            context: context.to_owned(),
            aggregate: self.aggregate.to_owned(),
            object_id: object_id.to_owned(),
            version: self.sequence,
            event_type: self.event.event_type.clone(),
            event_version: self.event.event_version,
            recorded_at: DateTime::UNIX_EPOCH,
            metadata: simulation::metadata(tenant, Uuid::nil()),
            payload: self.event.payload.clone(),
        }
    }
}

/// An append that is stored, in the order of commits.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) append: Arc<Append>,
    /// The head's position after it.
    pub(crate) position: u64,
}

#[derive(Clone, Debug)]
struct Kept {
    request: RequestKey,
    receipt: Receipt,
}

/// A stream as it has to be.
pub(super) struct Wanted {
    pub(super) aggregate: String,
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) after: Option<Uuid>,
    pub(super) begins: bool,
}

/// What the statement for a whole batch is told.
pub(super) struct Whole {
    pub(super) appends: Vec<Arc<Append>>,
    pub(super) wanted: Vec<Wanted>,
    pub(super) head: Head,
    pub(super) care: Care,
}

type Name = (String, String);

/// All tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    events: Vec<Arc<Event>>,
    streams: BTreeMap<Name, Vec<Arc<Event>>>,
    appends: Vec<Stored>,
    requests: BTreeMap<(String, Uuid), Kept>,
    snapshots: BTreeMap<Name, (u64, String)>,
}

impl Rows {
    pub(crate) fn head(&self) -> u64 {
        self.events.len() as u64
    }

    /// Appends in the order in which they were stored.
    pub(crate) fn appends(&self) -> &[Stored] {
        &self.appends
    }

    pub(crate) fn events(&self) -> &[Arc<Event>] {
        &self.events
    }

    /// The event at a position.
    pub(crate) fn at(&self, position: u64) -> Option<&Arc<Event>> {
        self.events.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    /// The log as it was at a position: all after it is gone, as when an older state is restored.
    pub(crate) fn restore(&mut self, position: u64) {
        let events = usize::try_from(position).unwrap_or(usize::MAX).min(self.events.len());
        let appends = self.appends.iter().take_while(|stored| stored.position <= position).count();
        self.roll_back((events, appends));
    }

    /// The events of an object after a version.
    pub(crate) fn stream(&self, aggregate: &str, id: &str, after: u64) -> Vec<Arc<Event>> {
        let stream = self.streams.get(&(aggregate.to_owned(), id.to_owned()));
        let events = stream.into_iter().flatten();
        events.filter(|event| event.sequence > after).cloned().collect()
    }

    pub(super) fn snapshot(&self, aggregate: &str, id: &str) -> Option<(u64, String)> {
        self.snapshots.get(&(aggregate.to_owned(), id.to_owned())).cloned()
    }

    pub(super) fn put_snapshot(&mut self, row: snapshot::Row) {
        let name = (row.aggregate.to_owned(), row.id);
        let newest = self.snapshots.get(&name).map_or(0, |(version, _)| *version);
        if row.version >= newest {
            self.snapshots.insert(name, (row.version, row.json));
        }
    }

    fn end(&self, aggregate: &str, id: &str) -> (u64, Option<Uuid>) {
        let stream = self.streams.get(&(aggregate.to_owned(), id.to_owned()));
        let last = stream.and_then(|events| events.last());
        last.map_or((0, None), |event| (event.sequence, Some(event.event.event_id)))
    }

    /// The version of a stream, when it is not as wanted.
    fn clash(&self, wanted: &Wanted) -> Option<u64> {
        let (version, last) = self.end(&wanted.aggregate, &wanted.id);
        let other = wanted.after.is_some() && wanted.after != last;
        let differs = version != wanted.version || (other && !fault::planted("store.after"));
        (differs && !fault::planted("store.conflicts")).then_some(version)
    }

    fn known(&self, append: &Append) -> Option<&Kept> {
        if fault::planted("store.requests") {
            return None;
        }
        self.requests.get(&(append.metadata.tenant.clone(), append.request.id))
    }

    /// The end of the log. Its hash is as good as the real one: it differs with the last event.
    pub(super) fn end_of_log(&self) -> Head {
        let last = self.events.last().map_or(Uuid::nil(), |event| event.event.event_id);
        let hash = proof::chain_step(&proof::chain_start(), last.as_bytes());
        Head::after(self.head(), hash, DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH)
    }

    /// What the statement for a whole batch does. The tables refuse by themselves what they hold
    /// once only; the statement looks at the rest, or at all.
    pub(super) fn clean(&mut self, whole: &Whole) -> Result<Option<Head>, sqlx::Error> {
        let Whole { appends, wanted, head, care } = whole;
        readable(appends)?;
        let all = *care == Care::All;
        let clash = |wanted: &&Wanted| self.clash(wanted).is_some();
        if wanted.iter().filter(|wanted| all || !wanted.begins).any(|wanted| clash(&wanted)) {
            return Ok(None);
        }
        let known = |append: &&Arc<Append>| self.known(append).is_some();
        if appends.iter().filter(|append| all || !append.is_kept()).any(|append| known(&append)) {
            return Ok(None);
        }
        let stores = appends.iter().any(|append| append.is_kept());
        if stores && !head.is_same(&self.end_of_log()) && !fault::planted("store.head") {
            return Ok(None);
        }
        if appends.iter().any(|append| known(&append)) {
            return Err(refused("23505"));
        }
        let before = (self.events.len(), self.appends.len());
        for append in appends {
            if let Err(error) = self.store(append) {
                self.roll_back(before);
                return Err(error);
            }
        }
        Ok(Some(self.end_of_log()))
    }

    /// What `append_each` does.
    pub(super) fn each(&mut self, appends: &[Arc<Append>]) -> Result<Vec<Answer>, sqlx::Error> {
        readable(appends)?;
        let before = (self.events.len(), self.appends.len());
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            match self.one(append) {
                Ok(answer) => answers.push(answer),
                Err(error) => {
                    self.roll_back(before);
                    return Err(error);
                }
            }
        }
        Ok(answers)
    }

    fn one(&mut self, append: &Arc<Append>) -> Result<Answer, sqlx::Error> {
        if let Some(Kept { request, receipt }) = self.known(append) {
            return Ok(match request.digest == append.request.digest {
                true => Ok(Outcome::Repeated(receipt.clone())),
                false => Err(AppendError::RequestReused),
            });
        }
        let tenant = &append.metadata.tenant;
        let clash = append.depends_on().find_map(|stream| {
            self.clash(&Wanted {
                aggregate: stream.aggregate.to_owned(),
                id: stored_id(tenant, &stream.object_id),
                version: stream.version,
                after: stream.after,
                begins: false,
            })
        });
        if let Some(actual) = clash {
            return Ok(Err(AppendError::Conflict { actual }));
        }
        self.store(append).map(|receipt| Ok(Outcome::Stored(receipt)))
    }

    fn store(&mut self, append: &Arc<Append>) -> Result<Receipt, sqlx::Error> {
        let tenant = append.metadata.tenant.clone();
        let torn = usize::from(fault::planted("store.torn") && append.streams.len() > 1);
        for grown in append.streams.iter().skip(torn) {
            let name =
                (grown.stream.aggregate.to_owned(), stored_id(&tenant, &grown.stream.object_id));
            for (sequence, event) in (grown.stream.version + 1..).zip(&grown.events) {
                let stream = self.streams.entry(name.clone()).or_default();
                let taken = stream.iter().any(|event| event.sequence == sequence);
                if taken && !fault::planted("store.conflicts") {
                    return Err(refused("23505"));
                }
                let event = Arc::new(Event {
                    position: self.events.len() as u64 + 1,
                    aggregate: grown.stream.aggregate,
                    id: name.1.clone(),
                    sequence,
                    event: event.clone(),
                });
                stream.push(event.clone());
                self.events.push(event);
            }
        }
        let position = self.head();
        let (object_id, version) = append.subject();
        let receipt = Receipt { object_id: object_id.to_owned(), version, position };
        if !append.streams.is_empty() {
            let kept = Kept { request: append.request, receipt: receipt.clone() };
            self.requests.insert((tenant, append.request.id), kept);
            self.appends.push(Stored { append: append.clone(), position });
        }
        Ok(receipt)
    }

    fn roll_back(&mut self, (events, appends): (usize, usize)) {
        self.events.truncate(events);
        let head = self.head();
        self.streams.values_mut().for_each(|stream| stream.retain(|e| e.position <= head));
        for Stored { append, .. } in self.appends.split_off(appends) {
            self.requests.remove(&(append.metadata.tenant.clone(), append.request.id));
        }
    }
}

/// No text of PostgreSQL holds a zero byte; a statement with one is refused as a whole.
fn readable(appends: &[Arc<Append>]) -> Result<(), sqlx::Error> {
    let mut ids = appends.iter().flat_map(|append| append.depends_on());
    match ids.any(|stream| stream.object_id.contains('\0')) {
        true => Err(refused("22021")),
        false => Ok(()),
    }
}

/// The server's refusal of a statement.
pub(super) fn refused(code: &'static str) -> sqlx::Error {
    sqlx::Error::Database(Box::new(Refused(code)))
}

#[derive(Debug, thiserror::Error)]
#[error("SQLSTATE {0}")]
struct Refused(&'static str);

impl DatabaseError for Refused {
    fn message(&self) -> &str {
        "simulated"
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.0))
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        match self.0 {
            "23505" => ErrorKind::UniqueViolation,
            _ => ErrorKind::Other,
        }
    }
}
