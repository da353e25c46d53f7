//! Exports for auditors, made piece by piece so that a log of any size can be exported. The format
//! is that of the crate `proof`.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use proof::export::{
    CHECKPOINT, EVENTS, FileEntry, HeadEntry, LEAVES, Line, MANIFEST, Manifest, Selection,
};
use proof::hex;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::select::Cursor;
use super::{ProofError, Proofs, Stored, rows, tree};
use crate::clock;

/// Positions read at a time in a complete export; a multiple of 256.
const STRIP: u64 = 2_048;

/// Some bytes of one of the export's files, in order.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Which file.
    pub file: &'static str,
    /// What comes next in it.
    pub bytes: Vec<u8>,
    /// Positions looked through so far, and those there are.
    pub progress: (u64, u64),
}

/// What was exported.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The manifest, which also went out as a file.
    pub manifest: Manifest,
}

impl Proofs {
    /// Exports the events of a selection: pieces of its files, the manifest last. An export of
    /// everything is complete and holds the tree; any other holds a proof for each event.
    ///
    /// # Errors
    /// See [`ProofError`]. When nobody takes the pieces any more, the rest is left out silently.
    pub async fn export(
        &self,
        selection: Selection,
        to: mpsc::Sender<Result<Piece, ProofError>>,
    ) -> Result<Exported, ProofError> {
        let signer = self.signer.as_ref().ok_or(ProofError::NoKey)?;
        let at = match self.sign_now().await {
            Ok(at) => at,
            // A log that can not be signed any more is exported with what was signed before, for
            // those who are to find out why.
            Err(
                error @ (ProofError::Broken(_) | ProofError::Shortened { .. } | ProofError::Tree),
            ) => self.checkpoint(None).await?.ok_or(error)?,
            Err(error) => return Err(error),
        };
        let mut out = Out { to, files: BTreeMap::new(), progress: (0, 0), events: 0 };
        let complete = selection.is_complete();
        let head = match complete {
            true => Some(self.complete(&at, &mut out).await?),
            false => {
                self.partial(&selection, &at, &mut out).await?;
                None
            }
        };
        out.send(CHECKPOINT, at.note.clone().into_bytes()).await;
        let manifest = Manifest {
            context: self.context.to_string(),
            origin: signer.verifier().name().to_owned(),
            selection,
            complete,
            events: out.events,
            checkpoint_size: at.checkpoint.size,
            head,
            files: out.entries(),
            created_at: clock::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        };
        let note = manifest.sign(signer).map_err(|error| ProofError::Key(error.into()))?;
        out.send(MANIFEST, note.into_bytes()).await;
        Ok(Exported { manifest })
    }

    async fn partial(
        &self,
        selection: &Selection,
        at: &Stored,
        out: &mut Out,
    ) -> Result<(), ProofError> {
        let mut cursor = Cursor::of(self, selection.clone(), at.clone());
        out.progress.1 = at.checkpoint.size;
        out.send(EVENTS, Vec::new()).await;
        loop {
            let lines = cursor.next_page().await?;
            if lines.is_empty() || out.to.is_closed() {
                return Ok(());
            }
            out.progress.0 = cursor.after();
            out.events += lines.len() as u64;
            out.send(EVENTS, lines.iter().flat_map(text).collect()).await;
        }
    }

    /// All events and all leaves of the tree, whatever state they are in.
    async fn complete(&self, at: &Stored, out: &mut Out) -> Result<HeadEntry, ProofError> {
        let (head, last) = self.end().await?;
        let hash = head.hash.map_or_else(String::new, |hash| hex(&hash));
        let size = at.checkpoint.size;
        out.progress.1 = last.max(size);
        out.send(EVENTS, Vec::new()).await;
        out.send(LEAVES, Vec::new()).await;
        let (mut from, mut tree_is_whole) = (1, true);
        while from <= out.progress.1 && !out.to.is_closed() {
            let to = from + STRIP - 1;
            let (mut lines, mut events) = (Vec::new(), 0);
            rows::read(&self.pool, from, to.min(last), |event, hash| {
                lines.extend(text(&Line::of(event, hash)));
                events += 1;
            })
            .await?;
            out.events += events;
            out.progress.0 = to.min(out.progress.1);
            out.send(EVENTS, lines).await;
            if tree_is_whole && from <= size {
                let wanted = (to.min(size) + 1 - from) as usize * 32;
                let mut leaves = tree::leaves(&self.pool, from, to).await?;
                leaves.truncate(wanted);
                tree_is_whole = leaves.len() == wanted;
                out.send(LEAVES, leaves).await;
            }
            from = to + 1;
        }
        Ok(HeadEntry { position: head.position, hash })
    }
}

/// A line with its line feed.
fn text(line: &Line<'_>) -> Vec<u8> {
    let mut text = serde_json::to_vec(line)
        .expect("a line holds only texts and numbers, which always have a JSON form");
    text.push(b'\n');
    text
}

/// Where pieces go, and what is remembered of them for the manifest.
struct Out {
    to: mpsc::Sender<Result<Piece, ProofError>>,
    files: BTreeMap<&'static str, (u64, Sha256)>,
    progress: (u64, u64),
    events: u64,
}

impl Out {
    async fn send(&mut self, file: &'static str, bytes: Vec<u8>) {
        let (length, digest) = self.files.entry(file).or_default();
        *length += bytes.len() as u64;
        digest.update(&bytes);
        let progress = self.progress;
        // Whoever asked may have gone away; then nobody needs the rest.
        let _ = self.to.send(Ok(Piece { file, bytes, progress })).await;
    }

    fn entries(&self) -> Vec<FileEntry> {
        let entry = |(name, (bytes, digest)): (&&'static str, &(u64, Sha256))| FileEntry {
            name: (*name).to_owned(),
            bytes: *bytes,
            sha256: hex(&digest.clone().finalize()),
        };
        self.files.iter().map(entry).collect()
    }
}
