//! What orders were like, by SQL.

use chrono::NaiveDate;
use proto::bi::v1::{Accuracy, CycleTime, FillRate, MetricsGroup, OrderMetrics, Satisfaction};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _};

use super::{Asked, part, ppm};

/// Two hours, which the brand claims to release orders in.
const CLAIM_MILLISECONDS: i64 = 2 * 60 * 60 * 1000;

/// Figures under one id.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) first: Option<NaiveDate>,
    pub(super) last: Option<NaiveDate>,
    pub(super) metrics: OrderMetrics,
}

/// What is known of each order that is seen. A confirmation by a request of its own is made by hand;
/// one that follows from the order or from its payment is not.
const MEASURED: &str = "), measured AS (
    SELECT s.*, left_at.release_ms, left_at.ship_ms, lines.received, lines.corrected,
           cases.answers, cases.outcome, cases.service,
           placed_by_hand OR credit_by_hand
           OR (confirmed_by_person AND confirm_request IS DISTINCT FROM submit_request
               AND confirm_request IS DISTINCT FROM pay_request) AS touched
    FROM seen s
    CROSS JOIN LATERAL (
        SELECT floor(extract(epoch FROM coalesce(s.released_at, s.confirmed_at) - s.submitted_at)
                     * 1000)::bigint AS release_ms,
               floor(extract(epoch FROM min(d.shipped_at) - s.submitted_at)
                     * 1000)::bigint AS ship_ms
        FROM order_metric_departures d
        WHERE d.tenant_id = s.tenant_id AND d.order_id = s.order_id
    ) left_at
    CROSS JOIN LATERAL (
        SELECT count(*) AS received, count(*) FILTER (WHERE l.corrected) AS corrected
        FROM order_metric_lines l
        WHERE l.tenant_id = s.tenant_id AND l.order_id = s.order_id
    ) lines
    CROSS JOIN LATERAL (
        SELECT count(c.rated_outcome) AS answers, sum(c.rated_outcome) AS outcome,
               sum(c.rated_service) AS service
        FROM order_metric_cases c
        WHERE c.tenant_id = s.tenant_id AND c.order_id = s.order_id
    ) cases
)
SELECT row_id, coalesce(max(row_name), '') AS row_name,
    min(business_date) AS first_date, max(business_date) AS last_date,
    count(*) AS orders, count(DISTINCT dealer_id) AS dealers,
    count(release_ms) AS released, count(ship_ms) AS departed,
    percentile_disc(ARRAY[0.5, 0.9, 0.99]::float8[])
        WITHIN GROUP (ORDER BY release_ms) AS release_ms,
    percentile_disc(ARRAY[0.5, 0.9, 0.99]::float8[])
        WITHIN GROUP (ORDER BY ship_ms) AS ship_ms,
    count(*) FILTER (WHERE release_ms IS NOT NULL AND NOT touched) AS touch_free,
    coalesce(sum(received), 0)::bigint AS received,
    coalesce(sum(corrected), 0)::bigint AS corrected,
    count(*) FILTER (WHERE shipped + closed >= ordered) AS over,
    coalesce(sum(ordered) FILTER (WHERE shipped + closed >= ordered), 0)::bigint AS ordered,
    coalesce(sum(shipped) FILTER (WHERE shipped + closed >= ordered), 0)::bigint AS shipped,
    count(rated_goods) AS rated, coalesce(sum(rated_goods), 0)::bigint AS rated_goods,
    coalesce(sum(rated_service), 0)::bigint AS rated_service,
    coalesce(sum(answers), 0)::bigint AS answers, coalesce(sum(outcome), 0)::bigint AS outcome,
    coalesce(sum(service), 0)::bigint AS service,
    count(*) OVER () AS row_count,
    count(*) FILTER (WHERE release_ms <= ";

/// The figures of all orders.
pub(super) async fn total(db: &mut PgConnection, asked: &Asked) -> sqlx::Result<Found> {
    let mut sql = measured(asked, false);
    sql.push(" GROUP BY row_id");
    let row = sql.build().fetch_optional(db).await?;
    match row {
        Some(row) => found(&row),
        None => Ok(Found::none()),
    }
}

/// The figures of each region, dealer or day, and how many there are without the limit.
pub(super) async fn rows(db: &mut PgConnection, asked: &Asked) -> sqlx::Result<(Vec<Found>, i64)> {
    let mut sql = measured(asked, true);
    sql.push(" GROUP BY row_id ORDER BY ");
    sql.push(match asked.group {
        MetricsGroup::Day => "row_id",
        // Equal rows need an order of their own, or screens would flicker.
        MetricsGroup::Unspecified | MetricsGroup::Region | MetricsGroup::Dealer => {
            "count(*) DESC, row_id"
        }
    });
    sql.push(" LIMIT ").push_bind(asked.limit);
    let rows = sql.build().fetch_all(db).await?;
    let count = rows.first().map_or(Ok(0), |row| row.try_get("row_count"))?;
    Ok((rows.iter().map(found).collect::<sqlx::Result<_>>()?, count))
}

fn measured(asked: &Asked, grouped: bool) -> QueryBuilder<'_, Postgres> {
    let mut sql = asked.seen(grouped);
    if let Some(from) = asked.from {
        sql.push(" AND business_date >= ").push_bind(from);
    }
    if let Some(to) = asked.to {
        sql.push(" AND business_date <= ").push_bind(to);
    }
    sql.push(MEASURED).push_bind(CLAIM_MILLISECONDS).push(") AS claimed FROM measured");
    sql
}

