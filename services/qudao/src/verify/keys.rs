//! Which key a log must be signed with: one that was handed over, or the installation's own.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use kernel::proofs::LogKey;
use proof::{Signer, Verifier};

use crate::client::endpoints::upward;

/// Where a locally started system keeps the key that it signs its logs with.
const KEY: &str = ".local/log-key.pem";

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Keys {
    /// Verifier key of a log, as `qudao proof checkpoint` shows it; may be repeated
    #[arg(
        long = "key",
        env = "QUDAO_LOG_VERIFIER_KEY",
        value_name = "VKEY",
        value_delimiter = ','
    )]
    keys: Vec<Verifier>,
    /// The installation's log key [default: .local/log-key.pem here or above]
    #[arg(long, env = "QUDAO_LOG_KEY", value_name = "FILE")]
    log_key: Option<PathBuf>,
    /// Name of the installation whose log key it is
    #[arg(long, env = "QUDAO_INSTALLATION", default_value = "local", value_name = "NAME")]
    installation: String,
}

impl Keys {
    /// The verifier key of a context's log: a given one that is named for it, else that of the
    /// installation's key. A key is never made here.
    pub(crate) fn verifier(&self, context: &str) -> anyhow::Result<Option<Verifier>> {
        if self.keys.is_empty() {
            return Ok(self.own(context)?.map(|signer| signer.verifier().clone()));
        }
        let named = |key: &&Verifier| key.name().rsplit('/').next() == Some(context);
        match self.keys.iter().find(named) {
            Some(key) => Ok(Some(key.clone())),
            None => bail!("none of the keys given is named for the log {context}"),
        }
    }

    /// What signs the log of a context, if the key is here.
    pub(crate) fn own(&self, context: &str) -> anyhow::Result<Option<Signer>> {
        let file = match &self.log_key {
            Some(file) => Some(file.clone()),
            None => upward(&std::env::current_dir()?, KEY),
        };
        let Some(file) = file else { return Ok(None) };
        if !file.exists() {
            bail!("there is no key {}", file.display());
        }
        let key = LogKey::open(&file, &self.installation)
            .with_context(|| format!("cannot use {}", file.display()))?;
        Ok(Some(key.signer(context)?))
    }
}
