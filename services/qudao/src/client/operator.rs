//! Whoever runs the installation: not a user of any brand, but the holder of the server's key.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use kernel::auth::{Caller, Keys, OPERATOR};
use kernel::clock;
use proto::access::v1::Role;

use super::endpoints::upward;
use super::{Connection, Session};

/// Where a locally started system keeps the key that it signs tokens with.
const KEY: &str = ".local/signing-key.pem";

/// How an operator shows who they are.
#[derive(clap::Args, Default)]
pub(crate) struct Operator {
    /// The key that the server signs tokens with; only its holder may do this [default: .local/signing-key.pem here or above]
    #[arg(long, env = "QUDAO_SIGNING_KEY", value_name = "FILE")]
    signing_key: Option<PathBuf>,
}

/// Whether to look at one tenant or, as the operator, at all of them.
#[derive(clap::Args, Default)]
pub(crate) struct Reach {
    /// Events of every tenant; only for the operator
    #[arg(long)]
    pub(crate) all_tenants: bool,
    #[command(flatten)]
    operator: Operator,
}

impl Reach {
    /// A session of somebody who sees that far.
    pub(crate) async fn open(&self, connection: &Connection) -> anyhow::Result<Session> {
        if self.all_tenants {
            return connection.connect().await?.with_token(&self.operator.token()?);
        }
        connection.open().await
    }
}

impl Operator {
    /// A token for one command.
    pub(crate) fn token(&self) -> anyhow::Result<String> {
        self.token_for(chrono::Duration::minutes(5))
    }

    /// The file of the key. One made now would be one the server does not know, so it has to be
    /// there.
    pub(crate) fn file(&self) -> anyhow::Result<PathBuf> {
        let file = match &self.signing_key {
            Some(file) => file.clone(),
            None => upward(&std::env::current_dir()?, KEY).with_context(|| {
                format!(
                    "only the operator may do this: give the server's key as QUDAO_SIGNING_KEY \
                     ({KEY} is not here or above)"
                )
            })?,
        };
        if !file.exists() {
            bail!("there is no key {}", file.display());
        }
        Ok(file)
    }

    /// A token of the installation's operator.
    pub(crate) fn token_for(&self, valid: chrono::Duration) -> anyhow::Result<String> {
        let file = self.file()?;
        let operator = Caller {
            user_id: OPERATOR.to_owned(),
            name: OPERATOR.to_owned(),
            tenant: String::new(),
            roles: vec![Role::Operator.as_str_name().to_owned()],
            time_zone: "UTC".to_owned(),
            ..Caller::default()
        };
        Ok(Keys::open(&file)?.issue(&operator, clock::now(), valid)?)
    }
}
