//! What docs/streams.md promises to other programs: its examples, cut out and run, and the
//! Parquet files, read back by DuckDB and Polars.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use proto::access::v1::Role;
use proto::history::v1::{Event, ReplayEventsRequest};
use serde_json::{Value, json};
use sqlx::{PgPool, Row as _};

use crate::schemas::root;
use cluster_tests::support::replay::{all, fill};
use cluster_tests::support::shop::{self, order_of, submit};
use cluster_tests::support::system::{System, User, executable};

/// Ends an example that would run for ever.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The one block of a language in docs/streams.md.
fn example(language: &str) -> String {
    let text = std::fs::read_to_string(root().join("docs/streams.md")).unwrap();
    let blocks: Vec<_> = text.split(&format!("```{language}\n")).skip(1).collect();
    assert_eq!(blocks.len(), 1, "one example in {language}");
    blocks[0].split("```").next().unwrap().to_owned()
}

/// A tool that `make tools` installs.
fn tool(path: &str) -> PathBuf {
    let tool = root().canonicalize().unwrap().join(path);
    assert!(tool.exists(), "{path} is missing: make tools");
    tool
}

fn python() -> PathBuf {
    assert!(tool("target/tools/.requirements").exists());
    tool("target/tools/bin/python")
}

/// Runs an example until it has told as many events as are expected.
fn told(program: &mut Command, system: &System, last: u64, count: usize) -> Vec<Value> {
    program.env("NATS_URL", system.servers.nats_url()).env("LAST_POSITION", last.to_string());
    let mut running = Running(program.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let told: Vec<_> =
        lines.take(count).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(told.len(), count, "the example ended early");
    told
}

fn expected(events: &[Event]) -> Vec<Value> {
    let one = |event: &Event| {
        json!({
            "position": event.position,
            "type": event.event_type,
            "object": format!("{}/{}", event.aggregate, event.object_id),
            "actor": event.origin.as_ref().unwrap().actor_id,
        })
    };
    events.iter().map(one).collect()
}

#[tokio::test]
async fn the_examples_of_the_document_get_every_event() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    for n in 0..10 {
        submit(&admin, &order_of(&format!("SO-{n}"), 1)).await;
    }
    let (events, _) = all(&admin, ReplayEventsRequest::default()).await.unwrap();
    assert!(events.len() > 12 && events.iter().any(|e| e.object_id == "SO-9"));
    let folder = system.servers.dir();
    let script = folder.join("example.py");
    std::fs::write(&script, example("python")).unwrap();
    let module = folder.join("example.mjs");
    std::fs::write(&module, example("js")).unwrap();
    let modules = tool("tests/node/node_modules");
    std::os::unix::fs::symlink(modules, folder.join("node_modules")).unwrap();
    for last in [0, 5] {
        let wanted = expected(&events[last..]);
        let last = last as u64;
        let came = told(Command::new(python()).arg(&script), &system, last, wanted.len());
        assert_eq!(came, wanted, "Python, after {last}");
        let came = told(Command::new("node").arg(&module), &system, last, wanted.len());
        assert_eq!(came, wanted, "JavaScript, after {last}");
    }
}

/// Exports into a folder and gives what the command says.
fn export(user: &User, system: &System, folder: &Path, more: &[&str]) -> Value {
    let done = Command::new(executable())
        .args(["export", "parquet", "--json", "--dir"])
        .arg(folder)
        .args(more)
        .env("QUDAO_SERVER", &system.web)
        .env("QUDAO_TOKEN", &user.token)
        .env("QUDAO_SIGNING_KEY", system.key_file())
        .output()
        .unwrap();
    let failure = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "the export failed: {failure}");
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Counts and sums over all events of a tenant, by SQL on the logs.
async fn figures(system: &System, tenant: &str) -> Value {
    let pool = PgPool::connect(&system.servers.postgres_url()).await.unwrap();
    let row = sqlx::query(
        "SELECT count(*), sum(position)::bigint, sum(octet_length(payload::text))::bigint,
                count(DISTINCT event_id),
                sum((extract(epoch FROM recorded_at) * 1000000)::bigint)::text,
                coalesce(sum((payload->>'gross_minor')::bigint), 0)::bigint,
                count(metadata->>'traceparent')
         FROM (SELECT * FROM order_log.events UNION ALL SELECT * FROM partner_log.events) AS e
         WHERE tenant_id = $1",
    )
    .bind(tenant)
    .fetch_one(&pool)
    .await
    .unwrap();
    let number = |n: usize| row.get::<i64, _>(n);
    json!({
        "events": number(0), "positions": number(1), "bytes": number(2), "ids": number(3),
        "micros": row.get::<String, _>(4), "gross_minor": number(5), "traced": number(6),
    })
}

/// The same counts and sums, by DuckDB and by Polars on the files.
fn read_back(folder: &Path, library: &str) -> Value {
    let script = root().join("tests/read_parquet.py");
    let done = Command::new(python()).arg(script).arg(library).arg(folder).output().unwrap();
    let failure = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{library} can not read the files: {failure}");
    serde_json::from_slice(&done.stdout).unwrap()
}

#[tokio::test]
async fn parquet_files_hold_what_the_logs_hold() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    for n in 0..5 {
        submit(&admin, &order_of(&format!("SO-{n}"), n + 1)).await;
    }
    fill(&system, "bolt", 1).await;
    let folder = system.servers.dir().join("files");
    let first = export(&admin, &system, &folder, &[]);
    assert_eq!(first["events"], first["new_events"]);
    let before = std::fs::read(folder.join("manifest.json")).unwrap();
    let again = export(&admin, &system, &folder, &[]);
    assert_eq!((&again["new_events"], &again["new_files"]), (&json!(0), &json!(0)));
    assert_eq!(std::fs::read(folder.join("manifest.json")).unwrap(), before);

    submit(&admin, &order_of("SO-9", 7)).await;
    fill(&system, "acme", 3).await;
    killed(&admin, &system, &folder);
    export(&admin, &system, &folder, &[]);
    let wanted = figures(&system, "acme").await;
    assert_eq!(read_back(&folder, "duckdb"), wanted);
    assert_eq!(read_back(&folder, "polars"), wanted);
    let checked = export(&admin, &system, &folder, &["--check"]);
    assert_eq!(checked["events"], wanted["events"]);

    // The control: with the events of another tenant as well, the sums must differ.
    let everybody = system.servers.dir().join("everybody");
    let operator = system.user("", &[Role::Operator], None);
    let both = export(&operator, &system, &everybody, &["--all-tenants"]);
    let others = figures(&system, "bolt").await["events"].as_i64().unwrap();
    let ours = wanted["events"].as_i64().unwrap();
    assert_eq!(both["events"], ours + others);
    assert_ne!(read_back(&everybody, "duckdb"), wanted);
}

/// How many files and folders lie below a folder.
fn inside(folder: &Path) -> usize {
    let Ok(listed) = std::fs::read_dir(folder) else { return 0 };
    listed.map(|entry| 1 + entry.map_or(0, |entry| inside(&entry.path()))).sum()
}

/// Starts an export and kills it as soon as it has begun to write.
fn killed(user: &User, system: &System, folder: &Path) {
    let before = inside(folder);
    let running = Command::new(executable())
        .args(["export", "parquet", "--dir"])
        .arg(folder)
        .env("QUDAO_SERVER", &system.web)
        .env("QUDAO_TOKEN", &user.token)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut running = Running(running);
    while inside(folder) == before && running.0.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}
