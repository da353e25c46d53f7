//! The credit of a dealer (信用额度): how much it may order before it has paid.
//!
//! One object for each line of credit, so no two orders take the same credit. What orders that were
//! not delivered take is reserved (占用); what was delivered and not paid is owed (应收), and due
//! some days later. Both together never grow above the limit with what is added to it for a while
//! (临时额度). A limit that is lowered cancels nothing: it only keeps new orders out.

pub mod event;

use std::collections::BTreeMap;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, DealerId, Minor, OrderId, RemittanceId};

pub use event::{CreditEvent, Exposure, HoldReason, OrderCredit, Paid};

use crate::funds::FundsRefusal;
use crate::shift::Shift;

/// Additions to a limit that can count at the same time.
pub const MAX_GRANTS: usize = 20;

/// What can be asked of a credit account.
#[derive(Clone, Debug)]
pub enum CreditCommand {
    /// Says how much there is.
    SetLimit {
        /// Whose it is.
        dealer_id: DealerId,
        /// In this currency.
        currency: Currency,
        /// How much.
        limit: Minor,
        /// Days after a delivery until it is to be paid.
        payment_days: u32,
        /// In the words of the person who says so; may be empty.
        reason: String,
    },
    /// Adds to it for a while.
    Grant {
        /// How much, and until when.
        grant: Grant,
        /// The day on which it is asked.
        today: BusinessDate,
        /// In the words of the person who does it.
        reason: String,
    },
    /// Ends all that was added for a while.
    EndGrants {
        /// The day on which it is asked.
        today: BusinessDate,
        /// In the words of the person who does it.
        reason: String,
    },
    /// Gives no more credit.
    Block {
        /// In the words of the person who does it.
        reason: String,
    },
    /// Gives credit again.
    Unblock {
        /// In the words of the person who does it.
        reason: String,
    },
    /// Follows an order.
    Follow(Box<Following>),
    /// Pays what is owed, the oldest first.
    Repay {
        /// With this money.
        remittance_id: RemittanceId,
        /// What the bank calls the transfer.
        bank_reference: String,
        /// Who paid: the holder pays for all who draw on its credit, others for themselves.
        payer: DealerId,
        /// How much; not more than is owed.
        amount: Minor,
    },
}

/// What changes for an order.
#[derive(Clone, Debug)]
pub struct Following {
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// The order.
    pub order_id: OrderId,
    /// In this currency.
    pub currency: Currency,
    /// What changes.
    pub shift: Shift,
    /// The day on which it changes.
    pub today: BusinessDate,
    /// What counts where more is to be reserved.
    pub terms: Lending,
}

/// On which terms credit is given.
#[derive(Clone, Debug, Default)]
pub struct Lending {
    /// Days by which payments may be late; none: they keep nothing back.
    pub grace_days: Option<u32>,
    /// What is added to the limit at the same time, with why.
    pub grant: Option<(Grant, String)>,
}

/// An addition to a limit for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// How much.
    pub amount: Minor,
    /// The last day on which it counts.
    pub until: BusinessDate,
}

/// A credit account; its object id is the id of the dealer who holds it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum CreditAccount {
    /// The dealer never had credit.
    #[default]
    None,
    /// It has, or had.
    Given(Box<Line>),
}

/// A line of credit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Who holds it.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// How much there is.
    pub limit: Minor,
    /// Days after a delivery until it is to be paid.
    pub payment_days: u32,
    /// What is added for a while.
    pub grants: Vec<Grant>,
    /// Why no more is given, when it is not.
    pub blocked: Option<String>,
    /// What all orders together have of it.
    pub exposure: Exposure,
    /// What orders that were not delivered take.
    pub reserved: BTreeMap<OrderId, Minor>,
    /// What was delivered and not paid, by due day.
    pub owed: Vec<Owed>,
}

/// What is owed for a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// When it is to be paid.
    pub due_on: BusinessDate,
    /// What of it is not paid.
    pub open: Minor,
}

