//! One event with what proves it: asked for, and checked without the system.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use proof::export::Line;
use proof::merkle::{leaf_hash, verify_inclusion};
use proof::{Checkpoint, Verifier, chain_step};
use proto::proof::v1 as pb;
use proto::proof::v1::get_inclusion_proof_request::Event;
use proto::proof::v1::proof_service_client::ProofServiceClient;
use serde::{Deserialize, Serialize};

use super::trusted;
use crate::client::{Connection, failure, output};
use crate::verify::keys::Keys;

#[derive(Args)]
#[command(
    after_help = "The proof is checked before it is printed. It shows the event, the hash before \
it, and hashes of the tree: nothing of anybody else.

Examples:
  qudao proof inclusion --position 42
  qudao proof inclusion --event 0199f1c2-… --json > proof.json
  qudao proof verify-inclusion proof.json --key qudao/acme/order+1a2b3c4d+AQ…"
)]
pub(crate) struct Inclusion {
    /// Position of the event
    #[arg(long, value_name = "N", required_unless_present = "event")]
    position: Option<u64>,
    /// Id of the event
    #[arg(long, value_name = "UUID", conflicts_with = "position")]
    event: Option<String>,
    /// Lead to the signed state about this many events [default: the first that has the event]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    size: u64,
    /// Which log: order or partner
    #[arg(long, default_value = "order")]
    context: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    connection: Connection,
}

/// What goes to whoever is to be convinced.
#[derive(Serialize, Deserialize)]
struct Document {
    event: Line<'static>,
    checkpoint: String,
    /// Only a hint: whoever checks uses the key that they have.
    verifier_key: String,
}

impl Inclusion {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let event = match (self.position, self.event) {
            (Some(position), _) => Some(Event::Position(position)),
            (None, id) => id.map(Event::EventId),
        };
        let context = self.context.clone();
        let request = pb::GetInclusionProofRequest { context, event, size: self.size };
        let answer = ProofServiceClient::new(session.wire()).get_inclusion_proof(request).await?;
        let answer = answer.into_inner();
        let document = Document {
            event: serde_json::from_str(&answer.event_json)?,
            checkpoint: answer.checkpoint.unwrap_or_default().note,
            verifier_key: answer.verifier_key,
        };
        let key = trusted(&self.keys, &self.context, &document.verifier_key)?;
        let size = check(&document, &key)?;
        if self.json {
            output::json(&document)?;
        } else {
            output::text(&story(&document.event, size))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao proof verify-inclusion proof.json --key qudao/acme/order+1a2b3c4d+AQ…
  qudao proof inclusion --position 42 --json | qudao proof verify-inclusion - --json")]
pub(crate) struct VerifyInclusion {
    /// What `qudao proof inclusion --json` printed; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    keys: Keys,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Verdict {
    ok: bool,
    position: u64,
    size: u64,
}

impl VerifyInclusion {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let mut text = String::new();
        match self.file.to_str() {
            Some("-") => drop(std::io::stdin().read_to_string(&mut text)?),
            _ => {
                text = std::fs::read_to_string(&self.file)
                    .with_context(|| format!("cannot read {}", self.file.display()))?;
            }
        }
        let document: Document = serde_json::from_str(&text).context("this is not a proof")?;
        let context = document.checkpoint.lines().next().and_then(|name| name.rsplit('/').next());
        let Some(key) = self.keys.verifier(context.unwrap_or_default())? else {
            bail!("give the log's verifier key: --key");
        };
        let size = check(&document, &key)?;
        let position = document.event.position;
        if self.json {
            output::json(&Verdict { ok: true, position, size })?;
        } else {
            output::text(&story(&document.event, size))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The number of events of the signed state that the event is proved to be in.
fn check(document: &Document, key: &Verifier) -> anyhow::Result<u64> {
    let Checkpoint { size, root, .. } =
        Checkpoint::open(&document.checkpoint, key).context("the checkpoint is not good")?;
    let line = &document.event;
    let (hash, (previous, path)) =
        line.hash().zip(line.proof()).context("the event comes without its proof")?;
    let mut canonical = Vec::new();
    line.event().write_canonical(&mut canonical);
    if chain_step(&previous, &canonical) != hash {
        bail!("event {} is not the one that was recorded", line.position);
    }
    verify_inclusion(line.position.wrapping_sub(1), size, &leaf_hash(&hash), &path, &root)
        .with_context(|| format!("event {} is not in the signed log", line.position))?;
    Ok(size)
}

fn story(event: &Line<'_>, size: u64) -> String {
    format!(
        "proved: {} {} of {} is event {} of the {size} that are signed",
        event.event_type, event.event_id, event.aggregate_id, event.position
    )
}
