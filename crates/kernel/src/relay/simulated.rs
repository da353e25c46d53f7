//! JetStream in a simulation: one stream in memory, which restarts, loses its end or all of it, and
//! gets messages late or answers them never.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_EXPECTED_LAST_SEQUENCE};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use uuid::Uuid;

use super::leader::Leader;
use super::server::{self, Sent, Server};
use super::{ANSWER, RelayError, Settings, Status};
use crate::event::Recorded;
use crate::fault;
use crate::log::Log;
use crate::log::simulated::SERVER;
use crate::simulation::executor::{below, chance, now, sleep, spawn, timeout};
use crate::stream;

/// What may happen to a message, each in so many of a hundred cases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// It does not arrive.
    pub(crate) lost: u64,
    /// It is stored, but the answer does not arrive.
    pub(crate) unanswered: u64,
    /// The server says that it can not.
    pub(crate) refused: u64,
    /// It is held up, and all that comes after it on the same connection.
    pub(crate) late: u64,
}

/// The servers of an installation, as one.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Ids of the events in the stream, when there is one.
    stream: Option<Vec<Uuid>>,
    /// Counts what was stored.
    stored: u64,
    weather: Weather,
    starts: u64,
    down_until: Duration,
    /// Largest payload taken.
    largest: usize,
    /// Parts of batches that are not complete.
    batches: BTreeMap<String, Vec<Message>>,
}

struct Message {
    id: Uuid,
    headers: HeaderMap,
    starts: u64,
    reply: Option<oneshot::Sender<Result<u64, RelayError>>>,
}

impl Message {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.as_str())
    }

    /// Whether the stream ends where it has to.
    fn fits(&self, stream: &[Uuid]) -> bool {
        let expected = self.header(NATS_EXPECTED_LAST_SEQUENCE.as_ref());
        expected.is_none_or(|last| last == stream.len().to_string())
    }
}

fn said(text: &str) -> RelayError {
    RelayError::Stream(text.to_owned())
}

async fn travel() {
    sleep(Duration::from_micros(below(2_000))).await;
}

impl Streams {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ids of all events in the stream.
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.state().stream.clone().unwrap_or_default()
    }

    /// Grows with everything that is stored.
    pub(crate) fn stored(&self) -> u64 {
        self.state().stored
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    pub(crate) fn take_up_to(&self, largest: usize) {
        self.state().largest = largest;
    }

    /// A restart; of what was stored last so much is lost.
    pub(crate) fn restart(&self, away: Duration, lost: usize) {
        let mut state = self.state();
        state.starts += 1;
        state.down_until = now() + away;
        state.batches.clear();
        if let Some(stream) = &mut state.stream {
            stream.truncate(stream.len().saturating_sub(lost));
        }
    }

    /// Deletes the stream.
    pub(crate) fn wipe(&self) {
        let mut state = self.state();
        state.stream = None;
        state.batches.clear();
    }

    /// A connection: what is sent through it arrives in order or not at all.
    pub(crate) fn connect(&self) -> Client {
        let (outbox, mut inbox) = mpsc::unbounded_channel::<Message>();
        let streams = self.clone();
        spawn(SERVER, async move {
            while let Some(message) = inbox.recv().await {
                travel().await;
                let late = streams.state().weather.late;
                if chance(late) {
                    sleep(Duration::from_millis(below(5_000))).await;
                }
                streams.take(message).await;
            }
        });
        Client { streams: self.clone(), outbox }
    }

    async fn take(&self, mut message: Message) {
        let (weather, lost) = {
            let state = self.state();
            let gone = message.starts != state.starts || now() < state.down_until;
            (state.weather, gone || chance(state.weather.lost))
        };
        if lost {
            return;
        }
        let reply = message.reply.take();
        let Some(answer) = self.store(message, chance(weather.refused)) else { return };
        let Some(reply) = reply.filter(|_| !chance(weather.unanswered)) else { return };
        spawn(SERVER, async move {
            travel().await;
            let _ = reply.send(answer);
        });
    }

    /// What the server does with a message; nothing is said of the first parts of a batch.
    fn store(&self, message: Message, refuses: bool) -> Option<Result<u64, RelayError>> {
        let mut state = self.state();
        let State { stream, batches, stored, .. } = &mut *state;
        let batch = message.header(NATS_BATCH_ID.as_ref()).map(ToOwned::to_owned);
        let commits = message.header(NATS_BATCH_COMMIT.as_ref()).is_some();
        let mut all = Vec::new();
        if let Some(batch) = batch {
            let parts = batches.entry(batch.clone()).or_default();
            let number = (parts.len() + 1).to_string();
            let next = message.header("Nats-Batch-Sequence") == Some(number.as_str());
            if !next || !commits {
                // A batch with a hole in it is never completed.
                if next {
                    parts.push(message);
                }
                return commits.then(|| Err(said("the batch is incomplete")));
            }
            all = batches.remove(&batch).unwrap_or_default();
        }
        all.push(message);
        let Some(stream) = stream else { return Some(Err(said("no responders"))) };
        if refuses {
            return Some(Err(said("not now")));
        }
        let fits = all.first().is_some_and(|first| first.fits(stream));
        if !fits && !fault::planted("stream.expected") {
            return Some(Err(RelayError::OutOfStep));
        }
        let torn = usize::from(fault::planted("stream.torn") && all.len() > 1);
        stream.extend(all.iter().skip(torn).map(|message| message.id));
        *stored += 1;
        Some(Ok(stream.len() as u64))
    }

    /// Whether a question is answered; if not, its time runs out.
    async fn asked(&self) -> Result<(), RelayError> {
        let lost = {
            let state = self.state();
            now() < state.down_until || chance(state.weather.lost + state.weather.unanswered)
        };
        if lost {
            sleep(ANSWER).await;
            return Err(said("timed out"));
        }
        travel().await;
        Ok(())
    }
}