impl Found {
    fn none() -> Self {
        let metrics = OrderMetrics {
            release: Some(CycleTime::default()),
            shipping: Some(CycleTime::default()),
            accuracy: Some(Accuracy::default()),
            fill_rate: Some(FillRate::default()),
            delivery_satisfaction: Some(Satisfaction::default()),
            after_sale_satisfaction: Some(Satisfaction::default()),
            ..OrderMetrics::default()
        };
        Self { id: String::new(), name: String::new(), first: None, last: None, metrics }
    }
}

fn found(row: &PgRow) -> sqlx::Result<Found> {
    let number = |column| row.try_get::<i64, _>(column);
    let (orders, released) = (number("orders")?, number("released")?);
    let (within, touch_free) = (number("claimed")?, number("touch_free")?);
    let (received, corrected) = (number("received")?, number("corrected")?);
    let (ordered, shipped) = (number("ordered")?, number("shipped")?);
    let metrics = OrderMetrics {
        orders,
        waiting_orders: orders - released,
        release: Some(cycle(row, released, "release_ms")?),
        within_two_hours: within,
        within_two_hours_ppm: ppm(within, released),
        shipping: Some(cycle(row, number("departed")?, "ship_ms")?),
        accuracy: Some(Accuracy {
            received_lines: received,
            corrected_lines: corrected,
            accuracy_ppm: ppm(received - corrected, received),
        }),
        touch_free_orders: touch_free,
        touch_free_ppm: ppm(touch_free, released),
        fill_rate: Some(FillRate {
            orders: number("over")?,
            ordered_quantity: ordered,
            shipped_quantity: shipped,
            fill_rate_ppm: ppm(shipped, ordered),
        }),
        dealers: number("dealers")?,
        delivery_satisfaction: Some(content(
            number("rated")?,
            (number("rated_goods")?, number("rated_service")?),
        )),
        after_sale_satisfaction: Some(content(
            number("answers")?,
            (number("outcome")?, number("service")?),
        )),
        // These need more than the orders of the row.
        orders_per_dealer_30_days_x100: 0,
        days_sales_outstanding: None,
    };
    Ok(Found {
        id: row.try_get("row_id")?,
        name: row.try_get("row_name")?,
        first: row.try_get("first_date")?,
        last: row.try_get("last_date")?,
        metrics,
    })
}

fn cycle(row: &PgRow, orders: i64, column: &str) -> sqlx::Result<CycleTime> {
    let times: Option<Vec<i64>> = row.try_get(column)?;
    let at = |index: usize| times.as_ref().and_then(|all| all.get(index)).copied().unwrap_or(0);
    Ok(CycleTime {
        orders,
        p50_milliseconds: at(0),
        p90_milliseconds: at(1),
        p99_milliseconds: at(2),
    })
}

fn content(answers: i64, (goods, service): (i64, i64)) -> Satisfaction {
    Satisfaction {
        answers,
        goods_x100: part(goods, 100, answers),
        service_x100: part(service, 100, answers),
    }
}
