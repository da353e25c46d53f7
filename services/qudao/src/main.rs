//! The one executable of qudao 渠道.

mod access_log;
mod after_sales;
mod carts;
mod certs;
mod cli;
mod client;
mod collector;
mod connectors;
mod demo;
mod export;
mod funds;
mod history;
mod import;
mod keys;
mod local;
mod metrics;
mod nats_users;
mod operator_token;
mod orders;
mod parked;
mod payments;
mod prices;
mod products;
mod projections;
mod proofs;
mod query;
mod rebates;
mod reconciliation;
mod replay;
mod serve;
mod service_accounts;
mod sessions;
mod shipments;
mod simulate;
mod statements;
mod stock;
mod stream;
mod trace;
mod users;
mod verify;
mod webhooks;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Calls allocate much and briefly: the system's allocator took a third of their time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What `--version` says: a build with places to end at must not be taken for another.
const VERSION: &str = match kernel::fault::exist() {
    true => concat!(env!("CARGO_PKG_VERSION"), "\nbuilt with fail points, for tests only"),
    false => env!("CARGO_PKG_VERSION"),
};

/// qudao 渠道: channel sales management.
#[derive(Parser)]
#[command(name = "qudao", version, long_version = VERSION, after_help = cli::EXIT_CODES)]
struct Main {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start one role, or all of them in one process
    Serve(Box<serve::Args>),
    /// Run the whole system on this machine
    Local(crate::local::Args),
    /// Make the seeds of the users of a NATS server, and print its configuration
    NatsUsers(nats_users::Args),
    /// Measure how fast it is here, in databases of its own
    #[command(after_help = bench::cli::EXAMPLES)]
    Bench(bench::Args),
    #[command(flatten)]
    Client(cli::Client),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let _armed = kernel::fault::arm();
    match Main::parse().command {
        Command::Serve(args) => serve::run(*args).await.map(|()| ExitCode::SUCCESS),
        Command::Local(args) => crate::local::run(args).await,
        Command::NatsUsers(args) => nats_users::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Bench(args) => {
            Ok(bench::run(args, bench::MEASUREMENTS, std::env::current_exe().ok()).await)
        }
        Command::Client(command) => cli::run(command).await,
    }
}
