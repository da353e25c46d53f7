//! The kernel on simulated servers: thousands of small worlds, each the choice of a seed.

use kernel::simulation::{self, Figures, PLANTED, Part};

use super::row::{Outcome, Row, Run, Tier};
use crate::chaos_run;

/// Every part of the kernel that must stand races, in simulations of it.
pub(super) static F28: Row = Row {
    id: "F28",
    fault: "simulated: crashes, lost answers, late statements, conflicts, cancelled callers, in an \
            order chosen by each seed",
    passes: "no violation; what is violated names the seed that does it again, step by step",
    control: "every defect that can be planted in a simulation is found within as many seeds",
    tier: Tier::Commit,
    run: chaos_run!(simulated),
};

async fn simulated(run: Run) -> Outcome {
    let worlds = tokio::task::spawn_blocking(move || all(run));
    worlds.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

fn all(run: Run) -> Outcome {
    let seeds = run.size(2_000, 5_000, 10_000);
    // Far from those of other runs, which are told as the next number.
    let first = run.seed.wrapping_mul(1_000_000);
    let mut outcome = Outcome::passed();
    for part in Part::ALL {
        let mut all = Figures::default();
        for seed in (0..seeds).map(|number| first.wrapping_add(number)) {
            match simulation::run(part, seed, None) {
                Ok(figures) => all.add(&figures),
                Err(violation) => panic!("{violation}"),
            }
        }
        assert_eq!(
            simulation::run(part, first, None),
            simulation::run(part, first, None),
            "the same seed is another run"
        );
        outcome = outcome.figure(&format!("seeds of {part}"), seeds);
        for (name, count) in all.0.iter().filter(|(name, _)| **name != "trace") {
            outcome = outcome.figure(name, count);
        }
    }
    for (part, defect) in PLANTED {
        let found = (0..seeds).any(|seed| simulation::run(*part, seed, Some(defect)).is_err());
        assert!(found, "{defect} is not found in {seeds} runs of {part}");
    }
    outcome.figure("planted defects found", format!("{0} of {0}", PLANTED.len()))
}
