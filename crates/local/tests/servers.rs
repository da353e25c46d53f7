//! Both servers for real: started, crashed, recovered, stopped.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use local::process::{PidFile, Process, Signal};
use local::{Place, Servers, TestServers, http};
use sqlx::{Connection, Executor, PgConnection};

/// A place in a folder as private as a home folder often is.
fn private_place() -> Result<(tempfile::TempDir, Place)> {
    let dir = tempfile::tempdir()?;
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700))?;
    let place = Place::open(Some(dir.path()))?;
    Ok((dir, place))
}

fn pid_in(file: &Path) -> Result<u32> {
    let text = fs::read_to_string(file)?;
    Ok(text.lines().next().unwrap_or_default().trim().parse()?)
}

/// Where the data really is: elsewhere when PostgreSQL runs as an account that may not enter.
fn lock_file(dir: &Path) -> std::path::PathBuf {
    let home = fs::read_to_string(dir.join("home")).map_or(dir.to_owned(), Into::into);
    home.join("postgres/data/postmaster.pid")
}

async fn remember(url: &str, text: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute("CREATE TABLE IF NOT EXISTS told (text text)").await?;
    sqlx::query("INSERT INTO told VALUES ($1)").bind(text).execute(&mut connection).await?;
    Ok(())
}

async fn remembered(url: &str) -> sqlx::Result<Vec<String>> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar("SELECT text FROM told ORDER BY 1").fetch_all(&mut connection).await
}

#[tokio::test]
async fn a_second_start_finds_the_running_servers() -> Result<()> {
    let (_dir, place) = private_place()?;
    let servers = Servers::of(&place);
    let programs = servers.obtain(&|_| ())?;
    let first = servers.up(&programs, "qudao").await?;
    remember(&first.postgres_url("qudao"), "before").await?;

    assert_eq!(servers.up(&programs, "qudao").await?, first);
    assert_eq!(servers.status().await, (Some(first.postgres_port), Some(first.nats_port)));

    assert_eq!(servers.stop().await?, (true, true));
    assert_eq!(servers.stop().await?, (false, false));
    assert_eq!(servers.status().await, (None, None));

    let again = servers.up(&programs, "qudao").await?;
    assert_eq!(again, first, "the ports are kept");
    assert_eq!(remembered(&again.postgres_url("qudao")).await?, ["before"]);
    servers.stop().await?;
    place.delete()
}

#[tokio::test]
async fn servers_recover_from_kill_9() -> Result<()> {
    let (dir, place) = private_place()?;
    let servers = Servers::of(&place);
    let programs = servers.obtain(&|_| ())?;
    let first = servers.up(&programs, "qudao").await?;
    remember(&first.postgres_url("qudao"), "acknowledged").await?;

    for file in [lock_file(dir.path()), dir.path().join("nats/pid")] {
        let process = Process::of(pid_in(&file)?).unwrap();
        process.stop(Signal::KILL, std::time::Duration::from_secs(5)).await?;
        assert!(file.exists(), "a crash leaves the server's own pid file");
    }
    let again = servers.up(&programs, "qudao").await?;
    assert_eq!(again, first);
    assert_eq!(remembered(&again.postgres_url("qudao")).await?, ["acknowledged"]);
    servers.stop().await?;
    place.delete()
}

#[tokio::test]
async fn servers_whose_record_was_lost_are_taken_back() -> Result<()> {
    let (dir, place) = private_place()?;
    let servers = Servers::of(&place);
    let programs = servers.obtain(&|_| ())?;
    servers.up(&programs, "qudao").await?;
    let (postgres, nats) = (pid_in(&lock_file(dir.path()))?, pid_in(&dir.path().join("nats/pid"))?);

    fs::remove_dir_all(dir.path().join("run"))?;
    servers.up(&programs, "qudao").await?;
    assert_eq!(pid_in(&lock_file(dir.path()))?, postgres);
    assert_eq!(pid_in(&dir.path().join("nats/pid"))?, nats);

    fs::remove_dir_all(dir.path().join("run"))?;
    assert_eq!(servers.stop().await?, (true, true));
    assert!(Process::of(postgres).is_none() && Process::of(nats).is_none());
    place.delete()
}

