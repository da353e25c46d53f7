//! Ids as types, so that a dealer can not be passed where a product is meant.

use std::str::FromStr;

use derive_more::Display;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Explain;

/// What the ids of one kind look like.
struct IdRule {
    length: std::ops::RangeInclusive<usize>,
    /// Signs allowed besides a–z and 0–9.
    more: fn(char) -> bool,
    first: fn(char) -> bool,
    /// The rule in words, Chinese and English, for the one who has to obey it.
    words: (&'static str, &'static str),
}

impl IdRule {
    fn check(&self, id: &str) -> Result<(), InvalidId> {
        let allowed = |sign: char| matches!(sign, 'a'..='z' | '0'..='9') || (self.more)(sign);
        let fits = self.length.contains(&id.len())
            && id.chars().all(allowed)
            && id.chars().next().is_some_and(self.first);
        if fits { Ok(()) } else { Err(InvalidId { zh: self.words.0, rule: self.words.1 }) }
    }
}

/// A text that is no id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {rule}")]
pub struct InvalidId {
    /// What it must be.
    pub rule: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

impl Explain for InvalidId {
    fn zh(&self) -> String {
        format!("须为{}", self.zh)
    }
}

const OBJECT: IdRule = IdRule {
    length: 1..=64,
    more: |sign| sign == '-',
    first: |_| true,
    words: ("1 至 64 个小写字母、数字或“-”", "1 to 64 of a-z, 0-9 and `-`"),
};

const ORDER: IdRule = IdRule {
    length: 1..=64,
    more: |sign| sign == '-' || sign.is_ascii_uppercase(),
    first: |_| true,
    words: ("1 至 64 个字母、数字或“-”", "1 to 64 of A-Z, a-z, 0-9 and `-`"),
};

/// The number of an order, a `-`, and a number of its own.
const SHIPMENT: IdRule = IdRule {
    length: 3..=75,
    more: |sign| sign == '-' || sign.is_ascii_uppercase(),
    first: |_| true,
    words: ("3 至 75 个字母、数字或“-”", "3 to 75 of A-Z, a-z, 0-9 and `-`"),
};

/// Payment service providers take no longer numbers, and no other signs.
const PAYMENT: IdRule = IdRule {
    length: 6..=32,
    more: |sign| sign.is_ascii_uppercase(),
    first: |_| true,
    words: ("6 至 32 个字母或数字", "6 to 32 of A-Z, a-z and 0-9"),
};

const TENANT: IdRule = IdRule {
    length: 2..=32,
    more: |sign| sign == '-',
    first: |sign| sign.is_ascii_lowercase(),
    words: (
        "2 至 32 个小写字母、数字或“-”，以字母开头",
        "2 to 32 of a-z, 0-9 and `-`, starting with a letter",
    ),
};

const USER: IdRule = IdRule {
    length: 2..=64,
    more: |sign| matches!(sign, '.' | '_' | '-'),
    first: |_| true,
    words: ("2 至 64 个小写字母、数字、“.”、“_”或“-”", "2 to 64 of a-z, 0-9, `.`, `_` and `-`"),
};

/// Declares id types: documentation, name, rule and the same rule as a JSON Schema pattern.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $rule:ident, $pattern:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Display, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(extend("pattern" = $pattern))]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(id: &str) -> Result<Self, InvalidId> {
                $rule.check(id).map(|()| Self(id.to_owned()))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )+};
}

ids! {
    /// A brand on this installation.
    TenantId: TENANT, "^[a-z][a-z0-9-]{1,31}$";
    /// A person's user name, which is also the person's id.
    UserId: USER, "^[a-z0-9._-]{2,64}$";
    /// A dealer.
    DealerId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A region of the sales area.
    RegionId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A product.
    ProductId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A price list.
    PriceListId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A rule about who sees which products.
    AssortmentRuleId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A promotion.
    PromotionId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A plan of rebates (返利政策).
    RebatePlanId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A level of dealers (级别), as the brand has them.
    LevelId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A channel (渠道类型) that dealers sell through.
    ChannelId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// A program of a tenant.
    ServiceAccountId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// An order.
    OrderId: ORDER, "^[A-Za-z0-9-]{1,64}$";
    /// A warehouse (仓库) that goods lie in.
    WarehouseId: OBJECT, "^[a-z0-9-]{1,64}$";
    /// Money that a dealer sent (汇款).
    RemittanceId: ORDER, "^[A-Za-z0-9-]{1,64}$";
    /// A line of a bank's statement (银行流水).
    BankLineId: ORDER, "^[A-Za-z0-9-]{1,64}$";
    /// A statement of one account of a dealer.
    StatementId: ORDER, "^[A-Za-z0-9-]{1,64}$";
    /// Goods that a dealer has something to say about, or sends back (售后单).
    AfterSaleId: ORDER, "^[A-Za-z0-9-]{1,64}$";
    /// A cart (购物车) or a template that a dealer keeps.
    CartId: ORDER, "^[A-Za-z0-9-]{1,64}$";
    /// An attempt to pay an order through a payment service provider (支付单).
    PaymentId: PAYMENT, "^[A-Za-z0-9]{6,32}$";
    /// What one warehouse sends of an order (发货单).
    ShipmentId: SHIPMENT, "^[A-Za-z0-9-]{3,75}$";
}

impl RegionId {
    /// The region above all others.
    pub fn root() -> Self {
        Self("root".to_owned())
    }
}

impl PaymentId {
    /// The number of one of its refunds, counted from 0.
    #[must_use]
    pub fn refund(&self, index: usize) -> Self {
        const LONGEST: usize = 29;
        let start: String = self.0.chars().take(LONGEST).collect();
        Self(format!("{start}R{}", index + 1))
    }
}

impl ShipmentId {
    /// The number of a shipment of an order, counted from 1. It follows from both, so that each is
    /// made once, and an order's shipments are found by the order.
    #[must_use]
    pub fn of(order_id: &OrderId, number: u32) -> Self {
        Self(format!("{order_id}-{number}"))
    }
}

impl PriceListId {
    /// The list that counts for everybody.
    pub fn base() -> Self {
        Self("base".to_owned())
    }
}
