//! The facts of an order. Declared here and nowhere else.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{
    AfterSaleId, BusinessDate, Currency, DealerClass, DealerId, Minor, OrderId, PriceListId,
    ProductId, PromotionId, Quantity, RegionPath,
};

use super::claims::{Refunded, SettledLine};
use super::paying::{Payment, Standing};
use super::status::{FirstStatus, OrderStatus};
use crate::after_sale::Cause;
use crate::promotion::Discount;
use crate::rating::Rating;

/// The facts of an order. Each says what status people see after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum OrderEvent {
    /// A dealer ordered, or somebody did for it. Names, region and prices are those of that day
    /// and stay so.
    OrderSubmitted(Box<OrderSubmitted>),
    /// What the order is paid from, from now on: all of it, whatever was said before.
    PaymentAllocated {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        dealer_id: DealerId,
        /// All amounts are in this currency.
        currency: Currency,
        /// From what.
        payment: Payment,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// The order has the credit that it waited for.
    CreditHoldReleased {
        /// The order.
        order_id: OrderId,
        /// Whose credit it is.
        credit_dealer_id: DealerId,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// The order was given no credit; it is called off.
    CreditRefused {
        /// The order.
        order_id: OrderId,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// The brand accepted the order for delivery.
    OrderConfirmed {
        /// The order.
        order_id: OrderId,
        /// What people see from now on.
        #[schemars(with = "FirstStatus")]
        status: OrderStatus,
    },
    /// Goods of the order left the warehouse.
    OrderShipped {
        /// The order.
        order_id: OrderId,
        /// What left this time.
        lines: Vec<LineQuantity>,
        /// What people see from now on.
        #[schemars(with = "FirstStatus")]
        status: OrderStatus,
    },
    /// The dealer received goods of the order.
    OrderReceived {
        /// The order.
        order_id: OrderId,
        /// What arrived well this time.
        lines: Vec<LineQuantity>,
        /// What did not arrive as it was shipped.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        differences: Vec<Difference>,
        /// What people see from now on.
        #[schemars(with = "FirstStatus")]
        status: OrderStatus,
    },
    /// The order was called off before anything was shipped; it is no sale any more.
    OrderCancelled {
        /// The order.
        order_id: OrderId,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        #[schemars(with = "FirstStatus")]
        status: OrderStatus,
    },
    /// The order ended with what was shipped: the rest will not come, and costs nothing.
    OrderShortClosed {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        dealer_id: DealerId,
        /// All amounts are in this currency.
        currency: Currency,
        /// What will not come, line by line; gifts cost nothing.
        lines: Vec<ClosedLine>,
        /// How much less the order costs by it, after discounts.
        net_minor: Minor,
        /// What it is paid from, from now on: all of it, whatever was said before; absent where the
        /// brand is paid elsewhere.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<Payment>,
        /// Why, in the words of the person who did it.
        reason: String,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// Some of what arrived, or should have, is in an after-sale case.
    AfterSaleOpened {
        /// The order.
        order_id: OrderId,
        /// The case.
        after_sale_id: AfterSaleId,
        /// What it is about.
        lines: Vec<LineQuantity>,
        /// What people see, as before.
        status: OrderStatus,
    },
    /// An after-sale case of the order is over.
    AfterSaleEnded {
        /// The order.
        order_id: OrderId,
        /// The case.
        after_sale_id: AfterSaleId,
        /// What it was about.
        lines: Vec<LineQuantity>,
        /// What of that was settled; the rest can be in another case.
        settled: Vec<SettledLine>,
        /// What goes back of what the order was paid from, the last used first.
        refunds: Vec<Refunded>,
        /// What people see, as before.
        status: OrderStatus,
    },
    /// The dealer says how content it is with the order (满意度).
    OrderRated {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        dealer_id: DealerId,
        /// How content.
        rating: Rating,
        /// What people see, as before.
        status: OrderStatus,
    },
}

/// An order as it was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderSubmitted {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub dealer_id: DealerId,
    /// The dealer's name on that day.
    pub dealer_name: String,
    /// Where the sale counts: regions from the root to the dealer's own, as of that day.
    pub region_path: RegionPath,
    /// The dealer's level and channel on that day; absent: neither.
    #[serde(default, skip_serializing_if = "is_no_class")]
    pub class: DealerClass,
    /// The day the sale counts on, in the tenant's calendar.
    pub business_date: BusinessDate,
    /// All amounts of the order are in this currency.
    pub currency: Currency,
    /// What was ordered, numbered from 1 without gaps.
    pub lines: Vec<OrderLine>,
    /// What was given besides, numbered after the lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gifts: Vec<OrderGift>,
    /// The promotions behind discounts and gifts, in the order in which they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<AppliedPromotion>,
    /// Sum of the lines' gross amounts, before discounts.
    pub gross_minor: Minor,
    /// Sum of the lines' quantities, in base units.
    pub quantity: Quantity,
    /// What the dealer wanted the brand to know; may be empty.
    pub note: String,
    /// Whether somebody who is not of the dealer placed it.
    pub placed_on_behalf: bool,
    /// Whether it takes from stock; absent: stock was not looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stocked: bool,
    /// The after-sale case whose goods it sends again, for nothing; absent: it is an order as any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<AfterSaleId>,
    /// What people see from now on, as long as nothing follows.
    #[schemars(with = "FirstStatus")]
    pub status: OrderStatus,
}

fn is_no_class(class: &DealerClass) -> bool {
    *class == DealerClass::default()
}

/// One line of an order, as it was placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderLine {
    /// Number in the order, from 1.
    pub line_no: u32,
    /// What was ordered.
    pub product_id: ProductId,
    /// The product's name on that day.
    pub product_name: String,
    /// The product's categories on that day, from general to special.
    pub category_path: Vec<String>,
    /// The unit that the quantity is counted in.
    pub base_unit: String,
    /// How many base units.
    pub quantity: Quantity,
    /// Price of one base unit.
    pub unit_price_minor: Minor,
    /// Quantity times unit price.
    pub gross_minor: Minor,
    /// The list that the price came from.
    pub price_list_id: PriceListId,
    /// Its share of each promotion, where it has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
}

impl OrderLine {
    /// What promotions take off.
    pub fn off_minor(&self) -> Minor {
        self.discounts.iter().map(|discount| discount.off).sum()
    }

    /// What it costs after all discounts.
    pub fn net_minor(&self) -> Minor {
        Minor(self.gross_minor.0 - self.off_minor().0)
    }
}

/// A promotion that an order was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppliedPromotion {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// What it was called.
    pub name: String,
    /// How often, at least 1.
    pub times: u32,
    /// How much less the order costs by it; 0 of one that gives goods.
    pub off_minor: Minor,
}

