//! The check of a whole log: strips are joined, the tree over them is compared with the tree that
//! was stored and with every signed checkpoint, and each problem is named by its position.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::Serialize;

use crate::checkpoint::Checkpoint;
use crate::event::Hash;
use crate::merkle::{Frontier, root_of};
use crate::strip::{FinishedStrip, Found, SUSPECTS};
use crate::suspects::{Inquiry, Suspect};
use crate::tiles::{WIDTH, hashes_of};

/// Neighbouring events that are told one by one.
const LONGEST_RUN: usize = 16;

/// What was done to an event, as far as the stored bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The event is not what was recorded.
    Changed,
    /// Its hash is not what was recorded, the event itself is.
    HashChanged,
    /// It stands where another event stood, and that one in its place.
    Swapped,
    /// An event that was recorded is not there.
    Missing,
    /// An event is there that was not recorded.
    Inserted,
    /// The newest events, from here on, are not there.
    Truncated,
    /// The log claims to end here, but has later events.
    HeadRestored,
    /// The log's head does not have the hash of its last event.
    HeadChanged,
    /// The chain is whole, but from here on not the one that was signed: it was made anew.
    Rewritten,
    /// The stored tree is not the one that was signed; the events are.
    TileChanged,
    /// An object's events are not numbered without gap.
    VersionGap,
    /// A checkpoint is not signed by the log's key.
    CheckpointForged,
    /// An event is of another tenant than the export.
    ForeignTenant,
    /// A file of an export is not the one that was exported.
    FileChanged,
    /// A line of an export can not be read.
    Unreadable,
}

/// Something wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Position of the event that it is about; 0 when it is about no event.
    pub position: u64,
    /// What is wrong.
    pub kind: Kind,
    /// Last position concerned, when it is about several events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<u64>,
}

/// Where the log says that it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Position of the newest event.
    pub position: u64,
    /// The chain's hash there, if it is one.
    pub hash: Option<Hash>,
}

/// The result of an audit.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Events checked.
    pub events: u64,
    /// Canonical bytes hashed.
    pub bytes: u64,
    /// Position up to which a signed checkpoint confirms the events.
    pub signed_through: u64,
    /// In order of positions; empty when the log is whole.
    pub problems: Vec<Problem>,
}

/// A running audit.
#[derive(Default)]
pub struct Audit {
    checkpoints: VecDeque<Checkpoint>,
    last_checkpoint: u64,
    report: Report,
    /// The tree over the events as they are, and the tree as it was stored.
    own: Frontier,
    stored: Frontier,
    /// Size up to which a checkpoint confirms each of them.
    own_confirmed: u64,
    stored_confirmed: u64,
    /// Positions whose hash differs between the two trees, the first of them.
    diverged: BTreeSet<u64>,
    /// The first checkpoint that confirms neither tree: from and to position.
    unconfirmed: Option<(u64, u64)>,
    tiles_fail: bool,
    missing: BTreeSet<u64>,
    suspects: Vec<Suspect>,
    versions: HashMap<u64, u64>,
    gaps: Vec<u64>,
    /// Position and stored hash of the last row.
    end: Option<(u64, Hash)>,
}

impl Audit {
    /// An audit against checkpoints whose signatures are good.
    pub fn new(mut checkpoints: Vec<Checkpoint>) -> Self {
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        let last_checkpoint = checkpoints.last().map_or(0, |checkpoint| checkpoint.size);
        Self { checkpoints: checkpoints.into(), last_checkpoint, ..Self::default() }
    }

    /// Joins the next strip. `leaves` are the stored leaf hashes from the strip's first position
    /// on, as far as there are any.
    pub fn add(&mut self, strip: FinishedStrip, leaves: &[u8]) {
        let found = strip.0;
        let stored = hashes_of(leaves);
        for (tile, own) in found.leaves.chunks(WIDTH as usize).enumerate() {
            let from = tile * WIDTH as usize;
            let to = (from + own.len()).min(stored.len());
            let stored = stored.get(from..to).unwrap_or_default();
            self.add_tile(found.first + from as u64, own, found.roots.get(tile), stored);
        }
        self.take(found);
    }