#[tokio::test]
async fn a_lock_file_that_names_a_stranger_does_not_stop_the_start() -> Result<()> {
    let (dir, place) = private_place()?;
    let servers = Servers::of(&place);
    let programs = servers.obtain(&|_| ())?;
    servers.up(&programs, "qudao").await?;
    let lock = fs::read_to_string(lock_file(dir.path()))?;
    servers.stop().await?;

    // As after a reboot that gave the server's pid to another program.
    let mut stranger = std::process::Command::new("sleep").arg("60").spawn()?;
    let (_, rest) = lock.split_once('\n').unwrap();
    fs::write(lock_file(dir.path()), format!("{}\n{rest}", stranger.id()))?;
    servers.up(&programs, "qudao").await?;
    assert!(stranger.try_wait()?.is_none(), "the stranger lives");
    stranger.kill()?;
    stranger.wait()?;
    servers.stop().await?;
    place.delete()
}

#[tokio::test]
async fn an_initialisation_cut_short_is_done_again() -> Result<()> {
    let (dir, place) = private_place()?;
    let servers = Servers::of(&place);
    let programs = servers.obtain(&|_| ())?;
    servers.up(&programs, "qudao").await?;
    servers.stop().await?;

    let data = lock_file(dir.path()).parent().unwrap().to_owned();
    fs::rename(&data, data.with_file_name("new"))?;
    fs::remove_file(data.with_file_name("new").join("PG_VERSION"))?;
    servers.up(&programs, "qudao").await?;
    assert!(!data.with_file_name("new").exists());
    servers.stop().await?;
    place.delete()
}

#[tokio::test]
async fn a_port_taken_meanwhile_is_replaced() -> Result<()> {
    let (_dir, place) = private_place()?;
    let servers = Servers::of(&place);
    let programs = servers.obtain(&|_| ())?;
    let first = servers.up(&programs, "qudao").await?;
    servers.stop().await?;

    let _postgres = std::net::TcpListener::bind(("127.0.0.1", first.postgres_port))?;
    let _nats = std::net::TcpListener::bind(("127.0.0.1", first.nats_port))?;
    let other = servers.up(&programs, "qudao").await?;
    assert_ne!(other.postgres_port, first.postgres_port);
    assert_ne!(other.nats_port, first.nats_port);
    servers.stop().await?;
    place.delete()
}

#[tokio::test]
async fn a_test_crashes_and_restarts_its_servers() -> Result<()> {
    let mut servers = TestServers::start().await?;
    let url = servers.database_url("shop").await?;
    remember(&url, "kept").await?;

    servers.kill9_postgres().await?;
    assert!(PgConnection::connect(&url).await.is_err());
    servers.start_postgres().await?;
    assert_eq!(remembered(&url).await?, ["kept"]);

    servers.kill9_nats().await?;
    servers.start_nats().await?;
    servers.wipe_jetstream().await?;
    let port = servers.nats_url().rsplit(':').next().unwrap().parse()?;
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok());

    let dir = servers.dir().to_owned();
    drop(servers);
    assert!(!dir.exists());
    assert!(PgConnection::connect(&url).await.is_err());
    assert!(http::get(port, "/").await.is_err());
    Ok(())
}

#[tokio::test]
async fn what_a_killed_test_left_running_is_ended_by_the_next() -> Result<()> {
    let mut left = TestServers::start().await?;
    let url = left.postgres_url();
    let dir = left.dir().to_owned();
    // As if its owner had been killed: nobody with that pid and start time lives.
    let mut gone = std::process::Command::new("sleep").arg("60").spawn()?;
    PidFile::at(dir.join("owner")).write(gone.id(), "")?;
    gone.kill()?;
    gone.wait()?;

    let next = TestServers::start().await?;
    assert!(PgConnection::connect(&url).await.is_err());
    assert!(!dir.exists());
    left.kill9_postgres().await?;
    drop(next);
    Ok(())
}
