//! Lists of regions and dealers.

use std::collections::BTreeMap;

use kernel::failure::Violations;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use proto::partner::v1 as pb;
use proto::partner::v1::partner_query_service_server::PartnerQueryService;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use tonic::{Request, Response};
use values::BusinessDate;

use crate::models::partners::LEVEL;
use crate::read::{Page, Scope, date, failed, pattern, rfc3339, today, wait};
use crate::tree::{RegionRow, Tree, dealers};

/// Answers from the read models of regions and dealers.
#[derive(Clone)]
pub(crate) struct PartnerQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

#[tonic::async_trait]
impl PartnerQueryService for PartnerQueryApi {
    async fn list_regions(
        &self,
        request: Request<pb::ListRegionsRequest>,
    ) -> Reply<pb::ListRegionsResponse> {
        let (tenant, today) = (rpc::caller(&request)?.tenant.clone(), today(&request)?);
        let freshness = wait(&self.progress, request.into_inner().min_position).await?;
        let tree = self.tree(&tenant).await.map_err(failed)?;
        let regions = listed(&tree, today);
        Ok(Response::new(pb::ListRegionsResponse { regions, freshness: Some(freshness) }))
    }

    async fn get_region_tree(
        &self,
        request: Request<pb::GetRegionTreeRequest>,
    ) -> Reply<pb::GetRegionTreeResponse> {
        let mut violations = Violations::default();
        let as_of = date(&mut violations, "as_of", &request.get_ref().as_of);
        violations.finish(Some(()))?;
        let today = today(&request)?;
        let as_of = as_of.map_or(today, BusinessDate::from);
        let freshness = wait(&self.progress, request.get_ref().min_position).await?;
        let scope = Scope::of(&request, &self.pool).await?;
        let mut db = self.pool.begin(&scope.tenant).await.map_err(failed)?;
        let tree = Tree::load(&mut db, &scope.tenant).await.map_err(failed)?;
        let dealers = dealers(&mut db, &scope.tenant).await.map_err(failed)?;
        let mut answer = as_of_day(&tree, as_of, today);
        for region in &mut answer.regions {
            let is_seen = scope.regions.as_ref().is_none_or(|own| own.contains(&region.region_id));
            let counted = dealers.get(&region.region_id).copied().filter(|_| is_seen);
            region.dealers = counted.and_then(|count| count.try_into().ok()).unwrap_or_default();
        }
        Ok(Response::new(pb::GetRegionTreeResponse { freshness: Some(freshness), ..answer }))
    }

    async fn list_dealer_classes(
        &self,
        request: Request<pb::ListDealerClassesRequest>,
    ) -> Reply<pb::ListDealerClassesResponse> {
        let tenant = rpc::caller(&request)?.tenant.clone();
        let freshness = wait(&self.progress, request.into_inner().min_position).await?;
        let (levels, channels) = self.classes(&tenant).await.map_err(failed)?;
        let freshness = Some(freshness);
        Ok(Response::new(pb::ListDealerClassesResponse { levels, channels, freshness }))
    }

    async fn list_dealers(
        &self,
        request: Request<pb::ListDealersRequest>,
    ) -> Reply<pb::ListDealersResponse> {
        let today = today(&request)?;
        // The tree has to be as far as the list.
        let freshness = wait(&self.progress, request.get_ref().min_position).await?;
        let scope = Scope::of(&request, &self.pool).await?;
        let wanted = request.into_inner();
        let page = Page::of(wanted.page.clone())?;
        let regions = self.wanted_regions(&scope, &wanted.region_id, today).await;
        let regions = regions.map_err(failed)?;
        let found = self.dealers(&scope, regions, &wanted.search, (page, today)).await;
        let (dealers, total) = found.map_err(failed)?;
        Ok(Response::new(pb::ListDealersResponse {
            dealers,
            page: Some(page.info(total)),
            freshness: Some(freshness),
        }))
    }
}

impl PartnerQueryApi {
    async fn tree(&self, tenant: &str) -> sqlx::Result<Tree> {
        Tree::load(&mut *self.pool.begin(tenant).await?, tenant).await
    }

