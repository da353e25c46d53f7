//! What the columns of a file mean, as a TOML file that people write.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// ISO 4217; all prices of the file are in it.
    pub(crate) currency: String,
    /// Name of the unit that quantities are counted in.
    pub(crate) base_unit: String,
    /// How dates are written.
    #[serde(default = "iso_date")]
    pub(crate) date_format: String,
    pub(crate) order_id: OrderId,
    pub(crate) price_list: PriceList,
    pub(crate) columns: Columns,
    #[serde(default)]
    pub(crate) history: History,
    /// Parents before children.
    pub(crate) regions: Vec<Region>,
}

/// How an order's id is made from the file's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderId {
    #[serde(default)]
    pub(crate) prefix: String,
    /// Numbers are filled up with zeros to this many digits.
    #[serde(default)]
    pub(crate) digits: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceList {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// Names in the header line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    pub(crate) order_id: String,
    pub(crate) line_no: String,
    pub(crate) business_date: String,
    pub(crate) quantity: String,
    pub(crate) unit_price: String,
    pub(crate) line_total: String,
    pub(crate) product: String,
    /// From general to special.
    pub(crate) categories: Vec<String>,
    pub(crate) dealer: String,
    pub(crate) city: String,
    pub(crate) region: String,
}

/// How far old orders have come: those placed before a day have got at least that far.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    confirmed_before: Option<toml::value::Datetime>,
    shipped_before: Option<toml::value::Datetime>,
    received_before: Option<toml::value::Datetime>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Region {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default = "root")]
    pub(crate) parent: String,
    /// Values of the region column that mean this region.
    #[serde(default)]
    pub(crate) values: Vec<String>,
}

/// What an imported order has to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reached {
    Submitted,
    Confirmed,
    Shipped,
    Received,
}

/// The region that every tenant has from its founding.
pub(crate) const ROOT: &str = "root";

fn root() -> String {
    ROOT.to_owned()
}

fn iso_date() -> String {
    "%Y-%m-%d".to_owned()
}

impl Mapping {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not a mapping", path.display()))
    }

    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mapping: Self = toml::from_str(text)?;
        mapping.check_regions()?;
        mapping.check_history()?;
        if mapping.columns.categories.is_empty() || mapping.columns.categories.len() > 4 {
            bail!("columns.categories needs 1 to 4 columns");
        }
        Ok(mapping)
    }

    fn check_regions(&self) -> anyhow::Result<()> {
        let mut known = vec![ROOT];
        let mut meanings = HashMap::new();
        for region in &self.regions {
            if !known.contains(&region.parent.as_str()) {
                bail!("region {}: its parent {} must come before it", region.id, region.parent);
            }
            if known.contains(&region.id.as_str()) {
                bail!("region {} is there twice", region.id);
            }
            known.push(&region.id);
            for value in &region.values {
                if let Some(other) = meanings.insert(value, &region.id) {
                    bail!("{value} means both region {other} and region {}", region.id);
                }
            }
        }
        Ok(())
    }

    fn check_history(&self) -> anyhow::Result<()> {
        let History { confirmed_before, shipped_before, received_before } = self.history;
        for day in [confirmed_before, shipped_before, received_before].into_iter().flatten() {
            if as_day(day).is_none() {
                bail!("history: {day} is not a day");
            }
        }
        Ok(())
    }

    /// Region of a value in the region column.
    pub(crate) fn region(&self, value: &str) -> Option<usize> {
        self.regions.iter().position(|region| region.values.iter().any(|known| known == value))
    }

    /// How far an order of that day has come.
    pub(crate) fn reached(&self, date: NaiveDate) -> Reached {
        let before = |limit: Option<_>| limit.and_then(as_day).is_some_and(|limit| date < limit);
        if before(self.history.received_before) {
            Reached::Received
        } else if before(self.history.shipped_before) {
            Reached::Shipped
        } else if before(self.history.confirmed_before) {
            Reached::Confirmed
        } else {
            Reached::Submitted
        }
    }

    /// Steps that orders of a day or earlier have taken, each with the last such day.
    pub(crate) fn due(&self) -> Vec<(Reached, NaiveDate)> {
        let History { confirmed_before, shipped_before, received_before } = self.history;
        let steps = [
            (Reached::Confirmed, confirmed_before),
            (Reached::Shipped, shipped_before),
            (Reached::Received, received_before),
        ];
        let last_day = |limit: Option<_>| limit.and_then(as_day)?.pred_opt();
        steps.into_iter().filter_map(|(step, limit)| Some((step, last_day(limit)?))).collect()
    }

    /// The id that an order of the file gets; none when no id can be made from it.
    pub(crate) fn order_id(&self, text: &str) -> Option<String> {
        let OrderId { prefix, digits } = &self.order_id;
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        let text = if number { text.trim_start_matches('0') } else { text };
        let id =
            if number { format!("{prefix}{text:0>digits$}") } else { format!("{prefix}{text}") };
        let fits = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (!text.is_empty() && fits && id.len() <= 64).then_some(id)
    }
}

fn as_day(value: toml::value::Datetime) -> Option<NaiveDate> {
    let toml::value::Date { year, month, day } = value.date?;
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
}
