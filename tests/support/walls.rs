//! Raw SQL against the wall between tenants, table by table.

use std::fmt;

use kernel::wall::{self, TenantPool};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor as _, PgConnection, PgPool};

/// Tables of which no row belongs to a tenant, by name.
const OF_NOBODY: [&str; 7] = [
    "_sqlx_migrations",
    "checkpoints",
    "interventions",
    "log_head",
    "rebuilds",
    "sign_in_failures",
    "tiles",
];
/// All tables that people or programs have made.
const MADE: &str = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\\_toast%'";
/// Whether a table has rows of tenants.
const OF_TENANTS: &str = "EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid
    AND attname IN ('tenant_id', 'aggregate_id') AND NOT attisdropped)";

/// What a payment through a provider leaves.
fn of_a_payment(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "payments" => format!(
            "'{tenant}', 'planted', 'planted', 'planted', 1, 1, 1, 'CNY', 1, 0, 0, '', now(), '', \
             NULL, 0, '', 0, '', 0, '', '', now(), 1"
        ),
        "payment_refunds" => {
            format!("'{tenant}', 'planted', 'planted', 1, 1, '', '', now(), NULL")
        }
        "payment_errands" => format!(
            "'{tenant}', 'planted', 'planted', '', '', '', '', '', 1, 0, '', now(), now(), 'done', \
             NULL, 0, NULL"
        ),
        _ => return None,
    })
}

/// What bank statements and bills of providers leave.
fn of_a_reconciliation(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "bank_lines" => format!(
            "'{tenant}', 'planted', '', '', current_date, 'CNY', 1, '', '', '', 1, '', '', 0, \
             false, '', '', now(), '', now(), 1, ''"
        ),
        "provider_bills" => format!(
            "'{tenant}', 'planted', 1, '', current_date, 'CNY', '{{}}', '{{}}', 0, '', 0, '', \
             now(), 1"
        ),
        "bill_differences" => format!(
            "'{tenant}', 'planted', 'planted', 1, false, '', '', '', NULL, NULL, false, '', '', NULL"
        ),
        "payment_bill_days" => {
            format!("'{tenant}', 'planted', 'planted', current_date, false, now()")
        }
        _ => return None,
    })
}

/// What orders that wait leave.
fn of_a_wait(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "order_waits" => format!("'{tenant}', 'planted', 1, now(), false"),
        "back_orders" => format!("'{tenant}', 'planted', 'planted', 1, 1, now()"),
        "expected_stock" => format!("'{tenant}', 'planted', NULL"),
        "order_deadlines" => format!("'{tenant}', 'planted', 'review', now(), 1, now(), false"),
        "order_limits" => format!("'{tenant}', 'planted', 1"),
        _ => return None,
    })
}

/// What a shipment of an order leaves.
fn of_a_shipment(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "shipments" => format!(
            "'{tenant}', 'planted', 'planted', 1, 1, 'planted', '', '{{}}', '', 1, 1, now(), \
             now(), NULL, '', '', '', '', NULL, 1"
        ),
        "shipment_lines" => {
            format!("'{tenant}', 'planted', 1, 'planted', '', '', 1, 0, 0")
        }
        "shipment_parcels" => format!("'{tenant}', 'planted', 1, '', '', '[]', now()"),
        _ => return None,
    })
}

/// What is handed over to books.
fn of_books(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "connector_documents" => format!(
            "'{tenant}', 'planted', 'receipt', '', 'planted', 'planted', 1, now(), NULL, 'skipped', \
             false, false, NULL, NULL, NULL, 0, '', '', '', '', '', 0, 0, 0, NULL, NULL, NULL, NULL"
        ),
        "connector_connections" => {
            format!("'{tenant}', 1, true, NULL, false, NULL, NULL, '', '{{}}'")
        }
        "connector_wants" => format!("'{tenant}', 'planted', now(), false"),
        "connector_skips" => format!("'{tenant}', 'planted', ''"),
        "connector_shipments" => format!("'{tenant}', 'planted', 'planted'"),
        "connector_returns" => format!("'{tenant}', 'planted', 1"),
        "connector_products" => format!("'{tenant}', 'planted', 0"),
        "connector_stock" => format!("'{tenant}', 'planted', 'planted', 1"),
        _ => return None,
    })
}

