//! Asks providers what is due, and tells what they say.
//!
//! A provider that does not answer is asked again, less and less often; money is never assumed to
//! have moved or not: a payment or refund ends when the provider has said how.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use kernel::clock;
use kernel::failure::chain;
use psp::{Charge, Client, Closing, Provider, PspError, Scene, Standing};
use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use values::Minor;

use crate::errands::{Desk, Errand, Errands, Step};
use crate::merchants::Merchants;
use crate::teller::{Heard, Of, Source, Teller};

/// How long a provider may keep quiet about a payment before it is asked.
pub(crate) const QUIET: TimeDelta = TimeDelta::seconds(10);
/// Errands under way at the same time.
pub(crate) const ROOM: i64 = 32;
/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_millis(100);
/// How often old rows are deleted.
const CLEAN: Duration = Duration::from_secs(3_600);
/// Longest pause between two questions about a payment, and about a refund.
const PAYMENT_PAUSE: TimeDelta = TimeDelta::seconds(60);
pub(crate) const REFUND_PAUSE: TimeDelta = TimeDelta::seconds(600);
/// How long after its time a payment is asked about often, and how seldom then.
const PATIENCE: TimeDelta = TimeDelta::days(1);
const RARELY: TimeDelta = TimeDelta::hours(1);
/// How long after its time a payment is still waited for: clocks differ.
const GRACE: TimeDelta = TimeDelta::seconds(5);

/// What asks providers.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) errands: Errands,
    pub(crate) merchants: Merchants,
    pub(crate) teller: Teller,
}

/// What comes next.
pub(crate) struct Next {
    pub(crate) step: Step,
    pub(crate) after: TimeDelta,
}

/// Why an errand is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    #[error("the provider did not do it")]
    Provider(#[from] PspError),
    #[error("the order role did not take it")]
    Order(#[from] Box<Status>),
    #[error("the database did not take it")]
    Database(#[from] sqlx::Error),
}

impl From<Status> for NotDone {
    fn from(status: Status) -> Self {
        Self::Order(Box::new(status))
    }
}

/// Errands that have begun and not ended, and how many of them are with whom.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    whose: HashMap<task::Id, Desk>,
    desks: HashMap<Desk, i64>,
}

impl UnderWay {
    fn free(&self) -> i64 {
        ROOM - i64::try_from(self.tasks.len()).unwrap_or(ROOM)
    }

    fn begin(&mut self, desk: Desk, errand: impl Future<Output = ()> + Send + 'static) {
        *self.desks.entry(desk.clone()).or_default() += 1;
        self.whose.insert(self.tasks.spawn(errand).id(), desk);
    }

    /// Forgets those that have ended, in whatever way.
    fn tidy(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
            let Some(desk) = self.whose.remove(&id) else { continue };
            if let Some(errands) = self.desks.get_mut(&desk) {
                *errands -= 1;
            }
        }
        self.desks.retain(|_, errands| *errands > 0);
    }
}

