//! Exports, checked without the log: complete and partial, whole and tampered with.

use std::io::Cursor;

use proof::check::{Files, check};
use proof::export::{CHECKPOINT, EVENTS, FileEntry, HeadEntry, LEAVES, Line, Manifest, Selection};
use proof::merkle::{inclusion_ranges, root_of};
use proof::{Kind, Report, chain_start, hex};
use sha2::{Digest as _, Sha256};

use crate::log::{Log, log, signer};

struct Export {
    manifest: Manifest,
    note: String,
    events: String,
    leaves: Vec<u8>,
}

fn entry(name: &str, bytes: &[u8]) -> FileEntry {
    let sha256 = hex(&Sha256::digest(bytes));
    FileEntry { name: name.to_owned(), bytes: bytes.len() as u64, sha256 }
}

/// Exports a log, or the events of one tenant that are signed.
fn export(log: &Log, tenant: Option<&str>) -> Export {
    let checkpoint = log.checkpoints.last().unwrap();
    let note = checkpoint.sign(&signer()).unwrap();
    let leaves = log.leaf_hashes();
    let mut lines = Vec::new();
    let mut previous = chain_start();
    for row in &log.rows {
        let line = Line::of(&row.event(), &row.hash);
        if tenant.is_none() {
            lines.push(serde_json::to_string(&line).unwrap());
        } else if tenant == Some(row.tenant) && row.position <= checkpoint.size {
            let ranges = inclusion_ranges(row.position - 1, checkpoint.size);
            let path: Vec<_> = ranges
                .iter()
                .map(|range| root_of(&leaves[range.start as usize..range.end as usize]))
                .collect();
            lines.push(serde_json::to_string(&line.proved(&previous, &path)).unwrap());
        }
        previous = row.hash;
    }
    let events = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let complete = tenant.is_none();
    let mut files = vec![entry(EVENTS, events.as_bytes()), entry(CHECKPOINT, note.as_bytes())];
    if complete {
        files.push(entry(LEAVES, &log.leaves));
    }
    let head =
        log.head.hash.map(|hash| HeadEntry { position: log.head.position, hash: hex(&hash) });
    let manifest = Manifest {
        context: "counter".to_owned(),
        origin: checkpoint.origin.clone(),
        selection: Selection { tenant: tenant.map(str::to_owned), ..Selection::default() },
        complete,
        events: lines.len() as u64,
        checkpoint_size: checkpoint.size,
        head: head.filter(|_| complete),
        files,
        created_at: "2026-11-23T14:05:00Z".to_owned(),
    };
    Export { manifest, note, events, leaves: log.leaves.clone() }
}

fn verify(export: &Export) -> Report {
    let signer = signer();
    let note = export.manifest.sign(&signer).unwrap();
    let manifest = Manifest::open(&note, signer.verifier()).unwrap();
    assert_eq!(manifest, export.manifest, "a manifest is read as it was written");
    let files = Files {
        checkpoint: proof::Checkpoint::open(&export.note, signer.verifier()).unwrap(),
        checkpoint_note: export.note.clone(),
        events: Cursor::new(&export.events),
        leaves: manifest.complete.then(|| Cursor::new(&export.leaves)),
    };
    check(&manifest, files, &mut |_| ()).unwrap()
}

#[track_caller]
fn names(export: &Export, expected: &[(u64, Kind)]) {
    let found: Vec<_> = verify(export).problems.iter().map(|p| (p.position, p.kind)).collect();
    assert_eq!(found, expected);
}

#[test]
fn whole_exports_raise_no_alarm() {
    for count in [1, 255, 256, 700] {
        let log = log(count, &[count]);
        names(&export(&log, None), &[]);
        names(&export(&log, Some("acme")), &[]);
    }
    let tail = log(700, &[600]);
    assert_eq!(verify(&export(&tail, None)).events, 700);
    names(&export(&tail, Some("zenith")), &[]);
}

#[test]
fn an_export_of_a_tampered_log_names_the_event() {
    let mut tampered = log(700, &[300, 600]);
    tampered.rows[99].payload.push(' ');
    names(&export(&tampered, None), &[(100, Kind::Changed)]);
    names(&export(&tampered, Some(tampered.rows[99].tenant)), &[(100, Kind::Changed)]);
    tampered.make_chain_anew();
    names(&export(&tampered, None), &[(100, Kind::Rewritten)]);
    tampered.rows.truncate(500);
    names(&export(&tampered, None), &[(100, Kind::Rewritten), (501, Kind::Truncated)]);
}

#[test]
fn a_partial_export_shows_only_its_tenant_and_binds_every_event() {
    let log = log(700, &[600]);
    let mut partial = export(&log, Some("acme"));
    assert!(!partial.events.contains("zenith"));
    assert!(verify(&partial).events < 600);
    let line = partial.events.lines().nth(9).unwrap().to_owned();
    let position = serde_json::from_str::<Line<'_>>(&line).unwrap().position;
    let file = (0, Kind::FileChanged);

    partial.events = partial.events.replace(&line, &line.replace("李雷", "韩梅梅"));
    names(&partial, &[file, (position, Kind::Changed)]);
    partial.events = partial.events.replace(&line.replace("李雷", "韩梅梅"), "{}");
    assert!(verify(&partial).problems.contains(&proof::Problem {
        position: 0,
        kind: Kind::FileChanged,
        through: None
    }));

    let mut other = export(&log, Some("acme"));
    other.manifest.selection.tenant = Some("nobody".to_owned());
    assert_eq!(verify(&other).problems[0].kind, Kind::ForeignTenant);
}

#[test]
fn a_line_taken_out_or_put_in_is_noticed() {
    let log = log(700, &[600]);
    for tenant in [None, Some("acme")] {
        let mut short = export(&log, tenant);
        let line = short.events.lines().nth(20).unwrap().to_owned() + "\n";
        short.events = short.events.replace(&line, "");
        let problems = verify(&short).problems;
        assert!(problems.iter().any(|p| p.kind == Kind::FileChanged), "{problems:?}");
        assert!(problems.iter().any(|p| p.position > 0), "{problems:?}");
        let mut long = export(&log, tenant);
        long.events.insert_str(0, &line);
        assert!(verify(&long).problems.len() > 1);
    }
}
