//! What people have to do about orders (待办): columns and filters of lists of orders, how many there are,
//! and how an order changed.

use order::grpc::{told_change, told_reviewer};
use order::order::changing::LineChange;
use order::order::review::Step;
use proto::order::v1 as pb;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, QueryBuilder, Row as _};

use crate::read::{Scope, rfc3339};

/// What [`Todo`] is read from, of an order `o`.
pub(crate) const TODO_OF_ORDER: &str = "(SELECT to_jsonb(t) FROM order_todos t
    WHERE t.tenant_id = o.tenant_id AND t.order_id = o.order_id) AS todo";

/// An order `o` that waits to be confirmed, and has no steps.
const CONFIRM: &str = "o.status = 1 AND NOT EXISTS (SELECT FROM order_todos t \
    WHERE t.tenant_id = o.tenant_id AND t.order_id = o.order_id AND jsonb_array_length(t.steps) > 0)";

/// Which orders `o` somebody has to do this about; none: all.
pub(crate) fn condition(todo: pb::OrderTodo) -> Option<String> {
    let such = |which: &str| {
        format!(
            "EXISTS (SELECT FROM order_todos t \
             WHERE t.tenant_id = o.tenant_id AND t.order_id = o.order_id AND {which})"
        )
    };
    match todo {
        pb::OrderTodo::Unspecified => None,
        pb::OrderTodo::SalesReview => Some(such("t.review_step = 1")),
        pb::OrderTodo::FinanceReview => Some(such("t.review_step = 2")),
        pb::OrderTodo::SentBack => Some(such("t.sent_back")),
        pb::OrderTodo::Change => Some(such("t.change_waits")),
        pb::OrderTodo::Confirm => Some(CONFIRM.to_owned()),
    }
}

/// What has to be done about one order.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Todo {
    steps: Vec<Step>,
    review_step: i32,
    review_since: Option<chrono::DateTime<chrono::Utc>>,
    sent_back: bool,
    sent_back_reason: String,
    change_waits: bool,
}

impl Todo {
    pub(crate) fn of(row: &PgRow) -> sqlx::Result<Self> {
        let todo = row.try_get::<Option<Json<Self>>, _>("todo")?;
        Ok(todo.map(|Json(todo)| todo).unwrap_or_default())
    }

    /// Tells it with the rest of the order.
    pub(crate) fn tell(self, order: &mut pb::OrderSummary) {
        let waits = self.review_step != 0 || self.sent_back;
        let step = self.steps.iter().find(|step| step.step as i32 == self.review_step);
        order.review_step = self.review_step;
        order.reviewer = step.map_or(0, |step| told_reviewer(step.reviewer).into());
        let since = self.review_since.filter(|_| waits);
        order.review_since = since.map(rfc3339).unwrap_or_default();
        order.sent_back = self.sent_back;
        order.sent_back_reason = if self.sent_back { self.sent_back_reason } else { String::new() };
        order.change_waits = self.change_waits;
    }
}

/// How many orders there are to do something about.
pub(crate) async fn count(
    db: &mut PgConnection,
    scope: &Scope,
) -> sqlx::Result<pb::GetOrderTodosResponse> {
    use pb::OrderTodo::{Change, Confirm, FinanceReview, SalesReview, SentBack};
    let parts = [SalesReview, FinanceReview, Confirm, SentBack, Change].map(|todo| {
        format!("count(*) FILTER (WHERE {})", condition(todo).unwrap_or_else(|| "false".into()))
    });
    let mut sql = QueryBuilder::new(format!("SELECT {} FROM orders o", parts.join(", ")));
    sql.push(" WHERE o.tenant_id = ").push_bind(scope.tenant.clone());
    scope.push(&mut sql, "region_ids");
    sql.push(
        " AND (o.status = 1 OR EXISTS (SELECT FROM order_todos t WHERE t.tenant_id = o.tenant_id",
    );
    sql.push(
        " AND t.order_id = o.order_id AND (t.review_step <> 0 OR t.sent_back OR t.change_waits)))",
    );
    let row = sql.build().fetch_one(db).await?;
    let number = |index: usize| -> sqlx::Result<u32> {
        Ok(u32::try_from(row.try_get::<i64, _>(index)?).unwrap_or(u32::MAX))
    };
    Ok(pb::GetOrderTodosResponse {
        sales_review: number(0)?,
        finance_review: number(1)?,
        confirm: number(2)?,
        sent_back: number(3)?,
        change: number(4)?,
    })
}

/// How an order changed, the newest first.
pub(crate) async fn changes(
    db: &mut PgConnection,
    tenant: &str,
    order_id: &str,
) -> sqlx::Result<Vec<pb::OrderChange>> {
    let rows = sqlx::query(
        "SELECT * FROM order_changes WHERE tenant_id = $1 AND order_id = $2
         ORDER BY version DESC LIMIT 100",
    )
    .bind(tenant)
    .bind(order_id)
    .fetch_all(db)
    .await?;
    rows.iter().map(change).collect()
}

fn change(row: &PgRow) -> sqlx::Result<pb::OrderChange> {
    let Json(changes) = row.try_get::<Json<Vec<LineChange>>, _>("changes")?;
    let decided: Option<chrono::DateTime<chrono::Utc>> = row.try_get("decided_at")?;
    Ok(pb::OrderChange {
        version: row.try_get::<i64, _>("version")?.cast_unsigned(),
        state: row.try_get("state")?,
        changes: changes.iter().map(told_change).collect(),
        previous_net_minor: row.try_get("previous_net_minor")?,
        net_minor: row.try_get("net_minor")?,
        note: row.try_get("note")?,
        reason: row.try_get("reason")?,
        proposed_by: row.try_get("proposed_by")?,
        proposed_at: rfc3339(row.try_get("proposed_at")?),
        on_behalf: row.try_get("on_behalf")?,
        decided_by: row.try_get("decided_by")?,
        decided_at: decided.map(rfc3339).unwrap_or_default(),
    })
}
