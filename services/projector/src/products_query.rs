//! The list of products.

use kernel::Text;
use kernel::failure::{Violations, status};
use kernel::rpc;
use kernel::wall::TenantPool;
use order::grpc::told_tax;
use order::price_list::PriceBreak;
use order::product::{Details, Packaging, UnitBarcode};
use order::tax::{self, TaxFrom};
use proto::order::v1 as pb;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use tonic::{Code, Request, Status};
use values::{BusinessDate, Explain as _, Gtin, InvalidGtin};

use crate::buyers::{Scopes, Shown};
use crate::catalogue_query::told_breaks;
use crate::orders_query::{sees_floors, shown};
use crate::read::{Page, Scope, pattern, rfc3339, today};

/// Which products are listed, for whom.
pub(crate) struct ProductFilter {
    pub(crate) tenant: String,
    pub(crate) search: Option<Search>,
    /// Only the one with this barcode, in its longest form.
    pub(crate) barcode: Option<String>,
    /// Only these; none: all.
    pub(crate) only: Option<Only>,
    /// What there is for the dealer in question.
    pub(crate) shown: Shown,
    pub(crate) today: BusinessDate,
    /// Whether floor prices are told.
    pub(crate) floors: bool,
    /// Whether it is told how much there is, however much that is.
    pub(crate) exactly: bool,
}

/// Who asks for products, and when.
pub(crate) struct Asks {
    pub(crate) scope: Scope,
    floors: bool,
    today: BusinessDate,
}

impl Asks {
    pub(crate) async fn of<T: Sync>(
        request: &Request<T>,
        pool: &TenantPool,
    ) -> Result<Self, Status> {
        Ok(Self {
            scope: Scope::of(request, pool).await?,
            floors: rpc::caller(request).is_ok_and(sees_floors),
            today: today(request)?,
        })
    }

    /// What there is for the dealer in question, or for who asks.
    pub(crate) async fn filter(
        &self,
        db: &mut PgConnection,
        dealer_id: &str,
        only: Option<Only>,
    ) -> Result<ProductFilter, Status> {
        Ok(ProductFilter {
            shown: shown(db, &self.scope, dealer_id, self.today).await?,
            tenant: self.scope.tenant.clone(),
            search: None,
            barcode: None,
            only,
            today: self.today,
            floors: self.floors,
            exactly: self.scope.dealer.is_none(),
        })
    }
}

pub(crate) fn no_such_product(product_id: &str) -> Status {
    let text = Text::new(
        format!("没有商品“{product_id}”，或您无权查看"),
        format!("there is no product {product_id}, or you may not see it"),
    );
    status(Code::NotFound, "NO_SUCH_PRODUCT", &text)
}

/// Products by their ids, and by what they are called exactly.
pub(crate) struct Only {
    pub(crate) product_ids: Vec<String>,
    pub(crate) names: Vec<String>,
}

/// Of what there is plenty of, people of a dealer are told this much.
const MOST_TOLD: i64 = 100;

/// What is searched for: parts of texts, or a whole barcode in its longest form.
pub(crate) struct Search {
    part: String,
    barcode: Option<String>,
}

impl ProductFilter {
    /// Leaves out what is not searched for.
    pub(crate) fn find(&mut self, search: &str, barcode: &str) -> Result<(), Status> {
        let known = search.trim().parse::<Gtin>().ok().map(|it| it.key());
        self.search = pattern(search).map(|part| Search { part, barcode: known });
        if !barcode.is_empty() {
            let mut wrong = Violations::default();
            let told = |error: InvalidGtin| Text::new(error.zh(), error.to_string());
            let code = wrong.take("barcode", barcode.parse::<Gtin>().map_err(told));
            self.barcode = Some(wrong.finish(code.map(|it| it.key()))?);
        }
        Ok(())
    }

    /// The first of them, with all that is told of it.
    pub(crate) async fn one(
        &self,
        db: &mut PgConnection,
    ) -> sqlx::Result<Option<pb::GetProductResponse>> {
        let rows = self.rows(db, (1, 0)).await?;
        rows.first().map(|row| whole(row, self.today)).transpose()
    }

    /// A page of them, and how many there are.
    pub(crate) async fn list(
        &self,
        db: &mut PgConnection,
        page: Page,
    ) -> sqlx::Result<(Vec<pb::Product>, i64)> {
        let mut sql = QueryBuilder::new("SELECT count(*) FROM products p");
        // Prices of all products are looked up only where some are left out for having none.
        if self.shown.range.is_some() {
            self.push_prices(&mut sql);
        }
        self.push_filter(&mut sql);
        let total = sql.build_query_scalar().fetch_one(&mut *db).await?;
        let rows = self.rows(db, (page.limit, page.offset)).await?;
        let told = rows.iter().map(|row| product(row, self.today));
        Ok((told.collect::<sqlx::Result<_>>()?, total))
    }

