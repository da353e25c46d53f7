//! Messages of the stream as others read them: the CloudEvents and NATS libraries of Python.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kernel::event::Recorded;
use kernel::stream;
use serde_json::{Value, json};

use crate::schemas::root;
use cluster_tests::support::counter::{Counter, context};
use cluster_tests::support::relaying::Relaying;

/// Pinned, so that a run means the same tomorrow.
const PACKAGES: [&str; 2] = ["cloudevents==2.2.0", "nats-py==2.16.0"];

/// A Python that has the libraries; `None` when they can not be installed here.
fn python() -> Option<PathBuf> {
    let home = root().join("target/tools-cloudevents");
    let python = home.join("bin/python");
    let check = "import importlib.metadata as m; \
                 assert m.version('cloudevents') == '2.2.0' and m.version('nats-py') == '2.16.0'";
    let there = || runs(Command::new(&python).args(["-c", check]));
    if there() {
        return Some(python);
    }
    let made = runs(Command::new("python3").args(["-m", "venv"]).arg(&home))
        && runs(
            Command::new(home.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args(PACKAGES),
        );
    (made && there()).then_some(python)
}

fn runs(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// What the log says of an event, as its message's attributes.
fn expected(event: &Recorded) -> Value {
    let kind = format!("qudao.{}.{}.v{}", event.context, event.event_type, event.event_version);
    let metadata = &event.metadata;
    json!({
        "attributes": {
            "id": event.event_id.to_string(),
            "type": kind,
            "source": format!("urn:qudao:{}:{}", event.context, event.tenant),
            "specversion": "1.0",
            "subject": format!("{}/{}", event.aggregate, event.object_id),
            "datacontenttype": "application/json",
            "time": event.recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            "position": event.position.to_string(),
            "version": event.version.to_string(),
            "tenant": event.tenant,
            "actorid": metadata.actor_id,
            "actorname": metadata.actor_id,
            "correlationid": metadata.correlation_id.to_string(),
            "causationid": metadata.causation_id.to_string(),
            "requestid": metadata.request_id.to_string(),
        },
        "subject": stream::subject(event),
        "data": serde_json::from_str::<Value>(&event.payload).unwrap(),
    })
}

fn read(python: &Path, machine: &Relaying, expected: &[Value]) -> Output {
    let file = machine.servers.dir().join("expected.json");
    std::fs::write(&file, serde_json::to_vec(expected).unwrap()).unwrap();
    Command::new(python)
        .arg(root().join("tests/cloudevents_check.py"))
        .args([&machine.servers.nats_url(), "TEST"])
        .arg(&file)
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_public_library_reads_the_same_events_with_chinese_text() {
    let Some(python) = python() else {
        println!("SKIPPED: {PACKAGES:?} can not be installed by python3 here");
        return;
    };
    let machine = Relaying::start().await;
    let mut relay = machine.relay();
    let names = ["李雷 “100%”", "a b\"c%d%25", "𠮷野家 · €", "\t制表\u{85}", "plain", "李雷"];
    for (n, name) in names.into_iter().enumerate() {
        let mut context = context();
        context.metadata.actor_id = name.to_owned();
        let object_id = format!("单 {n}/华东.*>");
        let command = kernel::command::Addressed::<Counter> { object_id, command: 1 };
        let commands = kernel::command::Commands::new(machine.log.clone());
        commands.execute(&command, &context).await.unwrap();
    }
    relay.published(names.len() as u64).await;
    let events = machine.log.read_after(0, 100).await.unwrap();
    let mut all: Vec<Value> = events.iter().map(expected).collect();
    let output = read(&python, &machine, &all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // A check that can not fail proves nothing.
    all[2]["attributes"]["actorid"] = json!("吉野家");
    let output = read(&python, &machine, &all);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("message 3: actorid"), "{told}");
}
