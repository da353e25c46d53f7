//! The facts of a connection. Declared here and nowhere else.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The facts of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum ConnectionEvent {
    /// This is handed over from now on, and in this way.
    ConnectionSet(Settings),
    /// Nothing is handed over for now; what happens meanwhile is handed over later.
    ConnectionPaused {
        /// Why, in the words of the person who did it.
        reason: String,
    },
    /// It goes on.
    ConnectionResumed {},
    /// The books call some things otherwise.
    CodesMapped {
        /// What kind of things.
        kind: CodeKind,
        /// Which.
        codes: Vec<Code>,
    },
    /// A document is not handed over: a person takes care of it in the books.
    DocumentSkipped {
        /// Our number of it.
        number: String,
        /// Why, in the words of the person who said so.
        reason: String,
    },
    /// The books are compared with what happened since a time, and what they have not is handed over.
    ResyncRequested {
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// What is handed over, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Settings {
    /// When an order becomes a document.
    pub orders: OrderMoment,
    /// Whether goods that left become documents.
    pub deliveries: bool,
    /// Whether goods that came back and were settled become documents.
    pub returns: bool,
    /// Whether money that came in becomes documents.
    pub receipts: bool,
    /// Whether stock is what the books say.
    pub stock: bool,
    /// The books' code of the unit of products that have no other one.
    pub unit: String,
    /// The rate of tax in prices of goods whose order has none, in percent.
    pub tax_percent: u8,
    /// The books' code of the warehouse of goods that no other one is known of.
    pub warehouse: String,
}

/// When an order becomes a document of the books.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderMoment {
    /// Never.
    Never,
    /// When it is confirmed.
    Confirmed,
    /// When goods of it leave for the first time.
    Shipped,
}

/// What the books may call otherwise.
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
pub enum CodeKind {
    /// A dealer: a customer there (客户).
    Dealer,
    /// A product: a material there (物料).
    Product,
    /// The unit that a product is counted in, by the product.
    Unit,
    /// A warehouse.
    Warehouse,
}

/// What the books call something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Code {
    /// Its id here.
    pub own: String,
    /// Its code there; absent: none of its own any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
}

impl CodeKind {
    fn shown(self) -> Text {
        match self {
            Self::Dealer => Text::new("经销商与客户", "dealers"),
            Self::Product => Text::new("商品与物料", "products"),
            Self::Unit => Text::new("商品计量单位", "units of products"),
            Self::Warehouse => Text::new("仓库", "warehouses"),
        }
    }
}

impl OrderMoment {
    fn shown(self) -> Text {
        match self {
            Self::Never => Text::new("不传送订单", "orders are not handed over"),
            Self::Confirmed => {
                Text::new("订单确认后传送", "orders are handed over when they are confirmed")
            }
            Self::Shipped => {
                Text::new("订单首次发货后传送", "orders are handed over when they are shipped")
            }
        }
    }
}

impl DomainEvent for ConnectionEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::ConnectionSet(settings) => {
                let Text { zh, en } = settings.orders.shown();
                Text::new(format!("ERP 对接已设定：{zh}"), format!("connection with the ERP: {en}"))
            }
            Self::ConnectionPaused { reason } => Text::new(
                format!("ERP 对接已暂停：{reason}"),
                format!("the connection with the ERP is paused: {reason}"),
            ),
            Self::ConnectionResumed {} => {
                Text::new("ERP 对接已恢复", "the connection with the ERP goes on")
            }
            Self::CodesMapped { kind, codes } => {
                let (Text { zh, en }, count) = (kind.shown(), codes.len());
                Text::new(
                    format!("ERP 编码对照已更新：{zh}，{count} 项"),
                    format!("codes of the ERP were set for {count} of: {en}"),
                )
            }
            Self::DocumentSkipped { number, reason } => Text::new(
                format!("单据 {number} 不再传送：{reason}"),
                format!("document {number} is not handed over: {reason}"),
            ),
            Self::ResyncRequested { since } => {
                let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
                Text::new(
                    format!("与 ERP 重新核对 {since} 以来的单据"),
                    format!("the ERP is compared with everything since {since}"),
                )
            }
        }
    }
}
