//! Carts and templates that dealers keep, and what a dealer may want to order.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use kernel::Text;
use kernel::failure::{Violations, status};
use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use proto::order::v1 as pb;
use proto::order::v1::cart_query_service_server::CartQueryService;
use serde::Deserialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use tonic::{Code, Request, Response, Status};
use values::BusinessDate;

use crate::orders_query::shown;
use crate::products_query::{Only, ProductFilter};
use crate::read::{Page, Scope, failed, pattern, rfc3339, today, wait};
use crate::suggesting::{Bought, DAYS, ORDERS, suggest};

/// Answers from the read models of carts and orders.
#[derive(Clone)]
pub(crate) struct CartQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) carts: Progress,
    pub(crate) orders: Progress,
    pub(crate) products: Progress,
}

/// Most lines that are suggested: as many as an order has.
const MOST_LINES: usize = 200;

/// Carts that are used, the last saved first.
const CARTS: &str = "
    SELECT c.*, coalesce(d.name, c.dealer_id) AS dealer_name, count(*) OVER () AS total
    FROM carts c LEFT JOIN dealers d USING (tenant_id, dealer_id)
    WHERE c.tenant_id = $1 AND ($2::text IS NULL OR c.dealer_id = $2)
    AND ($3::text[] IS NULL OR d.region_id = ANY($3))
    AND ($4 = '' OR c.cart_id = $4) AND ($5 = '' OR c.dealer_id = $5)
    AND ($6 = 0 OR c.kind = $6)
    AND ($7::text IS NULL OR c.name ILIKE $7 OR c.cart_id ILIKE $7)
    ORDER BY c.saved_at DESC, c.cart_id LIMIT $8 OFFSET $9";

/// What each of the last orders of a dealer took of each product.
const BOUGHT: &str = "
    WITH last AS (
        SELECT order_id, business_date,
               row_number() OVER (ORDER BY business_date DESC, submitted_at DESC, order_id DESC)
                   - 1 AS place
        FROM orders
        WHERE tenant_id = $1 AND dealer_id = $2 AND status <> $3 AND replaces = ''
        AND business_date BETWEEN $4 AND $5
        ORDER BY business_date DESC, submitted_at DESC, order_id DESC LIMIT $6
    )
    SELECT o.place, o.business_date, l.product_id, sum(l.quantity)::bigint AS quantity
    FROM last o JOIN order_lines l ON l.tenant_id = $1 AND l.order_id = o.order_id
    WHERE l.gift_of IS NULL
    GROUP BY o.place, o.business_date, l.product_id";

#[derive(Default)]
struct Wanted {
    cart_id: String,
    dealer_id: String,
    kind: i32,
    search: Option<String>,
}

