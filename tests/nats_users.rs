//! Users of the NATS server: each sends and hears what its role needs and nothing else, and no data
//! leads a message to another subject.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::{self, stream::Info};
use async_nats::{Client, ConnectErrorKind, ConnectOptions};
use futures::StreamExt as _;
use kernel::Recorded;
use kernel::log::Log;
use kernel::projection::{Progress, Runner, install};
use kernel::relay::reconcile::reconcile;
use kernel::relay::{Relay, Settings};
use kernel::stream::users::{self, seed_file};
use kernel::stream::{self, Identity};
use local::{NatsSettings, TestServers};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tokio_util::sync::CancellationToken;

use cluster_tests::support::counter::count;
use cluster_tests::support::shop;
use cluster_tests::support::system::{Launch, System};
use cluster_tests::support::tally::{Feeding, Harm, Tally};

const CONTEXTS: [&str; 2] = ["test", "other"];

struct Guarded {
    servers: TestServers,
    seeds: PathBuf,
    _folder: tempfile::TempDir,
}

/// What the server did not let a client do.
#[derive(Clone, Default)]
struct Refused(Arc<Mutex<BTreeSet<String>>>);

impl Refused {
    fn has(&self, what: &str, subject: &str) -> bool {
        let told = format!("permissions violation for {what} to \"{subject}\"");
        self.0.lock().unwrap().iter().any(|text| text.contains(&told))
    }
}

impl Guarded {
    async fn start(contexts: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let seeds = folder.path().join("seeds");
        let authorization = users::authorization(&seeds, &users::users(contexts, None)).unwrap();
        let settings = NatsSettings { authorization, ..NatsSettings::default() };
        let servers = TestServers::start_with(settings).await.unwrap();
        Self { servers, seeds, _folder: folder }
    }

    fn seed(&self, user: &str) -> String {
        std::fs::read_to_string(seed_file(&self.seeds, user)).unwrap()
    }

    /// A client that is told what it may not do.
    async fn client(&self, user: &str) -> (Client, Refused) {
        let refused = Refused::default();
        let heard = refused.clone();
        let options = ConnectOptions::with_nkey(self.seed(user)).event_callback(move |event| {
            heard.0.lock().unwrap().insert(event.to_string().to_lowercase());
            async {}
        });
        // Programs of others have the usual inbox.
        let options = match user {
            "analyst" => options,
            _ => options.custom_inbox_prefix(users::inbox(user)),
        };
        (options.connect(self.servers.nats_url()).await.unwrap(), refused)
    }

    /// As a process of qudao connects.
    async fn jetstream(&self, user: &str) -> jetstream::Context {
        let identity = Identity::read(user, &seed_file(&self.seeds, user)).unwrap();
        stream::connect_as(&self.servers.nats_url(), "test", Some(&identity)).await.unwrap()
    }

    /// The streams, made by the users that copy into them.
    async fn streams(&self) {
        for context in CONTEXTS {
            let jetstream = jetstream::new(self.client(context).await.0);
            jetstream.create_stream(stream::config(context, 1)).await.unwrap();
        }
    }

    async fn messages(&self, context: &str) -> u64 {
        let jetstream = jetstream::new(self.client("analyst").await.0);
        let stream = jetstream.get_stream(stream::name(context)).await.unwrap();
        stream.cached_info().state.messages
    }
}

/// Who may read the stream of `test`.
const READERS: &[&str] = &[
    "test",
    "projector",
    "policies",
    "webhooks",
    "payments",
    "connectors",
    "operator",
    "all",
    "analyst",
];

