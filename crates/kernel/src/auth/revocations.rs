//! What ends tokens before their time. Tokens are checked offline, so every process keeps a list
//! of what was ended while such tokens could still be good: it is short, and is filled from
//! the stream of a context's facts within a blink.
//!
//! A token says on how many facts of its subject it rests. A fact that ends all tokens before it
//! has a number itself, so no two clocks are compared, and who signs in right after it gets in.
//! While NATS is away nothing is heard of, and tokens end by themselves.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::Caller;
use super::token::{LEEWAY, VALID};
use crate::clock;
use crate::event::Recorded;
use crate::failure::chain;
use crate::stream;

/// Pause before the stream is asked for again.
const AGAIN: Duration = Duration::from_millis(500);
/// What may lie between the clocks of servers, and between a fact and its message.
const MARGIN: TimeDelta = TimeDelta::minutes(2);

/// Whose tokens are over, and which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The brand.
    pub tenant: String,
    /// Whose tokens: their `sub`.
    pub subject: String,
    /// Which of them.
    pub extent: Extent,
    /// When it was said.
    pub at: DateTime<Utc>,
}

/// Which tokens of somebody are over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All that rest on fewer facts than this.
    Before(u64),
    /// Those of one session.
    Session(String),
}

/// Where a process hears of what ends tokens.
#[derive(Clone, Copy)]
pub struct Feed {
    /// The context whose facts they are.
    pub context: &'static str,
    /// Kinds of its objects and types of their events.
    pub facts: &'static [(&'static str, &'static str)],
    /// What a fact ends.
    pub read: fn(&Recorded) -> Result<Option<Revoked>, serde_json::Error>,
}

/// What a process knows to be over.
#[derive(Clone, Default)]
pub struct Revocations(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Most of the time there is nothing, and nothing has to be looked up.
    any: AtomicBool,
    tenants: RwLock<HashMap<String, HashMap<String, Over>>>,
}

/// What of one subject is over.
#[derive(Default)]
struct Over {
    before: u64,
    sessions: HashSet<String>,
    /// When the last of it was said.
    at: DateTime<Utc>,
}

impl Revocations {
    /// Whether a caller's token is over.
    pub(super) fn end(&self, caller: &Caller) -> bool {
        if !self.0.any.load(Ordering::Acquire) {
            return false;
        }
        let tenants = self.0.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let over = tenants.get(&caller.tenant).and_then(|tenant| tenant.get(&caller.user_id));
        over.is_some_and(|over| {
            caller.version < over.before
                || caller.session.as_ref().is_some_and(|session| over.sessions.contains(session))
        })
    }

    /// Takes in what is over; what no token can be of any more is left out.
    pub fn add(&self, revoked: &Revoked) {
        let oldest = clock::now() - (VALID + MARGIN + TimeDelta::seconds(LEEWAY.cast_signed()));
        let mut tenants = self.0.tenants.write().unwrap_or_else(PoisonError::into_inner);
        for tenant in tenants.values_mut() {
            tenant.retain(|_, over| over.at >= oldest);
        }
        tenants.retain(|_, tenant| !tenant.is_empty());
        if revoked.at >= oldest {
            let tenant = tenants.entry(revoked.tenant.clone()).or_default();
            let over = tenant.entry(revoked.subject.clone()).or_default();
            over.at = over.at.max(revoked.at);
            match &revoked.extent {
                Extent::Before(version) => over.before = over.before.max(*version),
                Extent::Session(session) => drop(over.sessions.insert(session.clone())),
            }
        }
        let known: usize = tenants.values().map(HashMap::len).sum();
        self.0.any.store(known > 0, Ordering::Release);
        metrics::gauge!("qudao_revocations").set(u32::try_from(known).unwrap_or(u32::MAX));
    }

