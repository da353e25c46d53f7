//! Sums of the cube by SQL.

use chrono::NaiveDate;
use proto::bi::v1::{Grain, SalesDimension, SalesFigures, SalesFilter, SalesKey, SalesMeasure};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use values::RegionId;

use super::period::Range;
use crate::read::{Scope, region_below};

/// What is summed up.
pub(super) struct Slice<'a> {
    pub(super) scope: &'a Scope,
    pub(super) filters: &'a [SalesFilter],
    pub(super) dimensions: &'a [SalesDimension],
    pub(super) grain: Grain,
    pub(super) from: Option<NaiveDate>,
    pub(super) to: Option<NaiveDate>,
}

/// Sums under one combination of dimension values.
pub(super) struct Sum {
    pub(super) keys: Vec<SalesKey>,
    pub(super) figures: SalesFigures,
}

/// Rows of a slice in an order, as many as wanted.
pub(super) struct Order {
    pub(super) by: SalesMeasure,
    pub(super) ascending: bool,
    pub(super) limit: i64,
}

const FIGURES: &str = "coalesce(sum(gross_minor), 0)::bigint AS gross, \
                       coalesce(sum(off_minor), 0)::bigint AS off, \
                       coalesce(sum(quantity), 0)::bigint AS quantity, \
                       count(DISTINCT order_id) AS orders";

impl<'a> Slice<'a> {
    pub(super) fn with_range(&self, range: Range) -> Self {
        Self { from: Some(range.from), to: Some(range.to), ..*self }
    }

    pub(super) async fn total(&self, db: &mut PgConnection) -> sqlx::Result<SalesFigures> {
        let mut sql = QueryBuilder::new(format!("SELECT {FIGURES}"));
        self.push_from(&mut sql);
        figures(&sql.build().fetch_one(db).await?)
    }

    pub(super) async fn row_count(&self, db: &mut PgConnection) -> sqlx::Result<i64> {
        let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
        self.push_from(&mut sql);
        self.push_group(&mut sql);
        sql.push(") AS grouped");
        sql.build_query_scalar().fetch_one(db).await
    }

    /// First and last date with sales, and the currency of the newest.
    pub(super) async fn extent(
        &self,
        db: &mut PgConnection,
    ) -> sqlx::Result<(Option<NaiveDate>, Option<NaiveDate>, String)> {
        let mut sql = QueryBuilder::new(
            "SELECT min(business_date), max(business_date), \
             coalesce((array_agg(currency_code ORDER BY business_date DESC))[1], '')",
        );
        let open = Self { from: None, to: None, ..*self };
        open.push_from(&mut sql);
        sql.build_query_as().fetch_one(db).await
    }

    pub(super) async fn rows(
        &self,
        db: &mut PgConnection,
        order: &Order,
    ) -> sqlx::Result<Vec<Sum>> {
        let mut sql = QueryBuilder::new(format!("SELECT {FIGURES}"));
        for (at, dimension) in self.dimensions.iter().enumerate() {
            let (id, name) = self.expressions(*dimension);
            sql.push(format!(", {id} AS id{at}, {name} AS name{at}"));
        }
        self.push_from(&mut sql);
        self.push_group(&mut sql);
        sql.push(self.order_clause(order));
        sql.push(" LIMIT ").push_bind(order.limit);
        let rows = sql.build().fetch_all(db).await?;
        rows.iter().map(|row| self.sum(row)).collect()
    }

    fn sum(&self, row: &PgRow) -> sqlx::Result<Sum> {
        let keys = self.dimensions.iter().enumerate().map(|(at, dimension)| {
            Ok(SalesKey {
                dimension: (*dimension).into(),
                id: row.try_get(&*format!("id{at}"))?,
                name: row.try_get(&*format!("name{at}"))?,
            })
        });
        Ok(Sum { keys: keys.collect::<sqlx::Result<_>>()?, figures: figures(row)? })
    }

