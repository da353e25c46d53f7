//! The Merkle tree of RFC 6962, section 2.1, over the hashes of the chain. A proof is a list of
//! hashes of ranges of leaves; which ranges, is computed here, and whoever holds the tree
//! ([`crate::tiles`]) looks them up. Checking follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::event::Hash;

/// Why a proof does not convince.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead from what it proves to the root of the tree")]
pub struct NotProved;

/// The hash of a leaf. The data of a leaf of a log is the chain's hash at the event.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new_with_prefix([0]).chain_update(data).finalize().into()
}

/// The hash of a node above two others.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// The root of a tree with these leaf hashes.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// The right edge of a growing tree: all that is needed to append to it and to know its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, the largest first: one for each bit that is set in `size`.
    roots: Vec<Hash>,
}

impl Frontier {
    /// The edge of a tree of this size with these complete subtrees, see [`complete_subtrees`].
    pub fn of(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of one leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_complete(0, leaf);
    }

    /// Appends a complete subtree of 2^`level` leaves, by its root.
    ///
    /// # Panics
    /// When the tree does not end at a multiple of 2^`level`.
    pub fn push_complete(&mut self, level: u32, root: Hash) {
        assert!(self.size.trailing_zeros() >= level, "a subtree begins at a multiple of its size");
        let mut node = root;
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.roots.push(node);
        self.size += 1 << level;
    }

    /// The root of the tree; of an empty one, SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        fold(&self.roots).unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The hash over neighbouring complete subtrees, the largest and leftmost first.
pub fn fold(roots: &[Hash]) -> Option<Hash> {
    roots.iter().rev().copied().reduce(|right, left| node_hash(&left, &right))
}

/// The complete subtrees that a range of leaves consists of, as level and index in the level,
/// from left to right. The range must begin at a multiple of the largest power of two in it.
pub fn complete_subtrees(range: Range<u64>) -> Vec<(u32, u64)> {
    let (mut start, mut found) = (range.start, Vec::new());
    while start < range.end {
        let level = (range.end - start).ilog2();
        found.push((level, start >> level));
        start += 1 << level;
    }
    found
}

/// The ranges of leaves whose hashes prove that the tree of the first `size` leaves holds the
/// leaf with this index: PATH of RFC 6962, from the leaf to the root.
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut start, mut end, mut ranges) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges whose hashes prove that the tree of `new` leaves begins with the tree of `old`
/// leaves: PROOF of RFC 6962. Empty when there is nothing to prove.
pub fn consistency_ranges(old: u64, new: u64) -> Vec<Range<u64>> {
    if old == 0 || old >= new {
        return Vec::new();
    }
    let (mut start, mut end, mut ranges) = (0, new, Vec::new());
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    if start != 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below a number that is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// Checks that the tree of `size` leaves with this root holds the leaf hash at the index.
///
/// # Errors
/// When the path does not lead there.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    path: &[Hash],
    root: &Hash,
) -> Result<(), NotProved> {
    if index >= size {
        return Err(NotProved);
    }
    let (mut at, mut last, mut node) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(NotProved);
        }
        if at & 1 == 1 || at == last {
            node = node_hash(sibling, &node);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            node = node_hash(&node, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && node == *root { Ok(()) } else { Err(NotProved) }
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves.
///
/// # Errors
/// When the path does not lead from one root to the other.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), NotProved> {
    if old == 0 || old > new {
        return Err(NotProved);
    }
    if old == new {
        return if path.is_empty() && old_root == new_root { Ok(()) } else { Err(NotProved) };
    }
    let mut path = path.iter();
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    // A whole subtree proves itself: its root is the old root.
    let first = if old.is_power_of_two() { old_root } else { path.next().ok_or(NotProved)? };
    let (mut old_node, mut new_node) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return Err(NotProved);
        }
        if at & 1 == 1 || at == last {
            old_node = node_hash(sibling, &old_node);
            new_node = node_hash(sibling, &new_node);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new_node = node_hash(&new_node, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    let proved = last == 0 && old_node == *old_root && new_node == *new_root;
    if proved { Ok(()) } else { Err(NotProved) }
}
