//! A strip of neighbouring events, checked by itself. Every event is checked against the hash that
//! is stored before it, so strips can be checked beside each other; [`crate::Audit`] joins them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::RangeInclusive;

use crate::event::{Hash, StoredEvent, chain_step};
use crate::merkle::{leaf_hash, root_of};
use crate::suspects::Suspect;
use crate::tiles::WIDTH;

/// Suspects whose bytes are kept for a closer look; more are only counted.
pub(crate) const SUSPECTS: usize = 1_000;

/// The events of a range of positions. The range begins one after a multiple of 256.
pub struct Strip {
    first: u64,
    last: u64,
    next: u64,
    /// The stored hashes of the two rows before, where they are there.
    previous: Option<Hash>,
    before: Option<Hash>,
    canonical: Vec<u8>,
    pub(crate) found: Found,
}

/// What is known of a strip when all of it was read.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) first: u64,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    /// Leaf hash of each position, zeros where there is no row.
    pub(crate) leaves: Vec<Hash>,
    /// Roots over the full tiles.
    pub(crate) roots: Vec<Hash>,
    pub(crate) missing: Vec<RangeInclusive<u64>>,
    pub(crate) doubles: Vec<u64>,
    pub(crate) suspects: Vec<Suspect>,
    /// Stream, number in the stream, and position of each event.
    pub(crate) versions: Vec<(u64, u64, u64)>,
    /// Position and stored hash of the last row.
    pub(crate) end: Option<(u64, Hash)>,
}

impl Strip {
    /// A strip from `first` to `last`. `previous` is the hash stored with the row before, or
    /// [`crate::chain_start`] at the beginning of the log; without it the first event can not be
    /// checked.
    pub fn new(first: u64, last: u64, previous: Option<Hash>) -> Self {
        let positions = (last + 1).saturating_sub(first) as usize;
        let found = Found {
            first,
            leaves: Vec::with_capacity(positions),
            versions: Vec::with_capacity(positions),
            ..Found::default()
        };
        let canonical = Vec::new();
        Self { first, last, next: first, previous, before: None, canonical, found }
    }

    /// Takes the next row, in order of positions. `stored` is what stands in its column `hash`.
    pub fn feed(&mut self, event: &StoredEvent<'_>, stored: &[u8]) {
        let position = event.position;
        if position < self.next {
            self.found.doubles.push(position);
            return;
        }
        self.skip_to(position);
        // Whatever is not a hash fits nothing.
        let stored = Hash::try_from(stored).unwrap_or_default();
        self.canonical.clear();
        event.write_canonical(&mut self.canonical);
        self.found.events += 1;
        self.found.bytes += self.canonical.len() as u64;
        if let Some(previous) = self.previous {
            let recomputed = chain_step(&previous, &self.canonical);
            if recomputed != stored && self.found.suspects.len() < SUSPECTS {
                let mut body = Vec::with_capacity(self.canonical.len());
                event.write_body(&mut body);
                let before = self.before;
                let suspect = Suspect { position, body, before, previous, stored, recomputed };
                self.found.suspects.push(suspect);
            }
        }
        let mut stream = DefaultHasher::new();
        (event.aggregate_type, event.aggregate_id).hash(&mut stream);
        self.found.versions.push((stream.finish(), event.sequence, position));
        self.found.leaves.push(leaf_hash(&stored));
        self.found.end = Some((position, stored));
        self.before = self.previous.replace(stored);
        self.next = position + 1;
    }

    /// Notes that there is no row before this position.
    fn skip_to(&mut self, position: u64) {
        if position > self.next {
            self.found.missing.push(self.next..=position - 1);
            let gap = (position - self.first) as usize;
            self.found.leaves.resize(gap, Hash::default());
            (self.previous, self.before) = (None, None);
            self.next = position;
        }
    }

    /// The same strip, but only up to a position.
    #[must_use]
    pub fn until(mut self, last: u64) -> Self {
        self.last = last;
        self
    }

    /// Ends the strip: what has not come is missing.
    pub fn finish(mut self) -> FinishedStrip {
        self.skip_to(self.last + 1);
        let tiles = self.found.leaves.chunks_exact(WIDTH as usize);
        self.found.roots = tiles.map(root_of).collect();
        FinishedStrip(self.found)
    }
}

/// A strip that was read to its end.
pub struct FinishedStrip(pub(crate) Found);

impl FinishedStrip {
    /// Number of its positions, whether there are events or not.
    pub(crate) fn positions(&self) -> usize {
        self.0.leaves.len()
    }

    /// Number of its events.
    pub fn events(&self) -> u64 {
        self.0.events
    }
}
