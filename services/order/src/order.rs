//! An order (订单): submitted, confirmed, shipped and received in parts, or cancelled.
//!
//! Read in this order: [`event`] (what can happen), this file (the rules), [`pricing`] (how a
//! basket becomes a submission), [`promoting`] (what promotions give for it), `placing` (how that
//! becomes an order), [`paying`] (what it is paid from), [`stocking`] (what it takes of stock),
//! [`moving`] (how its goods leave and arrive), [`claims`] (what the dealer has to say about them),
//! `short_close` (how its rest ends), [`expiring`] (how waiting ends), [`refusal`] (the words of a no).

pub mod change_refusal;
pub mod changing;
pub mod claims;
pub mod event;
pub mod expiring;
pub mod moving;
pub mod paying;
mod placing;
pub mod pricing;
mod progress;
pub mod promoting;
pub mod refusal;
pub mod repricing;
pub mod review;
pub mod review_refusal;
mod short_close;
pub mod status;
pub mod stocking;
mod taxing;

use std::collections::BTreeMap;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{
    AfterSaleId, BusinessDate, Currency, DealerClass, DealerId, Minor, OrderId, PaymentId,
    PromotionId, RegionId, RegionPath, Sight,
};

pub use claims::{Fund, Refunded, SettledLine};
pub use event::{
    AppliedPromotion, ClosedLine, Difference, LineQuantity, OrderEvent, OrderGift, OrderLine,
    OrderSubmitted,
};
pub use moving::Arrival;
pub use paying::Payment;
pub use progress::{Fulfilment, Progress};
pub use refusal::OrderRefusal;
pub use status::OrderStatus;

use crate::rating::Rating;
use crate::territory::Territory;
use changing::{ChangeCommand, Proposal};
use paying::Standing;
use review::{Review, ReviewCommand, Step, StepKind};

/// Lines that one order may have.
pub const MAX_LINES: usize = 200;

/// What can be asked of an order.
#[derive(Clone, Debug)]
pub enum OrderCommand {
    /// Places it, with all that was looked up for it.
    Submit(Box<Submission>),
    /// Says what it is paid from, all together.
    Pay {
        /// From what.
        payment: Box<Payment>,
        /// Whether nobody has to look at it once it is covered.
        confirm: bool,
    },
    /// Takes of what a provider has for it.
    Capture {
        /// The payment.
        payment_id: PaymentId,
        /// How much, at most what it needs.
        amount: Minor,
        /// Whether nobody has to look at it once it is covered.
        confirm: bool,
    },
    /// Lets it have the credit that it waits for.
    ReleaseHold {
        /// Whose credit that is.
        lender: DealerId,
        /// Why.
        reason: String,
        /// Whether nobody has to look at it once it is covered.
        confirm: bool,
    },
    /// Gives it no credit, and calls it off.
    RefuseCredit {
        /// Why.
        reason: String,
    },
    /// Accepts it for delivery.
    Confirm,
    /// Takes a step of its review.
    Review(ReviewCommand),
    /// Changes it.
    Change(ChangeCommand),
    /// Records goods leaving; no lines: all that is still open.
    Ship(Vec<LineQuantity>),
    /// Records goods arriving.
    Receive(Arrival),
    /// Some of what arrived, or should have, becomes an after-sale case.
    OpenAfterSale {
        /// The case.
        after_sale_id: AfterSaleId,
        /// What it is about.
        lines: Vec<LineQuantity>,
    },
    /// An after-sale case is over.
    EndAfterSale {
        /// The case.
        after_sale_id: AfterSaleId,
        /// What was settled of it; the rest is as if it had never been in the case.
        settled: Vec<LineQuantity>,
        /// What goes back of what was paid.
        amount: Minor,
    },
    /// Says how content the dealer is.
    Rate(Rating),
    /// Calls it off.
    Cancel {
        /// Why.
        reason: String,
    },
    /// Ends it with what was shipped: the rest will not come.
    CloseShort {
        /// Why.
        reason: String,
    },
    /// Does without some of what was ordered and has not come (放弃欠货).
    GiveUp {
        /// What.
        lines: Vec<LineQuantity>,
        /// Why.
        reason: String,
    },
    /// Calls it off because it has waited too long.
    Expire {
        /// For what.
        waited: expiring::Waited,
        /// How long it may.
        hours: u32,
        /// Why, in the words that the dealer is told.
        reason: String,
    },
}

