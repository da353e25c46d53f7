//! The tree: the vectors of the Certificate Transparency reference implementation for RFC 6962,
//! and what holds for trees of any size.

use proof::merkle::{
    Frontier, complete_subtrees, consistency_ranges, fold, inclusion_ranges, leaf_hash, root_of,
    verify_consistency, verify_inclusion,
};
use proof::tiles::{Growth, Tile, holding, node};
use proof::{Hash, hash_from_hex, hex};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn published() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect()
}

fn over(leaves: &[Hash], range: &Range<u64>) -> Hash {
    root_of(&leaves[range.start as usize..range.end as usize])
}

fn path(leaves: &[Hash], ranges: &[Range<u64>]) -> Vec<Hash> {
    ranges.iter().map(|range| over(leaves, range)).collect()
}

#[test]
fn roots_are_those_published() {
    let leaves = published();
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(hex(&root_of(&leaves[..size])), root, "of {size} leaves");
    }
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex(&Frontier::default().root()), empty);
}

#[test]
fn proofs_are_those_published() {
    let leaves = published();
    let texts = |ranges: &[Range<u64>]| -> Vec<String> {
        path(&leaves, ranges).iter().map(|hash| hex(hash)).collect()
    };
    assert_eq!(
        texts(&inclusion_ranges(0, 8)),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        texts(&consistency_ranges(6, 8)),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        texts(&consistency_ranges(2, 5)),
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]
    );
    let root = |size: usize| hash_from_hex(ROOTS[size - 1]).unwrap();
    let proof = path(&leaves, &consistency_ranges(6, 8));
    assert!(verify_consistency(6, 8, &root(6), &root(8), &proof).is_ok());
    assert!(verify_consistency(6, 8, &root(5), &root(8), &proof).is_err());
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_leaf_is_proved_and_nothing_else(size in 1_usize..400, pick in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let (index, total) = (pick.index(size), size as u64);
        let root = root_of(&leaves);
        let proof = path(&leaves, &inclusion_ranges(index as u64, total));
        let check = |index: u64, size, leaf: &Hash, proof: &[Hash]| {
            verify_inclusion(index, size, leaf, proof, &root).is_ok()
        };
        prop_assert!(check(index as u64, total, &leaves[index], &proof));
        prop_assert!(!check(index as u64, total, &leaf_hash(b"other"), &proof));
        prop_assert!(!check(total, total, &leaves[index], &proof));
        if size > 1 {
            prop_assert!(!check(index as u64, total, &leaves[index], &proof[1..]));
            prop_assert!(!check((index as u64 + 1) % total, total, &leaves[index], &proof));
        }
        let mut longer = proof;
        longer.push(root);
        prop_assert!(!check(index as u64, total, &leaves[index], &longer));
    }

    #[test]
    fn a_tree_begins_with_every_earlier_one(new in 1_usize..400, pick in any::<prop::sample::Index>()) {
        let leaves = leaves(new);
        let old = pick.index(new) + 1;
        let (small, large) = (root_of(&leaves[..old]), root_of(&leaves));
        let (old, new) = (old as u64, new as u64);
        let proof = path(&leaves, &consistency_ranges(old, new));
        prop_assert!(verify_consistency(old, new, &small, &large, &proof).is_ok());
        let forged = leaf_hash(b"another history");
        prop_assert!(verify_consistency(old, new, &forged, &large, &proof).is_err());
        prop_assert!(verify_consistency(old, new, &small, &forged, &proof).is_err());
        if let Some((_, shorter)) = proof.split_last() {
            prop_assert!(verify_consistency(old, new, &small, &large, shorter).is_err());
        }
    }

    #[test]
    fn tiles_of_any_size_hold_every_node(sizes in prop::collection::vec(1_usize..2_000, 1..4)) {
        tiles_hold_every_node(sizes);
    }
}

#[test]
fn tiles_of_three_levels_hold_every_node() {
    tiles_hold_every_node(vec![65_535, 65_536, 66_100]);
}

fn tiles_hold_every_node(mut sizes: Vec<usize>) {
    sizes.sort_unstable();
    let leaves = leaves(*sizes.last().unwrap());
    let mut stored: BTreeMap<Tile, Vec<u8>> = BTreeMap::new();
    let mut had = 0;
    for size in sizes {
        let edges = Growth::edge_of(had as u64).into_iter().map(|(tile, hashes)| {
            let bytes = stored.get(&tile).cloned().unwrap_or_default();
            assert_eq!(bytes.len(), hashes * 32);
            (tile.number, bytes)
        });
        let mut growth = Growth::at(edges.collect());
        leaves[had..size].iter().for_each(|leaf| growth.push(leaf));
        stored.extend(growth.into_tiles());
        had = size;
        let subtrees = complete_subtrees(0..size as u64);
        let roots = subtrees.into_iter().map(|(level, index)| {
            let (tile, hashes) = holding(level, index);
            node(&stored[&tile], hashes).unwrap()
        });
        let roots: Vec<Hash> = roots.collect();
        assert_eq!(fold(&roots).unwrap(), root_of(&leaves[..size]));
        let frontier = Frontier::of(size as u64, roots).unwrap();
        assert_eq!(frontier.root(), root_of(&leaves[..size]));
    }
}
