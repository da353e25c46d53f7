//! A program of the project itself, run in the background until it is stopped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{self, PidFile, Process, Signal};

// Longer than the programs take to end their calls in good order.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// One program of a place, running or not.
#[derive(Clone, Debug)]
pub struct Service {
    log: PathBuf,
    pid_file: PidFile,
    stands_in: PathBuf,
    names: PathBuf,
}

impl Service {
    /// The program of this name. Its command line must name a path inside the place: so it is
    /// known again even when the record of it was lost.
    pub fn of(place: &Place, name: &str) -> Self {
        Self {
            log: place.log(name),
            pid_file: place.pid_file(name),
            stands_in: place.dir().join("run").join(name),
            names: place.dir().to_owned(),
        }
    }

    /// Where it logs to.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its process, if it runs.
    pub fn running(&self) -> Option<Process> {
        self.pid_file.running().or_else(|| {
            // Whoever started it may have been killed before it could write the pid down.
            let folder = self.stands_in.canonicalize().ok()?;
            let found = process::standing_in(&folder).into_iter();
            // A helper that it is just starting looks the same for a moment, but is younger.
            found.filter(|process| process.names(&self.names)).min_by_key(Process::age_order)
        })
    }

    /// Whether what runs was started from this build.
    pub fn is_from(&self, build: &str) -> bool {
        self.pid_file.build().as_deref() == Some(build)
    }

    /// Starts it so that it outlives us; `build` tells later what was started.
    pub fn start(&self, command: &mut Command, build: &str) -> Result<Child> {
        std::fs::create_dir_all(&self.stands_in)
            .with_context(|| format!("cannot create {}", self.stands_in.display()))?;
        process::log_to(command, &self.log)?;
        let child = process::detached(command.current_dir(&self.stands_in))?;
        self.pid_file.write(child.id(), build)?;
        Ok(child)
    }

    /// Asks it to end, and kills it if it does not; true if it did run.
    pub async fn stop(&self) -> Result<bool> {
        let running = self.running();
        if let Some(process) = &running {
            process.stop(Signal::TERM, STOP_LIMIT).await?;
        }
        self.pid_file.forget();
        Ok(running.is_some())
    }
}
