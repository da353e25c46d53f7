//! `qudao bench` from its arguments to its report, at sizes that measure nothing.

use std::process::{Command, Output};

use local::TestServers;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use cluster_tests::support::system::executable;

fn bench(servers: &TestServers, arguments: &[&str]) -> Output {
    Command::new(executable())
        .args(["bench", "--rounds", "2", "--seconds", "0.05"])
        .args(arguments)
        .env("QUDAO_DATABASE_URL", servers.postgres_url())
        .env("QUDAO_NATS_URL", servers.nats_url())
        .output()
        .unwrap()
}

async fn databases(servers: &TestServers) -> Vec<String> {
    let mut connection = PgConnection::connect(&servers.postgres_url()).await.unwrap();
    sqlx::query_scalar("SELECT datname FROM pg_database ORDER BY 1")
        .fetch_all(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_benchmark_reports_its_ratios_by_their_fixed_names_and_leaves_nothing_behind() {
    let servers = TestServers::start().await.unwrap();
    let before = databases(&servers).await;
    // The two last make tables of their own beside the log's.
    let only =
        ["hot_over_cold", "append_64_vs_postgres_es", "append_1_vs_insert", "append_full_vs_bare"];
    let only: Vec<_> = only.into_iter().flat_map(|name| ["--only", name]).collect();

    let output = bench(&servers, &[&["--quick", "--json"], &only[..]].concat());

    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ratios = report["ratios"].as_object().unwrap();
    for name in ["hot_over_cold", "append_64_vs_postgres_es"] {
        assert!(ratios[name].as_f64().unwrap() > 0.0, "{report}");
    }
    // What was not measured is not there, rather than zero.
    assert!(!ratios.contains_key("rpc_over_echo") && report["left_out"] == serde_json::json!([]));
    let side = &report["sides"][0];
    assert!(side["calls"].as_u64().unwrap() > 0 && side["latency_ms"]["p99"].is_number());
    assert!(report["machine"]["postgres_settings"]["synchronous_commit"].is_string());
    assert_eq!(databases(&servers).await, before);
}

#[tokio::test]
async fn a_benchmark_that_can_not_be_made_fails_and_says_why() {
    let servers = TestServers::start().await.unwrap();

    let output = bench(&servers, &["--only", "no_such_thing"]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("no_such_thing") && told.contains("hot_over_cold"), "{told}");

    let mut nowhere = servers;
    nowhere.kill9_postgres().await.unwrap();
    let output = bench(&nowhere, &["--quick", "--json"]);
    assert!(!output.status.success() && output.stdout.is_empty());
}
