//! A payment that was started, and what may happen to it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use values::{Currency, DealerId, Minor, OrderId, PaymentId};

use super::{
    Closure, Decision, MAX_REFUNDS, MAX_REFUNDS_OF_CHANGES, Mismatch, PaymentEvent, PaymentRefusal,
    PaymentStarted, PaymentStatus, Transaction, Verdict,
};

/// A payment that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The payment.
    pub payment_id: PaymentId,
    /// What is paid.
    pub order_id: OrderId,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What is to be paid.
    pub amount: Minor,
    /// Until when it can be paid.
    pub expires_at: DateTime<Utc>,
    /// Whether it can be.
    pub gate: Gate,
    /// What the provider has.
    pub captured: Option<Transaction>,
    /// What it tells that does not fit, and nobody has decided about.
    pub parked: Option<Parked>,
    /// What was told of which a person has said that there is no such money: the number of the
    /// transaction, how much, and the currency.
    pub dismissed: Vec<(String, Minor, String)>,
    /// What goes back.
    pub refunds: Vec<Refund>,
}

/// Something that a provider tells and that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// What does not.
    pub why: Mismatch,
    /// What it tells.
    pub transaction: Transaction,
    /// The currency that it tells.
    pub currency_code: String,
}

/// Whether a payment can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gate {
    /// The provider was not asked.
    Unasked,
    /// It can.
    Open,
    /// It can not, or not any more.
    Closed,
}

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its number.
    pub refund_id: PaymentId,
    /// How much.
    pub amount: Minor,
    /// How it went.
    pub outcome: Outcome,
}

/// How a refund went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Nobody knows yet.
    Asked,
    /// The money is back.
    Done,
    /// It is not.
    Failed,
    /// It is not, and was asked for anew under another number.
    Replaced,
}

impl From<PaymentStarted> for Attempt {
    fn from(started: PaymentStarted) -> Self {
        Self {
            payment_id: started.payment_id,
            order_id: started.order_id,
            dealer_id: started.dealer_id,
            currency: started.currency,
            amount: started.amount_minor,
            expires_at: started.expires_at,
            gate: Gate::Unasked,
            captured: None,
            parked: None,
            dismissed: Vec::new(),
            refunds: Vec::new(),
        }
    }
}

impl Attempt {
    /// What people see: the one place where it becomes a status.
    pub fn status(&self) -> PaymentStatus {
        let refunded = |outcome| self.refunds.iter().any(|it| it.outcome == outcome);
        match (&self.parked, &self.captured) {
            (Some(_), _) => PaymentStatus::Parked,
            (None, Some(_)) if refunded(Outcome::Failed) => PaymentStatus::RefundFailed,
            (None, Some(_)) if refunded(Outcome::Asked) => PaymentStatus::Refunding,
            (None, Some(_)) if self.refundable() == Minor::ZERO => PaymentStatus::Refunded,
            (None, Some(_)) if refunded(Outcome::Done) => PaymentStatus::PartlyRefunded,
            (None, Some(_)) => PaymentStatus::Captured,
            (None, None) => match self.gate {
                Gate::Unasked => PaymentStatus::Starting,
                Gate::Open => PaymentStatus::Waiting,
                Gate::Closed => PaymentStatus::Closed,
            },
        }
    }

    /// What is left of the captured money, and can be refunded.
    pub fn refundable(&self) -> Minor {
        let captured = self.captured.as_ref().map_or(Minor::ZERO, |it| it.amount_minor);
        let gone = self.refunds.iter().filter(|it| it.outcome != Outcome::Replaced);
        Minor(captured.0 - gone.map(|it| it.amount.0).sum::<i64>())
    }

    pub(super) fn evolve(&mut self, event: PaymentEvent) {
        match event {
            PaymentEvent::PaymentStarted(_) => (),
            PaymentEvent::PaymentPresented { .. } => self.gate = Gate::Open,
            PaymentEvent::PaymentCaptured { transaction, .. } => {
                self.gate = Gate::Closed;
                self.parked = None;
                self.captured = Some(transaction);
            }
            PaymentEvent::PaymentParked { transaction, currency_code, why, .. } => {
                self.parked = Some(Parked { why, transaction, currency_code });
            }
            PaymentEvent::ParkedPaymentDismissed {
                transaction_id,
                amount_minor,
                currency_code,
                ..
            } => {
                self.parked = None;
                self.dismissed.push((transaction_id, amount_minor, currency_code));
            }
            PaymentEvent::PaymentClosed { .. } => self.gate = Gate::Closed,
            PaymentEvent::RefundRequested { refund_id, amount_minor: amount, replaces, .. } => {
                if let Some(failed) = replaces {
                    self.end(&failed, Outcome::Replaced);
                }
                self.refunds.push(Refund { refund_id, amount, outcome: Outcome::Asked });
            }
            PaymentEvent::RefundCompleted { refund_id, .. } => self.end(&refund_id, Outcome::Done),
            PaymentEvent::RefundFailed { refund_id, .. } => self.end(&refund_id, Outcome::Failed),
        }
    }

