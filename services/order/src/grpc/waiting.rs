//! Orders that wait: for goods, or so long that they are called off.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Text;
use kernel::auth::POLICY;
use kernel::command::{Addressed, Rejected, Transaction, Work};
use kernel::failure::{self, Violations};
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::waiting_service_server::WaitingService;
use tonic::{Request, Status};
use values::{OrderId, ProductId};

use super::orders::{AskOrder, Who, seen};
use super::paying::rules;
use super::shipments::{goods, hand_over_more, loads};
use super::{Api, given, parse, words};
use crate::order::expiring::Waited;
use crate::order::{LineQuantity, Order, OrderCommand, OrderRefusal, Placed};
use crate::stock::{StockCommand, StockItem};

#[tonic::async_trait]
impl WaitingService for Api {
    async fn give_up_back_order(
        &self,
        r: Request<api::GiveUpBackOrderRequest>,
    ) -> Reply<api::GiveUpBackOrderResponse> {
        self.0.run(r).await
    }

    async fn expect_stock(
        &self,
        r: Request<api::ExpectStockRequest>,
    ) -> Reply<api::ExpectStockResponse> {
        self.0.run(r).await
    }

    async fn hand_over_back_order(
        &self,
        r: Request<api::HandOverBackOrderRequest>,
    ) -> Reply<api::HandOverBackOrderResponse> {
        self.0.run(r).await
    }

    async fn expire_order(
        &self,
        r: Request<api::ExpireOrderRequest>,
    ) -> Reply<api::ExpireOrderResponse> {
        self.0.run(r).await
    }
}

/// What waits of an order, and what it has open besides, line by line.
async fn lines(
    work: &mut Work<'_>,
    order: &Placed,
) -> Result<(Vec<LineQuantity>, Vec<LineQuantity>), Rejected<OrderRefusal>> {
    let mut goods = goods(work, order, |_| None).await?;
    for load in loads(work, order).await? {
        goods.beside(&load);
    }
    Ok(goods.by_line(order))
}

/// What an order is asked to ship when nothing is named: all that is there.
pub(super) async fn without_waiting(
    work: &mut Work<'_>,
    order: &Order,
    command: &OrderCommand,
) -> Result<OrderCommand, Rejected<OrderRefusal>> {
    if let (Order::Placed(placed), OrderCommand::Ship(named)) = (order, command)
        && placed.back_order
        && named.is_empty()
    {
        let (_, there) = lines(work, placed).await?;
        return Ok(OrderCommand::Ship(there));
    }
    Ok(command.clone())
}

/// Does without what an order waits for.
pub struct GiveUpBackOrder {
    order_id: OrderId,
    reason: String,
    who: Who,
}

impl Transaction for GiveUpBackOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.who.sight, self.who.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let (waiting, _) = lines(work, placed).await?;
        let reason = self.reason.clone();
        // Of what is only given nothing is an order: its gifts go with what was bought.
        let command = match waiting.is_empty() || placed.keeps_bought(&waiting) {
            true => OrderCommand::GiveUp { lines: waiting, reason },
            false => OrderCommand::Cancel { reason },
        };
        let (order_id, sight) = (self.order_id.clone(), self.who.sight.clone());
        AskOrder { order_id, sight, today: self.who.today, command }.run(work).await
    }
}

/// Hands over what came in for an order.
pub struct HandOverBackOrder {
    order_id: OrderId,
    product_id: ProductId,
}

impl Transaction for HandOverBackOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = work.read::<Order>(self.order_id.as_str()).await?;
        if let Order::Placed(placed) = &*order {
            hand_over_more(work, placed, (&self.product_id, &StockCommand::Allot)).await?;
        }
        let product_id = self.product_id.as_str();
        let allotted = work.decide::<StockItem>(product_id, StockCommand::Allot).await;
        allotted.map_err(Rejected::from_other)
    }
}

/// Calls off an order that has waited too long.
pub struct ExpireOrder {
    order_id: OrderId,
    waited: Waited,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    who: Who,
}

impl Transaction for ExpireOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let rules = rules(work).await?;
        let hours = rules.waiting.hours(self.waited);
        let due = hours.filter(|hours| self.now >= self.since + TimeDelta::hours((*hours).into()));
        let hours = due.ok_or(Rejected::Refused(OrderRefusal::NotDue))?;
        let (waited, reason) = (self.waited, self.waited.reason(hours));
        let command = OrderCommand::Expire { waited, hours, reason };
        let (order_id, sight) = (self.order_id.clone(), self.who.sight.clone());
        AskOrder { order_id, sight, today: self.who.today, command }.run(work).await
    }
}

impl IntoCommand<Order> for api::GiveUpBackOrderRequest {
    type Command = GiveUpBackOrder;

    fn into_command(self, call: &Call) -> Result<GiveUpBackOrder, Status> {
        let mut wrong = Violations::default();
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let who = Who::of(&mut wrong, call);
        let command = (|| {
            let (order_id, reason, who) = (order_id?, reason?, who?);
            Some(GiveUpBackOrder { order_id, reason, who })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<StockItem> for api::ExpectStockRequest {
    type Command = Addressed<StockItem>;

    fn into_command(self, _: &Call) -> Result<Addressed<StockItem>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let on = given(&mut wrong, "expected_on", &self.expected_on);
        let command = wrong.finish(on.map(|on| StockCommand::Expect { on }))?;
        Ok(Addressed { object_id: self.product_id, command })
    }
}

impl IntoCommand<Order> for api::HandOverBackOrderRequest {
    type Command = HandOverBackOrder;

    fn into_command(self, _: &Call) -> Result<HandOverBackOrder, Status> {
        let mut wrong = Violations::default();
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let product_id = parse(&mut wrong, "product_id", &self.product_id);
        let command = (|| {
            let (order_id, product_id) = (order_id?, product_id?);
            Some(HandOverBackOrder { order_id, product_id })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<Order> for api::ExpireOrderRequest {
    type Command = ExpireOrder;

    fn into_command(self, call: &Call) -> Result<ExpireOrder, Status> {
        // Since when it waits is told by the caller: nobody else is believed.
        if !call.caller.user_id.starts_with(POLICY) {
            return Err(failure::refused(&OrderRefusal::ExpiresByItself));
        }
        let mut wrong = Violations::default();
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let waited = match self.waits_for() {
            api::WaitsFor::Payment => Some(Waited::Payment),
            api::WaitsFor::Credit => Some(Waited::Credit),
            api::WaitsFor::Review => Some(Waited::Review),
            api::WaitsFor::Unspecified => super::unsaid(&mut wrong, "waits_for"),
        };
        let since = DateTime::parse_from_rfc3339(&self.since);
        let since = wrong.take(
            "since",
            since.map_err(|_| Text::new("必须是 RFC 3339 时间", "must be a time of RFC 3339")),
        );
        let (who, now) = (Who::of(&mut wrong, call), call.now);
        let command = (|| {
            let (order_id, waited, who) = (order_id?, waited?, who?);
            Some(ExpireOrder { order_id, waited, since: since?.to_utc(), now, who })
        })();
        wrong.finish(command)
    }
}
