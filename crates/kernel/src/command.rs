//! From a request to a receipt: load, decide, append.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::decider::{Decider, Refusal};
use crate::log::{
    Append, AppendError, Log, NewEvent, ReadError, Receipt, RequestKey, StreamAppend, StreamVersion,
};
use crate::metadata::Metadata;

/// Times a decision is made again when others were faster.
const ATTEMPTS: u32 = 20;

/// What is known about a command besides what it asks.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// Who and what causes it.
    pub metadata: Metadata,
    /// Makes repeats harmless.
    pub request: RequestKey,
    /// Number of events that the caller believes the object to have.
    pub expected_version: Option<u64>,
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
    /// The same for a transaction that asks objects of several kinds.
    pub fn from_other<O: Refusal + Into<R>>(other: Rejected<O>) -> Self {
        match other {
            Rejected::Refused(refusal) => Self::Refused(refusal.into()),
            Rejected::Stale { expected, actual } => Self::Stale { expected, actual },
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
    guards: Vec<StreamVersion>,
    streams: Vec<StreamAppend>,
}

impl Work<'_> {
    /// Who and what causes the command.
    pub fn metadata(&self) -> &Metadata {
        &self.context.metadata
    }

    /// The state of an object. The decision holds only while the object stays as it was read.
    ///
    /// # Errors
    /// When the log can not be read.
    pub async fn read<D: Decider>(&mut self, object_id: &str) -> Result<D, ReadError> {
        let (state, version) = self.log.load::<D>(&self.context.metadata.tenant, object_id).await?;
        self.guards.push(StreamVersion {
            aggregate: D::AGGREGATE,
            object_id: object_id.to_owned(),
            version,
        });
        Ok(state)
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
        let (state, version) = self.log.load::<D>(&self.context.metadata.tenant, object_id).await?;
        if let (true, Some(expected)) = (self.streams.is_empty(), self.context.expected_version)
            && expected != version
        {
            return Err(Rejected::Stale { expected, actual: version });
        }
        let facts = state.decide(command).map_err(Rejected::Refused)?;
        let events = facts.iter().map(NewEvent::of).collect::<Result<_, _>>();
        self.streams.push(StreamAppend {
            stream: StreamVersion {
                aggregate: D::AGGREGATE,
                object_id: object_id.to_owned(),
                version,
            },
            events: events.map_err(Rejected::Unwritable)?,
        });
        Ok(())
    }

    fn into_append(self) -> Append {
        // A stream that grows is checked as such; guarding it as well would say the same twice.
        let grown = &self.streams;
        let mut guards = self.guards;
        guards.retain(|guard| {
            !grown.iter().any(|grown| {
                grown.stream.aggregate == guard.aggregate
                    && grown.stream.object_id == guard.object_id
            })
        });
        Append {
            metadata: self.context.metadata.clone(),
            request: self.context.request,
            guards,
            streams: self.streams,
        }
    }
}

/// Carries out the commands of one context.
#[derive(Clone)]
pub struct Commands {
    log: Log,
    /// Taken by commands that lost a race: they go one at a time, so that each attempt has only
    /// newcomers and other processes to lose against.
    losers: Arc<Mutex<()>>,
}

impl Commands {
    /// Commands that are stored in this log.
    pub fn new(log: Log) -> Self {
        Self { log, losers: Arc::default() }
    }

    /// The log behind it.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Carries out a transaction once, however often its request is repeated. When another
    /// command was faster, the decision is made again on the new state.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub async fn execute<T: Transaction>(
        &self,
        transaction: &T,
        context: &CommandContext,
    ) -> Result<Receipt, Rejected<T::Refusal>> {
        let tenant = &context.metadata.tenant;
        if let Some(receipt) = self.log.answered(tenant, &context.request).await? {
            return Ok(receipt);
        }
        let mut attempt = 1;
        let mut turn = None;
        loop {
            let mut work =
                Work { log: &self.log, context, guards: Vec::new(), streams: Vec::new() };
            if let Err(rejected) = transaction.run(&mut work).await {
                // The same request may have been carried out while this one was being decided.
                let answered = self.log.answered(tenant, &context.request).await?;
                return answered.ok_or(rejected);
            }
            match self.log.append(work.into_append()).await {
                Err(AppendError::Conflict { .. }) if attempt < ATTEMPTS => {
                    metrics::counter!("qudao_append_conflicts", "context" => self.log.context())
                        .increment(1);
                    attempt += 1;
                    if turn.is_none() {
                        turn = Some(self.losers.lock().await);
                    }
                }
                outcome => return Ok(outcome?),
            }
        }
    }
}