/// An order with its prices, ready to be placed. Made by [`pricing::price`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The order.
    pub order_id: OrderId,
    /// Who orders.
    pub dealer_id: DealerId,
    /// The dealer's name today.
    pub dealer_name: String,
    /// Regions from the root to the dealer's own, as of today.
    pub region_path: RegionPath,
    /// The dealer's level and channel on that day.
    pub class: DealerClass,
    /// The day the sale counts on.
    pub business_date: BusinessDate,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What is ordered, with prices and discounts.
    pub lines: Vec<OrderLine>,
    /// What is given besides.
    pub gifts: Vec<OrderGift>,
    /// The promotions behind both.
    pub promotions: Vec<AppliedPromotion>,
    /// For the brand to know.
    pub note: String,
    /// Whether somebody who is not of the dealer places it.
    pub placed_on_behalf: bool,
    /// What it is paid from; none where the brand is paid elsewhere.
    pub payment: Option<Payment>,
    /// Whether people of the brand have to look at it before it is confirmed.
    pub reviewed: bool,
    /// In which steps they do; none: in one that is not recorded.
    pub steps: Option<Vec<Step>>,
    /// Whether it takes from stock.
    pub stocked: bool,
    /// Whether it may wait for what is not there.
    pub back_order: bool,
    /// The after-sale case whose goods it sends again, for nothing; none: it is an order as any.
    pub replaces: Option<AfterSaleId>,
}

/// An order; its object id is the order's id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Order {
    /// Not heard of yet.
    #[default]
    Unsubmitted,
    /// On its way through the axes.
    Placed(Box<Placed>),
}

/// An order that was placed. Its axes are independent: what was agreed, and what was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub dealer_id: DealerId,
    /// Where it counts: regions from the root to the dealer's own, as of its day.
    pub region_ids: Vec<RegionId>,
    /// The dealer's level and channel on that day.
    pub class: DealerClass,
    /// The day that it counts on.
    pub business_date: BusinessDate,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What it costs before discounts.
    pub gross_minor: Minor,
    /// What it costs after them.
    pub net_minor: Minor,
    /// How often it was given which promotion.
    pub promotions: Vec<(PromotionId, u32)>,
    /// What was agreed.
    pub commercial: Commercial,
    /// What it is paid from; none where the brand is paid elsewhere.
    pub payment: Option<Payment>,
    /// Whether it takes from stock.
    pub stocked: bool,
    /// Whether it may wait for what is not there.
    pub back_order: bool,
    /// The after-sale case whose goods it sends again.
    pub replaces: Option<AfterSaleId>,
    /// Whether somebody who is not of the dealer placed it, and nobody of the dealer has changed it.
    pub placed_on_behalf: bool,
    /// How far its review has got; none: it has no steps.
    pub review: Option<Review>,
    /// The change that waits for the brand.
    pub proposal: Option<Box<Proposal>>,
    /// Steps of a review that it has passed.
    pub passed_of_change: Vec<StepKind>,
    /// Whether it was changed after it was confirmed.
    pub changed: bool,
    /// What is in open after-sale cases, case by case.
    pub after_sales: BTreeMap<AfterSaleId, Vec<LineQuantity>>,
    /// What went back of what was paid, by after-sale cases.
    pub refunded: Vec<Refunded>,
    /// Whether the dealer has said how content it is.
    pub rated: bool,
    /// What was moved, line by line.
    pub lines: Vec<Progress>,
}

/// The commercial axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Commercial {
    /// The dealer wants it.
    Submitted,
    /// The brand will deliver it.
    Confirmed,
    /// Neither wants it any more.
    Cancelled,
}

type Decision = Result<Vec<OrderEvent>, OrderRefusal>;

impl Decider for Order {
    const AGGREGATE: &'static str = "order";
    const STATE_VERSION: u32 = 8;
    type Command = OrderCommand;
    type Event = OrderEvent;
    type Refusal = OrderRefusal;

