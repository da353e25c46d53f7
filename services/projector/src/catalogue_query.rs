//! Lists of price lists, prices, and rules of the visible range, as the brand sees them.

use std::collections::BTreeMap;

use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::assortment::Rule;
use order::grpc::{rule_terms_of, told_audience, told_break, told_until};
use order::price_book::Placement;
use order::price_list::PriceBreak;
use proto::order::v1 as pb;
use proto::order::v1::catalogue_query_service_server::CatalogueQueryService;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use tonic::{Request, Response};
use values::BusinessDate;

use crate::orders_query::sees_floors;
use crate::read::{Page, failed, pattern, today, wait};

/// Answers from the read model of products.
#[derive(Clone)]
pub(crate) struct CatalogueQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl CatalogueQueryService for CatalogueQueryApi {
    async fn list_price_lists(
        &self,
        request: Request<pb::ListPriceListsRequest>,
    ) -> Reply<pb::ListPriceListsResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let rows = sqlx::query(
            "SELECT l.*, count(*) OVER () AS total,
                    (SELECT count(DISTINCT product_id) FROM prices p
                     WHERE p.tenant_id = l.tenant_id AND p.price_list_id = l.price_list_id)
                    AS products
             FROM price_lists l WHERE tenant_id = $1
             AND ($2::text IS NULL OR name ILIKE $2 OR price_list_id ILIKE $2)
             ORDER BY price_list_id <> 'base', name, price_list_id LIMIT $3 OFFSET $4",
        )
        .bind(&tenant)
        .bind(pattern(&wanted.search))
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(&tenant).await.map_err(failed)?)
        .await
        .map_err(failed)?;
        let lists: sqlx::Result<_> = rows.iter().map(price_list).collect();
        Ok(Response::new(pb::ListPriceListsResponse {
            price_lists: lists.map_err(failed)?,
            page: Some(page.info(total(&rows).map_err(failed)?)),
            freshness: Some(freshness),
        }))
    }

    async fn list_prices(
        &self,
        request: Request<pb::ListPricesRequest>,
    ) -> Reply<pb::ListPricesResponse> {
        let caller = rpc::caller(&request)?;
        let (tenant, floors) = (caller.tenant.clone(), sees_floors(caller));
        let today = today(&request)?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&tenant).await.map_err(failed)?;
        let found = prices(&mut db, &tenant, &wanted, today, (page, floors)).await;
        let (prices, total) = found.map_err(failed)?;
        Ok(Response::new(pb::ListPricesResponse {
            prices,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn list_assortment_rules(
        &self,
        request: Request<pb::ListAssortmentRulesRequest>,
    ) -> Reply<pb::ListAssortmentRulesResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let rows = sqlx::query(
            "SELECT rule, count(*) OVER () AS total FROM assortment_rules WHERE tenant_id = $1
             AND ($2::text IS NULL OR name ILIKE $2 OR rule_id ILIKE $2)
             ORDER BY name, rule_id LIMIT $3 OFFSET $4",
        )
        .bind(&tenant)
        .bind(pattern(&wanted.search))
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&mut *self.pool.begin(&tenant).await.map_err(failed)?)
        .await
        .map_err(failed)?;
        let rules: sqlx::Result<_> = rows.iter().map(rule).collect();
        Ok(Response::new(pb::ListAssortmentRulesResponse {
            rules: rules.map_err(failed)?,
            page: Some(page.info(total(&rows).map_err(failed)?)),
            freshness: Some(freshness),
        }))
    }
}

fn total(rows: &[PgRow]) -> sqlx::Result<i64> {
    rows.first().map_or(Ok(0), |row| row.try_get("total"))
}

fn price_list(row: &PgRow) -> sqlx::Result<pb::PriceList> {
    let placed = row.try_get::<Option<Json<Placement>>, _>("placement")?;
    let placement = placed.map(|Json(placed)| pb::PriceListPlacement {
        from: placed.window.from.to_string(),
        until: told_until(&placed.window),
        audience: Some(told_audience(&placed.audience)),
        rank: placed.rank.into(),
    });
    Ok(pb::PriceList {
        price_list_id: row.try_get("price_list_id")?,
        name: row.try_get("name")?,
        currency_code: row.try_get("currency_code")?,
        product_count: row.try_get::<i64, _>("products")?.try_into().unwrap_or(u32::MAX),
        placement,
    })
}

