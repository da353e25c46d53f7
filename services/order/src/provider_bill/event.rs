//! The facts of a provider's bill.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Currency, Minor, Provider};

/// The facts of a provider's bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum ProviderBillEvent {
    /// It was compared with the payments on record.
    ProviderBillCompared(Box<ProviderBillCompared>),
    /// Somebody has looked at a difference.
    BillDifferenceResolved {
        /// The bill.
        bill_id: String,
        /// The difference.
        difference_id: String,
        /// In the words of the person who did it.
        reason: String,
    },
}

/// How a bill compares with what is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ProviderBillCompared {
    /// The bill.
    pub bill_id: String,
    /// Whose bill it is.
    pub provider: Provider,
    /// The number that the provider knows the brand by.
    pub merchant: String,
    /// The day in China.
    pub day: BusinessDate,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// By the bill.
    pub there: BillTotals,
    /// By what is on record.
    pub here: BillTotals,
    /// What the provider has taken, less what it gave back.
    pub fee_minor: Minor,
    /// SHA-256 of the bill's lines.
    pub digest: String,
    /// How many differences there are.
    pub differences_count: u32,
    /// The first of them.
    pub differences: Vec<BillDifference>,
    /// Differences of the comparison before that are none any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// Who had it compared; nobody, when it was morning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

/// What came in and went back on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillTotals {
    /// Payments.
    pub paid_count: u32,
    /// What came in.
    pub paid_minor: Minor,
    /// Refunds.
    pub refunded_count: u32,
    /// What went back.
    pub refunded_minor: Minor,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillDifference {
    /// The same for the same difference, however often the bill is compared.
    pub difference_id: String,
    /// What differs.
    pub kind: DifferenceKind,
    /// Whether the money went back.
    pub is_refund: bool,
    /// The merchant's number of the payment, as the provider has it: it may be no payment of ours.
    pub payment: String,
    /// The merchant's number of the refund; may be empty.
    pub refund: String,
    /// The provider's number; may be empty.
    pub transaction: String,
    /// By the bill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there_minor: Option<Minor>,
    /// By what is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here_minor: Option<Minor>,
}

/// What differs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DifferenceKind {
    /// 仅支付机构有: the provider has it, and nobody here knows of it.
    OnlyThere,
    /// 仅本系统有: it is on record here, and the bill does not have it.
    OnlyHere,
    /// 金额不符: both have it, with other amounts.
    Amount,
}

impl ProviderBillCompared {
    /// Whether another comparison came to the same.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.digest == other.digest
            && self.here == other.here
            && self.differences_count == other.differences_count
            && self.differences == other.differences
    }
}

impl DomainEvent for ProviderBillEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::ProviderBillCompared(compared) => {
                let ProviderBillCompared { provider, day, there, differences_count, .. } =
                    &**compared;
                let amount = compared.currency.show(there.paid_minor);
                let (paid, back) = (there.paid_count, there.refunded_count);
                Text::new(
                    format!(
                        "核对{} {day} 账单：收款 {paid} 笔 {amount}，退款 {back} 笔，差异 {differences_count} 项",
                        provider.zh()
                    ),
                    format!(
                        "the bill of {} for {day} was compared: {paid} payments of {amount}, \
                         {back} refunds, {differences_count} differences",
                        provider.en()
                    ),
                )
            }
            Self::BillDifferenceResolved { bill_id, reason, .. } => Text::new(
                format!("账单 {bill_id} 的一项差异已处理：{reason}"),
                format!("a difference of bill {bill_id} was resolved: {reason}"),
            ),
        }
    }
}
