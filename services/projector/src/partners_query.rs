//! Lists of regions and dealers.

use std::collections::BTreeMap;

use kernel::failure::Violations;
use kernel::projection::Progress;
use kernel::rpc::{self, Reply};
use kernel::wall::TenantPool;
use proto::partner::v1 as pb;
use proto::partner::v1::partner_query_service_server::PartnerQueryService;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tonic::{Request, Response};
use values::BusinessDate;

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
        let found = self.dealers(&scope, regions, &wanted.search, page).await;
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
        page: Page,
    ) -> sqlx::Result<(Vec<pb::Dealer>, i64)> {
        let rows = sqlx::query(
            "SELECT d.*, coalesce(r.name, region_id) AS region_name, count(*) OVER () AS total
             FROM dealers d LEFT JOIN regions r USING (tenant_id, region_id)
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
        .fetch_all(&mut *self.pool.begin(&scope.tenant).await?)
        .await?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
        Ok((rows.iter().map(dealer).collect::<sqlx::Result<_>>()?, total))
    }
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
    })
}