#[tonic::async_trait]
impl CartQueryService for CartQueryApi {
    async fn list_carts(
        &self,
        request: Request<pb::ListCartsRequest>,
    ) -> Reply<pb::ListCartsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.carts, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let asked = Wanted {
            cart_id: String::new(),
            dealer_id: wanted.dealer_id,
            kind: wanted.kind,
            search: pattern(&wanted.search),
        };
        let rows = rows(&mut db, &scope, asked, page).await.map_err(failed)?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total")).map_err(failed)?;
        let carts = rows.iter().map(cart).collect::<sqlx::Result<_>>().map_err(failed)?;
        Ok(Response::new(pb::ListCartsResponse {
            carts,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_cart(&self, request: Request<pb::GetCartRequest>) -> Reply<pb::GetCartResponse> {
        let (scope, today) = (Scope::of(&request, &self.pool).await?, today(&request)?);
        let pb::GetCartRequest { cart_id, min_position } = request.into_inner();
        wait(&self.products, min_position).await?;
        let freshness = wait(&self.carts, min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let wanted = Wanted { cart_id, ..Wanted::default() };
        let one = Page { offset: 0, limit: 1 };
        let rows = rows(&mut db, &scope, wanted, one).await.map_err(failed)?;
        let row = rows.first().ok_or_else(no_such_cart)?;
        let cart = cart(row).map_err(failed)?;
        let Json(kept) = row.try_get::<Json<Vec<Line>>, _>("lines").map_err(failed)?;
        let ids = kept.iter().map(|line| line.product_id.clone()).collect();
        let mut products = orderable(&mut db, &scope, &cart.dealer_id, (ids, today)).await?;
        let lines = kept.into_iter().map(|line| pb::KeptLine {
            product: products.remove(&line.product_id),
            product_id: line.product_id,
            quantity: line.quantity,
        });
        Ok(Response::new(pb::GetCartResponse {
            lines: lines.collect(),
            cart: Some(cart),
            freshness: Some(freshness),
        }))
    }

    async fn suggest_order(
        &self,
        request: Request<pb::SuggestOrderRequest>,
    ) -> Reply<pb::SuggestOrderResponse> {
        let (scope, today) = (Scope::of(&request, &self.pool).await?, today(&request)?);
        let wanted = request.into_inner();
        let dealer_id = match &scope.dealer {
            Some(own) => own.clone(),
            None => named(wanted.dealer_id)?,
        };
        wait(&self.products, wanted.min_position).await?;
        let freshness = wait(&self.orders, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let since = today.day() - Days::new(DAYS);
        let days = (since, today.day());
        let bought = bought(&mut db, &scope.tenant, &dealer_id, days).await.map_err(failed)?;
        let orders: std::collections::BTreeSet<_> = bought.iter().map(|one| one.order).collect();
        let found = suggest(&bought, today.day());
        let ids = found.iter().map(|one| one.product_id.clone()).collect();
        let mut products = orderable(&mut db, &scope, &dealer_id, (ids, today)).await?;
        let lines = found.into_iter().filter_map(|one| {
            Some(pb::SuggestedLine {
                product: Some(products.remove(&one.product_id)?),
                basis: one.basis.into(),
                quantity: one.quantity,
                orders: one.orders,
                interval_days: one.interval_days,
                days_since: one.days_since,
                is_due: one.is_due,
            })
        });
        Ok(Response::new(pb::SuggestOrderResponse {
            lines: lines.take(MOST_LINES).collect(),
            orders: u32::try_from(orders.len()).unwrap_or(u32::MAX),
            since: since.to_string(),
            freshness: Some(freshness),
        }))
    }
}

/// The dealer that people of the brand have to name.
fn named(dealer_id: String) -> Result<String, Status> {
    let mut wrong = Violations::default();
    if dealer_id.is_empty() {
        wrong.add("dealer_id", Text::new("请选择经销商", "say which dealer"));
    }
    wrong.finish(Some(dealer_id))
}

async fn rows(
    db: &mut PgConnection,
    scope: &Scope,
    wanted: Wanted,
    page: Page,
) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(CARTS)
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .bind(wanted.cart_id)
        .bind(wanted.dealer_id)
        .bind(wanted.kind)
        .bind(wanted.search)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(db)
        .await
}

async fn bought(
    db: &mut PgConnection,
    tenant: &str,
    dealer_id: &str,
    (since, today): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Bought>> {
    let rows = sqlx::query(BOUGHT)
        .bind(tenant)
        .bind(dealer_id)
        .bind(i32::from(pb::OrderStatus::Cancelled))
        .bind(since)
        .bind(today)
        .bind(ORDERS)
        .fetch_all(db)
        .await?;
    let one = |row: &PgRow| {
        Ok(Bought {
            order: row.try_get("place")?,
            day: row.try_get("business_date")?,
            product_id: row.try_get("product_id")?,
            quantity: row.try_get("quantity")?,
        })
    };
    rows.iter().map(one).collect()
}

/// Those products that a dealer can order on a day, by their ids.
async fn orderable(
    db: &mut PgConnection,
    scope: &Scope,
    dealer_id: &str,
    (product_ids, today): (Vec<String>, BusinessDate),
) -> Result<BTreeMap<String, pb::Product>, Status> {
    let shown = shown(db, scope, dealer_id, today).await?;
    let limit = i64::try_from(product_ids.len()).unwrap_or(i64::MAX);
    let filter = ProductFilter {
        tenant: scope.tenant.clone(),
        search: None,
        barcode: None,
        only: Some(Only { product_ids, names: Vec::new() }),
        shown,
        today,
        // Carts are no place where floors are looked up.
        floors: false,
        exactly: scope.dealer.is_none(),
    };
    let (found, _) = filter.list(db, Page { offset: 0, limit }).await.map_err(failed)?;
    Ok(found.into_iter().map(|product| (product.product_id.clone(), product)).collect())
}

fn no_such_cart() -> Status {
    let text = Text::new(
        "没有这个购物车，或您无权查看",
        "there is no such cart, or you may not see it; check its number",
    );
    status(Code::NotFound, "CART_NOT_FOUND", &text)
}

/// A line as the event has it.
#[derive(Deserialize)]
struct Line {
    product_id: String,
    quantity: u32,
}

fn cart(row: &PgRow) -> sqlx::Result<pb::Cart> {
    Ok(pb::Cart {
        cart_id: row.try_get("cart_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        note: row.try_get("note")?,
        line_count: row.try_get::<i32, _>("line_count")?.cast_unsigned(),
        quantity: row.try_get("quantity")?,
        saved_by: row.try_get("saved_by")?,
        saved_at: rfc3339(row.try_get("saved_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}
