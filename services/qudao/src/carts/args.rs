//! What can be said to `qudao carts`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use proto::order::v1::{CartKind, CartLine};

use crate::client::Connection;

/// What a kept list is for, as it is typed.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    Cart,
    Template,
}

impl From<Kind> for CartKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Cart => Self::Cart,
            Kind::Template => Self::Template,
        }
    }
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao carts list --dealer hengtong
  qudao carts list --kind template --json | jq '.[].name'")]
pub(crate) struct List {
    /// Only carts of this dealer
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(super) dealer: String,
    /// Only carts, or only templates
    #[arg(long, value_enum)]
    pub(super) kind: Option<Kind>,
    /// Part of the name or the number
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) search: String,
    /// At most this many, 1 to 200
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
  qudao carts show CT-20261126-7K2M0QXA
  qudao carts show CT-20261126-7K2M0QXA --json | jq '.lines[] | select(.is_orderable | not)'")]
pub(crate) struct Show {
    /// Which one
    #[arg(value_name = "CART")]
    pub(super) cart: String,
    /// Wait until the cart has reached this position of the order log
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
  qudao carts save --dealer hengtong --name 十二月备货 --line tea-500=48 --line cola-330=24
  qudao carts save --dealer hengtong --name 常购 --kind template --csv usual.csv
  qudao carts save CT-20261126-7K2M0QXA --version 1 --dealer hengtong --name 十二月备货 --line tea-500=24 --json

A CSV file has a product and base units on each line; a header line is left out, and what stands
there twice is added up. `-` reads what is piped in.")]
pub(crate) struct Save {
    /// Which one [default: a new one]
    #[arg(value_name = "CART", default_value = "", hide_default_value = true)]
    pub(super) cart: String,
    /// Whose it is
    #[arg(long, value_name = "ID")]
    pub(super) dealer: String,
    /// What people call it
    #[arg(long)]
    pub(super) name: String,
    /// What it is for: a cart becomes one order, a template stays
    #[arg(long, value_enum, default_value = "cart")]
    pub(super) kind: Kind,
    /// For those who use it
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) note: String,
    /// What is in it: product and base units; may be repeated
    #[arg(long = "line", value_name = "PRODUCT=QUANTITY")]
    pub(super) lines: Vec<Wanted>,
    /// What is in it, as a CSV file; UTF-8 or GBK
    #[arg(long, value_name = "FILE", conflicts_with = "lines")]
    pub(super) csv: Option<PathBuf>,
    /// Only when the cart still has this version
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
  qudao carts delete CT-20261126-7K2M0QXA
  qudao carts delete CT-20261126-7K2M0QXA --version 2 --json")]
pub(crate) struct Delete {
    /// Which one
    #[arg(value_name = "CART")]
    pub(super) cart: String,
    /// Only when the cart still has this version
    #[arg(long, value_name = "N")]
    pub(super) version: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

#[derive(Args)]
#[command(
    after_help = "A product is usual that was in at least two of the last 20 orders within 90 days. It is due
when as many days have passed since the last one as the median between two of them.

Examples:
  qudao carts suggest --dealer hengtong
  qudao carts suggest --dealer hengtong --json | jq '.[] | select(.is_due)'"
)]
pub(crate) struct Suggest {
    /// Who would order; people of a dealer may leave it out
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(super) dealer: String,
    /// Wait until orders have reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    pub(super) min_position: u64,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// One `--line` of a cart.
#[derive(Clone, Debug)]
pub(super) struct Wanted(CartLine);

impl From<Wanted> for CartLine {
    fn from(line: Wanted) -> Self {
        line.0
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (product, quantity) =
            text.split_once('=').ok_or("write PRODUCT=QUANTITY, for example tea-500=48")?;
        match quantity.parse() {
            Ok(quantity) if quantity > 0 => {
                Ok(Self(CartLine { product_id: product.to_owned(), quantity }))
            }
            _ => Err(format!("{quantity} is not a whole number above 0")),
        }
    }
}
