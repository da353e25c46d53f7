//! The wall between tenants inside of PostgreSQL: raw SQL meets no row of another tenant, whichever
//! table it asks, and the check that says so would notice if it did.

use cluster_tests::support::system::{Launch, System, User};
use cluster_tests::support::walls::{Checks, Table, Walls};
use cluster_tests::support::{files, shop};
use kernel::log::{Log, OpenError};
use kernel::projection::{Purpose, start_rebuild};
use kernel::wall::{self, Logins, Schema, TenantPool, TenantTransaction, WallError};
use local::TestServers;
use proto::operations::v1::ListProjectionsRequest;
use proto::operations::v1::operations_service_client::OperationsServiceClient;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor as _, PgPool};

/// Two brands with a shop and an order each; gives the system after its process has ended, with
/// tables of which one is being filled beside.
async fn two_brands() -> (System, Walls) {
    let servers = TestServers::start().await.unwrap();
    let owner = servers.postgres_url();
    two_brands_on(servers, Launch::default(), &owner).await
}

/// Else the process would end with tables that lack a row of somebody.
async fn all_read_models_are_level(user: &User) {
    let mut operations = OperationsServiceClient::new(user.channel.clone());
    for _ in 0..200 {
        let asked = user.says(ListProjectionsRequest {});
        let models = operations.list_projections(asked).await.unwrap().into_inner().projections;
        if models.iter().all(|model| model.position >= model.log_position) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the read models never got level");
}

async fn two_brands_on(servers: TestServers, launch: Launch, owner: &str) -> (System, Walls) {
    let mut system = System::start_on(servers, launch).await;
    for tenant in ["acme", "zenith"] {
        let admin = shop::stocked(system.found_tenant(tenant).await).await;
        let order = format!("SO-{tenant}");
        let position = shop::submit(&admin, &shop::order_of(&order, 24)).await.position;
        let request = proto::bi::v1::QuerySalesRequest {
            min_position: position,
            ..proto::bi::v1::QuerySalesRequest::default()
        };
        let sold = shop::sales(&admin, request).await.total.unwrap().figures.unwrap();
        assert_eq!(sold.orders, 1, "each brand sees its own order");
        let picture = files::png(9, 9);
        let asked = files::attachment(&order, "照片.png", picture.len());
        files::store(&admin, asked, &picture).await.unwrap();
        all_read_models_are_level(&admin).await;
    }
    system.kill_process();
    let url = system.servers.postgres_url();
    let read = kernel::log::connect(owner, "read_models", 1).await.unwrap();
    let orders = projector::read_model("orders").unwrap();
    start_rebuild(&read, orders.as_ref(), Purpose::Compare, "li.lei", 0).await.unwrap();
    let walls = Walls::of(&url).await;
    walls.plant().await;
    (system, walls)
}

#[tokio::test]
async fn no_query_meets_a_row_of_another_tenant() {
    let (_system, walls) = two_brands().await;
    let tables = walls.tables().await;
    let schemas: std::collections::BTreeSet<_> = tables.iter().map(|one| &one.schema).collect();
    assert!(tables.len() >= 20 && schemas.len() == 10, "{schemas:?}: {tables:?}");
    assert_eq!(walls.unwalled().await, Vec::<String>::new());
    assert_eq!(walls.of_nobody().await, Vec::<String>::new(), "tables that nobody thought of");
    assert_eq!(walls.unbound_roles().await, Vec::<String>::new());

    let mut checks = Checks::default();
    for table in &tables {
        walls.check(table, &mut checks).await;
    }
    assert_eq!(checks.problems, Vec::<String>::new());
    // The policies alone, without the rights that a caller's connection does not have anyway.
    walls.grant_everything(&tables).await;
    for table in &tables {
        walls.check_with_all_rights(table, &mut checks).await;
    }
    assert_eq!(checks.problems, Vec::<String>::new());
    println!("{} tables in {} schemas, {} checks", tables.len(), schemas.len(), checks.count);
}

#[tokio::test]
async fn a_hole_in_the_wall_is_found_and_closed_at_the_next_start() {
    let (_system, walls) = two_brands().await;
    let mut holes = 0;
    for table in walls.tables().await {
        let name = table.to_string();
        walls.sql(&format!("DROP POLICY one_tenant ON {name}")).await;
        assert_eq!(walls.unwalled().await, [name.as_str()]);
        assert_eq!(seen(&walls, &table).await, 0, "without a policy nobody sees anything");
        close(&walls, &table).await;

        walls.sql(&format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")).await;
        assert_eq!(walls.unwalled().await, [name.as_str()]);
        let mut checks = Checks::default();
        walls.check(&table, &mut checks).await;
        assert!(checks.problems.len() >= 3, "{name}: {:?}", checks.problems);
        assert!(seen(&walls, &table).await > 0);
        close(&walls, &table).await;

        walls.sql(&format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")).await;
        assert_eq!(walls.unwalled().await, [name.as_str()]);
        close(&walls, &table).await;
        holes += 3;
    }
    println!("{holes} holes found and closed");
}

/// Rows that a connection for callers sees without a tenant.
async fn seen(walls: &Walls, table: &Table) -> i64 {
    walls.count(&walls.raw, &format!("SELECT count(*) FROM {table}")).await
}

async fn close(walls: &Walls, table: &Table) {
    let owner = kernel::log::connect(&walls.url, &table.schema, 1).await.unwrap();
    wall::make(&owner, "").await.unwrap();
    owner.close().await;
    assert_eq!(walls.unwalled().await, Vec::<String>::new());
    let mut checks = Checks::default();
    walls.check(table, &mut checks).await;
    assert_eq!(checks.problems, Vec::<String>::new());
}

/// With logins of their own, of which none is a superuser: what an installation should have.
#[tokio::test]
async fn logins_of_their_own_do_all_the_work() {
    let servers = TestServers::start().await.unwrap();
    let url = servers.postgres_url();
    let admin = PgPool::connect(&url).await.unwrap();
    admin
        .execute(
            "CREATE ROLE qudao_all; CREATE ROLE qudao_tenant;
             CREATE ROLE keeper LOGIN IN ROLE qudao_all;
             CREATE ROLE worker LOGIN IN ROLE qudao_all;
             CREATE ROLE reader LOGIN IN ROLE qudao_tenant;
             GRANT CREATE ON DATABASE postgres TO keeper",
        )
        .await
        .unwrap();
    let [keeper, worker, reader] = ["keeper", "worker", "reader"].map(|login| by(&url, login));
    let launch = Launch {
        environment: vec![
            ("QUDAO_DATABASE_URL", keeper.clone()),
            ("QUDAO_DATABASE_URL_ALL", worker.clone()),
            ("QUDAO_DATABASE_URL_TENANT", reader.clone()),
        ],
        ..Launch::default()
    };
    let (_system, walls) = two_brands_on(servers, launch, &keeper).await;
    assert_eq!(walls.unwalled().await, Vec::<String>::new());
    let mut checks = Checks::default();
    for table in walls.tables().await {
        walls.check(&table, &mut checks).await;
    }
    assert_eq!(checks.problems, Vec::<String>::new());

    // A program of before the wall knows one login, and finds all that it found.
    let before = PgPool::connect(&keeper).await.unwrap();
    for table in walls.tables().await {
        let all = walls.count(&walls.owner, &format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(walls.count(&before, &format!("SELECT count(*) FROM {table}")).await, all);
    }
    // What was smuggled into a query of a login of its own does not get it another role.
    let smuggled = PgPool::connect(&reader).await.unwrap();
    for role in ["qudao_all", "keeper", "worker"] {
        smuggled.execute(format!("SET ROLE {role}").as_str()).await.unwrap_err();
    }
}

#[tokio::test]
async fn what_a_transaction_is_for_ends_with_it() {
    let servers = TestServers::start().await.unwrap();
    let url = servers.postgres_url();
    let log = Log::open(&url, "test").await.unwrap();
    cluster_tests::support::counter::count(&log, "c", 1).await;
    let options: PgConnectOptions = url.parse().unwrap();
    let options = options.options([("role", wall::TENANT), ("search_path", "test_log")]);
    let one = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let tenants = TenantPool::over(one.clone());
    let count = "SELECT count(*) FROM events";
    let pid = "SELECT pg_backend_pid()";
    let mut before: i32 = sqlx::query_scalar(pid).fetch_one(&one).await.unwrap();
    for end in ["drop", "commit", "given up", "error", "savepoint"] {
        let mut tx = tenants.begin("acme").await.unwrap();
        let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.unwrap();
        assert_eq!(seen, 1, "{end}");
        match end {
            "commit" => tx.commit().await.unwrap(),
            "given up" => given_up(&tenants, tx).await,
            "error" => {
                tx.execute("SELECT 1 / 0").await.unwrap_err();
                drop(tx);
            }
            "savepoint" => {
                tx.execute("SAVEPOINT a; RELEASE SAVEPOINT a").await.unwrap();
                tx.commit().await.unwrap();
            }
            _ => drop(tx),
        }
        let left: i64 = sqlx::query_scalar(count).fetch_one(&one).await.unwrap();
        assert_eq!(left, 0, "{end}: the next one on the connection sees nothing");
        let after: i32 = sqlx::query_scalar(pid).fetch_one(&one).await.unwrap();
        // One that was cut short may be given up.
        assert!(before == after || end == "given up", "{end}: it is the same connection");
        before = after;
    }
    // No text is more than the name of a tenant, and nobody is not everybody.
    for tenant in ["", "zenith", "acme'", "acme'; RESET ROLE; --", "\\", "' OR true --", "租户"] {
        let mut tx = tenants.begin(tenant).await.unwrap();
        let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.unwrap();
        let told = "SELECT current_setting('qudao.tenant') || ' ' || current_user";
        let told: String = sqlx::query_scalar(told).fetch_one(&mut *tx).await.unwrap();
        assert_eq!((seen, told), (0, format!("{tenant} qudao_tenant")));
    }
    tenants.begin("a\0b").await.unwrap_err();
    let after: i32 = sqlx::query_scalar(pid).fetch_one(&one).await.unwrap();
    assert_eq!(before, after, "it was one connection all the time");
}

#[tokio::test]
async fn a_login_that_goes_past_the_wall_is_refused() {
    let servers = TestServers::start().await.unwrap();
    let url = servers.postgres_url();
    drop(Log::open(&url, "test").await.unwrap());
    let admin = PgPool::connect(&url).await.unwrap();
    admin
        .execute(
            "CREATE ROLE plain LOGIN; CREATE ROLE twofold LOGIN IN ROLE qudao_all, qudao_tenant;
             CREATE ROLE unbound LOGIN BYPASSRLS IN ROLE qudao_all;
             CREATE ROLE late LOGIN; GRANT CREATE ON DATABASE postgres TO late;
             CREATE ROLE owner LOGIN IN ROLE qudao_all; ALTER SCHEMA test_log OWNER TO owner",
        )
        .await
        .unwrap();
    let refused = [
        (None, Some("qudao"), "superuser"),
        (Some("qudao"), None, "superuser"),
        (Some("unbound"), None, "BYPASSRLS"),
        (Some("owner"), None, "owns the tables"),
        (Some("plain"), None, "not a member of qudao_all"),
        (None, Some("plain"), "not a member of qudao_tenant"),
        (None, Some("twofold"), "is a member of qudao_all"),
    ];
    for (all, tenant, why) in refused {
        let [all, tenant] = [all, tenant].map(|login| login.map(|login| by(&url, login)));
        let logins = Logins::new(&url, all.as_deref(), tenant.as_deref()).unwrap();
        let error = Log::open_as(&logins, "test").await.map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Wall(WallError::Login { .. })), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    // Who may not make the roles, or take them on, is told what an administrator has to do.
    let late = Logins::of(&by(&url, "late")).unwrap();
    let error = Schema::open(&late, "elsewhere", (1, 1)).await.map(drop).unwrap_err();
    assert!(error.to_string().contains("GRANT qudao_all, qudao_tenant TO late"), "{error}");
}

/// Callers who have gone while their transaction began.
async fn given_up(tenants: &TenantPool, before: TenantTransaction) {
    drop(before);
    for polls in 1..40 {
        let mut begin = std::pin::pin!(tenants.begin("acme"));
        for _ in 0..polls {
            if futures::poll!(begin.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// The same address for another login.
fn by(url: &str, login: &str) -> String {
    url.replace("//qudao@", &format!("//{login}@"))
}

/// Begins transactions and gives each up, sooner or later while it begins; how many of a pool's
/// connections the server then sees in a transaction.
async fn left_open<F>(servers: &TestServers, begin: impl Fn(PgPool) -> F) -> i64
where
    F: Future<Output = sqlx::Result<sqlx::Transaction<'static, sqlx::Postgres>>>,
{
    let options: PgConnectOptions = servers.postgres_url().parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(40);
    let pool = pool.connect_with(options.application_name("given-up")).await.unwrap();
    // All connections are there, so that none is given up while it is made.
    let all: Vec<_> = futures::future::join_all((0..40).map(|_| pool.acquire())).await;
    drop(all);
    for round in 0..40 {
        let begun = begin(pool.clone());
        let mut begun = std::pin::pin!(begun);
        // Each time one step more is made before it is given up.
        for _ in 0..=round % 8 {
            let next = std::future::poll_fn(|context| {
                std::task::Poll::Ready(begun.as_mut().poll(context).is_ready())
            });
            if next.await {
                break;
            }
            // Time for the server to answer.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let open = "SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'given-up' AND state = 'idle in transaction'";
    let other = PgPool::connect(&servers.postgres_url()).await.unwrap();
    sqlx::query_scalar(open).fetch_one(&other).await.unwrap()
}

#[tokio::test]
async fn a_transaction_that_is_given_up_while_it_begins_is_not_left_open() {
    let servers = TestServers::start().await.unwrap();
    let ours = left_open(&servers, |pool| async move { wall::begin(&pool).await }).await;
    assert_eq!(ours, 0);
    // What a pool does by itself is the control. Should it find none one day, then `wall::begin` is
    // not needed any more.
    let theirs = left_open(&servers, |pool| async move { pool.begin().await }).await;
    assert!(theirs > 0, "sqlx leaves none open any more: begin transactions by the pool again");
}
