//! What the figures of ordering are worked out from: when an order got how far, what of it was not
//! right, who laid a hand on it, and what it left owed. The figures themselves are in
//! `order_metrics_query`.

use std::collections::BTreeMap;

use kernel::Recorded;
use kernel::auth::{POLICY, SERVICE};
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::after_sale::{AfterSale, AfterSaleEvent, Cause, Requested};
use order::credit::{CreditAccount, CreditEvent, Paid};
use order::order::{Difference, LineQuantity, Order, OrderEvent, OrderSubmitted};
use order::shipment::{Shipment, ShipmentEvent, ShipmentReleased};
use serde_json::{Value, json};
use values::{Currency, OrderId, Quantity};

use super::sales::regions;

kernel::facts!(
    pub(crate) enum Happened {
        Order(Order),
        Shipment(Shipment),
        AfterSale(AfterSale),
        Credit(CreditAccount),
    }
);

const ORDERS: Table = Table { name: "order_metrics", key: &["tenant_id", "order_id"] };
const DEPARTURES: Table =
    Table { name: "order_metric_departures", key: &["tenant_id", "order_id", "version"] };
const LINES: Table =
    Table { name: "order_metric_lines", key: &["tenant_id", "order_id", "line_no"] };
const CASES: Table = Table { name: "order_metric_cases", key: &["tenant_id", "after_sale_id"] };
const CREDIT: Table =
    Table { name: "order_metric_credit", key: &["tenant_id", "order_id", "position"] };

pub(crate) struct OrderMetrics;

impl Projection for OrderMetrics {
    const NAME: &'static str = "order_metrics";
    const CONTEXT: &'static str = "order";
    const TABLES: &'static [&'static Table] = &[&ORDERS, &DEPARTURES, &LINES, &CASES, &CREDIT];
    const SCHEMA: &'static str = include_str!("order_metrics.sql");
    type Facts = Happened;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Happened,
    ) -> Result<(), ProjectError> {
        let mut book = Book { db, recorded };
        match fact {
            Happened::Order(event) => book.order(event),
            Happened::Shipment(ShipmentEvent::ShipmentReleased(released)) => {
                book.released(&released)
            }
            Happened::AfterSale(AfterSaleEvent::AfterSaleRequested(case)) => book.case(&case),
            Happened::AfterSale(AfterSaleEvent::AfterSaleRated { rating, .. }) => {
                let row = json!({
                    "tenant_id": recorded.tenant,
                    "after_sale_id": recorded.object_id,
                    "rated_outcome": rating.goods,
                    "rated_service": rating.service,
                });
                book.db.update(&CASES, row)
            }
            Happened::Credit(event) => book.credit(event),
            // How a case goes on does not make its order better or worse.
            Happened::Shipment(_) | Happened::AfterSale(_) => Ok(()),
        }
    }
}

/// What is written for one fact.
struct Book<'a, 'b> {
    db: &'a mut Db<'b>,
    recorded: &'a Recorded,
}

