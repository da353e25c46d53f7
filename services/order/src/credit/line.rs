//! A line of credit: what there is, what is taken of it, and what is owed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, DealerId, Minor, OrderId};

use super::event::{CreditEvent, Exposure, HoldReason, OrderCredit, Paid};
use super::{Following, Grant, MAX_GRANTS};
use crate::funds::FundsRefusal;

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
    pub reserved: BTreeMap<OrderId, Reserved>,
    /// What was delivered and not paid, by due day.
    pub owed: Vec<Owed>,
}

/// What an order takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// How much.
    pub amount: Minor,
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

    /// What orders can still take on a day; less than nothing when more is taken than there is.
    pub fn left(&self, on: BusinessDate) -> Minor {
        Minor(self.ceiling(on).0.saturating_sub(self.exposure.total().0))
    }

    /// By how many days payments are late.
    pub fn days_late(&self, on: BusinessDate) -> u32 {
        self.owed.iter().map(|owed| on.days_since(owed.due_on)).max().unwrap_or_default()
    }

    /// What a dealer can pay of what is owed: the holder everything.
    pub fn owed_by(&self, payer: &DealerId) -> Minor {
        self.of_payer(payer).map(|owed| owed.open).sum()
    }

    /// Whether orders of a dealer take of it, or were not paid.
    pub fn is_used_by(&self, dealer_id: &DealerId) -> bool {
        self.reserved.values().any(|taken| taken.dealer_id == *dealer_id)
            || self.owed.iter().any(|owed| owed.dealer_id == *dealer_id)
    }

    fn of_payer<'a>(&'a self, payer: &'a DealerId) -> impl Iterator<Item = &'a Owed> {
        let all = *payer == self.dealer_id;
        self.owed.iter().filter(move |owed| all || owed.dealer_id == *payer)
    }

    /// Whether an order would be given so much on a day; none at all is never too much.
    pub fn look(&self, wanted: Minor, on: BusinessDate, grace_days: Option<u32>) -> Denial {
        self.look_with(Minor::ZERO, wanted, on, grace_days)
    }

    /// The same when so much is added to the limit.
    fn look_with(
        &self,
        more: Minor,
        wanted: Minor,
        on: BusinessDate,
        grace_days: Option<u32>,
    ) -> Denial {
        let left = self.left(on).0.saturating_add(more.0);
        let missing = if wanted > Minor::ZERO { wanted.0.saturating_sub(left).max(0) } else { 0 };
        let missing = Minor(missing);
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
    pub(super) fn paid_by(&self, payer: &DealerId, amount: Minor) -> Vec<Paid> {
        oldest_first(self.of_payer(payer), amount)
    }

    /// What an amount is taken off of what is owed for an order, the oldest first.
    pub(super) fn taken_off(&self, order_id: &OrderId, amount: Minor) -> Vec<Paid> {
        oldest_first(self.owed.iter().filter(|owed| owed.order_id == *order_id), amount)
    }

    /// What is owed for an order.
    pub fn owed_for(&self, order_id: &OrderId) -> Minor {
        let of_order = self.owed.iter().filter(|owed| owed.order_id == *order_id);
        of_order.map(|owed| owed.open).sum()
    }

    /// How much that is, and what is taken after it.
    pub(super) fn after_paid(&self, paid: &[Paid]) -> (Minor, Exposure) {
        let amount: Minor = paid.iter().map(|paid| paid.amount_minor).sum();
        let receivable_minor = Minor(self.exposure.receivable_minor.0 - amount.0);
        (amount, Exposure { receivable_minor, ..self.exposure })
    }

    pub(super) fn grant(
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

    pub(super) fn follow(&self, following: Following) -> Result<Vec<CreditEvent>, FundsRefusal> {
        let Following { dealer_id, order_id, currency, shift, today, terms } = following;
        if currency != self.currency {
            return Err(FundsRefusal::OtherCurrency { currency: self.currency.clone() });
        }
        let taken = self.reserved.get(&order_id).map_or(Minor::ZERO, |taken| taken.amount);
        if shift.capture.0.saturating_add(shift.release.0) > taken.0 {
            return Err(FundsRefusal::NotHeld);
        }
        let mut events = Vec::new();
        let mut more = Minor::ZERO;
        if let Some((grant, reason)) = terms.grant {
            events.push(self.grant(grant, today, reason)?);
            more = grant.amount;
        }
        if shift.hold.0 > 0 {
            let Denial { reasons, missing } =
                self.look_with(more, shift.hold, today, terms.grace_days);
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

    pub(super) fn evolve(&mut self, event: CreditEvent) {
        match event {
            CreditEvent::CreditLimitSet { currency, limit_minor, payment_days, .. } => {
                // What was added in another currency has ended, or it could not be changed.
                if self.currency != currency {
                    self.grants.clear();
                }
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
                let (dealer_id, amount) = (it.order_dealer_id, Minor::ZERO);
                let taken = self.reserved.entry(it.order_id);
                taken.or_insert(Reserved { dealer_id, amount }).amount.0 += it.amount_minor.0;
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
            CreditEvent::CreditRepaid { paid, after, .. }
            | CreditEvent::DebtReduced { paid, after, .. } => {
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
            taken.amount.0 -= amount.0;
            if taken.amount <= Minor::ZERO {
                self.reserved.remove(order_id);
            }
        }
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

/// What an amount pays of debts, as they stand.
fn oldest_first<'a>(debts: impl Iterator<Item = &'a Owed>, amount: Minor) -> Vec<Paid> {
    let mut left = amount;
    let mut paid = Vec::new();
    for owed in debts {
        let part = owed.open.min(left);
        if part == Minor::ZERO {
            break;
        }
        left = Minor(left.0 - part.0);
        let (order_id, due_on) = (owed.order_id.clone(), owed.due_on);
        paid.push(Paid { order_id, due_on, amount_minor: part });
    }
    paid
}