/// What a statement of account leaves.
fn of_a_statement(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "statements" => format!(
            "'{tenant}', 'planted', 'planted', 1, 'CNY', current_date, current_date, 1, 0, 0, 0, 0, \
             '[]', 0, 0, 0, '', '', '', '', 0, 0, NULL, '[]', now(), 1"
        ),
        "statement_steps" => format!("'{tenant}', 'planted', 1, 1, '', now(), ''"),
        _ => return None,
    })
}

/// What an after-sale case leaves.
fn of_a_case(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "after_sales" => format!(
            "'{tenant}', 'planted', 'planted', 'planted', 1, 'CNY', 1, '', false, '', now(), NULL, \
             false, '', '', '', 0, NULL, 0, NULL, '', 0, 0, '', 1"
        ),
        "after_sale_lines" => {
            format!("'{tenant}', 'planted', 1, 1, 'planted', 'planted', 1, '', 0, 0, 0")
        }
        _ => return None,
    })
}

/// What figures of an order are worked out from.
fn of_figures(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "order_metrics" => format!(
            "'{tenant}', 'planted', current_date, '{{}}', '{{}}', 'planted', '', 1, 0, 0, now(), \
             gen_random_uuid(), false, NULL, false, NULL, NULL, false, NULL, false, NULL, NULL"
        ),
        "order_todos" => format!("'{tenant}', 'planted', '[]', 1, now(), false, '', false"),
        "order_changes" => format!(
            "'{tenant}', 'planted', 1, 1, '[]', 1, 1, '', '', false, 'planted', now(), '', NULL"
        ),
        "order_metric_departures" => format!("'{tenant}', 'planted', 1, now()"),
        "order_metric_lines" => format!("'{tenant}', 'planted', 1, false"),
        "order_metric_cases" => format!("'{tenant}', 'planted', 'planted', NULL, NULL"),
        "order_metric_credit" => format!("'{tenant}', 'planted', 1, now(), 1, 0, 'CNY'"),
        _ => return None,
    })
}

/// What is known of rebate plans, and of what they count.
fn of_rebates(table: &str, tenant: &str) -> Option<String> {
    Some(match table {
        "rebate_plans" => format!(
            "'{tenant}', 'planted', 1, '', 'draft', 'month', 'CNY', current_date, NULL, 0, 1, NULL, '', \
             now()"
        ),
        "rebate_plan_versions" => format!("'{tenant}', 'planted', 1, '{{}}', NULL"),
        "rebate_orders" => format!(
            "'{tenant}', 'planted', 'planted', NULL, NULL, '{{}}', current_date, 'CNY', false"
        ),
        "rebate_lines" => format!("'{tenant}', 'planted', 1, 'planted', '{{}}', 1, 1, 0, 0, 0"),
        "rebate_settlements" => format!("'{tenant}', 'planted', '2026', 'planted', 1, 1"),
        "rebate_settlement_entries" => {
            format!("'{tenant}', 'planted', '2026', 'planted', 1, 1, '{{}}', 'planted', now()")
        }
        _ => return None,
    })
}