    fn end(&mut self, refund_id: &PaymentId, outcome: Outcome) {
        if let Some(refund) = self.refunds.iter_mut().find(|it| it.refund_id == *refund_id) {
            refund.outcome = outcome;
        }
    }

    pub(super) fn present(&self, url: String) -> Decision {
        match (self.gate, &self.captured) {
            (_, Some(_)) => Err(PaymentRefusal::AlreadyCaptured),
            (Gate::Open, None) => Err(PaymentRefusal::AlreadyPresented),
            (Gate::Closed, None) => Err(PaymentRefusal::AlreadyClosed),
            (Gate::Unasked, None) => {
                let payment_id = self.payment_id.clone();
                Ok(self.tell(PaymentEvent::PaymentPresented { payment_id, url, status: UNKNOWN }))
            }
        }
    }

    pub(super) fn capture(
        &self,
        told: Transaction,
        currency_code: String,
        (needed, looked_up): (Minor, bool),
    ) -> Decision {
        let known = |it: &Transaction| it.transaction_id == told.transaction_id;
        if self.captured.as_ref().is_some_and(known) {
            return Err(PaymentRefusal::AlreadyCaptured);
        }
        let statement = (told.transaction_id.clone(), told.amount_minor, currency_code.clone());
        // Whoever dismissed it may have been wrong: who asks the provider is told again.
        if !looked_up && self.dismissed.contains(&statement) {
            return Err(PaymentRefusal::AlreadyDismissed);
        }
        if self.parked.is_some() {
            return Err(PaymentRefusal::AlreadyParked);
        }
        let mismatch = if self.captured.is_some() {
            Some(Mismatch::PaidTwice)
        } else if currency_code != self.currency.as_str() {
            Some(Mismatch::Currency)
        } else {
            (told.amount_minor != self.amount).then_some(Mismatch::Amount)
        };
        match mismatch {
            None => self.captured(told, needed, "订单不再需要这笔款 / not needed any more"),
            Some(why) => Ok(self.tell(PaymentEvent::PaymentParked {
                payment_id: self.payment_id.clone(),
                expected_minor: self.amount,
                transaction: told,
                currency_code,
                why,
                status: UNKNOWN,
            })),
        }
    }

    /// The brand has the money: the order takes what it needs, the rest goes back.
    fn captured(&self, transaction: Transaction, needed: Minor, reason: &str) -> Decision {
        let allocated = needed.min(transaction.amount_minor).max(Minor::ZERO);
        let rest = Minor(transaction.amount_minor.0 - allocated.0);
        let mut facts = self.tell(PaymentEvent::PaymentCaptured {
            payment_id: self.payment_id.clone(),
            order_id: self.order_id.clone(),
            currency: self.currency.clone(),
            transaction,
            allocated_minor: allocated,
            status: UNKNOWN,
        });
        if rest > Minor::ZERO {
            let after = self.after(&facts);
            facts.extend(after.refund(rest, reason.to_owned())?);
        }
        Ok(facts)
    }

    pub(super) fn settle(&self, verdict: Verdict, needed: Minor, reason: String) -> Decision {
        let Some(Parked { why, transaction: told, currency_code }) = self.parked.clone() else {
            return Err(PaymentRefusal::NotParked);
        };
        match verdict {
            Verdict::Dismiss => Ok(self.tell(PaymentEvent::ParkedPaymentDismissed {
                payment_id: self.payment_id.clone(),
                transaction_id: told.transaction_id,
                amount_minor: told.amount_minor,
                currency_code,
                reason,
                status: UNKNOWN,
            })),
            // What is no amount of this payment can not be booked as one.
            _ if why != Mismatch::Amount => Err(PaymentRefusal::OnlyDismissed),
            Verdict::Take => self.captured(told, needed, &reason),
            Verdict::GiveBack => self.captured(told, Minor::ZERO, &reason),
        }
    }

