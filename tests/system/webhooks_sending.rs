//! Sending itself: what is killed, what is slow, what fails for days, and what the document shows.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cluster_tests::support::receiver::{Answers, Receiver};
use cluster_tests::support::shop::{self, order_of, submit};
use cluster_tests::support::system::{System, User, id};
use cluster_tests::support::webhooks::{
    anywhere, deliveries, endpoints, get, list, register, sent, until,
};
use kernel::clock;
use kernel::log::Log;
use kernel::outbound::{Outbound, Reach};
use kernel::personal::Vault;
use kernel::wall::Logins;
use proto::partner::v1::RevealWebhookSecretRequest;
use proto::webhook::v1::{DeliveryStatus, SendTestEventRequest};
use sqlx::PgPool;
use webhooks::Sender;

const SUBMITTED: &str = "order.OrderSubmitted";

async fn pool(system: &System) -> PgPool {
    PgPool::connect(&system.servers.postgres_url()).await.unwrap()
}

#[tokio::test]
async fn what_was_being_sent_when_the_process_was_killed_is_sent_again() {
    let mut system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let (endpoint, _) = register(&admin, &receiver.url(), &[SUBMITTED]).await;
    receiver.answers(Answers { after: Duration::from_secs(600), ..Answers::with(200) });
    for number in 0..6 {
        submit(&admin, &order_of(&format!("SO-{number}"), 24)).await;
    }
    // As many as one endpoint has at the same time are under way, and none was answered.
    let begun = receiver.has(SUBMITTED, 4).await;
    until(&admin, &endpoint.object_id, |all| all.len() == 6).await;
    system.kill_process();
    receiver.answers(Answers::with(200));
    system.start_process();
    system.ready().await;
    // Whoever took them has them for a minute; let it be over.
    let over = "UPDATE webhooks.webhook_deliveries SET next_at = next_at - interval '61 seconds'";
    sqlx::query(over).execute(&pool(&system).await).await.unwrap();
    let done = until(&admin, &endpoint.object_id, |all| {
        all.iter().all(|it| it.status() == DeliveryStatus::Delivered)
    });
    assert_eq!(done.await.len(), 6);
    let came = receiver.came();
    let again: Vec<_> = came[begun.len()..].iter().map(|it| it.id().to_owned()).collect();
    let ids: std::collections::BTreeSet<_> = again.iter().collect();
    assert_eq!((again.len(), ids.len()), (6, 6), "each once more, and none twice");
    for message in begun {
        assert!(again.contains(&message.id().to_owned()), "under the same id");
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_keeps_no_other_from_its_events() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.answers(Answers { after: Duration::from_secs(600), ..Answers::with(200) });
    let (waiting, _) = register(&admin, &slow.url(), &[SUBMITTED]).await;
    register(&admin, &quick.url(), &[SUBMITTED]).await;
    let began = Instant::now();
    for number in 0..12 {
        submit(&admin, &order_of(&format!("SO-{number:06}"), 24)).await;
    }
    quick.has(SUBMITTED, 12).await;
    // Less than one of the calls that are not answered takes.
    assert!(began.elapsed() < Duration::from_secs(14), "{:?}", began.elapsed());
    assert!(slow.came().len() <= 4, "{} at the same time", slow.came().len());
    assert_eq!(sent(&admin, &waiting.object_id).await.len(), 12);
}

/// A sender in this process, by a clock that the test moves, on what a process has left.
struct Days {
    sender: Sender,
    now: Arc<Mutex<DateTime<Utc>>>,
    pool: PgPool,
}

impl Days {
    async fn of(system: &mut System) -> Self {
        // Only one of them is to send.
        system.kill_process();
        let url = system.servers.postgres_url();
        let log = Log::open(&url, "partner").await.unwrap();
        let key = system.key_file().with_file_name("personal.key");
        let vault = Vault::open(&log, &key).await.unwrap();
        let outbound = Outbound::new(Reach::Private, None).unwrap();
        let logins = Logins::of(&url).unwrap();
        let sender = webhooks::sender_on(&logins, &log, vault, outbound).await.unwrap();
        let now = Arc::new(Mutex::new(clock::now()));
        let shown = now.clone();
        let sender = sender.by(Arc::new(move || *shown.lock().unwrap()));
        Self { sender, now, pool: pool(system).await }
    }

    fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    /// Goes on to when the next attempt is due; none when there is none.
    async fn until_due(&self) -> Option<TimeDelta> {
        let due: Option<DateTime<Utc>> = sqlx::query_scalar(
            "SELECT min(next_at) FROM webhooks.webhook_deliveries WHERE status = 'pending'",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let mut now = self.now.lock().unwrap();
        let pause = due? - *now;
        *now = due?;
        Some(pause)
    }

    async fn closing(&self) -> Option<String> {
        let closing = "SELECT closing FROM webhooks.webhook_endpoints";
        sqlx::query_scalar(closing).fetch_one(&self.pool).await.unwrap()
    }
}

/// A test that waits to be sent, to an endpoint that does not answer yet.
async fn waiting(system: &System, receiver: &Receiver) -> (User, String) {
    let admin = system.found().await;
    receiver.answers(Answers { after: Duration::from_secs(600), ..Answers::with(200) });
    let (endpoint, _) = register(&admin, &receiver.url(), &[SUBMITTED]).await;
    list(&admin, endpoint.position).await;
    let endpoint_id = endpoint.object_id;
    let test = SendTestEventRequest { request_id: id(), endpoint_id: endpoint_id.clone() };
    deliveries(&admin).send_test_event(admin.says(test)).await.unwrap();
    receiver.has("webhook.Test", 1).await;
    (admin, endpoint_id)
}

#[tokio::test]
async fn an_event_is_sent_ten_times_over_three_days_and_then_given_up() {
    let mut system = System::start_as(anywhere()).await;
    let receiver = Receiver::start().await;
    waiting(&system, &receiver).await;
    let days = Days::of(&mut system).await;
    let header = Some(("retry-after", "900".to_owned()));
    receiver.answers(Answers { header, body: "x".repeat(40_000), ..Answers::with(503) });
    days.pass(TimeDelta::seconds(61));
    let mut pauses = Vec::new();
    assert_eq!(days.sender.once().await.unwrap(), 1);
    while let Some(pause) = days.until_due().await {
        // PostgreSQL keeps microseconds.
        pauses.push((pause + TimeDelta::milliseconds(1)).num_seconds());
        days.pass(TimeDelta::milliseconds(-1));
        assert_eq!(days.sender.once().await.unwrap(), 0, "not before it is due");
        days.pass(TimeDelta::milliseconds(1));
        assert_eq!(days.sender.once().await.unwrap(), 1);
    }
    let planned = [900, 900, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    assert_eq!(pauses.len(), planned.len(), "{pauses:?}");
    for (pause, planned) in pauses.iter().zip(planned) {
        assert!((planned..=planned * 6 / 5).contains(pause), "{pause} for {planned}");
    }
    let (status, attempts, excerpt): (String, i32, i32) = sqlx::query_as(
        "SELECT status, attempts, (SELECT max(length(excerpt)) FROM webhooks.webhook_attempts)
         FROM webhooks.webhook_deliveries",
    )
    .fetch_one(&days.pool)
    .await
    .unwrap();
    assert_eq!((status.as_str(), attempts, excerpt), ("failed", 10, 16 << 10));
    let came = receiver.of("webhook.Test");
    let ids: std::collections::BTreeSet<_> = came.iter().map(|it| it.id().to_owned()).collect();
    let times: std::collections::BTreeSet<_> =
        came.iter().map(|it| it.header("webhook-timestamp").to_owned()).collect();
    assert_eq!((came.len(), ids.len(), times.len()), (11, 1, 11), "one id, signed anew each time");
    assert_eq!(days.closing().await, None, "three days are not five");
}

#[tokio::test]
async fn an_endpoint_that_fails_for_five_days_is_disabled() {
    let mut system = System::start_as(anywhere()).await;
    let receiver = Receiver::start().await;
    let (admin, endpoint_id) = waiting(&system, &receiver).await;
    let days = Days::of(&mut system).await;
    receiver.answers(Answers::with(500));
    days.pass(TimeDelta::seconds(61));
    days.sender.once().await.unwrap();
    days.pass(TimeDelta::days(5) - TimeDelta::seconds(1));
    days.sender.once().await.unwrap();
    assert_eq!(days.closing().await, None);
    days.pass(TimeDelta::days(2));
    days.sender.once().await.unwrap();
    assert_eq!(days.closing().await.as_deref(), Some("failing"));
    // The process asks the partner context for it when it is there again.
    system.start_process();
    system.ready().await;
    let disabled = loop {
        let listed = list(&admin, 0).await.remove(0);
        if !listed.enabled {
            break listed;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(disabled.cause(), proto::partner::v1::WebhookCause::Failing);
    let given_up = sent(&admin, &endpoint_id).await;
    let test = given_up.iter().find(|it| it.event_type == "webhook.Test").unwrap();
    assert_eq!((test.status(), test.last_error.as_str()), (DeliveryStatus::Failed, "disabled"));
    assert_eq!(get(&admin, &test.delivery_id).await.attempts.len(), 3);
}

/// Pinned, so that a run means the same tomorrow.
const PACKAGE: &str = "standardwebhooks==1.1.0";

/// A Python that has the library of Standard Webhooks; `None` when it can not be installed here.
fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools-webhooks");
    let python = home.join("bin/python");
    let runs = |command: &mut Command| command.output().is_ok_and(|it| it.status.success());
    let check = "import importlib.metadata as m; assert m.version('standardwebhooks') == '1.1.0'";
    let there = || runs(Command::new(&python).args(["-c", check]));
    if there() {
        return Some(python);
    }
    let install = ["install", "--quiet", "--disable-pip-version-check", PACKAGE];
    let made = runs(Command::new("python3").args(["-m", "venv"]).arg(&home))
        && runs(Command::new(home.join("bin/pip")).args(install));
    (made && there()).then_some(python)
}

/// The block of docs/webhooks.md in a language.
fn shown(language: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("docs/webhooks.md")).unwrap();
    let (_, rest) = document.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[tokio::test]
async fn what_the_document_shows_to_receivers_works() {
    let system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let (endpoint, secret) = register(&admin, &receiver.url(), &[SUBMITTED]).await;
    submit(&admin, &order_of("SO-000001", 24)).await;
    let message = receiver.has(SUBMITTED, 1).await.remove(0);
    let folder = system.servers.dir().join("receiver");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("body.json"), &message.body).unwrap();
    let by_hand = |secret: &str| {
        Command::new("bash")
            .args(["-euo", "pipefail", "-c", &shown("sh")])
            .current_dir(&folder)
            .env("WEBHOOK_SECRET", secret)
            .env("WEBHOOK_ID", message.id())
            .env("WEBHOOK_TIMESTAMP", message.header("webhook-timestamp"))
            .env("WEBHOOK_SIGNATURE", message.header("webhook-signature"))
            .output()
            .unwrap()
    };
    let told = by_hand(&secret);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let other = format!("whsec_{}", "A".repeat(43) + "=");
    assert!(!by_hand(&other).status.success(), "another secret does not fit");

    let Some(python) = python() else {
        println!("SKIPPED: {PACKAGE} can not be installed by python3 here");
        return;
    };
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = folder.join("receiver.py");
    std::fs::write(&program, shown("python")).unwrap();
    let output = std::fs::File::create(folder.join("out.txt")).unwrap();
    let errors = std::fs::File::create(folder.join("err.txt")).unwrap();
    let mut running = Command::new(python)
        .args(["-u".as_ref(), program.as_os_str()])
        .env("WEBHOOK_SECRET", &secret)
        .env("PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .unwrap();
    let change = proto::partner::v1::ChangeWebhookRequest {
        request_id: id(),
        endpoint_id: endpoint.object_id.clone(),
        url: format!("http://127.0.0.1:{port}/hooks"),
        event_types: vec![SUBMITTED.to_owned()],
        ..Default::default()
    };
    let mut endpoints = cluster_tests::support::webhooks::endpoints(&admin);
    let changed = endpoints.change_webhook(admin.says(change)).await.unwrap().into_inner();
    list(&admin, changed.receipt.unwrap().position).await;
    submit(&admin, &order_of("SO-000002", 24)).await;
    let mut told = String::new();
    for _ in 0..400 {
        told = std::fs::read_to_string(folder.join("out.txt")).unwrap();
        if told.contains("SO-000002") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let errors = std::fs::read_to_string(folder.join("err.txt")).unwrap();
    assert!(told.contains("order.OrderSubmitted SO-000002"), "{told}\n{errors}");
}

/// Puts the secrets where programs of before had them.
const APART: [&str; 4] = [
    "CREATE TABLE partner_log.webhook_secrets AS
     SELECT tenant_id, secret_id, substr(holder, 9) AS endpoint_id, sealed, kept_at AS made_at
     FROM partner_log.secrets WHERE holder LIKE 'webhook:%'",
    "DELETE FROM partner_log.secrets",
    "CREATE TABLE partner_log.oidc_secrets AS
     SELECT tenant_id, gen_random_uuid() AS secret_id, sealed, made_at AS kept_at
     FROM partner_log.webhook_secrets",
    "ALTER TABLE partner_log.oidc_secrets ENABLE ROW LEVEL SECURITY",
];

#[tokio::test]
async fn secrets_of_an_older_installation_move_to_the_one_table() {
    let mut system = System::start_as(anywhere()).await;
    let admin = shop::open(&system).await;
    let receiver = Receiver::start().await;
    let (endpoint, secret) = register(&admin, &receiver.url(), &[SUBMITTED]).await;
    system.kill_process();
    let pool = pool(&system).await;
    for statement in APART {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    system.start_process();
    system.ready().await;
    let reveal = RevealWebhookSecretRequest {
        endpoint_id: endpoint.object_id.clone(),
        reason: "轮换演练".to_owned(),
    };
    let shown = endpoints(&admin).reveal_webhook_secret(admin.says(reveal)).await.unwrap();
    assert_eq!(shown.into_inner().secret, secret);
    submit(&admin, &order_of("SO-1", 24)).await;
    assert_eq!(receiver.has(SUBMITTED, 1).await.len(), 1, "and the sender signs by it");
    let holders: Vec<String> =
        sqlx::query_scalar("SELECT split_part(holder, ':', 1) FROM partner_log.secrets ORDER BY 1")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(holders, ["provider", "webhook"]);
    let older = "SELECT to_regclass('partner_log.webhook_secrets') IS NULL
                     AND to_regclass('partner_log.oidc_secrets') IS NULL";
    assert!(sqlx::query_scalar::<_, bool>(older).fetch_one(&pool).await.unwrap());
}
