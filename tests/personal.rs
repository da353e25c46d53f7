//! Personal data in a log that never changes: it is erased, and the log is still proved.

use kernel::log::{Append, Log, NewEvent, StreamAppend, StreamVersion};
use kernel::personal::{Personal, PersonalError, Vault};
use kernel::proofs::{LogKey, Proofs, Verification};
use local::TestServers;
use partner::user::UserEvent;
use serde::{Deserialize, Serialize};

use cluster_tests::support::counter::context;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Visited {
    by: Personal<String>,
    phones: Vec<Personal<String>>,
    outlet: String,
}

fn visited(subject: &str) -> Visited {
    Visited {
        by: Personal::of(subject, "王小明".to_owned()),
        phones: vec![Personal::of(subject, "13812345678".to_owned())],
        outlet: "O-1".to_owned(),
    }
}

struct Desk {
    servers: TestServers,
    log: Log,
    vault: Vault,
}

impl Desk {
    async fn open() -> Self {
        let servers = TestServers::start().await.unwrap();
        let log = Log::open(&servers.postgres_url(), "visit").await.unwrap();
        let key = servers.dir().join("personal.key");
        let vault = Vault::open(&log, &key).await.unwrap();
        Self { servers, log, vault }
    }

    /// Appends a visit with everything personal sealed; the stored payload.
    async fn append(&self, number: u32, fact: &Visited) -> String {
        let plain = serde_json::to_string(fact).unwrap();
        let payload = self.vault.seal("acme", &plain).await.unwrap();
        let context = context();
        let (aggregate, object_id) = ("visit", format!("V-{number}"));
        let event = NewEvent {
            event_id: uuid::Uuid::now_v7(),
            event_type: "Visited".to_owned(),
            event_version: 1,
            payload,
        };
        let stream = StreamVersion { aggregate, object_id, version: 0, after: None };
        let append = Append {
            metadata: context.metadata,
            request: context.request,
            guards: Vec::new(),
            streams: vec![StreamAppend { stream, events: vec![event] }],
        };
        let position = self.log.append(append).await.unwrap().position;
        self.log.read_after(position - 1, 1).await.unwrap().remove(0).payload
    }

    async fn shown(&self, stored: &str) -> Visited {
        serde_json::from_str(&self.vault.show("acme", stored).await.unwrap()).unwrap()
    }
}

#[tokio::test]
async fn personal_data_is_erased_and_the_log_is_still_proved() {
    let desk = Desk::open().await;
    let ming = desk.append(1, &visited("ming")).await;
    let hong = desk.append(2, &visited("hong")).await;
    for stored in [&ming, &hong] {
        assert!(!stored.contains("王小明") && !stored.contains("13812345678"), "{stored}");
        assert!(stored.contains("O-1"), "the rest is stored as it is");
        let read: Visited = serde_json::from_str(stored).unwrap();
        assert_eq!((read.by.value(), read.by.text().en.as_str()), (None, "(encrypted)"));
    }
    assert_eq!(desk.shown(&ming).await, visited("ming"));

    let signer = LogKey::open(&desk.servers.dir().join("log-key.pem"), "test").unwrap();
    let signer = signer.signer("visit").unwrap();
    let proofs = Proofs::of(&desk.log, Some(signer.clone()));
    let before = proofs.sign_now().await.unwrap();

    assert!(desk.vault.erase("acme", "ming").await.unwrap());
    assert!(!desk.vault.erase("acme", "ming").await.unwrap(), "it can be erased once");
    let erased = desk.shown(&ming).await;
    assert!(erased.by.is_erased() && erased.phones[0].is_erased());
    assert_eq!((erased.by.text().zh.as_str(), erased.outlet.as_str()), ("（已删除）", "O-1"));
    assert_eq!(desk.shown(&hong).await, visited("hong"), "others keep theirs");

    let how = Verification {
        key: Some(signer.verifier()),
        known: vec![before.checkpoint],
        parallel: 1,
        progress: &|_, _| (),
    };
    let verified = proofs.verify(how).await.unwrap();
    assert_eq!((verified.report.problems, verified.report.signed_through), (vec![], 2));
    let again = serde_json::to_string(&visited("ming")).unwrap();
    let refused = desk.vault.seal("acme", &again).await.unwrap_err();
    assert!(matches!(refused, PersonalError::Erased(subject) if subject == "ming"));
}

#[tokio::test]
async fn what_is_sealed_can_not_be_passed_off_as_another_persons() {
    let desk = Desk::open().await;
    let ming = desk.append(1, &visited("ming")).await;
    desk.append(2, &visited("hong")).await;
    let passed_off = ming.replace("\"ming\"", "\"hong\"");
    is_shut(&desk.vault, "acme", &passed_off).await;
    is_shut(&desk.vault, "zenith", &ming).await;
    let stranger = Vault::shut(&desk.log);
    is_shut(&stranger, "acme", &ming).await;
}

/// What can not be decrypted is shown as what it is, and not as erased; who needs it gets an error.
async fn is_shut(vault: &Vault, tenant: &str, stored: &str) {
    let shown = vault.show(tenant, stored).await.unwrap();
    let shown: Visited = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown.by.text().en, "(encrypted)");
    let refused = vault.reveal(tenant, &shown.by).await.unwrap_err();
    assert!(matches!(refused, PersonalError::Sealed(_)), "{refused}");
}

