//! The demonstration data: imported by the public rpcs, once, with the totals of the file; and the brand
//! whose orders can be paid online.

use std::process::Command;

use serde_json::Value;
use sqlx::PgPool;

use cluster_tests::support::system::{System, executable};

const GROSS: i64 = 1_129_288_500;

/// Brand, login and password.
type Somebody = [&'static str; 3];
const ADMIN: Somebody = ["bikes", "admin", "qudao-demo-admin"];
const BUYER: Somebody = ["drinks", "dealer", "qudao-demo-drinks-dealer"];

fn client(system: &System, arguments: &[&str]) -> Value {
    client_of(ADMIN, system, arguments)
}

/// Runs a client command in the project's folder; gives its JSON.
fn client_of([tenant, login, password]: Somebody, system: &System, arguments: &[&str]) -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(executable())
        .args(arguments)
        .current_dir(root)
        .env("QUDAO_SERVER", &system.web)
        .env("QUDAO_SIGNING_KEY", system.key_file())
        .env("QUDAO_TENANT", tenant)
        .env("QUDAO_USER", login)
        .env("QUDAO_PASSWORD", password)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {told}");
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or("null");
    serde_json::from_str(last).unwrap_or(Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_has_the_totals_of_its_file_and_importing_twice_changes_nothing() {
    let system = System::start().await;
    client(&system, &["demo", "load"]);

    let streams = client(&system, &["stream", "status", "--json"]);
    let order = &streams["streams"][0];
    let position = order["log_position"].as_i64().unwrap();
    assert_eq!(order["name"], "ORDER");
    assert_eq!(order["stream_sequence"], position);
    assert_eq!(order["events"], position);

    let import = ["import", "orders", "deploy/demo/bike_sales.csv", "--mapping"];
    let again = [&import[..], &["deploy/demo/bike_sales.toml", "--json"]].concat();
    let report = client(&system, &again);
    assert_eq!(
        (&report["created"], &report["refused"], &report["bad"]),
        (&0.into(), &0.into(), &0.into())
    );
    let streams = client(&system, &["stream", "status", "--json"]);
    assert_eq!(streams["streams"][0]["log_position"], position, "nothing was stored again");
    let again = client(&system, &["demo", "load", "--json"]);
    assert_eq!(again["unchanged"], true, "{again}");

    let total = client(&system, &["query", "sales", "--json"]);
    assert_eq!(total["rows"][0]["gross_minor"], GROSS);
    assert_eq!(total["rows"][0]["quantity"], 3_268);
    assert_eq!(total["rows"][0]["orders"], 322);
    for (dimension, rows) in [("region", 4), ("dealer", 30), ("product", 97), ("day", 177)] {
        let by = client(&system, &["query", "sales", "--by", dimension, "--json"]);
        let by = by["rows"].as_array().unwrap();
        assert_eq!(by.len(), rows, "by {dimension}");
        let sum: i64 = by.iter().map(|row| row["gross_minor"].as_i64().unwrap()).sum();
        assert_eq!(sum, GROSS, "by {dimension}");
    }
    by_sql(&system).await;
    an_order_of_the_other_brand_has_to_be_paid(&system);
}

/// It sells in CNY, and the dealer has no credit.
fn an_order_of_the_other_brand_has_to_be_paid(system: &System) {
    let order = ["orders", "submit", "--dealer", "west-lake-trade", "--json", "--line"];
    let placed = client_of(BUYER, system, &[&order[..], &["soda-water-480=24"]].concat());
    let (id, position) = (placed["order_id"].as_str().unwrap(), placed["position"].to_string());
    let show = ["orders", "show", id, "--min-position", &position, "--json"];
    let shown = client_of(BUYER, system, &show);
    assert_eq!(shown["status"], "awaiting-payment", "{shown}");
    assert_eq!((&shown["currency"], &shown["net_minor"]), (&"CNY".into(), &6_240.into()));
    assert_eq!(shown["payment"]["open_minor"], 6_240, "nothing else pays it: {shown}");
}

async fn by_sql(system: &System) {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let read: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT sum(gross_minor)::bigint, sum(quantity)::bigint, count(DISTINCT order_id),
         count(DISTINCT dealer_id) FROM read_models.sales",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(read, (GROSS, 3_268, 322, 30));
    let logged: (i64, i64) = sqlx::query_as(
        "SELECT sum((payload->>'gross_minor')::bigint)::bigint, count(*) FROM order_log.events
         WHERE event_type = 'OrderSubmitted'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(logged, (GROSS, 322), "the record says the same as the read model");
}
