//! What `qudao statements` is told on the command line.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use proto::order::v1::{DisputedPoint, FundsAccount, StatementStatus};

use crate::client::Connection;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements list --only waiting --days 7
  qudao statements list --only disputed
  qudao statements list --dealer hengtong --json | jq '.[].closing_minor'")]
pub(crate) struct List {
    /// Only statements of this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(super) dealer: String,
    /// Part of the number of the statement, or of the dealer's id or name
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) search: String,
    /// Only statements of this account
    #[arg(long, value_enum)]
    pub(super) account: Option<Account>,
    /// Only statements of which this is true; `waiting`: somebody is to agree, answer or correct
    #[arg(long, value_enum)]
    pub(super) only: Option<Only>,
    /// Only statements that somebody has been waited for so many days or longer
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    pub(super) days: u32,
    /// At most this many statements, 1 to 200
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(super) limit: u32,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    pub(super) min_position: u64,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements show ST-20261101-7K2M0QXA
  qudao statements show ST-20261101-7K2M0QXA --lines
  qudao statements show ST-20261101-7K2M0QXA --lines --json | jq '.lines[].change_minor'")]
pub(crate) struct Show {
    /// Also every line of it
    #[arg(long)]
    pub(super) lines: bool,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    pub(super) min_position: u64,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements make --dealer hengtong --account prepaid --currency CNY --until 2026-10-31
  qudao statements make --all --until 2026-10-31
  qudao statements make --all --until 2026-10-31 --send

`--all` makes one for every account of every dealer that has moved and was not stated until that day;
asked again, it goes on where it was.")]
pub(crate) struct Make {
    /// Of every account of every dealer
    #[arg(long, conflicts_with_all = ["dealer", "account", "currency", "from"])]
    pub(super) all: bool,
    /// Of which dealer
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    pub(super) dealer: Option<String>,
    /// Of which account
    #[arg(long, value_enum, required_unless_present = "all")]
    pub(super) account: Option<Account>,
    /// In which currency
    #[arg(long, value_name = "CODE", required_unless_present = "all")]
    pub(super) currency: Option<String>,
    /// The first day; without it, the one after the statement before
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DAY")]
    pub(super) from: String,
    /// The last day
    #[arg(long, value_name = "DAY")]
    pub(super) until: String,
    /// Send what was made, too
    #[arg(long)]
    pub(super) send: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// What all that is about one statement has.
#[derive(Args)]
pub(super) struct Asked {
    /// Which statement
    #[arg(value_name = "STATEMENT")]
    pub(super) number: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements send ST-20261101-7K2M0QXA
  qudao statements agree ST-20261101-7K2M0QXA")]
pub(crate) struct Plain {
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements discard ST-20261101-7K2M0QXA --reason '账期有误'")]
pub(crate) struct Discard {
    /// Why
    #[arg(long)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements dispute ST-20261101-7K2M0QXA --all '期末与我方账不符'
  qudao statements dispute ST-20261101-7K2M0QXA --line 377='这批货少收 2 箱'")]
pub(crate) struct Dispute {
    /// Position of a line and what is wrong with it; may be repeated
    #[arg(long = "line", value_name = "POSITION=REASON", required_unless_present = "all")]
    pub(super) lines: Vec<Line>,
    /// What is wrong with the whole statement
    #[arg(long, value_name = "REASON")]
    pub(super) all: Option<String>,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements answer ST-20261101-7K2M0QXA rejected --text '附有签收单，数量无误'
  qudao statements answer ST-20261101-7K2M0QXA accepted --text '确实少货，将退回货款'")]
pub(crate) struct Answer {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// How
    #[arg(value_enum)]
    pub(super) verdict: Verdict,
    /// In words
    #[arg(long)]
    pub(super) text: String,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao statements revise ST-20261101-7K2M0QXA --until 2026-11-03 --reason '补记少货退款'")]
pub(crate) struct Revise {
    /// The last day of the new one
    #[arg(long, value_name = "DAY")]
    pub(super) until: String,
    /// Why
    #[arg(long)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Account {
    Prepaid,
    Rebate,
    Credit,
}

impl Account {
    pub(super) fn told(self) -> i32 {
        match self {
            Self::Prepaid => FundsAccount::Prepaid,
            Self::Rebate => FundsAccount::Rebate,
            Self::Credit => FundsAccount::Credit,
        }
        .into()
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Verdict {
    Rejected,
    Accepted,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Only {
    Draft,
    Waiting,
    Disputed,
    Agreed,
}

impl Only {
    pub(super) fn statuses(self) -> Vec<i32> {
        use StatementStatus as Status;
        let statuses: &[Status] = match self {
            Self::Draft => &[Status::Draft],
            Self::Waiting => &[Status::Sent, Status::Disputed, Status::Correcting],
            Self::Disputed => &[Status::Disputed],
            Self::Agreed => &[Status::Agreed],
        };
        statuses.iter().map(|status| (*status).into()).collect()
    }
}

/// A line that is disputed, and why.
#[derive(Clone)]
pub(super) struct Line(pub(super) DisputedPoint);

impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (position, reason) = text.split_once('=').ok_or("write it as POSITION=REASON")?;
        let position = position.parse().map_err(|_| "the position must be a whole number")?;
        Ok(Self(DisputedPoint { position: Some(position), reason: reason.to_owned() }))
    }
}
