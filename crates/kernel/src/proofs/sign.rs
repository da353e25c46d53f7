//! How the tree grows and is signed. Whoever has the key may do it: one transaction lock a log
//! lets one process at a time, so there is no leader to be elected or lost.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proof::merkle::{Frontier, complete_subtrees, leaf_hash};
use proof::tiles::{Growth, Tile};
use proof::{Checkpoint, Hash, chain_start, chain_step};
use sqlx::{PgConnection, PgPool, Postgres, Row as _, Transaction};
use tokio_util::sync::CancellationToken;

use super::{ProofError, Proofs, Stored, rows, tree};
use crate::clock;
use crate::failure::chain;
use crate::wall;

/// Events after which the log is signed.
const EVERY: u64 = 1_000;
/// Time after which it is signed when there is anything new, in seconds.
const AFTER: i64 = 60;
/// How often it is looked at.
const POLL: Duration = Duration::from_secs(1);
/// Events that one transaction takes into the tree.
const AT_ONCE: u64 = 20_000;

/// Signs the log now and then, until cancelled.
pub async fn run(proofs: Proofs, stop: CancellationToken) {
    let context = proofs.context.to_string();
    let mut failed_at = None;
    loop {
        let pause = match proofs.sign_due().await {
            Ok(Some(size)) => {
                metrics::gauge!("qudao_checkpoint_size", "context" => context.clone())
                    .set(size as f64);
                failed_at = None;
                Duration::ZERO
            }
            Ok(None) => POLL,
            Err(error) => {
                metrics::counter!("qudao_checkpoint_failures", "context" => context.clone())
                    .increment(1);
                // The same failure every second says nothing new.
                let text = chain(&error);
                if failed_at.as_ref() != Some(&text) {
                    tracing::error!(context, error = text, "the log is not signed");
                    failed_at = Some(text);
                }
                POLL
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => (),
        }
    }
}

/// What of the log is not signed yet.
struct Due {
    last: Option<Stored>,
    signed_at: Option<DateTime<Utc>>,
    head: u64,
}

impl Due {
    fn size(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.checkpoint.size)
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let old = |at: DateTime<Utc>| now - at >= TimeDelta::seconds(AFTER);
        let new = self.head.saturating_sub(self.size());
        self.head < self.size() || new >= EVERY || new > 0 && self.signed_at.is_none_or(old)
    }
}

impl Proofs {
    /// Signs if it is time to. The number of events signed, if it was.
    async fn sign_due(&self) -> Result<Option<u64>, ProofError> {
        if !self.due().await?.is_due(clock::now()) {
            return Ok(None);
        }
        let mut tx = wall::begin(&self.pool).await?;
        let ours: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(self.lock())
                .fetch_one(&mut *tx)
                .await?;
        let due = self.due().await?;
        if !ours || !due.is_due(clock::now()) {
            return Ok(None);
        }
        let signed = self.grow(&mut tx, &due).await?;
        keep(tx).await?;
        Ok(Some(signed.checkpoint.size))
    }

    /// The newest checkpoint, made now if there is anything that is not signed yet.
    ///
    /// # Errors
    /// See [`ProofError`]; [`ProofError::NotSigned`] when the log is empty.
    pub async fn sign_now(&self) -> Result<Stored, ProofError> {
        loop {
            let due = self.due().await?;
            if due.head <= due.size() {
                return due.last.ok_or(ProofError::NotSigned);
            }
            let mut tx = wall::begin(&self.pool).await?;
            sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(self.lock())
                .execute(&mut *tx)
                .await?;
            let due = self.due().await?;
            if due.head > due.size() {
                self.grow(&mut tx, &due).await?;
            }
            keep(tx).await?;
        }
    }

    fn lock(&self) -> String {
        format!("qudao checkpoint {}", self.context)
    }

    async fn due(&self) -> Result<Due, ProofError> {
        let row = sqlx::query(
            "SELECT h.position, c.note, c.signed_at FROM log_head h LEFT JOIN
             (SELECT note, signed_at FROM checkpoints ORDER BY size DESC LIMIT 1) c ON true",
        )
        .fetch_one(&self.pool)
        .await?;
        let note: Option<String> = row.try_get("note")?;
        Ok(Due {
            last: note.map(Stored::read).transpose()?,
            signed_at: row.try_get("signed_at")?,
            head: row.try_get::<i64, _>("position")?.cast_unsigned(),
        })
    }

