//! What an order is paid from: rebates first, then prepaid money, then credit; what is left has to
//! be paid before the order is confirmed, for example through a provider.
//!
//! Deliveries use the money up in the same order, and what is not needed any more is given back. What
//! an order has of each account at a time is a [`Position`]; nothing else decides
//! about money of orders.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, DealerId, Minor, PaymentId};

use super::{Commercial, Order, OrderEvent, OrderRefusal, Placed};
use crate::credit::{CreditAccount, Denial, HoldReason};
use crate::order_rules::Rules;
use crate::shift::Position;
use crate::wallet::{Purse, Wallet};

/// What an order is paid from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Payment {
    /// From rebates.
    pub rebate_minor: Minor,
    /// From prepaid money.
    pub prepaid_minor: Minor,
    /// On credit.
    pub credit_minor: Minor,
    /// Through providers, as they have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub online: Vec<OnlinePart>,
    /// To be paid before the order is confirmed.
    pub open_minor: Minor,
    /// Whose credit it is; absent: none is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_dealer_id: Option<DealerId>,
    /// Whether the order has the credit.
    pub standing: Standing,
    /// Why it waits for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold_reasons: Vec<HoldReason>,
    /// How much more credit there would have to be.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub missing_credit_minor: Minor,
    /// From what whoever paid last wanted to pay: a change of the order is paid from nothing else.
    /// Absent: from everything.
    #[serde(default, skip_serializing_if = "Choice::is_everything")]
    pub choice: Choice,
}

/// What an order has of a payment through a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnlinePart {
    /// The payment.
    pub payment_id: PaymentId,
    /// How much of it.
    pub amount_minor: Minor,
}

fn is_nothing(amount: &Minor) -> bool {
    *amount == Minor::ZERO
}

/// Whether an order has the credit that it needs (the credit axis).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It needs none.
    #[default]
    NotNeeded,
    /// 已占用: it has it.
    Reserved,
    /// 信用冻结: it waits for it.
    OnHold,
    /// 已拒绝: it was given none.
    Refused,
    /// 已释放: it was called off.
    Freed,
}

/// From what somebody wants to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    /// From rebates.
    pub rebate: bool,
    /// From prepaid money.
    pub prepaid: bool,
    /// On credit.
    pub credit: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self { rebate: true, prepaid: true, credit: true }
    }
}

impl Choice {
    fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// What there is to pay an order from.
#[derive(Clone, Debug)]
pub struct Means {
    /// Rebates.
    pub rebate: Minor,
    /// How much of an order they can pay, in percent.
    pub rebate_share: u32,
    /// Prepaid money.
    pub prepaid: Minor,
    /// Credit, where the dealer has any.
    pub credit: Option<Lender>,
}

/// Credit that an order can take.
#[derive(Clone, Debug)]
pub struct Lender {
    /// Whose it is.
    pub dealer_id: DealerId,
    /// What is left of it; less than nothing when more is taken than there is.
    pub left: Minor,
    /// Why no more is given, whatever is left.
    pub kept_back: Vec<HoldReason>,
}

impl Means {
    /// What a dealer has for an order in a currency, on a day.
    pub fn of(
        wallet: &Wallet,
        (holder, account): (&DealerId, &CreditAccount),
        rules: Rules,
        currency: &Currency,
        on: BusinessDate,
    ) -> Self {
        let given = |line: &&crate::credit::Line| {
            line.currency == *currency && line.ceiling(on) > Minor::ZERO
        };
        let credit = account.line().filter(given).map(|line| Lender {
            dealer_id: holder.clone(),
            left: line.left(on),
            kept_back: line.look(Minor::ZERO, on, rules.overdue_grace_days).reasons,
        });
        Self {
            rebate: wallet.available(Purse::Rebate, currency),
            rebate_share: rules.rebate_share_percent,
            prepaid: wallet.available(Purse::Prepaid, currency),
            credit,
        }
    }

    /// How much of an order rebates can pay.
    pub fn rebate_for(&self, net: Minor) -> Minor {
        self.rebate.min(self.share_of(net))
    }