    fn take(&mut self, found: Found) {
        self.report.events += found.events;
        self.report.bytes += found.bytes;
        self.report.problems.extend(found.missing.iter().map(|run| Problem {
            position: *run.start(),
            kind: Kind::Missing,
            through: (run.start() != run.end()).then_some(*run.end()),
        }));
        for run in found.missing {
            self.missing.extend(run.take(SUSPECTS));
        }
        self.report.problems.extend(found.doubles.into_iter().map(|position| Problem {
            position,
            kind: Kind::Inserted,
            through: None,
        }));
        let room = SUSPECTS.saturating_sub(self.suspects.len());
        self.suspects.extend(found.suspects.into_iter().take(room));
        for (stream, version, position) in found.versions {
            let before = self.versions.insert(stream, version).unwrap_or(0);
            if version != before + 1 && self.gaps.len() < SUSPECTS {
                self.gaps.push(position);
            }
        }
        self.end = found.end.or(self.end);
    }

    fn add_tile(&mut self, first: u64, own: &[Hash], root: Option<&Hash>, stored: &[Hash]) {
        for (position, _) in (first..).zip(own.iter().zip(stored)).filter(|(_, (a, b))| a != b) {
            if self.diverged.len() < SUSPECTS {
                self.diverged.insert(position);
            }
        }
        let last = first + own.len() as u64 - 1;
        while let Some(checkpoint) = self.checkpoints.pop_front_if(|next| next.size <= last) {
            let leaves = (checkpoint.size + 1 - first) as usize;
            let own_root = at_size(&self.own, &own[..leaves]);
            let equal = self.own == self.stored && stored.get(..leaves) == Some(&own[..leaves]);
            let stored_root = match (equal, stored.get(..leaves)) {
                (true, _) => Some(own_root),
                (false, Some(stored)) => Some(at_size(&self.stored, stored)),
                (false, None) => None,
            };
            self.compare(&checkpoint, own_root, stored_root);
        }
        match root {
            Some(root) => self.own.push_complete(8, *root),
            None => own.iter().for_each(|leaf| self.own.push(*leaf)),
        }
        // After a hole, what is stored further right can not be joined.
        if self.stored.size() + 1 == first {
            match root.filter(|_| own == stored) {
                Some(root) => self.stored.push_complete(8, *root),
                None => stored.iter().for_each(|leaf| self.stored.push(*leaf)),
            }
        }
    }

    /// Joins stored leaf hashes that lie behind the last strip: what is signed there tells whether
    /// the stored tree can be believed. May be called again with those that follow.
    pub fn add_rest(&mut self, leaves: &[u8]) {
        if self.stored.size() < self.own.size() {
            return;
        }
        for leaf in hashes_of(leaves) {
            self.stored.push(leaf);
            let size = self.stored.size();
            if let Some(checkpoint) = self.checkpoints.pop_front_if(|next| next.size == size)
                && checkpoint.root == self.stored.root()
            {
                self.stored_confirmed = size;
            }
        }
    }

    fn compare(&mut self, checkpoint: &Checkpoint, own: Hash, stored: Option<Hash>) {
        let size = checkpoint.size;
        let own_fits = own == checkpoint.root;
        let stored_fits = stored == Some(checkpoint.root);
        if own_fits {
            self.own_confirmed = size;
            self.tiles_fail |= !stored_fits;
        }
        if stored_fits {
            self.stored_confirmed = size;
        }
        if !own_fits && !stored_fits && self.unconfirmed.is_none() {
            let from = self.own_confirmed.max(self.stored_confirmed) + 1;
            self.unconfirmed = Some((from, size));
        }
    }

