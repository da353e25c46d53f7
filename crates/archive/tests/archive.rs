//! An archive: added to, killed midway, changed behind its back.

#![allow(clippy::unwrap_used, reason = "a test that can not go on says so by panicking")]

use std::path::Path;

use archive::{Archive, ArchiveError, MANIFEST, Row};
use chrono::{DateTime, Utc};

fn row(position: u64, event_type: &str, day: i64) -> Row {
    let recorded_at: DateTime<Utc> =
        DateTime::from_timestamp_micros(1_700_000_000_123_456 + day * 86_400_000_000).unwrap();
    Row {
        position,
        event_id: format!("event-{position}"),
        tenant: "顶好".to_owned(),
        context: "order".to_owned(),
        aggregate: "product".to_owned(),
        object_id: "tea".to_owned(),
        version: position,
        event_type: event_type.to_owned(),
        event_version: 1,
        recorded_at,
        actor_id: "li.lei".to_owned(),
        actor_name: "李雷".to_owned(),
        correlation_id: "c".to_owned(),
        causation_id: "c".to_owned(),
        request_id: "c".to_owned(),
        traceparent: position.is_multiple_of(2).then(|| "00-a-b-01".to_owned()),
        payload: format!(r#"{{"type":"{event_type}","n":{position}}}"#),
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

fn filled(folder: &Path) -> Archive {
    let mut archive = Archive::open(folder, "*").unwrap();
    archive.add(row(1, "ProductRenamed", 0));
    archive.add(row(2, "ProductRetired", 0));
    archive.add(row(3, "ProductRenamed", 1));
    archive.add(row(4, "ProductRenamed", 1));
    assert_eq!(archive.commit("order", 5).unwrap(), 3);
    archive
}

#[test]
fn files_lie_by_tenant_day_and_type_and_the_manifest_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path());
    let manifest = archive.manifest();
    assert_eq!(manifest.last_position("order"), 5);
    assert_eq!(manifest.last_position("partner"), 0);
    let told: Vec<_> = manifest
        .files
        .iter()
        .map(|f| {
            (f.date.as_str(), f.event_type.as_str(), f.first_position, f.last_position, f.rows)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("2023-11-14", "ProductRenamed", 1, 1, 1),
            ("2023-11-14", "ProductRetired", 2, 2, 1),
            ("2023-11-15", "ProductRenamed", 3, 4, 2),
        ]
    );
    assert!(manifest.files[0].path.starts_with("tenant=%E9%A1%B6%E5%A5%BD/date=2023-11-14/"));
    assert_eq!(archive.check().unwrap(), 4);
}

#[test]
fn a_second_run_goes_on_and_one_without_news_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    let before = std::fs::read(folder.path().join(MANIFEST)).unwrap();
    let mut archive = Archive::open(folder.path(), "*").unwrap();
    assert_eq!(archive.manifest().last_position("order"), 5);
    assert_eq!(archive.commit("order", 5).unwrap(), 0);
    assert_eq!(std::fs::read(folder.path().join(MANIFEST)).unwrap(), before);
    archive.add(row(6, "ProductRenamed", 1));
    assert_eq!(archive.commit("order", 6).unwrap(), 1);
    assert_eq!((archive.check().unwrap(), archive.manifest().files.len()), (5, 4));
}

#[test]
fn what_a_killed_run_left_is_taken_away_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path());
    let known = files(folder.path());
    let first = folder.path().join(&archive.manifest().files[0].path);
    let beside = |name: &str| first.with_file_name(name);
    let strays = ["order-000000000006-000000000009.parquet", "order-6-9.parquet.tmp"];
    for stray in strays {
        std::fs::write(beside(stray), "half").unwrap();
    }
    std::fs::write(folder.path().join("manifest.json.tmp"), "{").unwrap();
    std::fs::write(beside("notes.txt"), "mine").unwrap();
    std::fs::write(folder.path().join("my-own.parquet"), "mine").unwrap();
    drop(Archive::open(folder.path(), "*").unwrap());
    let mut left = files(folder.path());
    left.retain(|name| !known.contains(name));
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().all(|name| name.ends_with("notes.txt") || name == "my-own.parquet"));
}

#[test]
fn the_same_events_give_the_same_files() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(filled(one.path()).manifest(), filled(two.path()).manifest());
}

#[test]
fn a_changed_file_and_another_scope_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let archive = filled(folder.path());
    let path = archive.manifest().files[1].path.clone();
    let mut bytes = std::fs::read(folder.path().join(&path)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(folder.path().join(&path), bytes).unwrap();
    let found = archive.check().unwrap_err();
    assert!(matches!(&found, ArchiveError::Changed(named) if *named == path), "{found}");
    let refused = Archive::open(folder.path(), "acme").err().unwrap();
    assert!(matches!(refused, ArchiveError::OtherScope { .. }), "{refused}");
}