/// Subjects, and the users that may publish to each.
const PUBLISH: &[(&str, &[&str])] = &[
    ("ev.test.acme.counter.c.Moved", &["test", "all"]),
    ("ev.other.acme.counter.c.Moved", &["other", "all"]),
    ("ev.third.acme.counter.c.Moved", &[]),
    ("ev.test", &[]),
    ("ev", &[]),
    ("events.test.x", &[]),
    ("aside.TEST_ASIDE", &[]),
    ("$SYS.REQ.SERVER.PING", &[]),
    ("_INBOX.x", &[]),
    ("_INBOX_all.x", &[]),
    ("_INBOX_test.x", &[]),
    ("$JS.API.STREAM.CREATE.TEST", &["test", "operator", "all"]),
    ("$JS.API.STREAM.UPDATE.TEST", &["test", "operator", "all"]),
    ("$JS.API.STREAM.CREATE.OTHER", &["other", "operator", "all"]),
    ("$JS.API.STREAM.CREATE.THIRD", &["operator", "all"]),
    ("$JS.API.STREAM.DELETE.TEST", &["operator", "all"]),
    ("$JS.API.STREAM.DELETE.THIRD", &[]),
    ("$JS.API.STREAM.PURGE.TEST", &[]),
    ("$JS.API.STREAM.MSG.DELETE.TEST", &[]),
    ("$JS.API.STREAM.RESTORE.TEST", &[]),
    ("$JS.API.STREAM.SNAPSHOT.TEST", &[]),
    ("$JS.API.ACCOUNT.PURGE.x", &[]),
    ("$JS.API.STREAM.INFO.TEST", READERS),
    ("$JS.API.CONSUMER.INFO.TEST.c", READERS),
    ("$JS.API.CONSUMER.DELETE.TEST.c", READERS),
    ("$JS.API.CONSUMER.CREATE.TEST", READERS),
    ("$JS.API.CONSUMER.CREATE.THIRD", &[]),
    ("$JS.API.CONSUMER.DURABLE.CREATE.TEST.c", &[]),
];

/// Subjects, and the users that may hear each.
const HEAR: &[(&str, &[&str])] = &[
    (">", &[]),
    ("*.>", &[]),
    ("ev.>", &[]),
    ("ev.*.acme.>", &[]),
    ("ev.test.>", &["analyst"]),
    ("ev.other.acme.>", &["analyst"]),
    ("$JS.API.>", &[]),
    ("$SYS.>", &[]),
    ("_INBOX.>", &["analyst"]),
    ("_INBOX_test.>", &["test"]),
    ("_INBOX_other.>", &["other"]),
    ("_INBOX_all.>", &["all"]),
    ("_INBOX_operator.>", &["operator"]),
];

#[tokio::test]
async fn each_user_does_what_its_role_needs_and_nothing_else() {
    let guarded = Guarded::start(&CONTEXTS).await;
    guarded.streams().await;
    let mut checks = 0;
    let all = users::users(&CONTEXTS, None);
    for user in all.iter().map(|user| user.name.as_str()) {
        let (client, refused) = guarded.client(user).await;
        for (subject, _) in PUBLISH {
            // No call of JetStream takes this for what it asks for, so nothing is done.
            client.publish(*subject, "x".into()).await.unwrap();
        }
        let mut heard = Vec::new();
        for (subject, _) in HEAR {
            heard.push(client.subscribe(*subject).await.unwrap());
        }
        client.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
        for (what, table) in [("publish", PUBLISH), ("subscription", HEAR)] {
            for (subject, allowed) in table {
                let may = allowed.contains(&user);
                let subject = subject.to_lowercase();
                assert_eq!(refused.has(what, &subject), !may, "{user}: {what} to {subject}");
                checks += 1;
            }
        }
    }
    // What was allowed has arrived, and nothing besides: once by its relay, once by `all`.
    assert_eq!(guarded.messages("test").await, 2);
    assert_eq!(guarded.messages("other").await, 2);
    println!("{} users, {checks} checks", all.len());
}

