//! `qudao proof`: what auditors take with them, and how they check it.

mod export;
mod inclusion;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use proof::merkle::verify_consistency;
use proof::{Checkpoint, Hash, Verifier};
use proto::proof::v1 as pb;
use proto::proof::v1::proof_service_client::ProofServiceClient;
use serde::Serialize;

use crate::client::{Connection, failure, output};
use crate::verify::keys::Keys;

#[derive(Subcommand)]
pub(crate) enum Proof {
    /// The newest signed state of a log, and the key to check it with
    Checkpoint(CheckpointArgs),
    /// Prove that one event is in the log
    Inclusion(inclusion::Inclusion),
    /// Check such a proof, without the system
    VerifyInclusion(inclusion::VerifyInclusion),
    /// Prove that between two signed states the log only grew
    Consistency(ConsistencyArgs),
    /// Export history as signed files that can be checked anywhere
    Export(Box<export::Export>),
}

impl Proof {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Checkpoint(args) => args.run().await,
            Self::Inclusion(args) => args.run().await,
            Self::VerifyInclusion(args) => args.run(),
            Self::Consistency(args) => args.run().await,
            Self::Export(args) => args.run().await,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Keep the note: a log that was cut or made anew can never lead back to it.

Examples:
  qudao proof checkpoint > order.note
  qudao proof checkpoint --context partner --json | jq -r .verifier_key
  qudao verify --checkpoint order.note")]
pub(crate) struct CheckpointArgs {
    /// Number of events that it is about [default: all there are]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    size: u64,
    /// Which log: order or partner
    #[arg(long, default_value = "order")]
    context: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct CheckpointDocument {
    size: u64,
    note: String,
    verifier_key: String,
}

impl CheckpointArgs {
    async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = pb::GetCheckpointRequest { context: self.context, size: self.size };
        let answer = ProofServiceClient::new(session.wire()).get_checkpoint(request).await?;
        let pb::GetCheckpointResponse { checkpoint, verifier_key } = answer.into_inner();
        let pb::Checkpoint { size, note } = checkpoint.context("the server sent no checkpoint")?;
        opened(&note, &verifier_key.parse()?)?;
        if self.json {
            output::json(&CheckpointDocument { size, note, verifier_key })?;
        } else {
            output::text(note.trim_end())?;
            eprintln!("{}", output::dim(&format!("verifier key: {verifier_key}")));
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Args)]
#[command(after_help = "The proof is checked before it is printed.

Examples:
  qudao proof consistency --old 1000
  qudao proof consistency --old 1000 --new 2000 --json")]
pub(crate) struct ConsistencyArgs {
    /// Number of events of the older state, which must have been signed
    #[arg(long, value_name = "N")]
    old: u64,
    /// Number of events of the newer one [default: all there are]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    new: u64,
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

#[derive(Serialize)]
struct ConsistencyDocument {
    ok: bool,
    old: String,
    new: String,
    path: Vec<String>,
    verifier_key: String,
}

impl ConsistencyArgs {
    async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = pb::GetConsistencyProofRequest {
            context: self.context.clone(),
            old_size: self.old,
            new_size: self.new,
        };
        let answer = ProofServiceClient::new(session.wire()).get_consistency_proof(request).await?;
        let pb::GetConsistencyProofResponse { old, new, path, verifier_key } = answer.into_inner();
        let note = |checkpoint: Option<pb::Checkpoint>| checkpoint.unwrap_or_default().note;
        let (old_note, new_note) = (note(old), note(new));
        let key = trusted(&self.keys, &self.context, &verifier_key)?;
        let (old, new) = (opened(&old_note, &key)?, opened(&new_note, &key)?);
        let hashes = path.iter().map(|hash| Hash::try_from(hash.as_slice()));
        let hashes: Vec<Hash> = hashes.collect::<Result<_, _>>()?;
        verify_consistency(old.size, new.size, &old.root, &new.root, &hashes)
            .context("the server's proof does not convince")?;
        if self.json {
            output::json(&ConsistencyDocument {
                ok: true,
                old: old_note,
                new: new_note,
                path: hashes.iter().map(|hash| proof::base64(hash)).collect(),
                verifier_key,
            })?;
        } else {
            let text =
                format!("proved: the first {} of {} events are the same", old.size, new.size);
            output::text(&text)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The key to believe: the auditor's own where there is one, and then the server must use it.
fn trusted(keys: &Keys, context: &str, server: &str) -> anyhow::Result<Verifier> {
    let told: Verifier = server.parse().context("the server's verifier key can not be read")?;
    match keys.verifier(context)? {
        Some(own) if own != told => bail!("the server signs with another key: {server}"),
        Some(_) | None => Ok(told),
    }
}

fn opened(note: &str, key: &Verifier) -> anyhow::Result<Checkpoint> {
    Checkpoint::open(note, key).context("the server's checkpoint is not good")
}
