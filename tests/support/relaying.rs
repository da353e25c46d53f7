//! A log with its relay on real servers, and load that remembers what was acknowledged.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_nats::jetstream;
use kernel::command::{Addressed, Commands};
use kernel::log::{Append, AppendError, Log, NewEvent, Receipt, StreamAppend, StreamVersion};
use kernel::relay::{Relay, Settings, Status};
use kernel::{Recorded, stream};
use local::{NatsSettings, TestServers};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::counter::{Counter, context};
use super::sets;

/// One relay of a log, as a process has it.
pub struct Running {
    pub status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub fn start(log: &Log, jetstream: &jetstream::Context, settings: Settings) -> Self {
        let relay = Relay::new(log.clone(), jetstream.clone(), settings);
        let (status, stop) = (relay.status(), CancellationToken::new());
        tokio::spawn(tell(relay.status()));
        let task = tokio::spawn(relay.run(stop.clone()));
        Self { status, stop, task }
    }

    /// Ends it in good order.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// Ends it in the middle of what it does.
    pub async fn abort(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Waits until its status is as wanted; answers how long that took.
    pub async fn until(
        &mut self,
        what: &str,
        limit: Duration,
        wanted: impl FnMut(&Status) -> bool,
    ) -> Duration {
        let start = Instant::now();
        let in_time = tokio::time::timeout(limit, self.status.wait_for(wanted))
            .await
            .is_ok_and(|got| got.is_ok());
        assert!(in_time, "{what}: not within {limit:?}; {:?}", self.status.borrow().clone());
        start.elapsed()
    }

    pub async fn published(&mut self, position: u64) -> Duration {
        let there = move |status: &Status| status.sequence.is_some_and(|at| at >= position);
        self.until(&format!("published up to {position}"), Duration::from_secs(120), there).await
    }

    pub async fn problem(&mut self, reason: &str) -> Duration {
        let is = |status: &Status| status.problem.as_ref().is_some_and(|p| p.reason() == reason);
        self.until(reason, Duration::from_secs(20), is).await
    }
}

/// Prints each change of what is wrong, for whoever has to read about a test that failed.
async fn tell(mut status: watch::Receiver<Status>) {
    let mut before = None;
    while status.changed().await.is_ok() {
        let now = status.borrow_and_update().clone();
        let state = (now.leads, now.problem.clone());
        if before.as_ref() != Some(&state) {
            let problem = now.problem.map(|problem| problem.to_string()).unwrap_or_default();
            let at = kernel::clock::now().format("%M:%S%.3f");
            println!("{at} leads {}, sequence {:?} {problem}", now.leads, now.sequence);
        }
        before = Some(state);
    }
}

pub struct Relaying {
    pub servers: TestServers,
    pub log: Log,
    pub jetstream: jetstream::Context,
    pub acked: BTreeSet<u64>,
}

impl Relaying {
    pub async fn start() -> Self {
        Self::start_with(NatsSettings::default()).await
    }

    pub async fn start_with(settings: NatsSettings) -> Self {
        let servers = TestServers::start_with(settings).await.unwrap();
        let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
        let jetstream = connect(&servers.nats_url()).await;
        Self { servers, log, jetstream, acked: BTreeSet::new() }
    }

    pub fn relay(&self) -> Running {
        Running::start(&self.log, &self.jetstream, Settings::default())
    }

    /// Appends this many events by as many commands, some of them at once.
    pub async fn append(&mut self, events: usize) -> u64 {
        let load = Load::start(&self.log, 16, Some(events));
        self.acked.extend(load.finish().await);
        self.log.head().await.unwrap()
    }

