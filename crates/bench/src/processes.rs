//! What PostgreSQL's processes and our own cost the machine, as /proc tells.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;

/// The processes of the database server, asked of the server itself.
pub struct Processes(Option<Mutex<PgConnection>>);

/// Processor time of each process at one moment.
#[derive(Default)]
pub struct Moment(HashMap<i32, Duration>);

impl Processes {
    /// The server behind this address.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn of(url: &str) -> anyhow::Result<Self> {
        Ok(Self(Some(Mutex::new(PgConnection::connect(url).await?))))
    }

    /// No server at all.
    pub fn none() -> Self {
        Self(None)
    }

    /// What they have used up to now; nothing when the server is on another machine.
    pub async fn cpu(&self) -> Moment {
        let Some(connection) = &self.0 else { return Moment::default() };
        let mut connection = connection.lock().await;
        let asked = sqlx::query_scalar("SELECT pid FROM pg_stat_activity");
        let pids: Vec<i32> = asked.fetch_all(&mut *connection).await.unwrap_or_default();
        Moment(pids.into_iter().filter_map(|pid| Some((pid, cpu_of(pid)?))).collect())
    }
}

impl Moment {
    /// What was used between two moments. A process that began in between counts whole, one that
    /// ended in between not at all.
    pub fn used_until(&self, later: &Self) -> Option<Duration> {
        let used = later
            .0
            .iter()
            .map(|(pid, cpu)| cpu.saturating_sub(self.0.get(pid).copied().unwrap_or_default()));
        (!later.0.is_empty()).then(|| used.sum())
    }
}

fn cpu_of(pid: i32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the fields after it are numbers.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second()))
}

/// Memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Resident now, in kB.
    pub resident_kb: u64,
    /// The most that ever was resident, in kB.
    pub peak_kb: u64,
}

/// What a process has resident; none when it is gone.
pub fn memory_of(pid: u32) -> Option<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(Memory { resident_kb: line("VmRSS:")?, peak_kb: line("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_uses_time_and_memory() {
        let pid = std::process::id();
        let (before, started) = (cpu_of(pid.cast_signed()).unwrap(), std::time::Instant::now());
        while started.elapsed() < Duration::from_millis(100) {
            std::hint::black_box(vec![1_u8; 4_096]);
        }
        assert!(cpu_of(pid.cast_signed()).unwrap() > before);
        let memory = memory_of(pid).unwrap();
        assert!(memory.resident_kb > 100 && memory.peak_kb >= memory.resident_kb);
        assert_eq!(memory_of(u32::MAX), None);
    }

    #[test]
    fn time_of_processes_that_begin_in_between_counts() {
        let (s, ms) = (Duration::from_secs, Duration::from_millis);
        let before = Moment(HashMap::from([(1, s(5)), (2, s(1))]));
        let after = Moment(HashMap::from([(1, s(6)), (3, ms(500))]));
        assert_eq!(before.used_until(&after), Some(ms(1_500)));
        assert_eq!(before.used_until(&Moment::default()), None);
    }
}
