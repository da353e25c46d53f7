//! Processes that outlive the command that started them, known by pid *and* start time: a pid
//! that the system has given to another program since is never signalled.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, kill_process};
use serde::{Deserialize, Serialize};

pub use rustix::process::Signal;

/// A process, beyond doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its process id.
    pub pid: u32,
    started: String,
}

impl Process {
    /// The live process with this pid; `None` when there is none, or only a zombie.
    pub fn of(pid: u32) -> Option<Self> {
        started(pid).map(|started| Self { pid, started })
    }

    /// Whether it is still this process that has the pid.
    pub fn is_alive(&self) -> bool {
        started(self.pid).is_some_and(|started| started == self.started)
    }

    /// Older processes come first. Start times are text of one form, so longer means later.
    pub(crate) fn age_order(&self) -> (usize, String, u32) {
        (self.started.len(), self.started.clone(), self.pid)
    }

    /// Whether its command line names a path: how an orphan is told from a stranger.
    pub(crate) fn names(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        command_line(self.pid).is_some_and(|line| line.contains(&*path))
    }

    /// Sends a signal, unless the process is gone.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        if !self.is_alive() {
            return Ok(());
        }
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("not a pid")?;
        match kill_process(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => bail!("cannot signal process {}: {error}", self.pid),
        }
    }

    /// Asks it to stop, and kills it when it has not within the limit.
    pub async fn stop(&self, signal: Signal, limit: Duration) -> Result<()> {
        self.signal(signal)?;
        if self.gone_within(limit).await {
            return Ok(());
        }
        self.signal(Signal::KILL)?;
        if self.gone_within(Duration::from_secs(5)).await {
            return Ok(());
        }
        bail!("process {} does not end, not even killed", self.pid)
    }

    async fn gone_within(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }
}

/// The file that remembers one process.
#[derive(Clone, Debug)]
pub struct PidFile(PathBuf);

#[derive(Serialize, Deserialize)]
struct Record {
    process: Process,
    // What was started, so that a change of it is noticed.
    #[serde(default)]
    build: String,
}

impl PidFile {
    /// The file at this path; it need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Remembers a process just started, and what was started.
    pub fn write(&self, pid: u32, build: &str) -> Result<()> {
        let Some(process) = Process::of(pid) else { return Ok(()) };
        let record = Record { process, build: build.to_owned() };
        // Renamed into place: half a record would make an orphan of the process.
        let new = self.0.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(&record)?)
            .and_then(|()| std::fs::rename(&new, &self.0))
            .with_context(|| format!("cannot write {}", self.0.display()))
    }

    /// The remembered process, if it still runs.
    pub fn running(&self) -> Option<Process> {
        self.record().map(|record| record.process).filter(Process::is_alive)
    }

    /// What the remembered process was started from.
    pub fn build(&self) -> Option<String> {
        self.record().map(|record| record.build)
    }

    /// Stops the remembered process, if it still runs, and forgets it.
    pub async fn stop(&self, signal: Signal, limit: Duration) -> Result<bool> {
        let running = self.running();
        if let Some(process) = &running {
            process.stop(signal, limit).await?;
        }
        self.forget();
        Ok(running.is_some())
    }

    /// Forgets the process.
    pub fn forget(&self) {
        // A file that stays behind does no harm: it names a process that has ended.
        let _ = std::fs::remove_file(&self.0);
    }

    fn record(&self) -> Option<Record> {
        serde_json::from_slice(&std::fs::read(&self.0).ok()?).ok()
    }
}

/// Lets a command write to a log and keeps the terminal's input from it.
pub fn log_to(command: &mut Command, log: &Path) -> Result<()> {
    let rotate = std::fs::metadata(log).is_ok_and(|meta| meta.len() > 64 << 20);
    if rotate {
        std::fs::rename(log, log.with_extension("old.log"))?;
    }
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    Ok(())
}

/// Starts a command in a process group of its own, so that neither Ctrl-C nor a closed terminal
/// ends it.
pub fn detached(command: &mut Command) -> Result<Child> {
    use std::os::unix::process::CommandExt;
    let program = command.get_program().to_owned();
    command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", Path::new(&program).display()))
}

