//! Exports as folders: asked of a running system, or made from its database by the operator.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::ProgressBar;
use kernel::proofs::Proofs;
use proof::export::{MANIFEST, Manifest, Selection};
use proto::proof::v1 as pb;
use proto::proof::v1::proof_service_client::ProofServiceClient;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::client::{Connection, failure, output};
use crate::verify::keys::Keys;

#[derive(Args)]
#[command(
    after_help = "The folder has the events byte for byte, the signed checkpoint, and a signed \
manifest. Every event of a tenant's export carries its proof; --all exports a complete log from its \
database, for the operator, and needs the log key.

Examples:
  qudao proof export --to audit-2026
  qudao proof export --to one-order --object SO-000001
  qudao proof export --to june --from-time 2026-06-01T00:00:00+08:00 --before-time 2026-07-01T00:00:00+08:00
  qudao proof export --to everything --all --context partner
  qudao verify --export audit-2026 --key qudao/acme/order+1a2b3c4d+AQ…"
)]
pub(crate) struct Export {
    /// Folder to write; it must not exist yet
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Which log: order or partner
    #[arg(long, default_value = "order")]
    context: String,
    /// Only this object: ID, or AGGREGATE/ID
    #[arg(long, value_name = "OBJECT")]
    object: Option<String>,
    /// Only this type of event; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// First position wanted
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    from: u64,
    /// Last position wanted
    #[arg(long = "until", default_value_t = 0, hide_default_value = true, value_name = "N")]
    until: u64,
    /// Only events recorded at this time or later, RFC 3339
    #[arg(long, value_name = "TIME")]
    from_time: Option<String>,
    /// Only events recorded before this time, RFC 3339
    #[arg(long, value_name = "TIME")]
    before_time: Option<String>,
    /// The complete log of all tenants, from the database
    #[arg(long, conflicts_with_all = ["object", "types", "from", "until", "from_time", "before_time"])]
    all: bool,
    /// PostgreSQL with the logs, for --all [default: the local system's]
    #[arg(long, env = "QUDAO_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    #[command(flatten)]
    keys: Keys,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Document {
    folder: String,
    events: u64,
    checkpoint_size: u64,
    complete: bool,
    files: Vec<proof::export::FileEntry>,
}

impl Export {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let mut folder = Folder::create(&self.to)?;
        match self.all {
            true => self.read_database(&mut folder).await?,
            false => self.ask_server(&mut folder).await?,
        }
        let manifest = folder.finish()?;
        let document = Document {
            folder: self.to.display().to_string(),
            events: manifest.events,
            checkpoint_size: manifest.checkpoint_size,
            complete: manifest.complete,
            files: manifest.files,
        };
        if self.json {
            output::json(&document)?;
        } else {
            let (events, folder) = (document.events, document.folder);
            output::text(&format!("{events} events exported to {folder}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn ask_server(&self, folder: &mut Folder) -> anyhow::Result<()> {
        // An export takes as long as the log is long; keep-alive notices a dead server.
        let session = self.connection.open().await?.one_trace().with_deadline(None);
        let request = pb::ExportHistoryRequest {
            context: self.context.clone(),
            object: self.object.clone().unwrap_or_default(),
            event_types: self.types.clone(),
            from_position: self.from,
            to_position: self.until,
            from_time: self.from_time.clone().unwrap_or_default(),
            before_time: self.before_time.clone().unwrap_or_default(),
        };
        let answer = ProofServiceClient::new(session.wire()).export_history(request).await?;
        let mut pieces = answer.into_inner();
        while let Some(piece) = pieces.message().await? {
            folder.write(&piece.file, &piece.content, (piece.done, piece.total))?;
        }
        Ok(())
    }

    async fn read_database(&self, folder: &mut Folder) -> anyhow::Result<()> {
        let url = crate::verify::database(self.database_url.as_deref())?;
        let Some(signer) = self.keys.own(&self.context)? else {
            bail!("--all needs the installation's log key: --log-key");
        };
        let proofs = Proofs::open(&url, &self.context, 4)?.with_signer(signer);
        let (pieces, mut receiver) = mpsc::channel(4);
        let export =
            tokio::spawn(
                async move { proofs.export(Selection::default(), pieces).await.map(drop) },
            );
        while let Some(piece) = receiver.recv().await {
            let piece = piece?;
            folder.write(piece.file, &piece.bytes, piece.progress)?;
        }
        Ok(export.await??)
    }
}

/// The folder while it is written.
struct Folder {
    path: PathBuf,
    files: BTreeMap<String, BufWriter<File>>,
    bar: ProgressBar,
}

impl Folder {
    fn create(path: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir(path).with_context(|| format!("cannot create {}", path.display()))?;
        let bar = output::bar(0, "exporting");
        Ok(Self { path: path.to_owned(), files: BTreeMap::new(), bar })
    }

    fn write(&mut self, name: &str, bytes: &[u8], progress: (u64, u64)) -> anyhow::Result<()> {
        // The name comes from the server: it may only be that of a file in the folder.
        let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            bail!("the server named a file {name:?}");
        }
        if !self.files.contains_key(name) {
            let file = File::create_new(self.path.join(name))?;
            self.files.insert(name.to_owned(), BufWriter::new(file));
        }
        if let Some(file) = self.files.get_mut(name) {
            file.write_all(bytes)?;
        }
        self.bar.set_length(progress.1);
        self.bar.set_position(progress.0);
        Ok(())
    }

    /// The manifest, once everything is on the disk.
    fn finish(self) -> anyhow::Result<Manifest> {
        self.bar.finish_and_clear();
        for file in self.files.into_values() {
            file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        }
        let note = std::fs::read_to_string(self.path.join(MANIFEST))
            .context("the export ended without its manifest; start it again")?;
        let json = note.lines().nth(1).context("the manifest can not be read")?;
        Ok(serde_json::from_str(json)?)
    }
}