    /// The region asked for with all below it; none when no region was.
    async fn wanted_regions(
        &self,
        scope: &Scope,
        region_id: &str,
        today: BusinessDate,
    ) -> sqlx::Result<Option<Vec<String>>> {
        if region_id.is_empty() {
            return Ok(None);
        }
        let tree = self.tree(&scope.tenant).await?;
        Ok(Some(tree.with_all_below(&[region_id.to_owned()], today)))
    }

    async fn dealers(
        &self,
        scope: &Scope,
        regions: Option<Vec<String>>,
        search: &str,
        (page, today): (Page, BusinessDate),
    ) -> sqlx::Result<(Vec<pb::Dealer>, i64)> {
        let mut db = self.pool.begin(&scope.tenant).await?;
        let rows = sqlx::query(
            "SELECT d.*, coalesce(r.name, region_id) AS region_name, count(*) OVER () AS total,
                    coalesce(c.level_id, '') AS level_id, coalesce(c.channel_id, '') AS channel_id
             FROM dealers d LEFT JOIN regions r USING (tenant_id, region_id)
             LEFT JOIN LATERAL (
                 SELECT level_id, channel_id FROM dealer_class_changes
                 WHERE tenant_id = d.tenant_id AND dealer_id = d.dealer_id AND effective_on <= $8
                 ORDER BY effective_on DESC LIMIT 1) c ON true
             WHERE d.tenant_id = $1 AND ($2::text IS NULL OR dealer_id = $2)
             AND ($3::text[] IS NULL OR region_id = ANY($3))
             AND ($4::text IS NULL OR d.name ILIKE $4 OR dealer_id ILIKE $4 OR city ILIKE $4)
             AND ($5::text[] IS NULL OR region_id = ANY($5))
             ORDER BY d.name, dealer_id LIMIT $6 OFFSET $7",
        )
        .bind(&scope.tenant)
        .bind(&scope.dealer)
        .bind(regions)
        .bind(pattern(search))
        .bind(&scope.regions)
        .bind(page.limit)
        .bind(page.offset)
        .bind(today.day())
        .fetch_all(&mut *db)
        .await?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        let mut dealers: Vec<_> = rows.iter().map(dealer).collect::<sqlx::Result<_>>()?;
        // What a dealer will be is for the brand to say.
        if scope.dealer.is_none() {
            announce(&mut db, &scope.tenant, &mut dealers, today).await?;
        }
        Ok((dealers, total))
    }

    async fn classes(
        &self,
        tenant: &str,
    ) -> sqlx::Result<(Vec<pb::DealerLevel>, Vec<pb::DealerChannel>)> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT kind, class_id, name FROM dealer_classes WHERE tenant_id = $1
             ORDER BY kind, name, class_id",
        )
        .bind(tenant)
        .fetch_all(&mut *self.pool.begin(tenant).await?)
        .await?;
        let (levels, channels): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|(kind, _, _)| kind == LEVEL);
        let levels = levels.into_iter();
        let levels = levels.map(|(_, level_id, name)| pb::DealerLevel { level_id, name });
        let channels = channels.into_iter();
        let channels = channels.map(|(_, channel_id, name)| pb::DealerChannel { channel_id, name });
        Ok((levels.collect(), channels.collect()))
    }
}

/// Adds what was announced for the days after today.
async fn announce(
    db: &mut PgConnection,
    tenant: &str,
    dealers: &mut [pb::Dealer],
    today: BusinessDate,
) -> sqlx::Result<()> {
    let ids: Vec<String> = dealers.iter().map(|dealer| dealer.dealer_id.clone()).collect();
    let rows = sqlx::query(
        "SELECT dealer_id, effective_on, coalesce(level_id, '') AS level_id,
                coalesce(channel_id, '') AS channel_id FROM dealer_class_changes
         WHERE tenant_id = $1 AND dealer_id = ANY($2) AND effective_on > $3
         ORDER BY dealer_id, effective_on",
    )
    .bind(tenant)
    .bind(ids)
    .bind(today.day())
    .fetch_all(db)
    .await?;
    for row in &rows {
        let dealer_id: &str = row.try_get("dealer_id")?;
        let announced = pb::AnnouncedClass {
            effective_on: row.try_get::<chrono::NaiveDate, _>("effective_on")?.to_string(),
            level_id: row.try_get("level_id")?,
            channel_id: row.try_get("channel_id")?,
        };
        if let Some(dealer) = dealers.iter_mut().find(|dealer| dealer.dealer_id == dealer_id) {
            dealer.announced.push(announced);
        }
    }
    Ok(())
}