impl Worker {
    /// Asks until it is told to stop; then those under way end.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let worker = Arc::new(self);
        let mut under_way = UnderWay::default();
        let mut cleaned: Option<Instant> = None;
        while !stop.is_cancelled() {
            if cleaned.is_none_or(|at| at.elapsed() > CLEAN) {
                cleaned = Some(Instant::now());
                told("old errands stay", worker.errands.clean(clock::now()).await);
            }
            under_way.tidy();
            let due = worker.errands.take(clock::now(), under_way.free(), &under_way.desks).await;
            let due = told("nobody is asked", due).unwrap_or_default();
            let begun = !due.is_empty();
            for errand in due {
                let worker = worker.clone();
                under_way.begin((&errand).into(), async move { worker.go(errand).await });
            }
            if begun {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(LOOK) => (),
            }
        }
        while under_way.tasks.join_next().await.is_some() {}
    }

    async fn go(&self, errand: Errand) {
        let Ok(step) = errand.step.parse::<Step>() else { return };
        let next = match self.done(&errand, step).await {
            Ok(next) => next,
            Err(error) => {
                let (tenant, payment) = (&errand.tenant_id, &errand.payment_id);
                tracing::warn!(tenant, payment, step = step.as_ref(), error = %chain(&error),
                    "an errand has to be done again");
                Some(again(&errand, step))
            }
        };
        // What is on record says what comes next; else it is said here.
        let Some(Next { step, after }) = next else { return };
        told("an errand waits", self.errands.next(&errand, step, clock::now() + after).await);
    }

    async fn done(&self, errand: &Errand, step: Step) -> Result<Option<Next>, NotDone> {
        let provider: Option<Provider> = errand.provider.parse().ok();
        let client = provider.and_then(|it| self.merchants.client(&errand.tenant_id, it));
        // Another merchant knows nothing of it, and would say that it was never paid.
        let its_own = |client: &&Client| {
            errand.merchant_id.is_empty() || errand.merchant_id == client.merchant_id()
        };
        let Some(client) = client.filter(its_own) else {
            return self.nobody_to_ask(errand, step).await;
        };
        metrics::counter!("qudao_payment_errands_total", "step" => step.as_ref().to_owned())
            .increment(1);
        match step {
            Step::Present => self.present(client, errand).await,
            Step::LookUp => self.look_up(client, errand).await,
            Step::Close => self.close(client, errand).await,
            Step::Refund => self.refund(client, errand).await,
            Step::LookUpRefund => self.look_up_refund(client, errand).await,
            Step::Done => Ok(None),
        }
    }

    /// The brand has no contract with the provider, none any more, or none yet.
    async fn nobody_to_ask(&self, errand: &Errand, step: Step) -> Result<Option<Next>, NotDone> {
        let why = "没有该支付机构的商户配置 · no merchant of this provider is configured";
        let was_presented = !errand.merchant_id.is_empty();
        match step {
            Step::Present => self.teller.closed(of(errand), Some(why)).await.map(drop)?,
            // What the provider has, or owes, is asked once there is one again.
            _ if was_presented || !errand.refund_id.is_empty() => {
                return Ok(Some(Next { step, after: longest(step) }));
            }
            Step::LookUp | Step::Close | Step::Refund | Step::LookUpRefund | Step::Done => (),
        }
        Ok(Some(Next { step: Step::Done, after: TimeDelta::zero() }))
    }

    async fn present(&self, client: &Client, errand: &Errand) -> Result<Option<Next>, NotDone> {
        let scene = match errand.scene.as_str() {
            "phone" => Scene::Phone { client_ip: "127.0.0.1".to_owned() },
            _ => Scene::Code,
        };
        let charge = Charge {
            payment_id: errand.payment_id.clone(),
            amount: Minor(errand.amount_minor),
            subject: format!("订单 {}", errand.order_id),
            expires_at: errand.expires_at,
            notify_url: self.merchants.notify_url(&errand.tenant_id, client.provider()),
            scene,
        };
        match client.present(&charge).await {
            Ok(presented) => {
                self.errands.presented_for(errand, client.merchant_id()).await?;
                let heard = self.teller.presented(of(errand), presented.url).await?;
                let step = if self.known(errand, heard) { Step::LookUp } else { Step::Done };
                Ok(Some(Next { step, after: QUIET }))
            }
            Err(error) if error.is_passing() && clock::now() < errand.expires_at => {
                Err(error.into())
            }
            Err(error) => {
                self.teller.closed(of(errand), Some(&chain(&error))).await?;
                Ok(None)
            }
        }
    }

    async fn look_up(&self, client: &Client, errand: &Errand) -> Result<Option<Next>, NotDone> {
        match client.look_up(&errand.payment_id).await? {
            Standing::Paid(capture) => {
                let heard =
                    self.teller.captured(&errand.tenant_id, &capture, Source::LookUp).await?;
                self.known(errand, heard);
                Ok(Some(Next { step: Step::Done, after: TimeDelta::zero() }))
            }
            Standing::Closed => self.over(errand).await,
            Standing::Unknown | Standing::Waiting => {
                let left = errand.expires_at + GRACE - clock::now();
                if left > TimeDelta::zero() {
                    let after = pause(errand.tries.saturating_add(4), PAYMENT_PAUSE).min(left);
                    return Ok(Some(Next { step: Step::LookUp, after }));
                }
                match client.close(&errand.payment_id).await? {
                    Closing::Closed => self.over(errand).await,
                    Closing::AlreadyPaid => {
                        let after = pause(errand.tries, PAYMENT_PAUSE);
                        Ok(Some(Next { step: Step::LookUp, after }))
                    }
                }
            }
        }
    }

    /// Its time is over.
    async fn over(&self, errand: &Errand) -> Result<Option<Next>, NotDone> {
        self.teller.closed(of(errand), None).await?;
        Ok(Some(Next { step: Step::Done, after: TimeDelta::zero() }))
    }

    /// Nobody wants it to be paid any more. A code that somebody has already opened may be paid all
    /// the same until its time is over, so it is looked at then once more.
    async fn close(&self, client: &Client, errand: &Errand) -> Result<Option<Next>, NotDone> {
        let left = errand.expires_at + GRACE - clock::now();
        Ok(Some(match client.close(&errand.payment_id).await? {
            Closing::AlreadyPaid => Next { step: Step::LookUp, after: TimeDelta::zero() },
            Closing::Closed => Next { step: Step::LookUp, after: left.max(TimeDelta::zero()) },
        }))
    }

    /// Whether the order context knows the payment; its log may be an older one than this.
    fn known(&self, errand: &Errand, heard: Heard) -> bool {
        if heard == Heard::Unknown {
            let (tenant, payment) = (&errand.tenant_id, &errand.payment_id);
            tracing::error!(tenant, payment, "a provider was asked about a payment of nobody");
        }
        heard == Heard::Noted
    }
}

