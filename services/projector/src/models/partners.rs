//! The region tree and the dealers in it.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use partner::dealer::{Dealer, DealerEvent};
use partner::region_tree::{RegionEvent, RegionTree};
use serde_json::json;
use sqlx::PgConnection;

use super::sales::regions;

kernel::facts!(
    pub(crate) enum PartnerFact {
        Region(RegionTree),
        Dealer(Dealer),
    }
);

const REGIONS: Table = Table { name: "regions", key: &["tenant_id", "region_id"] };
const DEALERS: Table = Table { name: "dealers", key: &["tenant_id", "dealer_id"] };

pub(crate) struct Partners;

impl Projection for Partners {
    const NAME: &'static str = "partners";
    const CONTEXT: &'static str = "partner";
    const TABLES: &'static [&'static Table] = &[&REGIONS, &DEALERS];
    const SCHEMA: &'static str = include_str!("partners.sql");
    type Facts = PartnerFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: PartnerFact,
    ) -> Result<(), ProjectError> {
        match fact {
            // The path of a region is made from the row of its parent.
            PartnerFact::Region(event) => {
                Ok(region(db.sql().await?, &recorded.tenant, event).await?)
            }
            PartnerFact::Dealer(event) => dealer(db, recorded, event),
        }
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

fn dealer(db: &mut Db<'_>, recorded: &Recorded, event: DealerEvent) -> Result<(), ProjectError> {
    let DealerEvent::DealerRegistered { dealer_id, name, city, region_path } = event;
    let (ids, names) = regions(&region_path);
    let row = json!({
        "tenant_id": recorded.tenant,
        "dealer_id": dealer_id,
        "name": name,
        "region_id": ids.last(),
        "region_path": ids,
        "region_name": names.last(),
        "city": city,
        "registered_at": recorded.recorded_at,
    });
    db.insert(&DEALERS, row)
}
