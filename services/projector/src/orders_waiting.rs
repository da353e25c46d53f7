//! What orders wait for, and whether that is too long (滞留): columns of lists of orders.

use std::sync::LazyLock;

use proto::access::v1::Role;
use proto::order::v1::WaitsFor;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::read::rfc3339;

/// Since when an order `o` waits for people, or for goods.
const SINCE: &str = "least((SELECT w.since FROM order_waits w
        WHERE w.tenant_id = o.tenant_id AND w.order_id = o.order_id),
    (SELECT min(b.since) FROM back_orders b
        WHERE b.tenant_id = o.tenant_id AND b.order_id = o.order_id))";

/// Whether that is longer than the order rules say.
pub(crate) static LONG: LazyLock<String> = LazyLock::new(|| {
    format!(
        "coalesce({SINCE} < now() - make_interval(hours => (
             SELECT (r.rules->'waiting'->>'stuck_hours')::int FROM order_rules r
             WHERE r.tenant_id = o.tenant_id)), false)"
    )
});

/// What [`Waited`] is read from.
pub(crate) static WAITS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "(SELECT w.waits_for FROM order_waits w
              WHERE w.tenant_id = o.tenant_id AND w.order_id = o.order_id) AS waits_for,
         (SELECT w.sent_back FROM order_waits w
              WHERE w.tenant_id = o.tenant_id AND w.order_id = o.order_id) AS waits_sent_back,
         (SELECT sum(b.waiting)::bigint FROM back_orders b
              WHERE b.tenant_id = o.tenant_id AND b.order_id = o.order_id) AS waits_goods,
         {SINCE} AS waits_since, {} AS waits_long",
        *LONG
    )
});

/// What an order waits for.
pub(crate) struct Waited {
    /// RFC 3339; empty: it does not wait.
    pub(crate) since: String,
    /// Base units of goods.
    pub(crate) goods: i64,
    /// Who has to act on it, when it waits too long.
    pub(crate) stuck_with: Role,
}

impl Waited {
    pub(crate) fn of(row: &PgRow) -> sqlx::Result<Self> {
        let since: Option<chrono::DateTime<chrono::Utc>> = row.try_get("waits_since")?;
        let waits_for = row.try_get::<Option<i32>, _>("waits_for")?.unwrap_or_default();
        let sent_back = row.try_get::<Option<bool>, _>("waits_sent_back")?.unwrap_or_default();
        let owner = match WaitsFor::try_from(waits_for).unwrap_or_default() {
            WaitsFor::Payment => Role::SalesRep,
            WaitsFor::Credit => Role::Finance,
            // Somebody has to ask whoever ordered.
            WaitsFor::Review if sent_back => Role::SalesRep,
            WaitsFor::Review => Role::SalesDirector,
            // It waits for goods.
            WaitsFor::Unspecified => Role::Warehouse,
        };
        let long: bool = row.try_get("waits_long")?;
        Ok(Self {
            since: since.map(rfc3339).unwrap_or_default(),
            goods: row.try_get::<Option<i64>, _>("waits_goods")?.unwrap_or_default(),
            stuck_with: if long { owner } else { Role::Unspecified },
        })
    }
}
