//! The rules of the tree, kept by a test and not by reviewers. Each rule names what it found and
//! why it minds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const README_LINES: usize = 120;
/// Share of a service's code that may stand in another service as well, in percent.
const SHARED_PERCENT: usize = 3;
const WINDOW: usize = 5;

pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files of the tree with one of these endings, also those not committed yet.
pub(crate) fn sources(endings: &[&str]) -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let paths = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let wanted = paths.lines().filter(|path| endings.iter().any(|ending| path.ends_with(ending)));
    wanted
        .filter_map(|path| {
            let text = std::fs::read_to_string(root().join(path)).ok()?;
            Some(Source { path: path.to_owned(), text })
        })
        .collect()
}

#[track_caller]
fn none(why: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{why}:\n  {}", found.join("\n  "));
}

#[test]
fn files_are_small() {
    let large = sources(&[".rs", ".ts", ".tsx", ".py"]).into_iter().filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > FILE_LINES).then(|| format!("{} has {lines} lines", file.path))
    });
    none("a file is read in one sitting: 500 lines at most", large.collect());
}

#[test]
fn no_transaction_is_left_open_by_who_gives_it_up() {
    let begun = sources(&[".rs"]).into_iter().filter(|file| {
        let ours = file.path.starts_with("crates/kernel/src") || file.path.starts_with("services");
        // One begins them as they should be, one has a connection that goes nowhere afterwards, and
        // one begins what is no transaction.
        let may = ["src/wall.rs", "log/database.rs", "projection/care.rs"];
        ours && !may.iter().any(|may| file.path.ends_with(may))
    });
    let found = begun.flat_map(|file| {
        let lines = file.text.lines().enumerate();
        let begins = lines.filter(|(_, line)| line.contains(".begin().await"));
        begins.map(|(at, _)| format!("{}:{}", file.path, at + 1)).collect::<Vec<_>>()
    });
    none("`kernel::wall::begin` leaves nothing open, `pool.begin()` may", found.collect());
}

#[test]
fn functions_are_small() {
    let mut long = Vec::new();
    for file in sources(&[".rs"]) {
        for (line, name, length) in functions(&file.text) {
            if length > FUNCTION_LINES {
                long.push(format!("{}:{line} {name} has {length} lines", file.path));
            }
        }
    }
    none("a function fits a screen: 70 lines at most", long);
}

/// Line, name and length of each function of a rustfmt-ed file: it ends at the brace that stands
/// as deep as its `fn`.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let mut words = code.split_whitespace().skip_while(|word| {
            matches!(*word, "pub" | "pub(crate)" | "pub(super)" | "async" | "const" | "extern")
        });
        if words.next() != Some("fn") {
            continue;
        }
        let name = words.next().unwrap_or_default().split(['(', '<']).next().unwrap_or_default();
        let signature_ends = lines[at..].iter().find(|line| line.ends_with(['{', ';', '}']));
        if signature_ends.is_some_and(|line| line.ends_with(';')) {
            continue; // A trait's function without a body.
        }
        let end = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[at..].iter().position(|line| *line == end) {
            found.push((at + 1, name.to_owned(), length + 1));
        }
    }
    found
}

#[test]
fn modules_are_named_files_and_say_what_they_are() {
    let mut found = Vec::new();
    for file in sources(&[".rs"]) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if matches!(name, "mod.rs" | "utils.rs" | "helpers.rs" | "common.rs" | "manager.rs") {
            found.push(format!("{}: name it for what it does", file.path));
        }
        if !file.text.starts_with("//!") {
            found.push(format!("{}: begin with `//!`, what it is", file.path));
        }
    }
    none("a reader finds a module by its name and its first line", found);
}

#[test]
fn deciders_and_events_are_pure() {
    let banned = ["async ", "tokio", "sqlx", "tonic", "::now(", "rand::", "std::env", "SystemTime"];
    let mut found = Vec::new();
    for file in sources(&[".rs"]).iter().filter(|file| file.path.starts_with("services/")) {
        let pure = ["Decider for", "DomainEvent for"];
        if !pure.iter().any(|mark| file.text.contains(&format!("impl {mark}"))) {
            continue;
        }
        for word in banned.iter().filter(|word| file.text.contains(**word)) {
            found.push(format!("{} has `{}`", file.path, word.trim()));
        }
    }
    none("a decider sees no clock, no I/O and no randomness", found);
}

