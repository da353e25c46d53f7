//! The region tree of a tenant as read models have it, on any day.

use std::collections::BTreeMap;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use values::{BusinessDate, RegionId, RegionPlaces, RegionRef};

/// Regions with their places day by day.
pub(crate) struct Tree {
    pub(crate) places: RegionPlaces,
    /// In the order of their ids.
    pub(crate) regions: Vec<RegionRow>,
    /// Places and days of moves, in order of days.
    pub(crate) moves: Vec<MoveRow>,
}

/// A region, without its place.
pub(crate) struct RegionRow {
    pub(crate) region_id: RegionId,
    pub(crate) name: String,
    /// Its first day, if that is known.
    pub(crate) added_on: Option<BusinessDate>,
    /// Takes nothing new from this day on.
    pub(crate) retired_on: Option<BusinessDate>,
}

/// A move of a region, one that was or one that is announced.
pub(crate) struct MoveRow {
    pub(crate) region_id: RegionId,
    pub(crate) parent_id: RegionId,
    pub(crate) effective_on: BusinessDate,
}

impl Tree {
    /// Reads the tree of a tenant; it has 5,000 regions at most.
    pub(crate) async fn load(db: &mut PgConnection, tenant: &str) -> sqlx::Result<Self> {
        let found = sqlx::query(
            "SELECT region_id, name, parent_id, added_on, retired_on FROM regions
             WHERE tenant_id = $1 ORDER BY region_id",
        )
        .bind(tenant)
        .fetch_all(&mut *db)
        .await?;
        let moved = sqlx::query(
            "SELECT region_id, parent_id, effective_on FROM region_moves
             WHERE tenant_id = $1 ORDER BY effective_on, region_id",
        )
        .bind(tenant)
        .fetch_all(db)
        .await?;
        let mut places = RegionPlaces::default();
        let mut regions = Vec::with_capacity(found.len());
        for row in &found {
            let region = region(row)?;
            let RegionRow { region_id, name, added_on, .. } = &region;
            let parent_id = row.try_get::<&str, _>("parent_id")?;
            let parent_id = if parent_id.is_empty() { None } else { Some(id(parent_id)?) };
            let known = RegionRef { region_id: region_id.clone(), name: name.clone() };
            places.add(known, parent_id, *added_on);
            regions.push(region);
        }
        let moves = moved.iter().map(moved_region).collect::<sqlx::Result<Vec<_>>>()?;
        for MoveRow { region_id, parent_id, effective_on } in &moves {
            places.place(region_id, parent_id.clone(), *effective_on);
        }
        Ok(Self { places, regions, moves })
    }

    /// These regions and all that are below them on a day, by id. One that is not in the tree is
    /// itself and nothing more.
    pub(crate) fn with_all_below(&self, regions: &[String], on: BusinessDate) -> Vec<String> {
        let known: Vec<RegionId> = regions.iter().filter_map(|id| id.parse().ok()).collect();
        self.places.within(&known, on).into_iter().map(ToString::to_string).collect()
    }
}

fn region(row: &PgRow) -> sqlx::Result<RegionRow> {
    let day = |column: &str| {
        let day: Option<chrono::NaiveDate> = row.try_get(column)?;
        Ok::<_, sqlx::Error>(day.map(BusinessDate::from))
    };
    Ok(RegionRow {
        region_id: id(row.try_get("region_id")?)?,
        name: row.try_get("name")?,
        added_on: day("added_on")?,
        retired_on: day("retired_on")?,
    })
}

fn moved_region(row: &PgRow) -> sqlx::Result<MoveRow> {
    Ok(MoveRow {
        region_id: id(row.try_get("region_id")?)?,
        parent_id: id(row.try_get("parent_id")?)?,
        effective_on: row.try_get::<chrono::NaiveDate, _>("effective_on")?.into(),
    })
}

fn id(text: &str) -> sqlx::Result<RegionId> {
    text.parse().map_err(|error: values::InvalidId| sqlx::Error::Decode(error.into()))
}

/// How many dealers each region has, without those below it.
pub(crate) async fn dealers(
    db: &mut PgConnection,
    tenant: &str,
) -> sqlx::Result<BTreeMap<String, i64>> {
    let counted: Vec<(String, i64)> = sqlx::query_as(
        "SELECT region_id, count(*) FROM dealers WHERE tenant_id = $1 GROUP BY region_id",
    )
    .bind(tenant)
    .fetch_all(db)
    .await?;
    Ok(counted.into_iter().collect())
}