    /// Ends the audit. Without a head, only the events themselves are judged.
    pub fn finish(mut self, head: Option<Head>) -> Report {
        let mut report = std::mem::take(&mut self.report);
        self.judge_end(head.as_ref(), &mut report.problems);
        let inquiry = Inquiry::of(&self.suspects, &self.diverged, head.as_ref());
        self.judge_tree(&inquiry, &mut report.problems);
        report.problems.extend(inquiry.problems);
        if report.problems.is_empty() {
            let gap = |position| Problem { position, kind: Kind::VersionGap, through: None };
            report.problems.extend(self.gaps.iter().copied().map(gap));
        }
        report.problems.sort_by_key(|problem| (problem.position, problem.kind));
        report.problems.dedup_by_key(|problem| problem.position);
        report.problems = shortened(report.problems);
        report.signed_through = self.own_confirmed;
        report
    }

    /// The end of the log: what is signed or in the head must be there, and nothing else.
    fn judge_end(&self, head: Option<&Head>, problems: &mut Vec<Problem>) {
        let (end, hash) = self.end.unwrap_or((0, crate::chain_start()));
        let claimed = head.map_or(0, |head| head.position).max(self.last_checkpoint);
        if end < claimed {
            let (kind, through) = (Kind::Truncated, Some(claimed));
            problems.push(Problem { position: end + 1, kind, through });
        }
        let Some(head) = head else { return };
        let (kind, position) = if head.position < end {
            // Signed events were there: then the head is what is wrong.
            match self.last_checkpoint > head.position {
                true => (Kind::HeadRestored, head.position),
                false => (Kind::Inserted, head.position + 1),
            }
        } else {
            let suspect = self.suspects.iter().any(|suspect| suspect.position == end);
            if head.position > end || head.hash == Some(hash) || suspect {
                return;
            }
            (Kind::HeadChanged, head.position)
        };
        problems.push(Problem { position, kind, through: None });
    }

    fn judge_tree(&self, inquiry: &Inquiry<'_>, problems: &mut Vec<Problem>) {
        let signed = self.own_confirmed.max(self.stored_confirmed);
        let known = |position: &u64| {
            self.missing.contains(position) || inquiry.explained.contains(position)
        };
        let unknown =
            self.diverged.iter().find(|position| **position <= signed && !known(position));
        if let Some(&position) = unknown.filter(|_| !inquiry.shifted) {
            let authentic = position <= self.stored_confirmed;
            let kind = if authentic { Kind::Rewritten } else { Kind::TileChanged };
            let through = authentic.then_some(self.own.size());
            problems.push(Problem { position, kind, through });
        } else if self.tiles_fail {
            let position = self.stored.size() + 1;
            problems.push(Problem { position, kind: Kind::TileChanged, through: None });
        }
        if let Some((from, to)) = self.unconfirmed {
            let named = |problem: &Problem| problem.position <= to;
            if !problems.iter().chain(&inquiry.problems).any(named) {
                let (kind, through) = (Kind::Rewritten, Some(to));
                problems.push(Problem { position: from, kind, through });
            }
        }
    }
}

/// A long run of neighbouring events with the same problem is told as one.
fn shortened(problems: Vec<Problem>) -> Vec<Problem> {
    let same = |a: &Problem, b: &Problem| {
        a.kind == b.kind
            && a.through.is_none()
            && b.through.is_none()
            && a.position + 1 == b.position
    };
    let runs = problems.chunk_by(same).flat_map(|run| match run {
        [first, .., last] if run.len() > LONGEST_RUN => {
            vec![Problem { through: Some(last.position), ..first.clone() }]
        }
        run => run.to_vec(),
    });
    runs.collect()
}

fn at_size(edge: &Frontier, leaves: &[Hash]) -> Hash {
    if edge.size() == 0 {
        return root_of(leaves);
    }
    let mut edge = edge.clone();
    leaves.iter().for_each(|leaf| edge.push(*leaf));
    edge.root()
}
