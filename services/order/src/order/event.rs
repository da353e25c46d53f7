//! The facts of an order. Declared here and nowhere else.

mod changes;
mod sentence;
mod words;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{
    AfterSaleId, BusinessDate, Currency, DealerClass, DealerId, Minor, OrderId, PriceListId,
    ProductId, PromotionId, Quantity, RegionPath,
};

use super::changing::{OrderChangeProposed, OrderChanged};
use super::claims::{Refunded, SettledLine};
use super::expiring::Waited;
use super::paying::Payment;
use super::review::{Step, StepKind};
use super::status::{FirstStatus, OrderStatus};
use crate::after_sale::Cause;
use crate::promotion::Discount;
use crate::rating::Rating;
use crate::tax::LineTax;

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
    /// The order has waited longer than the order rules let it; it is called off by the next fact.
    OrderExpired {
        /// The order.
        order_id: OrderId,
        /// For what it waited.
        waited: Waited,
        /// How many hours it could.
        hours: u32,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// People of the brand have to look at the order in these steps, one after the other; whatever it
    /// had passed before counts no more.
    OrderReviewAsked {
        /// The order.
        order_id: OrderId,
        /// What it has to pass, the next one first; nothing: nobody has to look at it.
        steps: Vec<Step>,
        /// What the brand should know; may be empty.
        note: String,
        /// What people see, as before.
        status: OrderStatus,
    },
    /// The order has passed a step of its review, or the change that waits of it has.
    OrderStepApproved {
        /// The order.
        order_id: OrderId,
        /// Which one.
        step: StepKind,
        /// For the record; may be empty.
        note: String,
        /// What it waits for now; absent: it has passed all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepKind>,
        /// What people see, as long as nothing follows.
        status: OrderStatus,
    },
    /// A step of the review is not needed any more: the order is paid in full.
    OrderStepWaived {
        /// The order.
        order_id: OrderId,
        /// Which one.
        step: StepKind,
        /// What it waits for now; absent: it has passed all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<StepKind>,
        /// What people see, as long as nothing follows.
        status: OrderStatus,
    },
    /// The brand wants the order to be different, or to be asked again (退回).
    OrderSentBack {
        /// The order.
        order_id: OrderId,
        /// Which step says so.
        step: StepKind,
        /// What should be different.
        reason: String,
        /// What people see, as before.
        status: OrderStatus,
    },
    /// The brand does not accept the order; it is called off by the next fact.
    OrderRefused {
        /// The order.
        order_id: OrderId,
        /// Which step says so.
        step: StepKind,
        /// Why.
        reason: String,
        /// What people see from now on.
        status: OrderStatus,
    },
    /// Somebody asked the brand to change a confirmed order.
    OrderChangeProposed(Box<OrderChangeProposed>),
    /// Whoever asked for a change does not want it any more.
    OrderChangeWithdrawn {
        /// The order.
        order_id: OrderId,
        /// What people see, as before.
        status: OrderStatus,
    },
    /// The brand does not agree to the change.
    OrderChangeRefused {
        /// The order.
        order_id: OrderId,
        /// Why.
        reason: String,
        /// What people see, as before.
        status: OrderStatus,
    },
    /// The order became another one.
    OrderChanged(Box<OrderChanged>),
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
    /// Whether it may wait for what is not there (欠货); absent: it does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub back_order: bool,
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
    /// The tax that its amount after discounts contains; absent: nobody has said how it is taxed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<LineTax>,
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

impl OrderSubmitted {
    /// What of the amount after discounts is tax, where that is known of each line.
    pub fn tax_minor(&self) -> Option<Minor> {
        self.lines.iter().map(|line| line.tax.map(|tax| tax.tax_minor)).sum()
    }

    /// What promotions take off.
    pub fn off_minor(&self) -> Minor {
        self.lines.iter().map(OrderLine::off_minor).sum()
    }

    /// What it costs after all discounts.
    pub fn net_minor(&self) -> Minor {
        Minor(self.gross_minor.0 - self.off_minor().0)
    }
}
