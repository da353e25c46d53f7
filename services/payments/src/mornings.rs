//! Each morning the bill of the day before is asked for and compared, provider by provider, and those
//! of days before that were not had on theirs; by hand the bill of any day.

use std::time::Duration;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Timelike as _, Utc};
use kernel::clock;
use kernel::failure::chain;
use kernel::log::{Log, ReadError};
use kernel::projection::Progress;
use psp::{Client, Provider, PspError};
use sqlx::{PgPool, Row as _};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::bills::{Booked, Comparison, compare};
use crate::merchants::Merchants;
use crate::teller::{Billed, Teller};

/// China's hours, which know no summer: providers count days by them.
const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => panic!("eight hours are less than a day"),
};
/// The hour in China from which on the bill of the day before is there: WeChat Pay says nine or ten.
const FROM: u32 = 10;
/// How often it is looked for a day that was not compared yet; the first time after as long.
const LOOK: Duration = Duration::from_secs(60);
/// How long it is waited for the rows of the newest facts.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a day is for whoever asks for its bill, and how long it is waited after a failure.
const LEASE: TimeDelta = TimeDelta::minutes(30);
/// How many days, the newest of them included, are asked for until their bills are had: a provider
/// that was away, or a program that was, for longer than that is a matter for people.
const BACK: u64 = 30;

/// Asks for bills and compares them.
#[derive(Clone)]
pub(crate) struct Mornings {
    pub(crate) pool: PgPool,
    pub(crate) merchants: Merchants,
    pub(crate) teller: Teller,
    /// The facts of payments, and how far the rows are.
    pub(crate) log: Log,
    pub(crate) progress: Progress,
}

