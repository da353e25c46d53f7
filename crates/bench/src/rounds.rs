//! Sides that are measured in turns, so that what disturbs the machine disturbs all of them.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::load::{self, Load, Operation, Sample};
use crate::processes::Processes;
use crate::progress::Progress;

/// One of those compared.
pub struct Side {
    name: String,
    turn: Turn,
}

type Turn = Box<dyn Fn(Load) -> BoxFuture<'static, anyhow::Result<Sample>> + Send + Sync>;

impl Side {
    /// A side whose callers are tasks of this process.
    pub fn new(name: impl Into<String>, operation: Operation) -> Self {
        Self::driven(name, move |load| {
            let operation = operation.clone();
            Box::pin(async move { load::run(load, &operation).await })
        })
    }

    /// A side that brings callers of its own, for example in another language.
    pub fn driven(
        name: impl Into<String>,
        turn: impl Fn(Load) -> BoxFuture<'static, anyhow::Result<Sample>> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), turn: Box::new(turn) }
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rounds {
    /// Turns of each side that count.
    pub count: u32,
    /// Length of a turn.
    pub window: Duration,
    /// Length of the turn before them that does not count.
    pub warm_up: Duration,
}

/// All turns of one side, in the order of the rounds.
pub struct Series {
    /// The side.
    pub name: String,
    /// One sample a round.
    pub samples: Vec<Sample>,
    /// Processor time that PostgreSQL took in each round, where it can be told.
    pub server_cpu: Vec<Option<Duration>>,
}

/// Measures the sides in turns: a warm-up of each, then the rounds, each begun by another side.
///
/// # Errors
/// The first failure of a side, by its name.
pub async fn compare(
    rounds: Rounds,
    callers: usize,
    sides: &[Side],
    server: &Processes,
    progress: &Progress,
) -> anyhow::Result<Vec<Series>> {
    let mut turn = 0;
    let mut take = async |side: &Side, window| {
        turn += 1;
        progress.turn(&side.name);
        let before = server.cpu().await;
        let sample = (side.turn)(Load { callers, window, turn })
            .await
            .map_err(|error| error.context(format!("measuring “{}”", side.name)))?;
        progress.turned();
        anyhow::Ok((sample, before.used_until(&server.cpu().await)))
    };
    for side in sides {
        take(side, rounds.warm_up).await?;
    }
    let mut series: Vec<_> = sides.iter().map(Series::of).collect();
    for round in 0..rounds.count as usize {
        for place in 0..sides.len() {
            let at = (round + place) % sides.len();
            let (sample, cpu) = take(&sides[at], rounds.window).await?;
            series[at].samples.push(sample);
            series[at].server_cpu.push(cpu);
        }
    }
    Ok(series)
}

impl Series {
    fn of(side: &Side) -> Self {
        Self { name: side.name.clone(), samples: Vec::new(), server_cpu: Vec::new() }
    }

    /// A figure of every round.
    pub fn each(&self, figure: impl Fn(&Sample) -> f64) -> Vec<f64> {
        self.samples.iter().map(figure).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[tokio::test]
    async fn every_side_begins_a_round_and_none_is_left_out() {
        let order = Arc::new(Mutex::new(String::new()));
        let side = |name: &'static str| {
            let order = order.clone();
            Side::driven(name, move |load| {
                order.lock().unwrap().push_str(name);
                Box::pin(async move {
                    let operation: Operation = Arc::new(|_| Box::pin(async { Ok(()) }));
                    load::run(Load { window: Duration::ZERO, ..load }, &operation).await
                })
            })
        };
        let sides = [side("a"), side("b"), side("c")];
        let rounds = Rounds { count: 4, window: Duration::ZERO, warm_up: Duration::ZERO };
        let series =
            compare(rounds, 1, &sides, &Processes::none(), &Progress::hidden()).await.unwrap();
        assert_eq!(*order.lock().unwrap(), "abcabcbcacababc");
        assert!(series.iter().all(|series| series.samples.len() == 4));
    }
}
