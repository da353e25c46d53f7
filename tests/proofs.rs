//! A log that somebody with all rights in its database has worked on: both verifiers say what was
//! done and where, and raise no alarm over a log that nobody has touched.

use futures::future::join_all;
use kernel::log::Log;
use kernel::proofs::{LogKey, Proofs};
use local::TestServers;

use cluster_tests::support::counter::count;
use cluster_tests::support::evidence::{EDIT, Evidence, MAKE_CHAIN_ANEW, UNSIGNED, named};

/// Events of the log; the last hundred are not signed.
const EVENTS: u64 = 2_400;
const SIGNED: u64 = EVENTS - UNSIGNED;

#[tokio::test]
async fn a_log_made_anew_is_caught_by_what_was_kept_elsewhere() {
    let evidence = Evidence::make(EVENTS).await;
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
    let evidence = Evidence::make(EVENTS).await;
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
    let evidence = Evidence::make(EVENTS).await;
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
