//! What orders left owed on credit, in days of deliveries on credit (回款周期).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proto::bi::v1::DaysSalesOutstanding;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::{Asked, days, part};

/// What was delivered on credit and what is owed of it, in some days.
#[derive(Clone)]
pub(super) struct Owing {
    /// The first day of them; none when nothing was ever delivered on credit.
    from: Option<NaiveDate>,
    to: NaiveDate,
    delivered: i64,
    receivable: i64,
    /// Of all of it; none where it is in several, which nobody can add up.
    currency_code: Option<String>,
}

impl Owing {
    pub(super) fn told(&self) -> DaysSalesOutstanding {
        let window = self.from.map_or(0, |from| days((from, self.to)));
        let Some(currency_code) = self.currency_code.clone() else {
            return DaysSalesOutstanding { window_days: window, ..Default::default() };
        };
        DaysSalesOutstanding {
            currency_code,
            known: self.delivered > 0,
            days_x10: part(self.receivable, window * 10, self.delivered),
            receivable_minor: self.receivable,
            delivered_minor: self.delivered,
            window_days: window,
        }
    }
}

/// That of all orders that are seen.
pub(super) async fn total(db: &mut PgConnection, asked: &Asked) -> sqlx::Result<Owing> {
    let to = asked.to.unwrap_or(asked.today);
    let mut all = sums(db, asked, (false, asked.from, to)).await?;
    let nothing = Owing {
        from: asked.from,
        to,
        delivered: 0,
        receivable: 0,
        currency_code: Some(String::new()),
    };
    Ok(all.pop().map_or(nothing, |(_, it)| it))
}

/// That of each row, in the days of the total.
pub(super) async fn rows(
    db: &mut PgConnection,
    asked: &Asked,
    total: &Owing,
) -> sqlx::Result<BTreeMap<String, Owing>> {
    Ok(sums(db, asked, (true, total.from, total.to)).await?.into_iter().collect())
}

async fn sums(
    db: &mut PgConnection,
    asked: &Asked,
    (grouped, from, to): (bool, Option<NaiveDate>, NaiveDate),
) -> sqlx::Result<Vec<(String, Owing)>> {
    let mut sql = asked.seen(grouped);
    sql.push("), moved AS (SELECT s.row_id, (c.occurred_at AT TIME ZONE ");
    sql.push_bind(&asked.time_zone);
    sql.push(
        ")::date AS day, c.delivered_minor, c.paid_minor, c.currency_code \
         FROM seen s \
         JOIN order_metric_credit c USING (tenant_id, order_id)) \
         SELECT row_id, min(day) AS first, \
         CASE WHEN count(DISTINCT currency_code) = 1 THEN min(currency_code) END AS currency, \
         coalesce(sum(delivered_minor) FILTER (WHERE day >= coalesce(",
    );
    sql.push_bind(from);
    sql.push(
        ", day)), 0)::bigint AS delivered, \
         coalesce(sum(delivered_minor - paid_minor), 0)::bigint AS receivable \
         FROM moved WHERE day <= ",
    );
    sql.push_bind(to).push(" GROUP BY row_id");
    let rows = sql.build().fetch_all(db).await?;
    rows.iter().map(|row| owing(row, from, to)).collect()
}

fn owing(row: &PgRow, from: Option<NaiveDate>, to: NaiveDate) -> sqlx::Result<(String, Owing)> {
    // Nothing is paid before it was delivered, so the first of both is a delivery.
    let first: Option<NaiveDate> = row.try_get("first")?;
    let owing = Owing {
        from: from.or(first),
        to,
        delivered: row.try_get("delivered")?,
        receivable: row.try_get("receivable")?,
        currency_code: row.try_get("currency")?,
    };
    Ok((row.try_get("row_id")?, owing))
}
