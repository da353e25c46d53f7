//! Orders that wait: for people, and for goods.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use order::order::expiring::{Turn, Waited};
use order::order::{Order, OrderEvent};
use order::stock::{OrderStock, StockEvent, StockItem};
use proto::order::v1::WaitsFor;
use serde_json::json;
use values::{OrderId, ProductId, Quantity};

kernel::facts!(
    pub(crate) enum Wait {
        Order(Order),
        Stock(StockItem),
    }
);

const WAITS: Table = Table { name: "order_waits", key: &["tenant_id", "order_id"] };
const BACK_ORDERS: Table =
    Table { name: "back_orders", key: &["tenant_id", "product_id", "order_id"] };
const EXPECTED: Table = Table { name: "expected_stock", key: &["tenant_id", "product_id"] };

pub(crate) struct Waiting;

impl Projection for Waiting {
    const NAME: &'static str = "waiting";
    const CONTEXT: &'static str = "order";
    const VERSION: u32 = 2;
    const TABLES: &'static [&'static Table] = &[&WAITS, &BACK_ORDERS, &EXPECTED];
    const SCHEMA: &'static str = include_str!("waiting.sql");
    type Facts = Wait;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: Wait,
    ) -> Result<(), ProjectError> {
        match fact {
            Wait::Order(event) => for_people(db, recorded, &event).await,
            Wait::Stock(event) => for_goods(db, recorded, event).await,
        }
    }
}

/// What an order waits for, as the contract numbers it.
fn waits_for(waited: Waited) -> i32 {
    let told = match waited {
        Waited::Payment => WaitsFor::Payment,
        Waited::Credit => WaitsFor::Credit,
        Waited::Review => WaitsFor::Review,
    };
    told.into()
}

/// An order that waits for the same as before has done so since before, but for its review: that
/// begins anew whenever it is asked for, and while it was sent back somebody else has to act.
async fn for_people(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: &OrderEvent,
) -> Result<(), ProjectError> {
    let (tenant_id, order_id) = (&recorded.tenant, &recorded.object_id);
    let key = json!({ "tenant_id": tenant_id, "order_id": order_id });
    let Some(waited) = Waited::of(event.status()) else { return db.delete(&WAITS, key) };
    if let OrderEvent::OrderSubmitted(_) = event {
        let row = json!({
            "tenant_id": tenant_id,
            "order_id": order_id,
            "waits_for": waits_for(waited),
            "since": recorded.recorded_at,
            "sent_back": false,
        });
        return db.upsert(&WAITS, row);
    }
    sqlx::query(
        "INSERT INTO order_waits AS w (tenant_id, order_id, waits_for, since, sent_back)
         VALUES ($1, $2, $3, $4, coalesce($5, false))
         ON CONFLICT (tenant_id, order_id) DO UPDATE SET waits_for = $3,
             sent_back = coalesce($5, w.sent_back),
             since = CASE WHEN w.waits_for = $3 AND ($3 <> $6 OR $5 IS NULL)
                 THEN w.since ELSE $4 END",
    )
    .bind(tenant_id)
    .bind(order_id)
    .bind(waits_for(waited))
    .bind(recorded.recorded_at)
    .bind(Turn::of(event).map(|turn| turn == Turn::Orderer))
    .bind(waits_for(Waited::Review))
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

async fn for_goods(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: StockEvent,
) -> Result<(), ProjectError> {
    match event {
        StockEvent::BackOrderQueued { product_id, order_id, quantity } => {
            joins(db, recorded, (&product_id, &order_id, quantity)).await
        }
        StockEvent::BackOrderFilled(OrderStock { product_id, order_id, parts }) => {
            let quantity = Quantity::total(parts.iter().map(|part| part.quantity));
            waits_less(db, recorded, (&product_id, &order_id, quantity)).await
        }
        StockEvent::BackOrderGivenUp { product_id, order_id, quantity } => {
            waits_less(db, recorded, (&product_id, &order_id, quantity)).await
        }
        StockEvent::StockExpected { product_id, expected_on } => {
            let row = json!({
                "tenant_id": recorded.tenant,
                "product_id": product_id,
                "expected_on": expected_on,
            });
            db.upsert(&EXPECTED, row)
        }
        StockEvent::StockEnded { product_id, .. } => {
            let of = json!({ "tenant_id": recorded.tenant, "product_id": product_id });
            db.delete(&EXPECTED, of)
        }
        StockEvent::StockCounted { .. }
        | StockEvent::StockReceived { .. }
        | StockEvent::StockReserved(_)
        | StockEvent::StockReleased(_)
        | StockEvent::StockShipped(_) => Ok(()),
    }
}

async fn joins(
    db: &mut Db<'_>,
    recorded: &Recorded,
    (product_id, order_id, quantity): (&ProductId, &OrderId, Quantity),
) -> Result<(), ProjectError> {
    sqlx::query(
        "INSERT INTO back_orders AS b (tenant_id, product_id, order_id, waiting, queued_at, since)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, product_id, order_id) DO UPDATE SET waiting = b.waiting + $4",
    )
    .bind(&recorded.tenant)
    .bind(product_id.as_str())
    .bind(order_id.as_str())
    .bind(quantity.get())
    .bind(recorded.position.cast_signed())
    .bind(recorded.recorded_at)
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

async fn waits_less(
    db: &mut Db<'_>,
    recorded: &Recorded,
    (product_id, order_id, quantity): (&ProductId, &OrderId, Quantity),
) -> Result<(), ProjectError> {
    sqlx::query(
        "WITH less AS (
             UPDATE back_orders SET waiting = waiting - $4
             WHERE tenant_id = $1 AND product_id = $2 AND order_id = $3 AND waiting > $4
             RETURNING order_id
         )
         DELETE FROM back_orders WHERE tenant_id = $1 AND product_id = $2 AND order_id = $3
         AND NOT EXISTS (SELECT FROM less)",
    )
    .bind(&recorded.tenant)
    .bind(product_id.as_str())
    .bind(order_id.as_str())
    .bind(quantity.get())
    .execute(db.sql().await?)
    .await?;
    Ok(())
}
