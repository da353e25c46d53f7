//! The kernel on simulated servers: thousands of small worlds, each the choice of a seed.

use std::thread::{available_parallelism, scope};

use kernel::simulation::{self, FAILED_ONCE, Figures, PLANTED, Part, Violation};

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;

/// Every part of the kernel that must stand races, in simulations of it.
pub(super) static F28: Row = Row {
    id: "F28",
    fault: "simulated: crashes, lost answers, late statements, conflicts, cancelled callers, \
            several leaders, lost streams, restored logs, facts that end the process, in an order \
            chosen by each seed",
    passes: "no violation in any world; the same seed is the same run",
    control: "every defect that can be planted (`simulation::PLANTED`) is found in as many worlds",
    tier: Tier::Commit,
    run: chaos_run!(simulated),
};

async fn simulated(run: Run) -> Outcome {
    let worlds = tokio::task::spawn_blocking(move || match std::env::var("QUDAO_WORLD") {
        Ok(world) => alone(&world),
        Err(_) => all(run),
    });
    worlds.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// Worlds of a part, of so many of all: those of the relay take longest.
fn share(part: Part, worlds: u64) -> u64 {
    match part {
        Part::Commands => worlds / 10 * 5,
        Part::Relay => worlds / 10 * 2,
        Part::Projection => worlds / 10 * 3,
    }
}

fn all(run: Run) -> Outcome {
    let worlds = run.size(2_000, 10_000, 50_000);
    // Far from those of the next run, whose seed is the next number.
    let first = run.seed.wrapping_mul(1_000_000);
    for (part, seed) in FAILED_ONCE {
        simulation::run(*part, *seed, None).unwrap_or_else(|violation| told(&violation));
    }
    let mut outcome = Outcome::passed().figure("worlds", worlds);
    for part in Part::ALL {
        let figures = several(part, first, share(part, worlds));
        let figures = figures.unwrap_or_else(|violation| told(&violation));
        let figures: Vec<_> = figures.0.iter().filter(|(name, _)| **name != "trace").collect();
        let figures: Vec<_> =
            figures.iter().map(|(name, count)| format!("{count} {name}")).collect();
        outcome = outcome.figure(&part.to_string(), figures.join(" · "));
        let again = || simulation::run(part, first, None);
        assert_eq!(again(), again(), "the same seed is another run");
    }
    for (part, defect) in PLANTED {
        let mut seeds = 0..share(*part, worlds);
        let found = seeds.any(|seed| simulation::run(*part, seed, Some(defect)).is_err());
        assert!(found, "{defect} is not found in {} worlds of {part}", seeds.end);
    }
    outcome.figure("planted defects found", format!("{0} of {0}", PLANTED.len()))
}

/// Worlds with seeds that follow each other, on all processors.
fn several(part: Part, first: u64, worlds: u64) -> Result<Figures, Violation> {
    let threads = available_parallelism().map_or(1, |threads| threads.get() as u64);
    let some = |thread: u64| {
        let mut sum = Figures::default();
        for number in (thread..worlds).step_by(usize::try_from(threads).unwrap_or(1)) {
            sum.add(&simulation::run(part, first.wrapping_add(number), None)?);
        }
        Ok(sum)
    };
    scope(|scope| {
        let running: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || some(thread))).collect();
        let mut sum = Figures::default();
        for thread in running {
            let figures = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            sum.add(&figures?);
        }
        Ok(sum)
    })
}

/// One world again, named as `relays/17`.
fn alone(world: &str) -> Outcome {
    let (name, seed) = world.split_once('/').expect("a world is named as relays/17");
    let part = Part::ALL.into_iter().find(|part| part.to_string() == name).expect("a part");
    let seed = seed.parse().expect("a seed is a number");
    let figures = simulation::run(part, seed, None).unwrap_or_else(|violation| told(&violation));
    Outcome::passed().figure("worlds", 1).figure(name, format!("{:?}", figures.0))
}

fn told(violation: &Violation) -> ! {
    let Violation { part, seed, found } = violation;
    panic!("{found}; again with QUDAO_WORLD={part}/{seed}")
}
