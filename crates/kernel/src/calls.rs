//! The access log: who called what, when, from where, by which credential, and what came of it.
//! Also of calls that were refused, and of those that only read. Events tell what changed; this
//! tells who looked, and who tried.
//!
//! [`Calls`] takes entries from the gate and is written in batches beside the calls, so that
//! nobody waits for it; a process that is killed loses what it had not written, some 50 ms. When the database does not keep up, calls wait for it rather than go unseen.

mod days;
mod write;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tonic::Code;
use uuid::Uuid;

use crate::clock;
use crate::wall::Schema;

/// Schema of the access log.
pub const SCHEMA: &str = "access_log";
/// Entries that may wait to be written.
const WAITING: usize = 20_000;
/// How long a call waits for its place among them before it is told in the process's log instead.
const PATIENCE: Duration = Duration::from_secs(1);

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Outcome {
    /// It was answered.
    Success,
    /// The answer was no, and why.
    Refused,
    /// The system failed.
    Error,
    /// It broke off, or nobody waited for its end.
    Unknown,
}

impl Outcome {
    /// What a code of gRPC means for the caller.
    pub fn of(code: Code) -> Self {
        match code {
            Code::Ok => Self::Success,
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Unauthenticated => Self::Refused,
            Code::Internal | Code::Unavailable | Code::DataLoss | Code::Unknown => Self::Error,
            Code::Cancelled | Code::DeadlineExceeded => Self::Unknown,
        }
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// Whose tenant; empty when nobody is known to call, and for the operator.
    pub tenant: String,
    /// Who called; empty when nobody is known.
    pub actor_id: String,
    /// `<package>.<Service>/<Method>`.
    pub rpc: String,
    /// Ids that the request names, as `field=id`; a few of them.
    pub named: Vec<String>,
    /// Whether the caller had a token that is good.
    pub signed_in: bool,
    /// Where the call came from.
    pub address: String,
    /// With what program.
    pub user_agent: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Code of gRPC; none when the call broke off.
    pub code: Option<Code>,
    /// Reason of a refusal.
    pub reason: String,
    /// How long it took.
    pub took: Duration,
    /// The trace it belongs to.
    pub trace_id: String,
}

/// Takes the entries of a process.
#[derive(Clone)]
pub struct Calls {
    queue: mpsc::Sender<Entry>,
}

/// Writes the entries of a process for as long as there are calls.
pub struct Writing {
    schema: Schema,
    queue: mpsc::Receiver<Entry>,
    keep: Duration,
}

impl Calls {
    /// The access log in a schema, whose tables are made if they are missing. Entries older than
    /// `keep` are deleted, a day at a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(schema: Schema, keep: Duration) -> sqlx::Result<(Self, Writing)> {
        days::prepare(&schema, clock::now()).await?;
        let (queue, taken) = mpsc::channel(WAITING);
        Ok((Self { queue }, Writing { schema, queue: taken, keep }))
    }

    /// Begins the entry of a call.
    pub(crate) fn begin(&self, entry: Entry) -> Begun {
        Begun { queue: self.queue.clone(), entry: Some(entry), started: Instant::now() }
    }
}

/// A call under way. Dropped without an end, it is told as one that broke off.
pub(crate) struct Begun {
    queue: mpsc::Sender<Entry>,
    entry: Option<Entry>,
    started: Instant,
}

impl Begun {
    /// The entry, to be filled while the call goes on.
    pub(crate) fn entry(&mut self) -> Option<&mut Entry> {
        self.entry.as_mut()
    }

    /// The call has ended.
    pub(crate) async fn end(mut self, code: Code, reason: String) {
        let Some(mut entry) = self.entry.take() else { return };
        (entry.outcome, entry.code, entry.reason) = (Outcome::of(code), Some(code), reason);
        entry.took = self.started.elapsed();
        let Err(full) = self.queue.try_send(entry) else { return };
        let entry = full.into_inner();
        if let Err(lost) = self.queue.send_timeout(entry, PATIENCE).await {
            told_here(&lost.into_inner());
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some(mut entry) = self.entry.take() else { return };
        entry.took = self.started.elapsed();
        if let Err(full) = self.queue.try_send(entry) {
            told_here(&full.into_inner());
        }
    }
}

/// What the access log can not take is at least in the log of the process.
fn told_here(entry: &Entry) {
    metrics::counter!("qudao_access_log_missed").increment(1);
    let Entry { tenant, actor_id, rpc, address, outcome, .. } = entry;
    tracing::error!(tenant, actor_id, rpc, address, %outcome, "a call that the access log lacks");
}

impl Writing {
    /// Writes until the last who could add an entry is gone.
    pub async fn run(mut self) {
        let mut days = days::Days::new(self.schema.clone(), self.keep);
        let mut batch = Vec::new();
        loop {
            if self.queue.recv_many(&mut batch, write::MOST).await == 0 {
                return;
            }
            // Not before: nobody may have called for days.
            days.turn(clock::now()).await;
            // Those that come right after are written with them.
            tokio::time::sleep(write::PAUSE).await;
            while batch.len() < write::MOST
                && let Ok(entry) = self.queue.try_recv()
            {
                batch.push(entry);
            }
            write::all(self.schema.all(), &mut batch).await;
        }
    }
}

/// A new entry's id, in the order of time.
fn call_id() -> Uuid {
    Uuid::now_v7()
}
