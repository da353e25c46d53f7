//! Callers that each wait for one answer before they ask again, for a while; what they got done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};
use tokio::task::JoinSet;

/// How hard and how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Callers at the same time.
    pub callers: usize,
    /// For how long new calls are begun.
    pub window: Duration,
    /// Number of the turn, different for every turn of a side.
    pub turn: u32,
}

/// One call among all: no two calls of a run share all three numbers.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The turn it belongs to.
    pub turn: u32,
    /// The caller, from 0.
    pub caller: usize,
    /// The caller's calls before it in this turn.
    pub number: u64,
}

/// What one call does. It fails only when the measurement can not go on.
pub type Operation = Arc<dyn Fn(Step) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// What one turn got done.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Calls answered.
    pub operations: u64,
    /// From the first call to the last answer.
    pub elapsed: Duration,
    /// Times of the calls, in nanoseconds.
    pub latency: Histogram<u32>,
    /// Processor time of this process, its callers included.
    pub cpu: Option<Duration>,
}

impl Sample {
    /// Many things done as one piece of work, of which none has a time of its own.
    ///
    /// # Errors
    /// See [`histogram`].
    pub fn bulk(operations: u64, elapsed: Duration, cpu: Option<Duration>) -> anyhow::Result<Self> {
        Ok(Self { operations, elapsed, latency: histogram()?, cpu })
    }

    /// Things that somebody waited for, one time each.
    ///
    /// # Errors
    /// See [`histogram`].
    pub fn waits(times: &[Duration], elapsed: Duration, cpu: Duration) -> anyhow::Result<Self> {
        let mut latency = histogram()?;
        for time in times {
            let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(LONGEST_NS);
            latency.saturating_record(nanoseconds);
        }
        Ok(Self { operations: latency.len(), elapsed, latency, cpu: Some(cpu) })
    }

    /// Calls per second.
    pub fn rate(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// A quantile of the calls' times in milliseconds.
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1e6
    }
}

const SHORTEST_NS: u64 = 1_000;
const LONGEST_NS: u64 = 60_000_000_000;
/// Figures that a recorded time keeps.
const FIGURES: u8 = 3;

/// An empty histogram of times in nanoseconds, from 1 µs to 1 min.
///
/// # Errors
/// Never with these bounds; the library can not know.
pub fn histogram() -> anyhow::Result<Histogram<u32>> {
    Ok(Histogram::new_with_bounds(SHORTEST_NS, LONGEST_NS, FIGURES)?)
}

/// Processor time of this process.
pub fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Lets callers go on for a turn.
///
/// # Errors
/// The first failure of a call; the others are given up.
pub async fn run(load: Load, operation: &Operation) -> anyhow::Result<Sample> {
    let cpu = own_cpu();
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..load.callers {
        callers.spawn(call(load, caller, started + load.window, operation.clone()));
    }
    let mut latency = histogram()?;
    while let Some(times) = callers.join_next().await {
        latency.add(times??)?;
    }
    Ok(Sample {
        operations: latency.len(),
        elapsed: started.elapsed(),
        latency,
        cpu: Some(own_cpu().saturating_sub(cpu)),
    })
}

async fn call(
    load: Load,
    caller: usize,
    deadline: Instant,
    operation: Operation,
) -> anyhow::Result<Histogram<u32>> {
    let mut times = histogram()?;
    for number in 0.. {
        let begun = Instant::now();
        if begun >= deadline {
            break;
        }
        operation(Step { turn: load.turn, caller, number }).await?;
        let nanoseconds = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(LONGEST_NS);
        times.saturating_record(nanoseconds);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(callers: usize, milliseconds: u64) -> Load {
        Load { callers, window: Duration::from_millis(milliseconds), turn: 7 }
    }

    #[tokio::test]
    async fn callers_wait_for_their_answers() {
        let operation: Operation = Arc::new(|_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(10)).await;
                Ok(())
            })
        });
        let sample = run(load(4, 100), &operation).await.unwrap();
        // Four callers at 10 ms a call: never more than 44 calls in 100 ms, fewer when disturbed.
        assert!((4..=44).contains(&sample.operations), "{}", sample.operations);
        assert!(sample.elapsed >= Duration::from_millis(100));
        assert!(sample.quantile_ms(0.5) >= 9.9, "{}", sample.quantile_ms(0.5));
        assert!(sample.rate() <= 440.0);
    }

    #[tokio::test]
    async fn a_failed_call_fails_the_turn() {
        let operation: Operation = Arc::new(|step| {
            Box::pin(async move {
                anyhow::ensure!(step.number < 3, "call {} of {}", step.number, step.turn);
                Ok(())
            })
        });
        let error = run(load(2, 1_000), &operation).await.unwrap_err().to_string();
        assert_eq!(error, "call 3 of 7");
    }
}
