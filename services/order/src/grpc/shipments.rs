//! Requests about shipments, and how orders are handed over to warehouses.

use std::sync::Arc;

use kernel::Decider as _;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::shipment_service_server::ShipmentService;
use tonic::{Request, Status};
use values::{OrderId, ProductId, ShipmentId, WarehouseId};

use super::orders::{Who, line_quantities, seen};
use super::paying::{paid_on, rules};
use super::stocking::Wanted;
use super::{Api, parse, words};
use crate::account::Account;
use crate::credit::Lending;
use crate::order::stocking::StockShifts;
use crate::order::{Commercial, LineQuantity, Order, OrderCommand, OrderRefusal, Placed};
use crate::order_rules::Rules;
use crate::product::Product;
use crate::shift::Shift;
use crate::shipment::rearranging::goes_on;
use crate::shipment::splitting::{Goods, Names, split};
use crate::shipment::{Load, Shipment, ShipmentCommand, ShipmentRefusal, ShipmentReleased};
use crate::stock::{StockCommand, StockItem};

#[tonic::async_trait]
impl ShipmentService for Api {
    async fn acknowledge_shipment(
        &self,
        r: Request<api::AcknowledgeShipmentRequest>,
    ) -> Reply<api::AcknowledgeShipmentResponse> {
        self.0.run(r).await
    }

    async fn hand_back_shipment(
        &self,
        r: Request<api::HandBackShipmentRequest>,
    ) -> Reply<api::HandBackShipmentResponse> {
        self.0.run(r).await
    }

    async fn ship_shipment(
        &self,
        r: Request<api::ShipShipmentRequest>,
    ) -> Reply<api::ShipShipmentResponse> {
        self.0.run(r).await
    }
}

/// Hands an order over to the warehouses when it is confirmed by what makes it another one, and the
/// rules want it. `reserves` is what the same append keeps for it of each product.
pub(super) async fn hand_over(
    work: &mut Work<'_>,
    rules: Rules,
    (before, after): (&Order, &Order),
    reserves: Option<&Wanted>,
) -> Result<(), Rejected<OrderRefusal>> {
    let confirmed = |order: &Order| match order {
        Order::Placed(placed) => placed.commercial == Commercial::Confirmed,
        Order::Unsubmitted => false,
    };
    let Order::Placed(order) = after else { return Ok(()) };
    if !rules.hands_over || confirmed(before) || !confirmed(after) {
        return Ok(());
    }
    let follow = |product_id: &ProductId| {
        let hold = reserves?.goods.get(product_id).copied()?;
        let shift = Shift { hold, ..Shift::default() };
        let waits = reserves?.waits;
        Some(StockCommand::Follow { order_id: order.order_id.clone(), shift, waits })
    };
    let goods = goods(work, order, follow).await?;
    let released = released(work, order, goods).await?;
    for released in &released {
        work.expect_new::<Shipment>(released.shipment_id.as_str());
    }
    release(work, released).await
}

/// Hands over what came in for an order that waited for it, once this has happened to the stock of a
/// product.
pub(super) async fn hand_over_more(
    work: &mut Work<'_>,
    order: &Placed,
    (product_id, command): (&ProductId, &StockCommand),
) -> Result<(), Rejected<OrderRefusal>> {
    let rules = rules(work).await?;
    let loads = loads(work, order).await?;
    if !goes_on(order, &loads, rules.hands_over) {
        return Ok(());
    }
    let happens = |other: &ProductId| (other == product_id).then(|| command.clone());
    let mut goods = goods(work, order, happens).await?;
    loads.iter().for_each(|load| goods.beside(load));
    let released = released(work, order, goods).await?;
    release(work, released).await
}

/// Hands shipments over.
pub(super) async fn release(
    work: &mut Work<'_>,
    released: Vec<ShipmentReleased>,
) -> Result<(), Rejected<OrderRefusal>> {
    for released in released {
        let shipment_id = released.shipment_id.clone();
        let command = ShipmentCommand::Release(Box::new(released));
        decide(work, &shipment_id, command).await?;
    }
    Ok(())
}

/// The shipments that are made of an order.
pub(super) async fn released(
    work: &mut Work<'_>,
    order: &Placed,
    goods: Goods,
) -> Result<Vec<ShipmentReleased>, Rejected<OrderRefusal>> {
    let mut names = Names { dealer: dealer_name(work, order).await?, ..Names::default() };
    for line in &order.lines {
        let product_id = &line.product_id;
        if !names.products.contains_key(product_id) {
            names.products.insert(product_id.clone(), product_name(work, product_id).await?);
        }
    }
    Ok(split(order, goods, &names))
}