/// The regions with their ways from the root on a day, parents before children.
fn listed(tree: &Tree, on: BusinessDate) -> Vec<pb::Region> {
    let region = |region: &RegionRow| {
        let path = tree.places.path(&region.region_id, on)?;
        let above = path.iter().rev().nth(1);
        Some(pb::Region {
            region_id: region.region_id.to_string(),
            name: region.name.clone(),
            parent_id: above.map(|above| above.region_id.to_string()).unwrap_or_default(),
            path: path.ids().map(ToString::to_string).collect(),
            retired: region.retired_on.is_some_and(|retired_on| retired_on <= on),
        })
    };
    let mut regions: Vec<_> = tree.regions.iter().filter_map(region).collect();
    regions.sort_by(|a, b| {
        let of = |region: &pb::Region| (region.path.len(), region.name.clone());
        of(a).cmp(&of(b)).then_with(|| a.region_id.cmp(&b.region_id))
    });
    regions
}

/// The tree of a day without its dealers, and what is announced today.
fn as_of_day(tree: &Tree, as_of: BusinessDate, today: BusinessDate) -> pb::GetRegionTreeResponse {
    let rows: BTreeMap<&str, &RegionRow> =
        tree.regions.iter().map(|row| (row.region_id.as_str(), row)).collect();
    let day = |day: Option<BusinessDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let region = |region: pb::Region| {
        let row = rows.get(region.region_id.as_str())?;
        row.added_on.is_none_or(|added_on| added_on <= as_of).then(|| pb::TreeRegion {
            region_id: region.region_id,
            name: region.name,
            parent_id: region.parent_id,
            dealers: 0,
            added_on: day(row.added_on),
            retired_on: day(row.retired_on),
        })
    };
    pb::GetRegionTreeResponse {
        regions: listed(tree, as_of).into_iter().filter_map(region).collect(),
        announced: announced(tree, today),
        as_of: as_of.to_string(),
        today: today.to_string(),
        freshness: None,
    }
}

fn announced(tree: &Tree, today: BusinessDate) -> Vec<pb::RegionChange> {
    let moves = tree.moves.iter().map(|moved| pb::RegionChange {
        region_id: moved.region_id.to_string(),
        change: pb::RegionChangeKind::Move.into(),
        parent_id: moved.parent_id.to_string(),
        effective_on: moved.effective_on.to_string(),
    });
    let retired = |row: &RegionRow| {
        Some(pb::RegionChange {
            region_id: row.region_id.to_string(),
            change: pb::RegionChangeKind::Retirement.into(),
            parent_id: String::new(),
            effective_on: row.retired_on?.to_string(),
        })
    };
    let today = today.to_string();
    let all = moves.chain(tree.regions.iter().filter_map(retired));
    let mut announced: Vec<_> = all.filter(|change| change.effective_on > today).collect();
    announced.sort_by(|a, b| (&a.effective_on, &a.region_id).cmp(&(&b.effective_on, &b.region_id)));
    announced
}

fn dealer(row: &PgRow) -> sqlx::Result<pb::Dealer> {
    Ok(pb::Dealer {
        dealer_id: row.try_get("dealer_id")?,
        name: row.try_get("name")?,
        region_id: row.try_get("region_id")?,
        region_name: row.try_get("region_name")?,
        city: row.try_get("city")?,
        registered_at: rfc3339(row.try_get("registered_at")?),
        level_id: row.try_get("level_id")?,
        channel_id: row.try_get("channel_id")?,
        announced: Vec::new(),
    })
}
