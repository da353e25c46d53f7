//! Checks an export without the system it came from. Files are read once, from front to back, and
//! never held whole.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use sha2::{Digest as _, Sha256};

use crate::audit::{Audit, Head, Kind, Problem, Report};
use crate::checkpoint::Checkpoint;
use crate::event::{Hash, chain_start, chain_step};
use crate::export::{CHECKPOINT, EVENTS, LEAVES, Line, Manifest};
use crate::merkle::{leaf_hash, verify_inclusion};
use crate::strip::Strip;
use crate::tiles::HASH_BYTES;
use crate::{hash_from_hex, hex};

/// Positions that are checked together; a multiple of 256.
const STRIP: u64 = 16_384;

/// The files of an export beside its manifest.
pub struct Files<E, L> {
    /// The signed checkpoint, opened.
    pub checkpoint: Checkpoint,
    /// Its note as it was read.
    pub checkpoint_note: String,
    /// The events.
    pub events: E,
    /// The leaves of the tree; `None` in a partial export.
    pub leaves: Option<L>,
}

/// Checks an export whose manifest and checkpoint are signed by the right key. `progress` is told
/// the number of bytes read of the events, now and then.
///
/// # Errors
/// When a file can not be read to its end.
pub fn check<E: BufRead, L: Read>(
    manifest: &Manifest,
    files: Files<E, L>,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Report> {
    let note_digest = hex(&Sha256::digest(&files.checkpoint_note));
    let mut lines = Lines::new(files.events);
    let (mut report, leaves_digest) = if manifest.complete {
        let leaves = files.leaves.map(Hashed::new);
        complete(manifest, files.checkpoint, &mut lines, leaves, progress)?
    } else {
        (partial(manifest, &files.checkpoint, &mut lines, progress)?, None)
    };
    let digests = [
        (EVENTS, Some(lines.input.digest()?)),
        (CHECKPOINT, Some(note_digest)),
        (LEAVES, leaves_digest),
    ];
    let changed = digests.iter().any(|(name, digest)| {
        digest.as_deref() != manifest.digest_of(name) && (digest.is_some() || manifest.complete)
    });
    if changed || report.events != manifest.events {
        report.problems.push(Problem { position: 0, kind: Kind::FileChanged, through: None });
    }
    report.problems.sort_by_key(|problem| (problem.position, problem.kind));
    Ok(report)
}

fn complete<E: BufRead, L: Read>(
    manifest: &Manifest,
    checkpoint: Checkpoint,
    lines: &mut Lines<E>,
    mut leaves: Option<Hashed<L>>,
    progress: &mut dyn FnMut(u64),
) -> io::Result<(Report, Option<String>)> {
    let mut audit = Audit::new(vec![checkpoint]);
    let mut previous = Some(chain_start());
    let mut held = String::new();
    let mut more = lines.next(&mut held)?;
    let mut unreadable = Vec::new();
    for first in (1..).step_by(STRIP as usize) {
        let end = first + STRIP - 1;
        let mut strip = Strip::new(first, end, previous.take());
        let mut last = None;
        while more {
            match serde_json::from_str::<Line<'_>>(&held) {
                Ok(line) if line.position > end => break,
                Ok(line) => {
                    let hash = line.hash().unwrap_or_default();
                    strip.feed(&line.event(), &hash);
                    last = Some((line.position, hash));
                }
                Err(_) => unreadable.push(lines.number),
            }
            more = lines.next(&mut held)?;
        }
        // The strip in which the log ends is only as long as the log.
        let strip = if more { strip } else { strip.until(last.map_or(first - 1, |(at, _)| at)) };
        previous = last.filter(|(at, _)| *at == end).map(|(_, hash)| hash);
        let mut stored = vec![0; (STRIP as usize) * HASH_BYTES];
        let read = leaves.as_mut().map_or(Ok(0), |leaves| leaves.fill(&mut stored))?;
        let strip = strip.finish();
        let (own, rest) = stored[..read].split_at((strip.positions() * HASH_BYTES).min(read));
        audit.add(strip, own);
        progress(lines.input.bytes);
        if !more {
            audit.add_rest(rest);
            break;
        }
    }
    let mut rest = vec![0; (STRIP as usize) * HASH_BYTES];
    while let Some(leaves) = &mut leaves {
        match leaves.fill(&mut rest)? {
            0 => break,
            read => audit.add_rest(&rest[..read]),
        }
    }
    let head = manifest.head.as_ref();
    let head = head.map(|h| Head { position: h.position, hash: hash_from_hex(&h.hash) });
    let mut report = audit.finish(head);
    let unreadable = unreadable.into_iter();
    report.problems.extend(unreadable.map(|line| Problem {
        position: line,
        kind: Kind::Unreadable,
        through: None,
    }));
    Ok((report, leaves.map(|mut leaves| leaves.digest()).transpose()?))
}