/// Where the goods of an order are, once the append has changed the stock of some products.
pub(super) async fn goods(
    work: &mut Work<'_>,
    order: &Placed,
    happens: impl Fn(&ProductId) -> Option<StockCommand>,
) -> Result<Goods, Rejected<OrderRefusal>> {
    let mut goods = Goods::default();
    for line in order.lines.iter().filter(|_| order.stocked) {
        let product_id = &line.product_id;
        if goods.places.contains_key(product_id) {
            continue;
        }
        let mut stock = work.read::<StockItem>(product_id.as_str()).await?;
        if let Some(command) = happens(product_id) {
            let after = stock.after(command).map_err(|no| Rejected::Refused(no.into()))?;
            stock = Arc::new(after);
        }
        goods.places.insert(product_id.clone(), stock.kept_for(&order.order_id));
        goods.waiting.insert(product_id.clone(), stock.waiting_for(&order.order_id));
    }
    Ok(goods)
}

async fn dealer_name(
    work: &mut Work<'_>,
    order: &Placed,
) -> Result<String, Rejected<OrderRefusal>> {
    let account = work.read::<Account>(order.dealer_id.as_str()).await?;
    let holder = account.holder(&order.dealer_id).map_err(Rejected::Refused)?;
    Ok(holder.dealer_name.clone())
}

/// What a product is called, and what it is counted in.
async fn product_name(
    work: &mut Work<'_>,
    product_id: &ProductId,
) -> Result<(String, String), Rejected<OrderRefusal>> {
    let product = work.read::<Product>(product_id.as_str()).await?;
    Ok(product.sku().map(|sku| (sku.name.clone(), sku.base_unit.clone())).unwrap_or_default())
}

/// All shipments of an order; none of one that was not handed over. Those that were made together say
/// how many there are with them; what was made later follows.
pub(super) async fn loads(
    work: &mut Work<'_>,
    order: &Placed,
) -> Result<Vec<Load>, Rejected<OrderRefusal>> {
    let (mut loads, mut known) = (Vec::new(), 0);
    if order.commercial != Commercial::Confirmed {
        return Ok(loads);
    }
    // An order that never waited for goods and was not changed has no more than those of the beginning.
    for number in 1.. {
        if number > known && known > 0 && !order.back_order && !order.changed {
            break;
        }
        let shipment_id = ShipmentId::of(&order.order_id, number);
        let shipment = work.read::<Shipment>(shipment_id.as_str()).await?;
        let Ok(load) = shipment.load() else { break };
        known = known.max(load.of);
        loads.push(load.clone());
    }
    Ok(loads)
}

/// Lets the shipments of an order follow what it was asked.
pub(super) async fn shipments_follow(
    work: &mut Work<'_>,
    command: &OrderCommand,
    (before, after): (&Order, &Order),
) -> Result<(), Rejected<OrderRefusal>> {
    let Order::Placed(order) = before else { return Ok(()) };
    match command {
        OrderCommand::Confirm => {
            let rules = rules(work).await?;
            hand_over(work, rules, (before, after), None).await
        }
        OrderCommand::Ship(_) => must_be_whole(work, order).await,
        OrderCommand::Cancel { reason }
        | OrderCommand::RefuseCredit { reason }
        | OrderCommand::Expire { reason, .. }
        | OrderCommand::CloseShort { reason } => withdraw(work, order, reason).await,
        // These confirm it as the rules say, and hand it over by themselves.
        OrderCommand::Submit(_)
        | OrderCommand::Pay { .. }
        | OrderCommand::Capture { .. }
        | OrderCommand::ReleaseHold { .. }
        | OrderCommand::Review(_)
        | OrderCommand::Change(_)
        // Nothing is sent by these, and what is given up was handed to nobody.
        | OrderCommand::GiveUp { .. }
        | OrderCommand::Receive(_)
        | OrderCommand::OpenAfterSale { .. }
        | OrderCommand::EndAfterSale { .. }
        | OrderCommand::Rate(_) => Ok(()),
    }
}

/// An order is shipped as a whole only when it was not handed over.
async fn must_be_whole(work: &mut Work<'_>, order: &Placed) -> Result<(), Rejected<OrderRefusal>> {
    let first = ShipmentId::of(&order.order_id, 1);
    match work.read::<Shipment>(first.as_str()).await?.load() {
        Ok(load) => {
            let shipment_id = load.shipment_id.clone();
            Err(refused(ShipmentRefusal::HandedOver { shipment_id }))
        }
        Err(_) => Ok(()),
    }
}

/// Withdraws what is left of the shipments of an order that does not need it any more.
async fn withdraw(
    work: &mut Work<'_>,
    order: &Placed,
    reason: &str,
) -> Result<(), Rejected<OrderRefusal>> {
    for load in loads(work, order).await? {
        let command = ShipmentCommand::Withdraw { reason: reason.to_owned() };
        decide(work, &load.shipment_id, command).await?;
    }
    Ok(())
}

/// Asks something of a shipment that concerns it alone.
pub struct AskShipment {
    shipment_id: ShipmentId,
    command: ShipmentCommand,
    who: Who,
}

impl Transaction for AskShipment {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        load(work, &self.shipment_id, &self.who).await?;
        decide(work, &self.shipment_id, self.command.clone()).await
    }
}

/// Ships goods of a shipment, and with it those of its order.
pub struct ShipShipment {
    shipment_id: ShipmentId,
    lines: Vec<LineQuantity>,
    carrier: String,
    tracking_number: String,
    who: Who,
}

