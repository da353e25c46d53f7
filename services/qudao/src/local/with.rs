//! A command, usually a test run, that is told by its environment what was started for it.

use std::process::ExitCode;

use anyhow::Context;
use local::process::{Process, Signal};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command and gives its exit code.
pub(crate) async fn run(
    command: &[String],
    variables: &[(&str, String)],
) -> anyhow::Result<ExitCode> {
    let (program, arguments) = command.split_first().context("no command is given")?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    let process = child.id().and_then(Process::of);
    // Ctrl-C reaches the child by itself; we only must not end before it does, because what was
    // started for it has to be stopped.
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
    // A child ended by a signal has no code.
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
