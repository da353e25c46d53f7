//! The check of a whole log from its stored bytes: strips of events are read and hashed beside
//! each other, and joined in order. Memory is bounded by the strips under way, and by a few bytes
//! for each object and checkpoint.

use futures::{StreamExt as _, TryStreamExt as _};
use proof::strip::FinishedStrip;
use proof::{Audit, Checkpoint, Hash, Head, Kind, Problem, Report, Strip, Verifier, chain_start};

use super::{ProofError, Proofs, rows, tree};

/// Positions of one strip; a multiple of 256.
const STRIP: u64 = 8_192;
/// Checkpoints whose signatures are checked at a time.
const PAGE: i64 = 1_000;
/// Positions behind the end that the log claims in which events are looked at one by one.
const BEYOND: u64 = 1_000_000;

/// How a log is to be checked.
pub struct Verification<'a> {
    /// The key that its checkpoints must be signed with; without it, they are believed.
    pub key: Option<&'a Verifier>,
    /// Checkpoints kept elsewhere, that the log must go back to as well.
    pub known: Vec<Checkpoint>,
    /// Strips that are read beside each other.
    pub parallel: usize,
    /// Told the number of positions checked, and of all.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// The result of a check.
#[derive(Debug)]
pub struct Verified {
    /// What was found.
    pub report: Report,
    /// Signed checkpoints that were compared.
    pub checkpoints: usize,
}

impl Proofs {
    /// Checks every event of the log as it is now.
    ///
    /// # Errors
    /// When the database fails or has no log of ours.
    pub async fn verify(&self, how: Verification<'_>) -> Result<Verified, ProofError> {
        // In this order: what is signed was in the log before, and the log only grows.
        let (mut signed, mut forged) = self.signed(how.key).await?;
        signed.extend(how.known);
        let checkpoints = signed.len();
        let claimed = signed.iter().map(|checkpoint| checkpoint.size).max().unwrap_or(0);
        let (head, last) = self.end().await?;
        let limit = last.min(claimed.max(head.position).saturating_add(BEYOND));
        if limit < last {
            forged.push(Problem { position: last, kind: Kind::Inserted, through: None });
        }
        let mut audit = Audit::new(signed);
        let strips = (0..limit.div_ceil(STRIP)).map(|strip| {
            let (first, end) = (strip * STRIP + 1, ((strip + 1) * STRIP).min(limit));
            let proofs = self.clone();
            async move {
                let strip = tokio::spawn(async move { proofs.strip(first, end).await });
                strip.await.map_err(|error| sqlx::Error::Io(error.into()))?
            }
        });
        let mut strips = futures::stream::iter(strips).buffered(how.parallel);
        let mut done = 0;
        while let Some((strip, leaves)) = strips.try_next().await? {
            done = (done + STRIP).min(limit);
            audit.add(strip, &leaves);
            (how.progress)(done, limit);
        }
        self.rest(&mut audit, limit, claimed).await?;
        let mut report = audit.finish(Some(head));
        report.problems.extend(forged);
        report.problems.sort_by_key(|problem| (problem.position, problem.kind));
        Ok(Verified { report, checkpoints })
    }

    /// The stored tree behind the last event, when events that were signed are gone.
    async fn rest(&self, audit: &mut Audit, end: u64, claimed: u64) -> Result<(), ProofError> {
        let mut from = end / 256 * 256 + 1;
        while from <= claimed {
            let to = from + STRIP - 1;
            let leaves = tree::leaves(&self.pool, from, to).await?;
            let known = (end + 1).saturating_sub(from) as usize * 32;
            audit.add_rest(leaves.get(known..).unwrap_or_default());
            from = to + 1;
        }
        Ok(())
    }

    /// One strip, and the stored leaf hashes of its positions.
    async fn strip(&self, first: u64, end: u64) -> Result<(FinishedStrip, Vec<u8>), ProofError> {
        let leaves = tree::leaves(&self.pool, first, end);
        let mut strip = (first == 1).then(|| Strip::new(1, end, Some(chain_start())));
        let rows = rows::read(&self.pool, (first - 1).max(1), end, |event, hash| {
            if event.position < first {
                let before = Hash::try_from(hash).unwrap_or_default();
                strip = Some(Strip::new(first, end, Some(before)));
            } else {
                strip.get_or_insert_with(|| Strip::new(first, end, None)).feed(event, hash);
            }
        });
        let (leaves, rows) = tokio::join!(leaves, rows);
        rows?;
        let strip = strip.unwrap_or_else(|| Strip::new(first, end, None));
        let mut leaves = leaves?;
        leaves.truncate((end + 1 - first) as usize * 32);
        Ok((strip.finish(), leaves))
    }

    /// All stored checkpoints whose signatures are good, and those whose are not.
    async fn signed(
        &self,
        key: Option<&Verifier>,
    ) -> Result<(Vec<Checkpoint>, Vec<Problem>), ProofError> {
        let (mut signed, mut forged, mut after) = (Vec::new(), Vec::new(), 0);
        loop {
            let rows: Vec<(i64, String)> = sqlx::query_as(
                "SELECT size, note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT $2",
            )
            .bind(after)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            let Some((last, _)) = rows.last() else { return Ok((signed, forged)) };
            after = *last;
            for (size, note) in rows {
                let opened = match key {
                    Some(key) => Checkpoint::open(&note, key).ok(),
                    None => super::Stored::read(note).ok().map(|stored| stored.checkpoint),
                };
                let position = size.cast_unsigned();
                match opened.filter(|checkpoint| checkpoint.size == position) {
                    Some(checkpoint) => signed.push(checkpoint),
                    None => {
                        let kind = Kind::CheckpointForged;
                        forged.push(Problem { position, kind, through: None });
                    }
                }
            }
        }
    }

    /// Where the log says that it ends, and where its last row stands.
    pub(super) async fn end(&self) -> Result<(Head, u64), ProofError> {
        let (position, hash, last): (Option<i64>, Option<Vec<u8>>, i64) = sqlx::query_as(
            "SELECT h.position, h.hash, (SELECT coalesce(max(position), 0) FROM events)
             FROM (SELECT 1) AS one LEFT JOIN log_head h ON true",
        )
        .fetch_one(&self.pool)
        .await?;
        let head = Head {
            position: position.unwrap_or(0).cast_unsigned(),
            hash: hash.and_then(|hash| hash.try_into().ok()),
        };
        Ok((head, last.cast_unsigned()))
    }
}
