//! From a request to a receipt: load, decide, append.

mod duties;
mod question;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::access::ApartFrom;
use crate::decider::{Decider, Refusal};
use crate::log::{
    Append, AppendError, Basis, Change, Decision, Grow, Log, NewEvent, NotQueued, ObjectKey,
    Outcome, ReadError, Receipt, RequestKey, Seen, StreamAppend, StreamVersion,
};
use crate::metadata::Metadata;
use crate::text::Text;

pub use question::Question;

/// Times a command may lose against other processes before it gets the log to itself.
const LOSSES: u32 = 2;

/// What is known about a command besides what it asks.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// Who and what causes it.
    pub metadata: Metadata,
    /// Makes repeats harmless.
    pub request: RequestKey,
    /// Number of events that the caller believes the object to have.
    pub expected_version: Option<u64>,
    /// Types of events of the object that the command is about: whoever made one of them may not
    /// carry the command out.
    pub apart_from: ApartFrom,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Rejected<R: Refusal> {
    /// A rule says no.
    #[error(transparent)]
    Refused(R),
    /// The object is not at the version that the caller expected.
    #[error("the object has {actual} events, not {expected}")]
    Stale {
        /// What the caller believed.
        expected: u64,
        /// What there is.
        actual: u64,
    },
    /// Two duties that are kept apart would be in one hand.
    #[error("duties are kept apart, and the caller had the other one: {}", .had.en)]
    SameHands {
        /// What the caller did to the object.
        had: Text,
    },
    /// The log did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A fact has no JSON form.
    #[error("an event can not be written down")]
    Unwritable(#[source] serde_json::Error),
}

impl<R: Refusal> Rejected<R> {
    /// Whether it was decided so, on what the objects are.
    fn is_an_answer(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Stale { .. } | Self::SameHands { .. })
    }

    /// The same for a transaction that asks objects of several kinds.
    pub fn from_other<O: Refusal + Into<R>>(other: Rejected<O>) -> Self {
        match other {
            Rejected::Refused(refusal) => Self::Refused(refusal.into()),
            Rejected::Stale { expected, actual } => Self::Stale { expected, actual },
            Rejected::SameHands { had } => Self::SameHands { had },
            Rejected::Append(error) => Self::Append(error),
            Rejected::Read(error) => Self::Read(error),
            Rejected::Unwritable(error) => Self::Unwritable(error),
        }
    }
}

/// A command ready to be decided. It may read and change several objects of its context; all
/// changes are stored together, on the states that were read, or not at all.
pub trait Transaction: Send + Sync {
    /// Why it may be refused.
    type Refusal: Refusal;

    /// Whether it is decided while nobody else can store anything in the context's log: for rules
    /// about more objects than can be read one by one. Others wait meanwhile, so it is for what is
    /// asked rarely.
    const ALONE: bool = false;

    /// Reads what is needed and decides. It runs again when others were faster.
    fn run(
        &self,
        work: &mut Work<'_>,
    ) -> impl Future<Output = Result<(), Rejected<Self::Refusal>>> + Send;
}

/// The commonest transaction: one command for one object.
#[derive(Clone, Debug)]
pub struct Addressed<D: Decider> {
    /// The object.
    pub object_id: String,
    /// What is asked of it.
    pub command: D::Command,
}

impl<D: Decider> Transaction for Addressed<D> {
    type Refusal = D::Refusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<D::Refusal>> {
        work.decide::<D>(&self.object_id, self.command.clone()).await
    }
}

/// What one transaction has read and decided so far.
pub struct Work<'a> {
    log: &'a Log,
    context: &'a CommandContext,
    trust: Trust,
    new: Vec<ObjectKey>,
    seen: Vec<(ObjectKey, Seen)>,
    guards: Vec<StreamVersion>,
    streams: Vec<StreamAppend>,
    changes: Vec<Box<dyn Grow>>,
}

/// What a decision may be made on. The append checks it in any case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// States in memory, and that an object said to be new is so.
    All,
    /// States in memory.
    Memory,
    /// Only what is stored.
    Nothing,
}