impl Book<'_, '_> {
    fn order(&mut self, event: OrderEvent) -> Result<(), ProjectError> {
        let (at, request) = (self.recorded.recorded_at, self.recorded.metadata.request_id);
        let by_person = is_person(&self.recorded.metadata.actor_id);
        match event {
            // What is sent again was ordered before.
            OrderEvent::OrderSubmitted(order) if order.replaces.is_some() => Ok(()),
            OrderEvent::OrderSubmitted(order) => self.submitted(&order),
            OrderEvent::PaymentAllocated { .. } => self.change(json!({ "pay_request": request })),
            OrderEvent::CreditHoldReleased { .. } => {
                self.change(json!({ "credit_by_hand": by_person }))
            }
            OrderEvent::OrderConfirmed { .. } => self.change(json!({
                "confirmed_at": at, "confirm_request": request, "confirmed_by_person": by_person,
            })),
            OrderEvent::OrderShipped { lines, .. } => self.shipped(&lines),
            OrderEvent::OrderReceived { lines, differences, .. } => {
                self.received(&lines, &differences)
            }
            OrderEvent::OrderCancelled { .. } => self.change(json!({ "cancelled": true })),
            OrderEvent::OrderShortClosed { lines, .. } => {
                let closed = Quantity::total(lines.iter().map(|line| line.quantity));
                self.count(json!({ "closed": closed.get() }))
            }
            OrderEvent::OrderRated { rating, .. } => self.change(json!({
                "rated_goods": rating.goods, "rated_service": rating.service,
            })),
            OrderEvent::OrderChanged(it) => {
                let bought = it.lines.iter().map(|line| line.quantity);
                let given = it.gifts.iter().map(|gift| gift.quantity);
                let more = Quantity::total(bought.chain(given)).get();
                let less = Quantity::total(it.less.iter().map(|line| line.quantity)).get();
                self.count(json!({ "ordered": more - less }))
            }
            // Confirmed by whoever takes the last step.
            OrderEvent::OrderReviewAsked { .. }
            | OrderEvent::OrderStepApproved { .. }
            | OrderEvent::OrderStepWaived { .. }
            | OrderEvent::OrderSentBack { .. }
            | OrderEvent::OrderChangeProposed(_)
            | OrderEvent::OrderChangeWithdrawn { .. }
            | OrderEvent::OrderChangeRefused { .. }
            // The order is cancelled right after these.
            | OrderEvent::OrderRefused { .. }
            | OrderEvent::CreditRefused { .. }
            | OrderEvent::OrderExpired { .. }
            // The case tells it.
            | OrderEvent::AfterSaleOpened { .. }
            | OrderEvent::AfterSaleEnded { .. } => Ok(()),
        }
    }

    /// A row about the order that the fact is of.
    fn of(&self, mut columns: Value) -> Value {
        columns["tenant_id"] = self.recorded.tenant.as_str().into();
        columns["order_id"] = self.recorded.object_id.as_str().into();
        columns
    }

    fn change(&mut self, columns: Value) -> Result<(), ProjectError> {
        let row = self.of(columns);
        self.db.update(&ORDERS, row)
    }

    fn count(&mut self, columns: Value) -> Result<(), ProjectError> {
        let row = self.of(columns);
        self.db.add(&ORDERS, row)
    }

    fn submitted(&mut self, order: &OrderSubmitted) -> Result<(), ProjectError> {
        let metadata = &self.recorded.metadata;
        let (region_ids, region_names) = regions(&order.region_path);
        let given = order.gifts.iter().map(|gift| gift.quantity);
        let ordered = order.quantity.plus(Quantity::total(given));
        let row = self.of(json!({
            "business_date": order.business_date.day(),
            "region_ids": region_ids,
            "region_names": region_names,
            "dealer_id": order.dealer_id,
            "dealer_name": order.dealer_name,
            "ordered": ordered.get(),
            "shipped": 0,
            "closed": 0,
            "submitted_at": self.recorded.recorded_at,
            "submit_request": metadata.request_id,
            "placed_by_hand": order.placed_on_behalf && is_person(&metadata.actor_id),
            "credit_by_hand": false,
            "confirmed_by_person": false,
            "cancelled": false,
        }));
        self.db.insert(&ORDERS, row)
    }

    fn shipped(&mut self, lines: &[LineQuantity]) -> Result<(), ProjectError> {
        let left = Quantity::total(lines.iter().map(|line| line.quantity));
        self.count(json!({ "shipped": left.get() }))?;
        let row = self.of(json!({
            "version": self.recorded.version, "shipped_at": self.recorded.recorded_at,
        }));
        self.db.insert(&DEPARTURES, row)
    }

    fn received(
        &mut self,
        lines: &[LineQuantity],
        differences: &[Difference],
    ) -> Result<(), ProjectError> {
        for line in lines.iter().filter(|line| !line.quantity.is_zero()) {
            let row = self.of(json!({ "line_no": line.line_no }));
            self.db.upsert(&LINES, row)?;
        }
        for line in differences {
            let row = self.of(json!({ "line_no": line.line_no, "corrected": true }));
            self.db.upsert(&LINES, row)?;
        }
        Ok(())
    }

    /// All shipments of an order are handed over at once.
    fn released(&mut self, shipment: &ShipmentReleased) -> Result<(), ProjectError> {
        if shipment.number != 1 {
            return Ok(());
        }
        let row = json!({
            "tenant_id": self.recorded.tenant,
            "order_id": shipment.order_id,
            "released_at": self.recorded.recorded_at,
        });
        self.db.update(&ORDERS, row)
    }

