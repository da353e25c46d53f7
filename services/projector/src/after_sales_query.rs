//! After-sale cases.

use kernel::Text;
use kernel::failure::status;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::after_sale::Payout;
use order::grpc::sees_money;
use proto::order::v1 as pb;
use proto::order::v1::after_sale_query_service_server::AfterSaleQueryService;
use serde::Deserialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use tonic::{Code, Request, Response, Status};

use crate::read::{Page, Scope, failed, pattern, rfc3339, wait};

/// Answers from the read model of after-sale cases.
#[derive(Clone)]
pub(crate) struct AfterSaleQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// Cases with their goods, the newest first. They are where their orders are, and called as these
/// call the dealer; goods are looked up of one page alone.
const CASES: &str = "
    WITH page AS (
        SELECT a.*, o.dealer_name, count(*) OVER () AS total
        FROM after_sales a JOIN orders o USING (tenant_id, order_id)
        WHERE a.tenant_id = $1 AND ($2::text IS NULL OR a.dealer_id = $2)
        AND ($3::text[] IS NULL OR o.region_ids[cardinality(o.region_ids)] = ANY($3))
        AND ($4 = '' OR a.after_sale_id = $4) AND ($5 = '' OR a.order_id = $5)
        AND ($6 = '' OR a.dealer_id = $6)
        AND (cardinality($7::int[]) = 0 OR a.status = ANY($7))
        AND ($8::text IS NULL OR a.after_sale_id ILIKE $8 OR a.order_id ILIKE $8
             OR a.dealer_id ILIKE $8 OR o.dealer_name ILIKE $8)
        ORDER BY a.requested_at DESC, a.after_sale_id LIMIT $9 OFFSET $10
    )
    SELECT page.*, coalesce(g.goods, '[]') AS goods
    FROM page
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(to_jsonb(l) || jsonb_build_object(
                   'product_name', coalesce(o.product_name, l.product_id),
                   'base_unit', coalesce(o.base_unit, '')) ORDER BY l.line_no, l.cause) AS goods
        FROM after_sale_lines l LEFT JOIN order_lines o
            ON o.tenant_id = l.tenant_id AND o.order_id = l.order_id AND o.line_no = l.line_no
        WHERE l.tenant_id = page.tenant_id AND l.after_sale_id = page.after_sale_id
    ) g ON true
    ORDER BY page.requested_at DESC, page.after_sale_id";

#[derive(Default)]
struct Wanted {
    after_sale_id: String,
    order_id: String,
    dealer_id: String,
    statuses: Vec<i32>,
    search: Option<String>,
}

#[tonic::async_trait]
impl AfterSaleQueryService for AfterSaleQueryApi {
    async fn get_after_sale(
        &self,
        request: Request<pb::GetAfterSaleRequest>,
    ) -> Reply<pb::GetAfterSaleResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let money = rpc::caller(&request).is_ok_and(sees_money);
        let pb::GetAfterSaleRequest { after_sale_id, min_position } = request.into_inner();
        let freshness = wait(&self.progress, min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let wanted = Wanted { after_sale_id, ..Wanted::default() };
        let (found, _) = found(&mut db, (&scope, money), wanted, (1, 0)).await.map_err(failed)?;
        let after_sale = found.into_iter().next().ok_or_else(no_such_case)?;
        Ok(Response::new(pb::GetAfterSaleResponse {
            after_sale: Some(after_sale),
            freshness: Some(freshness),
        }))
    }

