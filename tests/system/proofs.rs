//! What an auditor can take away (`ExportHistory` by the command line), and check without the system.

use std::path::Path;

use proof::merkle::{leaf_hash, verify_consistency, verify_inclusion};
use proof::{Checkpoint, Hash, Verifier, chain_step, export::Line};
use proto::access::v1::Role;
use proto::partner::v1 as partner;
use proto::proof::v1 as pb;
use proto::proof::v1::get_inclusion_proof_request::Event;
use proto::proof::v1::proof_service_client::ProofServiceClient;

use cluster_tests::support::evidence::independent;
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User, id};

async fn inclusion(
    user: &User,
    event: Event,
) -> Result<pb::GetInclusionProofResponse, tonic::Status> {
    let asked = pb::GetInclusionProofRequest { event: Some(event), ..Default::default() };
    let mut proofs = ProofServiceClient::new(user.channel.clone());
    Ok(proofs.get_inclusion_proof(user.says(asked)).await?.into_inner())
}

async fn newest(user: &User) -> (Checkpoint, Verifier) {
    let mut proofs = ProofServiceClient::new(user.channel.clone());
    let asked = user.says(pb::GetCheckpointRequest::default());
    let answer = proofs.get_checkpoint(asked).await.unwrap().into_inner();
    let key: Verifier = answer.verifier_key.parse().unwrap();
    (Checkpoint::open(&answer.checkpoint.unwrap().note, &key).unwrap(), key)
}

#[tokio::test]
async fn an_event_is_proved_to_its_tenant_and_to_nobody_else() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let position = submit(&admin, &order_of("SO-1", 5)).await.position;
    let auditor = system.user("acme", &[Role::Auditor], None);
    let (before, key) = newest(&auditor).await;
    assert!(before.size >= position && key.name() == "qudao/local/order");

    let proved = inclusion(&auditor, Event::Position(position)).await.unwrap();
    let line: Line<'_> = serde_json::from_str(&proved.event_json).unwrap();
    let at = Checkpoint::open(&proved.checkpoint.unwrap().note, &key).unwrap();
    let (previous, path) = line.proof().unwrap();
    let mut canonical = Vec::new();
    line.event().write_canonical(&mut canonical);
    let hash = chain_step(&previous, &canonical);
    let leads = |leaf: &Hash| verify_inclusion(position - 1, at.size, leaf, &path, &at.root);
    assert_eq!(leads(&leaf_hash(&hash)), Ok(()));
    assert!(leads(&leaf_hash(&previous)).is_err());
    assert_eq!(line.event_type, "OrderSubmitted");
    let by_id = inclusion(&auditor, Event::EventId(line.event_id.to_string())).await.unwrap();
    assert_eq!(by_id.event_json, proved.event_json);

    let stranger = system.user("other-brand", &[Role::Auditor], None);
    let refused = inclusion(&stranger, Event::Position(position)).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_SUCH_EVENT");
    let seller = system.user("acme", &[Role::DealerOwner], Some("hengtong"));
    let refused = inclusion(&seller, Event::Position(position)).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    let refused = inclusion(&auditor, Event::EventId("42".to_owned())).await.unwrap_err();
    assert_eq!(reason(&refused), "BAD_FIELDS");
}

#[tokio::test]
async fn a_log_is_proved_to_have_only_grown() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-1", 5)).await;
    let auditor = system.user("acme", &[Role::Auditor], None);
    let (old, key) = newest(&auditor).await;
    for n in 2..8 {
        submit(&admin, &order_of(&format!("SO-{n}"), 5)).await;
    }
    let (new, _) = newest(&auditor).await;
    assert!(new.size > old.size);
    let mut proofs = ProofServiceClient::new(auditor.channel.clone());
    let asked = pb::GetConsistencyProofRequest { old_size: old.size, ..Default::default() };
    let proved = proofs.get_consistency_proof(auditor.says(asked)).await.unwrap().into_inner();
    let path: Vec<Hash> =
        proved.path.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect();
    assert_eq!(verify_consistency(old.size, new.size, &old.root, &new.root, &path), Ok(()));
    assert!(verify_consistency(old.size, new.size, &new.root, &new.root, &path).is_err());

    let asked = auditor.says(pb::ListCheckpointsRequest::default());
    let listed = proofs.list_checkpoints(asked).await.unwrap().into_inner().checkpoints;
    assert!(listed.len() >= 2);
    assert!(listed.iter().all(|one| Checkpoint::open(&one.note, &key).unwrap().size == one.size));
    let old_size = old.size.to_string();
    let key = key.to_string();
    let consistency = ["proof", "consistency", "--old", &old_size, "--key", &key];
    let (proved, answer) = system.qudao(&auditor, &consistency);
    assert!(proved && answer["ok"] == true, "{answer}");
    let (proved, answer) = system.qudao(&auditor, &["proof", "consistency", "--old", "999"]);
    assert!(!proved && answer.to_string().contains("NOT_SIGNED"), "{answer}");
}