pub(crate) fn of(errand: &Errand) -> Of<'_> {
    Of { tenant: &errand.tenant_id, payment_id: &errand.payment_id }
}

/// The pause after so many tries: half a second, then twice as long each time.
pub(crate) fn pause(tries: i32, longest: TimeDelta) -> TimeDelta {
    let doubled = u32::try_from(tries.clamp(0, 20)).unwrap_or(0);
    let pause = TimeDelta::milliseconds(500_i64 << doubled);
    pause.min(longest)
}

/// When it is tried again. Nobody gives up: money may be with the provider. But of a payment whose
/// time is over for a day it is asked once an hour.
fn again(errand: &Errand, step: Step) -> Next {
    if step != Step::Present && clock::now() > errand.expires_at + PATIENCE {
        tracing::error!(
            tenant = errand.tenant_id,
            payment = errand.payment_id,
            "a provider says nothing about a payment whose time is over; look there"
        );
        return Next { step, after: RARELY };
    }
    Next { step, after: pause(errand.tries, longest(step)) }
}

fn longest(step: Step) -> TimeDelta {
    match step {
        Step::Refund | Step::LookUpRefund => REFUND_PAUSE,
        Step::Present => QUIET,
        Step::LookUp | Step::Close | Step::Done => PAYMENT_PAUSE,
    }
}

/// A failure of the database is told; what was to be done is done later.
fn told<T>(what: &'static str, done: sqlx::Result<T>) -> Option<T> {
    match done {
        Ok(done) => Some(done),
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::warn!(error = %chain(error), "{what}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn errands_are_counted_by_desk_until_they_end_even_badly() {
        let desk = |provider: &str| Desk { tenant_id: "t".into(), provider: provider.into() };
        let mut under_way = UnderWay::default();
        under_way.begin(desk("alipay"), async {});
        under_way.begin(desk("alipay"), std::future::pending());
        under_way.begin(desk("wechat_pay"), async { panic!("an errand that ends badly") });
        assert_eq!(under_way.free(), 29);
        while under_way.tasks.len() > 1 {
            tokio::task::yield_now().await;
            under_way.tidy();
        }
        assert_eq!(under_way.desks, HashMap::from([(desk("alipay"), 1)]));
    }

    #[test]
    fn pauses_grow_up_to_their_longest() {
        let pauses: Vec<_> = (0..8).map(|tries| pause(tries, PAYMENT_PAUSE)).collect();
        assert_eq!(pauses[0], TimeDelta::milliseconds(500));
        assert_eq!(pauses[3], TimeDelta::seconds(4));
        assert_eq!(pauses[7], PAYMENT_PAUSE);
        assert_eq!(pause(i32::MAX, REFUND_PAUSE), REFUND_PAUSE);
        assert_eq!(pause(-1, REFUND_PAUSE), TimeDelta::milliseconds(500));
    }
}