    /// How much of an order may be paid by rebates, however many there are.
    pub(super) fn share_of(&self, net: Minor) -> Minor {
        let most = i128::from(net.0) * i128::from(self.rebate_share.min(100)) / 100;
        Minor(i64::try_from(most).unwrap_or(net.0))
    }

    /// Pays an order of which nothing is paid.
    pub fn pay(&self, net: Minor, choice: Choice) -> Payment {
        self.pay_more(&Payment { open_minor: net, ..Payment::default() }, net, choice)
    }

    /// Pays what is open of an order that costs this much; credit that it waits for is open too.
    pub fn pay_more(&self, paid: &Payment, net: Minor, choice: Choice) -> Payment {
        let waits = paid.standing == Standing::OnHold;
        let kept = if waits { Minor::ZERO } else { paid.credit_minor };
        let had = paid.rebate_minor.0 + paid.prepaid_minor.0 + paid.online_minor().0;
        let mut left = Minor(net.0 - had - kept.0);
        let mut take = |there: Minor, wanted: bool| {
            let part = if wanted { there.min(left).max(Minor::ZERO) } else { Minor::ZERO };
            left.0 -= part.0;
            part
        };
        // What it has of rebates already is part of the share.
        let share = Minor(self.share_of(net).0 - paid.rebate_minor.0);
        let rebate = take(self.rebate.min(share), choice.rebate);
        let prepaid = take(self.prepaid, choice.prepaid);
        let mut payment = Payment {
            rebate_minor: Minor(paid.rebate_minor.0 + rebate.0),
            prepaid_minor: Minor(paid.prepaid_minor.0 + prepaid.0),
            credit_minor: kept,
            online: paid.online.clone(),
            open_minor: left,
            credit_dealer_id: paid.credit_dealer_id.clone().filter(|_| kept > Minor::ZERO),
            standing: if kept > Minor::ZERO { paid.standing } else { Standing::NotNeeded },
            hold_reasons: Vec::new(),
            missing_credit_minor: Minor::ZERO,
            choice,
        };
        // Who has credit has all that was missing then, so nothing is open beside it.
        if let Some(lender) = self.credit.as_ref().filter(|_| choice.credit && left > Minor::ZERO) {
            payment.lend(lender, left);
        }
        payment
    }
}

impl Payment {
    fn lend(&mut self, lender: &Lender, wanted: Minor) {
        let missing = Minor(wanted.0.saturating_sub(lender.left.0).max(0));
        let over = (missing > Minor::ZERO).then_some(HoldReason::OverLimit);
        let reasons = over.into_iter().chain(lender.kept_back.iter().copied());
        self.hold_reasons = reasons.collect();
        self.missing_credit_minor = missing;
        let given = self.hold_reasons.is_empty();
        self.standing = if given { Standing::Reserved } else { Standing::OnHold };
        self.credit_minor = Minor(self.credit_minor.0 + wanted.0);
        self.credit_dealer_id = Some(lender.dealer_id.clone());
        self.open_minor = Minor::ZERO;
    }

    /// What was paid through providers.
    pub fn online_minor(&self) -> Minor {
        self.online.iter().map(|part| part.amount_minor).sum()
    }

    /// What can still be paid; credit that it waits for is owed, too.
    pub fn owing(&self) -> Minor {
        let waits = self.standing == Standing::OnHold;
        Minor(self.open_minor.0 + if waits { self.credit_minor.0 } else { 0 })
    }

    /// The same with money that a provider has: what is open is paid first, then what it would have
    /// had on credit.
    fn captured(&self, payment_id: PaymentId, amount: Minor) -> Self {
        let mut after = self.clone();
        let open = amount.min(self.open_minor);
        let credit = Minor(amount.0 - open.0);
        after.open_minor.0 -= open.0;
        after.credit_minor.0 -= credit.0;
        after.missing_credit_minor.0 = (after.missing_credit_minor.0 - credit.0).max(0);
        if after.standing == Standing::OnHold && after.credit_minor == Minor::ZERO {
            after.standing = Standing::NotNeeded;
            after.credit_dealer_id = None;
            after.hold_reasons = Vec::new();
        }
        after.online.push(OnlinePart { payment_id, amount_minor: amount });
        after
    }

