//! A simulator's inside: its books, its keys, its manners, and what happens in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::clock;
use kernel::outbound::Outbound;
use psp::Provider;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::PayError;
use crate::books::{Books, Payment, RefundState, Refunded, State, Transactions};
use crate::control::Misbehaviour;
use crate::keys::Keys;
use crate::merchants::{Account, Merchants};
use crate::notices::{self, Subject};

/// What one answer costs when it is made to hang.
pub(crate) const HANG: Duration = Duration::from_secs(30);
/// How long WeChat Pay takes for a refund, before time is hastened.
const REFUND: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) keys: Arc<Keys>,
    pub(crate) merchants: Merchants,
    pub(crate) outbound: Outbound,
    pub(crate) stop: CancellationToken,
    /// How many notices were made: one that is held back waits for the next.
    pub(crate) made: watch::Sender<u64>,
    /// How many times notices were sent.
    pub(crate) sent: watch::Sender<u64>,
    hasten: u32,
    books: Mutex<Books>,
    manners: Mutex<Misbehaviour>,
}

impl World {
    pub(crate) fn new(
        base: String,
        hasten: u32,
        keys: Arc<Keys>,
        outbound: Outbound,
        stop: CancellationToken,
    ) -> Self {
        Self {
            base,
            keys,
            merchants: Merchants::new(),
            outbound,
            stop,
            made: watch::Sender::new(0),
            sent: watch::Sender::new(0),
            hasten: hasten.max(1),
            books: Mutex::default(),
            manners: Mutex::default(),
        }
    }