impl Transaction for ShipShipment {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let (load, order) = load(work, &self.shipment_id, &self.who).await?;
        let lines = load.leaving(&self.lines).map_err(refused)?;
        let command = ShipmentCommand::Ship {
            lines: lines.clone(),
            carrier: self.carrier.clone(),
            tracking_number: self.tracking_number.clone(),
        };
        decide(work, &self.shipment_id, command).await?;
        let command = OrderCommand::Ship(lines);
        work.decide::<Order>(load.order_id.as_str(), command.clone()).await?;
        let after = order.after(command).map_err(Rejected::Refused)?;
        if let Some(warehouse_id) = &load.warehouse_id {
            leave(work, &load.order_id, warehouse_id, order.stock_shifts(&after)).await?;
        }
        paid_on(work, &order, &after, (self.who.today, Lending::default())).await
    }
}

/// Lets the goods leave their warehouse, and no other one.
async fn leave(
    work: &mut Work<'_>,
    order_id: &OrderId,
    warehouse_id: &WarehouseId,
    shifts: StockShifts,
) -> Result<(), Rejected<OrderRefusal>> {
    for (product_id, shift) in shifts {
        let command = StockCommand::Leave {
            order_id: order_id.clone(),
            warehouse_id: warehouse_id.clone(),
            quantity: shift.capture,
        };
        let left = work.decide::<StockItem>(product_id.as_str(), command).await;
        left.map_err(Rejected::from_other)?;
    }
    Ok(())
}

/// A shipment and its order, if there is one and the caller sees it.
async fn load(
    work: &mut Work<'_>,
    shipment_id: &ShipmentId,
    who: &Who,
) -> Result<(Load, Arc<Order>), Rejected<OrderRefusal>> {
    let shipment = work.read::<Shipment>(shipment_id.as_str()).await?;
    let load = shipment.load().map_err(refused)?;
    match seen(work, &load.order_id, &who.sight, who.today).await {
        Ok(order) => Ok((load.clone(), order)),
        // Shipments of dealers whom the caller does not see are not there.
        Err(Rejected::Refused(_)) => Err(refused(ShipmentRefusal::ShipmentNotFound)),
        Err(other) => Err(other),
    }
}

async fn decide(
    work: &mut Work<'_>,
    shipment_id: &ShipmentId,
    command: ShipmentCommand,
) -> Result<(), Rejected<OrderRefusal>> {
    let decided = work.decide::<Shipment>(shipment_id.as_str(), command).await;
    decided.map_err(Rejected::from_other)
}

fn refused(refusal: ShipmentRefusal) -> Rejected<OrderRefusal> {
    Rejected::Refused(refusal.into())
}

/// Which shipment somebody means, and who they are.
fn meant(
    wrong: &mut Violations,
    shipment_id: &str,
    call: &Call,
) -> (Option<ShipmentId>, Option<Who>) {
    (parse(wrong, "shipment_id", shipment_id), Who::of(wrong, call))
}

fn ask(
    mut wrong: Violations,
    shipment_id: &str,
    call: &Call,
    command: Option<ShipmentCommand>,
) -> Result<AskShipment, Status> {
    let (shipment_id, who) = meant(&mut wrong, shipment_id, call);
    let ask = (|| {
        let (shipment_id, command, who) = (shipment_id?, command?, who?);
        Some(AskShipment { shipment_id, command, who })
    })();
    wrong.finish(ask)
}

impl IntoCommand<Shipment> for api::AcknowledgeShipmentRequest {
    type Command = AskShipment;

    fn into_command(self, call: &Call) -> Result<AskShipment, Status> {
        let mut wrong = Violations::default();
        let reference = words(&mut wrong, "reference", &self.reference, 0..=64);
        let command = reference.map(|reference| ShipmentCommand::Acknowledge { reference });
        ask(wrong, &self.shipment_id, call, command)
    }
}

impl IntoCommand<Shipment> for api::HandBackShipmentRequest {
    type Command = AskShipment;

    fn into_command(self, call: &Call) -> Result<AskShipment, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| ShipmentCommand::HandBack { reason });
        ask(wrong, &self.shipment_id, call, command)
    }
}

impl IntoCommand<Shipment> for api::ShipShipmentRequest {
    type Command = ShipShipment;

    fn into_command(self, call: &Call) -> Result<ShipShipment, Status> {
        let mut wrong = Violations::default();
        let (shipment_id, who) = meant(&mut wrong, &self.shipment_id, call);
        let carrier = words(&mut wrong, "carrier", &self.carrier, 0..=50);
        let tracking_number = words(&mut wrong, "tracking_number", &self.tracking_number, 0..=64);
        let lines = line_quantities(&self.lines);
        let command = (|| {
            let (shipment_id, who) = (shipment_id?, who?);
            let (carrier, tracking_number) = (carrier?, tracking_number?);
            Some(ShipShipment { shipment_id, lines, carrier, tracking_number, who })
        })();
        wrong.finish(command)
    }
}