/// Goods that an order was given besides what was bought (赠品). They are shipped and received as
/// lines are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderGift {
    /// Number in the order, after those of the lines.
    pub line_no: u32,
    /// By which promotion.
    pub promotion_id: PromotionId,
    /// What is given.
    pub product_id: ProductId,
    /// The product's name on that day.
    pub product_name: String,
    /// The unit that the quantity is counted in.
    pub base_unit: String,
    /// How many base units.
    pub quantity: Quantity,
    /// What was promised and could not be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<ProductId>,
}

/// Some of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineQuantity {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// How many base units.
    pub quantity: Quantity,
}

impl LineQuantity {
    /// Adds up what is said of the same line.
    pub fn per_line(parts: impl IntoIterator<Item = (u32, Quantity)>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (line_no, quantity) in parts {
            match all.iter_mut().find(|line| line.line_no == line_no) {
                Some(line) => line.quantity = line.quantity.plus(quantity),
                None => all.push(Self { line_no, quantity }),
            }
        }
        all
    }
}

/// Some of one line that did not arrive as it was shipped (少货、破损、错货).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// What is wrong.
    pub cause: Cause,
    /// How many base units.
    pub quantity: Quantity,
    /// In the words of the person who received it; may be empty.
    pub note: String,
}

/// What will not come of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClosedLine {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// How many base units, at least 1.
    pub quantity: Quantity,
    /// What they cost before discounts.
    pub gross_minor: Minor,
    /// What promotions took off of that.
    pub off_minor: Minor,
}

impl ClosedLine {
    /// How much less the order costs by it.
    pub fn net_minor(&self) -> Minor {
        Minor(self.gross_minor.0.saturating_sub(self.off_minor.0))
    }
}

