//! The facts of a line of a bank's statement.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BankLineId, BusinessDate, Currency, DealerId, Minor, RemittanceId};

/// The facts of a line of a bank's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum BankLineEvent {
    /// It was brought in.
    BankLineImported(Box<BankEntry>),
    /// It may be this remittance.
    BankLineProposed {
        /// The line.
        line_id: BankLineId,
        /// The remittance.
        remittance_id: RemittanceId,
        /// Who sent it, as it was reported.
        dealer_id: DealerId,
        /// Whether a person said so; else it was found by its reference.
        by_hand: bool,
    },
    /// A remittance with its reference is of another amount or currency, has counted as another
    /// transfer, or is claimed by a second dealer.
    BankLineDiffered {
        /// The line.
        line_id: BankLineId,
        /// The remittance.
        remittance_id: RemittanceId,
        /// Who sent it, as it was reported.
        dealer_id: DealerId,
        /// The remittance's currency.
        currency: Currency,
        /// What was reported, or counted.
        reported_minor: Minor,
        /// The remittance of another dealer that claims the line, too; absent: none does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rival_id: Option<RemittanceId>,
    },
    /// It is this remittance, which counts.
    BankLineMatched {
        /// The line.
        line_id: BankLineId,
        /// The remittance.
        remittance_id: RemittanceId,
        /// Who sent it.
        dealer_id: DealerId,
        /// The amount is in this currency.
        currency: Currency,
        /// What the bank has.
        amount_minor: Minor,
        /// Whether nobody had reported it.
        assigned: bool,
    },
    /// It is no dealer's money.
    BankLineSetAside {
        /// The line.
        line_id: BankLineId,
        /// In the words of the person who said so.
        reason: String,
    },
    /// A proposal or a setting aside was taken back, or the remittance that differed was rejected.
    BankLineReopened {
        /// The line.
        line_id: BankLineId,
        /// In words.
        reason: String,
    },
}

/// A line as the bank has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct BankEntry {
    /// The line.
    pub line_id: BankLineId,
    /// The brand's account that the money came to.
    pub bank_account: String,
    /// What the bank calls the line.
    pub bank_reference: String,
    /// The day of the bank.
    pub booked_on: BusinessDate,
    /// The amount is in this currency.
    pub currency: Currency,
    /// What came in.
    pub amount_minor: Minor,
    /// Who paid; may be empty.
    pub payer_name: String,
    /// From which account; may be empty.
    pub payer_account: String,
    /// What the bank says of it; may be empty.
    pub memo: String,
}

impl BankEntry {
    /// Whether it is the same money; banks write names and memos in one file so and in another so.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.amount_minor == other.amount_minor
            && self.currency == other.currency
            && self.booked_on == other.booked_on
    }
}

impl DomainEvent for BankLineEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::BankLineImported(entry) => {
                let amount = entry.currency.show(entry.amount_minor);
                let (reference, day) = (&entry.bank_reference, entry.booked_on);
                Text::new(
                    format!("导入银行流水 {reference}：{day} 收入 {amount}"),
                    format!("the bank's line {reference} was imported: {amount} came on {day}"),
                )
            }
            Self::BankLineProposed { line_id, remittance_id, by_hand, .. } => {
                let (zh, en) = match by_hand {
                    true => ("人工", "by hand"),
                    false => ("自动", "by its reference"),
                };
                Text::new(
                    format!("银行流水 {line_id} 拟匹配汇款 {remittance_id}（{zh}）"),
                    format!("line {line_id} may be remittance {remittance_id} ({en})"),
                )
            }
            Self::BankLineDiffered { line_id, remittance_id, rival_id: Some(rival), .. } => {
                Text::new(
                    format!(
                        "两家经销商申报同一银行流水 {line_id}：汇款 {remittance_id} 与 {rival}"
                    ),
                    format!("two dealers claim line {line_id}: {remittance_id} and {rival}"),
                )
            }
            Self::BankLineDiffered { line_id, remittance_id, currency, reported_minor, .. } => {
                let amount = currency.show(*reported_minor);
                Text::new(
                    format!("银行流水 {line_id} 与汇款 {remittance_id} 不符（汇款 {amount}）"),
                    format!("remittance {remittance_id} of {amount} differs from line {line_id}"),
                )
            }
            Self::BankLineMatched { line_id, remittance_id, currency, amount_minor, .. } => {
                let amount = currency.show(*amount_minor);
                Text::new(
                    format!("银行流水 {line_id} 已匹配汇款 {remittance_id}：{amount}"),
                    format!("line {line_id} is remittance {remittance_id}: {amount}"),
                )
            }
            Self::BankLineSetAside { line_id, reason } => Text::new(
                format!("银行流水 {line_id} 已搁置：{reason}"),
                format!("line {line_id} was set aside: {reason}"),
            ),
            Self::BankLineReopened { line_id, reason } => Text::new(
                format!("银行流水 {line_id} 已退回未匹配：{reason}"),
                format!("line {line_id} is open again: {reason}"),
            ),
        }
    }
}