/// A connection to the servers.
#[derive(Clone)]
pub(crate) struct Client {
    streams: Streams,
    outbox: mpsc::UnboundedSender<Message>,
}

/// The stream as it was.
pub(crate) struct Seen {
    streams: Streams,
    length: u64,
}

impl Client {
    fn hand_over(
        &self,
        event: &Recorded,
        headers: HeaderMap,
        reply: Option<oneshot::Sender<Result<u64, RelayError>>>,
    ) -> Result<(), RelayError> {
        let state = self.streams.state();
        if event.payload.len() > state.largest {
            return Err(RelayError::TooLarge { position: event.position });
        }
        let id = stream::event_id(&headers).unwrap_or_default();
        let message = Message { id, headers, starts: state.starts, reply };
        self.outbox.send(message).map_err(|_| said("closed"))
    }
}

impl Server for Client {
    type Stream = Seen;

    async fn found(&self, _name: &str) -> Result<Option<Seen>, RelayError> {
        self.streams.asked().await?;
        let length = self.streams.state().stream.as_ref().map(Vec::len);
        travel().await;
        Ok(length.map(|length| Seen { streams: self.streams.clone(), length: length as u64 }))
    }

    async fn ensure(&self, context: &str, _settings: Settings) -> Result<Seen, RelayError> {
        if let Some(seen) = self.found(context).await? {
            return Ok(seen);
        }
        self.streams.asked().await?;
        self.streams.state().stream.get_or_insert_default();
        self.found(context).await?.ok_or(RelayError::OutOfStep)
    }

    fn state(stream: &Seen) -> server::State {
        server::State {
            last_sequence: stream.length,
            first_sequence: u64::from(stream.length > 0),
            messages: stream.length,
            takes_batches: true,
            forgets: false,
        }
    }

    async fn event_at(stream: &Seen, sequence: u64) -> Result<Option<Option<Uuid>>, RelayError> {
        stream.streams.asked().await?;
        let place = usize::try_from(sequence - 1).unwrap_or(usize::MAX);
        let ids = stream.streams.ids();
        travel().await;
        Ok(ids.get(place).copied().map(Some))
    }

    async fn stranger(
        log: &Log,
        stream: &Seen,
        first: u64,
        last: u64,
    ) -> Result<Option<u64>, RelayError> {
        for sequence in first..=last {
            let there = Self::event_at(stream, sequence).await?;
            if there.is_some_and(|id| id.is_none())
                || there.flatten() != log.event_id(sequence).await?
            {
                return Ok(Some(sequence));
            }
        }
        Ok(None)
    }

    async fn send(&self, event: &Recorded, headers: HeaderMap) -> Result<Sent, RelayError> {
        let (reply, answer) = oneshot::channel();
        self.hand_over(event, headers, Some(reply))?;
        Ok(Box::pin(async move {
            let answer = timeout(ANSWER, async {
                match answer.await {
                    Ok(answer) => answer,
                    Err(_) => std::future::pending().await,
                }
            });
            answer.await.unwrap_or_else(|| Err(said("timed out")))
        }))
    }

    async fn push(&self, event: &Recorded, headers: HeaderMap) -> Result<(), RelayError> {
        self.hand_over(event, headers, None)
    }

    async fn take_another(&self) -> bool {
        false
    }
}

/// A relay that believes to lead for as long as it lives.
pub(crate) async fn lead(
    log: &Log,
    client: &Client,
    news: &Arc<Notify>,
    status: &watch::Sender<Status>,
    settings: Settings,
) {
    let doubted = AtomicU64::new(0);
    loop {
        let leader = Leader { log, server: client, settings, status, doubted: &doubted };
        let Err(error) = leader.follow(news.clone()).await;
        status.send_modify(|status| status.failed(&error));
        sleep(super::PAUSE).await;
    }
}

/// The status of a relay that has not looked yet.
pub(crate) fn unknown() -> watch::Sender<Status> {
    watch::Sender::new(Status::new("simulated"))
}
