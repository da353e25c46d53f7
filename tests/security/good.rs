//! A good client, who wants an answer while others attack.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use proto::access::v1::Role;
use proto::order::v1::ListProductsRequest;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use super::stage::{Stage, caller, channel};

/// Below this a p99 is noise of a machine that does other things too.
const NOISE: Duration = Duration::from_millis(25);
/// A client is no machine gun: it waits between calls, and so stays below what a person may call
/// where that is 100 times a second.
const PAUSE: Duration = Duration::from_millis(12);

/// The client.
#[derive(Clone)]
pub(super) struct Good {
    channel: Channel,
    port: u16,
    token: MetadataValue<Ascii>,
}

/// How long its calls took.
pub(super) struct Calls(Vec<Duration>);

/// Its calls while something goes on, in a thread of its own: what keeps the attacker busy does not
/// keep the client waiting.
pub(super) struct Meanwhile {
    end: DropGuard,
    done: Arc<AtomicUsize>,
    calls: JoinHandle<Calls>,
}

impl Good {
    /// Somebody of a brand that nobody else belongs to.
    pub(super) fn of(stage: &Stage) -> Self {
        let who = caller("good-brand", &[Role::SalesRep], None);
        let token = format!("Bearer {}", stage.token(&who)).parse().unwrap();
        Self { channel: stage.channel(), port: stage.outer_port(), token }
    }

    async fn call(&self) -> Duration {
        let mut request = Request::new(ListProductsRequest::default());
        request.metadata_mut().insert("authorization", self.token.clone());
        let started = Instant::now();
        let mut client = OrderQueryServiceClient::new(self.channel.clone());
        client.list_products(request).await.expect("a good client gets an answer");
        started.elapsed()
    }

    /// So many calls, one after the other.
    pub(super) async fn calls(&self, number: usize) -> Calls {
        self.call().await;
        let mut calls = Vec::new();
        for _ in 0..number {
            calls.push(self.call().await);
            tokio::time::sleep(PAUSE).await;
        }
        Calls(calls)
    }

    /// Calls from now on, until it is ended.
    pub(super) fn while_attacked(&self) -> Meanwhile {
        let (token, port, end) = (self.token.clone(), self.port, CancellationToken::new());
        let (ended, done) = (end.clone(), Arc::new(AtomicUsize::new(0)));
        let counted = done.clone();
        let calls = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let good = Self { channel: channel(port), port, token };
                good.call().await;
                let mut calls = Vec::new();
                while !ended.is_cancelled() {
                    calls.push(good.call().await);
                    counted.store(calls.len(), Ordering::Relaxed);
                    tokio::time::sleep(PAUSE).await;
                }
                Calls(calls)
            })
        });
        Meanwhile { end: end.drop_guard(), done, calls }
    }
}

impl Meanwhile {
    /// How many calls were answered so far.
    pub(super) fn so_far(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Ends them.
    pub(super) async fn end(self) -> Calls {
        drop(self.end);
        let calls = tokio::task::spawn_blocking(move || self.calls.join()).await;
        calls.unwrap().expect("every call was answered")
    }
}

impl Calls {
    fn part(&self, of_hundred: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * of_hundred).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }

    /// The time that 99 of 100 calls were answered in.
    pub(super) fn p99(&self) -> String {
        format!("{:.1?} of {} calls", self.part(99), self.0.len())
    }

    /// The middle time.
    pub(super) fn median(&self) -> Duration {
        self.part(50)
    }

    /// Whether the p99 is at most so many times that of calls before.
    pub(super) fn judge(&self, before: &Self, times: u32) -> Result<(), String> {
        let (now, most) = (self.part(99), before.part(99).max(NOISE) * times);
        match now <= most && !self.0.is_empty() {
            true => Ok(()),
            false => Err(format!("a good client's p99 is {now:?}, above {most:?}")),
        }
    }

    /// The slower one of two.
    pub(super) fn or(self, other: Self) -> Self {
        if self.part(99) < other.part(99) { other } else { self }
    }
}
