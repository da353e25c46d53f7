//! A signed log, copies of it that somebody has worked on, and what verifiers say of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use futures::future::join_all;
use kernel::log::{Append, Log, NewEvent, StreamAppend, StreamVersion};
use kernel::proofs::{LogKey, Proofs};
use local::TestServers;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use super::counter::{CounterEvent, context};
use super::system::executable;

/// The last events of the log are not signed.
pub const UNSIGNED: u64 = 100;
/// Events of one object.
const EACH: u64 = 10;

/// Changes one event.
pub const EDIT: &str =
    "UPDATE events SET payload = '{\"type\":\"CounterMoved\",\"by\":2}' WHERE position = 777;";
/// What makes the chain whole again after something was done to it.
pub const MAKE_CHAIN_ANEW: &str = "DO $$
    DECLARE previous bytea := sha256(''); e record; last bigint := 0;
    BEGIN
        FOR e IN SELECT * FROM events ORDER BY position LOOP
            previous := sha256(previous || convert_to(concat_ws(E'\\n',
                e.position, e.event_id, e.tenant_id, e.aggregate_type, e.aggregate_id, e.sequence,
                e.event_type, e.event_version,
                (extract(epoch FROM e.recorded_at) * 1000000)::bigint,
                octet_length(e.metadata::text), e.metadata::text, e.payload::text), 'UTF8'));
            UPDATE events SET hash = previous WHERE position = e.position;
            last := e.position;
        END LOOP;
        UPDATE log_head SET position = last, hash = previous;
    END $$;";

/// A log of one context in a database, with its key.
pub struct Evidence {
    pub servers: TestServers,
    pub key_file: PathBuf,
    pub signed: u64,
    verifier_key: String,
}

impl Evidence {
    /// A log of this many events, signed twice.
    pub async fn make(events: u64) -> Self {
        let servers = TestServers::start().await.unwrap();
        let url = servers.database_url("untouched").await.unwrap();
        let log = Log::open(&url, "order").await.unwrap();
        let key_file = servers.dir().join("log-key.pem");
        let signer = LogKey::open(&key_file, "test").unwrap().signer("order").unwrap();
        let verifier_key = signer.verifier().to_string();
        let proofs = Proofs::of(&log, Some(signer));
        let signed = events - UNSIGNED;
        for (part, sign) in [(900, true), (signed - 900, true), (UNSIGNED, false)] {
            let objects: Vec<_> = (0..part / EACH).collect();
            for some in objects.chunks(500) {
                join_all(some.iter().map(|n| fill(&log, format!("c{n}-of-{part}")))).await;
            }
            if sign {
                proofs.sign_now().await.unwrap();
            }
        }
        assert_eq!(log.head().await.unwrap(), events);
        assert_eq!(proofs.checkpoint(None).await.unwrap().unwrap().checkpoint.size, signed);
        log.pool().close().await;
        Self { servers, key_file, signed, verifier_key }
    }

    /// A copy of the log with something done to it.
    pub async fn tampered(&self, name: &str, deeds: &[&str]) -> String {
        let mut server = PgConnection::connect(&self.servers.postgres_url()).await.unwrap();
        let copy = format!("CREATE DATABASE {name} TEMPLATE untouched");
        sqlx::raw_sql(&copy).execute(&mut server).await.unwrap();
        let url = self.servers.database_url(name).await.unwrap();
        let mut database = PgConnection::connect(&url).await.unwrap();
        for deed in ["SET search_path = order_log"].iter().chain(deeds) {
            sqlx::raw_sql(deed).execute(&mut database).await.unwrap();
        }
        database.close().await.unwrap();
        url
    }

    /// Runs the command line; whether it was content, and what it said.
    pub fn qudao(&self, args: &[&str]) -> (bool, Value) {
        let output = Command::new(executable())
            .args(args)
            .current_dir(self.servers.dir())
            .env("QUDAO_LOG_KEY", &self.key_file)
            .env("QUDAO_INSTALLATION", "test")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let json = serde_json::from_str(&text);
        (output.status.success(), json.unwrap_or_else(|_| panic!("{args:?}: {text}{errors}")))
    }

    /// What the verifier of qudao says of a database.
    pub fn online(&self, url: &str) -> (bool, Value) {
        self.qudao(&["verify", "--context", "order", "--json", "--database-url", url])
    }

    /// The complete log as an export, and what the two offline verifiers say of it.
    pub fn offline(&self, name: &str, url: &str) -> [(bool, Value); 2] {
        let folder = self.servers.dir().join(name);
        let folder = folder.to_str().unwrap();
        let all = ["--all", "--context", "order", "--database-url", url, "--json"];
        let (exported, _) = self.qudao(&[&["proof", "export", "--to", folder], &all[..]].concat());
        assert!(exported, "{name}");
        let key = self.verifier_key.as_str();
        let own = self.qudao(&["verify", "--export", folder, "--key", key, "--json"]);
        [own, independent(Path::new(folder), key)]
    }
}

async fn fill(log: &Log, object_id: String) {
    let context = context();
    let moved = CounterEvent::CounterMoved { by: 1 };
    let events = (0..EACH).map(|_| NewEvent::of(&moved).unwrap()).collect();
    let stream = StreamVersion { aggregate: "counter", object_id, version: 0, after: None };
    let append = Append {
        metadata: context.metadata,
        request: context.request,
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events }],
    };
    log.append(append).await.unwrap();
}

/// What the verifier says that shares no code with qudao.
pub fn independent(export: &Path, key: &str) -> (bool, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify_log.py");
    let output = Command::new("python3").arg(script).arg(export).arg(key).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout);
    (output.status.success(), json.unwrap_or_else(|_| panic!("{errors}")))
}

/// Positions and kinds of what a verifier found.
pub fn named(found: &Value) -> Vec<(u64, &str)> {
    let problems = found["problems"].as_array().unwrap();
    let position = |one: &'_ Value| one["position"].as_u64().unwrap();
    problems.iter().map(|one| (position(one), one["kind"].as_str().unwrap())).collect()
}
