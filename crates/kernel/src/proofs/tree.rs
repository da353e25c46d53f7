//! The stored tree: its tiles, and the hashes of ranges of leaves that proofs consist of.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use proof::Hash;
use proof::merkle::{complete_subtrees, consistency_ranges, fold, inclusion_ranges};
use proof::tiles::{Tile, holding, node};
use sqlx::PgPool;

use super::{ProofError, Proofs, Stored};

/// Tiles kept by one reader; 8 KiB each.
const KEPT: usize = 1_024;

/// A reader of the stored tree, which remembers tiles.
pub(super) struct Tree {
    pool: PgPool,
    tiles: HashMap<Tile, Vec<u8>>,
}

impl Tree {
    pub(super) fn of(pool: &PgPool) -> Self {
        Self { pool: pool.clone(), tiles: HashMap::new() }
    }

    /// Makes sure that the tiles under these ranges are here.
    pub(super) async fn fetch(&mut self, ranges: &[Range<u64>]) -> Result<(), ProofError> {
        let nodes = ranges.iter().flat_map(|range| complete_subtrees(range.clone()));
        let tiles: BTreeSet<Tile> = nodes.map(|(level, index)| holding(level, index).0).collect();
        if self.tiles.len() + tiles.len() > KEPT {
            self.tiles.clear();
        }
        let missing: Vec<Tile> =
            tiles.into_iter().filter(|tile| !self.tiles.contains_key(tile)).collect();
        if !missing.is_empty() {
            self.tiles.extend(tiles_of(&self.pool, &missing).await?);
        }
        Ok(())
    }

    /// The hash over a range of leaves whose tiles are here.
    pub(super) fn hash(&self, range: &Range<u64>) -> Result<Hash, ProofError> {
        let nodes = complete_subtrees(range.clone()).into_iter().map(|(level, index)| {
            let (tile, hashes) = holding(level, index);
            node(self.tiles.get(&tile)?, hashes)
        });
        let nodes: Option<Vec<Hash>> = nodes.collect();
        nodes.and_then(|nodes| fold(&nodes)).ok_or(ProofError::Tree)
    }

    /// The hashes over several ranges.
    pub(super) async fn path(&mut self, ranges: &[Range<u64>]) -> Result<Vec<Hash>, ProofError> {
        self.fetch(ranges).await?;
        ranges.iter().map(|range| self.hash(range)).collect()
    }
}

/// The bytes of tiles, as far as they are stored.
pub(super) async fn tiles_of(
    pool: &PgPool,
    tiles: &[Tile],
) -> Result<Vec<(Tile, Vec<u8>)>, ProofError> {
    let (levels, numbers): (Vec<i32>, Vec<i64>) =
        tiles.iter().map(|tile| (tile.level.cast_signed(), tile.number.cast_signed())).unzip();
    let rows: Vec<(i32, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT t.level, t.number, t.hashes FROM tiles t
         JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, number)
         ON t.level = wanted.level AND t.number = wanted.number",
    )
    .bind(levels)
    .bind(numbers)
    .fetch_all(pool)
    .await?;
    let tile = |level: i32, number: i64| Tile {
        level: level.cast_unsigned(),
        number: number.cast_unsigned(),
    };
    Ok(rows.into_iter().map(|(level, number, hashes)| (tile(level, number), hashes)).collect())
}

/// The stored leaf hashes of a range of positions that begins one after a multiple of 256, up to
/// the first one that is not there.
pub(super) async fn leaves(pool: &PgPool, from: u64, to: u64) -> Result<Vec<u8>, ProofError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT number, hashes FROM tiles WHERE level = 0 AND number BETWEEN $1 AND $2
         ORDER BY number",
    )
    .bind(((from - 1) / 256).cast_signed())
    .bind(((to - 1) / 256).cast_signed())
    .fetch_all(pool)
    .await?;
    let mut leaves = Vec::with_capacity(rows.len() * 8_192);
    for ((number, hashes), expected) in rows.into_iter().zip((from - 1) / 256..) {
        let at = (expected - (from - 1) / 256) as usize * 8_192;
        if number.cast_unsigned() != expected || leaves.len() != at {
            break;
        }
        leaves.extend(hashes);
    }
    Ok(leaves)
}

impl Proofs {
    /// The path from an event to the root of a checkpoint.
    ///
    /// # Errors
    /// [`ProofError::Tree`] when the stored tree is damaged.
    pub async fn inclusion(&self, position: u64, at: &Stored) -> Result<Vec<Hash>, ProofError> {
        let size = at.checkpoint.size;
        if position == 0 || position > size {
            return Err(ProofError::NotSigned);
        }
        Tree::of(&self.pool).path(&inclusion_ranges(position - 1, size)).await
    }

    /// The path from the root of an older checkpoint to that of a newer one.
    ///
    /// # Errors
    /// [`ProofError::Tree`] when the stored tree is damaged.
    pub async fn consistency(&self, old: &Stored, new: &Stored) -> Result<Vec<Hash>, ProofError> {
        let ranges = consistency_ranges(old.checkpoint.size, new.checkpoint.size);
        Tree::of(&self.pool).path(&ranges).await
    }
}