/// What a person leaves who was invited and is signed in.
fn of_a_person(table: &str, tenant: &str) -> Option<String> {
    let some = "gen_random_uuid()";
    let digest = "decode(md5(random()::text), 'hex')";
    Some(match table {
        "sessions" => format!(
            "'{tenant}', {some}, 'planted', {some}, 'brand', '', '', now(), now(), now(), NULL"
        ),
        "refresh_tokens" => format!("{digest}, '{tenant}', {some}, NULL, NULL, NULL"),
        "links" => format!("{digest}, '{tenant}', 'invitation', 'planted', {some}, now()"),
        "service_accounts" => format!("'{tenant}', 'planted'"),
        "service_keys" => {
            format!("{some}, '{tenant}', 'planted', {digest}, NULL, NULL")
        }
        "oidc_flows" => {
            format!("{digest}, '{tenant}', 'sign_in', '', 'https://id', 'n', 'v', {digest}, now()")
        }
        "identities" => format!("'{tenant}', {digest}, {some}, 'planted', now()"),
        "secrets" => format!("'{tenant}', 'planted', {some}, '{{}}', now()"),
        "calls" => format!(
            "{some}, now(), '{tenant}', 'planted', '', '{{}}', 'none', '', '', 'success', 0, '', 1, ''"
        ),
        "uploads" => format!("'{tenant}', {some}, 'planted', '{{}}', 1, 0, '{{}}', NULL, now()"),
        "users" => format!("'{tenant}', 'planted', false, false, now()"),
        "region_moves" => format!("'{tenant}', 'planted', current_date, 'root'"),
        "memberships" => format!("'{tenant}', 'planted', 'brand', NULL, '{{}}', '{{}}'"),
        "invitations" => format!(
            "'{tenant}', 'planted', NULL, '{{}}', '{{}}', 'planted', now(), now(), NULL, false"
        ),
        "webhook_endpoints" => format!(
            "'{tenant}', 'planted', 1, '', '', '{{}}', {some}, NULL, NULL, false, NULL, '', now(), \
             now(), NULL, NULL"
        ),
        "webhook_deliveries" => format!(
            "'{tenant}', {some}, 'planted', {some}, 1, '', now(), '', now(), 'failed', 0, 0, NULL, \
             NULL, NULL, NULL, NULL"
        ),
        "promotions" => format!(
            "'{tenant}', 'planted', 1, '', 'draft', current_date, NULL, '{{}}', '', NULL, '', now()"
        ),
        "dealer_funds" => format!("'{tenant}', 'planted', NULL, 0, 0, 0, 0, NULL"),
        "credit_lines" => format!("'{tenant}', 'planted', 'CNY', 1, 1, '', 0, 0, 1"),
        "credit_grants" => format!("'{tenant}', 'planted', 1, 1, current_date"),
        "receivables" => {
            format!("'{tenant}', 'planted', 'planted', current_date, 'planted', 'CNY', 1, 1")
        }
        "funds_entries" => format!(
            "'{tenant}', 1, 'planted', 1, 1, 'CNY', 0, 0, NULL, NULL, NULL, '', '', '', '', now()"
        ),
        "remittances" => format!(
            "'{tenant}', 'planted', 'planted', 1, 1, 'CNY', 1, 0, current_date, '', '', '', '', \
             now(), '', NULL, 1"
        ),
        "carts" => format!("'{tenant}', 'planted', 'planted', 1, '', '', '[]', 0, 0, '', now(), 1"),
        "stock_levels" => format!("'{tenant}', 'planted', 'planted', 1, 0"),
        "stock_items" => format!("'{tenant}', 'planted', 1, now()"),
        "order_rules" => format!("'{tenant}', '{{}}', 1"),
        "floor_prices" => format!("'{tenant}', 'planted', 'planted', 1"),
        "price_lists" => format!("'{tenant}', 'planted', '', 'CNY', NULL"),
        "prices" => format!("'{tenant}', 'planted', 'planted', current_date, 1, '[]'"),
        "assortment_rules" => format!("'{tenant}', 'planted', '', '{{}}'"),
        "dealer_classes" => format!("'{tenant}', 'level', 'planted', ''"),
        "dealer_class_changes" => {
            format!("'{tenant}', 'planted', current_date, NULL, NULL")
        }
        "webhook_days" => format!("'{tenant}', 'planted', current_date, 1, 0"),
        "webhook_attempts" => format!("'{tenant}', {some}, 1, now(), 1, NULL, NULL, ''"),
        _ => return None,
    })
}

/// A table with rows of tenants.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: String,
    pub name: String,
    /// SQL for whose a row is.
    tenant: &'static str,
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.schema, self.name)
    }
}

/// What was looked at, and what was wrong.
#[derive(Debug, Default)]
pub struct Checks {
    pub count: usize,
    pub problems: Vec<String>,
}

impl Checks {
    fn holds(&mut self, so: bool, problem: impl FnOnce() -> String) {
        self.count += 1;
        if !so {
            self.problems.push(problem());
        }
    }
}

/// A database, seen by its superuser and by connections for callers.
pub struct Walls {
    pub url: String,
    pub owner: PgPool,
    /// Connections for callers, used without saying for whom.
    pub raw: PgPool,
    pub tenants: TenantPool,
}

impl Walls {
    pub async fn of(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().unwrap();
        let options = options.options([("role", wall::TENANT)]);
        let raw = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let owner = PgPool::connect(url).await.unwrap();
        Self { url: url.to_owned(), owner, tenants: TenantPool::over(raw.clone()), raw }
    }

    pub async fn sql(&self, statement: &str) {
        self.owner.execute(statement).await.unwrap();
    }

