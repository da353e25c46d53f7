//! `qudao local with-servers`: a command, usually a test run, on servers of its own.

use std::process::ExitCode;

use anyhow::Context;
use local::TestServers;
use local::process::{Process, Signal};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command and gives its exit code. The servers go when it has ended.
pub(crate) async fn run(command: &[String]) -> anyhow::Result<ExitCode> {
    let (program, arguments) = command.split_first().context("no command is given")?;
    let servers = TestServers::start().await?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", servers.postgres_url())
        .env("QUDAO_TEST_NATS_URL", servers.nats_url())
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let process = child.id().and_then(Process::of);
    // Ctrl-C reaches the child by itself; we only must not end before it does.
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                process.as_ref().map(|process| process.signal(Signal::TERM)).transpose()?;
            }
        }
    };
    drop(servers);
    // A child ended by a signal has no code.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
