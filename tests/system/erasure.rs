//! A person is erased: nobody reads their name any more, anywhere, and nothing else changes.

use std::process::Command;
use std::time::Duration;

use kernel::command::{Addressed, CommandContext, Commands};
use kernel::log::{Append, Log, NewEvent, StreamAppend, StreamVersion};
use partner::user::{User as UserState, UserCommand};
use proto::access::v1::Role;
use proto::common::v1::Receipt;
use proto::history::v1::history_service_client::HistoryServiceClient;
use proto::history::v1::{
    GetCausationTreeRequest, GetStateAtRequest, HistoryEntry, ListEventsRequest, Origin,
    get_state_at_request::At,
};
use proto::partner::v1 as pb;
use serde_json::{Value, json};
use tonic::Code;
use uuid::Uuid;

use cluster_tests::support::counter::context;
use cluster_tests::support::people::{
    LOGIN, NAME, PASSWORD, erase, erasure, gone, history, kept, people, places_of, register,
    registration, sign_in,
};
use cluster_tests::support::shop::{self, order_of, reason, submit};
use cluster_tests::support::system::{System, User, executable};

const ERASED: &str = "已删除 · erased";

async fn state(user: &User, object: &str, at: Option<At>) -> Value {
    let request = GetStateAtRequest { object: object.to_owned(), at };
    let mut client = HistoryServiceClient::new(user.channel.clone());
    let answer = client.get_state_at(user.says(request)).await.unwrap().into_inner();
    serde_json::from_str(&answer.state_json).unwrap()
}

fn origin(entry: &HistoryEntry) -> Origin {
    entry.event.clone().unwrap().origin.unwrap()
}

