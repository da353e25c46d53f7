//! How long orders may wait, and for what: for goods (欠货), and for people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::order::expiring::Waited;

/// Whether an order may wait for goods that are not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackOrders {
    /// 不接受: what is not there is refused.
    #[default]
    Off,
    /// 征得同意: where whoever orders agrees.
    Ask,
    /// 一律接受: where whoever orders does not say otherwise.
    Always,
}

impl BackOrders {
    /// Whether what is not there may wait, given what whoever orders says of it.
    pub fn allow(self, said: Option<bool>) -> bool {
        match self {
            Self::Off => false,
            Self::Ask => said.unwrap_or(false),
            Self::Always => said.unwrap_or(true),
        }
    }
}

/// How orders wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct WaitingRules {
    /// Whether orders may wait for goods.
    #[serde(default)]
    pub back_orders: BackOrders,
    /// Hours after which an order that waits to be paid is called off; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_hours: Option<u32>,
    /// Hours after which an order that waits for credit is called off; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_hours: Option<u32>,
    /// Hours after which an order that waits for review is called off; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_hours: Option<u32>,
    /// Hours after which an order that waits, for anything, is listed as stuck (滞留); absent: none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck_hours: Option<u32>,
}

impl WaitingRules {
    /// How long an order may wait for something before it is called off.
    pub fn hours(&self, waited: Waited) -> Option<u32> {
        match waited {
            Waited::Payment => self.payment_hours,
            Waited::Credit => self.credit_hours,
            Waited::Review => self.review_hours,
        }
    }

    /// Whether nobody has said anything.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