    /// Whether everything is paid, or will be as it was agreed.
    pub fn is_covered(&self) -> bool {
        self.open_minor == Minor::ZERO
            && matches!(self.standing, Standing::NotNeeded | Standing::Reserved)
    }

    /// Why it is not given credit, when it waits for it.
    pub fn denial(&self) -> Option<Denial> {
        let missing = self.missing_credit_minor;
        let denial = Denial { reasons: self.hold_reasons.clone(), missing };
        (self.standing == Standing::OnHold).then_some(denial)
    }
}

/// What an order has of each account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// Rebates.
    pub rebate: Position,
    /// Prepaid money.
    pub prepaid: Position,
    /// Credit.
    pub credit: Position,
}

impl Order {
    /// What it has of each account; nothing where the brand is paid elsewhere.
    pub fn positions(&self) -> Positions {
        match self {
            Self::Placed(order) => order.positions(),
            Self::Unsubmitted => Positions::default(),
        }
    }

    /// What goes back of payments through providers when the order becomes another one, from the newest
    /// on.
    pub fn online_refunds(&self, after: &Self) -> Vec<(PaymentId, Minor)> {
        let kept = after.online();
        let goes_back = |part: &OnlinePart| {
            let mut all = kept.iter().filter(|it| it.payment_id == part.payment_id);
            let kept = all.next().map_or(Minor::ZERO, |it| it.amount_minor);
            let amount = Minor(part.amount_minor.0 - kept.0);
            (amount > Minor::ZERO).then(|| (part.payment_id.clone(), amount))
        };
        self.online().iter().rev().filter_map(goes_back).collect()
    }

    /// What it has through providers; an order that was called off has nothing, whatever it had.
    pub fn online(&self) -> &[OnlinePart] {
        match self {
            Self::Placed(order) if order.commercial != Commercial::Cancelled => {
                order.payment.as_ref().map_or(&[], |paid| &paid.online)
            }
            Self::Placed(_) | Self::Unsubmitted => &[],
        }
    }
}

impl Placed {
    /// What it has of each account.
    pub fn positions(&self) -> Positions {
        let Some(payment) = &self.payment else { return Positions::default() };
        let mut delivered = self.delivered();
        let gone = self.commercial == Commercial::Cancelled;
        let mut position = |amount: Minor, kept: bool| {
            let captured = amount.min(delivered);
            delivered.0 -= captured.0;
            let held = if kept && !gone { Minor(amount.0 - captured.0) } else { Minor::ZERO };
            Position { held, captured }
        };
        Positions {
            rebate: position(payment.rebate_minor, true),
            prepaid: position(payment.prepaid_minor, true),
            credit: position(payment.credit_minor, payment.standing == Standing::Reserved),
        }
    }

    /// Whose credit it has, where it has any.
    pub fn lender(&self) -> Option<&DealerId> {
        self.payment.as_ref()?.credit_dealer_id.as_ref()
    }

    /// What the delivered goods cost; all that was ordered costs what the order does.
    pub(super) fn delivered(&self) -> Minor {
        self.lines.iter().map(super::Progress::delivered).sum()
    }

