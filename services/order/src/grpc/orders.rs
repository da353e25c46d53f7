//! The requests about orders. An order is priced from an account, products and the price lists that
//! count for it, all as they are at the moment of the append.

use std::sync::Arc;

use kernel::auth::Caller;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::{self, Violations};
use kernel::rpc::{Call, IntoCommand};
use kernel::{Decider as _, Text};
use proto::access::v1::Role;
use proto::order::v1 as api;
use tonic::Status;
use uuid::Uuid;
use values::{BusinessDate, Minor, OrderId, PromotionId, Quantity, Sight};

use super::after_sales::{arrival, begin_at_receipt, rating};
use super::carts::Origin;
use super::paying::{Bill, Shifts, choice, follow, means, paid_on, rules};
use super::payments::give_back_money;
use super::pricing::{Priced, known, priced};
use super::shipments::{hand_over, shipments_follow};
use super::stocking::{Wanted, moved, reserve};
use super::waiting::without_waiting;
use super::{all, explain, parse, words};
use crate::credit::Lending;
use crate::order::paying::Choice;
use crate::order::pricing::{Basket, BasketLine};
use crate::order::review::steps;
use crate::order::{
    AppliedPromotion, LineQuantity, Order, OrderCommand, OrderRefusal, Placed, Submission,
};
use crate::promotion::{PromotionBook, PromotionQuota, Quota, QuotaCommand, QuotaUse};
use crate::territory::{TERRITORY, Territory};

/// Submits a basket.
pub struct SubmitOrder {
    basket: Basket,
    /// The cart that it was kept in.
    cart: Option<Origin>,
    choice: Choice,
    /// Whether what is not there may wait, if the caller says so.
    back_order: Option<bool>,
    sight: Sight,
    today: BusinessDate,
}

impl SubmitOrder {
    /// What is ordered.
    pub fn basket(&self) -> &Basket {
        &self.basket
    }
}

impl Transaction for SubmitOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let basket = &self.basket;
        let known = known(work, &basket.dealer_id, &self.sight, self.today).await?;
        work.expect_new::<Order>(basket.order_id.as_str());
        // A repeated order is told so even when a price has changed since.
        let order = work.read::<Order>(basket.order_id.as_str()).await?;
        if *order != Order::Unsubmitted {
            return Err(Rejected::Refused(OrderRefusal::AlreadySubmitted));
        }
        let rules = rules(work).await?;
        let Priced { mut submission, book, .. } =
            priced(work, basket, &known, (false, rules)).await?;
        submission.back_order =
            submission.stocked && rules.waiting.back_orders.allow(self.back_order);
        let bill = Bill::of(&submission);
        if rules.settled_here {
            let means = means(work, &known, &bill, rules, self.today).await?;
            submission.payment = Some(means.pay(bill.net, self.choice));
        }
        costs_what_was_seen(basket, &submission).map_err(Rejected::Refused)?;
        let (on_behalf, paid) = (submission.placed_on_behalf, submission.payment.as_ref());
        submission.steps = steps(&rules, bill.net, on_behalf, paid);
        let (taken, paid) = (taken(&submission, &book), submission.payment.clone());
        let wanted = Wanted::of(&submission);
        let command = OrderCommand::Submit(Box::new(submission));
        let after = rules.hands_over.then(|| order.after(command.clone())).transpose();
        work.decide::<Order>(basket.order_id.as_str(), command).await?;
        if let Some(after) = after.map_err(Rejected::Refused)? {
            hand_over(work, rules, (&order, &after), wanted.as_ref()).await?;
        }
        if let Some(payment) = paid {
            let lending = Lending { grace_days: rules.overdue_grace_days, grant: None };
            let shifts = Shifts::begin(&payment);
            follow(work, &bill, &shifts, (self.today, lending)).await?;
        }
        if let Some(wanted) = wanted {
            reserve(work, &basket.order_id, wanted).await?;
        }
        for (by, quota) in taken {
            let promotion_id = by.promotion_id.clone();
            let command = QuotaCommand::Take { by, quota };
            work.decide::<PromotionQuota>(promotion_id.as_str(), command).await?;
        }
        if let Some(cart) = &self.cart {
            cart.end(work, &basket.dealer_id, &basket.order_id).await?;
        }
        Ok(())
    }
}

fn costs_what_was_seen(basket: &Basket, submission: &Submission) -> Result<(), OrderRefusal> {
    let (current, currency) = (submission.net_minor(), submission.currency.clone());
    if let Some(seen) = basket.seen
        && seen != current
    {
        return Err(OrderRefusal::AmountChanged { seen, current, currency });
    }
    match &basket.quoted {
        Some(quoted) if *quoted != submission.fingerprint() => Err(OrderRefusal::OfferChanged),
        Some(_) | None => Ok(()),
    }
}