#[tokio::test]
async fn strangers_are_refused() {
    let guarded = Guarded::start(&CONTEXTS).await;
    let url = guarded.servers.nats_url();
    let other = tempfile::tempdir().unwrap();
    users::authorization(other.path(), &users::users(&CONTEXTS, None)).unwrap();
    let stranger = std::fs::read_to_string(seed_file(other.path(), "all")).unwrap();
    for options in [
        ConnectOptions::new(),
        ConnectOptions::with_nkey(stranger),
        ConnectOptions::with_user_and_password("all".to_owned(), "all".to_owned()),
        ConnectOptions::with_token("all".to_owned()),
    ] {
        let refused = options.connect(&url).await.map(drop).unwrap_err();
        assert_eq!(refused.kind(), ConnectErrorKind::AuthorizationViolation, "{refused}");
    }
    // What does not hold a seed is told before anything is sent.
    let file = other.path().join("no.nk");
    Identity::read("all", &file).map(drop).unwrap_err();
    std::fs::write(&file, "SAnothing").unwrap();
    let refused = Identity::read("all", &file).map(drop).unwrap_err().to_string();
    assert!(refused.contains("holds no seed"), "{refused}");
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(seed_file(&guarded.seeds, "all")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn roles_work_with_the_rights_they_have() {
    let guarded = Guarded::start(&CONTEXTS).await;
    let postgres = guarded.servers.postgres_url();
    let log = Log::open(&postgres, "test").await.unwrap();
    let read = kernel::log::connect(&postgres, "read", 4).await.unwrap();
    install(&read).await.unwrap();
    let relay = Relay::new(log.clone(), guarded.jetstream("test").await, Settings::default());
    tokio::spawn(relay.run(CancellationToken::new()));
    for user in ["projector", "policies", "webhooks", "payments", "connectors", "all"] {
        let schema = format!("read_{user}");
        let read = kernel::log::connect(&postgres, &schema, 4).await.unwrap();
        install(&read).await.unwrap();
        let jetstream = guarded.jetstream(user).await;
        let runner = Runner::new(Tally::<1>::new(Harm::None), read, log.clone(), jetstream);
        let mut feeding = Feeding::of(runner.await.unwrap(), CancellationToken::new());
        let position = count(&log, "c", 1).await.position;
        feeding.reached(position).await;
        until_fed_by_stream(&guarded, &mut feeding.progress).await;
        feeding.stop().await;
    }
    // The stream has events that the log lost: only the operator may put it right.
    let head = log.head().await.unwrap();
    cluster_tests::support::relaying::restore(&log, head - 1).await;
    let tried = reconcile(&log, &guarded.jetstream("projector").await, false).await;
    tried.map(drop).unwrap_err();
    assert_eq!(guarded.messages("test").await, head, "nothing was deleted");
    let done = reconcile(&log, &guarded.jetstream("operator").await, false).await.unwrap();
    assert!(done.deleted && done.put_aside.is_some() && done.foreign == 1, "{done:?}");
}

/// Waits until a projection has a consumer of the stream.
async fn until_fed_by_stream(guarded: &Guarded, progress: &mut Progress) {
    let (client, _) = guarded.client("analyst").await;
    let jetstream = jetstream::new(client);
    for _ in 0..200 {
        let stream = jetstream.get_stream("TEST").await;
        let fed = |info: &Info| info.state.consumer_count > 0;
        if stream.is_ok_and(|stream| fed(stream.cached_info())) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} was never fed by the stream: {:?}", progress.name, progress.problem());
}

/// Ids as somebody would make them who wants to be somewhere else.
fn hostile() -> Vec<String> {
    let by_hand = [
        "",
        ".",
        "..",
        "*",
        ">",
        "a.b",
        "a.>",
        "*.>",
        "ev.other.x.y.z.W",
        " ",
        "a b",
        "\r\n",
        "\t",
        "PUB ev.other.a 0\r\n\r\n",
        "a\0b",
        "\u{7f}",
        "\u{200b}",
        "%",
        "%2E",
        "%%",
        "%zz",
        "$JS",
        "$JS.API.STREAM.DELETE.TEST",
        "_INBOX.x",
        "租户",
        "顶好饮料.华东",
        "é",
        "🍵",
        "/",
        "\\",
        "'",
    ];
    let mut all: Vec<String> = by_hand.iter().map(|text| (*text).to_owned()).collect();
    all.extend([".", ">", "a", "租", "\u{1}"].map(|text| text.repeat(300)));
    let mut runner = TestRunner::deterministic();
    for strategy in ["\\PC{0,40}", "[.*>% \\r\\n\\t]{1,20}", "(?s).{0,60}", "[\\x00-\\x1f]{1,9}"] {
        let strategy = proptest::string::string_regex(strategy).unwrap();
        let drawn = (0..100).map(|_| strategy.new_tree(&mut runner).unwrap().current());
        all.extend(drawn);
    }
    all
}

#[tokio::test]
async fn no_data_leads_a_message_to_another_subject() {
    let guarded = Guarded::start(&CONTEXTS).await;
    guarded.streams().await;
    let (client, refused) = guarded.client("test").await;
    let (listener, _) = guarded.client("analyst").await;
    let mut elsewhere = listener.subscribe("ev.other.>").await.unwrap();
    listener.flush().await.unwrap();
    let jetstream = jetstream::new(client);
    let ids = hostile();
    let event = |tenant: &str, object_id: &str| Recorded {
        tenant: tenant.to_owned(),
        object_id: object_id.to_owned(),
        ..example()
    };
    for (n, id) in ids.iter().enumerate() {
        let event = event(&ids[ids.len() - 1 - n], id);
        let sent = jetstream.publish(stream::subject(&event), "{}".into()).await.unwrap();
        assert_eq!(sent.await.unwrap().sequence, n as u64 + 1, "{id:?}");
    }
    let analyst = jetstream::new(listener);
    let stream = analyst.get_stream("TEST").await.unwrap();
    for (n, id) in ids.iter().enumerate() {
        let message = stream.direct_get(n as u64 + 1).await.unwrap();
        let tokens: Vec<_> = message.subject.split('.').collect();
        let [ev, context, tenant, aggregate, object, name] = tokens[..] else {
            panic!("{id:?} has become {tokens:?}");
        };
        assert_eq!((ev, context, aggregate, name), ("ev", "test", "counter", "CounterMoved"));
        assert_eq!(stream::data(object).as_ref(), Some(id));
        assert_eq!(stream::data(tenant).as_ref(), Some(&ids[ids.len() - 1 - n]));
    }
    let strayed = tokio::time::timeout(Duration::from_millis(300), elsewhere.next()).await;
    assert!(strayed.is_err(), "{strayed:?}");
    assert_eq!(guarded.messages("other").await, 0);
    assert_eq!(guarded.messages("test").await, ids.len() as u64);
    assert!(!refused.0.lock().unwrap().iter().any(|text| text.contains("violation")));
    let differ: BTreeSet<_> = ids.iter().map(|id| stream::token(id)).collect();
    assert_eq!(differ.len(), ids.iter().collect::<BTreeSet<_>>().len(), "each has its own token");
    println!("{} ids, 0 messages elsewhere", ids.len());
}

fn example() -> Recorded {
    let id = uuid::Uuid::now_v7();
    Recorded {
        position: 1,
        event_id: id,
        tenant: String::new(),
        context: "test".to_owned(),
        aggregate: "counter".to_owned(),
        object_id: String::new(),
        version: 1,
        event_type: "CounterMoved".to_owned(),
        event_version: 1,
        recorded_at: kernel::clock::now(),
        metadata: cluster_tests::support::counter::context().metadata,
        payload: "{}".to_owned(),
    }
}

#[tokio::test]
async fn a_process_says_who_it_is_and_what_is_wrong_when_it_is_refused() {
    let contexts = [order::CONTEXT.name, partner::CONTEXT.name, collab::CONTEXT.name];
    let guarded = Guarded::start(&contexts).await;
    let Guarded { servers, seeds, _folder } = guarded;
    let seed = |user: &str| seed_file(&seeds, user).to_string_lossy().into_owned();
    let launch =
        Launch { environment: vec![("QUDAO_NATS_NKEY", seed("all"))], ..Launch::default() };
    let mut system = System::start_on(servers, launch).await;
    let admin = shop::open(&system).await;
    let position = shop::submit(&admin, &shop::order_of("SO-1", 24)).await.position;
    shop::stream_at(&admin, position).await;
    assert!(!system.said().contains("NATS refuses"), "{}", system.said());

    // Without a seed: commands are taken all the same, and the log says what is missing.
    system.kill_process();
    system.launch.environment.clear();
    system.start_process();
    system.ready().await;
    shop::submit(&admin, &shop::order_of("SO-2", 24)).await;
    for _ in 0..100 {
        if system.said().contains("say where one is with --nats-nkey (QUDAO_NATS_NKEY)") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing is said: {}", system.said());
}
