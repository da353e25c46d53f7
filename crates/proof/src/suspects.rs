//! A closer look at events that do not fit the event before: what was done to the log, and which
//! of them are whole themselves but follow a row that is not.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::{Head, Kind, Problem};
use crate::event::{Hash, chain_step};

/// Suspects among which exchanged pairs are looked for; the work grows with the square.
const PAIRS: usize = 64;

/// An event whose stored hash does not follow from its bytes and the hash stored before it.
#[derive(Clone, Debug)]
pub(crate) struct Suspect {
    pub(crate) position: u64,
    /// Canonical bytes after the position.
    pub(crate) body: Vec<u8>,
    /// The hash stored two rows before.
    pub(crate) before: Option<Hash>,
    pub(crate) previous: Hash,
    pub(crate) stored: Hash,
    pub(crate) recomputed: Hash,
}

impl Suspect {
    /// Whether it would be whole at a position after a hash.
    fn fits(&self, previous: &Hash, position: u64) -> bool {
        let mut canonical = position.to_string().into_bytes();
        canonical.push(b'\n');
        canonical.extend_from_slice(&self.body);
        chain_step(previous, &canonical) == self.stored
    }
}

/// What is known of the suspects, and what is still open.
pub(crate) struct Inquiry<'a> {
    open: BTreeMap<u64, &'a Suspect>,
    /// Positions whose hash is not the one in the tree.
    diverged: &'a BTreeSet<u64>,
    head: Option<&'a Head>,
    pub(crate) problems: Vec<Problem>,
    /// Positions that need no further word.
    pub(crate) explained: BTreeSet<u64>,
    /// Rows were pushed to other positions, so that all later ones differ from the tree.
    pub(crate) shifted: bool,
}

impl<'a> Inquiry<'a> {
    pub(crate) fn of(
        suspects: &'a [Suspect],
        diverged: &'a BTreeSet<u64>,
        head: Option<&'a Head>,
    ) -> Self {
        let open = suspects.iter().map(|suspect| (suspect.position, suspect)).collect();
        let mut inquiry = Self {
            open,
            diverged,
            head,
            problems: Vec::new(),
            explained: BTreeSet::new(),
            shifted: false,
        };
        inquiry.exchanged();
        inquiry.pushed();
        inquiry.rest();
        inquiry
    }

    fn name(&mut self, position: u64, kind: Kind) {
        self.problems.push(Problem { position, kind, through: None });
        self.explain(position);
    }

    fn explain(&mut self, position: u64) {
        self.open.remove(&position);
        self.explained.insert(position);
    }

    /// Two rows that took each other's position: each fits where the other stands.
    fn exchanged(&mut self) {
        let rows: Vec<&Suspect> = self.open.values().copied().take(PAIRS).collect();
        for (at, x) in rows.iter().enumerate() {
            for y in &rows[at + 1..] {
                let before_y = if y.position == x.position + 1 { y.stored } else { y.previous };
                let exchanged = y.fits(&x.previous, x.position) && x.fits(&before_y, y.position);
                if !exchanged {
                    continue;
                }
                self.name(x.position, Kind::Swapped);
                self.name(y.position, Kind::Swapped);
                for (follower, true_hash) in
                    [(x.position + 1, y.stored), (y.position + 1, x.stored)]
                {
                    let whole = |row: &&&Suspect| row.fits(&true_hash, follower);
                    if self.open.get(&follower).filter(whole).is_some() {
                        self.explain(follower);
                    }
                }
            }
        }
    }

    /// Rows that are whole but for their position, because one was put in or taken out before.
    fn pushed(&mut self) {
        let rows: Vec<&Suspect> = self.open.values().copied().collect();
        let mut by: i64 = 0;
        for (row, next) in rows.iter().zip(rows.iter().skip(1).map(Some).chain([None])) {
            let at = |position: u64, by: i64| position.saturating_add_signed(-by);
            if by != 0 && row.fits(&row.previous, at(row.position, by)) {
                self.explain(row.position);
            } else if row.before.is_some_and(|hash| row.fits(&hash, at(row.position, by + 1))) {
                // A copy of the row before fits there too, but is not the first of the two.
                let copy = u64::from(row.stored == row.previous);
                self.name(row.position - 1 + copy, Kind::Inserted);
                self.explain(row.position);
                self.shifted = true;
                by += 1;
            } else if next.is_some_and(|next| {
                next.position == row.position + 1
                    && next.fits(&next.previous, at(next.position, by - 1))
            }) {
                self.name(row.position, Kind::Missing);
                self.shifted = true;
                by -= 1;
            }
        }
    }

    /// What neither explains: a hash, or an event, was changed where it stands.
    fn rest(&mut self) {
        while let Some((&position, &row)) = self.open.iter().next() {
            let next = self.open.get(&(position + 1));
            let vouches = next.is_some_and(|next| next.fits(&row.recomputed, position + 1));
            let ends = self
                .head
                .is_some_and(|head| head.position == position && head.hash == Some(row.recomputed));
            let follows_a_wrong_hash =
                self.diverged.contains(&(position - 1)) && !self.diverged.contains(&position);
            if vouches || ends {
                self.name(position, Kind::HashChanged);
                self.explain(position + 1);
            } else if follows_a_wrong_hash {
                if !self.explained.contains(&(position - 1)) {
                    self.name(position - 1, Kind::Changed);
                }
                self.explain(position);
            } else {
                self.name(position, Kind::Changed);
            }
        }
    }
}