/// What an order takes of promotions that are given a number of times only.
fn taken(submission: &Submission, book: &PromotionBook) -> Vec<(QuotaUse, Quota)> {
    let limited = |applied: &AppliedPromotion| {
        let quota = book.find(&applied.promotion_id)?.terms.quota;
        let by = submission.uses(&applied.promotion_id, applied.times);
        (!quota.is_without_limit()).then_some((by, quota))
    };
    submission.promotions.iter().filter_map(limited).collect()
}

/// Asks something of an order that somebody of the caller's company may ask.
#[derive(Clone)]
pub struct AskOrder {
    pub(super) order_id: OrderId,
    pub(super) sight: Sight,
    pub(super) today: BusinessDate,
    pub(super) command: OrderCommand,
}

impl Transaction for AskOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.sight, self.today).await?;
        let command = without_waiting(work, &order, &self.command).await?;
        work.decide::<Order>(self.order_id.as_str(), command.clone()).await?;
        let Order::Placed(placed) = &*order else { return Ok(()) };
        let after = order.after(command.clone()).map_err(Rejected::Refused)?;
        match &command {
            OrderCommand::Cancel { reason }
            | OrderCommand::RefuseCredit { reason }
            | OrderCommand::Expire { reason, .. } => {
                give_back(work, placed, placed.promotions.iter()).await?;
                give_back_money(work, &order, &after, reason).await?;
            }
            OrderCommand::CloseShort { reason } => {
                give_back(work, placed, placed.unused_promotions()).await?;
                give_back_money(work, &order, &after, reason).await?;
            }
            // What it was given stays counted until the order ends: no promotion is given in part.
            OrderCommand::GiveUp { reason, .. } => {
                give_back_money(work, &order, &after, reason).await?;
            }
            OrderCommand::Receive(arrival) => begin_at_receipt(work, placed, arrival).await?,
            // Nothing of it is over by these.
            OrderCommand::Submit(_)
            | OrderCommand::Pay { .. }
            | OrderCommand::Capture { .. }
            | OrderCommand::ReleaseHold { .. }
            | OrderCommand::Confirm
            | OrderCommand::Review(_)
            | OrderCommand::Change(_)
            | OrderCommand::Ship(_)
            | OrderCommand::OpenAfterSale { .. }
            | OrderCommand::EndAfterSale { .. }
            | OrderCommand::Rate(_) => (),
        }
        shipments_follow(work, &command, (&order, &after)).await?;
        moved(work, (&self.order_id, placed.back_order), order.stock_shifts(&after)).await?;
        paid_on(work, &order, &after, (self.today, Lending::default())).await
    }
}

/// Who acts, and when.
pub(super) struct Who {
    pub(super) sight: Sight,
    pub(super) today: BusinessDate,
}

impl Who {
    pub(super) fn of(wrong: &mut Violations, call: &Call) -> Option<Self> {
        let today = call.today().into();
        sight(wrong, call).map(|sight| Self { sight, today })
    }
}

/// An order that somebody acts on who sees this much.
pub(super) async fn seen(
    work: &mut Work<'_>,
    order_id: &OrderId,
    sight: &Sight,
    today: BusinessDate,
) -> Result<Arc<Order>, Rejected<OrderRefusal>> {
    let order = work.read::<Order>(order_id.as_str()).await?;
    // Who sees all, or one dealer, does so wherever it is.
    let territory = match sight {
        Sight::Regions(_) => work.read::<Territory>(TERRITORY).await?,
        Sight::Everything | Sight::Dealer(_) => Arc::default(),
    };
    order.open_to(sight, &territory, today).map_err(Rejected::Refused)?;
    Ok(order)
}

/// What an order was given of promotions others can have when it does not need it any more.
pub(super) async fn give_back(
    work: &mut Work<'_>,
    order: &Placed,
    promotions: impl Iterator<Item = &(PromotionId, u32)>,
) -> Result<(), Rejected<OrderRefusal>> {
    for (promotion_id, times) in promotions {
        let by = QuotaUse {
            promotion_id: promotion_id.clone(),
            order_id: order.order_id.clone(),
            dealer_id: order.dealer_id.clone(),
            times: *times,
        };
        work.decide::<PromotionQuota>(promotion_id.as_str(), QuotaCommand::Return(by)).await?;
    }
    Ok(())
}

impl IntoCommand<Order> for api::SubmitOrderRequest {
    type Command = SubmitOrder;

    fn into_command(self, call: &Call) -> Result<SubmitOrder, Status> {
        let mut wrong = Violations::default();
        let dealer_id = parse(&mut wrong, "dealer_id", &self.dealer_id);
        let business_date = business_date(&mut wrong, &self.business_date, call)?;
        let number = if self.order_id.is_empty() { numbered("SO", call) } else { self.order_id };
        let order_id = parse(&mut wrong, "order_id", &number);
        let lines = all(&self.lines, |index, line| basket_line(&mut wrong, index, line));
        let note = words(&mut wrong, "note", &self.note, 0..=500);
        let cart = Origin::of(&mut wrong, &self.cart_id, self.cart_version);
        let sight = sight(&mut wrong, call);
        let placed_on_behalf = call.caller.dealer_id.is_none();
        let command = (|| {
            Some(SubmitOrder {
                basket: Basket {
                    order_id: order_id?,
                    dealer_id: dealer_id?,
                    lines: lines?,
                    business_date: business_date?,
                    seen: self.net_minor.map(Minor),
                    quoted: Some(self.quote_fingerprint).filter(|told| !told.is_empty()),
                    note: note?,
                    placed_on_behalf,
                },
                cart: cart?,
                choice: choice(self.payment),
                back_order: self.back_order,
                sight: sight?,
                today: call.today().into(),
            })
        })();
        wrong.finish(command)
    }
}

