//! Why an order says no, and what would make it say yes.

use kernel::{Refusal, RefusalKind, Text};
use values::{Currency, DealerId, Minor, ProductId, PromotionId, Quantity};

use super::change_refusal::ChangeRefusal;
use super::review_refusal::ReviewRefusal;
use crate::account::AccountRefusal;
use crate::after_sale::AfterSaleRefusal;
use crate::bank_line::ReconciliationRefusal;
use crate::cart::CartRefusal;
use crate::funds::FundsRefusal;
use crate::payment::PaymentRefusal;
use crate::shipment::ShipmentRefusal;
use crate::statement::StatementRefusal;
use crate::stock::StockRefusal;

/// Why an order says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderRefusal {
    /// The dealer can not order, or not yet: accounts are opened shortly after registration.
    #[error("the ordering account of {dealer_id} is not open; it opens shortly after registration")]
    AccountNotOpen {
        /// The dealer.
        dealer_id: DealerId,
    },
    /// A line asks for something that is not in the range.
    #[error(
        "line {line_no}: {product_id} is not in the range; remove the line or take another product"
    )]
    ProductNotOrderable {
        /// The line.
        line_no: u32,
        /// The product.
        product_id: ProductId,
    },
    /// Nobody has said what a product costs.
    #[error("line {line_no}: {product_id} has no price; headquarters must set a base price first")]
    PriceMissing {
        /// The line.
        line_no: u32,
        /// The product.
        product_id: ProductId,
    },
    /// The price is another one than the caller saw.
    #[error(
        "line {line_no}: {product_id} costs {} instead of {}; submit again with the current price",
        currency.show(*current), currency.show(*seen)
    )]
    PriceChanged {
        /// The line.
        line_no: u32,
        /// The product.
        product_id: ProductId,
        /// What the caller saw.
        seen: Minor,
        /// What it is.
        current: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// The order costs something else than the caller saw.
    #[error(
        "the order costs {} instead of {} after discounts; look at it again and submit it anew",
        currency.show(*current), currency.show(*seen)
    )]
    AmountChanged {
        /// What the caller saw.
        seen: Minor,
        /// What it is.
        current: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// It costs or includes something else than the caller saw, or is paid from something else.
    #[error(
        "what promotions give or what it is paid from has changed; look at the order again and \
         submit it anew"
    )]
    OfferChanged,
    /// Others were faster.
    #[error("promotion {promotion_id} has run out; look at the order again and submit it anew")]
    PromotionRanOut {
        /// The promotion.
        promotion_id: PromotionId,
    },
    /// More is given than can be listed.
    #[error("the order is given more than 200 kinds of gifts; split it into several orders")]
    TooManyGifts,
    /// The order costs more than can be counted.
    #[error("the amount of the order is too large; split it into several orders")]
    AmountTooLarge,
    /// An order is about something.
    #[error("an order has 1 to 200 lines; change the number of lines")]
    WrongNumberOfLines,
    /// There is no such order.
    #[error("there is no such order; check its number")]
    OrderNotFound,
    /// It was submitted before.
    #[error("this order was submitted already; use another number for another order")]
    AlreadySubmitted,
    /// It was confirmed before.
    #[error("the order is confirmed already; nothing is left to do")]
    AlreadyConfirmed,
    /// Everything was shipped before.
    #[error("everything of the order was shipped already; nothing is left to do")]
    AlreadyShipped,
    /// Everything was received before.
    #[error("everything of the order was received already; nothing is left to do")]
    AlreadyReceived,
    /// It was cancelled before.
    #[error("the order is cancelled already; nothing is left to do")]
    AlreadyCancelled,
    /// The order is called off.
    #[error("the order is cancelled; submit a new one")]
    OrderCancelled,
    /// The brand has not accepted it.
    #[error("the order is not confirmed; confirm it first")]
    NotConfirmed,
    /// It waits for credit.
    #[error("the order waits for credit; let finance release it, or pay it otherwise")]
    CreditOnHold,
    /// It does not wait for credit.
    #[error("the order does not wait for credit; nothing is left to do")]
    NotOnHold,
    /// It is not paid.
    #[error("{} of the order are still to be paid; pay them first", currency.show(*open))]
    NotPaid {
        /// What is to be paid.
        open: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// Everything is paid.
    #[error("nothing of the order is to be paid; nothing is left to do")]
    NothingToPay,
    /// A rule of money.
    #[error(transparent)]
    Funds(#[from] FundsRefusal),
    /// A rule of payments through providers.
    #[error(transparent)]
    Payment(#[from] PaymentRefusal),
    /// A rule of bank statements and of providers' bills.
    #[error(transparent)]
    Reconciliation(#[from] ReconciliationRefusal),
    /// A rule of stock.
    #[error(transparent)]
    Stock(#[from] StockRefusal),
    /// A rule of shipments.
    #[error(transparent)]
    Shipment(#[from] ShipmentRefusal),
    /// A rule of ordering accounts.
    #[error(transparent)]
    Account(#[from] AccountRefusal),
    /// A rule of carts.
    #[error(transparent)]
    Cart(#[from] CartRefusal),
    /// A rule of statements.
    #[error(transparent)]
    Statement(#[from] StatementRefusal),
    /// Goods are on their way.
    #[error("{shipped} units were shipped already; an order can be cancelled only before that")]
    GoodsShipped {
        /// How many.
        shipped: Quantity,
    },
    /// Nothing was shipped, so all of it can still be called off.
    #[error("nothing of the order was shipped; cancel it instead")]
    NothingShipped,
    /// Nothing is on its way.
    #[error("nothing is on its way; receive goods after they were shipped")]
    NothingToReceive,
    /// The order has no such line.
    #[error("the order has no line {line_no}; use the line numbers of the order")]
    LineNotFound {
        /// The line.
        line_no: u32,
    },
    /// A line is named twice.
    #[error("line {line_no} is named twice; give each line once")]
    LineTwice {
        /// The line.
        line_no: u32,
    },
    /// More than is still to be shipped.
    #[error("line {line_no}: at most {open} can still be shipped; lower the quantity")]
    MoreThanOrdered {
        /// The line.
        line_no: u32,
        /// What can still be shipped.
        open: Quantity,
    },
    /// More than is on its way.
    #[error("line {line_no}: at most {open} can be received; lower the quantity")]
    MoreThanShipped {
        /// The line.
        line_no: u32,
        /// What can be received.
        open: Quantity,
    },
    /// More than the dealer has and has not complained about.
    #[error("line {line_no}: only {open} can be in an after-sale case; lower the quantity")]
    MoreThanArrived {
        /// The line.
        line_no: u32,
        /// What can be.
        open: Quantity,
    },
    /// More than the goods have cost.
    #[error("the goods are worth {}; settle no more than that", currency.show(*most))]
    MoreThanPaid {
        /// What they are worth.
        most: Minor,
        /// In this currency.
        currency: Currency,
    },
    /// The case whose goods it sends again is settled by it.
    #[error("the order sends goods of a settled after-sale case again; ship all of it")]
    SendsAgain,
    /// Nothing has arrived that the dealer could be content with.
    #[error("nothing of the order has arrived; rate it after that")]
    NothingToRate,
    /// It was rated before.
    #[error("the order is rated already; nothing is left to do")]
    AlreadyRated,
    /// Nothing of it is a back-order that somebody could do without.
    #[error("nothing of the order waits for goods; cancel the order or close it short instead")]
    NothingWaits,
    /// It does not wait for that, or not so long.
    #[error("the order is not due to expire; it was acted on, or its time is not over")]
    NotDue,
    /// How long it has waited is said by the clock alone.
    #[error("orders expire by themselves; cancel the order instead")]
    ExpiresByItself,
    /// A rule of its review.
    #[error(transparent)]
    Review(#[from] ReviewRefusal),
    /// A rule of its changes.
    #[error(transparent)]
    Change(#[from] ChangeRefusal),
    /// A rule of after-sale cases.
    #[error(transparent)]
    AfterSale(#[from] AfterSaleRefusal),
    /// It would be another company's order.
    #[error("people of a dealer act for their own company only; use an account of that dealer")]
    OtherDealer,
    /// The day of an order is today, for most people.
    #[error("only headquarters and integrations may date an order; leave the business date empty")]
    BusinessDateNotAllowed,
}

impl Refusal for OrderRefusal {
    fn reason(&self) -> String {
        self.of_another().map_or_else(|| self.as_ref().to_owned(), |(reason, ..)| reason)
    }

    fn kind(&self) -> RefusalKind {
        if let Some((_, kind, _)) = self.of_another() {
            return kind;
        }
        match self {
            Self::OrderNotFound => RefusalKind::NotFound,
            Self::AlreadySubmitted => RefusalKind::AlreadyExists,
            Self::AccountNotOpen { .. }
            | Self::ProductNotOrderable { .. }
            | Self::PriceMissing { .. }
            | Self::PriceChanged { .. }
            | Self::AmountChanged { .. }
            | Self::OfferChanged
            | Self::PromotionRanOut { .. }
            | Self::AlreadyConfirmed
            | Self::AlreadyShipped
            | Self::AlreadyReceived
            | Self::AlreadyCancelled
            | Self::OrderCancelled
            | Self::NotConfirmed
            | Self::CreditOnHold
            | Self::NotOnHold
            | Self::NotPaid { .. }
            | Self::NothingToPay
            | Self::GoodsShipped { .. }
            | Self::NothingShipped
            | Self::NothingToReceive
            | Self::MoreThanOrdered { .. }
            | Self::MoreThanShipped { .. }
            | Self::MoreThanArrived { .. }
            | Self::MoreThanPaid { .. }
            | Self::NothingToRate
            | Self::SendsAgain
            | Self::AlreadyRated
            | Self::NothingWaits
            | Self::NotDue
            | Self::ExpiresByItself
            | Self::Funds(_)
            | Self::Payment(_)
            | Self::Reconciliation(_)
            | Self::Stock(_)
            | Self::Shipment(_)
            | Self::Account(_)
            | Self::Cart(_)
            | Self::Statement(_)
            | Self::Review(_)
            | Self::Change(_)
            | Self::AfterSale(_) => RefusalKind::FailedPrecondition,
            Self::AmountTooLarge
            | Self::TooManyGifts
            | Self::WrongNumberOfLines
            | Self::LineNotFound { .. }
            | Self::LineTwice { .. } => RefusalKind::InvalidArgument,
            Self::OtherDealer | Self::BusinessDateNotAllowed => RefusalKind::PermissionDenied,
        }
    }

    fn text(&self) -> Text {
        let own = || Text::new(self.zh(), self.to_string());
        self.of_another().map_or_else(own, |(.., text)| text)
    }

    fn retry_soon(&self) -> bool {
        matches!(self, Self::AccountNotOpen { .. })
    }
}

impl OrderRefusal {
    /// A rule of something else than the order, which has a code and words of its own.
    fn of_another(&self) -> Option<(String, RefusalKind, Text)> {
        fn told(refusal: &impl Refusal) -> Option<(String, RefusalKind, Text)> {
            Some((refusal.reason(), refusal.kind(), refusal.text()))
        }
        if let Self::Funds(refusal) = self {
            told(refusal)
        } else if let Self::Payment(refusal) = self {
            told(refusal)
        } else if let Self::Reconciliation(refusal) = self {
            told(refusal)
        } else if let Self::Stock(refusal) = self {
            told(refusal)
        } else if let Self::Shipment(refusal) = self {
            told(refusal)
        } else if let Self::Account(refusal) = self {
            told(refusal)
        } else if let Self::Cart(refusal) = self {
            told(refusal)
        } else if let Self::Statement(refusal) = self {
            told(refusal)
        } else if let Self::Review(refusal) = self {
            told(refusal)
        } else if let Self::Change(refusal) = self {
            told(refusal)
        } else if let Self::AfterSale(refusal) = self {
            told(refusal)
        } else {
            None
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Funds(_) | Self::Payment(_) | Self::Stock(_) => self.to_string(),
            Self::Shipment(_) | Self::Account(_) | Self::Reconciliation(_) => self.to_string(),
            Self::Statement(_) => self.to_string(),
            Self::Cart(_) | Self::AfterSale(_) => self.to_string(),
            Self::Review(_) | Self::Change(_) => self.to_string(),
            Self::AccountNotOpen { dealer_id } => {
                format!("经销商 {dealer_id} 的订货账户尚未开通；注册后很快会自动开通，请稍后再试")
            }
            Self::ProductNotOrderable { line_no, .. }
            | Self::PriceMissing { line_no, .. }
            | Self::PriceChanged { line_no, .. }
            | Self::MoreThanOrdered { line_no, .. }
            | Self::MoreThanShipped { line_no, .. }
            | Self::MoreThanArrived { line_no, .. } => {
                format!("第 {line_no} 行：{}", self.zh_of_a_line())
            }
            Self::AmountChanged { seen, current, currency } => {
                let (seen, current) = (currency.show(*seen), currency.show(*current));
                format!("优惠后金额已由 {seen} 变为 {current}，请确认后重新提交")
            }
            Self::OfferChanged => "优惠、赠品或付款方式已变化，请重新查看订单后提交".into(),
            Self::PromotionRanOut { promotion_id } => {
                format!("促销 {promotion_id} 已用完，请重新查看订单后提交")
            }
            Self::LineNotFound { line_no } => format!("订单没有第 {line_no} 行，请核对行号"),
            Self::LineTwice { line_no } => format!("第 {line_no} 行重复，每行只能填一次"),
            Self::GoodsShipped { shipped } => format!("订单已发货 {shipped} 件，不能取消"),
            Self::TooManyGifts => "赠品超过 200 种，请拆成多个订单".into(),
            Self::AmountTooLarge => "订单金额过大，请拆成多个订单".into(),
            Self::WrongNumberOfLines => "订单须有 1 至 200 行，请调整行数".into(),
            Self::OrderNotFound => "没有这个订单，请核对订单号".into(),
            Self::AlreadySubmitted => "该订单已提交；如为另一订单，请换一个订单号".into(),
            Self::AlreadyConfirmed => "订单已确认，无需重复操作".into(),
            Self::AlreadyShipped => "订单已全部发货，无需重复操作".into(),
            Self::AlreadyReceived => "订单已全部签收，无需重复操作".into(),
            Self::AlreadyCancelled => "订单已取消，无需重复操作".into(),
            Self::OrderCancelled => "订单已取消，请重新下单".into(),
            Self::CreditOnHold => "订单信用冻结中，请财务解除冻结，或改用其他方式付款".into(),
            Self::NotOnHold => "订单未被信用冻结，无需操作".into(),
            Self::NotPaid { open, currency } => {
                format!("订单尚有 {} 未付，请先付款", currency.show(*open))
            }
            Self::NothingToPay => "订单没有待付金额，无需操作".into(),
            Self::MoreThanPaid { most, currency } => {
                format!("这些商品价值 {}，处理金额不能超过该金额", currency.show(*most))
            }
            Self::SendsAgain => "该订单为已完成售后的补发，不能取消或欠量关闭，请全部发货".into(),
            Self::NothingToRate => "订单尚未到货，请在签收后评价".into(),
            Self::AlreadyRated => "订单已评价，无需重复操作".into(),
            Self::NothingWaits => "订单没有欠货；如不需要，请取消订单或欠量关闭".into(),
            Self::NotDue => "订单尚未到期：已被处理，或等待时间未满".into(),
            Self::ExpiresByItself => "订单到期由系统自动处理；如不再需要，请取消订单".into(),
            Self::NotConfirmed => "订单尚未确认，请先确认".into(),
            Self::NothingShipped => "订单尚未发货，没有欠量；请改为取消订单".into(),
            Self::NothingToReceive => "没有在途商品，请在发货后签收".into(),
            Self::OtherDealer => "经销商人员只能办理本公司的业务，请用该经销商的账号".into(),
            Self::BusinessDateNotAllowed => "只有总部和集成系统可以指定业务日期，请留空".into(),
        }
    }

    /// What is wrong with a line, without its number; nothing of what is about no line.
    fn zh_of_a_line(&self) -> String {
        if let Self::ProductNotOrderable { product_id, .. } = self {
            format!("商品 {product_id} 不可订购，请删除该行或改选其他商品")
        } else if let Self::PriceMissing { product_id, .. } = self {
            format!("商品 {product_id} 尚无价格，请总部先设定基准价")
        } else if let Self::PriceChanged { product_id, seen, current, currency, .. } = self {
            let (seen, current) = (currency.show(*seen), currency.show(*current));
            format!("商品 {product_id} 的价格已由 {seen} 变为 {current}，请确认新价格后重新提交")
        } else if let Self::MoreThanOrdered { open, .. } = self {
            format!("最多还可发货 {open}，请减少数量")
        } else if let Self::MoreThanShipped { open, .. } = self {
            format!("最多可签收 {open}，请减少数量")
        } else if let Self::MoreThanArrived { open, .. } = self {
            format!("最多 {open} 可申请售后，请减少数量")
        } else {
            String::new()
        }
    }
}
