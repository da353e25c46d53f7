//! `qudao operator-token`: lets the operator act in the browser.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::client::operator::Operator;
use crate::client::output;

#[derive(Args)]
#[command(
    after_help = "Whoever holds the key that the server signs tokens with is the operator. The \
system page takes the token for pausing, rebuilding and reconciling, and forgets it with its tab.

Examples:
  qudao operator-token
  qudao operator-token --minutes 60 --json
  QUDAO_SIGNING_KEY=/etc/qudao/signing-key.pem qudao operator-token"
)]
pub(crate) struct OperatorToken {
    /// How long it is good for
    #[arg(long, default_value_t = 15, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=720))]
    minutes: u32,
    #[command(flatten)]
    operator: Operator,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Issued {
    token: String,
    minutes: u32,
}

impl OperatorToken {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let minutes = self.minutes;
        let token = self.operator.token_for(chrono::Duration::minutes(minutes.into()))?;
        match self.json {
            true => output::json(&Issued { token, minutes })?,
            false => output::text(&token)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