    /// Takes events into the tree and signs it. Only what follows, event by event, from what was
    /// signed before is signed.
    async fn grow(&self, tx: &mut PgConnection, due: &Due) -> Result<Stored, ProofError> {
        let signer = self.signer.as_ref().ok_or(ProofError::NoKey)?;
        let size = due.size();
        if due.head < size {
            return Err(ProofError::Shortened { position: due.head, size });
        }
        if let Some(last) = &due.last {
            Checkpoint::open(&last.note, signer.verifier())?;
        }
        let mut edge = Edge::load(&self.pool, due.last.as_ref()).await?;
        let (from, to) = (size.max(1), due.head.min(size + AT_ONCE));
        let time = clock::now();
        let origin = signer.verifier().name();
        let mut signed = Vec::new();
        rows::read(&self.pool, from, to, |event, hash| {
            edge.take(event, hash);
            let at = edge.frontier.size();
            let round = at > size && (at - size).is_multiple_of(EVERY);
            if edge.broken.is_none() && (round || at == to) {
                signed.push(Checkpoint {
                    origin: origin.to_owned(),
                    size: at,
                    root: edge.frontier.root(),
                    chain: edge.chain,
                    time: time.to_rfc3339_opts(SecondsFormat::Millis, true),
                });
            }
        })
        .await?;
        if edge.frontier.size() < to || edge.broken.is_some() {
            let after = edge.frontier.size() + 1;
            return Err(ProofError::Broken(edge.broken.unwrap_or(after)));
        }
        let notes = signed.iter().map(|checkpoint| checkpoint.sign(signer));
        let notes: Vec<String> = notes.collect::<Result<_, _>>().map_err(key_error)?;
        store(tx, &signed, &notes, time, edge.growth.into_tiles()).await?;
        let newest = signed.pop().zip(notes.into_iter().last());
        newest.map(|(checkpoint, note)| Stored { checkpoint, note }).ok_or(ProofError::NotSigned)
    }
}

async fn keep(tx: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    crate::fault::at("proof.signed");
    tx.commit().await?;
    crate::fault::at("proof.committed");
    Ok(())
}

fn key_error(error: proof::note::NoteError) -> ProofError {
    ProofError::Key(error.into())
}

/// The right edge of the tree while it grows.
struct Edge {
    growth: Growth,
    frontier: Frontier,
    chain: Hash,
    canonical: Vec<u8>,
    broken: Option<u64>,
}

impl Edge {
    /// The edge of the tree at the last checkpoint, which must lead to what was signed.
    async fn load(pool: &PgPool, last: Option<&Stored>) -> Result<Self, ProofError> {
        let size = last.map_or(0, |last| last.checkpoint.size);
        let places = Growth::edge_of(size);
        let tiles: Vec<Tile> = places.iter().map(|(tile, _)| *tile).collect();
        let mut found = tree::tiles_of(pool, &tiles).await?;
        let mut edges = Vec::with_capacity(places.len());
        for (tile, hashes) in places {
            let at = found.iter().position(|(other, _)| *other == tile);
            let bytes = at.map(|at| found.swap_remove(at).1).unwrap_or_default();
            if bytes.len() != hashes * 32 {
                return Err(ProofError::Tree);
            }
            edges.push((tile.number, bytes));
        }
        let ranges = complete_subtrees(0..size).into_iter();
        let ranges: Vec<_> =
            ranges.map(|(level, index)| index << level..(index + 1) << level).collect();
        let roots = tree::Tree::of(pool).path(&ranges).await?;
        let frontier = Frontier::of(size, roots).ok_or(ProofError::Tree)?;
        if last.is_some_and(|last| last.checkpoint.root != frontier.root()) {
            return Err(ProofError::Tree);
        }
        let chain = last.map_or_else(chain_start, |last| last.checkpoint.chain);
        let growth = Growth::at(edges);
        Ok(Self { growth, frontier, chain, canonical: Vec::new(), broken: None })
    }

    /// Takes the next event. The one at the checkpoint itself must be the one that was signed.
    fn take(&mut self, event: &proof::StoredEvent<'_>, stored: &[u8]) {
        if self.broken.is_some() {
            return;
        }
        if event.position == self.frontier.size() {
            self.broken = (stored != self.chain).then_some(event.position);
            return;
        }
        self.canonical.clear();
        event.write_canonical(&mut self.canonical);
        let hash = chain_step(&self.chain, &self.canonical);
        if event.position != self.frontier.size() + 1 || hash != stored {
            self.broken = Some(event.position);
            return;
        }
        let leaf = leaf_hash(&hash);
        self.growth.push(&leaf);
        self.frontier.push(leaf);
        self.chain = hash;
    }
}

async fn store(
    tx: &mut PgConnection,
    signed: &[Checkpoint],
    notes: &[String],
    time: DateTime<Utc>,
    tiles: Vec<(Tile, Vec<u8>)>,
) -> Result<(), ProofError> {
    let (places, hashes): (Vec<Tile>, Vec<Vec<u8>>) = tiles.into_iter().unzip();
    sqlx::query(
        "INSERT INTO tiles (level, number, hashes)
         SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
         ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
    )
    .bind(places.iter().map(|tile| tile.level.cast_signed()).collect::<Vec<i32>>())
    .bind(places.iter().map(|tile| tile.number.cast_signed()).collect::<Vec<i64>>())
    .bind(hashes)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO checkpoints (size, note, signed_at)
         SELECT size, note, $3 FROM unnest($1::bigint[], $2::text[]) AS signed (size, note)",
    )
    .bind(signed.iter().map(|one| one.size.cast_signed()).collect::<Vec<i64>>())
    .bind(notes)
    .bind(time)
    .execute(&mut *tx)
    .await?;
    Ok(())
}
