//! What an outside client sees: the calls that the README shows, run as they stand there, with
//! nothing known of the contracts but what reflection tells.

use std::path::Path;
use std::process::Command;

use cluster_tests::support::shop::{self, order_of, submit};
use cluster_tests::support::system::System;

const MARK: &str = "<!-- run by a_stranger_can_do_what_the_readme_shows -->";

/// The shell commands that follow the mark in the README.
fn commands(readme: &str) -> &str {
    let marked = readme.split_once(MARK).expect("the README marks the calls").1;
    let block = marked.split_once("```sh\n").expect("a block of commands follows").1;
    block.split_once("```").expect("the block ends").0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_can_do_what_the_readme_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tools = root.join("services/gateway/web/node_modules/.bin").canonicalize();
    let tools = tools.expect("the page's packages bring buf: make up, or npm ci in the web folder");
    let system = System::start().await;
    let admin = shop::open(&system).await;
    submit(&admin, &order_of("SO-000001", 2)).await;

    // The README speaks of the demonstration; here it meets the smallest shop there is.
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let script = commands(&readme)
        .replace("\"bikes\"", "\"acme\"")
        .replace("\"admin\"", "\"han.meimei\"")
        .replace("qudao-demo-admin", "correct horse")
        .replace("kansas-city-29ers", "hengtong")
        .replace("jekyll-carbon-2", "tea-500");
    let folder = system.servers.dir().join("reader");
    std::fs::create_dir_all(folder.join(".local")).unwrap();
    let endpoints = format!("{{\"grpc\": \"{}\"}}\n", system.web);
    std::fs::write(folder.join(".local/endpoints.json"), endpoints).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-euxo", "pipefail", "-c", &script])
        .current_dir(&folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for expected in ["\"objectId\"", "\"grossMinor\"", "OrderSubmitted", "\"lastPosition\""] {
        assert!(told.contains(expected), "{expected} is missing in:\n{told}");
    }
}
