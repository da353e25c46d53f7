//! The query rpc of the cube.

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::Text;
use kernel::failure::Violations;
use kernel::projection::Progress;
use kernel::rpc::Reply;
use kernel::wall::TenantPool;
use proto::bi::v1::sales_query_service_server::SalesQueryService;
use proto::bi::v1::{
    Comparison, QuerySalesRequest, QuerySalesResponse, SalesDimension, SalesFigures, SalesKey,
    SalesRow,
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};

use super::period::{Range, compared_start};
use super::sums::{Order, Slice, Sum};
use crate::read::{Scope, date, failed, wait};

/// Answers from the sales cube.
#[derive(Clone)]
pub(crate) struct SalesQueryApi {
    pub(crate) pool: TenantPool,
    pub(crate) progress: Progress,
}

/// A request whose fields were checked.
struct Parsed {
    request: QuerySalesRequest,
    dimensions: Vec<SalesDimension>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    compared: Option<Range>,
}

#[tonic::async_trait]
impl SalesQueryService for SalesQueryApi {
    async fn query_sales(&self, request: Request<QuerySalesRequest>) -> Reply<QuerySalesResponse> {
        let scope = Scope::of(&request, &self.pool).await?;
        let parsed = Parsed::of(request.into_inner())?;
        let freshness = wait(&self.progress, parsed.request.min_position).await?;
        let mut response = self.answer(&scope, &parsed).await.map_err(failed)?;
        response.freshness = Some(freshness);
        Ok(Response::new(response))
    }
}

impl SalesQueryApi {
    async fn answer(&self, scope: &Scope, parsed: &Parsed) -> sqlx::Result<QuerySalesResponse> {
        let db = &mut *self.pool.begin(&scope.tenant).await?;
        let slice = parsed.slice(scope);
        let (first, last, currency_code) = slice.extent(db).await?;
        let text = |date: Option<NaiveDate>| date.map(|d| d.to_string()).unwrap_or_default();
        let mut response = QuerySalesResponse {
            total: Some(SalesRow {
                keys: Vec::new(),
                figures: Some(slice.total(db).await?),
                compared: None,
            }),
            currency_code,
            first_date: text(first),
            last_date: text(last),
            compared_from_date: text(parsed.compared.map(|range| range.from)),
            compared_to_date: text(parsed.compared.map(|range| range.to)),
            ..QuerySalesResponse::default()
        };
        if !parsed.dimensions.is_empty() {
            let rows = slice.rows(db, &parsed.order()).await?;
            response.row_count = slice.row_count(db).await?.cast_unsigned();
            response.rows = rows.into_iter().map(row).collect();
        }
        if let Some(range) = parsed.compared {
            compare(db, &mut response, parsed, &slice.with_range(range)).await?;
        }
        Ok(response)
    }
}

/// Fills in what each row and the total are compared with.
async fn compare(
    db: &mut PgConnection,
    response: &mut QuerySalesResponse,
    parsed: &Parsed,
    earlier: &Slice<'_>,
) -> sqlx::Result<()> {
    if let Some(total) = &mut response.total {
        total.compared = Some(earlier.total(db).await?);
    }
    if parsed.dimensions.is_empty() {
        return Ok(());
    }
    let everything = Order { limit: i64::from(u32::MAX), ..parsed.order() };
    // A period before the range may be compared with too, so periods are asked over both.
    let by_period = parsed.dimensions.contains(&SalesDimension::Period);
    let slice = if by_period { earlier.until(parsed.to) } else { earlier.until(earlier.to) };
    let sums = slice.rows(db, &everything).await?;
    let sums: HashMap<Vec<String>, SalesFigures> =
        sums.into_iter().map(|sum| (ids(&sum.keys), sum.figures)).collect();
    for row in &mut response.rows {
        let found = parsed.compared_ids(&row.keys).and_then(|ids| sums.get(&ids).copied());
        row.compared = Some(found.unwrap_or_default());
    }
    Ok(())
}