    fn push_from(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        sql.push(" FROM sales WHERE tenant_id = ").push_bind(self.scope.tenant.clone());
        // A line of which nothing will come is no order of its product.
        sql.push(" AND quantity > 0");
        self.scope.push(sql, "region_ids");
        if let Some(from) = self.from {
            sql.push(" AND business_date >= ").push_bind(from);
        }
        if let Some(to) = self.to {
            sql.push(" AND business_date <= ").push_bind(to);
        }
        for filter in self.filters {
            let test = match filter.dimension() {
                SalesDimension::Region => "region_ids && ",
                SalesDimension::Dealer => "dealer_id = ANY",
                SalesDimension::Category => "category = ANY",
                SalesDimension::Product => "product_id = ANY",
                SalesDimension::Order => "order_id = ANY",
                // Refused when the request was parsed.
                SalesDimension::Period | SalesDimension::Unspecified => continue,
            };
            sql.push(" AND ").push(test).push("(").push_bind(filter.ids.clone()).push(")");
        }
    }

    fn push_group(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        for (at, dimension) in self.dimensions.iter().enumerate() {
            let id = self.expressions(*dimension).0;
            sql.push(if at == 0 { " GROUP BY " } else { ", " }).push(id);
        }
    }

    fn order_clause(&self, order: &Order) -> String {
        let direction = if order.ascending { "ASC" } else { "DESC" };
        let measure = match order.by {
            SalesMeasure::Unspecified | SalesMeasure::Gross => "gross",
            SalesMeasure::Quantity => "quantity",
            SalesMeasure::Orders => "orders",
            SalesMeasure::AverageOrder => {
                "coalesce(sum(gross_minor), 0)::numeric / greatest(count(DISTINCT order_id), 1)"
            }
        };
        match self.dimensions {
            [] => String::new(),
            [SalesDimension::Period, ..] => format!(" ORDER BY id0, {measure} {direction}"),
            // Equal rows need an order of their own, or pages and screens would flicker.
            [..] => format!(" ORDER BY {measure} {direction}, id0"),
        }
    }

    /// The id and the name of a dimension's value, as SQL.
    fn expressions(&self, dimension: SalesDimension) -> (String, String) {
        let pair = |id: &str, name: &str| (id.to_owned(), format!("max({name})"));
        match dimension {
            SalesDimension::Region => {
                let (id, name) = region_below(self.region().as_ref());
                (id, format!("max({name})"))
            }
            SalesDimension::Dealer => pair("dealer_id", "dealer_name"),
            SalesDimension::Category => pair("category", "category"),
            SalesDimension::Product => pair("product_id", "product_name"),
            SalesDimension::Order => pair("order_id", "dealer_name"),
            SalesDimension::Period | SalesDimension::Unspecified => {
                let unit = match self.grain {
                    Grain::Unspecified | Grain::Day => "day",
                    Grain::Week => "week",
                    Grain::Month => "month",
                    Grain::Quarter => "quarter",
                    Grain::Year => "year",
                };
                let start = format!("date_trunc('{unit}', business_date::timestamp)::date::text");
                (start.clone(), format!("max({start})"))
            }
        }
    }

    /// The region that is filtered by; one that no region can be has nothing below it.
    fn region(&self) -> Option<RegionId> {
        let regions = |filter: &&SalesFilter| filter.dimension() == SalesDimension::Region;
        self.filters.iter().find(regions)?.ids.first()?.parse().ok()
    }
}

fn figures(row: &PgRow) -> sqlx::Result<SalesFigures> {
    let (gross, orders): (i64, i64) = (row.try_get("gross")?, row.try_get("orders")?);
    Ok(SalesFigures {
        gross_minor: gross,
        quantity: row.try_get("quantity")?,
        orders,
        average_order_minor: average(gross, orders),
        off_minor: row.try_get("off")?,
    })
}

/// Gross ÷ orders, rounded half up; 0 without orders.
fn average(gross: i64, orders: i64) -> i64 {
    if orders == 0 {
        return 0;
    }
    (2 * gross + orders).div_euclid(2 * orders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_rounded_half_up() {
        assert_eq!(average(10, 4), 3);
        assert_eq!(average(9, 4), 2);
        assert_eq!(average(0, 0), 0);
    }
}