/// A second brand in the partner log.
async fn found_another(system: &System) {
    let operator = system.user("", &[Role::Operator], None);
    let found = partner::FoundTenantRequest {
        request_id: id(),
        tenant_id: "zenith".to_owned(),
        name: "天顶自行车".to_owned(),
        currency_code: "CNY".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        root_region_name: "全国".to_owned(),
        ..Default::default()
    };
    let channel = operator.channel.clone();
    let mut tenants = partner::tenant_service_client::TenantServiceClient::new(channel);
    tenants.found_tenant(operator.says(found)).await.unwrap();
}

fn edit(folder: &Path, from: &str, to: &str) {
    let file = folder.join("events.ndjson");
    let events = std::fs::read_to_string(&file).unwrap();
    let edited = events.replacen(from, to, 1);
    assert_ne!(events, edited);
    std::fs::write(file, edited).unwrap();
}

#[tokio::test]
async fn an_auditors_export_is_checked_without_the_system_and_shows_one_tenant() {
    let system = System::start().await;
    let admin = system.found().await;
    found_another(&system).await;
    shop::region(&admin, "east", "华东").await;
    let auditor = system.user("acme", &[Role::Auditor], None);
    let (_, answer) = system.qudao(&auditor, &["proof", "checkpoint", "--context", "partner"]);
    let key = answer["verifier_key"].as_str().unwrap().to_owned();

    let folder = system.servers.dir().join("audit");
    let export = ["proof", "export", "--context", "partner", "--to", folder.to_str().unwrap()];
    let (exported, answer) = system.qudao(&auditor, &export);
    let events = answer["events"].as_u64().unwrap();
    assert!(exported && events >= 4 && answer["complete"] == false, "{answer}");
    let text = std::fs::read_to_string(folder.join("events.ndjson")).unwrap();
    assert!(text.contains("顶好饮料") && !text.contains("zenith"));

    let verify = ["verify", "--export", folder.to_str().unwrap(), "--key", &key];
    let (whole, found) = system.qudao(&auditor, &verify);
    assert!(whole && found["ok"] == true && found["events"] == events, "{found}");
    let (whole, found) = independent(&folder, &key);
    assert!(whole && found["ok"] == true && found["events"] == events, "{found}");

    edit(&folder, "华东", "华西");
    let position = text.lines().find(|line| line.contains("华东")).unwrap();
    let position = serde_json::from_str::<Line<'_>>(position).unwrap().position;
    for (whole, found) in [system.qudao(&auditor, &verify), independent(&folder, &key)] {
        assert!(!whole);
        let problems = found["problems"].as_array().unwrap();
        assert!(problems.iter().any(|p| p["position"] == position && p["kind"] == "changed"));
        assert!(problems.iter().any(|p| p["kind"] == "file_changed"));
    }
    let stranger = system.user("other-brand", &[Role::Auditor], None);
    let empty = system.servers.dir().join("empty");
    let export = ["proof", "export", "--context", "partner", "--to", empty.to_str().unwrap()];
    let (exported, answer) = system.qudao(&stranger, &export);
    assert!(exported && answer["events"] == 0, "{answer}");
}

#[tokio::test]
async fn a_proof_goes_from_one_command_to_the_next() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let position = submit(&admin, &order_of("SO-1", 5)).await.position.to_string();
    let auditor = system.user("acme", &[Role::Auditor], None);
    let (_, proof) = system.qudao(&auditor, &["proof", "inclusion", "--position", &position]);
    let key = proof["verifier_key"].as_str().unwrap().to_owned();
    let file = system.servers.dir().join("proof.json");
    let check = ["proof", "verify-inclusion", file.to_str().unwrap(), "--key", &key];
    std::fs::write(&file, proof.to_string()).unwrap();
    let (proved, verdict) = system.qudao(&auditor, &check);
    assert!(proved && verdict["ok"] == true, "{verdict}");
    let mut forged = proof.clone();
    let payload = forged["event"]["payload"].as_str().unwrap().replace("tea", "tee");
    forged["event"]["payload"] = payload.into();
    std::fs::write(&file, forged.to_string()).unwrap();
    let (proved, verdict) = system.qudao(&auditor, &check);
    assert!(!proved, "{verdict}");

    let folder = system.servers.dir().join("one-order");
    let to = folder.to_str().unwrap();
    let export = ["proof", "export", "--object", "order/SO-1", "--to", to];
    let (exported, answer) = system.qudao(&auditor, &export);
    assert!(exported && answer["events"] == 1, "{answer}");
    assert!(system.qudao(&auditor, &["verify", "--export", to, "--key", &key]).0);
    assert!(independent(&folder, &key).0);
}
