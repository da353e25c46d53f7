//! Which orders wait, for what and since when, and how long they may: rows for [`crate::expiring`].

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection};
use order::order::expiring::{Turn, Waited};
use order::order::{Order, OrderEvent};
use order::order_rules::{OrderRules, OrderRulesEvent, Rules};

kernel::facts!(
    pub(crate) enum WaitFact {
        Order(Order),
        Rules(OrderRules),
    }
);

pub(crate) struct FollowWaits;

impl Projection for FollowWaits {
    const NAME: &'static str = "follow-waiting-orders";
    const CONTEXT: &'static str = "order";
    type Facts = WaitFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: WaitFact,
    ) -> Result<(), ProjectError> {
        match fact {
            WaitFact::Order(event) => order(db, recorded, &event).await,
            WaitFact::Rules(OrderRulesEvent::OrderRulesSet(rules)) => {
                limits(db, recorded, rules).await
            }
        }
    }
}

/// What an order waits for, as the rows have it.
pub(crate) fn name(waited: Waited) -> &'static str {
    match waited {
        Waited::Payment => "payment",
        Waited::Credit => "credit",
        Waited::Review => "review",
    }
}

/// An order that waits for the same as before has done so since before, but for its review: that
/// begins anew whenever it is asked for, and an order that was sent back does not wait for it.
async fn order(
    db: &mut Db<'_>,
    recorded: &Recorded,
    event: &OrderEvent,
) -> Result<(), ProjectError> {
    let Some(waited) = Waited::of(event.status()) else {
        sqlx::query("DELETE FROM order_deadlines WHERE tenant_id = $1 AND order_id = $2")
            .bind(&recorded.tenant)
            .bind(&recorded.object_id)
            .execute(db.sql().await?)
            .await?;
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO order_deadlines AS d
             (tenant_id, order_id, waited, since, version, next_at, sent_back)
         VALUES ($1, $2, $3, $4, $5, $4, coalesce($6, false))
         ON CONFLICT (tenant_id, order_id) DO UPDATE SET waited = $3, version = $5, next_at = $4,
             sent_back = coalesce($6, d.sent_back),
             since = CASE WHEN d.waited = $3 AND ($3 <> 'review' OR $6 IS NULL)
                 THEN d.since ELSE $4 END",
    )
    .bind(&recorded.tenant)
    .bind(&recorded.object_id)
    .bind(name(waited))
    .bind(recorded.recorded_at)
    .bind(recorded.version.cast_signed())
    .bind(Turn::of(event).map(|turn| turn == Turn::Orderer))
    .execute(db.sql().await?)
    .await?;
    Ok(())
}

async fn limits(db: &mut Db<'_>, recorded: &Recorded, rules: Rules) -> Result<(), ProjectError> {
    sqlx::query("DELETE FROM order_limits WHERE tenant_id = $1")
        .bind(&recorded.tenant)
        .execute(db.sql().await?)
        .await?;
    for waited in [Waited::Payment, Waited::Credit, Waited::Review] {
        let Some(hours) = rules.waiting.hours(waited) else { continue };
        sqlx::query("INSERT INTO order_limits (tenant_id, waited, hours) VALUES ($1, $2, $3)")
            .bind(&recorded.tenant)
            .bind(name(waited))
            .bind(i32::try_from(hours).unwrap_or(i32::MAX))
            .execute(db.sql().await?)
            .await?;
    }
    Ok(())
}
