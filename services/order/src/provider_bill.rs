//! The bill of a payment service provider for one day (账单), and what in it differs from the payments
//! on record. It can be compared again: what is the same as before stays resolved.

pub mod event;

use std::collections::BTreeSet;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Provider};

pub use event::{
    BillDifference, BillTotals, DifferenceKind, ProviderBillCompared, ProviderBillEvent,
};

use crate::bank_line::ReconciliationRefusal;

/// What can be asked of a bill.
#[derive(Clone, Debug)]
pub enum ProviderBillCommand {
    /// It was compared. What is `gone` of it, the bill itself finds out.
    Compare(Box<ProviderBillCompared>),
    /// Somebody has looked at a difference.
    Resolve {
        /// Which.
        difference_id: String,
        /// In the words of the person who did it.
        reason: String,
    },
}

/// A bill; its object id is made by [`bill_id`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum ProviderBill {
    /// Not compared yet.
    #[default]
    Unseen,
    /// Compared, maybe several times.
    Compared {
        /// How it compared last.
        last: Box<ProviderBillCompared>,
        /// Differences of it that somebody has looked at.
        resolved: BTreeSet<String>,
    },
}

type Decision = Result<Vec<ProviderBillEvent>, ReconciliationRefusal>;

/// The bill of a provider's merchant for a day.
pub fn bill_id(provider: Provider, merchant: &str, day: BusinessDate) -> String {
    let provider = match provider {
        Provider::WechatPay => "WX",
        Provider::Alipay => "ALI",
    };
    // The number of a merchant may have signs that no id has.
    let merchant: String = merchant.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{provider}-{merchant}-{}", day.to_string().replace('-', ""))
}

impl Decider for ProviderBill {
    const AGGREGATE: &'static str = "provider_bill";
    type Command = ProviderBillCommand;
    type Event = ProviderBillEvent;
    type Refusal = ReconciliationRefusal;

    fn decide(&self, command: ProviderBillCommand) -> Decision {
        match (self, command) {
            (Self::Unseen, ProviderBillCommand::Compare(compared)) => {
                Ok(vec![ProviderBillEvent::ProviderBillCompared(compared)])
            }
            (Self::Compared { last, .. }, ProviderBillCommand::Compare(compared)) => {
                if last.says_the_same(&compared) {
                    return Ok(Vec::new());
                }
                let still: BTreeSet<_> =
                    compared.differences.iter().map(|it| &it.difference_id).collect();
                let before = last.differences.iter().map(|it| &it.difference_id);
                let gone = before.filter(|id| !still.contains(id)).cloned().collect();
                let compared = Box::new(ProviderBillCompared { gone, ..*compared });
                Ok(vec![ProviderBillEvent::ProviderBillCompared(compared)])
            }
            (Self::Unseen, ProviderBillCommand::Resolve { .. }) => {
                Err(ReconciliationRefusal::BillNotFound)
            }
            (
                Self::Compared { last, resolved },
                ProviderBillCommand::Resolve { difference_id, reason },
            ) => {
                if !last.differences.iter().any(|it| it.difference_id == difference_id) {
                    return Err(ReconciliationRefusal::DifferenceNotFound);
                }
                if resolved.contains(&difference_id) {
                    return Err(ReconciliationRefusal::DifferenceIsResolved);
                }
                let bill_id = last.bill_id.clone();
                Ok(vec![ProviderBillEvent::BillDifferenceResolved {
                    bill_id,
                    difference_id,
                    reason,
                }])
            }
        }
    }

    fn evolve(&mut self, event: ProviderBillEvent) {
        match event {
            ProviderBillEvent::ProviderBillCompared(compared) => {
                let mut resolved = match std::mem::take(self) {
                    Self::Unseen => BTreeSet::new(),
                    Self::Compared { resolved, .. } => resolved,
                };
                for gone in &compared.gone {
                    resolved.remove(gone);
                }
                *self = Self::Compared { last: compared, resolved };
            }
            ProviderBillEvent::BillDifferenceResolved { difference_id, .. } => {
                if let Self::Compared { resolved, .. } = self {
                    resolved.insert(difference_id);
                }
            }
        }
    }
}
