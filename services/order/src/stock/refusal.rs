//! Why stock says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{ProductId, Quantity};

/// Why stock says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum StockRefusal {
    /// Orders can not have what is not there.
    #[error("there are only {available} of {product_id}; take less, or wait for more")]
    OutOfStock {
        /// The product.
        product_id: ProductId,
        /// What there is.
        available: Quantity,
    },
    /// Nobody has told what there is.
    #[error("no stock of the product is kept; count it first")]
    StockNotKept,
    /// Stock is kept of what there is.
    #[error("there is no product {product_id}; publish it first")]
    UnknownProduct {
        /// What was named.
        product_id: ProductId,
    },
    /// A product is named twice.
    #[error("{product_id} is named twice; give each product once")]
    ProductTwice {
        /// The product.
        product_id: ProductId,
    },
    /// What an order waits for can not leave.
    #[error(
        "the order still waits for {waiting} of {product_id}; ship what is there, or receive the \
         goods first"
    )]
    StillWaiting {
        /// The product.
        product_id: ProductId,
        /// What it waits for.
        waiting: Quantity,
    },
    /// Who waits would wait for ever.
    #[error(
        "{orders} orders wait for the product; receive goods for them, or let them be given up"
    )]
    OrdersWait {
        /// How many.
        orders: usize,
    },
}

impl Refusal for StockRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::OutOfStock { .. }
            | Self::StockNotKept
            | Self::StillWaiting { .. }
            | Self::OrdersWait { .. } => RefusalKind::FailedPrecondition,
            Self::UnknownProduct { .. } => RefusalKind::NotFound,
            Self::ProductTwice { .. } => RefusalKind::InvalidArgument,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::OutOfStock { product_id, available } => {
                format!("商品 {product_id} 库存不足，仅剩 {available}，请减少数量或等待补货")
            }
            Self::StockNotKept => "该商品未管理库存，请先盘点".to_owned(),
            Self::UnknownProduct { product_id } => format!("没有商品 {product_id}，请先发布"),
            Self::ProductTwice { product_id } => {
                format!("商品 {product_id} 重复，每个商品只能填一次")
            }
            Self::StillWaiting { product_id, waiting } => {
                format!("商品 {product_id} 还欠货 {waiting}，请只发已到货的部分，或先入库")
            }
            Self::OrdersWait { orders } => {
                format!("还有 {orders} 张订单在等这个商品，请先入库补齐，或放弃这些欠货")
            }
        };
        Text::new(zh, self.to_string())
    }
}
