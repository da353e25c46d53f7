//! The release before and today's program at work together.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::audit;
use super::load::Load;
use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;
use crate::support::disk::run as program;
use crate::support::shop::{self, order_of, submit};
use crate::support::system::{Launch, System};

/// An update while everything runs.
pub(super) static F21: Row = Row {
    id: "F21",
    fault: "the program of the release before and today's run together on the same servers, both \
            under orders; then the old one is stopped and today's takes its place",
    passes: "not one call fails while both run; what both acknowledged is stored once, stream and \
             read models equal the log. Old events: `events_ever_released_are_still_read`",
    control: "`a_checker_of_requests_finds_every_kind_of_fault`; that both take part is seen from \
              receipts of each",
    tier: Tier::Release,
    run: chaos_run!(together),
};

async fn together(run: Run) -> Outcome {
    let (old, name) = match before(run.tier) {
        Ok(found) => found,
        Err(why) => return Outcome::skipped(why),
    };
    let launch = Launch { program: old, ..Launch::default() };
    let mut system = System::start_as(launch).await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-0", 1)).await;
    let new = system.another(&Launch::default()).await;
    let users = audit::clients(&system, 2);
    let (by_old, by_new) = (Load::start(&users, 4), {
        let users: Vec<_> = users.iter().map(|user| new.asked_by(user)).collect();
        Load::start(&users, 4)
    });
    tokio::time::sleep(Duration::from_secs(run.size(10, 10, 60))).await;
    let (of_new, of_old) = (by_new.finish().await, by_old.finish().await);
    assert_eq!((&of_old.failures, &of_new.failures), (&Default::default(), &Default::default()));
    assert!(!of_old.acknowledged.is_empty() && !of_new.acknowledged.is_empty());
    drop(new);
    system.terminate_process();
    let ended = system.ended(Duration::from_secs(20)).await.expect("the old one ends");
    assert_eq!(ended.code(), Some(0), "{}", system.said());
    system.launch = Launch::default();
    system.start_process();
    system.ready().await;
    let mut all = of_old.clone();
    all.acknowledged.extend(of_new.acknowledged.iter().cloned());
    audit::all(&system, &all).await;
    Outcome::passed()
        .figure("acknowledged by the old one", of_old.acknowledged.len())
        .figure("by today's", of_new.acknowledged.len())
        .figure("failed", 0)
        .figure("the old one", name)
}

/// Where the tables of a log are declared: programs with the same ones can share a database. That
/// rpcs and events of both understand each other is what other tests keep, and what the row shows.
const TABLES: &str = "crates/kernel/migrations";

/// The program of the newest release, or, before the first one, of the oldest commit with today's
/// tables. Building it takes minutes, so only a release waits for it.
fn before(tier: Tier) -> Result<(PathBuf, String), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let base = match git(&root, &["describe", "--tags", "--abbrev=0"]) {
        Ok(tag) => tag,
        Err(_) => git(&root, &["log", "-1", "--format=%h", "--", TABLES])?,
    };
    let commit = git(&root, &["rev-parse", &format!("{base}^{{commit}}")])?;
    if commit == git(&root, &["rev-parse", "HEAD"])? {
        return Err("this commit is the first one with its tables".to_owned());
    }
    let target = root.join("target/before");
    let built = target.join(format!("qudao-{commit}"));
    if !built.exists() && tier < Tier::Release {
        return Err(format!("{base} is not built; a run of the tier `release` builds it"));
    }
    if !built.exists() {
        let tree = target.join(format!("tree-{commit}"));
        let tree_text = tree.to_str().unwrap();
        program("git", &["-C", text(&root), "worktree", "add", "--force", tree_text, &commit])?;
        let done = build(&tree, &target);
        program("git", &["-C", text(&root), "worktree", "remove", "--force", tree_text])?;
        done?;
        std::fs::rename(target.join("debug/qudao"), &built).map_err(|error| error.to_string())?;
    }
    Ok((built, base))
}

fn build(tree: &Path, target: &Path) -> Result<(), String> {
    let output = Command::new("cargo")
        .args(["build", "--locked", "--package", "qudao"])
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", std::path::absolute(target).unwrap())
        .output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("it can not be built: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").args(arguments).current_dir(root).output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !said.is_empty() { Ok(said) } else { Err("no base".to_owned()) }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
