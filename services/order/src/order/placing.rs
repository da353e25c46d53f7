//! How an order begins: from a submission to its facts, and from these to what is remembered of it.

use std::collections::BTreeMap;

use values::{Minor, Quantity};

use super::review::Review;
use super::{
    Commercial, Decision, MAX_LINES, OrderEvent, OrderGift, OrderLine, OrderRefusal, OrderStatus,
    OrderSubmitted, Placed, Progress, Submission,
};

/// Places an order, with what follows from what it is paid from.
pub(super) fn submit(submission: Submission) -> Decision {
    // What replaces gifts alone has no lines of its own.
    let nothing = submission.lines.is_empty() && submission.replaces.is_none();
    if nothing || submission.lines.len() > MAX_LINES {
        return Err(OrderRefusal::WrongNumberOfLines);
    }
    let gross = Minor::total(submission.lines.iter().map(|line| line.gross_minor));
    let submitted = OrderSubmitted {
        gross_minor: gross.map_err(|_| OrderRefusal::AmountTooLarge)?,
        quantity: Quantity::total(submission.lines.iter().map(|line| line.quantity)),
        order_id: submission.order_id,
        dealer_id: submission.dealer_id,
        dealer_name: submission.dealer_name,
        region_path: submission.region_path,
        class: submission.class,
        business_date: submission.business_date,
        currency: submission.currency,
        lines: submission.lines,
        gifts: submission.gifts,
        promotions: submission.promotions,
        note: submission.note,
        placed_on_behalf: submission.placed_on_behalf,
        replaces: submission.replaces,
        stocked: submission.stocked,
        back_order: submission.back_order,
        status: OrderStatus::Submitted,
    };
    let confirm = !submission.reviewed;
    let mut placed = Placed::from(submitted.clone());
    let asked = submission.steps.map(|steps| {
        let (order_id, status) = (placed.order_id.clone(), placed.status());
        placed.review = Some(Review { steps: steps.clone(), sent_back: false });
        OrderEvent::OrderReviewAsked { order_id, steps, note: String::new(), status }
    });
    let follows: Vec<_> = match submission.payment {
        Some(payment) => placed.allocated(payment, confirm),
        None => placed.confirmed(confirm).into_iter().collect(),
    };
    let submitted = OrderEvent::OrderSubmitted(Box::new(submitted));
    Ok(std::iter::once(submitted).chain(asked).chain(follows).collect())
}

impl From<OrderSubmitted> for Placed {
    fn from(order: OrderSubmitted) -> Self {
        let net_minor = order.net_minor();
        let bought = order.lines.into_iter().map(Progress::from);
        let given = order.gifts.into_iter().map(Progress::from);
        let promotions = order.promotions.into_iter().map(|it| (it.promotion_id, it.times));
        Self {
            order_id: order.order_id,
            dealer_id: order.dealer_id,
            region_ids: order.region_path.ids().cloned().collect(),
            class: order.class,
            business_date: order.business_date,
            currency: order.currency,
            gross_minor: order.gross_minor,
            net_minor,
            promotions: promotions.collect(),
            commercial: Commercial::Submitted,
            payment: None,
            stocked: order.stocked,
            back_order: order.back_order,
            replaces: order.replaces,
            placed_on_behalf: order.placed_on_behalf,
            review: None,
            proposal: None,
            passed_of_change: Vec::new(),
            changed: false,
            after_sales: BTreeMap::new(),
            refunded: Vec::new(),
            rated: false,
            lines: bought.chain(given).collect(),
        }
    }
}

impl From<OrderLine> for Progress {
    fn from(line: OrderLine) -> Self {
        Self {
            net: line.net_minor(),
            line_no: line.line_no,
            product_id: line.product_id,
            category_path: line.category_path,
            ordered: line.quantity,
            unit_price: line.unit_price_minor,
            promotions: line.discounts.into_iter().map(|it| it.promotion_id).collect(),
            price_list_id: Some(line.price_list_id),
            shipped: Quantity::ZERO,
            received: Quantity::ZERO,
            disputed: Quantity::ZERO,
            claimed: Quantity::ZERO,
            settled: Quantity::ZERO,
            settled_worth: Minor::ZERO,
            back: Quantity::ZERO,
            back_minor: Minor::ZERO,
        }
    }
}

impl From<OrderGift> for Progress {
    fn from(gift: OrderGift) -> Self {
        Self {
            line_no: gift.line_no,
            product_id: gift.product_id,
            category_path: Vec::new(),
            ordered: gift.quantity,
            unit_price: Minor::ZERO,
            net: Minor::ZERO,
            promotions: vec![gift.promotion_id],
            price_list_id: None,
            shipped: Quantity::ZERO,
            received: Quantity::ZERO,
            disputed: Quantity::ZERO,
            claimed: Quantity::ZERO,
            settled: Quantity::ZERO,
            settled_worth: Minor::ZERO,
            back: Quantity::ZERO,
            back_minor: Minor::ZERO,
        }
    }
}
