//! A log that somebody with all rights in its database has worked on: both verifiers say what was
//! done and where, and raise no alarm over a log that nobody has touched.

use std::path::{Path, PathBuf};
use std::process::Command;

use futures::future::join_all;
use kernel::log::Log;
use kernel::proofs::{LogKey, Proofs};
use local::TestServers;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use cluster_tests::support::counter::count;
use cluster_tests::support::system::executable;

/// Events of the log; the last hundred are not signed.
const EVENTS: u64 = 2_400;
const SIGNED: u64 = 2_300;

/// What makes the chain whole again after something was done to it.
const MAKE_CHAIN_ANEW: &str = "DO $$
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
/// Gives the events after 777 the next lower or higher position.
const CLOSE_GAP: &str = "UPDATE events SET position = position + 1000000 WHERE position > 777;
    UPDATE events SET position = position - 1000001 WHERE position > 1000000;";
const MAKE_ROOM: &str = "UPDATE events SET position = position + 1000000 WHERE position >= 777;
    UPDATE events SET position = position - 999999 WHERE position > 1000000;";
const EDIT: &str =
    "UPDATE events SET payload = '{\"type\":\"CounterMoved\",\"by\":2}' WHERE position = 777;";
const DELETE: &str = "DELETE FROM events WHERE position = 777;";
const SWAP: &str = "UPDATE events SET position = 1000000 WHERE position = 777;
    UPDATE events SET position = 777 WHERE position = 1500;
    UPDATE events SET position = 1500 WHERE position = 1000000;";
const INSERT: &str = "INSERT INTO events SELECT aggregate_type, 'acme/forged', 1, event_type,
    event_version, payload, metadata, 777, gen_random_uuid(), tenant_id, recorded_at, hash
    FROM events WHERE position = 776;";
const EDIT_HASH: &str = "UPDATE events SET hash = sha256(hash) WHERE position = 777;";
const TRUNCATE: &str = "DELETE FROM events WHERE position > 2000;";
const OLD_HEAD: &str = "UPDATE log_head SET position = 2000,
    hash = (SELECT hash FROM events WHERE position = 2000);";

/// What is done, and what the verifier of qudao says.
type Drill = (&'static str, Vec<&'static str>, &'static [(u64, &'static str)]);

fn drills() -> Vec<Drill> {
    let rewritten = &[(777, "rewritten")];
    vec![
        ("edited", vec![EDIT], &[(777, "changed")]),
        ("edited, chain anew", vec![EDIT, MAKE_CHAIN_ANEW], rewritten),
        ("deleted", vec![DELETE], &[(777, "missing")]),
        ("deleted, moved up", vec![DELETE, CLOSE_GAP], &[(777, "missing"), (2_400, "truncated")]),
        ("deleted, chain anew", vec![DELETE, CLOSE_GAP, MAKE_CHAIN_ANEW], rewritten),
        ("swapped", vec![SWAP], &[(777, "swapped"), (1_500, "swapped")]),
        ("swapped, chain anew", vec![SWAP, MAKE_CHAIN_ANEW], rewritten),
        ("inserted", vec![MAKE_ROOM, INSERT], &[(777, "inserted"), (2_401, "inserted")]),
        ("inserted, chain anew", vec![MAKE_ROOM, INSERT, MAKE_CHAIN_ANEW], rewritten),
        ("hash edited", vec![EDIT_HASH], &[(777, "hash_changed")]),
        ("truncated", vec![TRUNCATE], &[(2_001, "truncated")]),
        ("truncated, chain anew", vec![TRUNCATE, MAKE_CHAIN_ANEW], &[(2_001, "truncated")]),
        ("old head", vec![OLD_HEAD], &[(2_000, "head_restored")]),
    ]
}

/// A log of one context in a database, with its key.
struct Evidence {
    servers: TestServers,
    key_file: PathBuf,
    verifier_key: String,
}

