//! The same program once more, for faults that end a process or need one of another kind.

use std::process::Stdio;

use kernel::log::Log;
use kernel::projection::{Runner, install};
use tokio_util::sync::CancellationToken;

use super::determinism;
use crate::support::tally::{Harm, Tally};

const TOLD: &str = "QUDAO_CHAOS_CHILD";
/// The test that does what it is told, in the program of the tests.
const TEST: &str = "faults::a_process_that_does_what_it_is_told";

/// This program, told to do something.
pub(super) fn told(words: &[&str]) -> tokio::process::Command {
    let program = std::env::current_exe().unwrap();
    let is_suite = program.file_stem().is_some_and(|name| name == "chaos");
    let mut command = tokio::process::Command::new(program);
    if !is_suite {
        command.args(["--exact", TEST, "--nocapture"]);
    }
    command.env(TOLD, words.join(" ")).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Does what this process was told by another one, if it was; whether it was.
pub async fn obey() -> bool {
    let Ok(told) = std::env::var(TOLD) else { return false };
    let words: Vec<_> = told.split(' ').collect();
    match words[..] {
        ["feed", postgres, nats] => feed(postgres, nats).await,
        ["fold", postgres, schema, threads, feed] => {
            determinism::fold_as_told(postgres, schema, threads, feed).await;
        }
        _ => panic!("what is {told:?}?"),
    }
    true
}

/// Feeds a read model until it is level with its log, or until a fact ends the process.
async fn feed(postgres: &str, nats: &str) {
    let log = Log::open(postgres, "test").await.unwrap();
    let read = kernel::log::connect(postgres, "read", 8).await.unwrap();
    install(&read).await.unwrap();
    let jetstream = async_nats::jetstream::new(async_nats::connect(nats).await.unwrap());
    let head = log.head().await.unwrap();
    let tally = Tally::<1>::new(Harm::Abort);
    let runner = Runner::new(tally, read, log, jetstream).await.unwrap();
    let (mut progress, stop) = (runner.progress(), CancellationToken::new());
    let running = tokio::spawn(runner.run(stop.clone()));
    progress.reached(head).await;
    stop.cancel();
    running.await.unwrap();
}