    pub async fn count(&self, pool: &PgPool, statement: &str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
    }

    /// All tables with rows of tenants.
    pub async fn tables(&self) -> Vec<Table> {
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, EXISTS (SELECT FROM pg_attribute
                 WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped)
             {MADE} AND {OF_TENANTS} AND NOT c.relispartition ORDER BY 1, 2"
        );
        let rows: Vec<(String, String, bool)> =
            sqlx::query_as(&sql).fetch_all(&self.owner).await.unwrap();
        let table = |(schema, name, named)| {
            let tenant = if named { "tenant_id" } else { "split_part(aggregate_id, '/', 1)" };
            Table { schema, name, tenant }
        };
        rows.into_iter().map(table).collect()
    }

    /// Tables with rows of tenants and without a whole wall.
    pub async fn unwalled(&self) -> Vec<String> {
        let sql = format!(
            "SELECT n.nspname || '.' || c.relname {MADE} AND {OF_TENANTS} AND NOT (
                 c.relrowsecurity AND c.relforcerowsecurity
                 AND coalesce((SELECT array_agg(polname || ' ' || r.rolname ORDER BY 1)
                               FROM pg_policy, unnest(polroles) AS to_role
                               LEFT JOIN pg_roles r ON r.oid = to_role
                               WHERE polrelid = c.oid AND polpermissive AND polcmd = '*'), '{{}}')
                     = ARRAY['all_tenants qudao_all', 'one_tenant qudao_tenant'])
             ORDER BY 1"
        );
        sqlx::query_scalar(&sql).fetch_all(&self.owner).await.unwrap()
    }

    /// Tables that have no rows of tenants as far as their columns tell, and are not known for it;
    /// and those that callers may read all the same.
    pub async fn of_nobody(&self) -> Vec<String> {
        let sql = format!(
            "SELECT n.nspname || '.' || c.relname {MADE} AND NOT {OF_TENANTS}
             AND (c.relname <> ALL($1) OR has_table_privilege('qudao_tenant', c.oid, 'SELECT'))"
        );
        sqlx::query_scalar(&sql).bind(OF_NOBODY).fetch_all(&self.owner).await.unwrap()
    }

    /// What is wrong with the roles themselves.
    pub async fn unbound_roles(&self) -> Vec<String> {
        let sql = "SELECT rolname || ' ' || why FROM pg_roles r, LATERAL (VALUES
                ('is a superuser', rolsuper), ('goes past policies', rolbypassrls),
                ('makes roles', rolcreaterole), ('signs in', rolcanlogin),
                ('owns tables', EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)),
                ('owns schemas', EXISTS (SELECT FROM pg_namespace WHERE nspowner = r.oid)),
                ('is a member of more', EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid))
            ) AS faults (why, so)
            WHERE rolname IN ('qudao_all', 'qudao_tenant') AND so";
        sqlx::query_scalar(sql).fetch_all(&self.owner).await.unwrap()
    }

    /// Rows of both tenants where the story has left none.
    pub async fn plant(&self) {
        for table in self.tables().await {
            let Table { schema, name, .. } = &table;
            for tenant in ["acme", "zenith"] {
                if name == "snapshots" {
                    let row = format!("'counter', '{tenant}/planted', 1, 1, '{{}}'");
                    self.sql(&format!("INSERT INTO {table} VALUES ({row})")).await;
                } else if name == "parked" {
                    let position = tenant.len();
                    let row = format!(
                        "'planted', false, {position}, '{tenant}', 'order', 'x', 'X', 'held', 1, \
                         now(), ''"
                    );
                    self.sql(&format!("INSERT INTO {table} VALUES ({row})")).await;
                } else if let Some(row) = of_a_person(name, tenant)
                    .or_else(|| of_a_payment(name, tenant))
                    .or_else(|| of_a_wait(name, tenant))
                    .or_else(|| of_a_reconciliation(name, tenant))
                    .or_else(|| of_a_shipment(name, tenant))
                    .or_else(|| of_a_case(name, tenant))
                    .or_else(|| of_books(name, tenant))
                    .or_else(|| of_a_statement(name, tenant))
                    .or_else(|| of_figures(name, tenant))
                    .or_else(|| of_rebates(name, tenant))
                {
                    self.sql(&format!("INSERT INTO {table} VALUES ({row})")).await;
                }
            }
            if schema.ends_with("_next") {
                self.sql(&format!("INSERT INTO {table} SELECT * FROM read_models.{name}")).await;
            }
        }
    }

    /// What a caller's connection sees and can do.
    pub async fn check(&self, table: &Table, checks: &mut Checks) {
        let Table { tenant, .. } = table;
        let all = format!("SELECT count(*) FROM {table}");
        let asked = [all.clone(), format!("{all} WHERE {tenant} = 'acme'")];
        for sql in &asked {
            let seen = self.count(&self.raw, sql).await;
            checks.holds(seen == 0, || format!("{table}: without a tenant {seen} rows are seen"));
        }
        for (own, other) in [("acme", "zenith"), ("zenith", "acme")] {
            let truth = format!("{all} WHERE {tenant} = '{own}'");
            let truth = self.count(&self.owner, &truth).await;
            checks.holds(truth > 0, || format!("{table}: {own} has no row to be seen"));
            let mut tx = self.tenants.begin(own).await.unwrap();
            let seen: i64 = sqlx::query_scalar(&all).fetch_one(&mut *tx).await.unwrap();
            checks.holds(seen == truth, || format!("{table}: {own} sees {seen} of {truth} rows"));
            let others = format!("{all} WHERE {tenant} <> '{own}'");
            let seen: i64 = sqlx::query_scalar(&others).fetch_one(&mut *tx).await.unwrap();
            checks.holds(seen == 0, || format!("{table}: {own} sees {seen} rows of others"));
            let row = self.row_of(table, other).await;
            let refused = insert(&mut tx, table, &row).await;
            checks.holds(refused.is_some(), || format!("{table}: {own} puts in a row of {other}"));
        }
    }

    /// A row of a tenant, as JSON.
    async fn row_of(&self, table: &Table, tenant: &str) -> String {
        let whose = table.tenant;
        let sql = format!("SELECT to_jsonb(t)::text FROM {table} t WHERE {whose} = $1 LIMIT 1");
        let row = sqlx::query_scalar(&sql).bind(tenant).fetch_optional(&self.owner).await.unwrap();
        row.unwrap_or_else(|| panic!("{table} has no row of {tenant}"))
    }

    pub async fn grant_everything(&self, tables: &[Table]) {
        for table in tables {
            self.sql(&format!("GRANT ALL ON {table} TO qudao_tenant")).await;
        }
    }

    /// What the policies alone refuse.
    pub async fn check_with_all_rights(&self, table: &Table, checks: &mut Checks) {
        let whose = table.tenant;
        let column = if whose == "tenant_id" { "tenant_id" } else { "aggregate_id" };
        for (own, other) in [("acme", "zenith"), ("zenith", "acme")] {
            let row = self.row_of(table, other).await;
            let mut tx = self.tenants.begin(own).await.unwrap();
            let told = insert(&mut tx, table, &row).await.unwrap_or_default();
            let by_policy = told.contains("row-level security");
            checks.holds(by_policy, || format!("{table}: {own} puts in a row of {other}: {told}"));
            let deletes = format!("DELETE FROM {table} WHERE {whose} = '{other}'");
            let gone = tx.execute(deletes.as_str()).await.unwrap().rows_affected();
            checks.holds(gone == 0, || format!("{table}: {own} deletes {gone} rows of {other}"));
            let moves = format!("UPDATE {table} SET {column} = '{other}/x'");
            let told = tx.execute(moves.as_str()).await.err().map(|error| error.to_string());
            let by_policy = told.as_ref().is_some_and(|told| told.contains("row-level security"));
            checks.holds(by_policy, || format!("{table}: {own} gives rows to {other}: {told:?}"));
        }
    }
}

/// Puts a row in and takes it out again; tells why it was refused.
async fn insert(db: &mut PgConnection, table: &Table, row: &str) -> Option<String> {
    db.execute("SAVEPOINT before").await.unwrap();
    let sql = format!("INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, $1)");
    let row: serde_json::Value = serde_json::from_str(row).unwrap();
    let done = sqlx::query(&sql).bind(row).execute(&mut *db).await;
    db.execute("ROLLBACK TO SAVEPOINT before").await.unwrap();
    let error = done.err()?;
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    // That such a row is there already, it has to be allowed to find out.
    (code == "42501").then(|| error.to_string())
}
