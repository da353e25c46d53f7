//! How well orders go: figures of the read model `order_metrics`. What each of them is stands in the
//! contract and in docs/metrics.md.

mod figures;
mod owing;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kernel::Text;
use kernel::failure::Violations;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use order::grpc::sees_money;
use proto::bi::v1::order_metrics_query_service_server::OrderMetricsQueryService;
use proto::bi::v1::{
    GetOrderMetricsRequest, GetOrderMetricsResponse, MetricsGroup, OrderMetrics, OrderMetricsRow,
};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use tonic::{Request, Response, Status};
use values::{Explain as _, RegionId};

use crate::read::{Scope, date, failed, region_below, today, wait};
use figures::Found;
use owing::Owing;

/// Answers from the read model of ordering's figures.
#[derive(Clone)]
pub(crate) struct OrderMetricsQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// A request whose fields were checked.
struct Asked {
    scope: Scope,
    group: MetricsGroup,
    region_id: Option<RegionId>,
    dealer_id: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    limit: i64,
    /// Where days of payments begin and end.
    time_zone: String,
    today: NaiveDate,
}

#[tonic::async_trait]
impl OrderMetricsQueryService for OrderMetricsQueryApi {
    async fn get_order_metrics(
        &self,
        request: Request<GetOrderMetricsRequest>,
    ) -> Reply<GetOrderMetricsResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let (time_zone, money) = {
            let caller = rpc::caller(&request)?;
            (caller.time_zone.clone(), sees_money(caller))
        };
        let today = today(&request)?.day();
        let request = request.into_inner();
        let min_position = request.min_position;
        let asked = Asked::of(request, scope, time_zone, today)?;
        let freshness = wait(&self.progress, min_position).await?;
        let mut db = self.pool.begin(&asked.scope.tenant).await.map_err(failed)?;
        let mut response = answer(&mut db, &asked).await.map_err(failed)?;
        if !money {
            without_debts(&mut response);
        }
        response.freshness = Some(freshness);
        Ok(Response::new(response))
    }
}

/// Who sees no money is not told who owes how much.
fn without_debts(response: &mut GetOrderMetricsResponse) {
    let rows = response.rows.iter_mut().filter_map(|row| row.metrics.as_mut());
    for metrics in response.total.iter_mut().chain(rows) {
        metrics.days_sales_outstanding = None;
    }
}

async fn answer(db: &mut PgConnection, asked: &Asked) -> sqlx::Result<GetOrderMetricsResponse> {
    let total = figures::total(db, asked).await?;
    let owing = owing::total(db, asked).await?;
    let window = asked.window(&total);
    let mut response = GetOrderMetricsResponse {
        first_date: shown(total.first),
        last_date: shown(total.last),
        total: Some(OrderMetrics {
            orders_per_dealer_30_days_x100: frequency(&total.metrics, window),
            days_sales_outstanding: Some(owing.told()),
            ..total.metrics
        }),
        ..GetOrderMetricsResponse::default()
    };
    if asked.group == MetricsGroup::Unspecified {
        return Ok(response);
    }
    let by_day = asked.group == MetricsGroup::Day;
    let owed = match by_day {
        true => BTreeMap::new(),
        false => owing::rows(db, asked, &owing).await?,
    };
    let (found, count) = figures::rows(db, asked).await?;
    response.row_count = count.cast_unsigned();
    response.rows =
        found.into_iter().map(|row| told(row, window.filter(|_| !by_day), &owed)).collect();
    Ok(response)
}

fn told(
    row: Found,
    window: Option<(NaiveDate, NaiveDate)>,
    owed: &BTreeMap<String, Owing>,
) -> OrderMetricsRow {
    let owing = owed.get(&row.id).map(Owing::told);
    OrderMetricsRow {
        metrics: Some(OrderMetrics {
            orders_per_dealer_30_days_x100: frequency(&row.metrics, window),
            days_sales_outstanding: owing,
            ..row.metrics
        }),
        id: row.id,
        name: row.name,
    }
}