    async fn list_after_sales(
        &self,
        request: Request<pb::ListAfterSalesRequest>,
    ) -> Reply<pb::ListAfterSalesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let money = rpc::caller(&request).is_ok_and(sees_money);
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.progress, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let asked = Wanted {
            after_sale_id: String::new(),
            order_id: wanted.order_id,
            dealer_id: wanted.dealer_id,
            statuses: wanted.statuses,
            search: pattern(&wanted.search),
        };
        let found = found(&mut db, (&scope, money), asked, (page.limit, page.offset)).await;
        let (after_sales, total) = found.map_err(failed)?;
        Ok(Response::new(pb::ListAfterSalesResponse {
            after_sales,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

async fn found(
    db: &mut PgConnection,
    (scope, money): (&Scope, bool),
    wanted: Wanted,
    (limit, offset): (i64, i64),
) -> sqlx::Result<(Vec<pb::AfterSale>, i64)> {
    let rows = sqlx::query(CASES)
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .bind(wanted.after_sale_id)
        .bind(wanted.order_id)
        .bind(wanted.dealer_id)
        .bind(wanted.statuses)
        .bind(wanted.search)
        .bind(limit)
        .bind(offset)
        .fetch_all(db)
        .await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    let mut cases = rows.iter().map(case).collect::<sqlx::Result<Vec<_>>>()?;
    if !money {
        for case in &mut cases {
            (case.amount_minor, case.payout) = (0, None);
        }
    }
    Ok((cases, total))
}

fn no_such_case() -> Status {
    let text = Text::new(
        "没有这个售后单，或您无权查看",
        "there is no such after-sale case, or you may not see it; check its number",
    );
    status(Code::NotFound, "AFTER_SALE_NOT_FOUND", &text)
}

fn case(row: &PgRow) -> sqlx::Result<pb::AfterSale> {
    let Json(goods) = row.try_get::<Json<Vec<GoodsRow>>, _>("goods")?;
    let payout = row.try_get::<Option<Json<Payout>>, _>("payout")?;
    let time = |column| -> sqlx::Result<String> {
        Ok(row.try_get::<Option<_>, _>(column)?.map(rfc3339).unwrap_or_default())
    };
    let count = |column| Ok::<_, sqlx::Error>(row.try_get::<i32, _>(column)?.cast_unsigned());
    Ok(pb::AfterSale {
        after_sale_id: row.try_get("after_sale_id")?,
        order_id: row.try_get("order_id")?,
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        status: row.try_get("status")?,
        currency_code: row.try_get("currency_code")?,
        wish: row.try_get("wish")?,
        lines: goods.into_iter().map(GoodsRow::told).collect(),
        note: row.try_get("note")?,
        at_receipt: row.try_get("at_receipt")?,
        requested_by: row.try_get("requested_by")?,
        requested_at: time("requested_at")?,
        decided_at: time("decided_at")?,
        goods_return: row.try_get("goods_return")?,
        remark: row.try_get("remark")?,
        carrier: row.try_get("carrier")?,
        tracking_number: row.try_get("tracking_number")?,
        settlement: row.try_get("settlement")?,
        settled_at: time("settled_at")?,
        amount_minor: row.try_get("amount_minor")?,
        payout: payout.map(|Json(payout)| paid_out(&payout)),
        replacement_order_id: row.try_get("replacement")?,
        rated_goods: count("rated_goods")?,
        rated_service: count("rated_service")?,
        rated_comment: row.try_get("rated_comment")?,
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
    })
}

fn paid_out(payout: &Payout) -> pb::AfterSalePayout {
    pb::AfterSalePayout {
        rebate_minor: payout.rebate_minor.0,
        prepaid_minor: payout.prepaid_minor.0,
        debt_minor: payout.debt_minor.0,
        online_minor: payout.online.iter().map(|part| part.amount_minor.0).sum(),
        elsewhere_minor: payout.elsewhere_minor.0,
    }
}

#[derive(Deserialize)]
struct GoodsRow {
    line_no: u32,
    cause: i32,
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: u32,
    note: String,
    sellable: u32,
    scrap: u32,
    rejected: u32,
}

impl GoodsRow {
    fn told(self) -> pb::AfterSaleGoods {
        pb::AfterSaleGoods {
            line_no: self.line_no,
            product_id: self.product_id,
            product_name: self.product_name,
            base_unit: self.base_unit,
            quantity: self.quantity,
            cause: self.cause,
            note: self.note,
            sellable: self.sellable,
            scrap: self.scrap,
            rejected: self.rejected,
        }
    }
}
