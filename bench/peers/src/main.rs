//! The measurements of `qudao bench` together with event stores that one could take instead.
//!
//! This package stands outside the workspace, so that nobody else's build pays for the peers.

mod disintegrate_side;
mod external;
mod message_db;
mod others;
mod umadb;

use std::process::ExitCode;

use bench::{MEASUREMENTS, Measurement};
use clap::Parser;

/// The one that `qudao` has, for all sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure qudao against its peers.
#[derive(Parser)]
#[command(name = "bench-peers", after_help = bench::cli::EXAMPLES)]
struct Main {
    #[command(flatten)]
    args: bench::Args,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Main::parse().args;
    let all: Vec<Measurement> = [umadb::MEASUREMENT, others::MEASUREMENT]
        .into_iter()
        .chain(MEASUREMENTS.iter().copied())
        .collect();
    bench::run(args, &all, external::qudao()).await
}
