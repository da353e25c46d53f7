//! What moves on an account, as a statement has it: read out of the facts of the wallet and of the
//! line of credit, and of nothing else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Currency, Minor, OrderId};

use super::StatedAccount;
use crate::credit::{CreditEvent, Exposure, OrderCredit};
use crate::wallet::event::OrderFunds;
use crate::wallet::{Balance, DebitCause, Purse, Source, WalletEvent};

/// A fact that may move an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Of the wallet.
    Wallet(WalletEvent),
    /// Of the line of credit.
    Credit(CreditEvent),
}

/// What kind of movement it is. Of credit, the balance is what is owed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::AsRefStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MovementKind {
    /// 充值
    TopUp,
    /// 发放返利
    Grant,
    /// 扣回返利
    Deduction,
    /// 退还预存款
    PayBack,
    /// 订单占用
    Hold,
    /// 释放占用
    Release,
    /// 发货扣款, or 发货挂账 of credit
    Capture,
    /// 还款
    Repayment,
    /// 售后退款, or less owed of credit
    Refund,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What kind of movement it is.
    pub kind: MovementKind,
    /// In this currency.
    pub currency: Currency,
    /// How much more, or less, is there or owed.
    pub change: Minor,
    /// How much more, or less, is kept for orders.
    pub held_change: Minor,
    /// What there is after it.
    pub after: Balance,
    /// The order or the remittance behind it; empty where there is none.
    pub reference: String,
}

impl Movement {
    /// The line that a fact is on the statement of an account; none when it moves nothing there.
    pub fn of(account: StatedAccount, fact: &Fact) -> Option<Self> {
        match (account, fact) {
            (StatedAccount::Prepaid, Fact::Wallet(event)) => of_wallet(Purse::Prepaid, event),
            (StatedAccount::Rebate, Fact::Wallet(event)) => of_wallet(Purse::Rebate, event),
            (StatedAccount::Credit, Fact::Credit(event)) => of_credit(event),
            (StatedAccount::Credit, Fact::Wallet(_)) | (_, Fact::Credit(_)) => None,
        }
    }

    /// As the digest of a statement has it.
    pub fn written(&self, position: u64) -> String {
        let Self { kind, change, held_change, reference, .. } = self;
        let kind = kind.as_ref();
        format!("{position}\t{kind}\t{}\t{}\t{reference}\n", change.0, held_change.0)
    }
}

fn of_wallet(purse: Purse, event: &WalletEvent) -> Option<Movement> {
    let (of, movement) = match event {
        WalletEvent::FundsCredited { purse, currency, amount_minor, source, after, .. } => {
            let (kind, reference) = match source {
                Source::TopUp { remittance_id, .. } => {
                    (MovementKind::TopUp, remittance_id.as_str().to_owned())
                }
                Source::Grant { .. } => (MovementKind::Grant, String::new()),
            };
            let (change, held_change) = (*amount_minor, Minor::ZERO);
            let (currency, after) = (currency.clone(), *after);
            (purse, Movement { kind, currency, change, held_change, after, reference })
        }
        WalletEvent::FundsDebited { purse, currency, amount_minor, cause, after, .. } => {
            let kind = match cause {
                DebitCause::Deduction => MovementKind::Deduction,
                DebitCause::PayBack => MovementKind::PayBack,
            };
            let (change, held_change) = (Minor(-amount_minor.0), Minor::ZERO);
            let (currency, after, reference) = (currency.clone(), *after, String::new());
            (purse, Movement { kind, currency, change, held_change, after, reference })
        }
        WalletEvent::FundsRefunded { purse, currency, amount_minor, order_id, after, .. } => {
            let (change, held_change) = (*amount_minor, Minor::ZERO);
            let (currency, after) = (currency.clone(), *after);
            let (kind, reference) = (MovementKind::Refund, order_id.as_str().to_owned());
            (purse, Movement { kind, currency, change, held_change, after, reference })
        }
        WalletEvent::FundsHeld(it) => (&it.purse, of_order(it, MovementKind::Hold, 0, 1)),
        WalletEvent::FundsReleased(it) => (&it.purse, of_order(it, MovementKind::Release, 0, -1)),
        WalletEvent::FundsCaptured(it) => (&it.purse, of_order(it, MovementKind::Capture, -1, -1)),
    };
    (*of == purse).then_some(movement)
}

fn of_order(it: &OrderFunds, kind: MovementKind, there: i64, kept: i64) -> Movement {
    Movement {
        kind,
        currency: it.currency.clone(),
        change: Minor(there * it.amount_minor.0),
        held_change: Minor(kept * it.amount_minor.0),
        after: it.after,
        reference: it.order_id.as_str().to_owned(),
    }
}

fn of_credit(event: &CreditEvent) -> Option<Movement> {
    match event {
        CreditEvent::CreditReserved(it) => Some(of_lent(it, MovementKind::Hold, 0, 1)),
        CreditEvent::CreditFreed(it) => Some(of_lent(it, MovementKind::Release, 0, -1)),
        CreditEvent::CreditConsumed(it) => Some(of_lent(it, MovementKind::Capture, 1, -1)),
        CreditEvent::CreditRepaid { remittance_id, currency, amount_minor, after, .. } => {
            let paid = (MovementKind::Repayment, remittance_id.as_str());
            Some(less_owed(paid, currency, *amount_minor, *after))
        }
        CreditEvent::DebtReduced { order_id, currency, amount_minor, after, .. } => {
            let off = (MovementKind::Refund, order_id.as_str());
            Some(less_owed(off, currency, *amount_minor, *after))
        }
        CreditEvent::CreditLimitSet { .. }
        | CreditEvent::TemporaryCreditGranted { .. }
        | CreditEvent::TemporaryCreditEnded { .. }
        | CreditEvent::CreditBlocked { .. }
        | CreditEvent::CreditUnblocked { .. } => None,
    }
}

fn of_lent(it: &OrderCredit, kind: MovementKind, owed: i64, kept: i64) -> Movement {
    let Exposure { reserved_minor, receivable_minor } = it.after;
    Movement {
        kind,
        currency: it.currency.clone(),
        change: Minor(owed * it.amount_minor.0),
        held_change: Minor(kept * it.amount_minor.0),
        after: Balance { balance_minor: receivable_minor, held_minor: reserved_minor },
        reference: OrderId::as_str(&it.order_id).to_owned(),
    }
}

fn less_owed(
    (kind, reference): (MovementKind, &str),
    currency: &Currency,
    amount: Minor,
    after: Exposure,
) -> Movement {
    Movement {
        kind,
        currency: currency.clone(),
        change: Minor(-amount.0),
        held_change: Minor::ZERO,
        after: Balance { balance_minor: after.receivable_minor, held_minor: after.reserved_minor },
        reference: reference.to_owned(),
    }
}