    fn case(&mut self, case: &Requested) -> Result<(), ProjectError> {
        let tenant = &self.recorded.tenant;
        let row = json!({
            "tenant_id": tenant,
            "after_sale_id": self.recorded.object_id,
            "order_id": case.order_id,
        });
        self.db.insert(&CASES, row)?;
        // Those at the receipt stand in the order as well, and are counted there.
        let told = case.lines.iter().filter(|line| !case.at_receipt && is_mistake(line.cause));
        for line in told {
            let row = json!({
                "tenant_id": tenant,
                "order_id": case.order_id,
                "line_no": line.line_no,
                "corrected": true,
            });
            self.db.upsert(&LINES, row)?;
        }
        Ok(())
    }

    fn credit(&mut self, event: CreditEvent) -> Result<(), ProjectError> {
        match event {
            CreditEvent::CreditConsumed(it) => {
                self.owed(&it.order_id, &it.currency, (it.amount_minor.0, 0))
            }
            CreditEvent::CreditRepaid { paid, currency, .. }
            | CreditEvent::DebtReduced { paid, currency, .. } => {
                let mut paid = per_order(&paid).into_iter();
                paid.try_for_each(|(order, paid)| self.owed(order, &currency, (0, paid)))
            }
            // Nothing was delivered, and nothing was paid.
            CreditEvent::CreditLimitSet { .. }
            | CreditEvent::TemporaryCreditGranted { .. }
            | CreditEvent::TemporaryCreditEnded { .. }
            | CreditEvent::CreditBlocked { .. }
            | CreditEvent::CreditUnblocked { .. }
            | CreditEvent::CreditReserved(_)
            | CreditEvent::CreditFreed(_) => Ok(()),
        }
    }

    fn owed(
        &mut self,
        order_id: &OrderId,
        currency: &Currency,
        (delivered, paid): (i64, i64),
    ) -> Result<(), ProjectError> {
        let row = json!({
            "tenant_id": self.recorded.tenant,
            "order_id": order_id,
            "position": self.recorded.position,
            "occurred_at": self.recorded.recorded_at,
            "delivered_minor": delivered,
            "paid_minor": paid,
            "currency_code": currency,
        });
        self.db.insert(&CREDIT, row)
    }
}

/// Several deliveries of an order are paid by one payment, each for itself.
fn per_order(paid: &[Paid]) -> BTreeMap<&OrderId, i64> {
    let mut all = BTreeMap::new();
    for part in paid {
        *all.entry(&part.order_id).or_default() += part.amount_minor.0;
    }
    all
}

/// Programs of the brand and parts of this system are none.
fn is_person(actor_id: &str) -> bool {
    !actor_id.starts_with(SERVICE) && !actor_id.starts_with(POLICY)
}

/// Whether the brand sent something wrong, and not only something that the dealer does not want.
fn is_mistake(cause: Cause) -> bool {
    match cause {
        Cause::Short | Cause::Damaged | Cause::WrongGoods | Cause::Quality => true,
        Cause::NearExpiry | Cause::Unsold | Cause::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use values::Minor;

    use super::*;

    #[test]
    fn programs_lay_no_hand_on_an_order() {
        assert!(is_person("li.lei"));
        assert!(!is_person("service:erp") && !is_person("policy:payments"));
    }

    #[test]
    fn two_deliveries_that_are_paid_at_once_are_one_row() {
        let part = |order: &str, due: &str, amount| Paid {
            order_id: order.parse().unwrap(),
            due_on: serde_json::from_value(due.into()).unwrap(),
            amount_minor: Minor(amount),
        };
        let paid = [
            part("SO-1", "2026-11-01", 3),
            part("SO-2", "2026-11-01", 5),
            part("SO-1", "2026-11-09", 4),
        ];
        let amounts: Vec<_> =
            per_order(&paid).into_iter().map(|(order, paid)| (order.as_str(), paid)).collect();
        assert_eq!(amounts, [("SO-1", 7), ("SO-2", 5)]);
    }
}