fn basket_line(
    wrong: &mut Violations,
    index: usize,
    line: &api::SubmitOrderLine,
) -> Option<BasketLine> {
    let field = |part| format!("lines[{index}].{part}");
    let product_id = parse(wrong, field("product_id"), &line.product_id);
    let seen = line.unit_price_minor.map(Minor);
    Some(BasketLine { product_id: product_id?, quantity: Quantity::of(line.quantity), seen })
}

fn business_date(
    wrong: &mut Violations,
    date: &str,
    call: &Call,
) -> Result<Option<BusinessDate>, Status> {
    let today = BusinessDate::from(call.today());
    if date.is_empty() {
        return Ok(Some(today));
    }
    if !call.caller.has(Role::HqAdmin) && !call.caller.has(Role::Integration) {
        return Err(failure::refused(&OrderRefusal::BusinessDateNotAllowed));
    }
    let date = parse::<BusinessDate>(wrong, "business_date", date);
    if date.is_some_and(|date| date > today) {
        let text = Text::new("不能晚于今天", "must not be after today");
        wrong.add("business_date", text);
    }
    Ok(date)
}

/// The system's own number for an order or the like, for example `SO-20261123-7K2M0QXA`. It follows
/// from the request id, so that a repeated request is about the same one.
pub(super) fn numbered(kind: &str, call: &Call) -> String {
    format!("{kind}-{}-{}", call.today().format("%Y%m%d"), signs(call.request_id, 8))
}

/// The end of an id in so many signs that nobody mistakes for each other.
pub(super) fn signs(id: Uuid, count: u32) -> String {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    // The last bytes of a UUID are random in every version that callers make.
    let random = id.as_u128();
    let sign = |place: u32| SIGNS[(random >> (5 * place)) as usize & 31] as char;
    (0..count).rev().map(sign).collect()
}

/// What the caller sees and acts on.
pub(super) fn sight(wrong: &mut Violations, call: &Call) -> Option<Sight> {
    let Caller { dealer_id, regions, .. } = &call.caller;
    wrong.take("dealer_id", Sight::parse(dealer_id.as_deref(), regions).map_err(explain))
}

pub(super) fn ask(
    mut wrong: Violations,
    order_id: &str,
    call: &Call,
    command: Option<OrderCommand>,
) -> Result<AskOrder, Status> {
    let order_id = parse(&mut wrong, "order_id", order_id);
    let sight = sight(&mut wrong, call);
    let today = call.today().into();
    let ask = (|| {
        let (order_id, sight, command) = (order_id?, sight?, command?);
        Some(AskOrder { order_id, sight, today, command })
    })();
    wrong.finish(ask)
}

pub(super) fn line_quantities(lines: &[api::LineQuantity]) -> Vec<LineQuantity> {
    let line = |line: &api::LineQuantity| LineQuantity {
        line_no: line.line_no,
        quantity: Quantity::of(line.quantity),
    };
    lines.iter().map(line).collect()
}

impl IntoCommand<Order> for api::ConfirmOrderRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        ask(Violations::default(), &self.order_id, call, Some(OrderCommand::Confirm))
    }
}

impl IntoCommand<Order> for api::ShipOrderRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        let command = OrderCommand::Ship(line_quantities(&self.lines));
        ask(Violations::default(), &self.order_id, call, Some(command))
    }
}

impl IntoCommand<Order> for api::ReceiveOrderRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        let mut wrong = Violations::default();
        let arrival = arrival(&mut wrong, call, line_quantities(&self.lines), &self.differences);
        ask(wrong, &self.order_id, call, arrival.map(OrderCommand::Receive))
    }
}

impl IntoCommand<Order> for api::RateOrderRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        let mut wrong = Violations::default();
        let rating = rating(&mut wrong, (self.goods, self.service), &self.comment);
        ask(wrong, &self.order_id, call, rating.map(OrderCommand::Rate))
    }
}

impl IntoCommand<Order> for api::CancelOrderRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| OrderCommand::Cancel { reason });
        ask(wrong, &self.order_id, call, command)
    }
}

impl IntoCommand<Order> for api::CloseOrderShortRequest {
    type Command = AskOrder;

    fn into_command(self, call: &Call) -> Result<AskOrder, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| OrderCommand::CloseShort { reason });
        ask(wrong, &self.order_id, call, command)
    }
}
