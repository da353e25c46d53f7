//! Order and product lists.

use kernel::Text;
use kernel::auth::Caller;
use kernel::failure::{Violations, status};
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::grpc::{sees_money, told_payment};
use order::order::paying::Standing;
use order::order::{AppliedPromotion, Payment};
use proto::access::v1::Role;
use proto::order::v1 as pb;
use proto::order::v1::order_query_service_server::OrderQueryService;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use tonic::{Code, Request, Response, Status};
use values::{BusinessDate, Minor};

use crate::buyers::{Shown, buyer};
use crate::orders_taxes;
use crate::orders_todo::{TODO_OF_ORDER, Todo, changes, condition, count};
use crate::orders_waiting::{LONG, WAITS, Waited};
use crate::products_query::{Asks, Only, no_such_product};
use crate::read::{Page, Scope, date, failed, pattern, rfc3339, wait};

/// Answers from the read models of orders and products.
#[derive(Clone)]
pub(crate) struct OrderQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) orders: Progress,
    pub(crate) products: Progress,
    /// What waits, and since when.
    pub(crate) waiting: Progress,
    /// What people have to do about orders.
    pub(crate) todos: Progress,
}

#[tonic::async_trait]
impl OrderQueryService for OrderQueryApi {
    async fn list_orders(
        &self,
        request: Request<pb::ListOrdersRequest>,
    ) -> Reply<pb::ListOrdersResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let money = rpc::caller(&request).is_ok_and(sees_money);
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let filter = OrderFilter::of(&scope, &wanted)?;
        let freshness = wait(&self.orders, wanted.min_position).await?;
        wait(&self.waiting, wanted.min_position).await?;
        wait(&self.todos, wanted.min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let total = filter.count(&mut db).await.map_err(failed)?;
        let mut orders = filter.rows(&mut db, page).await.map_err(failed)?;
        if !money {
            orders.iter_mut().for_each(without_money);
        }
        Ok(Response::new(pb::ListOrdersResponse {
            orders,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_order(
        &self,
        request: Request<pb::GetOrderRequest>,
    ) -> Reply<pb::GetOrderResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let money = rpc::caller(&request).is_ok_and(sees_money);
        let wanted = request.into_inner();
        let freshness = wait(&self.orders, wanted.min_position).await?;
        wait(&self.waiting, wanted.min_position).await?;
        wait(&self.todos, wanted.min_position).await?;
        let found = self.order(&scope, &wanted.order_id).await.map_err(failed)?;
        let mut order = found.ok_or_else(|| no_such_order(&wanted.order_id))?;
        order.freshness = Some(freshness);
        if !money {
            order.payment = None;
            order.summary.iter_mut().for_each(without_money);
        }
        Ok(Response::new(order))
    }

    async fn get_order_todos(
        &self,
        request: Request<pb::GetOrderTodosRequest>,
    ) -> Reply<pb::GetOrderTodosResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let min_position = request.into_inner().min_position;
        wait(&self.orders, min_position).await?;
        wait(&self.todos, min_position).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        Ok(Response::new(count(&mut db, &scope).await.map_err(failed)?))
    }

    async fn list_products(
        &self,
        request: Request<pb::ListProductsRequest>,
    ) -> Reply<pb::ListProductsResponse> {
        let asks = Asks::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page)?;
        let freshness = wait(&self.products, wanted.min_position).await?;
        let mut db = self.pool.begin(&asks.scope.tenant).await.map_err(failed)?;
        let (product_ids, names) = (wanted.product_ids, wanted.names);
        let only =
            (!product_ids.is_empty() || !names.is_empty()).then_some(Only { product_ids, names });
        let mut filter = asks.filter(&mut db, &wanted.dealer_id, only).await?;
        filter.find(&wanted.search, &wanted.barcode)?;
        let (products, total) = filter.list(&mut db, page).await.map_err(failed)?;
        Ok(Response::new(pb::ListProductsResponse {
            products,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }

    async fn get_product(
        &self,
        request: Request<pb::GetProductRequest>,
    ) -> Reply<pb::GetProductResponse> {
        let asks = Asks::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let freshness = wait(&self.products, wanted.min_position).await?;
        let mut db = self.pool.begin(&asks.scope.tenant).await.map_err(failed)?;
        let only = Only { product_ids: vec![wanted.product_id.clone()], names: Vec::new() };
        let filter = asks.filter(&mut db, &wanted.dealer_id, Some(only)).await?;
        let found = filter.one(&mut db).await.map_err(failed)?;
        let mut product = found.ok_or_else(|| no_such_product(&wanted.product_id))?;
        let successor = std::mem::take(&mut product.successor_product_id);
        if !successor.is_empty() {
            let only = Only { product_ids: vec![successor.clone()], names: Vec::new() };
            let seen = asks.filter(&mut db, &wanted.dealer_id, Some(only)).await?;
            if seen.one(&mut db).await.map_err(failed)?.is_some() {
                product.successor_product_id = successor;
            }
        }
        product.freshness = Some(freshness);
        Ok(Response::new(product))
    }
}

/// What there is for the dealer that is asked for, or that asks.
pub(crate) async fn shown(
    db: &mut PgConnection,
    scope: &Scope,
    dealer_id: &str,
    today: BusinessDate,
) -> Result<Shown, Status> {
    let own = scope.dealer.as_deref();
    let asked = own.or((!dealer_id.is_empty()).then_some(dealer_id));
    let Some(dealer_id) = asked else { return Ok(Shown::everything()) };
    let found = buyer(db, &scope.tenant, dealer_id, today).await.map_err(failed)?;
    let seen = found.filter(|(_, region_id)| {
        scope.regions.as_ref().is_none_or(|regions| regions.contains(region_id))
    });
    let (buyer, _) = seen.ok_or_else(|| match own {
        Some(_) => not_yet_known(dealer_id),
        None => no_such_dealer(dealer_id),
    })?;
    Shown::to(db, &scope.tenant, &buyer, today).await.map_err(failed)
}

/// Lists of dealers are filled after people of a new one can sign in.
pub(crate) fn not_yet_known(dealer_id: &str) -> Status {
    let text = Text::new(
        format!("经销商“{dealer_id}”的资料尚未同步，请稍后再试"),
        format!("the dealer {dealer_id} is not known here yet; ask again soon"),
    );
    status(Code::Unavailable, "DEALER_NOT_YET_KNOWN", &text)
}

pub(crate) fn no_such_dealer(dealer_id: &str) -> Status {
    let text = Text::new(
        format!("没有经销商“{dealer_id}”，或您无权查看"),
        format!("there is no dealer {dealer_id}, or you may not see it"),
    );
    status(Code::NotFound, "NO_SUCH_DEALER", &text)
}

/// Whether somebody is told floor prices: who makes prices and promotions, and who looks after them.
pub(crate) fn sees_floors(caller: &Caller) -> bool {
    let roles = [
        Role::HqAdmin,
        Role::SalesDirector,
        Role::Finance,
        Role::Marketing,
        Role::Analyst,
        Role::Auditor,
    ];
    caller.dealer_id.is_none() && roles.into_iter().any(|role| caller.has(role))
}

/// Leaves out what an order says of its dealer's credit.
fn without_money(order: &mut pb::OrderSummary) {
    order.hold_reasons.clear();
    order.missing_credit_minor = 0;
}

fn no_such_order(order_id: &str) -> Status {
    let text = Text::new(
        format!("没有订单“{order_id}”，或您无权查看"),
        format!("there is no order {order_id}, or you may not see it"),
    );
    status(Code::NotFound, "NO_SUCH_ORDER", &text)
}

impl OrderQueryApi {
    async fn order(
        &self,
        scope: &Scope,
        order_id: &str,
    ) -> sqlx::Result<Option<pb::GetOrderResponse>> {
        let mut db = self.pool.begin(&scope.tenant).await?;
        let waits = &*WAITS;
        let row = sqlx::query(&format!(
            "SELECT o.*, {waits}, {TODO_OF_ORDER} FROM orders o WHERE tenant_id = $1 AND order_id = $2
             AND ($3::text IS NULL OR dealer_id = $3)
             AND ($4::text[] IS NULL OR region_ids[cardinality(region_ids)] = ANY($4))",
        ))
        .bind(&scope.tenant)
        .bind(order_id)
        .bind(&scope.dealer)
        .bind(&scope.regions)
        .fetch_optional(&mut *db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let lines = sqlx::query(
            "SELECT * FROM order_lines WHERE tenant_id = $1 AND order_id = $2
             AND quantity > 0 ORDER BY line_no",
        )
        .bind(&scope.tenant)
        .bind(order_id)
        .fetch_all(&mut *db)
        .await?;
        let changes = changes(&mut db, &scope.tenant, order_id).await?;
        let waits = |it: &&pb::OrderChange| it.state() == pb::OrderChangeState::Proposed;
        let mut told: Vec<_> = lines.iter().map(line).collect::<sqlx::Result<_>>()?;
        let tax_minor = orders_taxes::tell(&mut told, &lines)?;
        Ok(Some(pb::GetOrderResponse {
            pending_change: changes.iter().find(waits).cloned(),
            changes,
            summary: Some(pb::OrderSummary { tax_minor, ..summary(&row)? }),
            lines: told,
            note: row.try_get("note")?,
            cancel_reason: row.try_get("cancel_reason")?,
            region_names: row.try_get("region_names")?,
            freshness: None,
            promotions: promotions(&row)?,
            payment: payment(&row)?,
            short_closed_reason: row.try_get("short_closed_reason")?,
            replaces_after_sale_id: row.try_get("replaces")?,
            rated_goods: row.try_get::<i32, _>("rated_goods")?.cast_unsigned(),
            rated_service: row.try_get::<i32, _>("rated_service")?.cast_unsigned(),
            rated_comment: row.try_get("rated_comment")?,
        }))
    }
}

/// Which orders are listed.
struct OrderFilter<'a> {
    scope: &'a Scope,
    wanted: &'a pb::ListOrdersRequest,
    from: Option<chrono::NaiveDate>,
    to: Option<chrono::NaiveDate>,
}

impl<'a> OrderFilter<'a> {
    fn of(scope: &'a Scope, wanted: &'a pb::ListOrdersRequest) -> Result<Self, Status> {
        let mut violations = Violations::default();
        let from = date(&mut violations, "from_date", &wanted.from_date);
        let to = date(&mut violations, "to_date", &wanted.to_date);
        violations.finish(Some(Self { scope, wanted, from, to }))
    }

    async fn count(&self, db: &mut PgConnection) -> sqlx::Result<i64> {
        let mut sql = QueryBuilder::new("SELECT count(*)");
        self.push(&mut sql);
        sql.build_query_scalar().fetch_one(db).await
    }

    async fn rows(&self, db: &mut PgConnection, page: Page) -> sqlx::Result<Vec<pb::OrderSummary>> {
        let mut sql = QueryBuilder::new(format!("SELECT o.*, {}, {TODO_OF_ORDER}", *WAITS));
        self.push(&mut sql);
        sql.push(" ORDER BY business_date DESC, order_id DESC LIMIT ").push_bind(page.limit);
        sql.push(" OFFSET ").push_bind(page.offset);
        sql.build().fetch_all(db).await?.iter().map(summary).collect()
    }

    fn push(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        let wanted = self.wanted;
        sql.push(" FROM orders o WHERE tenant_id = ").push_bind(self.scope.tenant.clone());
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        self.scope.push(sql, "region_ids");
        if let Some(dealer) = given(&wanted.dealer_id) {
            sql.push(" AND dealer_id = ").push_bind(dealer);
        }
        if !wanted.statuses.is_empty() {
            sql.push(" AND status = ANY(").push_bind(wanted.statuses.clone()).push(")");
        }
        if let Some(region) = given(&wanted.region_id) {
            sql.push(" AND ").push_bind(region).push(" = ANY(region_ids)");
        }
        if let Some(from) = self.from {
            sql.push(" AND business_date >= ").push_bind(from);
        }
        if let Some(to) = self.to {
            sql.push(" AND business_date <= ").push_bind(to);
        }
        if let Some(condition) = condition(wanted.todo()) {
            sql.push(" AND ").push(condition);
        }
        if wanted.stuck {
            sql.push(format!(" AND {}", *LONG));
        }
        if wanted.waits_for_goods {
            sql.push(" AND EXISTS (SELECT FROM back_orders b WHERE b.tenant_id = o.tenant_id");
            sql.push(" AND b.order_id = o.order_id)");
        }
        if let Some(product) = given(&wanted.product_id) {
            sql.push(LINE).push("l.product_id = ").push_bind(product).push(")");
        }
        if let Some(search) = pattern(&wanted.search) {
            sql.push(" AND (order_id ILIKE ").push_bind(search.clone());
            sql.push(" OR dealer_name ILIKE ").push_bind(search.clone());
            sql.push(LINE.replacen("AND", "OR", 1)).push("l.product_name ILIKE ");
            sql.push_bind(search).push("))");
        }
    }
}

const LINE: &str = " AND EXISTS (SELECT 1 FROM order_lines l \
                    WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id AND ";

fn summary(row: &PgRow) -> sqlx::Result<pb::OrderSummary> {
    let region_names: Vec<String> = row.try_get("region_names")?;
    let (gross, off): (i64, i64) = (row.try_get("gross_minor")?, row.try_get("off_minor")?);
    let closed: i64 = row.try_get("closed_net_minor")?;
    let payment = payment(row)?.unwrap_or_default();
    let waited = Waited::of(row)?;
    let mut order = pb::OrderSummary {
        hold_reasons: payment.hold_reasons,
        missing_credit_minor: payment.missing_credit_minor,
        order_id: row.try_get("order_id")?,
        business_date: row.try_get::<chrono::NaiveDate, _>("business_date")?.to_string(),
        dealer_id: row.try_get("dealer_id")?,
        dealer_name: row.try_get("dealer_name")?,
        region_name: region_names.last().cloned().unwrap_or_default(),
        status: row.try_get("status")?,
        waits_since: waited.since,
        waiting: waited.goods,
        stuck_with: waited.stuck_with.into(),
        line_count: row.try_get::<i32, _>("line_count")?.cast_unsigned(),
        quantity: row.try_get("quantity")?,
        gross_minor: gross,
        off_minor: off,
        net_minor: gross - off - closed,
        tax_minor: row.try_get("tax_minor")?,
        closed_net_minor: closed,
        currency_code: row.try_get("currency_code")?,
        submitted_at: rfc3339(row.try_get("submitted_at")?),
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
        ..Default::default()
    };
    Todo::of(row)?.tell(&mut order);
    Ok(order)
}

fn promotions(row: &PgRow) -> sqlx::Result<Vec<pb::OrderPromotion>> {
    let Json(applied) = row.try_get::<Json<Vec<AppliedPromotion>>, _>("promotions")?;
    let told = |it: AppliedPromotion| pb::OrderPromotion {
        promotion_id: it.promotion_id.to_string(),
        name: it.name,
        times: it.times,
        off_minor: it.off_minor.0,
    };
    Ok(applied.into_iter().map(told).collect())
}

/// What it is paid from. Why it waits for credit is told only while it does.
fn payment(row: &PgRow) -> sqlx::Result<Option<pb::OrderPayment>> {
    let Some(Json(mut payment)) = row.try_get::<Option<Json<Payment>>, _>("payment")? else {
        return Ok(None);
    };
    if let Some(standing) = row.try_get::<Option<&str>, _>("standing")? {
        let standing = serde_json::from_value(standing.into());
        payment.standing = standing.map_err(|error| sqlx::Error::Decode(error.into()))?;
    }
    if row.try_get::<i32, _>("status")? == i32::from(pb::OrderStatus::Cancelled) {
        payment.standing = payment.standing.called_off();
    }
    if payment.standing != Standing::OnHold {
        payment.hold_reasons.clear();
        payment.missing_credit_minor = Minor::ZERO;
    }
    Ok(Some(told_payment(&payment)))
}

fn line(row: &PgRow) -> sqlx::Result<pb::OrderLine> {
    Ok(pb::OrderLine {
        line_no: row.try_get::<i32, _>("line_no")?.cast_unsigned(),
        product_id: row.try_get("product_id")?,
        product_name: row.try_get("product_name")?,
        base_unit: row.try_get("base_unit")?,
        quantity: row.try_get("quantity")?,
        unit_price_minor: row.try_get("unit_price_minor")?,
        gross_minor: row.try_get("gross_minor")?,
        shipped: row.try_get("shipped")?,
        received: row.try_get("received")?,
        off_minor: row.try_get("off_minor")?,
        gift_promotion_id: row.try_get::<Option<_>, _>("gift_of")?.unwrap_or_default(),
        instead_of_product_id: row.try_get::<Option<_>, _>("instead_of")?.unwrap_or_default(),
        closed_quantity: row.try_get("closed")?,
        closed_net_minor: row.try_get("closed_net_minor")?,
        disputed: row.try_get("disputed")?,
        claimed: row.try_get("claimed")?,
        settled: row.try_get("settled")?,
        tax: None,
        tax_minor: 0,
    })
}