    /// Whether it may be delivered as far as money goes.
    pub(super) fn must_be_covered(&self) -> Result<(), OrderRefusal> {
        match &self.payment {
            Some(payment) if payment.standing == Standing::OnHold => {
                Err(OrderRefusal::CreditOnHold)
            }
            Some(payment) if payment.open_minor > Minor::ZERO => Err(OrderRefusal::NotPaid {
                open: payment.open_minor,
                currency: self.currency.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn pay(
        &self,
        payment: Payment,
        confirm: bool,
    ) -> Result<Vec<OrderEvent>, OrderRefusal> {
        self.unpaid()?;
        Ok(self.allocated(payment, confirm))
    }

    /// What a provider can still be asked to take for it.
    pub fn needed(&self) -> Minor {
        self.unpaid().map_or(Minor::ZERO, Payment::owing)
    }

    /// A provider has money for it, of which it takes this much.
    pub(super) fn capture(
        &self,
        payment_id: PaymentId,
        amount: Minor,
        confirm: bool,
    ) -> Result<Vec<OrderEvent>, OrderRefusal> {
        let payment = self.unpaid()?;
        Ok(self.allocated(payment.captured(payment_id, amount), confirm))
    }

    /// What is still to be paid, or waits for credit.
    ///
    /// # Errors
    /// When nothing is, or the order is called off.
    pub fn unpaid(&self) -> Result<&Payment, OrderRefusal> {
        self.must_be_wanted()?;
        let unpaid = self.payment.as_ref().filter(|paid| !paid.is_covered());
        unpaid.ok_or(OrderRefusal::NothingToPay)
    }

    /// The facts of a payment, and the confirmation that follows from it.
    pub(super) fn allocated(&self, payment: Payment, confirm: bool) -> Vec<OrderEvent> {
        let after = Self { payment: Some(payment.clone()), ..self.clone() };
        let allocated = OrderEvent::PaymentAllocated {
            order_id: self.order_id.clone(),
            dealer_id: self.dealer_id.clone(),
            currency: self.currency.clone(),
            payment,
            status: after.status(),
        };
        let waived = after.waived();
        let mut passed = after;
        for event in &waived {
            if let OrderEvent::OrderStepWaived { step, .. } = event {
                passed.passed(*step);
            }
        }
        std::iter::once(allocated).chain(waived).chain(passed.confirmed(confirm)).collect()
    }

    pub(super) fn release_hold(
        &self,
        lender: DealerId,
        reason: String,
        confirm: bool,
    ) -> Result<Vec<OrderEvent>, OrderRefusal> {
        let payment = self.on_hold()?.released(&lender);
        let after = Self { payment: Some(payment), ..self.clone() };
        let order_id = self.order_id.clone();
        let status = after.status();
        let released =
            OrderEvent::CreditHoldReleased { order_id, credit_dealer_id: lender, reason, status };
        Ok(std::iter::once(released).chain(after.confirmed(confirm)).collect())
    }

    pub(super) fn refuse_credit(&self, reason: String) -> Result<Vec<OrderEvent>, OrderRefusal> {
        self.on_hold()?;
        let order_id = self.order_id.clone();
        let after = Self { commercial: Commercial::Cancelled, ..self.clone() };
        let status = after.status();
        let why = reason.clone();
        Ok(vec![
            OrderEvent::CreditRefused { order_id: order_id.clone(), reason: why, status },
            OrderEvent::OrderCancelled { order_id, reason, status },
        ])
    }

    fn on_hold(&self) -> Result<&Payment, OrderRefusal> {
        let waits = |payment: &&Payment| payment.standing == Standing::OnHold;
        self.must_be_wanted()?;
        self.payment.as_ref().filter(waits).ok_or(OrderRefusal::NotOnHold)
    }

    fn must_be_wanted(&self) -> Result<(), OrderRefusal> {
        match self.commercial {
            Commercial::Cancelled => Err(OrderRefusal::OrderCancelled),
            Commercial::Submitted | Commercial::Confirmed => Ok(()),
        }
    }

    /// The confirmation by the system, where nobody has to look at the order, or not any more.
    pub(super) fn confirmed(&self, without_review: bool) -> Option<OrderEvent> {
        let ready = self.is_passed(without_review)
            && self.commercial == Commercial::Submitted
            && self.must_be_covered().is_ok();
        let confirmed = Self { commercial: Commercial::Confirmed, ..self.clone() };
        ready.then(|| OrderEvent::OrderConfirmed {
            order_id: self.order_id.clone(),
            status: confirmed.status(),
        })
    }
}

impl Standing {
    /// What it is when the order is called off.
    pub fn called_off(self) -> Self {
        match self {
            Self::Reserved | Self::OnHold => Self::Freed,
            Self::NotNeeded | Self::Refused | Self::Freed => self,
        }
    }
}

impl Payment {
    /// The same with the credit that it waited for, of whoever lends it now.
    pub(super) fn released(&self, lender: &DealerId) -> Self {
        Self {
            standing: Standing::Reserved,
            credit_dealer_id: Some(lender.clone()),
            hold_reasons: Vec::new(),
            missing_credit_minor: Minor::ZERO,
            ..self.clone()
        }
    }
}
