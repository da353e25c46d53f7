//! How money follows orders: what there is to pay one from, and what changes on which account.

use kernel::Decider as _;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand};
use proto::order::v1 as api;
use tonic::Status;
use values::{BusinessDate, Currency, DealerId, Minor, OrderId, Sight};

use super::funds::Asked;
use super::orders::{AskOrder, ask, seen, sight};
use super::pricing::{Known, known};
use super::shipments::hand_over;
use super::{parse, words};
use crate::account::Holder;
use crate::credit::{CreditAccount, CreditCommand, Following, Grant, HoldReason, Lending};
use crate::funds::FundsRefusal;
use crate::order::paying::{Choice, Means, Payment, Positions, Standing};
use crate::order::{Order, OrderCommand, OrderRefusal, Placed, Submission};
use crate::order_rules::{ORDER_RULES, OrderRules, Rules};
use crate::shift::{Position, Shift};
use crate::wallet::{Purse, Wallet, WalletCommand};

/// The rules that count for orders now.
pub(super) async fn rules(work: &mut Work<'_>) -> Result<Rules, Rejected<OrderRefusal>> {
    Ok(work.read::<OrderRules>(ORDER_RULES).await?.rules())
}

/// What is to be paid, by whom.
#[derive(Clone, Debug)]
pub(super) struct Bill {
    order_id: OrderId,
    dealer_id: DealerId,
    currency: Currency,
    pub(super) net: Minor,
}

impl Bill {
    pub(super) fn of(submission: &Submission) -> Self {
        Self {
            order_id: submission.order_id.clone(),
            dealer_id: submission.dealer_id.clone(),
            currency: submission.currency.clone(),
            net: submission.net_minor(),
        }
    }

    pub(super) fn of_placed(order: &Placed) -> Self {
        Self {
            order_id: order.order_id.clone(),
            dealer_id: order.dealer_id.clone(),
            currency: order.currency.clone(),
            net: order.net_minor,
        }
    }
}

/// Whose credit the orders of a dealer take.
pub(super) fn credit_holder(holder: &Holder) -> &DealerId {
    holder.credit_of.as_ref().unwrap_or(&holder.dealer_id)
}

/// What a dealer has to pay a bill from.
pub(super) async fn means(
    work: &mut Work<'_>,
    Known { account, .. }: &Known,
    bill: &Bill,
    rules: Rules,
    today: BusinessDate,
) -> Result<Means, Rejected<OrderRefusal>> {
    let holder = account.holder(&bill.dealer_id).map_err(Rejected::Refused)?;
    let lender = credit_holder(holder);
    let wallet = work.read::<Wallet>(bill.dealer_id.as_str()).await?;
    let credit = work.read::<CreditAccount>(lender.as_str()).await?;
    Ok(Means::of(&wallet, (lender, &credit), rules, &bill.currency, today))
}

/// What changes on the accounts when an order goes on.
pub(super) struct Shifts {
    rebate: Shift,
    prepaid: Shift,
    /// What is given back to one account and taken of another when the lender changes.
    credit: Vec<(DealerId, Shift)>,
}

impl Shifts {
    /// Those of an order that begins.
    pub(super) fn begin(payment: &Payment) -> Self {
        let held = |held| Position { held, captured: Minor::ZERO };
        let lent = payment.standing == Standing::Reserved;
        let after = Positions {
            rebate: held(payment.rebate_minor),
            prepaid: held(payment.prepaid_minor),
            credit: held(if lent { payment.credit_minor } else { Minor::ZERO }),
        };
        let of = payment.credit_dealer_id.as_ref();
        Self::between((Positions::default(), None), (after, of))
    }

    fn between(
        (before, from): (Positions, Option<&DealerId>),
        (after, of): (Positions, Option<&DealerId>),
    ) -> Self {
        let credit = match (from, of) {
            (Some(from), Some(of)) if from != of => vec![
                (from.clone(), Shift::between(before.credit, Position::default())),
                (of.clone(), Shift::between(Position::default(), after.credit)),
            ],
            (from, of) => {
                let shift = Shift::between(before.credit, after.credit);
                of.or(from).map(|lender| (lender.clone(), shift)).into_iter().collect()
            }
        };
        Self {
            rebate: Shift::between(before.rebate, after.rebate),
            prepaid: Shift::between(before.prepaid, after.prepaid),
            credit,
        }
    }
}