/// Why an order is given no credit, and how much of it is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denial {
    /// Why; none when it is given.
    pub reasons: Vec<HoldReason>,
    /// How much more there would have to be.
    pub missing: Minor,
}

impl Line {
    /// All there is on a day.
    pub fn ceiling(&self, on: BusinessDate) -> Minor {
        let added = self.grants.iter().filter(|grant| grant.until >= on).map(|grant| grant.amount);
        Minor(self.limit.0.saturating_add(added.sum::<Minor>().0))
    }

    /// What orders can still take on a day; nothing when more is taken than there is.
    pub fn available(&self, on: BusinessDate) -> Minor {
        Minor(self.ceiling(on).0.saturating_sub(self.exposure.total().0).max(0))
    }

    /// By how many days payments are late.
    pub fn days_late(&self, on: BusinessDate) -> u32 {
        self.owed.iter().map(|owed| on.days_since(owed.due_on)).max().unwrap_or_default()
    }

    /// What a dealer can pay of what is owed: the holder everything.
    pub fn owed_by(&self, payer: &DealerId) -> Minor {
        self.of_payer(payer).map(|owed| owed.open).sum()
    }

    fn of_payer<'a>(&'a self, payer: &'a DealerId) -> impl Iterator<Item = &'a Owed> {
        let all = *payer == self.dealer_id;
        self.owed.iter().filter(move |owed| all || owed.dealer_id == *payer)
    }

    /// Whether an order would be given so much on a day.
    pub fn look(&self, wanted: Minor, on: BusinessDate, grace_days: Option<u32>) -> Denial {
        let missing = Minor((wanted.0.saturating_sub(self.available(on).0)).max(0));
        let late = grace_days.is_some_and(|grace| self.days_late(on) > grace);
        let reasons = [
            (missing.0 > 0, HoldReason::OverLimit),
            (late, HoldReason::Overdue),
            (self.blocked.is_some(), HoldReason::Blocked),
        ];
        let reasons = reasons.into_iter().filter_map(|(so, reason)| so.then_some(reason));
        Denial { reasons: reasons.collect(), missing }
    }

    /// What the payment of an amount pays, the oldest first.
    fn paid_by(&self, payer: &DealerId, amount: Minor) -> Vec<Paid> {
        let mut left = amount;
        let mut paid = Vec::new();
        for owed in self.of_payer(payer) {
            let part = owed.open.min(left);
            if part == Minor::ZERO {
                break;
            }
            left = Minor(left.0 - part.0);
            paid.push(Paid {
                order_id: owed.order_id.clone(),
                due_on: owed.due_on,
                amount_minor: part,
            });
        }
        paid
    }

    fn grant(
        &self,
        grant: Grant,
        today: BusinessDate,
        reason: String,
    ) -> Result<CreditEvent, FundsRefusal> {
        if grant.until < today {
            return Err(FundsRefusal::DayIsOver);
        }
        if self.grants.iter().filter(|other| other.until >= today).count() >= MAX_GRANTS {
            return Err(FundsRefusal::TooManyGrants);
        }
        Ok(CreditEvent::TemporaryCreditGranted {
            dealer_id: self.dealer_id.clone(),
            currency: self.currency.clone(),
            amount_minor: grant.amount,
            until: grant.until,
            granted_on: today,
            reason,
        })
    }

