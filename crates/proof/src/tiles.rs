//! How the tree is stored: rows of 256 hashes, after C2SP tlog-tiles. A tile of level 0 holds leaf
//! hashes; a hash of a tile of level n + 1 is the root over a full tile of level n. So any node of
//! the tree is the root over some hashes of one tile.

use std::ops::Range;

use crate::event::Hash;
use crate::merkle::root_of;

/// Hashes of a full tile.
pub const WIDTH: u64 = 256;
/// Levels of the tree that one level of tiles stands for.
pub const HEIGHT: u32 = 8;
/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// Where a tile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0 for leaves.
    pub level: u32,
    /// From 0, left to right.
    pub number: u64,
}

/// The tile that a node of the tree is computed from, and which of its hashes are under the node.
pub fn holding(level: u32, index: u64) -> (Tile, Range<usize>) {
    let (above, inside) = (level / HEIGHT, level % HEIGHT);
    let first = index << inside;
    let tile = Tile { level: above, number: first / WIDTH };
    let start = (first % WIDTH) as usize;
    (tile, start..start + (1 << inside))
}

/// A node of the tree from the stored bytes of its tile; `None` when the tile is too short.
pub fn node(bytes: &[u8], hashes: Range<usize>) -> Option<Hash> {
    let wanted = bytes.get(hashes.start * HASH_BYTES..hashes.end * HASH_BYTES)?;
    Some(root_of(&hashes_of(wanted)))
}

/// The hashes that stored bytes consist of; an incomplete one at the end is left out.
pub fn hashes_of(bytes: &[u8]) -> Vec<Hash> {
    let whole = bytes.chunks_exact(HASH_BYTES);
    whole.filter_map(|hash| Hash::try_from(hash).ok()).collect()
}

/// The tiles that have to be rewritten or added when a tree grows, level by level.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    /// The unfinished tile at the right edge of each level: its number and its bytes.
    edges: Vec<(u64, Vec<u8>)>,
    /// Tiles that were filled on the way.
    full: Vec<(Tile, Vec<u8>)>,
}

impl Growth {
    /// The right edge of a tree: for each level the bytes of its last, unfinished tile. Levels
    /// whose last tile is full have an empty one with the next number.
    pub fn at(edges: Vec<(u64, Vec<u8>)>) -> Self {
        Self { edges, full: Vec::new() }
    }

    /// The tile at the right edge of each level of a tree of this size, and how many hashes it
    /// has; it is not stored yet where that is 0.
    pub fn edge_of(size: u64) -> Vec<(Tile, usize)> {
        let (mut hashes, mut edges) = (size, Vec::new());
        for level in 0.. {
            let tile = Tile { level, number: hashes / WIDTH };
            edges.push((tile, (hashes % WIDTH) as usize));
            hashes /= WIDTH;
            if hashes == 0 {
                break;
            }
        }
        edges
    }

    /// Appends the hash of one leaf.
    pub fn push(&mut self, leaf: &Hash) {
        let (mut hash, mut level) = (*leaf, 0);
        loop {
            if self.edges.len() == level {
                self.edges.push((0, Vec::new()));
            }
            let (number, bytes) = &mut self.edges[level];
            bytes.extend_from_slice(&hash);
            if bytes.len() < WIDTH as usize * HASH_BYTES {
                return;
            }
            hash = root_of(&hashes_of(bytes));
            let tile = Tile { level: level as u32, number: *number };
            self.full.push((tile, std::mem::take(bytes)));
            *number += 1;
            level += 1;
        }
    }

    /// All tiles that differ from what is stored, full and unfinished.
    pub fn into_tiles(self) -> Vec<(Tile, Vec<u8>)> {
        let unfinished = (0..).zip(self.edges).filter(|(_, (_, bytes))| !bytes.is_empty());
        let unfinished = unfinished.map(|(level, (number, bytes))| (Tile { level, number }, bytes));
        self.full.into_iter().chain(unfinished).collect()
    }
}