#[test]
fn no_test_is_skipped_and_nothing_is_left_undone() {
    let marks = ["#[ignore", "#[should_panic", "todo!(", "unimplemented!(", "FIXME", "TODO"];
    // What a name has in it is said of orders (待办), not of the code.
    let stands = |text: &str, mark: &str| {
        text.match_indices(mark).any(|(at, _)| {
            let around = [text[..at].chars().last(), text[at + mark.len()..].chars().next()];
            !around.into_iter().flatten().any(|sign| sign == '_' || sign.is_alphanumeric())
                || !mark.ends_with(char::is_uppercase)
        })
    };
    let mut found = Vec::new();
    for file in sources(&[".rs", ".ts", ".tsx", ".proto", ".sql"]) {
        if file.path == "tests/tidy.rs" {
            continue;
        }
        for mark in marks.iter().filter(|mark| stands(&file.text, mark)) {
            found.push(format!("{} has {mark}", file.path));
        }
    }
    none("finish it, or file an issue", found);
}

#[test]
fn documents_have_one_title_and_the_readme_is_short() {
    let mut found = Vec::new();
    for file in sources(&[".md"]) {
        let mut in_code = false;
        let titles = file.text.lines().filter(|line| {
            in_code ^= line.starts_with("```");
            !in_code && line.starts_with("# ")
        });
        let titles = titles.count();
        if titles != 1 {
            found.push(format!("{} has {titles} titles", file.path));
        }
        let lines = file.text.lines().count();
        if file.path.starts_with("README") && lines > README_LINES {
            found.push(format!("{} has {lines} lines, more than {README_LINES}", file.path));
        }
    }
    none("a document has one `# title`", found);
}

#[test]
fn contexts_do_not_know_each_other() {
    let contexts = ["order", "partner", "collab"];
    let may_know_contexts = [
        "bench",
        "connectors",
        "payments",
        "policies",
        "projector",
        "qudao",
        "webhooks",
        "cluster-tests",
    ];
    let mut found = Vec::new();
    for file in sources(&["Cargo.toml"]) {
        let Some(name) = field(&file.text, "name") else { continue };
        let dependencies = file.text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        for dependency in dependencies.lines().filter_map(|line| line.split(['.', ' ']).next()) {
            let knows_context = contexts.contains(&dependency) && dependency != name;
            if knows_context && !may_know_contexts.contains(&name) {
                found.push(format!("{name} depends on {dependency}"));
            }
            if dependency == "qudao" {
                found.push(format!("{name} depends on the executable"));
            }
        }
    }
    none("contexts talk by gRPC and events only; nothing depends on the executable", found);
}

fn field<'a>(toml: &'a str, key: &str) -> Option<&'a str> {
    let line = toml.lines().find(|line| line.starts_with(&format!("{key} = ")))?;
    line.split('"').nth(1)
}

#[test]
fn dependencies_are_declared_once() {
    let mut found = Vec::new();
    // The peers of `make bench` are no part of the workspace.
    let ours = |file: &&Source| file.path != "Cargo.toml" && !file.path.starts_with("bench/");
    for file in sources(&["Cargo.toml"]).iter().filter(ours) {
        for line in file.text.lines() {
            let versioned = line.contains("version = \"") || line.contains(" = \"");
            let own = ["name", "path", "description", "edition", "build"];
            if versioned && !own.iter().any(|key| line.starts_with(&format!("{key} = "))) {
                found.push(format!("{}: {line}", file.path));
            }
        }
    }
    none("versions stand in the workspace's Cargo.toml", found);
}

/// What a test, a scenario or the browser's journey speaks of.
fn tests_text() -> String {
    let files = sources(&[".rs", ".ts", ".tsx", ".py", ".mjs"]);
    let tests = files.iter().filter(|file| {
        file.path.contains("/tests/")
            || file.path.starts_with("tests/")
            || file.path.contains("/journey/")
            || file.text.contains("#[cfg(test)]")
    });
    tests.filter(|file| file.path != "tests/tidy.rs").map(|file| file.text.as_str()).collect()
}

