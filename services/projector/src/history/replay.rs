//! Replay of events in log order: what is wanted, and the task that sends it. Every replay ends
//! with a marker or with an error.

use std::pin::Pin;
use std::time::Duration;

use futures::Stream;
use kernel::failure::{internal, read_failed};
use kernel::log::{Filter, Log, Page, ReadError};
use proto::history::v1::replay_events_response::Item;
use proto::history::v1::{
    EventBatch, ReplayEnd, ReplayEndReason, ReplayEventsResponse, ReplayProgress,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::heads::{Follower, Heads};
use super::recorded;

/// Positions read from the log at a time, at first and at most.
const PAGE_FIRST: u32 = 256;
const PAGE_MOST: u32 = 2_048;
/// Bytes of payload that end a message early. Larger ones were not faster, and most clients take
/// messages of 4 MiB and no more.
const MESSAGE_BYTES: usize = 64 << 10;
/// Messages that wait for the client. With them and two pages, a slow client costs a few MiB.
const AHEAD: usize = 4;
/// Silence after which the client is told that all is well.
const HEARTBEAT: Duration = Duration::from_secs(2);

pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<ReplayEventsResponse, Status>> + Send>>;

/// What is wanted of a log.
pub(crate) struct Wanted {
    pub(crate) filter: Filter,
    /// Position before the first one wanted.
    pub(crate) after: u64,
    /// Last position wanted; `None` when following.
    pub(crate) until: Option<u64>,
    /// Most events in a message; 0: each event alone.
    pub(crate) batch: usize,
}

/// Starts a replay; the client's pace bounds how far it reads ahead.
pub(crate) fn start(log: Log, heads: &Heads, stop: CancellationToken, wanted: Wanted) -> Events {
    let (messages, receiver) = mpsc::channel(if wanted.batch == 0 { 64 } else { AHEAD });
    let replay = Replay {
        reached: wanted.after,
        follower: wanted.until.is_none().then(|| heads.follow()),
        log,
        stop,
        wanted,
        messages: messages.clone(),
        count: 0,
        quiet_since: Instant::now(),
    };
    tokio::spawn(async move {
        let ended = match replay.run().await {
            Ok(end) => Ok(item(Item::End(end))),
            Err(Interrupted::Failed(status)) => Err(status),
            Err(Interrupted::ClientLeft) => return,
        };
        // The client may have gone away; then nobody needs to know.
        let _ = messages.send(ended).await;
    });
    Box::pin(ReceiverStream::new(receiver))
}

/// Why a replay did not come to an end.
enum Interrupted {
    ClientLeft,
    Failed(Status),
}

impl From<ReadError> for Interrupted {
    fn from(error: ReadError) -> Self {
        Self::Failed(read_failed(&error))
    }
}

fn item(item: Item) -> ReplayEventsResponse {
    ReplayEventsResponse { item: Some(item) }
}

struct Replay {
    log: Log,
    follower: Option<Follower>,
    stop: CancellationToken,
    wanted: Wanted,
    messages: mpsc::Sender<Result<ReplayEventsResponse, Status>>,
    /// Everything wanted up to here was sent.
    reached: u64,
    count: u64,
    quiet_since: Instant,
}

impl Replay {
    async fn run(mut self) -> Result<ReplayEnd, Interrupted> {
        if let Some(until) = self.wanted.until {
            let complete = self.send_until(until).await?;
            return Ok(self.end(complete));
        }
        loop {
            let Some(head) = self.news().await? else { return Ok(self.end(false)) };
            if !self.send_until(head).await? {
                return Ok(self.end(false));
            }
        }
    }

    fn end(&self, complete: bool) -> ReplayEnd {
        let reason = if complete { ReplayEndReason::Complete } else { ReplayEndReason::Stopping };
        ReplayEnd { count: self.count, last_position: self.reached, reason: reason.into() }
    }

    /// Waits for the log to grow, with a sign of life from time to time; `None` when the server
    /// is to stop.
    async fn news(&mut self) -> Result<Option<u64>, Interrupted> {
        let Some(follower) = &mut self.follower else { return Ok(None) };
        loop {
            let heartbeat = self.quiet_since + HEARTBEAT;
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                () = self.messages.closed() => return Err(Interrupted::ClientLeft),
                head = follower.beyond(self.reached) => {
                    return head.map(Some).map_err(Interrupted::Failed);
                }
                () = tokio::time::sleep_until(heartbeat) => {
                    self.quiet_since = Instant::now();
                    let progress = ReplayProgress { position: self.reached, head: self.reached };
                    let told = self.messages.send(Ok(item(Item::Progress(progress)))).await;
                    told.map_err(|_| Interrupted::ClientLeft)?;
                }
            }
        }
    }

    /// Sends what is wanted up to a position; false when the server is to stop before that.
    async fn send_until(&mut self, until: u64) -> Result<bool, Interrupted> {
        let mut most = PAGE_FIRST;
        let mut next = (self.reached < until).then(|| self.read(self.reached, until, most));
        while let Some(page) = next {
            let page = page.await.map_err(|error| Interrupted::Failed(internal(&error)))??;
            if self.stop.is_cancelled() {
                return Ok(false);
            }
            most = match page.large {
                true => u32::try_from(page.events.len() / 2).unwrap_or(most).max(1),
                false => (most * 2).min(PAGE_MOST),
            };
            // The next page is read while this one is sent.
            next = (page.reached < until).then(|| self.read(page.reached, until, most));
            self.send(page, until).await?;
        }
        Ok(true)
    }

    fn read(&self, after: u64, until: u64, most: u32) -> JoinHandle<Result<Page, ReadError>> {
        let (log, filter) = (self.log.clone(), self.wanted.filter.clone());
        tokio::spawn(async move { log.read_page(&filter, after, until, most).await })
    }

    async fn send(&mut self, page: Page, head: u64) -> Result<(), Interrupted> {
        let mut messages = Vec::new();
        if self.wanted.batch == 0 {
            messages.extend(page.events.into_iter().map(|event| (1, Item::Event(recorded(event)))));
        } else {
            let mut events = page.events.into_iter().peekable();
            while events.peek().is_some() {
                let (mut batch, mut bytes) = (EventBatch::default(), 0);
                while batch.events.len() < self.wanted.batch
                    && bytes < MESSAGE_BYTES
                    && let Some(event) = events.next()
                {
                    bytes += event.payload.len();
                    batch.events.push(recorded(event));
                }
                messages.push((batch.events.len() as u64, Item::Events(batch)));
            }
        }
        if messages.is_empty() && self.quiet_since.elapsed() >= HEARTBEAT {
            let progress = ReplayProgress { position: page.reached, head };
            messages.push((0, Item::Progress(progress)));
        }
        for (count, message) in messages {
            let sent = self.messages.send(Ok(item(message))).await;
            sent.map_err(|_| Interrupted::ClientLeft)?;
            self.count += count;
            self.quiet_since = Instant::now();
        }
        self.reached = page.reached;
        Ok(())
    }
}