    async fn rows(
        &self,
        db: &mut PgConnection,
        (limit, offset): (i64, i64),
    ) -> sqlx::Result<Vec<PgRow>> {
        let mut sql = QueryBuilder::new(
            "SELECT p.*, b.unit_price_minor, b.breaks, b.price_list_id,
                    coalesce(b.currency_code, '') AS currency_code, CASE WHEN ",
        );
        sql.push_bind(self.floors);
        sql.push(" THEN f.floor_price_minor END AS floor_price_minor, CASE WHEN a.available > ");
        // How much there is exactly is for the brand to know; of what is not kept nothing is told.
        let most = if self.exactly { i64::MAX } else { MOST_TOLD };
        sql.push_bind(most).push(" THEN ").push_bind(most);
        sql.push(
            " ELSE a.available END AS available FROM products p LEFT JOIN LATERAL (
                 SELECT sum(greatest(on_hand - reserved, 0))::bigint AS available
                 FROM stock_levels s JOIN order_rules r USING (tenant_id)
                 WHERE (r.rules ->> 'stock_checked')::boolean AND s.tenant_id = p.tenant_id AND s.product_id = p.product_id
             ) a ON true",
        );
        self.push_prices(&mut sql);
        // By the list that the price is from, or else by the first one after it, as in orders.
        sql.push(
            " LEFT JOIN LATERAL (
                 SELECT f.floor_price_minor FROM unnest(",
        );
        sql.push_bind(self.shown.lists.clone());
        sql.push(
            "::text[]) WITH ORDINALITY AS c(price_list_id, place) JOIN floor_prices f
                     ON f.tenant_id = p.tenant_id AND f.product_id = p.product_id
                     AND f.price_list_id = c.price_list_id AND f.floor_price_minor > 0
                 WHERE c.place >= b.place ORDER BY c.place LIMIT 1) f ON true",
        );
        self.push_filter(&mut sql);
        sql.push(" ORDER BY p.name, p.product_id LIMIT ").push_bind(limit);
        sql.push(" OFFSET ").push_bind(offset);
        sql.build().fetch_all(db).await
    }

    /// Adds the price of each product today, as `b`.
    fn push_prices(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        sql.push(" LEFT JOIN LATERAL (SELECT q.*, c.place, l.currency_code FROM unnest(");
        sql.push_bind(self.shown.lists.clone());
        sql.push(
            "::text[]) WITH ORDINALITY AS c(price_list_id, place)
             JOIN price_lists l ON l.tenant_id = p.tenant_id AND l.price_list_id = c.price_list_id
             CROSS JOIN LATERAL (
                 SELECT price_list_id, unit_price_minor, breaks FROM prices
                 WHERE tenant_id = p.tenant_id AND price_list_id = c.price_list_id
                 AND product_id = p.product_id AND effective_on <= ",
        );
        sql.push_bind(self.today.day());
        sql.push(" ORDER BY effective_on DESC LIMIT 1) q ORDER BY c.place LIMIT 1) b ON true");
    }

    fn push_filter(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        sql.push(" WHERE p.tenant_id = ").push_bind(self.tenant.clone());
        if let Some(Search { part, barcode }) = &self.search {
            sql.push(" AND (p.name ILIKE ").push_bind(part.clone());
            sql.push(" OR p.product_id ILIKE ").push_bind(part.clone());
            sql.push(" OR array_to_string(p.category_path, ' ') ILIKE ").push_bind(part.clone());
            sql.push(" OR p.details ->> 'brand' ILIKE ").push_bind(part.clone());
            if let Some(barcode) = barcode {
                sql.push(" OR p.barcode_keys @> ARRAY[").push_bind(barcode.clone()).push("]");
            }
            sql.push(")");
        }
        if let Some(barcode) = &self.barcode {
            sql.push(" AND p.barcode_keys @> ARRAY[").push_bind(barcode.clone()).push("]");
        }
        if let Some(Only { product_ids, names }) = &self.only {
            sql.push(" AND (p.product_id = ANY(").push_bind(product_ids.clone());
            sql.push(") OR lower(p.name) IN (SELECT lower(name) FROM unnest(");
            sql.push_bind(names.clone()).push("::text[]) AS wanted(name)))");
        }
        if let Some(scopes) = &self.shown.range {
            sql.push(" AND NOT p.retired AND b.unit_price_minor IS NOT NULL");
            visible(sql, scopes);
        }
    }
}