impl DomainEvent for OrderEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::OrderSubmitted(order) => order.sentence(),
            Self::PaymentAllocated { order_id, currency, payment, .. } => {
                paid(order_id, currency, payment)
            }
            Self::CreditHoldReleased { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 已解除信用冻结：{reason}"),
                format!("order {order_id} has the credit that it waited for: {reason}"),
            ),
            Self::CreditRefused { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 不予授信：{reason}"),
                format!("order {order_id} was given no credit: {reason}"),
            ),
            Self::OrderConfirmed { order_id, .. } => Text::new(
                format!("订单 {order_id} 已确认，开始备货"),
                format!("order {order_id} was confirmed for delivery"),
            ),
            Self::OrderShipped { order_id, lines, status } => {
                let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
                let status = status.zh();
                Text::new(
                    format!("订单 {order_id} 发货 {zh}，{status}"),
                    format!("order {order_id}: {en} shipped"),
                )
            }
            Self::OrderReceived { order_id, lines, differences, status } => {
                let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
                let status = status.zh();
                let differing = differing(differences);
                Text::new(
                    format!("订单 {order_id} 签收 {zh}{}，{status}", differing.zh),
                    format!("order {order_id}: {en} received{}", differing.en),
                )
            }
            Self::OrderCancelled { order_id, reason, .. } => Text::new(
                format!("订单 {order_id} 已取消：{reason}"),
                format!("order {order_id} was cancelled: {reason}"),
            ),
            Self::OrderShortClosed { order_id, currency, lines, net_minor, reason, .. } => {
                let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
                let less = currency.show(*net_minor);
                Text::new(
                    format!("订单 {order_id} 欠量关闭 {zh}，金额减少 {less}：{reason}"),
                    format!("order {order_id}: {en} closed short, {less} less: {reason}"),
                )
            }
            Self::AfterSaleOpened { order_id, after_sale_id, lines, .. } => {
                let Text { zh, en } = units(lines.iter().map(|line| line.quantity));
                Text::new(
                    format!("订单 {order_id} 有 {zh} 进入售后 {after_sale_id}"),
                    format!("order {order_id}: {en} put into after-sale case {after_sale_id}"),
                )
            }
            Self::AfterSaleEnded { order_id, after_sale_id, settled, .. } => {
                let Text { zh, en } = units(settled.iter().map(|line| line.quantity));
                Text::new(
                    format!("订单 {order_id} 的售后 {after_sale_id} 已结束：{zh} 已处理"),
                    format!("order {order_id}: {en} settled by after-sale case {after_sale_id}"),
                )
            }
            Self::OrderRated { order_id, rating, .. } => {
                let Text { zh, en } = rating.shown();
                Text::new(
                    format!("订单 {order_id} 的评价：{zh}"),
                    format!("order {order_id} was rated: {en}"),
                )
            }
        }
    }
}

impl OrderSubmitted {
    /// What promotions take off.
    pub fn off_minor(&self) -> Minor {
        self.lines.iter().map(OrderLine::off_minor).sum()
    }

    /// What it costs after all discounts.
    pub fn net_minor(&self) -> Minor {
        Minor(self.gross_minor.0 - self.off_minor().0)
    }

    fn sentence(&self) -> Text {
        let Self { order_id, dealer_name, lines, .. } = self;
        let net = self.currency.show(self.net_minor());
        let (count, s) = (lines.len(), if lines.len() == 1 { "" } else { "s" });
        let (zh, en) =
            if self.placed_on_behalf { ("（代下单）", " on behalf") } else { ("", "") };
        Text::new(
            format!("{dealer_name} 提交了订单 {order_id}{zh}：{count} 行，合计 {net}"),
            format!("{dealer_name} submitted order {order_id}{en}: {count} line{s}, {net}"),
        )
    }
}

/// What an order is paid from, part by part.
fn paid(order_id: &OrderId, currency: &Currency, payment: &Payment) -> Text {
    let waits = payment.standing == Standing::OnHold;
    let credit =
        if waits { ("信用（冻结）", "credit, on hold") } else { ("信用", "credit") };
    let parts = [
        (payment.rebate_minor, ("返利", "rebates")),
        (payment.prepaid_minor, ("预存款", "prepaid money")),
        (payment.credit_minor, credit),
        (payment.online_minor(), ("在线支付", "paid online")),
        (payment.open_minor, ("待付", "still to be paid")),
    ];
    let parts = parts.into_iter().filter(|(amount, _)| *amount > Minor::ZERO);
    let (zh, en): (Vec<_>, Vec<_>) = parts
        .map(|(amount, (zh, en))| {
            let amount = currency.show(amount);
            (format!("{zh} {amount}"), format!("{amount} {en}"))
        })
        .unzip();
    let (mut zh, mut en) = (zh.join("，"), en.join(", "));
    if zh.is_empty() {
        (zh, en) = ("无需付款".into(), "with nothing".into());
    }
    Text::new(format!("订单 {order_id} 付款：{zh}"), format!("order {order_id} is paid: {en}"))
}

/// What did not arrive well, if anything did not.
fn differing(differences: &[Difference]) -> Text {
    let total = Quantity::total(differences.iter().map(|it| it.quantity));
    match differences.is_empty() {
        true => Text::new("", ""),
        false => Text::new(
            format!("，{total} 件有差异"),
            format!(", {total} did not arrive as they were shipped"),
        ),
    }
}

/// How much was moved, for example `3 units of 2 lines were`.
fn units(lines: impl ExactSizeIterator<Item = Quantity>) -> Text {
    let count = lines.len();
    let total = Quantity::total(lines);
    let (unit, were) = if total == Quantity::of(1) { ("unit", "was") } else { ("units", "were") };
    let line = if count == 1 { "line" } else { "lines" };
    Text::new(
        format!("{count} 行共 {total} 件"),
        format!("{total} {unit} of {count} {line} {were}"),
    )
}