/// Who acted, by the history of an order, by the list of events and by the tree of causes.
async fn actors(admin: &User, order: &str) -> [(String, bool); 3] {
    let entry = history(admin, order).await.remove(0);
    let mut client = HistoryServiceClient::new(admin.channel.clone());
    let by = ListEventsRequest { actor_id: LOGIN.to_owned(), ..Default::default() };
    let listed = loop {
        let answer = client.list_events(admin.says(by.clone())).await.unwrap().into_inner();
        match answer.entries.into_iter().next() {
            Some(entry) => break origin(&entry),
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let asked = GetCausationTreeRequest { id: origin(&entry).correlation_id };
    let tree = client.get_causation_tree(admin.says(asked)).await.unwrap().into_inner();
    let node = tree.nodes.into_iter().find_map(|node| node.event).unwrap().origin.unwrap();
    [origin(&entry), listed, node].map(|one| (one.actor_name, one.actor_erased))
}

/// What the command line says, and whether it ends well.
fn qudao(user: &User, system: &System, arguments: &[&str]) -> (bool, String) {
    let done = Command::new(executable())
        .args(arguments)
        .env("QUDAO_SERVER", &system.web)
        .env("QUDAO_TOKEN", &user.token)
        .env("QUDAO_DATABASE_URL", system.servers.postgres_url())
        .env("QUDAO_LOG_KEY", system.key_file().with_file_name("log-key.pem"))
        .output()
        .unwrap();
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    (done.status.success(), told)
}

#[tokio::test]
async fn a_persons_name_can_be_read_until_they_are_erased_and_stands_nowhere() {
    let system = System::start().await;
    let admin = shop::open(&system).await;
    let request = registration(LOGIN);
    let registered = register(&admin, request.clone()).await.unwrap();
    let person = sign_in(&admin, LOGIN, PASSWORD).await.unwrap();
    submit(&person, &order_of("SO-1", 2)).await;

    let asked = person.says(pb::GetCurrentUserRequest {});
    let me = people(&person).get_current_user(asked).await.unwrap().into_inner().user.unwrap();
    assert_eq!((me.name.as_str(), me.user_id.as_str()), (NAME, LOGIN));
    assert_eq!(actors(&admin, "SO-1").await, [(); 3].map(|()| (NAME.to_owned(), false)));
    let told = history(&admin, "user/u-4711").await;
    assert!(told[0].sentence_zh.contains(NAME) && told[0].shown_json.contains(NAME));
    assert!(told[0].changes.iter().any(|one| one.path == "/name" && one.after_json.contains(NAME)));
    assert!(!told[0].event.as_ref().unwrap().payload_json.contains(NAME), "the record is sealed");
    assert_eq!(state(&admin, "user/u-4711", None).await["name"], NAME);
    assert_eq!(kept(&system, LOGIN, &request.request_id).await, (true, 1));
    assert_eq!(places_of(&system, NAME).await, [""; 0], "before");
    // The control: a name that is not personal is found in the logs, in what was made of them and
    // in the streams.
    let control = places_of(&system, "苏州恒通").await;
    for place in ["order_log.events", "partner_log.events", "read_models.", "ORDER ", "PARTNER "] {
        assert!(control.iter().any(|found| found.starts_with(place)), "{place} in {control:?}");
    }

    let asked = erasure(LOGIN);
    let erased = erase(&admin, &asked).await.unwrap();
    assert_eq!((erased.object_id.as_str(), erased.version), (LOGIN, registered.version + 1));
    assert_eq!(kept(&system, LOGIN, &request.request_id).await, (false, 0), "at once");
    nothing_tells_of_them(&system, &admin, &person).await;
    asking_again_changes_nothing(&system, &admin, &request, (&asked, &erased)).await;
    all_else_stays(&system, &admin).await;
    assert_eq!(places_of(&system, NAME).await, [""; 0], "after");
}

async fn nothing_tells_of_them(system: &System, admin: &User, person: &User) {
    assert_eq!(actors(admin, "SO-1").await, [(); 3].map(|()| (String::new(), true)));
    let told = history(admin, "user/u-4711").await;
    assert!(told[0].sentence_zh.contains("（已删除）") && told[0].sentence_en.contains("(erased)"));
    assert!(told[0].shown_json.contains(ERASED) && told[0].after_json.contains(ERASED));
    assert!(told[1].sentence_zh.contains("离职"), "{}", told[1].sentence_zh);
    assert!(!format!("{told:?}").contains(NAME));
    assert_eq!(state(admin, "user/u-4711", Some(At::Version(1))).await["name"], ERASED);
    let now = state(admin, "user/u-4711", None).await;
    assert_eq!((&now["stage"], now.get("name")), (&json!("Erased"), None));
    let (fine, said) = qudao(admin, system, &["history", "order/SO-1"]);
    assert!(fine && said.contains("(erased)") && !said.contains(NAME), "{said}");

    let right = sign_in(admin, LOGIN, PASSWORD).await.err().unwrap();
    let wrong = sign_in(admin, "han.meimei", "no such horse").await.err().unwrap();
    assert_eq!((right.code(), reason(&right).as_str()), (Code::Unauthenticated, "WRONG_PASSWORD"));
    assert_eq!((right.message(), right.details()), (wrong.message(), wrong.details()));
    let asked = person.says(pb::GetCurrentUserRequest {});
    let refused = people(person).get_current_user(asked).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
}

async fn asking_again_changes_nothing(
    system: &System,
    admin: &User,
    registration_of_them: &pb::RegisterUserRequest,
    (asked, erased): (&pb::EraseUserRequest, &Receipt),
) {
    assert_eq!(&erase(admin, asked).await.unwrap(), erased, "the same request");
    assert_eq!(erase(admin, &erasure(LOGIN)).await.unwrap().version, erased.version, "another");
    let command = ["users", "erase", LOGIN, "--reason", "离职", "--json"];
    let (fine, said) = qudao(admin, system, &command);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(fine && said["login"] == LOGIN && said["version"] == erased.version, "{said}");
    let unknown = qudao(admin, system, &["users", "erase", "nobody.here", "--reason", "x"]);
    assert!(!unknown.0 && unknown.1.contains("there is no user"), "{}", unknown.1);
    let refused = erase(admin, &erasure("nobody.here")).await.unwrap_err();
    assert_eq!(reason(&refused), "UNKNOWN_USER");
    let no_reason = pb::EraseUserRequest { reason: " ".to_owned(), ..erasure(LOGIN) };
    assert_eq!(reason(&erase(admin, &no_reason).await.unwrap_err()), "BAD_FIELDS");
    let finance = system.user("acme", &[Role::Finance], None);
    assert_eq!(reason(&erase(&finance, asked).await.unwrap_err()), "ROLE_MISSING");

    let again = register(admin, registration(LOGIN)).await.unwrap_err();
    assert_eq!(reason(&again), "LOGIN_ERASED");
    let repeated = register(admin, registration_of_them.clone()).await.unwrap_err();
    assert_eq!(reason(&repeated), "LOGIN_ERASED", "no digest of the name is left to know it by");
    let credential = &registration_of_them.request_id;
    assert_eq!(kept(system, LOGIN, credential).await, (false, 0), "and keeps nothing");
}

async fn all_else_stays(system: &System, admin: &User) {
    let other = sign_in(admin, "han.meimei", "correct horse").await.unwrap();
    let entry = history(&other, "user/u-4711").await.remove(1);
    assert_eq!(origin(&entry).actor_name, "韩梅梅");
    for context in ["order", "partner"] {
        let (whole, said) = qudao(admin, system, &["verify", "--context", context]);
        assert!(whole, "{context}: {said}");
    }
}

/// What a process left behind that died right after its append: the fact, and nothing done.
pub(crate) async fn begun(system: &System, login: &str) {
    let log = Log::open(&system.servers.postgres_url(), "partner").await.unwrap();
    let command = UserCommand::Erase { reason: "离职".to_owned(), another_admin: true };
    let command = Addressed::<UserState> { object_id: login.to_owned(), command };
    Commands::new(log).execute(&command, &context()).await.unwrap();
}

#[tokio::test]
async fn what_a_process_did_not_live_to_erase_is_erased_by_the_next_and_by_any_other() {
    let mut system = System::start().await;
    let admin = system.found().await;
    let (first, second) = (registration("u-1"), registration("u-2"));
    for request in [&first, &second] {
        register(&admin, request.clone()).await.unwrap();
    }
    system.kill_process();
    begun(&system, "u-1").await;
    assert_eq!(kept(&system, "u-1", &first.request_id).await, (true, 1), "nobody has done it");
    system.start_process();
    system.ready().await;
    assert!(gone(&system, "u-1", &first.request_id).await, "by the next process");
    assert_eq!(kept(&system, "u-2", &second.request_id).await, (true, 1), "nobody else's");
    begun(&system, "u-2").await;
    assert!(gone(&system, "u-2", &second.request_id).await, "by a process that runs");
}

#[tokio::test]
async fn a_name_that_was_stored_plain_is_not_shown_any_more_either() {
    let system = System::start().await;
    let admin = system.found().await;
    let log = Log::open(&system.servers.postgres_url(), "partner").await.unwrap();
    let credential = Uuid::new_v4();
    let payload = json!({
        "type": "UserRegistered", "name": NAME, "roles": ["ROLE_FINANCE"],
        "credential_id": credential,
    });
    let event = NewEvent {
        event_id: Uuid::now_v7(),
        event_type: "UserRegistered".to_owned(),
        event_version: 1,
        payload: payload.to_string(),
    };
    let (aggregate, object_id) = ("user", LOGIN.to_owned());
    let stream = StreamVersion { aggregate, object_id, version: 0, after: None };
    let CommandContext { metadata, request, .. } = context();
    let append = Append {
        metadata,
        request,
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events: vec![event] }],
    };
    log.append(append).await.unwrap();
    let told = history(&admin, "user/u-4711").await.remove(0);
    assert!(told.sentence_zh.contains(NAME) && told.after_json.contains(NAME));
    assert_eq!(told.event.as_ref().unwrap().payload_json, payload.to_string(), "as stored");

    erase(&admin, &erasure(LOGIN)).await.unwrap();
    let told = history(&admin, "user/u-4711").await;
    assert!(told[0].sentence_zh.contains("（已删除）"), "{}", told[0].sentence_zh);
    assert!(told[0].after_json.contains(ERASED));
    let shown: Value = serde_json::from_str(&told[0].event.as_ref().unwrap().payload_json).unwrap();
    assert_eq!((&shown["name"], &shown["roles"]), (&json!(ERASED), &payload["roles"]));
    assert!(!format!("{told:?}").contains(NAME));
    let mut client = HistoryServiceClient::new(admin.channel.clone());
    for with_changes in [false, true] {
        let object = "user/u-4711".to_owned();
        let asked = ListEventsRequest { object, with_changes, ..Default::default() };
        let entries = loop {
            let answer = client.list_events(admin.says(asked.clone())).await.unwrap().into_inner();
            match answer.entries.len() {
                2 => break answer.entries,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        assert!(!format!("{entries:?}").contains(NAME), "{entries:?}");
        assert_eq!(entries[1].event, told[0].event);
    }
    let asked = GetCausationTreeRequest { id: origin(&told[0]).correlation_id };
    let tree = client.get_causation_tree(admin.says(asked)).await.unwrap().into_inner();
    assert_eq!(tree.nodes[1].event, told[0].event);
    assert!(!format!("{tree:?}").contains(NAME), "{tree:?}");
}