/// Adds that a product is in a visible range; see [`order::assortment::Range::shows`].
fn visible(sql: &mut QueryBuilder<'_, Postgres>, scopes: &Scopes) {
    let Scopes { hidden, for_us, for_others, limits } = scopes;
    sql.push(" AND NOT ");
    named(sql, hidden);
    if !limits.is_null() {
        sql.push(" AND ");
        named(sql, limits);
    }
    sql.push(" AND (");
    named(sql, for_us);
    sql.push(" OR NOT ");
    named(sql, for_others);
    sql.push(")");
}

/// Whether one of several scopes names a product; see [`order::audience::Scope::contains`].
fn named(sql: &mut QueryBuilder<'_, Postgres>, scopes: &serde_json::Value) {
    sql.push("EXISTS (SELECT FROM jsonb_array_elements(").push_bind(Json(scopes.clone()));
    sql.push(
        "::jsonb) s WHERE NOT s -> 'except' ? p.product_id AND (
            (s -> 'products' = '[]' AND s -> 'categories' = '[]')
            OR s -> 'products' ? p.product_id
            OR EXISTS (SELECT FROM jsonb_array_elements(s -> 'categories') c
                WHERE p.category_path[1:jsonb_array_length(c)]
                    = ARRAY(SELECT jsonb_array_elements_text(c)))))",
    );
}

fn product(row: &PgRow, today: BusinessDate) -> sqlx::Result<pb::Product> {
    let Json(details) = row.try_get::<Json<Details>, _>("details")?;
    let Json(barcodes) = row.try_get::<Json<Vec<UnitBarcode>>, _>("barcodes")?;
    let Json(taxes) = row.try_get::<Json<Vec<TaxFrom>>, _>("taxes")?;
    let pictures: Vec<String> = row.try_get("pictures")?;
    let breaks = row.try_get::<Option<Json<Vec<PriceBreak>>>, _>("breaks")?;
    let Json(packagings) = row.try_get::<Json<Vec<Packaging>>, _>("packagings")?;
    Ok(pb::Product {
        product_id: row.try_get("product_id")?,
        name: row.try_get("name")?,
        category_path: row.try_get("category_path")?,
        base_unit: row.try_get("base_unit")?,
        unit_price_minor: row.try_get("unit_price_minor")?,
        currency_code: row.try_get("currency_code")?,
        retired: row.try_get("retired")?,
        floor_price_minor: row.try_get("floor_price_minor")?,
        breaks: breaks.map(|Json(breaks)| told_breaks(breaks)).unwrap_or_default(),
        price_list_id: row.try_get::<Option<_>, _>("price_list_id")?.unwrap_or_default(),
        available: row.try_get("available")?,
        packagings: told_packagings(packagings),
        published_at: rfc3339(row.try_get("published_at")?),
        brand: details.brand,
        series: details.series,
        picture_id: pictures.into_iter().next().unwrap_or_default(),
        barcodes: barcodes.into_iter().map(told_barcode).collect(),
        is_new: details.new_until.is_some_and(|last| today <= last),
        tax: tax::on(&taxes, today).map(told_tax),
        shelf_life_days: details.shelf_life_days.unwrap_or_default(),
    })
}

fn told_barcode(UnitBarcode { unit, barcode }: UnitBarcode) -> pb::UnitBarcode {
    pb::UnitBarcode { unit, barcode: barcode.to_string() }
}

/// All that is told of a product.
fn whole(row: &PgRow, today: BusinessDate) -> sqlx::Result<pb::GetProductResponse> {
    let Json(details) = row.try_get::<Json<Details>, _>("details")?;
    let Json(taxes) = row.try_get::<Json<Vec<TaxFrom>>, _>("taxes")?;
    let since = |day: BusinessDate| day.to_string();
    let told = |it: TaxFrom| pb::ProductTax {
        tax: Some(told_tax(it.tax)),
        effective_on: it.effective_on.map(since).unwrap_or_default(),
    };
    Ok(pb::GetProductResponse {
        product: Some(product(row, today)?),
        description_zh: details.description_zh,
        description_en: details.description_en,
        storage: details.storage,
        new_until: details.new_until.map(since).unwrap_or_default(),
        picture_ids: row.try_get("pictures")?,
        taxes: taxes.into_iter().map(told).collect(),
        successor_product_id: row.try_get::<Option<_>, _>("successor_id")?.unwrap_or_default(),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
        freshness: None,
    })
}

/// From the smallest, in whichever order they were published.
fn told_packagings(mut packagings: Vec<Packaging>) -> Vec<pb::Packaging> {
    packagings.sort_by_key(|packaging| packaging.base_quantity);
    let told = |Packaging { unit, base_quantity }: Packaging| {
        // The contract takes none that does not fit.
        let base_quantity = u32::try_from(base_quantity.get()).unwrap_or(u32::MAX);
        pb::Packaging { unit, base_quantity }
    };
    packagings.into_iter().map(told).collect()
}