    fn decide(&self, command: OrderCommand) -> Decision {
        match (self, command) {
            (Self::Unsubmitted, OrderCommand::Submit(submission)) => placing::submit(*submission),
            (Self::Unsubmitted, _) => Err(OrderRefusal::OrderNotFound),
            (Self::Placed(_), OrderCommand::Submit(_)) => Err(OrderRefusal::AlreadySubmitted),
            (Self::Placed(order), OrderCommand::Pay { payment, confirm }) => {
                order.pay(*payment, confirm)
            }
            (Self::Placed(order), OrderCommand::Capture { payment_id, amount, confirm }) => {
                order.capture(payment_id, amount, confirm)
            }
            (Self::Placed(order), OrderCommand::ReleaseHold { lender, reason, confirm }) => {
                order.release_hold(lender, reason, confirm)
            }
            (Self::Placed(order), OrderCommand::RefuseCredit { reason }) => {
                order.refuse_credit(reason)
            }
            (Self::Placed(order), OrderCommand::Confirm) => order.confirm(),
            (Self::Placed(order), OrderCommand::Review(command)) => order.review(command),
            (Self::Placed(order), OrderCommand::Change(command)) => order.change(command),
            (Self::Placed(order), OrderCommand::Ship(lines)) => order.ship(lines),
            (Self::Placed(order), OrderCommand::Receive(arrival)) => order.receive(arrival),
            (Self::Placed(order), OrderCommand::OpenAfterSale { after_sale_id, lines }) => {
                order.open_after_sale(after_sale_id, lines)
            }
            (
                Self::Placed(order),
                OrderCommand::EndAfterSale { after_sale_id, settled, amount },
            ) => order.end_after_sale(after_sale_id, &settled, amount),
            (Self::Placed(order), OrderCommand::Rate(rating)) => order.rate(rating),
            (Self::Placed(order), OrderCommand::Cancel { reason }) => order.cancel(reason),
            (Self::Placed(order), OrderCommand::CloseShort { reason }) => order.close_short(reason),
            (Self::Placed(order), OrderCommand::GiveUp { lines, reason }) => {
                order.give_up(&lines, reason)
            }
            (Self::Placed(order), OrderCommand::Expire { waited, hours, reason }) => {
                order.expire(waited, hours, reason)
            }
        }
    }

    fn evolve(&mut self, event: OrderEvent) {
        match (self, event) {
            (order, OrderEvent::OrderSubmitted(placed)) => {
                *order = Self::Placed(Box::new((*placed).into()));
            }
            (Self::Placed(order), OrderEvent::PaymentAllocated { payment, .. }) => {
                order.payment = Some(payment);
            }
            (Self::Placed(order), OrderEvent::CreditHoldReleased { credit_dealer_id, .. }) => {
                order.payment = order.payment.as_ref().map(|it| it.released(&credit_dealer_id));
            }
            (Self::Placed(order), OrderEvent::CreditRefused { .. }) => {
                if let Some(payment) = &mut order.payment {
                    payment.standing = Standing::Refused;
                }
            }
            (Self::Placed(order), OrderEvent::OrderConfirmed { .. }) => {
                order.commercial = Commercial::Confirmed;
            }
            (Self::Placed(order), OrderEvent::OrderShipped { lines, .. }) => {
                order.each(&lines, |line, quantity| line.shipped = line.shipped.plus(quantity));
            }
            (Self::Placed(order), OrderEvent::OrderReceived { lines, differences, .. }) => {
                order.arrived(&lines, &differences);
            }
            (Self::Placed(order), OrderEvent::AfterSaleOpened { after_sale_id, lines, .. }) => {
                order.after_sale_opened(after_sale_id, lines);
            }
            (
                Self::Placed(order),
                OrderEvent::AfterSaleEnded { after_sale_id, settled, refunds, .. },
            ) => order.after_sale_ended(&after_sale_id, &settled, refunds),
            (Self::Placed(order), OrderEvent::OrderRated { .. }) => order.rated = true,
            // What follows from these is said by the cancel that comes with them.
            (
                Self::Placed(_),
                OrderEvent::OrderExpired { .. } | OrderEvent::OrderRefused { .. },
            ) => (),
            (Self::Placed(order), OrderEvent::OrderReviewAsked { steps, .. }) => {
                order.review = Some(Review { steps, sent_back: false });
            }
            (
                Self::Placed(order),
                OrderEvent::OrderStepApproved { step, .. }
                | OrderEvent::OrderStepWaived { step, .. },
            ) => order.passed(step),
            (Self::Placed(order), OrderEvent::OrderSentBack { .. }) => order.sent_back(),
            (Self::Placed(order), OrderEvent::OrderChangeProposed(proposed)) => {
                order.proposal = Some(Box::new(proposed.proposal));
            }
            (
                Self::Placed(order),
                OrderEvent::OrderChangeWithdrawn { .. } | OrderEvent::OrderChangeRefused { .. },
            ) => order.nothing_waits(),
            (Self::Placed(order), OrderEvent::OrderChanged(changed)) => order.changed(&changed),
            (Self::Placed(order), OrderEvent::OrderCancelled { .. }) => {
                order.commercial = Commercial::Cancelled;
                order.nothing_waits();
                if let Some(payment) = &mut order.payment {
                    payment.standing = payment.standing.called_off();
                }
            }
            (Self::Placed(order), OrderEvent::OrderShortClosed { lines, payment, .. }) => {
                order.shorten(&lines);
                order.payment = payment;
            }
            (Self::Unsubmitted, _) => (),
        }
    }
}