#[tokio::test]
async fn one_value_that_can_not_be_decrypted_takes_no_other_with_it() {
    let desk = Desk::open().await;
    let mut stored = Vec::new();
    for (number, subject) in (1..).zip(["ming", "hong", "li", "wang"]) {
        stored.push(desk.append(number, &visited(subject)).await);
    }
    let damaged = "UPDATE personal_keys SET wrapped = wrapped || '\\x00' WHERE subject = 'hong'";
    sqlx::query(damaged).execute(desk.log.pool()).await.unwrap();
    let lost = "DELETE FROM personal_keys WHERE subject = 'li'";
    sqlx::query(lost).execute(desk.log.pool()).await.unwrap();
    desk.vault.erase("acme", "wang").await.unwrap();
    let shown = desk.vault.show_all("acme", stored).await.unwrap();
    let shown = shown.iter().map(|one| serde_json::from_str::<Visited>(one).unwrap().by.text().en);
    let shown: Vec<_> = shown.collect();
    assert_eq!(shown, ["王小明", "(encrypted)", "(encrypted)", "(erased)"]);
}

/// Else the people of tomorrow would be encrypted by another key than those of yesterday.
#[tokio::test]
async fn a_vault_does_not_open_with_another_key_or_without_its_own() {
    let desk = Desk::open().await;
    let (log, dir) = (&desk.log, desk.servers.dir());
    let (key, other) = (dir.join("personal.key"), dir.join("other.key"));
    std::fs::write(&other, "ab".repeat(32)).unwrap();
    std::fs::rename(&key, dir.join("aside.key")).unwrap();
    Vault::open(log, &key).await.expect("nobody's data is encrypted yet");
    std::fs::rename(dir.join("aside.key"), &key).unwrap();

    desk.append(1, &visited("ming")).await;
    let refused = Vault::open(log, &other).await.err().unwrap();
    assert!(matches!(refused, PersonalError::KeyWrong(_)), "{refused}");
    assert!(refused.to_string().contains("QUDAO_PERSONAL_KEY"), "{refused}");
    std::fs::rename(&key, dir.join("aside.key")).unwrap();
    let refused = Vault::open(log, &key).await.err().unwrap();
    assert!(matches!(refused, PersonalError::KeyMissing(_)), "{refused}");
    assert!(!key.exists(), "and none is made anew");
    Vault::open(log, &dir.join("aside.key")).await.expect("the right key, elsewhere");
    desk.vault.erase("acme", "ming").await.unwrap();
    Vault::open(log, &key).await.expect("nothing is left that the old key opens");
}

#[tokio::test]
async fn one_value_is_sealed_and_revealed_until_its_person_is_erased() {
    let Desk { vault, servers: _servers, .. } = Desk::open().await;
    let name = Personal::of("ming", "王小明".to_owned());
    let sealed = vault.sealed("acme", &name).await.unwrap();
    assert_eq!((sealed.value(), sealed.subject()), (None, "ming"));
    assert!(!serde_json::to_string(&sealed).unwrap().contains("王小明"));
    assert_eq!(vault.sealed("acme", &sealed).await.unwrap(), sealed, "it is sealed once");
    assert_eq!(vault.reveal("acme", &sealed).await.unwrap().as_deref(), Some("王小明"));
    assert_eq!(vault.reveal("acme", &name).await.unwrap().as_deref(), Some("王小明"));

    vault.erase("acme", "ming").await.unwrap();
    assert_eq!(vault.reveal("acme", &sealed).await.unwrap(), None);
    assert_eq!(vault.reveal("acme", &name).await.unwrap(), None, "nor what was stored plain");
    let refused = vault.sealed("acme", &name).await.unwrap_err();
    assert!(matches!(refused, PersonalError::Erased(subject) if subject == "ming"));
}

/// A part of the program that forgets to seal must not get as far as the log.
#[tokio::test]
async fn what_is_not_sealed_is_not_stored() {
    let Desk { vault, servers: _servers, .. } = Desk::open().await;
    let registered = |name: Personal<String>| {
        NewEvent::of(&UserEvent::UserRegisteredV2 {
            name,
            roles: Vec::new(),
            dealer_id: None,
            regions: Vec::new(),
            credential_id: uuid::Uuid::nil(),
            password_to_be_changed: false,
        })
    };
    let plain = Personal::of("ming", "王小明".to_owned());
    assert!(registered(plain.clone()).unwrap_err().to_string().contains("must be sealed"));
    assert!(registered(vault.sealed("acme", &plain).await.unwrap()).is_ok());
}

#[tokio::test]
async fn who_had_no_key_is_erased_all_the_same() {
    let Desk { vault, servers: _servers, .. } = Desk::open().await;
    let plain = Personal::of("hong", "李红".to_owned());
    assert!(vault.erase("acme", "hong").await.unwrap());
    assert_eq!(vault.reveal("acme", &plain).await.unwrap(), None);
    assert!(vault.sealed("acme", &plain).await.is_err(), "nothing new is kept of them");
    assert_eq!(vault.reveal("zenith", &plain).await.unwrap().as_deref(), Some("李红"));
}

#[tokio::test]
async fn a_payload_without_personal_data_stays_byte_for_byte() {
    let desk = Desk::open().await;
    let payload = r#"{"b": 1.50,"a":"\u0041"}"#;
    assert_eq!(desk.vault.seal("acme", payload).await.unwrap(), payload);
    assert_eq!(desk.vault.show("acme", payload).await.unwrap(), payload);
}
