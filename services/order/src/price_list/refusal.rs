//! Why a price list says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{BusinessDate, Currency, Minor, PriceListId, ProductId};

/// Why a price list says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PriceListRefusal {
    /// There is no such list.
    #[error("there is no such price list; create it first")]
    PriceListNotFound,
    /// It exists already.
    #[error("price list {price_list_id} exists already; choose another id for another list")]
    AlreadyCreated {
        /// The list.
        price_list_id: PriceListId,
    },
    /// Nothing is free of charge by way of a price list.
    #[error("the price of {product_id} is not above 0; give a price above 0")]
    PriceNotPositive {
        /// The product.
        product_id: ProductId,
    },
    /// A floor is above the price.
    #[error(
        "the floor of {product_id} is above its price; set it to {} at most",
        currency.show(*price)
    )]
    FloorAbovePrice {
        /// The product.
        product_id: ProductId,
        /// Its price.
        price: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// What has no price has no floor.
    #[error("{product_id} has no price; set its price first")]
    FloorWithoutPrice {
        /// The product.
        product_id: ProductId,
    },
    /// Steps that are none.
    #[error(
        "the prices of larger quantities of {product_id} are not in order; give at most 10, \
         each from more than the one before, the first from 2, all above 0"
    )]
    BreaksNotRising {
        /// The product.
        product_id: ProductId,
    },
    /// What was is not changed.
    #[error("the first day is over; take today, {today}, or a later one")]
    DayOver {
        /// Today in the calendar of the brand.
        today: BusinessDate,
    },
    /// Too much is announced.
    #[error("six other prices of {product_id} are announced already; change one of those days")]
    TooManyAnnounced {
        /// The product.
        product_id: ProductId,
    },
    /// The list is full.
    #[error("a price list holds at most 20,000 prices; open another list")]
    TooManyPrices,
}

impl Refusal for PriceListRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::PriceListNotFound => RefusalKind::NotFound,
            Self::AlreadyCreated { .. } => RefusalKind::AlreadyExists,
            Self::PriceNotPositive { .. } | Self::BreaksNotRising { .. } | Self::DayOver { .. } => {
                RefusalKind::InvalidArgument
            }
            Self::FloorAbovePrice { .. }
            | Self::FloorWithoutPrice { .. }
            | Self::TooManyAnnounced { .. }
            | Self::TooManyPrices => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::PriceListNotFound => "没有这个价格表，请先创建".to_owned(),
            Self::AlreadyCreated { price_list_id } => {
                format!("价格表 {price_list_id} 已创建；如为另一价格表，请换一个编号")
            }
            Self::PriceNotPositive { product_id } => {
                format!("商品 {product_id} 的价格须大于 0")
            }
            Self::FloorAbovePrice { product_id, price, currency } => {
                let price = currency.show(*price);
                format!("商品 {product_id} 的底价高于其价格，最多可设为 {price}")
            }
            Self::FloorWithoutPrice { product_id } => {
                format!("商品 {product_id} 尚无价格，请先设定价格")
            }
            Self::BreaksNotRising { product_id } => format!(
                "商品 {product_id} 的数量价有误：最多 10 档，起订量从 2 起逐档递增，价格须大于 0"
            ),
            Self::DayOver { today } => format!("生效日期已过，请选择今天（{today}）或以后的日期"),
            Self::TooManyAnnounced { product_id } => {
                format!("商品 {product_id} 已预告 6 个日期的价格，请修改其中一个")
            }
            Self::TooManyPrices => "一个价格表最多 20,000 个价格，请另建价格表".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}