    /// Hears of what is over until told to stop, from what tokens of now may still rest on.
    pub async fn follow(self, jetstream: jetstream::Context, feed: Feed, stop: CancellationToken) {
        let work = async {
            let mut told = String::new();
            loop {
                // Tokens that were ended work on meanwhile; each cause is told once, not each try.
                if let Err(error) = self.hear(&jetstream, &feed).await
                    && error != told
                {
                    tracing::warn!(error, "nothing is heard of what ends tokens");
                    told = error;
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        stop.run_until_cancelled(work).await;
    }

    async fn hear(&self, jetstream: &jetstream::Context, feed: &Feed) -> Result<(), String> {
        let from = clock::now() - (VALID + MARGIN);
        let from = from.to_rfc3339_opts(SecondsFormat::Millis, true);
        let from = async_nats::datetime::parse_rfc3339(&from).map_err(|error| error.to_string())?;
        let subject =
            |(kind, fact): &(&str, &str)| format!("ev.{}.*.{kind}.*.{fact}", feed.context);
        let config = OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartTime { start_time: from },
            filter_subjects: feed.facts.iter().map(subject).collect(),
            ..OrderedConfig::default()
        };
        let name = stream::name(feed.context);
        let consumer = jetstream.create_consumer_on_stream(config, name).await;
        let messages = consumer.map_err(|error| chain(&error))?.messages().await;
        let mut messages = messages.map_err(|error| chain(&error))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| chain(&error))?;
            match heard(feed, &message) {
                Ok(Some(revoked)) => self.add(&revoked),
                Ok(None) => (),
                Err(error) => tracing::warn!(error, "a fact that may end tokens is unreadable"),
            }
        }
        Ok(())
    }
}

fn heard(feed: &Feed, message: &jetstream::Message) -> Result<Option<Revoked>, String> {
    let info = message.info().map_err(|error| error.to_string())?;
    let none = async_nats::HeaderMap::new();
    let headers = message.headers.as_ref().unwrap_or(&none);
    let event = stream::event(feed.context, info.stream_sequence, headers, &message.payload);
    (feed.read)(&event.map_err(|error| chain(&error))?).map_err(|error| chain(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revoked(subject: &str, extent: Extent) -> Revoked {
        let (tenant, subject) = ("acme".to_owned(), subject.to_owned());
        Revoked { tenant, subject, extent, at: clock::now() }
    }

    fn token_of(tenant: &str, user: &str, session: &str, version: u64) -> Caller {
        Caller {
            tenant: tenant.to_owned(),
            user_id: user.to_owned(),
            session: Some(session.to_owned()),
            version,
            ..Caller::default()
        }
    }

    #[test]
    fn tokens_before_a_fact_are_over_and_those_after_it_are_not() {
        let list = Revocations::default();
        assert!(!list.end(&token_of("acme", "li", "s-1", 3)), "nothing was said");
        list.add(&revoked("li", Extent::Before(5)));
        list.add(&revoked("li", Extent::Before(4)));
        assert!(list.end(&token_of("acme", "li", "s-1", 4)));
        assert!(!list.end(&token_of("acme", "li", "s-2", 5)));
        assert!(!list.end(&token_of("acme", "han", "s-3", 1)), "somebody else");
        assert!(!list.end(&token_of("other", "li", "s-4", 1)), "of another brand");
    }

    #[test]
    fn one_session_is_over_and_the_others_are_not() {
        let list = Revocations::default();
        list.add(&revoked("li", Extent::Session("s-1".to_owned())));
        assert!(list.end(&token_of("acme", "li", "s-1", 9)), "also with a token of later");
        assert!(!list.end(&token_of("acme", "li", "s-2", 1)));
    }

    #[test]
    fn what_no_token_can_be_of_any_more_is_forgotten() {
        let list = Revocations::default();
        let mut old = revoked("li", Extent::Before(5));
        old.at -= TimeDelta::minutes(20);
        list.add(&old);
        assert!(!list.0.any.load(Ordering::Acquire));
    }
}