    fn follow(&self, following: Following) -> Result<Vec<CreditEvent>, FundsRefusal> {
        let Following { dealer_id, order_id, currency, shift, today, terms } = following;
        if currency != self.currency {
            return Err(FundsRefusal::OtherCurrency { currency: self.currency.clone() });
        }
        let mut events = Vec::new();
        let mut line = self.clone();
        if let Some((grant, reason)) = terms.grant {
            let granted = self.grant(grant, today, reason)?;
            line.evolve(granted.clone());
            events.push(granted);
        }
        if shift.hold.0 > 0 {
            let Denial { reasons, missing } = line.look(shift.hold, today, terms.grace_days);
            if !reasons.is_empty() {
                return Err(FundsRefusal::CreditDenied { reasons, missing, currency });
            }
        }
        let due_on = today.plus_days(self.payment_days);
        let mut after = self.exposure;
        // What is taken, owed and free again, with how each changes what is reserved and owed.
        type Made = fn(OrderCredit) -> CreditEvent;
        for (amount, made, reserved, owed) in [
            (shift.hold, CreditEvent::CreditReserved as Made, 1, 0),
            (shift.capture, CreditEvent::CreditConsumed, -1, 1),
            (shift.release, CreditEvent::CreditFreed, -1, 0),
        ] {
            if amount == Minor::ZERO {
                continue;
            }
            after.reserved_minor.0 += reserved * amount.0;
            after.receivable_minor.0 += owed * amount.0;
            events.push(made(OrderCredit {
                dealer_id: self.dealer_id.clone(),
                order_id: order_id.clone(),
                order_dealer_id: dealer_id.clone(),
                currency: self.currency.clone(),
                amount_minor: amount,
                due_on: (owed == 1).then_some(due_on),
                after,
            }));
        }
        Ok(events)
    }

    fn evolve(&mut self, event: CreditEvent) {
        match event {
            CreditEvent::CreditLimitSet { currency, limit_minor, payment_days, .. } => {
                self.currency = currency;
                self.limit = limit_minor;
                self.payment_days = payment_days;
            }
            CreditEvent::TemporaryCreditGranted { amount_minor, until, granted_on, .. } => {
                self.grants.retain(|grant| grant.until >= granted_on);
                self.grants.push(Grant { amount: amount_minor, until });
            }
            CreditEvent::TemporaryCreditEnded { .. } => self.grants.clear(),
            CreditEvent::CreditBlocked { reason, .. } => self.blocked = Some(reason),
            CreditEvent::CreditUnblocked { .. } => self.blocked = None,
            CreditEvent::CreditReserved(it) => {
                self.exposure = it.after;
                let taken = self.reserved.entry(it.order_id).or_default();
                taken.0 += it.amount_minor.0;
            }
            CreditEvent::CreditFreed(it) => {
                self.exposure = it.after;
                self.give_back(&it.order_id, it.amount_minor);
            }
            CreditEvent::CreditConsumed(it) => {
                self.exposure = it.after;
                self.give_back(&it.order_id, it.amount_minor);
                if let Some(due_on) = it.due_on {
                    self.owe(it.order_id, it.order_dealer_id, due_on, it.amount_minor);
                }
            }
            CreditEvent::CreditRepaid { paid, after, .. } => {
                self.exposure = after;
                for Paid { order_id, due_on, amount_minor } in paid {
                    let same =
                        |owed: &&mut Owed| owed.order_id == order_id && owed.due_on == due_on;
                    if let Some(owed) = self.owed.iter_mut().find(same) {
                        owed.open.0 -= amount_minor.0;
                    }
                }
                self.owed.retain(|owed| owed.open.0 > 0);
            }
        }
    }

    fn give_back(&mut self, order_id: &OrderId, amount: Minor) {
        if let Some(taken) = self.reserved.get_mut(order_id) {
            taken.0 -= amount.0;
        }
        self.reserved.retain(|_, taken| taken.0 > 0);
    }

    fn owe(&mut self, order_id: OrderId, dealer_id: DealerId, due_on: BusinessDate, open: Minor) {
        let same = |owed: &&mut Owed| owed.order_id == order_id && owed.due_on == due_on;
        if let Some(owed) = self.owed.iter_mut().find(same) {
            owed.open.0 += open.0;
            return;
        }
        let place = self.owed.partition_point(|owed| owed.due_on <= due_on);
        self.owed.insert(place, Owed { order_id, dealer_id, due_on, open });
    }
}

impl CreditAccount {
    /// The line, when there ever was one.
    pub fn line(&self) -> Option<&Line> {
        match self {
            Self::None => None,
            Self::Given(line) => Some(line),
        }
    }

    fn given(&self) -> Result<&Line, FundsRefusal> {
        self.line().ok_or(FundsRefusal::NoCredit)
    }

