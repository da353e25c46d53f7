//! Requests about shipments, and how orders are handed over to warehouses.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Decider as _;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::shipment_service_server::ShipmentService;
use tonic::{Request, Status};
use values::{OrderId, ProductId, Quantity, ShipmentId, WarehouseId};

use super::orders::{Who, line_quantities, seen};
use super::paying::{paid_on, rules};
use super::{Api, parse, words};
use crate::account::Account;
use crate::credit::Lending;
use crate::order::stocking::StockShifts;
use crate::order::{Commercial, LineQuantity, Order, OrderCommand, OrderRefusal, Placed};
use crate::order_rules::Rules;
use crate::product::Product;
use crate::shift::Shift;
use crate::shipment::splitting::{Names, Places, split};
use crate::shipment::{Load, Shipment, ShipmentCommand, ShipmentRefusal};
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
    reserves: Option<&BTreeMap<ProductId, Quantity>>,
) -> Result<(), Rejected<OrderRefusal>> {
    let confirmed = |order: &Order| match order {
        Order::Placed(placed) => placed.commercial == Commercial::Confirmed,
        Order::Unsubmitted => false,
    };
    let Order::Placed(order) = after else { return Ok(()) };
    if !rules.hands_over || confirmed(before) || !confirmed(after) {
        return Ok(());
    }
    let mut names = Names { dealer: dealer_name(work, order).await?, ..Names::default() };
    let mut places = Places::new();
    for line in &order.lines {
        let product_id = &line.product_id;
        if names.products.contains_key(product_id) {
            continue;
        }
        names.products.insert(product_id.clone(), product_name(work, product_id).await?);
        if order.stocked {
            let more = reserves.and_then(|reserves| reserves.get(product_id)).copied();
            let kept = kept(work, &order.order_id, product_id, more).await?;
            places.insert(product_id.clone(), kept);
        }
    }
    for released in split(order, places, &names) {
        let shipment_id = released.shipment_id.clone();
        let command = ShipmentCommand::Release(Box::new(released));
        work.expect_new::<Shipment>(shipment_id.as_str());
        decide(work, &shipment_id, command).await?;
    }
    Ok(())
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

/// Where an order has what it has of a product, once the append has kept some more for it.
async fn kept(
    work: &mut Work<'_>,
    order_id: &OrderId,
    product_id: &ProductId,
    reserves: Option<Quantity>,
) -> Result<Vec<(WarehouseId, Quantity)>, Rejected<OrderRefusal>> {
    let stock = work.read::<StockItem>(product_id.as_str()).await?;
    let Some(hold) = reserves else { return Ok(stock.kept_for(order_id)) };
    let shift = Shift { hold, ..Shift::default() };
    let follow = StockCommand::Follow { order_id: order_id.clone(), shift };
    let after = stock.after(follow).map_err(|no| Rejected::Refused(no.into()))?;
    Ok(after.kept_for(order_id))
}

/// All shipments of an order; none of one that was not handed over.
async fn shipments(
    work: &mut Work<'_>,
    order: &Placed,
) -> Result<Vec<ShipmentId>, Rejected<OrderRefusal>> {
    if order.commercial != Commercial::Confirmed {
        return Ok(Vec::new());
    }
    let number = |number| ShipmentId::of(&order.order_id, number);
    let first = work.read::<Shipment>(number(1).as_str()).await?;
    let of = first.load().map_or(0, |load| load.of);
    Ok((1..=of).map(number).collect())
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
        | OrderCommand::CloseShort { reason } => withdraw(work, order, reason).await,
        // These confirm it as the rules say, and hand it over by themselves.
        OrderCommand::Submit(_)
        | OrderCommand::Pay { .. }
        | OrderCommand::Capture { .. }
        | OrderCommand::ReleaseHold { .. }
        // Nothing is sent by these.
        | OrderCommand::Receive(_)
        | OrderCommand::OpenAfterSale { .. }
        | OrderCommand::EndAfterSale { .. }
        | OrderCommand::Rate(_) => Ok(()),
    }
}

/// An order is shipped as a whole only when it was not handed over.
async fn must_be_whole(work: &mut Work<'_>, order: &Placed) -> Result<(), Rejected<OrderRefusal>> {
    match shipments(work, order).await?.into_iter().next() {
        Some(shipment_id) => Err(refused(ShipmentRefusal::HandedOver { shipment_id })),
        None => Ok(()),
    }
}

/// Withdraws what is left of the shipments of an order that does not need it any more.
async fn withdraw(
    work: &mut Work<'_>,
    order: &Placed,
    reason: &str,
) -> Result<(), Rejected<OrderRefusal>> {
    for shipment_id in shipments(work, order).await? {
        let command = ShipmentCommand::Withdraw { reason: reason.to_owned() };
        decide(work, &shipment_id, command).await?;
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