/// Lets the accounts follow an order.
pub(super) async fn follow(
    work: &mut Work<'_>,
    bill: &Bill,
    shifts: &Shifts,
    (today, lending): (BusinessDate, Lending),
) -> Result<(), Rejected<OrderRefusal>> {
    let Bill { order_id, dealer_id, currency, .. } = bill;
    let purses = [(Purse::Rebate, shifts.rebate), (Purse::Prepaid, shifts.prepaid)];
    let purses: Vec<_> = purses.into_iter().filter(|(_, shift)| !shift.is_none()).collect();
    if !purses.is_empty() {
        let command = WalletCommand::Follow {
            dealer_id: dealer_id.clone(),
            order_id: order_id.clone(),
            currency: currency.clone(),
            shifts: purses,
        };
        let followed = work.decide::<Wallet>(dealer_id.as_str(), command).await;
        followed.map_err(Rejected::from_other)?;
    }
    for (lender, shift) in &shifts.credit {
        if shift.is_none() {
            continue;
        }
        let command = CreditCommand::Follow(Box::new(Following {
            dealer_id: dealer_id.clone(),
            order_id: order_id.clone(),
            currency: currency.clone(),
            shift: *shift,
            today,
            terms: lending.clone(),
        }));
        let followed = work.decide::<CreditAccount>(lender.as_str(), command).await;
        followed.map_err(Rejected::from_other)?;
    }
    Ok(())
}

/// Lets the accounts follow an order until it is as another one.
pub(super) async fn paid_on(
    work: &mut Work<'_>,
    order: &Order,
    after: &Order,
    terms: (BusinessDate, Lending),
) -> Result<(), Rejected<OrderRefusal>> {
    let Order::Placed(placed) = order else { return Ok(()) };
    let (from, of) = (lender(order), lender(after));
    let shifts = Shifts::between((order.positions(), from), (after.positions(), of));
    follow(work, &Bill::of_placed(placed), &shifts, terms).await
}

fn lender(order: &Order) -> Option<&DealerId> {
    match order {
        Order::Placed(placed) => placed.lender(),
        Order::Unsubmitted => None,
    }
}

/// Pays what is open of an order.
pub struct PayOrder {
    order_id: OrderId,
    choice: Choice,
    sight: Sight,
    today: BusinessDate,
}

impl Transaction for PayOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.sight, self.today).await?;
        let refused = |refusal| Err(Rejected::Refused(refusal));
        let Order::Placed(placed) = &*order else { return refused(OrderRefusal::OrderNotFound) };
        let paid = placed.unpaid().map_err(Rejected::Refused)?;
        let known = known(work, &placed.dealer_id, &self.sight, self.today).await?;
        let (rules, bill) = (rules(work).await?, Bill::of_placed(placed));
        let means = means(work, &known, &bill, rules, self.today).await?;
        let payment = means.pay_more(paid, bill.net, self.choice);
        if let Some(denial) = payment.denial() {
            return refused(OrderRefusal::Funds(FundsRefusal::CreditDenied {
                reasons: denial.reasons,
                missing: denial.missing,
                currency: bill.currency,
            }));
        }
        // What there is pays a part of it; nothing at all changes nothing.
        let same = Payment { choice: paid.choice, ..payment.clone() } == *paid;
        if payment.open_minor > Minor::ZERO && same {
            let (open, currency) = (payment.open_minor, bill.currency);
            return refused(OrderRefusal::NotPaid { open, currency });
        }
        let command = OrderCommand::Pay { payment: Box::new(payment), confirm: !rules.reviewed };
        work.decide::<Order>(self.order_id.as_str(), command.clone()).await?;
        let lending = Lending { grace_days: rules.overdue_grace_days, grant: None };
        let after = order.after(command).map_err(Rejected::Refused)?;
        hand_over(work, rules, (&order, &after), None).await?;
        paid_on(work, &order, &after, (self.today, lending)).await
    }
}

/// Lets an order have the credit that it waits for.
pub struct ReleaseHold {
    order_id: OrderId,
    reason: String,
    grant: Option<Grant>,
    sight: Sight,
    today: BusinessDate,
}