    fn set_limit(
        &self,
        dealer_id: DealerId,
        currency: Currency,
        (limit_minor, payment_days): (Minor, u32),
        reason: String,
    ) -> Result<Vec<CreditEvent>, FundsRefusal> {
        if let Some(line) = self.line() {
            let in_use = line.exposure.total() != Minor::ZERO || !line.grants.is_empty();
            if in_use && line.currency != currency {
                return Err(FundsRefusal::OtherCurrency { currency: line.currency.clone() });
            }
            let same = (&line.currency, line.limit, line.payment_days);
            if same == (&currency, limit_minor, payment_days) {
                return Ok(Vec::new());
            }
        }
        Ok(vec![CreditEvent::CreditLimitSet {
            dealer_id,
            currency,
            limit_minor,
            payment_days,
            reason,
        }])
    }
}

impl Decider for CreditAccount {
    const AGGREGATE: &'static str = "credit_account";
    type Command = CreditCommand;
    type Event = CreditEvent;
    type Refusal = FundsRefusal;

    fn decide(&self, command: CreditCommand) -> Result<Vec<CreditEvent>, FundsRefusal> {
        match command {
            CreditCommand::SetLimit { dealer_id, currency, limit, payment_days, reason } => {
                self.set_limit(dealer_id, currency, (limit, payment_days), reason)
            }
            CreditCommand::Grant { grant, today, reason } => {
                Ok(vec![self.given()?.grant(grant, today, reason)?])
            }
            CreditCommand::EndGrants { today, reason } => {
                let line = self.given()?;
                if !line.grants.iter().any(|grant| grant.until >= today) {
                    return Err(FundsRefusal::NoTemporaryCredit);
                }
                let dealer_id = line.dealer_id.clone();
                Ok(vec![CreditEvent::TemporaryCreditEnded { dealer_id, reason }])
            }
            CreditCommand::Block { reason } => {
                let line = self.given()?;
                if line.blocked.is_some() {
                    return Err(FundsRefusal::AlreadyBlocked);
                }
                let dealer_id = line.dealer_id.clone();
                Ok(vec![CreditEvent::CreditBlocked { dealer_id, reason }])
            }
            CreditCommand::Unblock { reason } => {
                let line = self.given()?;
                if line.blocked.is_none() {
                    return Err(FundsRefusal::NotBlocked);
                }
                let dealer_id = line.dealer_id.clone();
                Ok(vec![CreditEvent::CreditUnblocked { dealer_id, reason }])
            }
            CreditCommand::Follow(following) => self.given()?.follow(*following),
            CreditCommand::Repay { remittance_id, bank_reference, payer, amount } => {
                let line = self.given()?;
                let paid = line.paid_by(&payer, amount);
                let amount_minor = paid.iter().map(|paid| paid.amount_minor).sum::<Minor>();
                let owed = line.exposure.receivable_minor.0 - amount_minor.0;
                let after = Exposure { receivable_minor: Minor(owed), ..line.exposure };
                Ok(vec![CreditEvent::CreditRepaid {
                    dealer_id: line.dealer_id.clone(),
                    payer_dealer_id: payer,
                    remittance_id,
                    bank_reference,
                    currency: line.currency.clone(),
                    amount_minor,
                    paid,
                    after,
                }])
            }
        }
    }

    fn evolve(&mut self, event: CreditEvent) {
        match (&mut *self, event) {
            (Self::Given(line), event) => line.evolve(event),
            (
                Self::None,
                CreditEvent::CreditLimitSet {
                    dealer_id, currency, limit_minor, payment_days, ..
                },
            ) => {
                *self = Self::Given(Box::new(Line {
                    dealer_id,
                    currency,
                    limit: limit_minor,
                    payment_days,
                    grants: Vec::new(),
                    blocked: None,
                    exposure: Exposure::default(),
                    reserved: BTreeMap::new(),
                    owed: Vec::new(),
                }));
            }
            (Self::None, _) => (),
        }
    }
}