fn partial<E: BufRead>(
    manifest: &Manifest,
    checkpoint: &Checkpoint,
    lines: &mut Lines<E>,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Report> {
    let mut check = Partial::of(manifest, checkpoint);
    let mut held = String::new();
    while lines.next(&mut held)? {
        match serde_json::from_str::<Line<'_>>(&held) {
            Ok(line) => check.feed(&line),
            Err(_) => check.report(check.last + 1, Kind::Unreadable),
        }
        if lines.number.is_multiple_of(1_024) {
            progress(lines.input.bytes);
        }
    }
    Ok(check.report)
}

/// Checks events one by one against a checkpoint.
struct Partial<'a> {
    manifest: &'a Manifest,
    checkpoint: &'a Checkpoint,
    report: Report,
    last: u64,
    /// The last event's hash is not in the tree.
    last_hash_is_wrong: bool,
    versions: HashMap<(String, String), u64>,
    canonical: Vec<u8>,
}

impl<'a> Partial<'a> {
    fn of(manifest: &'a Manifest, checkpoint: &'a Checkpoint) -> Self {
        let report = Report { signed_through: checkpoint.size, ..Report::default() };
        Self {
            manifest,
            checkpoint,
            report,
            last: 0,
            last_hash_is_wrong: false,
            versions: HashMap::new(),
            canonical: Vec::new(),
        }
    }

    fn report(&mut self, position: u64, kind: Kind) {
        self.report.problems.push(Problem { position, kind, through: None });
    }

    fn feed(&mut self, line: &Line<'_>) {
        let position = line.position;
        self.canonical.clear();
        line.event().write_canonical(&mut self.canonical);
        self.report.events += 1;
        self.report.bytes += self.canonical.len() as u64;
        if position <= self.last {
            self.report(position, Kind::Inserted);
            return;
        }
        let follows = self.last_hash_is_wrong && position == self.last + 1;
        self.last = position;
        let (chained, included) = self.proves(line);
        self.last_hash_is_wrong = !included;
        match (chained, included) {
            (false, _) if !follows => self.report(position, Kind::Changed),
            (true, false) => self.rewritten(position),
            (true, true) | (false, _) => (),
        }
        self.belongs(line, chained && included);
    }

    /// Whether its bytes follow from the hash before, and its hash is in the signed tree.
    fn proves(&self, line: &Line<'_>) -> (bool, bool) {
        let Some((hash, (previous, path))) = line.hash().zip(line.proof()) else {
            return (false, false);
        };
        let (size, root) = (self.checkpoint.size, &self.checkpoint.root);
        let leaf: Hash = leaf_hash(&hash);
        let index = line.position.wrapping_sub(1);
        let included = verify_inclusion(index, size, &leaf, &path, root).is_ok();
        (chain_step(&previous, &self.canonical) == hash, included)
    }

    /// A chain made anew differs from one event on; the first says it all.
    fn rewritten(&mut self, position: u64) {
        let first = self.report.problems.iter_mut().find(|found| found.kind == Kind::Rewritten);
        match first {
            Some(first) => first.through = Some(position),
            None => self.report(position, Kind::Rewritten),
        }
    }

    /// Whether an event that is proved belongs here, and follows the last one of its object.
    fn belongs(&mut self, line: &Line<'_>, proved: bool) {
        let selection = &self.manifest.selection;
        let foreign = selection.tenant.as_ref().is_some_and(|tenant| *tenant != line.tenant_id);
        if foreign {
            self.report(line.position, Kind::ForeignTenant);
        }
        // Filters leave out events of an object, ranges leave out its beginning.
        if !selection.event_types.is_empty() {
            return;
        }
        let stream = (line.aggregate_type.to_string(), line.aggregate_id.to_string());
        let before = self.versions.insert(stream, line.sequence);
        if proved && before.is_some_and(|before| line.sequence != before + 1) {
            self.report(line.position, Kind::VersionGap);
        }
    }
}

/// The lines of a file, read one at a time.
struct Lines<R> {
    input: Hashed<R>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn new(input: R) -> Self {
        Self { input: Hashed::new(input), number: 0 }
    }

    /// The next line; false at the end of the file.
    fn next(&mut self, line: &mut String) -> io::Result<bool> {
        line.clear();
        let mut bytes = std::mem::take(line).into_bytes();
        let read = self.input.input.read_until(b'\n', &mut bytes)?;
        self.input.took(&bytes);
        self.number += 1;
        // Bytes that are not text make no line that can be read.
        *line = String::from_utf8(bytes).unwrap_or_default();
        Ok(read > 0)
    }
}

/// A file whose digest is made while it is read.
struct Hashed<R> {
    input: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Hashed<R> {
    fn new(input: R) -> Self {
        Self { input, digest: Sha256::new(), bytes: 0 }
    }

    fn took(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Reads until the buffer is full or the file ends.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.input.read(&mut buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        self.took(&buffer[..filled]);
        Ok(filled)
    }

    /// The digest of the whole file, whatever of it was not read yet included.
    fn digest(&mut self) -> io::Result<String> {
        let mut rest = vec![0; 64 << 10];
        while self.fill(&mut rest)? > 0 {}
        Ok(hex(&self.digest.clone().finalize()))
    }
}