impl Order {
    /// What people see; nothing before it was submitted.
    pub fn status(&self) -> Option<OrderStatus> {
        match self {
            Self::Unsubmitted => None,
            Self::Placed(order) => Some(order.status()),
        }
    }

    /// Whether somebody may act on it who sees this much.
    ///
    /// Its region is where it is on the day of looking.
    ///
    /// # Errors
    /// When they do not see it: to them it is not there.
    pub fn open_to(
        &self,
        sight: &Sight,
        territory: &Territory,
        on: BusinessDate,
    ) -> Result<(), OrderRefusal> {
        match self {
            Self::Placed(order)
                if !territory.shows(sight, &order.dealer_id, &order.region_ids, on) =>
            {
                Err(OrderRefusal::OrderNotFound)
            }
            Self::Placed(_) | Self::Unsubmitted => Ok(()),
        }
    }
}

impl Placed {
    /// What people see: the one place where the axes become a status.
    pub fn status(&self) -> OrderStatus {
        match (self.commercial, self.fulfilment()) {
            (Commercial::Cancelled, _) => OrderStatus::Cancelled,
            (Commercial::Submitted, _) => match &self.payment {
                Some(payment) if payment.standing == Standing::OnHold => OrderStatus::OnHold,
                Some(payment) if payment.open_minor > Minor::ZERO => OrderStatus::AwaitingPayment,
                Some(_) | None => OrderStatus::Submitted,
            },
            (Commercial::Confirmed, Fulfilment::None) => OrderStatus::Confirmed,
            (Commercial::Confirmed, Fulfilment::PartlyShipped) => OrderStatus::PartlyShipped,
            (Commercial::Confirmed, Fulfilment::Shipped) => OrderStatus::Shipped,
            (Commercial::Confirmed, Fulfilment::PartlyReceived) => OrderStatus::PartlyReceived,
            (Commercial::Confirmed, Fulfilment::Received) => OrderStatus::Received,
        }
    }

    fn confirm(&self) -> Decision {
        match self.commercial {
            Commercial::Confirmed => Err(OrderRefusal::AlreadyConfirmed),
            Commercial::Cancelled => Err(OrderRefusal::OrderCancelled),
            Commercial::Submitted => {
                self.must_be_passed()?;
                self.must_be_covered()?;
                Ok(self.confirmed(true).into_iter().collect())
            }
        }
    }

    fn cancel(&self, reason: String) -> Decision {
        if self.commercial == Commercial::Cancelled {
            return Err(OrderRefusal::AlreadyCancelled);
        }
        let shipped = self.sum(|line| line.shipped);
        if !shipped.is_zero() {
            return Err(OrderRefusal::GoodsShipped { shipped });
        }
        self.must_be_of_its_own()?;
        let order_id = self.order_id.clone();
        Ok(vec![OrderEvent::OrderCancelled { order_id, reason, status: OrderStatus::Cancelled }])
    }

    fn must_be_confirmed(&self) -> Result<(), OrderRefusal> {
        match self.commercial {
            Commercial::Confirmed => Ok(()),
            Commercial::Submitted => Err(OrderRefusal::NotConfirmed),
            Commercial::Cancelled => Err(OrderRefusal::OrderCancelled),
        }
    }
}
