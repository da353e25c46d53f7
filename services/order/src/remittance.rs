//! Money that a dealer sent to the account of the brand (汇款): reported by whoever knows of it,
//! confirmed by finance when it has arrived, or rejected.

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, DealerId, Minor, RemittanceId};

use crate::funds::FundsRefusal;

/// The facts of a remittance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum RemittanceEvent {
    /// Somebody says that money was sent.
    RemittanceReported(Box<Report>),
    /// It has arrived, and counts.
    RemittanceConfirmed {
        /// The money.
        remittance_id: RemittanceId,
        /// Who sent it.
        dealer_id: DealerId,
        /// All amounts are in this currency.
        currency: Currency,
        /// What has arrived.
        received_minor: Minor,
        /// Of that: what pays what was owed.
        repaid_minor: Minor,
        /// Of that: what is prepaid now.
        topped_up_minor: Minor,
        /// What the bank calls the transfer.
        bank_reference: String,
    },
    /// It has not arrived, or was reported wrongly.
    RemittanceRejected {
        /// The money.
        remittance_id: RemittanceId,
        /// Who was to have sent it.
        dealer_id: DealerId,
        /// In the words of the person who did it.
        reason: String,
    },
}

/// Money that was sent, as somebody says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Report {
    /// The money.
    pub remittance_id: RemittanceId,
    /// Who sent it.
    pub dealer_id: DealerId,
    /// What it is for.
    pub purpose: Purpose,
    /// The amount is in this currency.
    pub currency: Currency,
    /// How much.
    pub amount_minor: Minor,
    /// The day on which it was sent.
    pub paid_on: BusinessDate,
    /// What the bank calls the transfer.
    pub bank_reference: String,
    /// For finance to know; may be empty.
    pub note: String,
}

/// What remitted money is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 充值: to be kept for orders.
    TopUp,
    /// 还款: pays what was delivered on credit.
    Repayment,
}

impl DomainEvent for RemittanceEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::RemittanceReported(report) => {
                let Report { remittance_id, dealer_id, currency, amount_minor, .. } = &**report;
                let amount = currency.show(*amount_minor);
                let (zh, en) = match report.purpose {
                    Purpose::TopUp => ("充值", "a top-up"),
                    Purpose::Repayment => ("还款", "a repayment"),
                };
                Text::new(
                    format!("经销商 {dealer_id} 汇款 {remittance_id}：{zh} {amount}，待确认"),
                    format!("{dealer_id} has sent {amount} as {en} ({remittance_id})"),
                )
            }
            Self::RemittanceConfirmed {
                remittance_id,
                dealer_id,
                currency,
                received_minor,
                ..
            } => {
                let amount = currency.show(*received_minor);
                Text::new(
                    format!("经销商 {dealer_id} 的汇款 {remittance_id} 已到账：{amount}"),
                    format!("{amount} of {dealer_id} have arrived ({remittance_id})"),
                )
            }
            Self::RemittanceRejected { remittance_id, dealer_id, reason } => Text::new(
                format!("经销商 {dealer_id} 的汇款 {remittance_id} 已退回：{reason}"),
                format!("remittance {remittance_id} of {dealer_id} was rejected: {reason}"),
            ),
        }
    }
}

/// What can be asked of a remittance.
#[derive(Clone, Debug)]
pub enum RemittanceCommand {
    /// Tells of it.
    Report {
        /// What was sent.
        report: Box<Report>,
        /// The day on which it is told.
        today: BusinessDate,
    },
    /// It has arrived.
    Confirm {
        /// What pays what was owed.
        repaid: Minor,
        /// What is prepaid now.
        topped_up: Minor,
        /// What the bank calls the transfer.
        bank_reference: String,
    },
    /// A bank's statement has money that nobody has told of: it is told of and has arrived at once.
    Book {
        /// What was sent.
        report: Box<Report>,
        /// What pays what was owed.
        repaid: Minor,
        /// What is prepaid now.
        topped_up: Minor,
    },
    /// It has not.
    Reject {
        /// In the words of the person who says so.
        reason: String,
    },
}

