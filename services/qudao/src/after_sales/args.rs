//! What `qudao after-sales` is told on the command line.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use proto::order::v1::{
    AfterSaleCause, AfterSaleLine, AfterSaleSettlement, AfterSaleStatus, ReturnedLine,
};

use crate::client::Connection;

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales list --only requested
  qudao after-sales list --order SO-20261127-7K2M0QXA
  qudao after-sales list --dealer hengtong --json | jq '.[].amount_minor'")]
pub(crate) struct List {
    /// Only cases of this order
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(super) order: String,
    /// Only cases of this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(super) dealer: String,
    /// Part of the number of the case or the order, or of the dealer's name
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) search: String,
    /// Only cases of which this is true; `returning`: goods are to come back
    #[arg(long, value_enum)]
    pub(super) only: Option<Only>,
    /// At most this many cases, 1 to 200
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
  qudao after-sales show AS-20261127-7K2M0QXA
  qudao after-sales show AS-20261127-7K2M0QXA --json | jq .lines")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    pub(super) min_position: u64,
}

/// What all that is about a case has.
#[derive(Args)]
pub(super) struct Asked {
    /// Which case; of a request, which order
    #[arg(value_name = "NUMBER")]
    pub(super) number: String,
    /// Only when the case still has this version
    #[arg(long, value_name = "N")]
    pub(super) version: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales request SO-20261127-7K2M0QXA --line 1=24:damaged --wish credit-note
  qudao after-sales request SO-20261127-7K2M0QXA --line 2=12:near-expiry --wish refund")]
pub(crate) struct Ask {
    /// Line of the order, base units, and what is wrong; may be repeated
    #[arg(long = "line", value_name = "LINE=QUANTITY:CAUSE", required = true)]
    pub(super) lines: Vec<CaseLine>,
    /// What the dealer would like
    #[arg(long, value_enum)]
    pub(super) wish: Settlement,
    /// For the brand to know
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) note: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales approve AS-20261127-7K2M0QXA --goods-return --remark 请寄回东区仓")]
pub(crate) struct Approve {
    /// The goods that the dealer has come back first
    #[arg(long)]
    pub(super) goods_return: bool,
    /// For the dealer to know
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) remark: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales refuse AS-20261127-7K2M0QXA --reason 照片与商品不符
  qudao after-sales withdraw AS-20261127-7K2M0QXA --reason 已自行处理")]
pub(crate) struct Reasoned {
    /// Why; kept in the history
    #[arg(long)]
    pub(super) reason: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales ship-return AS-20261127-7K2M0QXA --carrier 德邦 --tracking DPK360012345678")]
pub(crate) struct ShipReturn {
    /// Who carries them
    #[arg(long)]
    pub(super) carrier: String,
    /// The carrier's number for them
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NUMBER")]
    pub(super) tracking: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales receive-return AS-20261127-7K2M0QXA --warehouse east --line 1:damaged=20,4,0
  qudao after-sales receive-return AS-20261127-7K2M0QXA --warehouse east --last")]
pub(crate) struct ReceiveReturn {
    /// Where they are now
    #[arg(long, value_name = "ID")]
    pub(super) warehouse: String,
    /// Line and cause of the case, and base units that can be sold, that can not, and that are not
    /// taken; may be repeated
    #[arg(long = "line", value_name = "LINE:CAUSE=SELL,SCRAP,REJECT")]
    pub(super) lines: Vec<BackLine>,
    /// Nothing more is expected
    #[arg(long)]
    pub(super) last: bool,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales settle AS-20261127-7K2M0QXA --by credit-note
  qudao after-sales settle AS-20261127-7K2M0QXA --by refund --amount 4800 --remark 按七折")]
pub(crate) struct Settle {
    /// How
    #[arg(long, value_enum)]
    pub(super) by: Settlement,
    /// What the dealer is given, in minor units; left out: what it paid for those units
    #[arg(long, value_name = "MINOR")]
    pub(super) amount: Option<i64>,
    /// For the dealer to know
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) remark: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao after-sales rate AS-20261127-7K2M0QXA --outcome 5 --service 4")]
pub(crate) struct Rate {
    /// With the outcome, from 1 to 5
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub(super) outcome: u32,
    /// With the service, from 1 to 5
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=5))]
    pub(super) service: u32,
    /// In words
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) comment: String,
    #[command(flatten)]
    pub(super) asked: Asked,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Only {
    Requested,
    Returning,
    ToSettle,
    Open,
    Settled,
    Refused,
    Withdrawn,
}

impl Only {
    pub(super) fn statuses(self) -> Vec<i32> {
        use AfterSaleStatus as Status;
        let returning = [Status::AwaitingReturn, Status::InTransit, Status::PartlyReturned];
        let statuses = match self {
            Self::Requested => vec![Status::Requested],
            Self::Returning => returning.to_vec(),
            Self::ToSettle => vec![Status::ToSettle],
            Self::Open => [&[Status::Requested, Status::ToSettle][..], &returning].concat(),
            Self::Settled => vec![Status::Settled],
            Self::Refused => vec![Status::Refused],
            Self::Withdrawn => vec![Status::Withdrawn],
        };
        statuses.into_iter().map(Into::into).collect()
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Settlement {
    Refund,
    CreditNote,
    Replacement,
    WriteOff,
}

impl Settlement {
    pub(super) fn told(self) -> i32 {
        let told = match self {
            Self::Refund => AfterSaleSettlement::Refund,
            Self::CreditNote => AfterSaleSettlement::CreditNote,
            Self::Replacement => AfterSaleSettlement::Replacement,
            Self::WriteOff => AfterSaleSettlement::WriteOff,
        };
        told.into()
    }
}

/// One `--line` of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CaseLine(pub(super) AfterSaleLine);

impl FromStr for CaseLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('=').and_then(|(line, rest)| Some((line, rest.split_once(':')?)));
        let (line, (quantity, cause)) =
            parts.ok_or("write LINE=QUANTITY:CAUSE, for example 1=24:damaged")?;
        Ok(Self(AfterSaleLine {
            line_no: number(line)?,
            quantity: number(quantity)?,
            cause: cause_of(cause)?,
            note: String::new(),
        }))
    }
}

/// One `--line` of what came back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BackLine(pub(super) ReturnedLine);

impl FromStr for BackLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = "write LINE:CAUSE=SELL,SCRAP,REJECT, for example 1:damaged=20,4,0";
        let (which, units) = text.split_once('=').ok_or(usage)?;
        let (line, cause) = which.split_once(':').ok_or(usage)?;
        let units: Vec<u32> = units.split(',').map(number).collect::<Result<_, _>>()?;
        let [sellable, scrap, rejected] = units[..] else { return Err(usage.to_owned()) };
        let (line_no, cause) = (number(line)?, cause_of(cause)?);
        Ok(Self(ReturnedLine { line_no, cause, sellable, scrap, rejected }))
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text} is not a whole number"))
}