fn rule(row: &PgRow) -> sqlx::Result<pb::AssortmentRule> {
    let Json(rule) = row.try_get::<Json<Rule>, _>("rule")?;
    let (rule_id, terms) = (rule.rule_id.to_string(), rule_terms_of(&rule));
    Ok(pb::AssortmentRule { rule_id, terms: Some(terms) })
}

/// A page of the prices of a list, and of how many products it has some.
async fn prices(
    db: &mut PgConnection,
    tenant: &str,
    wanted: &pb::ListPricesRequest,
    today: BusinessDate,
    (page, floors): (Page, bool),
) -> sqlx::Result<(Vec<pb::ListedPrice>, i64)> {
    let rows = sqlx::query(
        "SELECT k.product_id, coalesce(p.name, '') AS name, coalesce(p.base_unit, '') AS base_unit,
                now.unit_price_minor, now.breaks, count(*) OVER () AS total,
                CASE WHEN $7 THEN nullif(f.floor_price_minor, 0) END AS floor_price_minor
         FROM (SELECT DISTINCT product_id FROM prices
               WHERE tenant_id = $1 AND price_list_id = $2) k
         LEFT JOIN products p ON p.tenant_id = $1 AND p.product_id = k.product_id
         LEFT JOIN floor_prices f ON f.tenant_id = $1 AND f.price_list_id = $2
             AND f.product_id = k.product_id
         LEFT JOIN LATERAL (
             SELECT unit_price_minor, breaks FROM prices WHERE tenant_id = $1
             AND price_list_id = $2 AND product_id = k.product_id AND effective_on <= $3
             ORDER BY effective_on DESC LIMIT 1) now ON true
         WHERE ($4::text IS NULL OR p.name ILIKE $4 OR k.product_id ILIKE $4)
         ORDER BY p.name, k.product_id LIMIT $5 OFFSET $6",
    )
    .bind(tenant)
    .bind(&wanted.price_list_id)
    .bind(today.day())
    .bind(pattern(&wanted.search))
    .bind(page.limit)
    .bind(page.offset)
    .bind(floors)
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<String> =
        rows.iter().map(|row| row.try_get("product_id")).collect::<sqlx::Result<_>>()?;
    let mut announced = announced(db, tenant, &wanted.price_list_id, &ids, today).await?;
    let listed = |row: &PgRow| {
        let product_id: String = row.try_get("product_id")?;
        let breaks = row.try_get::<Option<Json<Vec<PriceBreak>>>, _>("breaks")?;
        Ok(pb::ListedPrice {
            announced: announced.remove(&product_id).unwrap_or_default(),
            product_id,
            product_name: row.try_get("name")?,
            base_unit: row.try_get("base_unit")?,
            unit_price_minor: row.try_get("unit_price_minor")?,
            breaks: breaks.map(|Json(breaks)| told_breaks(breaks)).unwrap_or_default(),
            floor_price_minor: row.try_get("floor_price_minor")?,
        })
    };
    Ok((rows.iter().map(listed).collect::<sqlx::Result<_>>()?, total(&rows)?))
}

/// The prices of the days after today, by product.
async fn announced(
    db: &mut PgConnection,
    tenant: &str,
    price_list_id: &str,
    products: &[String],
    today: BusinessDate,
) -> sqlx::Result<BTreeMap<String, Vec<pb::AnnouncedPrice>>> {
    let rows = sqlx::query(
        "SELECT product_id, effective_on, unit_price_minor, breaks FROM prices
         WHERE tenant_id = $1 AND price_list_id = $2 AND product_id = ANY($3)
         AND effective_on > $4 ORDER BY product_id, effective_on",
    )
    .bind(tenant)
    .bind(price_list_id)
    .bind(products)
    .bind(today.day())
    .fetch_all(db)
    .await?;
    let mut all: BTreeMap<String, Vec<pb::AnnouncedPrice>> = BTreeMap::new();
    for row in &rows {
        let Json(breaks) = row.try_get::<Json<Vec<PriceBreak>>, _>("breaks")?;
        all.entry(row.try_get("product_id")?).or_default().push(pb::AnnouncedPrice {
            effective_on: row.try_get::<chrono::NaiveDate, _>("effective_on")?.to_string(),
            unit_price_minor: row.try_get("unit_price_minor")?,
            breaks: told_breaks(breaks),
        });
    }
    Ok(all)
}

pub(crate) fn told_breaks(breaks: Vec<PriceBreak>) -> Vec<pb::PriceBreak> {
    breaks.into_iter().map(told_break).collect()
}