    pub(super) fn close(&self, why: Closure, detail: String) -> Decision {
        if self.captured.is_some() {
            return Err(PaymentRefusal::AlreadyCaptured);
        }
        if self.gate == Gate::Closed {
            return Err(PaymentRefusal::AlreadyClosed);
        }
        let payment_id = self.payment_id.clone();
        Ok(self.tell(PaymentEvent::PaymentClosed { payment_id, why, detail, status: UNKNOWN }))
    }

    pub(super) fn refund(&self, amount: Minor, reason: String) -> Decision {
        if self.captured.is_none() {
            return Err(PaymentRefusal::NotCaptured);
        }
        let left = self.refundable();
        if amount > left {
            let currency = self.currency.clone();
            return Err(PaymentRefusal::RefundTooLarge { left, currency });
        }
        self.must_be_one_of(MAX_REFUNDS - 1, amount)?;
        Ok(self.ask_back(amount, reason, None))
    }

    /// Whether a change of the order may give so much of it back.
    ///
    /// # Errors
    /// When that was done so often that what is left is kept for what ends the order.
    pub fn may_give_back(&self, amount: Minor) -> Result<(), PaymentRefusal> {
        self.must_be_one_of(MAX_REFUNDS_OF_CHANGES, amount)
    }

    /// What gives all back that is left is never one too many.
    fn must_be_one_of(&self, most: usize, amount: Minor) -> Result<(), PaymentRefusal> {
        let refunds = self.refunds.iter().filter(|it| it.outcome != Outcome::Replaced).count();
        match refunds >= most && amount != self.refundable() {
            true => Err(PaymentRefusal::TooManyRefunds { refunds }),
            false => Ok(()),
        }
    }

    pub(super) fn note_refund(&self, refund_id: PaymentId, failed: Option<String>) -> Decision {
        let payment_id = self.payment_id.clone();
        // What has failed may be done by hand at the provider.
        match (self.find(&refund_id)?.outcome, &failed) {
            (Outcome::Asked, _) | (Outcome::Failed, None) => Ok(self.tell(match failed {
                None => PaymentEvent::RefundCompleted { payment_id, refund_id, status: UNKNOWN },
                Some(detail) => {
                    PaymentEvent::RefundFailed { payment_id, refund_id, detail, status: UNKNOWN }
                }
            })),
            (Outcome::Done | Outcome::Failed | Outcome::Replaced, _) => {
                Err(PaymentRefusal::RefundOver)
            }
        }
    }

    pub(super) fn retry_refund(&self, refund_id: &PaymentId, reason: String) -> Decision {
        let refund = self.find(refund_id)?;
        match refund.outcome {
            Outcome::Failed => Ok(self.ask_back(refund.amount, reason, Some(refund_id.clone()))),
            Outcome::Asked => Err(PaymentRefusal::RefundNotFailed),
            Outcome::Done | Outcome::Replaced => Err(PaymentRefusal::RefundOver),
        }
    }

    fn find(&self, refund_id: &PaymentId) -> Result<&Refund, PaymentRefusal> {
        let found = self.refunds.iter().find(|it| it.refund_id == *refund_id);
        found.ok_or(PaymentRefusal::RefundNotFound)
    }

    fn ask_back(
        &self,
        amount: Minor,
        reason: String,
        replaces: Option<PaymentId>,
    ) -> Vec<PaymentEvent> {
        self.tell(PaymentEvent::RefundRequested {
            payment_id: self.payment_id.clone(),
            refund_id: self.payment_id.refund(self.refunds.len()),
            currency: self.currency.clone(),
            amount_minor: amount,
            reason,
            replaces,
            status: UNKNOWN,
        })
    }

    /// A fact with what people see after it.
    fn tell(&self, mut fact: PaymentEvent) -> Vec<PaymentEvent> {
        let status = self.after(std::slice::from_ref(&fact)).status();
        fact.set_status(status);
        vec![fact]
    }

    fn after(&self, facts: &[PaymentEvent]) -> Self {
        let mut after = self.clone();
        for fact in facts {
            after.evolve(fact.clone());
        }
        after
    }
}

/// Stands in a fact until what it leads to is known.
const UNKNOWN: PaymentStatus = PaymentStatus::Starting;
