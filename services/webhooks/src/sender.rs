//! Sends what is due, and notes what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue};
use kernel::clock;
use kernel::failure::chain;
use kernel::outbound::{Answer, CallError, Outbound};
use kernel::signed::{self, Secret};
use partner::{SecretError, Secrets};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::deliveries::{Attempt, Deliveries, Due, Room};
use crate::schedule;

/// Deliveries under way at the same time, in all and to one endpoint.
const ROOM: Room = Room { in_all: 128, each: 4 };
/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_millis(250);
/// How often old deliveries are deleted.
const CLEAN: Duration = Duration::from_secs(3_600);

/// What the time is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Sends the deliveries of all tenants.
#[derive(Clone)]
pub struct Sender {
    deliveries: Deliveries,
    secrets: Secrets,
    outbound: Outbound,
    clock: Clock,
}

/// Why nothing could be sent.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("the secret can not be read")]
    Secret(#[from] SecretError),
    #[error("the secret is gone")]
    NoSecret,
}

impl NotSent {
    fn kind(&self) -> &'static str {
        match self {
            Self::Call(error) => error.kind(),
            Self::Secret(_) | Self::NoSecret => "secret",
        }
    }
}

impl Sender {
    pub(crate) fn new(deliveries: Deliveries, secrets: Secrets, outbound: Outbound) -> Self {
        Self { deliveries, secrets, outbound, clock: Arc::new(clock::now) }
    }

    /// The same by another clock: for tests of what happens within days.
    #[must_use]
    pub fn by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sends until it is told to stop; then those under way end.
    pub async fn run(self, stop: CancellationToken) {
        let mut under_way = UnderWay::default();
        let mut cleaned: Option<Instant> = None;
        while !stop.is_cancelled() {
            if cleaned.is_none_or(|at| at.elapsed() > CLEAN) {
                cleaned = Some(Instant::now());
                told("old deliveries stay", self.deliveries.clean((self.clock)()).await);
            }
            under_way.ended();
            let begun = told("nothing is sent", self.begin(&mut under_way).await);
            if begun.is_some_and(|begun| begun > 0) {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => (),
            }
        }
        under_way.all().await;
    }

    /// Sends all that is due now, and returns when it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn once(&self) -> sqlx::Result<usize> {
        let mut under_way = UnderWay::default();
        let begun = self.begin(&mut under_way).await?;
        under_way.all().await;
        Ok(begun)
    }

    async fn begin(&self, under_way: &mut UnderWay) -> sqlx::Result<usize> {
        let free = ROOM.in_all - i64::try_from(under_way.tasks.len()).unwrap_or(i64::MAX);
        if free <= 0 {
            return Ok(0);
        }
        let room = Room { in_all: free, ..ROOM };
        let due = self.deliveries.take((self.clock)(), room, under_way.by_endpoint()).await?;
        let begun = due.len();
        for due in due {
            under_way.begin(due.endpoint_id.clone(), self.clone().deliver(due));
        }
        Ok(begun)
    }

    async fn deliver(self, due: Due) {
        let (at, began) = ((self.clock)(), Instant::now());
        let sent = self.send(&due, at).await;
        let attempt = judged(&due, at, began.elapsed(), sent);
        let outcome = attempt.error.unwrap_or("delivered");
        metrics::counter!("qudao_webhook_attempts_total", "outcome" => outcome).increment(1);
        // Else it is sent again once its lease is over.
        told("an attempt is not on record", self.deliveries.note(&due, &attempt).await);
    }

    async fn send(&self, due: &Due, at: DateTime<Utc>) -> Result<Answer, NotSent> {
        let secrets = self.secrets_of(due, at).await?;
        let id = due.event_id.to_string();
        let signature = signed::sign(&secrets, &id, at, &due.body);
        let headers = [
            (signed::ID, id),
            (signed::TIMESTAMP, at.timestamp().to_string()),
            (signed::SIGNATURE, signature),
        ];
        let headers = headers.into_iter().filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
        });
        Ok(self.outbound.post(&due.url, headers.collect(), due.body.clone()).await?)
    }

    /// The secrets that sign now: for a day after a change, the one before too.
    async fn secrets_of(&self, due: &Due, at: DateTime<Utc>) -> Result<Vec<Secret>, NotSent> {
        let previous = due.previous_secret_id.filter(|_| due.previous_until > Some(at));
        let ids: Vec<_> = [Some(due.secret_id), previous].into_iter().flatten().collect();
        let secrets = self.secrets.signing(&due.tenant_id, &due.endpoint_id, &ids).await?;
        if secrets.is_empty() { Err(NotSent::NoSecret) } else { Ok(secrets) }
    }
}

/// What an answer, or none, comes to.
fn judged(
    due: &Due,
    at: DateTime<Utc>,
    duration: Duration,
    sent: Result<Answer, NotSent>,
) -> Attempt {
    let (http_status, error, excerpt, asked) = match sent {
        Ok(answer) => {
            let error = (!(200..300).contains(&answer.status)).then_some("status");
            (Some(answer.status), error, answer.body, answer.retry_after)
        }
        Err(error) => {
            tracing::debug!(
                tenant = due.tenant_id,
                endpoint = due.endpoint_id,
                event = due.event_type,
                error = %chain(&error),
                "an event was not delivered"
            );
            (None, Some(error.kind()), chain(&error), None)
        }
    };
    let tries = u32::try_from(due.tries).unwrap_or(u32::MAX).saturating_add(1);
    let pause = match (error, http_status) {
        // Nothing is there any more: the endpoint is disabled.
        (None, _) | (Some(_), Some(410)) => None,
        (Some(_), _) => schedule::pause(tries, rand::random(), asked),
    };
    let next_at = pause.map(|pause| at + pause);
    Attempt { at, duration, http_status, error, excerpt, next_at }
}

/// Deliveries under way, by their endpoints.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    endpoints: HashMap<Id, String>,
}

impl UnderWay {
    fn begin(&mut self, endpoint: String, task: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(task);
        self.endpoints.insert(task.id(), endpoint);
    }

    /// Forgets those that have ended.
    fn ended(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
            self.endpoints.remove(&id);
        }
    }

    /// Returns when all have ended.
    async fn all(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Endpoints, and how many are under way to each.
    fn by_endpoint(&self) -> (Vec<String>, Vec<i32>) {
        let mut counts: HashMap<&String, i32> = HashMap::new();
        for endpoint in self.endpoints.values() {
            *counts.entry(endpoint).or_default() += 1;
        }
        counts.into_iter().map(|(endpoint, count)| (endpoint.clone(), count)).unzip()
    }
}

/// What a database said, told to those who look after it.
pub(crate) fn told<T, E: std::error::Error>(what: &str, done: Result<T, E>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(error = %chain(error), "{what}")).ok()
}
