//! A small log to do things to: rows, tiles, checkpoints, head.

use ed25519_dalek::SigningKey;
use proof::merkle::{leaf_hash, root_of};
use proof::tiles::Growth;
use proof::{
    Audit, Checkpoint, Hash, Head, Report, Signer, StoredEvent, Strip, chain_start, chain_step,
};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) position: u64,
    pub(crate) id: u128,
    pub(crate) tenant: &'static str,
    pub(crate) object: String,
    pub(crate) sequence: u64,
    pub(crate) recorded_at: i64,
    pub(crate) payload: String,
    pub(crate) hash: Hash,
}

impl Row {
    pub(crate) fn event(&self) -> StoredEvent<'_> {
        StoredEvent {
            position: self.position,
            event_id: Uuid::from_u128(self.id),
            tenant_id: self.tenant,
            aggregate_type: "counter",
            aggregate_id: &self.object,
            sequence: self.sequence,
            event_type: "CounterMoved",
            event_version: "1",
            recorded_at: self.recorded_at,
            metadata: r#"{"actor_name":"李雷"}"#,
            payload: &self.payload,
        }
    }

    pub(crate) fn after(&self, previous: &Hash) -> Hash {
        let mut canonical = Vec::new();
        self.event().write_canonical(&mut canonical);
        chain_step(previous, &canonical)
    }
}

#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) rows: Vec<Row>,
    pub(crate) leaves: Vec<u8>,
    pub(crate) checkpoints: Vec<Checkpoint>,
    pub(crate) head: Head,
}

pub(crate) fn signer() -> Signer {
    Signer::new("qudao/test/counter", SigningKey::from_bytes(&[7; 32])).unwrap()
}

/// A log of `count` events on seven objects of two tenants, signed at these sizes.
pub(crate) fn log(count: u64, signed: &[u64]) -> Log {
    let tenant = |object: u64| if object < 4 { "acme" } else { "zenith" };
    let rows = (1..=count).map(|position| Row {
        position,
        id: u128::from(position) << 64 | 0xabc,
        tenant: tenant(position % 7),
        object: format!("{}/c{}", tenant(position % 7), position % 7),
        sequence: (position - 1) / 7 + 1,
        recorded_at: 1_760_000_000_000_000 + position.cast_signed(),
        payload: format!(r#"{{"type":"CounterMoved","by":{position}}}"#),
        hash: Hash::default(),
    });
    let head = Head { position: count, hash: None };
    let mut log = Log { rows: rows.collect(), leaves: Vec::new(), checkpoints: Vec::new(), head };
    log.make_chain_anew();
    for size in signed {
        log.sign(*size);
    }
    log
}

impl Log {
    /// What somebody does who can write the tables but has no key.
    pub(crate) fn make_chain_anew(&mut self) {
        let mut previous = chain_start();
        for row in &mut self.rows {
            row.hash = row.after(&previous);
            previous = row.hash;
        }
        let position = self.rows.last().map_or(0, |row| row.position);
        self.head = Head { position, hash: Some(previous) };
    }

    pub(crate) fn leaf_hashes(&self) -> Vec<Hash> {
        self.rows.iter().map(|row| leaf_hash(&row.hash)).collect()
    }

    pub(crate) fn sign(&mut self, size: u64) {
        let leaves = &self.leaf_hashes()[..size as usize];
        let mut growth = Growth::default();
        leaves.iter().for_each(|leaf| growth.push(leaf));
        let tiles = growth.into_tiles();
        let mut level_0: Vec<_> = tiles.into_iter().filter(|(tile, _)| tile.level == 0).collect();
        level_0.sort();
        self.leaves = level_0.into_iter().flat_map(|(_, bytes)| bytes).collect();
        self.checkpoints.push(Checkpoint {
            origin: "qudao/test/counter".to_owned(),
            size,
            root: root_of(leaves),
            chain: self.rows[size as usize - 1].hash,
            time: "2026-11-23T14:05:00Z".to_owned(),
        });
    }

    /// Audits it in strips of 256 positions.
    pub(crate) fn audit(&self) -> Report {
        let mut audit = Audit::new(self.checkpoints.clone());
        let end = self.rows.iter().map(|row| row.position).max().unwrap_or(0);
        let mut rows = self.rows.clone();
        rows.sort_by_key(|row| row.position);
        let hash_at = |position| rows.iter().find(|row| row.position == position).map(|r| r.hash);
        for first in (1..=end).step_by(256) {
            let last = (first + 255).min(end);
            let previous = if first == 1 { Some(chain_start()) } else { hash_at(first - 1) };
            let mut strip = Strip::new(first, last, previous);
            for row in rows.iter().filter(|row| (first..=last).contains(&row.position)) {
                strip.feed(&row.event(), &row.hash);
            }
            let from = ((first - 1) as usize * 32).min(self.leaves.len());
            let to = (last as usize * 32).min(self.leaves.len());
            audit.add(strip.finish(), &self.leaves[from..to]);
        }
        let end = (end as usize * 32).min(self.leaves.len());
        audit.add_rest(&self.leaves[end..]);
        audit.finish(Some(self.head.clone()))
    }
}