    /// The books, with what has expired closed.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        books.expire(clock::now());
        books
    }

    pub(crate) fn manners(&self) -> Misbehaviour {
        self.manners_mut().clone()
    }

    pub(crate) fn manners_mut(&self) -> MutexGuard<'_, Misbehaviour> {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn transactions(&self) -> Transactions {
        self.books().all.clone()
    }

    /// The books as a bill has them: as they are, or as they were made to be wrong.
    pub(crate) fn billed(&self) -> Transactions {
        let manners = self.manners();
        let mut all = self.transactions();
        let paid = |payment: &&Payment| payment.paid_at.is_some();
        let stranger = all.payments.iter().find(paid).filter(|_| manners.bill_stranger).cloned();
        for payment in &mut all.payments {
            payment.amount = values::Minor(payment.amount.0 + manners.bill_delta);
        }
        all.payments.extend(stranger.map(|payment| Payment {
            payment_id: "STRANGER000001".to_owned(),
            transaction_id: format!("{}9", payment.transaction_id),
            ..payment
        }));
        all
    }

    /// A time as it passes here.
    pub(crate) fn hastened(&self, time: Duration) -> Duration {
        time / self.hasten
    }

    /// Waits before an answer when it is made to hang, and says whether it is made to fail.
    pub(crate) async fn is_failing(&self) -> bool {
        let (hangs, fails) = {
            let mut manners = self.manners_mut();
            let hangs = manners.hang_next > 0;
            manners.hang_next = manners.hang_next.saturating_sub(1);
            // What hangs comes at last, and does not use up what fails.
            let fails = !hangs && manners.fail_next > 0;
            manners.fail_next -= u32::from(fails);
            (hangs, fails)
        };
        if hangs {
            tokio::time::sleep(HANG).await;
        }
        fails
    }

    /// Pays the payment of a page.
    pub(crate) fn pay(self: &Arc<Self>, page_id: &str) -> Result<(), PayError> {
        let payment = {
            let mut books = self.books();
            let payment = books.paged(page_id).ok_or(PayError::Unknown)?;
            match payment.state {
                State::Waiting => {}
                State::Paid => return Err(PayError::Paid),
                State::Closed => return Err(PayError::Closed),
            }
            payment.state = State::Paid;
            payment.is_seen = true;
            payment.paid_at = Some(clock::now());
            payment.clone()
        };
        let url = payment.notify_url.clone();
        notices::tell(self, &payment, None, Subject::Paid, url);
        Ok(())
    }

    /// Writes a refund down. WeChat Pay takes a moment for it, Alipay none.
    pub(crate) fn refund(self: &Arc<Self>, payment: &Payment, refund: Refunded) {
        let (provider, is_alipay) = (payment.provider, payment.provider == Provider::Alipay);
        let id = (refund.merchant_id.clone(), refund.refund_id.clone());
        self.books().all.refunds.push(refund);
        let (world, payment) = (Arc::clone(self), payment.clone());
        if is_alipay {
            world.settle(provider, &payment, &id, true);
            return;
        }
        let is_paid_back = !self.manners().refunds_fail;
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(world.hastened(REFUND)) => {
                    world.settle(provider, &payment, &id, is_paid_back);
                }
                () = world.stop.cancelled() => {}
            }
        });
    }

    fn settle(
        self: &Arc<Self>,
        provider: Provider,
        payment: &Payment,
        (merchant_id, refund_id): &(String, String),
        is_paid_back: bool,
    ) {
        let settled = {
            let mut books = self.books();
            let Some(refund) = books.refund(merchant_id, refund_id) else { return };
            refund.state = if is_paid_back { RefundState::Done } else { RefundState::Failed };
            refund.refunded_at = is_paid_back.then(clock::now);
            refund.clone()
        };
        let url = match provider {
            Provider::WechatPay => settled.notify_url.clone(),
            Provider::Alipay => payment.notify_url.clone(),
        };
        notices::tell(self, payment, Some(settled), Subject::Refund, url);
    }

    /// What a merchant asks to be paid: the page of it, or why not.
    pub(crate) fn present(&self, wanted: Wanted<'_>) -> Result<String, Present> {
        let now = clock::now();
        let mut books = self.books();
        if let Some(known) = books.payment(wanted.account.id, wanted.payment_id) {
            // A link is made of the same data each time, and leads to the same page.
            let is_same = known.amount == wanted.amount
                && known.subject == wanted.subject
                && known.notify_url == wanted.notify_url
                && known.scene == wanted.scene
                && wanted.expires_at.is_none_or(|at| at == known.expires_at);
            return match known.state {
                State::Paid => Err(Present::Paid),
                State::Closed => Err(Present::Closed),
                State::Waiting if is_same => Ok(known.page_id.clone()),
                State::Waiting => Err(Present::Other),
            };
        }
        let expires_at = wanted.expires_at.unwrap_or(now + chrono::TimeDelta::hours(2));
        if expires_at <= now {
            return Err(Present::Late);
        }
        let page_id = uuid::Uuid::new_v4().simple().to_string();
        let number = books.all.payments.len() + 1;
        let prefix = match wanted.account.provider {
            Provider::WechatPay => "42000",
            Provider::Alipay => "",
        };
        books.all.payments.push(Payment {
            provider: wanted.account.provider,
            merchant_id: wanted.account.id.to_owned(),
            payment_id: wanted.payment_id.to_owned(),
            transaction_id: format!("{prefix}{}{number:010}", now.format("%Y%m%d%H%M%S")),
            page_id: page_id.clone(),
            subject: wanted.subject.to_owned(),
            amount: wanted.amount,
            scene: wanted.scene,
            created_at: now,
            expires_at,
            notify_url: wanted.notify_url.to_owned(),
            state: State::Waiting,
            paid_at: None,
            is_seen: false,
        });
        Ok(page_id)
    }
}

/// What a merchant asks to be paid.
pub(crate) struct Wanted<'a> {
    pub(crate) account: &'a Account,
    pub(crate) payment_id: &'a str,
    pub(crate) amount: values::Minor,
    pub(crate) subject: &'a str,
    pub(crate) notify_url: &'a str,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) scene: &'static str,
}

/// Why it can not be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Present {
    /// It was.
    Paid,
    /// It is closed.
    Closed,
    /// The number is that of something else.
    Other,
    /// It has expired before it began.
    Late,
}
