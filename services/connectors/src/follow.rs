//! From facts to documents: each fact that a brand may want to hand over becomes a row, in the
//! transaction of the checkpoint, so that none is left out and none is there twice. Whether a brand
//! wants it is looked at when it is handed over: what was before can be asked for later.

use chrono::{DateTime, Utc};
use erp::{BizId, Kind};
use kernel::projection::{Db, DecodeError, Facts, ProjectError, Projection, Table};
use kernel::{Decider as _, Recorded};
use order::after_sale::{AfterSale, AfterSaleEvent, Settlement};
use order::connection::{Connection, ConnectionEvent};
use order::order::{Order, OrderEvent};
use order::payment::{OnlinePayment, PaymentEvent};
use order::product::Product;
use order::remittance::{Remittance, RemittanceEvent};
use order::shipment::{Shipment, ShipmentEvent};
use order::stock::{StockEvent, StockItem};
use serde_json::json;

use crate::making::CANCELLED;
use crate::wishes;

const DOCUMENTS: Table = Table { name: "connector_documents", key: &["tenant_id", "number"] };
const SHIPMENTS: Table =
    Table { name: "connector_shipments", key: &["tenant_id", "order_id", "shipment_id"] };
const PRODUCTS: Table = Table { name: "connector_products", key: &["tenant_id", "product_id"] };
const STOCK: Table =
    Table { name: "connector_stock", key: &["tenant_id", "product_id", "warehouse_id"] };

/// A fact that means something for the books.
pub(crate) enum Fact {
    Order(OrderEvent),
    Shipment(ShipmentEvent),
    AfterSale(AfterSaleEvent),
    Payment(PaymentEvent),
    Remittance(RemittanceEvent),
    Stock(StockEvent),
    /// Of a product; whichever, it is there from now on.
    Product,
    Connection(ConnectionEvent),
}

impl Facts for Fact {
    fn of(recorded: &Recorded) -> Result<Option<Self>, DecodeError> {
        let fact = match recorded.aggregate.as_str() {
            Order::AGGREGATE => Self::Order(recorded.decode()?),
            Shipment::AGGREGATE => Self::Shipment(recorded.decode()?),
            AfterSale::AGGREGATE => Self::AfterSale(recorded.decode()?),
            OnlinePayment::AGGREGATE => Self::Payment(recorded.decode()?),
            Remittance::AGGREGATE => Self::Remittance(recorded.decode()?),
            StockItem::AGGREGATE => Self::Stock(recorded.decode()?),
            Product::AGGREGATE if recorded.version == 1 => Self::Product,
            Connection::AGGREGATE => Self::Connection(recorded.decode()?),
            _ => return Ok(None),
        };
        Ok(Some(fact))
    }
}

/// Follows the order log of all tenants.
pub(crate) struct FollowOrders;

impl Projection for FollowOrders {
    const NAME: &'static str = "connectors-follow";
    const CONTEXT: &'static str = "order";
    type Facts = Fact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Fact,
    ) -> Result<(), ProjectError> {
        match fact {
            Fact::Order(event) => follow_order(db, recorded, &event).await,
            Fact::Shipment(event) => follow_shipment(db, recorded, &event),
            Fact::AfterSale(AfterSaleEvent::AfterSaleSettled(settled)) => {
                // What is sent again comes as an order; what comes to nothing is no credit.
                match settled.settlement {
                    Settlement::Refund | Settlement::CreditNote => {
                        document(db, recorded, Kind::Return, settled.order_id.as_str())
                    }
                    Settlement::Replacement | Settlement::WriteOff => Ok(()),
                }
            }
            Fact::Payment(PaymentEvent::PaymentCaptured { order_id, .. }) => {
                document(db, recorded, Kind::Receipt, order_id.as_str())
            }
            Fact::Remittance(RemittanceEvent::RemittanceConfirmed { .. }) => {
                document(db, recorded, Kind::Receipt, &recorded.object_id)
            }
            Fact::Stock(event) => follow_stock(db, recorded, event),
            Fact::Product => db.upsert(
                &PRODUCTS,
                json!({"tenant_id": recorded.tenant, "product_id": recorded.object_id}),
            ),
            Fact::Connection(event) => wishes::apply(db.sql().await?, recorded, event).await,
            Fact::AfterSale(_) | Fact::Payment(_) | Fact::Remittance(_) => Ok(()),
        }
    }
}

/// A row for a document, made once: what came of it stays.
fn document(
    db: &mut Db<'_>,
    recorded: &Recorded,
    kind: Kind,
    lane: &str,
) -> Result<(), ProjectError> {
    db.upsert(
        &DOCUMENTS,
        json!({
            "tenant_id": recorded.tenant,
            "number": BizId::at(kind, recorded.position).as_str(),
            "kind": kind.as_ref(),
            "aggregate": recorded.aggregate,
            "object_id": recorded.object_id,
            "lane": lane,
            "position": recorded.position,
            "recorded_at": recorded.recorded_at,
        }),
    )
}

