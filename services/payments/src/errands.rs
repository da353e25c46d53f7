//! The rows of what is to be asked of providers: what is due, and when it is due again.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::worker::ROOM;

/// How long whoever asks has a row for themselves: longer than all calls of an errand together.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// Errands of one desk under way at the same time.
const SHARE: i64 = 8;
/// Errands with one provider under way at the same time, whatever their brands: when it hangs, it
/// does so for all of them, and leaves the other half of the room to others.
const SHARE_OF_PROVIDER: i64 = ROOM / 2;
/// How long rows of payments are kept that nobody has paid; of the others money may go back.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What is asked of a provider next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::AsRefStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Step {
    /// Something that whoever pays can open.
    Present,
    /// Whether it was paid.
    LookUp,
    /// To take no money any more.
    Close,
    /// To send money back.
    Refund,
    /// Whether the money is back.
    LookUpRefund,
    /// Nothing.
    Done,
}

/// Something that is due, taken by whoever asked for it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Errand {
    pub(crate) tenant_id: String,
    pub(crate) payment_id: String,
    pub(crate) refund_id: String,
    pub(crate) replaces: String,
    pub(crate) merchant_id: String,
    pub(crate) order_id: String,
    pub(crate) provider: String,
    pub(crate) scene: String,
    pub(crate) amount_minor: i64,
    pub(crate) paid_minor: i64,
    pub(crate) reason: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) step: String,
    pub(crate) tries: i32,
    pub(crate) claim: Uuid,
}

/// The table, with the rows of all tenants.
#[derive(Clone)]
pub(crate) struct Errands(pub(crate) PgPool);

/// With whom an errand is: what one provider is slow at for a brand must not wait for others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Desk {
    pub(crate) tenant_id: String,
    pub(crate) provider: String,
}

impl From<&Errand> for Desk {
    fn from(Errand { tenant_id, provider, .. }: &Errand) -> Self {
        Self { tenant_id: tenant_id.clone(), provider: provider.clone() }
    }
}

impl Errands {
    /// Takes what is due, for as long as [`LEASE`]: first what somebody waits for, then each desk's
    /// next; and never so much of one desk, or of one provider, that more than its share is under
    /// way here.
    pub(crate) async fn take(
        &self,
        now: DateTime<Utc>,
        most: i64,
        under_way: &HashMap<Desk, i64>,
    ) -> sqlx::Result<Vec<Errand>> {
        let tenants: Vec<_> = under_way.keys().map(|desk| desk.tenant_id.as_str()).collect();
        let providers: Vec<_> = under_way.keys().map(|desk| desk.provider.as_str()).collect();
        let counts: Vec<_> = under_way.values().copied().collect();
        let rows = sqlx::query_as(
            "WITH busy AS (
                 SELECT * FROM unnest($4::text[], $5::text[], $6::bigint[])
                     AS desk (tenant_id, provider, errands)
             ), at_desk AS (
                 SELECT e.tenant_id, e.payment_id, e.refund_id, e.provider, e.step, e.next_at,
                     coalesce(busy.errands, 0)
                     + row_number() OVER (PARTITION BY e.tenant_id, e.provider
                                          ORDER BY e.step <> 'present', e.next_at) AS place
                 FROM payment_errands e LEFT JOIN busy USING (tenant_id, provider)
                 WHERE e.step <> 'done' AND e.next_at <= $1
             ), ranked AS (
                 SELECT d.*, coalesce(b.errands, 0)
                     + row_number() OVER (PARTITION BY d.provider
                                          ORDER BY d.step <> 'present', d.place, d.next_at) AS turn
                 FROM at_desk d LEFT JOIN (
                     SELECT provider, sum(errands) AS errands FROM busy GROUP BY provider
                 ) b USING (provider) WHERE d.place <= $7
             ), due AS (
                 SELECT e.tenant_id, e.payment_id, e.refund_id
                 FROM payment_errands e JOIN ranked USING (tenant_id, payment_id, refund_id)
                 WHERE ranked.turn <= $8 AND e.step <> 'done' AND e.next_at <= $1
                 ORDER BY e.step <> 'present', ranked.place, e.next_at
                 LIMIT $2 FOR UPDATE OF e SKIP LOCKED
             )
             UPDATE payment_errands AS e SET next_at = $3, claim = gen_random_uuid()
             FROM due WHERE e.tenant_id = due.tenant_id AND e.payment_id = due.payment_id
                 AND e.refund_id = due.refund_id
             RETURNING e.*",
        );
        let rows = rows.bind(now).bind(most).bind(now + LEASE);
        let rows =
            rows.bind(tenants).bind(providers).bind(counts).bind(SHARE).bind(SHARE_OF_PROVIDER);
        rows.fetch_all(&self.0).await
    }

    /// Says what is asked next and when, unless facts or somebody else said so meanwhile.
    pub(crate) async fn next(
        &self,
        errand: &Errand,
        step: Step,
        at: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE payment_errands SET next_at = $5, claim = NULL, step = $6,
                 tries = CASE WHEN step = $6 OR (refund_id <> '' AND $6 <> 'done') THEN tries + 1
                     ELSE 0 END
             WHERE tenant_id = $1 AND payment_id = $2 AND refund_id = $3 AND claim = $4",
        )
        .bind(&errand.tenant_id)
        .bind(&errand.payment_id)
        .bind(&errand.refund_id)
        .bind(errand.claim)
        .bind(at)
        .bind(step.as_ref())
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Notes for whom a payment is presented: nobody else is asked about it.
    pub(crate) async fn presented_for(
        &self,
        errand: &Errand,
        merchant_id: &str,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE payment_errands SET merchant_id = $3
             WHERE tenant_id = $1 AND payment_id = $2",
        )
        .bind(&errand.tenant_id)
        .bind(&errand.payment_id)
        .bind(merchant_id)
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Has refunds of a payment looked up at once, also those that have failed: their provider has
    /// something to tell.
    pub(crate) async fn hurry(
        &self,
        tenant: &str,
        payment_id: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE payment_errands SET next_at = $3, step = 'look_up_refund'
             WHERE tenant_id = $1 AND payment_id = $2 AND refund_id <> '' AND claim IS NULL
                 AND step IN ('look_up_refund', 'done')",
        )
        .bind(tenant)
        .bind(payment_id)
        .bind(now)
        .execute(&self.0)
        .await
        .map(drop)
    }

    /// Deletes what is older than it is kept.
    pub(crate) async fn clean(&self, now: DateTime<Utc>) -> sqlx::Result<()> {
        let old = "DELETE FROM payment_errands
                   WHERE step = 'done' AND paid_minor = 0 AND created_at < $1";
        sqlx::query(old).bind(now - KEPT).execute(&self.0).await.map(drop)
    }
}