/// Why a bill was not compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCompared {
    #[error("the tenant has no merchant of this provider")]
    NoMerchant,
    #[error("the provider gave no bill")]
    Provider(#[from] PspError),
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    #[error("the order role did not take it")]
    Order(#[from] Box<Status>),
    #[error("the log does not answer")]
    Log(#[from] ReadError),
    #[error("the rows are not those of the newest facts yet")]
    Behind,
}

impl From<Status> for NotCompared {
    fn from(status: Status) -> Self {
        Self::Order(Box::new(status))
    }
}

/// The day whose bill is due now; none before the hour at which providers have it.
fn due(now: DateTime<Utc>) -> Option<NaiveDate> {
    let there = now.with_timezone(&CHINA);
    if there.hour() < FROM { None } else { there.date_naive().checked_sub_days(Days::new(1)) }
}

/// The days that a bill is to be had of, for whoever has anything from a first day on: without one,
/// the newest alone. The oldest first, as they would have been compared each on its morning: what
/// stands in an earlier bill is missing in no later one.
fn days(newest: NaiveDate, first: Option<NaiveDate>) -> impl Iterator<Item = NaiveDate> {
    let oldest = newest.checked_sub_days(Days::new(BACK - 1)).unwrap_or(newest);
    let first = first.map_or(newest, |day| day.clamp(oldest, newest));
    first.iter_days().take_while(move |day| *day <= newest)
}

/// When a day begins in China.
fn begins(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_hms_opt(0, 0, 0)?.and_local_timezone(CHINA).single()?.to_utc())
}

impl Mornings {
    /// Looks for what is due until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => (),
            }
            let Some(day) = due(clock::now()) else { continue };
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                looked = self.all(day) => looked,
            };
            if let Err(error) = looked {
                tracing::warn!(error = %chain(&error), "bills were not looked for");
            }
        }
    }

    /// The bills, of a day and of those before it, of all who take money, as far as they were not
    /// compared yet. Whoever fails is asked for nothing else this time: its next day would fail, too.
    async fn all(&self, newest: NaiveDate) -> sqlx::Result<()> {
        for (tenant, provider) in self.accounts().await? {
            let Some(client) = self.merchants.client(&tenant, provider) else { continue };
            let undone = self.undone(&tenant, client, newest).await?;
            for day in undone {
                if !self.takes(&tenant, client, day).await? {
                    continue;
                }
                match self.compare(&tenant, provider, day, "").await {
                    Ok(_) => self.is_done(&tenant, client, day).await?,
                    Err(error) => {
                        tracing::warn!(tenant, provider = provider.as_ref(), %day,
                            error = %chain(&error), "a bill has to be asked for again");
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Days whose bills were not compared yet, the oldest first: those that stand in the table as not
    /// done, and those that are missing in it since the first that it has, or the first movement.
    async fn undone(
        &self,
        tenant: &str,
        client: &Client,
        newest: NaiveDate,
    ) -> sqlx::Result<Vec<NaiveDate>> {
        let first = sqlx::query_scalar(
            "SELECT least(
                 (SELECT min(day) FROM payment_bill_days
                  WHERE tenant_id = $1 AND provider = $2 AND merchant_id = $3),
                 (SELECT min((moved_at AT TIME ZONE 'Asia/Shanghai')::date) FROM payment_errands
                  WHERE tenant_id = $1 AND provider = $2 AND merchant_id = $3 AND moved_at >= $4))",
        );
        let (provider, merchant) = (client.provider().to_string(), client.merchant_id());
        let first = first.bind(tenant).bind(&provider).bind(merchant);
        // What moved before is none of the days that are asked for.
        let since = newest.checked_sub_days(Days::new(BACK)).and_then(begins);
        let first: Option<NaiveDate> = first.bind(since).fetch_one(&self.pool).await?;
        let done = sqlx::query_scalar(
            "SELECT day FROM payment_bill_days
             WHERE tenant_id = $1 AND provider = $2 AND merchant_id = $3 AND is_done AND day <= $4
             ORDER BY day DESC LIMIT $5",
        );
        let done = done.bind(tenant).bind(&provider).bind(merchant).bind(newest);
        let done: Vec<NaiveDate> = done.bind(BACK.cast_signed()).fetch_all(&self.pool).await?;
        Ok(days(newest, first).filter(|day| !done.contains(day)).collect())
    }

    /// Tenants with a contract, and those who have payments where one counts for all.
    async fn accounts(&self) -> sqlx::Result<Vec<(String, Provider)>> {
        let mut accounts = self.merchants.own();
        if self.merchants.is_trial() {
            let rows = sqlx::query(
                "SELECT DISTINCT tenant_id, provider FROM payment_errands WHERE paid_minor > 0",
            );
            for row in rows.fetch_all(&self.pool).await? {
                let provider: String = row.try_get("provider")?;
                if let Ok(provider) = provider.parse() {
                    accounts.push((row.try_get("tenant_id")?, provider));
                }
            }
        }
        accounts.sort_by(|a, b| (&a.0, a.1.as_ref()).cmp(&(&b.0, b.1.as_ref())));
        accounts.dedup();
        Ok(accounts)
    }

    /// Takes a day for as long as [`LEASE`], when it is not done and nobody else has it.
    async fn takes(&self, tenant: &str, client: &Client, day: NaiveDate) -> sqlx::Result<bool> {
        let now = clock::now();
        let taken = sqlx::query(
            "INSERT INTO payment_bill_days (tenant_id, provider, merchant_id, day, next_at)
             VALUES ($1, $2, $3, $4, $6)
             ON CONFLICT (tenant_id, provider, merchant_id, day) DO UPDATE SET next_at = $6
             WHERE NOT payment_bill_days.is_done AND payment_bill_days.next_at <= $5",
        );
        let taken =
            taken.bind(tenant).bind(client.provider().to_string()).bind(client.merchant_id());
        let taken = taken.bind(day).bind(now).bind(now + LEASE).execute(&self.pool).await?;
        Ok(taken.rows_affected() > 0)
    }

    async fn is_done(&self, tenant: &str, client: &Client, day: NaiveDate) -> sqlx::Result<()> {
        let done = sqlx::query(
            "UPDATE payment_bill_days SET is_done = true
             WHERE tenant_id = $1 AND provider = $2 AND merchant_id = $3 AND day = $4",
        );
        let done = done.bind(tenant).bind(client.provider().to_string()).bind(client.merchant_id());
        done.bind(day).execute(&self.pool).await.map(drop)
    }

    /// Asks for a bill, compares it and tells what came of it. A day without any movement leaves no
    /// trace; `asked_by` is empty in the morning.
    pub(crate) async fn compare(
        &self,
        tenant: &str,
        provider: Provider,
        day: NaiveDate,
        asked_by: &str,
    ) -> Result<(Comparison, Option<u64>), NotCompared> {
        let client = self.merchants.client(tenant, provider).ok_or(NotCompared::NoMerchant)?;
        let mut bill = client.statement(day).await?;
        // What was paid or refunded a moment ago must be known before it is said to be missing.
        let (head, mut progress) = (self.log.head().await?, self.progress.clone());
        let reached = tokio::time::timeout(PATIENCE, progress.reached(head)).await;
        reached.map_err(|_| NotCompared::Behind)?;
        let strangers =
            self.of_others(tenant, bill.iter().map(|it| it.payment_id.as_str())).await?;
        bill.retain(|line| !strangers.contains(&line.payment_id));
        let numbers: Vec<&str> = bill.iter().map(|it| it.payment_id.as_str()).collect();
        let booked = self.booked(tenant, client, day, &numbers).await?;
        let comparison = compare(&bill, &booked);
        if comparison.is_empty() {
            return Ok((comparison, None));
        }
        let merchant = client.merchant_id();
        let billed = Billed { tenant, provider, merchant, day, asked_by };
        let position = self.teller.compared(&billed, &comparison).await?;
        self.noted(tenant, day, &comparison).await?;
        Ok((comparison, Some(position)))
    }

    /// Numbers of payments of other tenants: for a trial they share a merchant.
    async fn of_others<'a>(
        &self,
        tenant: &str,
        numbers: impl Iterator<Item = &'a str>,
    ) -> sqlx::Result<Vec<String>> {
        if !self.merchants.is_trial() {
            return Ok(Vec::new());
        }
        let numbers: Vec<&str> = numbers.collect();
        let others = sqlx::query_scalar(
            "SELECT DISTINCT payment_id FROM payment_errands
             WHERE tenant_id <> $1 AND payment_id = ANY($2)",
        );
        others.bind(tenant).bind(numbers).fetch_all(&self.pool).await
    }

    /// What is on record of the payments of a bill, and all that is of its day.
    async fn booked(
        &self,
        tenant: &str,
        client: &Client,
        day: NaiveDate,
        numbers: &[&str],
    ) -> sqlx::Result<Vec<Booked>> {
        let from = begins(day).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let rows = sqlx::query(
            "SELECT payment_id, refund_id,
                    CASE WHEN refund_id = '' THEN paid_minor ELSE amount_minor END AS amount,
                    CASE WHEN refund_id = '' THEN paid_minor > 0 ELSE moved_at IS NOT NULL END
                        AS is_done,
                    coalesce(moved_at >= $4 AND moved_at < $5
                             AND (billed_on IS NULL OR billed_on = $6), false) AS is_of_day
             FROM payment_errands
             WHERE tenant_id = $1 AND provider = $2
             AND (payment_id = ANY($7)
                  OR (merchant_id = $3 AND moved_at >= $4 AND moved_at < $5))",
        );
        let rows = rows.bind(tenant).bind(client.provider().to_string()).bind(client.merchant_id());
        let rows = rows.bind(from).bind(from + TimeDelta::days(1)).bind(day).bind(numbers);
        let rows = rows.fetch_all(&self.pool).await?;
        let booked = |row: &sqlx::postgres::PgRow| {
            Ok(Booked {
                payment_id: row.try_get("payment_id")?,
                refund_id: row.try_get("refund_id")?,
                amount: values::Minor(row.try_get("amount")?),
                is_done: row.try_get("is_done")?,
                is_of_day: row.try_get("is_of_day")?,
            })
        };
        rows.iter().map(booked).collect()
    }

    /// What stands in this bill is missing in that of no other day.
    async fn noted(
        &self,
        tenant: &str,
        day: NaiveDate,
        comparison: &Comparison,
    ) -> sqlx::Result<()> {
        let (payments, refunds): (Vec<_>, Vec<_>) = comparison.billed.iter().cloned().unzip();
        let noted = sqlx::query(
            "UPDATE payment_errands AS e SET billed_on = $2
             FROM unnest($3::text[], $4::text[]) AS billed (payment_id, refund_id)
             WHERE e.tenant_id = $1 AND e.payment_id = billed.payment_id
             AND e.refund_id = billed.refund_id",
        );
        noted
            .bind(tenant)
            .bind(day)
            .bind(payments)
            .bind(refunds)
            .execute(&self.pool)
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
    }

    #[test]
    fn the_bill_of_the_day_before_is_due_from_ten_in_china_on() {
        assert_eq!(due(at("2026-11-27T09:59:59+08:00")), None);
        assert_eq!(due(at("2026-11-27T10:00:00+08:00")), "2026-11-26".parse().ok());
        // It is still the 27th there, and the 26th is what was due all day.
        assert_eq!(due(at("2026-11-27T15:59:59Z")), "2026-11-26".parse().ok());
        assert_eq!(due(at("2026-11-27T16:00:00Z")), None);
    }

    #[test]
    fn days_that_were_not_had_are_asked_for_again_up_to_a_month_back() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let newest = day("2026-11-26");
        let all = |first| days(newest, first).collect::<Vec<_>>();
        assert_eq!(all(None), [newest], "of whom nothing is known");
        assert_eq!(all(Some(newest)), [newest]);
        assert_eq!(all(Some(day("2026-11-27"))), [newest], "a first day that is still to come");
        let three = [day("2026-11-24"), day("2026-11-25"), newest];
        assert_eq!(all(Some(day("2026-11-24"))), three);
        let most = all(Some(day("2026-01-01")));
        assert_eq!((most.len(), most.first()), (30, Some(&day("2026-10-28"))));
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let day = "2026-11-26".parse().expect("a day");
        assert_eq!(begins(day), Some(at("2026-11-25T16:00:00Z")));
    }
}
