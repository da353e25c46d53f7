//! `qudao keys`: the keys that tokens are signed with.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use kernel::auth::{KeyInfo, add_key, keys_of};
use kernel::clock;
use serde::Serialize;

use crate::client::operator::Operator;
use crate::client::output;

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Add a key that will sign, and drop the oldest
    Rotate(Rotate),
    /// List the keys of the file, the oldest first
    List(List),
}

#[derive(Args)]
#[command(
    after_help = "Nothing has to be restarted and nobody is signed out: processes read the file again,
the new key signs after a while, and those before it still check. Where the file is a copy on each
machine, give all copies time to arrive. Tokens of a dropped key end at once, so rotate twice within
their 15 minutes only after a key was stolen.

Examples:
  qudao keys rotate
  qudao keys rotate --after 180 --keep 3
  QUDAO_SIGNING_KEY=/etc/qudao/signing-key.pem qudao keys rotate --json"
)]
pub(crate) struct Rotate {
    /// Seconds until the new key signs
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(3..=86_400))]
    after: u32,
    /// Keys that stay in the file, the new one counted
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=9))]
    keep: u32,
    #[command(flatten)]
    operator: Operator,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao keys list
  qudao keys list --json | jq -r '.[-1].id'")]
pub(crate) struct List {
    #[command(flatten)]
    operator: Operator,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signs_from: Option<String>,
}

impl Keys {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Rotate(rotate) => rotate.run()?,
            Self::List(list) => list.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Rotate {
    fn run(self) -> anyhow::Result<()> {
        let file = self.operator.file()?;
        let from = clock::now() + chrono::Duration::seconds(self.after.into());
        let keep = usize::try_from(self.keep).unwrap_or(usize::MAX);
        let added = add_key(&file, from, keep).with_context(|| in_file(&file))?;
        let shown = shown(added);
        if self.json {
            return output::json(&shown);
        }
        eprintln!("it signs from {}", shown.signs_from.as_deref().unwrap_or("now on"));
        output::text(&shown.id)
    }
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let file = self.operator.file()?;
        let keys = keys_of(&file).with_context(|| in_file(&file))?;
        let keys: Vec<_> = keys.into_iter().map(shown).collect();
        if self.json {
            return output::json(&keys);
        }
        let row = |key: &Shown| vec![key.id.clone(), key.signs_from.clone().unwrap_or_default()];
        output::text(&output::lines(&output::table(&["Key", "Signs from"], keys.iter().map(row))))
    }
}

fn in_file(file: &Path) -> String {
    format!("the keys of {}", file.display())
}

fn shown(key: KeyInfo) -> Shown {
    Shown { id: key.id, signs_from: key.signs_from.map(|at| at.to_rfc3339()) }
}