/// A remittance; its object id is its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Remittance {
    /// Nobody has told of it.
    #[default]
    Unreported,
    /// Waits for finance.
    Reported(Box<Report>),
    /// Finance has decided.
    Closed {
        /// Who sent it, or was to have.
        dealer_id: DealerId,
        /// What has arrived; nothing of money that was rejected.
        received: Option<(Currency, Minor)>,
    },
}

impl Remittance {
    /// Whose it is, when there is one.
    pub fn dealer_id(&self) -> Option<&DealerId> {
        match self {
            Self::Unreported => None,
            Self::Reported(report) => Some(&report.dealer_id),
            Self::Closed { dealer_id, .. } => Some(dealer_id),
        }
    }

    /// What waits for finance.
    ///
    /// # Errors
    /// When nothing does.
    pub fn waiting(&self) -> Result<&Report, FundsRefusal> {
        match self {
            Self::Unreported => Err(FundsRefusal::RemittanceNotFound),
            Self::Closed { .. } => Err(FundsRefusal::RemittanceClosed),
            Self::Reported(report) => Ok(report),
        }
    }
}

impl Decider for Remittance {
    const AGGREGATE: &'static str = "remittance";
    const STATE_VERSION: u32 = 2;
    type Command = RemittanceCommand;
    type Event = RemittanceEvent;
    type Refusal = FundsRefusal;

    fn decide(&self, command: RemittanceCommand) -> Result<Vec<RemittanceEvent>, FundsRefusal> {
        match command {
            RemittanceCommand::Report { report, today } => match self {
                Self::Unreported if report.paid_on > today => Err(FundsRefusal::NotPaidYet),
                Self::Unreported => Ok(vec![RemittanceEvent::RemittanceReported(report)]),
                Self::Reported(_) | Self::Closed { .. } => Err(FundsRefusal::AlreadyReported),
            },
            RemittanceCommand::Confirm { repaid, topped_up, bank_reference } => {
                Ok(vec![confirmed(self.waiting()?, (repaid, topped_up), bank_reference)?])
            }
            RemittanceCommand::Book { report, repaid, topped_up } => match self {
                Self::Unreported => {
                    let reference = report.bank_reference.clone();
                    let confirmed = confirmed(&report, (repaid, topped_up), reference)?;
                    Ok(vec![RemittanceEvent::RemittanceReported(report), confirmed])
                }
                Self::Reported(_) | Self::Closed { .. } => Err(FundsRefusal::AlreadyReported),
            },
            RemittanceCommand::Reject { reason } => {
                let report = self.waiting()?;
                Ok(vec![RemittanceEvent::RemittanceRejected {
                    remittance_id: report.remittance_id.clone(),
                    dealer_id: report.dealer_id.clone(),
                    reason,
                }])
            }
        }
    }

    fn evolve(&mut self, event: RemittanceEvent) {
        *self = match event {
            RemittanceEvent::RemittanceReported(report) => Self::Reported(report),
            RemittanceEvent::RemittanceConfirmed {
                dealer_id, currency, received_minor, ..
            } => Self::Closed { dealer_id, received: Some((currency, received_minor)) },
            RemittanceEvent::RemittanceRejected { dealer_id, .. } => {
                Self::Closed { dealer_id, received: None }
            }
        };
    }
}

fn confirmed(
    report: &Report,
    (repaid, topped_up): (Minor, Minor),
    bank_reference: String,
) -> Result<RemittanceEvent, FundsRefusal> {
    let received = repaid.plus(topped_up).map_err(|_| FundsRefusal::BalanceTooLarge)?;
    Ok(RemittanceEvent::RemittanceConfirmed {
        remittance_id: report.remittance_id.clone(),
        dealer_id: report.dealer_id.clone(),
        currency: report.currency.clone(),
        received_minor: received,
        repaid_minor: repaid,
        topped_up_minor: topped_up,
        bank_reference,
    })
}