async fn follow_order(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: &OrderEvent,
) -> Result<(), ProjectError> {
    match event {
        OrderEvent::OrderConfirmed { order_id, .. } => {
            document(db, recorded, Kind::SalesOrder, order_id.as_str())
        }
        OrderEvent::OrderShipped { order_id, .. } => {
            left(db, recorded, order_id.as_str(), recorded.recorded_at).await
        }
        OrderEvent::OrderCancelled { order_id, .. } => {
            cancelled(db, recorded, order_id.as_str()).await
        }
        OrderEvent::OrderSubmitted(_)
        | OrderEvent::PaymentAllocated { .. }
        | OrderEvent::CreditHoldReleased { .. }
        | OrderEvent::CreditRefused { .. }
        | OrderEvent::OrderReceived { .. }
        | OrderEvent::OrderShortClosed { .. }
        | OrderEvent::AfterSaleOpened { .. }
        | OrderEvent::AfterSaleEnded { .. }
        | OrderEvent::OrderRated { .. }
        | OrderEvent::OrderExpired { .. }
        | OrderEvent::OrderReviewAsked { .. }
        | OrderEvent::OrderStepApproved { .. }
        | OrderEvent::OrderStepWaived { .. }
        | OrderEvent::OrderSentBack { .. }
        | OrderEvent::OrderRefused { .. }
        | OrderEvent::OrderChangeProposed(_)
        | OrderEvent::OrderChangeWithdrawn { .. }
        | OrderEvent::OrderChangeRefused { .. }
        | OrderEvent::OrderChanged(_) => Ok(()),
    }
}

/// Goods of an order left; where warehouses send it, its shipment tells what.
async fn left(
    db: &mut Db<'_>,
    recorded: &Recorded,
    order_id: &str,
    at: DateTime<Utc>,
) -> Result<(), ProjectError> {
    let sql = db.sql().await?;
    sqlx::query(
        "UPDATE connector_documents SET shipped_at = coalesce(shipped_at, $3)
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order'",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .bind(at)
    .execute(&mut *sql)
    .await?;
    let told_apart: bool = sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM connector_shipments WHERE tenant_id = $1 AND order_id = $2
         )",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .fetch_one(sql)
    .await?;
    if told_apart { Ok(()) } else { document(db, recorded, Kind::Delivery, order_id) }
}

/// An order that nobody has handed over need not be; of one that was, a person takes care there.
async fn cancelled(
    db: &mut Db<'_>,
    recorded: &Recorded,
    order_id: &str,
) -> Result<(), ProjectError> {
    let sql = db.sql().await?;
    sqlx::query(
        "DELETE FROM connector_documents
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order' AND status = 'idle'",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .execute(&mut *sql)
    .await?;
    // Of one that is being handed over at this moment nobody knows yet.
    sqlx::query(
        "UPDATE connector_documents SET cancelled = true WHERE tenant_id = $1 AND lane = $2
             AND kind = 'sales_order' AND (status = 'sent' OR claim IS NOT NULL)",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .execute(&mut *sql)
    .await?;
    sqlx::query(
        "UPDATE connector_documents
         SET status = 'skipped', code = 'NOTHING', words = $3, next_at = NULL, ended_at = $4
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order' AND claim IS NULL
             AND status IN ('waiting', 'refused', 'given_up')",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .bind(CANCELLED)
    .bind(recorded.recorded_at)
    .execute(sql)
    .await?;
    Ok(())
}

fn follow_shipment(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: &ShipmentEvent,
) -> Result<(), ProjectError> {
    match event {
        ShipmentEvent::ShipmentReleased(released) => db.upsert(
            &SHIPMENTS,
            json!({
                "tenant_id": recorded.tenant,
                "order_id": released.order_id,
                "shipment_id": released.shipment_id,
            }),
        ),
        ShipmentEvent::ShipmentShipped { order_id, .. } => {
            document(db, recorded, Kind::Delivery, order_id.as_str())
        }
        ShipmentEvent::ShipmentAcknowledged { .. }
        | ShipmentEvent::ShipmentHandedBack { .. }
        | ShipmentEvent::ShipmentWithdrawn { .. } => Ok(()),
    }
}

fn follow_stock(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: StockEvent,
) -> Result<(), ProjectError> {
    let levels = match event {
        StockEvent::StockCounted { warehouse_id, after, .. }
        | StockEvent::StockReceived { warehouse_id, after, .. } => vec![(warehouse_id, after)],
        StockEvent::StockReserved(it)
        | StockEvent::StockReleased(it)
        | StockEvent::StockShipped(it)
        | StockEvent::BackOrderFilled(it) => {
            it.parts.into_iter().map(|part| (part.warehouse_id, part.after)).collect()
        }
        StockEvent::StockEnded { .. } => {
            let key = json!({"tenant_id": recorded.tenant, "product_id": recorded.object_id});
            return db.delete(&STOCK, key);
        }
        StockEvent::BackOrderQueued { .. }
        | StockEvent::BackOrderGivenUp { .. }
        | StockEvent::StockExpected { .. } => Vec::new(),
    };
    for (warehouse_id, after) in levels {
        db.upsert(
            &STOCK,
            json!({
                "tenant_id": recorded.tenant,
                "product_id": recorded.object_id,
                "warehouse_id": warehouse_id,
                "on_hand": after.on_hand,
                "version": recorded.version,
            }),
        )?;
    }
    Ok(())
}