/// A cause as people type it, for example `near-expiry`.
fn cause_of(word: &str) -> Result<i32, String> {
    let name = format!("AFTER_SALE_CAUSE_{}", word.to_uppercase().replace('-', "_"));
    let known =
        AfterSaleCause::from_str_name(&name).filter(|it| *it != AfterSaleCause::Unspecified);
    known.map(Into::into).ok_or_else(|| {
        format!(
            "{word} is no cause; say short, damaged, wrong-goods, quality, near-expiry, unsold or \
             other"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_are_named_by_line_units_and_cause() {
        let CaseLine(line) = "1=24:near-expiry".parse().unwrap();
        assert_eq!((line.line_no, line.quantity), (1, 24));
        assert_eq!(line.cause(), AfterSaleCause::NearExpiry);
        for bad in ["1=24", "1:damaged", "x=1:damaged", "1=1:broken", "1=1:unspecified"] {
            assert!(bad.parse::<CaseLine>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_came_back_is_told_in_three_numbers() {
        let BackLine(line) = "2:damaged=20,4,0".parse().unwrap();
        assert_eq!((line.line_no, line.sellable, line.scrap, line.rejected), (2, 20, 4, 0));
        for bad in ["2:damaged=20", "2=1,1,1", "2:damaged=1,1,x", "2:damaged"] {
            assert!(bad.parse::<BackLine>().is_err(), "{bad}");
        }
    }
}
