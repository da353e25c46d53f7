//! What the queries of read models share besides what all queries do.

use chrono::NaiveDate;
use kernel::auth::Caller;
use kernel::failure::{Violations, status};
pub(crate) use kernel::query::{Page, freshness, not_reached, rfc3339, wait};
use kernel::wall::TenantPool;
use kernel::{Text, rpc};
use sqlx::{Postgres, QueryBuilder};
use tonic::{Code, Request, Status};
use values::{BusinessDate, RegionId};

use crate::tree::Tree;

/// Whose rows the caller sees.
pub(crate) struct Scope {
    pub(crate) tenant: String,
    /// The one dealer, if they are a dealer's people.
    pub(crate) dealer: Option<String>,
    /// If they look after some regions only: those, and all that are below them today. What came
    /// about in one of them is seen, wherever it was in the tree on that day.
    pub(crate) regions: Option<Vec<String>>,
}

impl Scope {
    pub(crate) async fn of<T: Sync>(
        request: &Request<T>,
        pool: &TenantPool,
    ) -> Result<Self, Status> {
        let Caller { tenant, dealer_id, regions, .. } = rpc::caller(request)?.clone();
        // A dealer is in one region at a time; its own people see it wherever it was.
        let regions = if dealer_id.is_some() || regions.is_empty() {
            None
        } else {
            let mut db = pool.begin(&tenant).await.map_err(failed)?;
            let tree = Tree::load(&mut db, &tenant).await.map_err(failed)?;
            Some(tree.with_all_below(&regions, today(request)?))
        };
        Ok(Self { tenant, dealer: dealer_id, regions })
    }

    /// Adds to a statement on rows with a dealer and a path of regions that the caller sees them.
    pub(crate) fn push(&self, sql: &mut QueryBuilder<'_, Postgres>, path: &str) {
        if let Some(dealer) = &self.dealer {
            sql.push(" AND dealer_id = ").push_bind(dealer.clone());
        }
        if let Some(regions) = &self.regions {
            sql.push(format!(" AND {path}[cardinality({path})] = ANY("));
            sql.push_bind(regions.clone()).push(")");
        }
    }
}

/// SQL for the id and the name of the region right below one, or below the root, of rows with a path
/// of regions. The one id that is put into it is plain by its type.
pub(crate) fn region_below(region_id: Option<&RegionId>) -> (String, String) {
    let level = match region_id {
        Some(id) => format!("coalesce(array_position(region_ids, '{id}'), 1) + 1"),
        None => "2".to_owned(),
    };
    // A dealer may sit in the region itself, above the level below it.
    let at = |column| format!("{column}[least({level}, cardinality({column}))]");
    (at("region_ids"), at("region_names"))
}

/// The business day on which somebody asks.
pub(crate) fn today<T>(request: &Request<T>) -> Result<BusinessDate, Status> {
    Ok(rpc::caller(request)?.business_day(kernel::clock::now()).into())
}

/// The log of a context was asked for that is none.
pub(crate) fn no_such_context(name: &str, known: &[&str]) -> Status {
    let known = known.join(", ");
    status(
        Code::NotFound,
        "NO_SUCH_CONTEXT",
        &Text::new(
            format!("没有“{name}”这个上下文，可选：{known}"),
            format!("there is no context {name}; there are {known}"),
        ),
    )
}

/// A business date of a request; empty means open.
pub(crate) fn date(violations: &mut Violations, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let parsed = text.parse::<NaiveDate>();
    violations.take(
        field,
        parsed.map_err(|_| Text::new("必须是 YYYY-MM-DD 日期", "must be a date like 2026-11-23")),
    )
}

/// A search text as a pattern for ILIKE; `None` when nothing is searched for.
pub(crate) fn pattern(search: &str) -> Option<String> {
    let search = search.trim();
    if search.is_empty() {
        return None;
    }
    let mut pattern = String::from("%");
    for letter in search.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    Some(pattern)
}

/// The read models' database failed.
pub(crate) fn failed(error: sqlx::Error) -> Status {
    kernel::failure::unavailable(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_no_wildcards_of_its_own() {
        assert_eq!(pattern(" 50%_\\ ").as_deref(), Some("%50\\%\\_\\\\%"));
        assert_eq!(pattern("  "), None);
    }
}