/// The last lines of a log, for a message about what went wrong.
pub fn tail(log: &Path, lines: usize) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(32 << 10)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Live processes whose working folder is this one: a program, and the helpers it has started.
#[cfg(target_os = "linux")]
pub(crate) fn standing_in(dir: &Path) -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let there = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stands = std::fs::read_link(entry.path().join("cwd")).ok()? == dir;
        stands.then(|| Process::of(pid)).flatten()
    });
    there.collect()
}

/// Live processes whose working folder is this one: a program, and the helpers it has started.
#[cfg(not(target_os = "linux"))]
pub(crate) fn standing_in(dir: &Path) -> Vec<Process> {
    let output = Command::new("lsof").args(["-a", "-d", "cwd", "-t", "-w"]).arg(dir).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let pids = text.unwrap_or_default();
    pids.lines().filter_map(|line| Process::of(line.parse().ok()?)).collect()
}

#[cfg(target_os = "linux")]
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    started_in(&stat)
}

/// State and start time are the 1st and the 20th field after the name, which stands in brackets
/// and may itself hold spaces and brackets.
#[cfg(target_os = "linux")]
fn started_in(stat: &str) -> Option<String> {
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
    let ended = matches!(*fields.first()?, "Z" | "X");
    if ended { None } else { fields.get(19).map(|&time| time.to_owned()) }
}

#[cfg(target_os = "linux")]
fn command_line(pid: u32) -> Option<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

#[cfg(not(target_os = "linux"))]
fn started(pid: u32) -> Option<String> {
    let text = ps(pid, "stat=,lstart=")?;
    let (state, started) = text.split_once(' ')?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

#[cfg(not(target_os = "linux"))]
fn command_line(pid: u32) -> Option<String> {
    ps(pid, "command=")
}

#[cfg(not(target_os = "linux"))]
fn ps(pid: u32, columns: &str) -> Option<String> {
    let output = Command::new("ps").args(["-o", columns, "-p", &pid.to_string()]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("60").spawn().unwrap()
    }

    #[tokio::test]
    async fn a_recorded_process_is_stopped_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let file = PidFile::at(dir.path().join("sleep.pid"));
        let mut child = sleeper();
        file.write(child.id(), "a").unwrap();
        assert_eq!(file.running().unwrap().pid, child.id());
        assert_eq!(file.build().as_deref(), Some("a"));
        assert!(file.stop(Signal::TERM, Duration::from_secs(5)).await.unwrap());
        assert!(file.running().is_none() && file.build().is_none());
        child.wait().unwrap();
    }

    #[tokio::test]
    async fn a_pid_given_to_another_process_since_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sleep.pid");
        let mut stranger = sleeper();
        let process = Process { pid: stranger.id(), started: "long ago".to_owned() };
        let record = Record { process: process.clone(), build: String::new() };
        std::fs::write(&path, serde_json::to_vec(&record).unwrap()).unwrap();

        assert!(!PidFile::at(&path).stop(Signal::KILL, Duration::from_secs(5)).await.unwrap());
        process.signal(Signal::KILL).unwrap();
        assert!(stranger.try_wait().unwrap().is_none(), "the stranger was killed");
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }

    #[tokio::test]
    async fn a_process_that_ignores_the_request_is_killed() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' TERM; while :; do sleep 0.1; done"]);
        let mut child = shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let process = Process::of(child.id()).unwrap();
        process.stop(Signal::TERM, Duration::from_millis(200)).await.unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_zombie_does_not_count_as_alive() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = child.id();
        let deadline = Instant::now() + Duration::from_secs(5);
        while Process::of(pid).is_some() {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(5));
        }
        child.wait().unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_start_time() {
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20";
        assert_eq!(started_in(&format!("9 (a) b) c) S {rest}")).as_deref(), Some("777"));
        assert_eq!(started_in(&format!("9 (a) Z {rest}")), None);
    }
}
