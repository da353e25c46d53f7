//! What an order is paid from, in print.

use proto::order::v1::{CreditStanding, HoldReason, OrderPayment};
use serde::Serialize;

use crate::client::{failure, money};

#[derive(Serialize)]
pub(super) struct Payment {
    rebate_minor: i64,
    prepaid_minor: i64,
    credit_minor: i64,
    #[serde(skip_serializing_if = "is_nothing")]
    online_minor: i64,
    open_minor: i64,
    credit_standing: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hold_reasons: Vec<&'static str>,
    #[serde(skip_serializing_if = "is_nothing")]
    missing_credit_minor: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_nothing(amount: &i64) -> bool {
    *amount == 0
}

impl From<OrderPayment> for Payment {
    fn from(paid: OrderPayment) -> Self {
        let standing = match paid.credit_standing() {
            CreditStanding::Unspecified | CreditStanding::NotNeeded => "not-needed",
            CreditStanding::Reserved => "reserved",
            CreditStanding::OnHold => "on-hold",
            CreditStanding::Refused => "refused",
            CreditStanding::Freed => "freed",
        };
        let reason = |reason| match reason {
            HoldReason::Unspecified => "unknown",
            HoldReason::OverLimit => "over-limit",
            HoldReason::Overdue => "overdue",
            HoldReason::Blocked => "blocked",
        };
        Self {
            hold_reasons: paid.hold_reasons().map(reason).collect(),
            rebate_minor: paid.rebate_minor,
            prepaid_minor: paid.prepaid_minor,
            credit_minor: paid.credit_minor,
            online_minor: paid.online_minor,
            open_minor: paid.open_minor,
            credit_standing: standing,
            missing_credit_minor: paid.missing_credit_minor,
        }
    }
}

impl Payment {
    /// One line for people.
    pub(super) fn shown(&self, currency: &str) -> String {
        let zh = failure::locale() == "zh-CN";
        let parts = [
            (self.rebate_minor, "返利", "rebate"),
            (self.prepaid_minor, "预存款", "prepaid"),
            (self.credit_minor, "信用", "credit"),
            (self.online_minor, "在线支付", "online"),
            (self.open_minor, "待付款", "open"),
        ];
        let parts = parts.into_iter().filter(|(amount, ..)| *amount != 0);
        let parts = parts.map(|(amount, chinese, english)| {
            let name = if zh { chinese } else { english };
            format!("{name} {}", money::format(amount, currency))
        });
        let mut text = parts.collect::<Vec<_>>().join(", ");
        if self.credit_standing == "on-hold" {
            let (what, reasons) =
                (if zh { "信用冻结" } else { "on hold" }, self.hold_reasons.join(", "));
            text.push_str(&format!(" ({what}: {reasons})"));
        }
        text
    }
}