#[test]
fn every_event_has_a_test_that_names_it() {
    let tests = tests_text();
    let contexts = [order::CONTEXT, partner::CONTEXT, collab::CONTEXT];
    let events = contexts.iter().flat_map(|context| context.aggregates);
    let events = events.flat_map(|aggregate| aggregate.schemas());
    let untested = events.map(|event| event.event_type).filter(|name| !tests.contains(name));
    none("an event without a test", untested.collect());
}

#[test]
fn every_rpc_has_a_test_that_calls_it() {
    let tests = tests_text();
    let mut untested = Vec::new();
    for file in sources(&[".proto"]) {
        for line in file.text.lines().map(str::trim).filter(|line| line.starts_with("rpc ")) {
            let name = line[4..].split('(').next().unwrap_or_default();
            if ![name.to_owned(), snake(name), camel(name)].iter().any(|n| tests.contains(n)) {
                untested.push(name.to_owned());
            }
        }
    }
    none("an rpc that no test calls", untested);
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn camel(name: &str) -> String {
    name[..1].to_lowercase() + &name[1..]
}

#[test]
fn rows_name_tests_that_exist() {
    let rows = std::fs::read_to_string(root().join("docs/rows.md")).expect("docs/rows.md");
    let all: String =
        sources(&[".rs", ".ts", ".tsx", ".mjs"]).into_iter().map(|f| f.text).collect();
    let mut missing = Vec::new();
    for row in rows.lines().filter(|line| line.starts_with("| S")) {
        let proof = row.split('|').nth(3).unwrap_or_default();
        for name in proof.split('`').skip(1).step_by(2).filter(|name| !all.contains(*name)) {
            missing.push(format!("{} names {name}", row.split('|').nth(1).unwrap_or_default()));
        }
    }
    none("docs/rows.md promises a test that is not there", missing);
}

#[test]
fn every_place_of_a_fault_is_listed_and_there() {
    let mut there: Vec<String> = Vec::new();
    for file in sources(&[".rs"]).iter().filter(|file| !file.path.starts_with("tests/")) {
        // Either handed over at once or with what will come there.
        let calls = file.text.split("fault::at(\"").skip(1);
        let later = file.text.split("awaited(sent, ").skip(1);
        let later = later.filter_map(|rest| rest.split_once('"').map(|(_, place)| place));
        there
            .extend(calls.chain(later).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    there.sort_unstable();
    let mut listed = kernel::fault::PLACES.to_vec();
    listed.sort_unstable();
    assert_eq!(there, listed, "kernel::fault::PLACES is what the fault suite walks");
}

#[test]
fn services_do_not_repeat_each_other() {
    let mut windows: HashMap<String, BTreeSet<String>> = HashMap::new();
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    for file in sources(&[".rs"]) {
        let Some(service) = file.path.strip_prefix("services/") else { continue };
        let service = service.split('/').next().unwrap_or_default().to_owned();
        let lines: Vec<_> = file.text.lines().map(str::trim).filter(is_code).collect();
        *totals.entry(service.clone()).or_default() += lines.len();
        for window in lines.windows(WINDOW) {
            windows.entry(window.join("\n")).or_default().insert(service.clone());
        }
    }
    let mut shared: BTreeMap<&String, usize> = BTreeMap::new();
    for service in windows.values().filter(|services| services.len() > 1).flatten() {
        *shared.entry(service).or_default() += 1;
    }
    let found =
        shared.iter().filter(|(service, count)| **count * 100 > totals[**service] * SHARED_PERCENT);
    let found = found.map(|(service, count)| format!("{service}: {count} windows of 5 lines"));
    none("what two services share belongs in the kernel", found.collect());
}

fn is_code(line: &&str) -> bool {
    let thin = line.len() < 4;
    !(thin || line.starts_with("//") || line.starts_with("use ") || line.starts_with("#["))
}