    /// Everything acknowledged is stored, and the stream is the log's copy.
    pub async fn check(&self) {
        sets::check(&self.acked, &self.log, &self.jetstream).await;
    }
}

/// Takes a log back to an earlier position, as a restored backup would.
pub async fn restore(log: &Log, position: u64) {
    for statement in [
        "DELETE FROM requests WHERE position > $1",
        "DELETE FROM events WHERE position > $1",
        "UPDATE log_head SET (position, hash) =
             (SELECT position, hash FROM events WHERE position = $1)",
    ] {
        sqlx::query(statement).bind(position.cast_signed()).execute(log.pool()).await.unwrap();
    }
}

/// A stream for a log's events, made without our protection.
pub async fn unprotected(jetstream: &jetstream::Context) -> jetstream::stream::Stream {
    let mut open = stream::config("test", 1);
    (open.deny_purge, open.deny_delete) = (false, false);
    jetstream.create_stream(open).await.unwrap()
}

/// Publishes events as they are, whatever the stream holds already.
pub async fn publish(jetstream: &jetstream::Context, events: &[Recorded]) {
    for some in events.chunks(500) {
        let sent = some.iter().map(|event| {
            let (subject, headers) = (stream::subject(event), stream::headers(event));
            jetstream.publish_with_headers(subject, headers, event.payload.clone().into())
        });
        // One after the other to the connection, which keeps their order.
        let mut acknowledgements = Vec::new();
        for sent in sent {
            acknowledgements.push(sent.await.unwrap());
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await.unwrap();
        }
    }
}

/// Stores one event with a payload of this many bytes.
pub async fn append_large(log: &Log, bytes: usize) -> Result<Receipt, AppendError> {
    let context = context();
    let object_id = context.request.id.to_string();
    let stream = StreamVersion { aggregate: "blob", object_id, version: 0, after: None };
    let (start, end) = (r#"{"type":"Blob","text":""#, r#""}"#);
    let event = NewEvent {
        event_id: uuid::Uuid::now_v7(),
        event_type: "Blob".to_owned(),
        event_version: 1,
        payload: format!("{start}{}{end}", "x".repeat(bytes - start.len() - end.len())),
    };
    let append = Append {
        metadata: context.metadata,
        request: context.request,
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events: vec![event] }],
    };
    log.append(append).await
}

/// A client as every role has it.
pub async fn connect(urls: &str) -> jetstream::Context {
    stream::connect(urls, "test").await.unwrap()
}

/// So many in this time, as so many a second.
pub fn a_second(count: usize, time: Duration) -> u128 {
    count as u128 * 1_000 / time.as_millis().max(1)
}

/// Commands by several callers until told to stop, or until there are enough.
pub struct Load {
    stop: Arc<AtomicBool>,
    acked: Arc<Mutex<BTreeSet<u64>>>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn start(log: &Log, callers: usize, enough: Option<usize>) -> Self {
        let (stop, acked) =
            (Arc::new(AtomicBool::new(false)), Arc::<Mutex<BTreeSet<u64>>>::default());
        let callers = (0..callers).map(|caller| {
            let share = enough.map(|all| all / callers + usize::from(caller < all % callers));
            let (log, stop, acked) = (log.clone(), stop.clone(), acked.clone());
            tokio::spawn(async move {
                let commands = Commands::new(log);
                for n in 0..share.unwrap_or(usize::MAX) {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let object_id = format!("计数 {caller}.{}", n % 50);
                    let command = Addressed::<Counter> { object_id, command: 1 };
                    let receipt = commands.execute(&command, &context()).await.unwrap();
                    acked.lock().unwrap().insert(receipt.position);
                }
            })
        });
        Self { stop: stop.clone(), acked: acked.clone(), callers: callers.collect() }
    }

    /// How many positions were acknowledged so far.
    pub fn count(&self) -> usize {
        self.acked.lock().unwrap().len()
    }

    /// Positions acknowledged so far.
    pub fn so_far(&self) -> BTreeSet<u64> {
        self.acked.lock().unwrap().clone()
    }

    pub async fn stop(self) -> BTreeSet<u64> {
        self.stop.store(true, Ordering::Relaxed);
        self.finish().await
    }

    pub async fn finish(self) -> BTreeSet<u64> {
        for caller in self.callers {
            caller.await.unwrap();
        }
        std::mem::take(&mut self.acked.lock().unwrap())
    }
}
