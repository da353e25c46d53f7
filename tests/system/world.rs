//! A small world, played through the public rpcs: nothing is refused that should not be, and what read
//! models and recorded events say is what was planted.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cluster_tests::support::system::{Launch, System, executable, free_port};
use serde_json::Value;

/// The days that are played; goods of the first have arrived by then.
const DAYS: &str = "4";

struct World {
    system: System,
    played: Value,
}

impl World {
    /// A command with the system's own key; its output when it went well.
    fn run(system: &System, arguments: &[&str], who: Option<&Value>) -> String {
        let mut command = Command::new(executable());
        command.args(arguments).current_dir(system.servers.dir());
        command.env("QUDAO_SERVER", &system.web).env("QUDAO_SIGNING_KEY", system.key_file());
        if let Some(played) = who {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            command.env("QUDAO_TENANT", text(&played["truth"]["tenant"]));
            command.env("QUDAO_USER", text(&played["login"]));
            command.env("QUDAO_PASSWORD", text(&played["password"]));
        }
        let output = command.output().unwrap();
        let [told, errors] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
        assert!(output.status.success(), "{arguments:?}: {told}{errors}\n{}", system.said());
        told.into_owned()
    }

    fn simulate(system: &System, days: &str) -> Value {
        let world = ["simulate", "--world", "s", "--seed", "7", "--days", days];
        let simulate = [&world[..], &["--out", "truth.json", "--json"]].concat();
        serde_json::from_str(&Self::run(system, &simulate, None)).unwrap()
    }

    async fn play() -> Self {
        let mut launch = Launch::default();
        let simulator = format!("127.0.0.1:{}", free_port());
        launch.environment.push(("QUDAO_TRIAL_PAYMENTS", simulator));
        let system = System::start_as(launch).await;
        let played = Self::simulate(&system, DAYS);
        Self { system, played }
    }

    /// Runs a command as the brand's administrator, and writes down what it prints.
    fn written(&self, arguments: &[&str], file: &str) {
        let told = Self::run(&self.system, arguments, Some(&self.played));
        std::fs::write(self.system.servers.dir().join(file), told).unwrap();
    }

    fn asked(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&Self::run(&self.system, arguments, Some(&self.played))).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_world_is_found_as_it_was_planted() {
    let world = World::play().await;
    let (truth, played) = (&world.played["truth"], &world.played);
    assert_eq!((&played["refused"], &played["online"]), (&0.into(), &true.into()), "{played}");
    let planted = &truth["planted"];
    for fault in [
        "differences",
        "duplicate_notices",
        "late_payments",
        "swapped_notices",
        "holds_released",
        "holds_refused",
        "out_of_stock",
        "closed_short",
    ] {
        assert!(!planted[fault].as_array().unwrap().is_empty(), "{fault}: {planted}");
    }
    let refused = planted["out_of_stock"].as_array().map_or(0, Vec::len);
    assert_eq!(played["out_of_stock"], refused, "{played}");
    let released = &played["released"];
    assert!(released["orders"].as_u64() > Some(0) && released["p50_ms"].as_u64() > Some(0));
    assert!(released["p99_ms"].as_u64() < Some(60_000), "{released}");
    cockpit_says_the_same(&world, truth);
    metrics_are_caught_up(&world, truth).await;
    events_say_the_same(&world);

    let again = World::simulate(&world.system, DAYS);
    assert_eq!((&again["done"], &again["refused"]), (&0.into(), &0.into()), "{again}");
    assert_eq!(again["truth"], *truth);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_provider_takes_money_nobody_pays_online() {
    let system = System::start().await;

    let played = World::simulate(&system, "1");

    assert_eq!((&played["refused"], &played["online"]), (&0.into(), &false.into()), "{played}");
    let late = &played["truth"]["planted"]["late_payments"];
    assert_eq!(late.as_array().map(Vec::len), Some(0), "{late}");
    assert!(played["truth"]["orders"]["confirmed"].as_u64().unwrap() > 20, "{played}");
}

fn cockpit_says_the_same(world: &World, truth: &Value) {
    let rows = world.asked(&["query", "sales", "--by", "region", "--json"]);
    let rows = rows["rows"].as_array().unwrap();
    let sum = |what: &str| -> i64 { rows.iter().map(|row| row[what].as_i64().unwrap()).sum() };
    let sales = truth["sales"].as_array().unwrap();
    let wanted = |what: &str| -> i64 { sales.iter().map(|it| it[what].as_i64().unwrap()).sum() };
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (sum("orders"), sum("gross_minor"), sum("off_minor")),
        (wanted("orders"), wanted("gross_minor"), wanted("off_minor"))
    );
    world.written(&["query", "sales", "--by", "region", "--json"], "cockpit.json");
    let listed = world.asked(&["orders", "list", "--json"]);
    assert_eq!(listed["total"], truth["orders"]["submitted"], "{listed}");
}

/// Figures are worked out by a projection of their own, which may be behind the cockpit's.
async fn metrics_are_caught_up(world: &World, truth: &Value) {
    let mut told = Value::Null;
    for _ in 0..100 {
        told = world.asked(&["metrics", "--json"])["total"].take();
        let answers = &told["delivery_satisfaction"]["answers"];
        if told["received_lines"] == truth["receipts"]["lines"]
            && *answers == truth["satisfaction"]["deliveries"]["answers"]
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for (metric, planted) in [
        ("accuracy_ppm", &truth["receipts"]["accuracy_ppm"]),
        ("touch_free_orders", &truth["orders"]["touch_free"]),
        ("fill_rate_ppm", &truth["fill_rate"]["ppm"]),
    ] {
        assert_eq!(told[metric], *planted, "{metric}: {told} {truth}");
    }
    world.written(&["metrics", "--json"], "metrics.json");
}

/// Told by a script that shares no code with the system.
fn events_say_the_same(world: &World) {
    world.written(&["replay", "--context", "order"], "order.jsonl");
    world.written(&["replay", "--context", "partner"], "partner.jsonl");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("world_check.py");
    let check = |truth: &str| {
        let output = Command::new("python3")
            .arg(&script)
            .args([truth, "order.jsonl", "partner.jsonl", "cockpit.json", "metrics.json"])
            .current_dir(world.system.servers.dir())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{said}"))
    };
    let found = check("truth.json");
    assert_eq!(found["ok"], true, "{found}");
    assert!(found["figures"]["shipping_ms"]["p99"].as_u64().unwrap() > 0, "{found}");

    // A script that finds nothing would be content with anything.
    let dir = world.system.servers.dir();
    let text = std::fs::read_to_string(dir.join("truth.json")).unwrap();
    let mut other: Value = serde_json::from_str(&text).unwrap();
    other["planted"]["differences"][0]["quantity"] = 99_999.into();
    other["sales"][0]["net_minor"] = 1.into();
    other["orders"]["touch_free"] = 0.into();
    std::fs::write(dir.join("other.json"), other.to_string()).unwrap();
    assert_eq!(check("other.json")["problems"].as_array().unwrap().len(), 3);
}