impl Evidence {
    async fn make() -> Self {
        let servers = TestServers::start().await.unwrap();
        let url = servers.database_url("untouched").await.unwrap();
        let log = Log::open(&url, "order").await.unwrap();
        let key_file = servers.dir().join("log-key.pem");
        let signer = LogKey::open(&key_file, "test").unwrap().signer("order").unwrap();
        let verifier_key = signer.verifier().to_string();
        let proofs = Proofs::of(&log, Some(signer));
        for (events, sign) in [(900, true), (SIGNED - 900, true), (EVENTS - SIGNED, false)] {
            let (log, made) = (&log, format!("of-{events}"));
            let writes = (0..events).map(|n| {
                let id = format!("c{n}-{made}");
                async move { count(log, &id, 1).await }
            });
            join_all(writes).await;
            if sign {
                proofs.sign_now().await.unwrap();
            }
        }
        assert_eq!(log.head().await.unwrap(), EVENTS);
        assert_eq!(proofs.checkpoint(None).await.unwrap().unwrap().checkpoint.size, SIGNED);
        log.pool().close().await;
        Self { servers, key_file, verifier_key }
    }

    /// A copy of the log with something done to it.
    async fn tampered(&self, name: &str, deeds: &[&str]) -> String {
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

    fn qudao(&self, args: &[&str]) -> (bool, Value) {
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

    /// The complete log as an export, and what the two offline verifiers say of it.
    fn offline(&self, name: &str, url: &str) -> [(bool, Value); 2] {
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

/// What the verifier says that shares no code with qudao.
pub(crate) fn independent(export: &Path, key: &str) -> (bool, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify_log.py");
    let output = Command::new("python3").arg(script).arg(export).arg(key).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout);
    (output.status.success(), json.unwrap_or_else(|_| panic!("{errors}")))
}

fn named(found: &Value) -> Vec<(u64, &str)> {
    let problems = found["problems"].as_array().unwrap();
    let named = |one: &'_ Value| one["position"].as_u64().unwrap();
    problems.iter().map(|one| (named(one), one["kind"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_kind_of_tampering_is_named_by_both_verifiers() {
    let evidence = Evidence::make().await;
    let untouched = evidence.tampered("copied", &[]).await;
    let online = ["verify", "--context", "order", "--json", "--database-url"];
    let (whole, found) = evidence.qudao(&[&online[..], &[untouched.as_str()]].concat());
    assert!(whole && found["ok"] == true && found["events"] == EVENTS, "{found}");
    assert_eq!(found["logs"][0]["signed_through"], SIGNED);
    assert!(found["events_per_second"].as_u64() > Some(0), "{found}");
    // The export signs what was not signed yet.
    for (whole, found) in evidence.offline("untouched-export", &untouched) {
        assert!(whole && found["ok"] == true && found["events"] == EVENTS, "{found}");
    }
    for (number, (name, deeds, expected)) in drills().into_iter().enumerate() {
        let url = evidence.tampered(&format!("drill_{number}"), &deeds).await;
        let (whole, found) = evidence.qudao(&[&online[..], &[url.as_str()]].concat());
        assert!(!whole && found["ok"] == false, "{name}: {found}");
        assert_eq!(named(&found), expected, "{name}, online");
        let [own, independent] = evidence.offline(&format!("export-{number}"), &url);
        assert!(!own.0 && !independent.0, "{name}");
        assert_eq!(named(&own.1), expected, "{name}, export");
        let positions: Vec<u64> = named(&independent.1).iter().map(|(at, _)| *at).collect();
        assert!(positions.contains(&expected[0].0), "{name}: {}", independent.1);
    }
}

#[tokio::test]
async fn a_log_made_anew_is_caught_by_what_was_kept_elsewhere() {
    let evidence = Evidence::make().await;
    let url = evidence.tampered("first", &[]).await;
    let kept = evidence.servers.dir().join("kept.note");
    let proofs = Proofs::open(&url, "order", 2).unwrap();
    std::fs::write(&kept, proofs.checkpoint(None).await.unwrap().unwrap().note).unwrap();
    let forget = "DELETE FROM checkpoints; DELETE FROM tiles;";
    let anew = evidence.tampered("anew", &[EDIT, MAKE_CHAIN_ANEW, forget]).await;
    let verify = ["verify", "--context", "order", "--json", "--database-url", anew.as_str()];
    let (whole, _) = evidence.qudao(&verify);
    assert!(whole, "with its checkpoints gone, nothing in the database tells");
    let kept = ["--checkpoint", kept.to_str().unwrap()];
    let (whole, found) = evidence.qudao(&[&verify[..], &kept[..]].concat());
    assert!(!whole);
    assert_eq!(named(&found), [(1, "rewritten")], "{found}");
    assert_eq!(found["problems"][0]["through"], SIGNED);
}

#[tokio::test]
async fn a_checkpoint_signed_by_another_key_is_named() {
    let evidence = Evidence::make().await;
    let foreign = evidence.servers.dir().join("other-key.pem");
    let signer = LogKey::open(&foreign, "test").unwrap().signer("order").unwrap();
    let url = evidence.tampered("forged", &["DELETE FROM checkpoints; DELETE FROM tiles;"]).await;
    let log = Proofs::open(&url, "order", 4).unwrap().with_signer(signer);
    log.sign_now().await.unwrap();
    let verify = ["verify", "--context", "order", "--json", "--database-url", url.as_str()];
    let (whole, found) = evidence.qudao(&verify);
    assert!(!whole);
    assert!(named(&found).contains(&(EVENTS, "checkpoint_forged")), "{found}");
}

#[tokio::test]
async fn nothing_is_signed_that_does_not_follow_from_what_was_signed() {
    let evidence = Evidence::make().await;
    for (number, (deeds, position)) in [
        (vec![EDIT, MAKE_CHAIN_ANEW], SIGNED),
        (vec!["UPDATE events SET payload = '{}' WHERE position = 2350"], 2_350),
    ]
    .into_iter()
    .enumerate()
    {
        let url = evidence.tampered(&format!("unsigned_{number}"), &deeds).await;
        let signer = LogKey::open(&evidence.key_file, "test").unwrap().signer("order").unwrap();
        let refused = Proofs::open(&url, "order", 4).unwrap().with_signer(signer).sign_now().await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(&format!("event {position} ")), "{error}");
    }
}

#[tokio::test]
async fn several_processes_sign_one_log_in_turn() {
    let servers = TestServers::start().await.unwrap();
    let log = Log::open(&servers.postgres_url(), "order").await.unwrap();
    let key = LogKey::open(&servers.dir().join("log-key.pem"), "test").unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let runners: Vec<_> = (0..3)
        .map(|_| {
            let proofs = Proofs::of(&log, Some(key.signer("order").unwrap()));
            tokio::spawn(kernel::proofs::run(proofs, stop.clone()))
        })
        .collect();
    let proofs = Proofs::of(&log, Some(key.signer("order").unwrap()));
    for n in 0..60 {
        count(&log, &format!("c{n}"), 1).await;
        if n % 3 == 0 {
            let stored = join_all([proofs.sign_now(), proofs.sign_now()]).await;
            assert!(stored.into_iter().all(|stored| stored.unwrap().checkpoint.size == n + 1));
        }
    }
    stop.cancel();
    join_all(runners).await;
    let key = key.signer("order").unwrap();
    let how = kernel::proofs::Verification {
        key: Some(key.verifier()),
        known: Vec::new(),
        parallel: 2,
        progress: &|_, _| (),
    };
    let verified = proofs.verify(how).await.unwrap();
    assert_eq!((verified.report.problems, verified.report.events), (vec![], 60));
    assert!(verified.checkpoints >= 20);
}