impl Transaction for ReleaseHold {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.sight, self.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let dealer_id = &placed.dealer_id;
        let known = known(work, dealer_id, &self.sight, self.today).await?;
        let lender = credit_holder(known.account.holder(dealer_id).map_err(Rejected::Refused)?);
        if self.grant.is_some() && lender != dealer_id {
            // Whose limit is raised has to be theirs to look after, too.
            let (dealer_id, sight) = (lender.clone(), self.sight.clone());
            Asked { dealer_id, sight, today: self.today }.account(work).await?;
        }
        let (lender, reason) = (lender.clone(), self.reason.clone());
        let rules = rules(work).await?;
        let confirm = !rules.reviewed;
        let command = OrderCommand::ReleaseHold { lender, reason, confirm };
        work.decide::<Order>(self.order_id.as_str(), command.clone()).await?;
        // Whoever releases it has looked at what is late.
        let grant = self.grant.map(|grant| (grant, self.reason.clone()));
        let lending = Lending { grace_days: None, grant };
        let after = order.after(command).map_err(Rejected::Refused)?;
        hand_over(work, rules, (&order, &after), None).await?;
        paid_on(work, &order, &after, (self.today, lending)).await
    }
}

/// From what somebody wants to pay; from everything, when they say nothing.
pub(super) fn choice(told: Option<api::PaymentChoice>) -> Choice {
    let told = told.unwrap_or_default();
    Choice {
        rebate: !told.without_rebate,
        prepaid: !told.without_prepaid,
        credit: !told.without_credit,
    }
}

/// What an order is paid from, as callers are told it.
pub fn told_payment(payment: &Payment) -> api::OrderPayment {
    let standing = match payment.standing {
        Standing::NotNeeded => api::CreditStanding::NotNeeded,
        Standing::Reserved => api::CreditStanding::Reserved,
        Standing::OnHold => api::CreditStanding::OnHold,
        Standing::Refused => api::CreditStanding::Refused,
        Standing::Freed => api::CreditStanding::Freed,
    };
    let reason = |reason: &HoldReason| match reason {
        HoldReason::OverLimit => api::HoldReason::OverLimit.into(),
        HoldReason::Overdue => api::HoldReason::Overdue.into(),
        HoldReason::Blocked => api::HoldReason::Blocked.into(),
    };
    api::OrderPayment {
        rebate_minor: payment.rebate_minor.0,
        prepaid_minor: payment.prepaid_minor.0,
        credit_minor: payment.credit_minor.0,
        open_minor: payment.open_minor.0,
        credit_standing: standing.into(),
        hold_reasons: payment.hold_reasons.iter().map(reason).collect(),
        missing_credit_minor: payment.missing_credit_minor.0,
        online_minor: payment.online_minor().0,
    }
}

impl IntoCommand<Order> for api::PayOrderRequest {
    type Command = PayOrder;

    fn into_command(self, call: &Call) -> Result<PayOrder, Status> {
        let mut wrong = Violations::default();
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let (sight, today) = (sight(&mut wrong, call), call.today().into());
        let choice = choice(self.payment);
        let command = (|| {
            let (order_id, sight) = (order_id?, sight?);
            Some(PayOrder { order_id, choice, sight, today })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<Order> for api::ReleaseCreditHoldRequest {
    type Command = ReleaseHold;

    fn into_command(self, call: &Call) -> Result<ReleaseHold, Status> {
        let mut wrong = Violations::default();
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let grant = self.temporary.map(|told| {
            let until = parse(&mut wrong, "temporary.until", &told.until);
            until.map(|until| Grant { amount: Minor(told.amount_minor), until })
        });
        let (sight, today) = (sight(&mut wrong, call), call.today().into());
        let command = (|| {
            let grant = match grant {
                Some(grant) => Some(grant?),
                None => None,
            };
            let (order_id, reason, sight) = (order_id?, reason?, sight?);
            Some(ReleaseHold { order_id, reason, grant, sight, today })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<Order> for api::RefuseCreditRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| OrderCommand::RefuseCredit { reason });
        ask(wrong, &self.order_id, call, command)
    }
}
