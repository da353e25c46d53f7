//! The region tree, the dealers in it, and what kinds of dealers there are.

use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use partner::dealer::{Dealer, DealerEvent};
use partner::dealer_classes::{DealerClasses, DealerClassesEvent};
use partner::region_tree::{AnnouncedChange, RegionEvent, RegionTree};
use serde_json::{Value, json};
use values::{BusinessDate, RegionId};

use super::since;

kernel::facts!(
    pub(crate) enum PartnerFact {
        Region(RegionTree),
        Dealer(Dealer),
        Classes(DealerClasses),
    }
);

const REGIONS: Table = Table { name: "regions", key: &["tenant_id", "region_id"] };
const MOVES: Table =
    Table { name: "region_moves", key: &["tenant_id", "region_id", "effective_on"] };
const DEALERS: Table = Table { name: "dealers", key: &["tenant_id", "dealer_id"] };
const CLASSES: Table = Table { name: "dealer_classes", key: &["tenant_id", "kind", "class_id"] };
const CLASS_CHANGES: Table =
    Table { name: "dealer_class_changes", key: &["tenant_id", "dealer_id", "effective_on"] };
/// What the classes of dealers are.
pub(crate) const LEVEL: &str = "level";
pub(crate) const CHANNEL: &str = "channel";

pub(crate) struct Partners;

impl Projection for Partners {
    const NAME: &'static str = "partners";
    const CONTEXT: &'static str = "partner";
    const VERSION: u32 = 3;
    const TABLES: &'static [&'static Table] =
        &[&REGIONS, &MOVES, &DEALERS, &CLASSES, &CLASS_CHANGES];
    const SCHEMA: &'static str = include_str!("partners.sql");
    type Facts = PartnerFact;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        fact: PartnerFact,
    ) -> Result<(), ProjectError> {
        match fact {
            PartnerFact::Region(event) => region(db, &recorded.tenant, event),
            PartnerFact::Dealer(event) => dealer(db, recorded, event),
            PartnerFact::Classes(event) => classes(db, &recorded.tenant, event),
        }
    }
}

/// Days are kept as they were announced, and compared when somebody asks: nothing has to happen
/// when one begins.
fn region(db: &mut Db<'_>, tenant: &str, event: RegionEvent) -> Result<(), ProjectError> {
    match event {
        RegionEvent::RegionAdded { region_id, name, parent_id, added_on } => {
            let parent_id = parent_id.map(|id| id.to_string()).unwrap_or_default();
            let row = json!({
                "tenant_id": tenant,
                "region_id": region_id,
                "name": name,
                "parent_id": parent_id,
                "added_on": added_on,
                "retired_on": null,
            });
            db.insert(&REGIONS, row)
        }
        RegionEvent::RegionRenamed { region_id, name } => {
            let row = json!({ "tenant_id": tenant, "region_id": region_id, "name": name });
            db.update(&REGIONS, row)
        }
        RegionEvent::RegionMoved { region_id, parent_id, effective_on } => {
            let row = json!({
                "tenant_id": tenant,
                "region_id": region_id,
                "effective_on": effective_on,
                "parent_id": parent_id,
            });
            // A move of today may be put right on the same day.
            db.upsert(&MOVES, row)
        }
        RegionEvent::RegionRetired { region_id, effective_on } => {
            db.update(&REGIONS, retired(tenant, &region_id, Some(effective_on)))
        }
        RegionEvent::RegionChangeCancelled { region_id, change, effective_on } => match change {
            AnnouncedChange::Move => db.delete(
                &MOVES,
                json!({
                    "tenant_id": tenant, "region_id": region_id, "effective_on": effective_on,
                }),
            ),
            AnnouncedChange::Retirement => db.update(&REGIONS, retired(tenant, &region_id, None)),
        },
    }
}

fn retired(tenant: &str, region_id: &RegionId, on: Option<BusinessDate>) -> Value {
    json!({ "tenant_id": tenant, "region_id": region_id, "retired_on": on })
}

fn dealer(db: &mut Db<'_>, recorded: &Recorded, event: DealerEvent) -> Result<(), ProjectError> {
    match event {
        DealerEvent::DealerRegistered { dealer_id, name, city, region_path } => {
            let row = json!({
                "tenant_id": recorded.tenant,
                "dealer_id": dealer_id,
                "name": name,
                "region_id": region_path.own().map(|region| &region.region_id),
                "city": city,
                "registered_at": recorded.recorded_at,
            });
            db.insert(&DEALERS, row)
        }
        DealerEvent::DealerClassified { dealer_id, class, effective_on } => {
            let row = json!({
                "tenant_id": recorded.tenant,
                "dealer_id": dealer_id,
                "effective_on": since(effective_on),
                "level_id": class.level_id,
                "channel_id": class.channel_id,
            });
            db.upsert(&CLASS_CHANGES, row)
        }
    }
}

fn classes(db: &mut Db<'_>, tenant: &str, event: DealerClassesEvent) -> Result<(), ProjectError> {
    let DealerClassesEvent::DealerClassesDefined { levels, channels } = event;
    let levels = levels.into_iter().map(|(id, name)| (LEVEL, id.to_string(), name));
    let channels = channels.into_iter().map(|(id, name)| (CHANNEL, id.to_string(), name));
    for (kind, class_id, name) in levels.chain(channels) {
        let row = json!({
            "tenant_id": tenant, "kind": kind, "class_id": class_id, "name": name,
        });
        db.upsert(&CLASSES, row)?;
    }
    Ok(())
}
