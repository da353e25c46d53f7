//! A program in the background: found again, told from strangers, stopped.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;
use local::process::{Process, Signal};
use local::{Place, Service};

/// A program that names its place, as the ones we start do.
fn program(place: &Place) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "while :; do sleep 0.1; done"]).arg(place.dir());
    command
}

fn place() -> Result<(tempfile::TempDir, Place)> {
    let dir = tempfile::tempdir()?;
    let place = Place::open(Some(dir.path()))?;
    place.create()?;
    Ok((dir, place))
}

#[tokio::test]
async fn a_program_is_known_by_its_build_and_stopped_once() -> Result<()> {
    let (_dir, place) = place()?;
    let service = Service::of(&place, "shop");
    assert!(service.running().is_none());
    let mut child = service.start(&mut program(&place), "first")?;
    assert_eq!(service.running().unwrap().pid, child.id());
    assert!(service.is_from("first") && !service.is_from("second"));
    assert!(service.stop().await?);
    child.wait()?;
    assert!(!service.stop().await?);
    Ok(())
}

#[tokio::test]
async fn a_program_whose_record_was_lost_is_found_and_stopped() -> Result<()> {
    let (_dir, place) = place()?;
    let service = Service::of(&place, "shop");
    let mut child = service.start(&mut program(&place), "first")?;
    std::fs::remove_file(place.dir().join("run/shop.pid"))?;
    assert!(!service.is_from("first"));
    assert_eq!(found(&service).await.pid, child.id());
    assert!(service.stop().await?);
    child.wait()?;
    Ok(())
}

/// For some microseconds after its start a program has no command line yet to be known by.
async fn found(service: &Service) -> Process {
    for _ in 0..100 {
        match service.running() {
            Some(process) => return process,
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    panic!("the program is not found");
}

#[tokio::test]
async fn a_killed_program_does_not_count_as_running() -> Result<()> {
    let (_dir, place) = place()?;
    let service = Service::of(&place, "shop");
    let mut child = service.start(&mut program(&place), "first")?;
    Process::of(child.id()).unwrap().stop(Signal::KILL, Duration::from_secs(5)).await?;
    child.wait()?;
    // A helper that it was just starting looks like it until it is a program of its own.
    let deadline = Instant::now() + Duration::from_secs(5);
    while service.running().is_some() {
        assert!(Instant::now() < deadline, "it counts as running");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let mut again = service.start(&mut program(&place), "first")?;
    assert!(service.stop().await?);
    again.wait()?;
    Ok(())
}

#[tokio::test]
async fn a_stranger_in_the_folder_is_left_alone() -> Result<()> {
    let (_dir, place) = place()?;
    let service = Service::of(&place, "shop");
    let folder = place.dir().join("run/shop");
    std::fs::create_dir_all(&folder)?;
    let mut stranger = Command::new("sleep").arg("60").current_dir(folder).spawn()?;
    assert!(!service.stop().await?);
    assert!(stranger.try_wait()?.is_none());
    stranger.kill()?;
    stranger.wait()?;
    Ok(())
}
