//! From facts to documents: each fact that a brand may want to hand over becomes a row, in the
//! transaction of the checkpoint, so that none is left out and none is there twice. Whether a brand
//! wants it is looked at when it is handed over: what was before can be asked for later.

use chrono::{DateTime, Utc};
use erp::{BizId, Kind};
use kernel::projection::{Db, DecodeError, Facts, ProjectError, Projection, Table};
use kernel::{Decider as _, Recorded};
use order::after_sale::{AfterSale, AfterSaleEvent};
use order::connection::{Connection, ConnectionEvent};
use order::order::{Order, OrderEvent};
use order::payment::{OnlinePayment, PaymentEvent};
use order::product::Product;
use order::remittance::{Remittance, RemittanceEvent};
use order::shipment::{Shipment, ShipmentEvent};
use order::stock::{StockEvent, StockItem};
use serde_json::json;
use sqlx::PgConnection;

use crate::making::CANCELLED;
use crate::wishes;

const DOCUMENTS: Table = Table { name: "connector_documents", key: &["tenant_id", "number"] };
const SHIPMENTS: Table =
    Table { name: "connector_shipments", key: &["tenant_id", "order_id", "shipment_id"] };
const RETURNS: Table = Table { name: "connector_returns", key: &["tenant_id", "after_sale_id"] };
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
                // However it was settled: goods that came back are there, whatever they are worth.
                document(db, recorded, Kind::Return, settled.order_id.as_str())?;
                let key =
                    json!({"tenant_id": recorded.tenant, "after_sale_id": recorded.object_id});
                db.delete(&RETURNS, key)
            }
            Fact::AfterSale(AfterSaleEvent::ReturnReceived { .. }) => db.upsert(
                &RETURNS,
                json!({
                    "tenant_id": recorded.tenant,
                    "after_sale_id": recorded.object_id,
                    "position": recorded.position,
                }),
            ),
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
            Ok(cancelled(db.sql().await?, recorded, order_id.as_str()).await?)
        }
        OrderEvent::OrderShortClosed { order_id, .. } => {
            Ok(changed(db.sql().await?, recorded, order_id.as_str()).await?)
        }
        OrderEvent::OrderChanged(it) => {
            Ok(changed(db.sql().await?, recorded, it.order_id.as_str()).await?)
        }
        OrderEvent::OrderSubmitted(_)
        | OrderEvent::PaymentAllocated { .. }
        | OrderEvent::CreditHoldReleased { .. }
        | OrderEvent::CreditRefused { .. }
        | OrderEvent::OrderReceived { .. }
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
        | OrderEvent::OrderChangeRefused { .. } => Ok(()),
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

/// An order became another one. What is handed over later tells it as it is then; where the books have
/// it as it was, a person changes it there.
pub(crate) async fn changed(
    sql: &mut PgConnection,
    recorded: &Recorded,
    order_id: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE connector_documents SET changed_at = $3
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order'",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .bind(recorded.position.cast_signed())
    .execute(sql)
    .await
    .map(drop)
}

/// An order was cancelled. One of which nothing was ever sent need not be handed over; any other may be
/// in the books, so it is looked for there, and a person closes what is found.
pub(crate) async fn cancelled(
    sql: &mut PgConnection,
    recorded: &Recorded,
    order_id: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE connector_documents SET cancelled_at = $3
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order'",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .bind(recorded.position.cast_signed())
    .execute(&mut *sql)
    .await?;
    // One that is being handed over at this moment is left to whoever does.
    sqlx::query(
        "UPDATE connector_documents
         SET status = 'skipped', code = 'NOTHING', words = $3, next_at = NULL, ended_at = $4
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order'
             AND claim IS NULL AND made_at IS NULL
             AND status IN ('waiting', 'refused', 'given_up')",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .bind(CANCELLED)
    .bind(recorded.recorded_at)
    .execute(&mut *sql)
    .await?;
    sqlx::query(
        "UPDATE connector_documents
         SET status = 'waiting', tries = 0, begun_at = NULL, next_at = $3, ended_at = NULL
         WHERE tenant_id = $1 AND lane = $2 AND kind = 'sales_order'
             AND status IN ('refused', 'given_up')",
    )
    .bind(&recorded.tenant)
    .bind(order_id)
    .bind(recorded.recorded_at)
    .execute(sql)
    .await
    .map(drop)
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
    // Whatever happened to it: a product is counted only as long as nothing has since.
    db.upsert(
        &PRODUCTS,
        json!({
            "tenant_id": recorded.tenant,
            "product_id": recorded.object_id,
            "stock_version": recorded.version,
        }),
    )?;
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
            }),
        )?;
    }
    Ok(())
}