fn shown(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// Orders of a dealer in thirty days, in hundredths; 0 where there is no time to tell it of.
fn frequency(metrics: &OrderMetrics, window: Option<(NaiveDate, NaiveDate)>) -> i64 {
    window.map_or(0, |window| part(metrics.orders, 30 * 100, metrics.dealers * days(window)))
}

/// Days from one to another, both included; none the other way round.
fn days((from, to): (NaiveDate, NaiveDate)) -> i64 {
    ((to - from).num_days() + 1).max(0)
}

/// Some of something in units of which there are so many in all of it, rounded down; 0 of nothing.
fn part(some: i64, units: i64, all: i64) -> i64 {
    if all == 0 {
        return 0;
    }
    let whole = i128::from(some) * i128::from(units) / i128::from(all);
    i64::try_from(whole).unwrap_or(i64::MAX)
}

/// The same in parts per million.
fn ppm(some: i64, all: i64) -> i64 {
    part(some, 1_000_000, all)
}

impl Asked {
    fn of(
        request: GetOrderMetricsRequest,
        scope: Scope,
        time_zone: String,
        today: NaiveDate,
    ) -> Result<Self, Status> {
        let mut violations = Violations::default();
        let from = date(&mut violations, "from_date", &request.from_date);
        let to = date(&mut violations, "to_date", &request.to_date);
        let region_id = Some(&request.region_id).filter(|id| !id.is_empty()).and_then(|id| {
            let parsed = id.parse::<RegionId>();
            violations.take("region_id", parsed.map_err(|no| Text::new(no.zh(), no.to_string())))
        });
        let named = |id: &String| Some(id.clone()).filter(|id| !id.is_empty());
        let limit = match request.limit {
            0 => 1_000,
            limit => i64::from(limit),
        };
        violations.finish(Some(Self {
            scope,
            group: request.group_by(),
            region_id,
            dealer_id: named(&request.dealer_id),
            from,
            to,
            limit,
            time_zone,
            today,
        }))
    }

    /// The days of the request; where an end is open, those of the orders that were found.
    fn window(&self, total: &Found) -> Option<(NaiveDate, NaiveDate)> {
        Some((self.from.or(total.first)?, self.to.or(total.last)?))
    }

    /// SQL for the id and the name of the row that an order is in.
    fn row(&self) -> (String, String) {
        match self.group {
            MetricsGroup::Unspecified => ("''".to_owned(), "''".to_owned()),
            MetricsGroup::Region => region_below(self.region_id.as_ref()),
            MetricsGroup::Dealer => ("dealer_id".to_owned(), "dealer_name".to_owned()),
            MetricsGroup::Day => {
                ("business_date::text".to_owned(), "business_date::text".to_owned())
            }
        }
    }

    /// Begins a statement with the orders that are seen, of whatever day; `grouped` says whether
    /// they are in the rows of the request.
    fn seen(&self, grouped: bool) -> QueryBuilder<'_, Postgres> {
        let (id, name) = match grouped {
            true => self.row(),
            false => ("''".to_owned(), "''".to_owned()),
        };
        let mut sql = QueryBuilder::new(format!(
            "WITH seen AS (SELECT *, {id} AS row_id, {name} AS row_name FROM order_metrics \
             WHERE NOT cancelled AND tenant_id = "
        ));
        sql.push_bind(&self.scope.tenant);
        self.scope.push(&mut sql, "region_ids");
        if let Some(region) = &self.region_id {
            sql.push(" AND ").push_bind(region.as_str()).push(" = ANY(region_ids)");
        }
        if let Some(dealer) = &self.dealer_id {
            sql.push(" AND dealer_id = ").push_bind(dealer);
        }
        sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_told_better_than_they_are() {
        assert_eq!(ppm(999_999, 1_000_000), 999_999);
        assert_eq!(ppm(2, 3), 666_666);
        assert_eq!(ppm(0, 0), 0);
    }

    #[test]
    fn a_dealer_that_orders_weekly_orders_four_times_in_thirty_days() {
        let window = Some(("2026-01-01".parse().unwrap(), "2026-01-28".parse().unwrap()));
        let metrics = OrderMetrics { orders: 4, dealers: 1, ..OrderMetrics::default() };
        assert_eq!(frequency(&metrics, window), 428);
        assert_eq!(frequency(&metrics, None), 0);
        assert_eq!(frequency(&OrderMetrics::default(), window), 0);
    }
}