impl<'a> Work<'a> {
    fn new(log: &'a Log, context: &'a CommandContext, trust: Trust) -> Self {
        Self {
            log,
            context,
            trust,
            new: Vec::new(),
            seen: Vec::new(),
            guards: Vec::new(),
            streams: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Who and what causes the command.
    pub fn metadata(&self) -> &Metadata {
        &self.context.metadata
    }

    /// The state of an object. The decision holds only while the object stays as it was read.
    ///
    /// # Errors
    /// When the log can not be read.
    pub async fn read<D: Decider>(&mut self, object_id: &str) -> Result<Arc<D>, ReadError> {
        let (_, basis) = self.look_at::<D>(object_id).await?;
        self.guards.push(basis.stream(object_id));
        Ok(basis.state)
    }

    /// How many objects of a kind the tenant has to which no fact of this type has happened, such as
    /// the one that ends them. It holds in a transaction that is [`Transaction::ALONE`], and in no
    /// other.
    ///
    /// # Errors
    /// When the log can not be read.
    pub async fn count_without<D: Decider>(&mut self, ended: &str) -> Result<u64, ReadError> {
        debug_assert!(self.trust == Trust::Nothing, "others could add to them");
        self.log.count_without::<D>(&self.context.metadata.tenant, ended).await
    }

    /// Asks an object to decide; its events become part of the append. The first object asked is
    /// the one that the receipt and the caller's expected version are about. An object is asked
    /// at most once in a transaction.
    ///
    /// # Errors
    /// When a rule says no, the caller's version is old, or the log can not be read.
    pub async fn decide<D: Decider>(
        &mut self,
        object_id: &str,
        command: D::Command,
    ) -> Result<(), Rejected<D::Refusal>> {
        let (key, basis) = self.look_at::<D>(object_id).await?;
        if let Some(had) = self.had_other_duty::<D>(&key).await? {
            self.guards.push(basis.stream(object_id));
            return Err(Rejected::SameHands { had });
        }
        self.decide_on(key, basis, command)
    }

    /// Says that an object is new as far as anybody knows, for example because its id was just
    /// made, so that it need not be looked for. When it exists all the same, the transaction runs
    /// again on what it is.
    pub fn expect_new<D: Decider>(&mut self, object_id: &str) {
        let key = self.key::<D>(object_id);
        self.new.push(key);
    }

    fn decide_on<D: Decider>(
        &mut self,
        key: ObjectKey,
        basis: Basis<D>,
        command: D::Command,
    ) -> Result<(), Rejected<D::Refusal>> {
        let stream = basis.stream(&key.object_id);
        let actual = basis.version;
        let asked = match self.context.expected_version {
            Some(expected) if self.streams.is_empty() && expected != actual => {
                Err(Rejected::Stale { expected, actual })
            }
            _ => basis.state.decide(command).map_err(Rejected::Refused),
        };
        let facts = match asked {
            Ok(facts) => facts,
            Err(no) => {
                // A no holds only while the object is what it was decided on, too.
                self.guards.push(stream);
                return Err(no);
            }
        };
        let events = facts.iter().map(NewEvent::of).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(Rejected::Unwritable)?;
        if let Some(last) = events.last() {
            let bytes = events.iter().map(|event| event.payload.len()).sum();
            let change = Change { basis, facts, last_event: last.event_id, bytes };
            self.changes.push(Box::new((key, change)));
        }
        self.streams.push(StreamAppend { stream, events });
        Ok(())
    }

    async fn look_at<D: Decider>(
        &mut self,
        object_id: &str,
    ) -> Result<(ObjectKey, Basis<D>), ReadError> {
        let key = self.key::<D>(object_id);
        let basis = match self.trust {
            Trust::All if self.new.contains(&key) => {
                self.log.known(&key).unwrap_or_else(Basis::absent)
            }
            Trust::All | Trust::Memory => self.log.newest(&key).await?,
            Trust::Nothing => self.log.stored(&key.tenant, object_id).await?,
        };
        self.seen.push((key.clone(), basis.seen()));
        Ok((key, basis))
    }

    fn key<D: Decider>(&self, object_id: &str) -> ObjectKey {
        ObjectKey {
            aggregate: D::AGGREGATE,
            tenant: self.context.metadata.tenant.clone(),
            object_id: object_id.to_owned(),
        }
    }

    /// The decision, to be stored.
    fn into_decision(mut self) -> Decision {
        // A stream that grows is checked as such; guarding it as well would say the same twice.
        let grown = &self.streams;
        self.guards.retain(|guard| {
            !grown.iter().any(|grown| {
                grown.stream.aggregate == guard.aggregate
                    && grown.stream.object_id == guard.object_id
            })
        });
        let append = Append {
            metadata: self.context.metadata.clone(),
            request: self.context.request,
            guards: self.guards,
            streams: self.streams,
        };
        Decision { append, seen: self.seen, changes: self.changes }
    }

    /// The question whether everything still is as it was seen. A no may be given only then; else
    /// it could rest on an event that was never stored, or miss one of another process.
    fn into_question(mut self) -> Decision {
        self.guards.extend(self.streams.drain(..).map(|grown| grown.stream));
        self.changes.clear();
        self.into_decision()
    }
}

/// Carries out the commands of one context.
///
/// Commands are decided on states in memory, also on events that are still on their way to the
/// database; so commands for one object follow each other without waiting. The database checks
/// every stream that a decision rests on. A decision whose ground turns out to be wrong (another
/// process was faster, or an event before it was not stored) is made again.
#[derive(Clone)]
pub struct Commands {
    log: Log,
    /// Taken by commands that need the log to themselves: they go one at a time.
    alone: Arc<Mutex<()>>,
}

impl Commands {
    /// Commands that are stored in this log.
    pub fn new(log: Log) -> Self {
        Self { log, alone: Arc::default() }
    }

    /// The log behind it.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Carries out a transaction once, however often its request is repeated.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub async fn execute<T: Transaction>(
        &self,
        transaction: &T,
        context: &CommandContext,
    ) -> Result<Receipt, Rejected<T::Refusal>> {
        // Who did what stands in the log alone, and the state has to be of the same moment.
        let alone = T::ALONE || !context.apart_from.facts.is_empty();
        let mut losses = if alone { LOSSES } else { 0 };
        while losses < LOSSES {
            let trust = if losses == 0 { Trust::All } else { Trust::Memory };
            let (decision, refused) =
                decide(transaction, Work::new(&self.log, context, trust)).await?;
            if crate::fault::planted("no.unasked")
                && let Some(no) = refused
            {
                return Err(no);
            }
            match self.log.store(decision).await {
                Err(NotQueued::Outrun) => tokio::task::yield_now().await,
                Err(NotQueued::Refused(error)) => return Err(error.into()),
                Ok(Err(AppendError::Conflict { .. })) => {
                    losses += 1;
                    metrics::counter!("qudao_append_conflicts", "context" => self.log.context())
                        .increment(1);
                }
                Ok(answer) => return conclude(answer, refused),
            }
        }
        self.execute_alone(transaction, context).await
    }

    /// The same while nobody else can store anything.
    async fn execute_alone<T: Transaction>(
        &self,
        transaction: &T,
        context: &CommandContext,
    ) -> Result<Receipt, Rejected<T::Refusal>> {
        let _turn = self.alone.lock().await;
        let exclusive = self.log.exclusive().await?;
        let (Decision { append, seen, .. }, refused) =
            decide(transaction, Work::new(&self.log, context, Trust::Nothing)).await?;
        let answer = exclusive.append(append, seen.iter().map(|(key, _)| key)).await;
        conclude(answer, refused)
    }
}

/// Lets a transaction decide. A refusal comes with the question whether it still holds.
async fn decide<'a, T: Transaction>(
    transaction: &T,
    mut work: Work<'a>,
) -> Result<(Decision, Option<Rejected<T::Refusal>>), Rejected<T::Refusal>> {
    match transaction.run(&mut work).await {
        Ok(()) => Ok((work.into_decision(), None)),
        Err(no) if no.is_an_answer() => Ok((work.into_question(), Some(no))),
        Err(failed) => Err(failed),
    }
}

/// What a caller is told. A request that was carried out before has its old answer, whatever
/// would be decided today.
fn conclude<R: Refusal>(
    answer: Result<Outcome, AppendError>,
    refused: Option<Rejected<R>>,
) -> Result<Receipt, Rejected<R>> {
    match (answer?, refused) {
        (Outcome::Stored(_), Some(no)) => Err(no),
        (Outcome::Stored(receipt), None) | (Outcome::Repeated(receipt), _) => Ok(receipt),
    }
}
