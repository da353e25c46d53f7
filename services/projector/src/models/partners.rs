//! The region tree and the dealers in it.

use kernel::Recorded;
use kernel::projection::{ProjectError, Projection};
use partner::dealer::{Dealer, DealerEvent};
use partner::region_tree::{RegionEvent, RegionTree};
use sqlx::PgConnection;

use super::sales::regions;

kernel::facts!(
    pub(crate) enum PartnerFact {
        Region(RegionTree),
        Dealer(Dealer),
    }
);

pub(crate) struct Partners;

impl Projection for Partners {
    const NAME: &'static str = "partners";
    const CONTEXT: &'static str = "partner";
    const TABLES: &'static [&'static str] = &["regions", "dealers"];
    type Facts = PartnerFact;

    async fn project(
        &self,
        db: &mut PgConnection,
        recorded: &Recorded,
        fact: PartnerFact,
    ) -> Result<(), ProjectError> {
        match fact {
            PartnerFact::Region(event) => region(db, &recorded.tenant, event).await?,
            PartnerFact::Dealer(event) => dealer(db, recorded, event).await?,
        }
        Ok(())
    }
}

async fn region(db: &mut PgConnection, tenant: &str, event: RegionEvent) -> sqlx::Result<()> {
    match event {
        RegionEvent::RegionAdded { region_id, name, parent_id } => {
            let parent_id = parent_id.map(|id| id.to_string()).unwrap_or_default();
            sqlx::query(
                "INSERT INTO regions SELECT $1, $2, $3, $4, coalesce((SELECT path FROM regions
                 WHERE tenant_id = $1 AND region_id = $4), '{}') || ARRAY[$2]",
            )
            .bind(tenant)
            .bind(region_id.as_str())
            .bind(name)
            .bind(parent_id)
            .execute(db)
            .await?;
        }
        RegionEvent::RegionRenamed { region_id, name } => {
            sqlx::query("UPDATE regions SET name = $3 WHERE tenant_id = $1 AND region_id = $2")
                .bind(tenant)
                .bind(region_id.as_str())
                .bind(&name)
                .execute(&mut *db)
                .await?;
            sqlx::query(
                "UPDATE dealers SET region_name = $3 WHERE tenant_id = $1 AND region_id = $2",
            )
            .bind(tenant)
            .bind(region_id.as_str())
            .bind(name)
            .execute(db)
            .await?;
        }
    }
    Ok(())
}

async fn dealer(
    db: &mut PgConnection,
    recorded: &Recorded,
    event: DealerEvent,
) -> sqlx::Result<()> {
    let DealerEvent::DealerRegistered { dealer_id, name, city, region_path } = event;
    let (ids, names) = regions(&region_path);
    sqlx::query("INSERT INTO dealers VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(&recorded.tenant)
        .bind(dealer_id.as_str())
        .bind(name)
        .bind(ids.last())
        .bind(&ids)
        .bind(names.last())
        .bind(city)
        .bind(recorded.recorded_at)
        .execute(db)
        .await
        .map(drop)
}
