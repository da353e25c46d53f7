//! `qudao local`: the whole system on this machine, for development, demonstrations and tests.

mod report;
mod service;
mod up;
mod with;

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use local::{Place, Servers, TestPlace};

/// Run the whole system on this machine.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
    /// Folder for data, logs and addresses [default: .local in the checkout]
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Start what does not run, load the demonstration data, print the addresses
    Up {
        /// PostgreSQL and NATS alone
        #[arg(long)]
        servers_only: bool,
    },
    /// Stop everything; data stays
    Down,
    /// Stop everything and delete the data
    Reset,
    /// Stop everything and delete the data and the fetched servers
    Clean,
    /// Show what runs and where
    Status,
    /// Find or fetch PostgreSQL and nats-server, and say where they are
    Servers,
    /// Run a command with a whole system of its own, that QUDAO_ENDPOINTS leads to
    WithSystem {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

/// Runs the command, and says in a line what went wrong and what to do about it.
pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    Ok(carry_out(args).await.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    }))
}

async fn carry_out(args: Args) -> anyhow::Result<ExitCode> {
    let place = Place::open(args.dir.as_deref())?;
    match args.command {
        Command::Up { servers_only } => {
            place.create()?;
            let _turn = turn(&place)?;
            up::run(&place, servers_only).await?;
        }
        Command::Down => down(&place).await?,
        Command::Reset => {
            down(&place).await?;
            place.delete()?;
            println!("the data is deleted");
        }
        Command::Clean => {
            down(&place).await?;
            place.delete()?;
            place.delete_servers()?;
            println!("the data and the fetched servers are deleted");
        }
        Command::Status => status(&place).await?,
        Command::Servers => {
            let programs = Servers::of(&place).obtain(&|text| println!("{text}"))?;
            println!("PostgreSQL  {}  {}", programs.postgres, programs.postgres_bin.display());
            println!("NATS        {}  {}", programs.nats, programs.nats_server.display());
        }
        Command::WithSystem { command } => return with_system(&command).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn down(place: &Place) -> anyhow::Result<()> {
    if !place.dir().exists() {
        println!("nothing runs in {}", place.dir().display());
        return Ok(());
    }
    let _turn = turn(place)?;
    // The servers last: the service finishes what it has accepted.
    let service = service::stop(place).await;
    let (postgres, nats) = Servers::of(place).stop().await?;
    let stopped = [("qudao", service?), ("NATS", nats), ("PostgreSQL", postgres)];
    let names: Vec<&str> = stopped.iter().filter(|(_, ran)| *ran).map(|(name, _)| *name).collect();
    match names.is_empty() {
        true => println!("nothing ran in {}", place.dir().display()),
        false => println!("stopped {}", names.join(", ")),
    }
    Ok(())
}

async fn status(place: &Place) -> anyhow::Result<()> {
    let (postgres, nats) = Servers::of(place).status().await;
    let web = service::ready(place).await;
    let parts =
        [("qudao", "http", web), ("NATS", "nats", nats), ("PostgreSQL", "postgres", postgres)];
    for (name, scheme, port) in parts {
        let state =
            port.map_or("not running".to_owned(), |port| format!("{scheme}://127.0.0.1:{port}"));
        println!("{name:<12}{state}");
    }
    if parts.iter().any(|(_, _, port)| port.is_none()) {
        bail!(
            "not everything runs: `make up` starts what is missing; logs are in {}",
            place.dir().join("log").display()
        );
    }
    Ok(())
}

async fn with_system(command: &[String]) -> anyhow::Result<ExitCode> {
    let temporary = TestPlace::create().await?;
    let place = temporary.place();
    let code = match up::run(place, false).await {
        Ok(()) => {
            let endpoints = place.dir().join("endpoints.json").to_string_lossy().into_owned();
            let key = place.dir().join("signing-key.pem").to_string_lossy().into_owned();
            let qudao = std::env::current_exe()?.to_string_lossy().into_owned();
            let told =
                [("QUDAO_ENDPOINTS", endpoints), ("QUDAO_SIGNING_KEY", key), ("QUDAO", qudao)];
            with::run(command, &told).await
        }
        Err(error) => Err(error),
    };
    // Stopped in any case; what went wrong before is what counts.
    let stopped = down(place).await;
    let code = code?;
    stopped?;
    Ok(code)
}

/// One `up` or `down` at a time in a place; the others wait.
fn turn(place: &Place) -> anyhow::Result<File> {
    let path = place.dir().join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!("waiting for another command that starts or stops this system");
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    Ok(file)
}