impl<'a> Slice<'a> {
    fn until(&self, to: Option<NaiveDate>) -> Self {
        Slice { to, ..*self }
    }
}

fn row(sum: Sum) -> SalesRow {
    SalesRow { keys: sum.keys, figures: Some(sum.figures), compared: None }
}

fn ids(keys: &[SalesKey]) -> Vec<String> {
    keys.iter().map(|key| key.id.clone()).collect()
}

impl Parsed {
    fn of(request: QuerySalesRequest) -> Result<Self, Status> {
        let mut violations = Violations::default();
        let from = date(&mut violations, "from_date", &request.from_date);
        let to = date(&mut violations, "to_date", &request.to_date);
        check_shape(&mut violations, &request);
        let comparison = request.comparison();
        let compared = match (comparison, from, to) {
            (Comparison::Unspecified, _, _) => None,
            (_, Some(from), Some(to)) => Range { from, to }.compared(comparison),
            (_, _, _) => {
                let text = Text::new(
                    "比较时起止日期都要给出",
                    "comparing needs both from_date and to_date",
                );
                violations.add("comparison", text);
                None
            }
        };
        let dimensions = request.dimensions().collect();
        violations.finish(Some(Self { request, dimensions, from, to, compared }))
    }

    fn slice<'a>(&'a self, scope: &'a Scope) -> Slice<'a> {
        Slice {
            scope,
            filters: &self.request.filters,
            dimensions: &self.dimensions,
            grain: self.request.grain(),
            from: self.from,
            to: self.to,
        }
    }

    fn order(&self) -> Order {
        let limit = match self.request.limit {
            0 => 1_000,
            limit => i64::from(limit),
        };
        Order { by: self.request.order_by(), ascending: self.request.ascending, limit }
    }

    /// The ids of the row that a row is compared with.
    fn compared_ids(&self, keys: &[SalesKey]) -> Option<Vec<String>> {
        let (grain, comparison) = (self.request.grain(), self.request.comparison());
        let mut ids = ids(keys);
        for (id, dimension) in ids.iter_mut().zip(&self.dimensions) {
            if *dimension == SalesDimension::Period {
                *id = compared_start(id.parse().ok()?, grain, comparison)?.to_string();
            }
        }
        Some(ids)
    }
}

fn check_shape(violations: &mut Violations, request: &QuerySalesRequest) {
    if request.dimensions.len() > 3 {
        violations.add("dimensions", Text::new("最多 3 个维度", "must be 3 at most"));
    }
    if request.limit > 10_000 {
        violations.add("limit", Text::new("最多 10000 行", "must be 10,000 at most"));
    }
    if request.dimensions().any(|dimension| dimension == SalesDimension::Unspecified) {
        violations.add("dimensions", Text::new("维度未知", "holds an unknown dimension"));
    }
    for (at, filter) in request.filters.iter().enumerate() {
        let field = format!("filters[{at}]");
        match filter.dimension() {
            SalesDimension::Period | SalesDimension::Unspecified => violations.add(
                format!("{field}.dimension"),
                Text::new("不能按此维度筛选", "can not be filtered by; use from_date and to_date"),
            ),
            SalesDimension::Region
            | SalesDimension::Dealer
            | SalesDimension::Category
            | SalesDimension::Product
            | SalesDimension::Order => (),
        }
        if filter.ids.is_empty() || filter.ids.len() > 1_000 {
            let text = Text::new("需要 1 到 1000 个编号", "must hold 1 to 1,000 ids");
            violations.add(format!("{field}.ids"), text);
        }
        let plain = |id: &String| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if filter.dimension() == SalesDimension::Region && !filter.ids.iter().all(plain) {
            let text = Text::new("区域编号无效", "holds an id that no region can have");
            violations.add(format!("{field}.ids"), text);
        }
    }
}
