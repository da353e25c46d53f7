//! `qudao products`: what is told of products: packaging, barcodes, taxes.

use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, Subcommand};
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1 as api;
use proto::order::v1::order_query_service_client::OrderQueryServiceClient;
use proto::order::v1::product_service_client::ProductServiceClient;
use serde::Serialize;
use uuid::Uuid;
use values::Gtin;

use crate::client::{Connection, failure, money, output};

#[derive(Subcommand)]
pub(crate) enum Products {
    /// Products with their barcodes and taxes
    List(List),
    /// All that is told of one
    Show(Show),
    /// Say in which units one is packed, and which barcodes they have
    Package(Package),
    /// Say how one is taxed
    Tax(SetTax),
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao products list --search 茶
  qudao products list --barcode 2000000000015
  qudao products list --dealer hengtong --json | jq .[].tax")]
pub(crate) struct List {
    /// Part of the name, id, brand or category, or a whole barcode
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Only the one with this barcode
    #[arg(long, value_name = "DIGITS")]
    barcode: Option<Gtin>,
    /// As this dealer sees them
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// At most this many products, 1 to 200
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
    /// Wait until the list has reached this position of the order log
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "POSITION")]
    min_position: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Examples:
  qudao products show jasmine-tea-500
  qudao products show jasmine-tea-500 --dealer hengtong --json")]
pub(crate) struct Show {
    /// The product
    product: String,
    /// As this dealer sees it
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    dealer: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "What is not named is taken away.

Examples:
  qudao products package jasmine-tea-500 瓶=1/2000000000015 箱=24/12000000000012
  qudao products package jasmine-tea-500 瓶=1 箱=24 托=1920 --json")]
pub(crate) struct Package {
    /// The product
    product: String,
    /// Units with how many base units are in one and, after a slash, the barcode; 1 is the base unit
    #[arg(required = true, value_name = "UNIT=COUNT/BARCODE")]
    units: Vec<Unit>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
#[command(after_help = "Prices contain the tax; placed orders keep that of their day.

Examples:
  qudao products tax jasmine-tea-500 13%
  qudao products tax jasmine-tea-500 9% --from 2027-01-01
  qudao products tax fresh-eggs exempt --json")]
pub(crate) struct SetTax {
    /// The product
    product: String,
    /// A rate such as 13% or 0%, or `exempt`
    tax: Tax,
    /// The first day on which it counts [default: today, and for the first one from ever]
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DAY")]
    from: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Debug)]
struct Unit {
    unit: String,
    count: u32,
    barcode: Option<Gtin>,
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "write UNIT=COUNT or UNIT=COUNT/BARCODE, for example 箱=24/12000000000012";
        let (unit, rest) = text.split_once('=').ok_or(wrong)?;
        let (count, barcode) = match rest.split_once('/') {
            Some((count, barcode)) => (count, Some(barcode)),
            None => (rest, None),
        };
        let count = count.parse().map_err(|_| wrong.to_owned())?;
        let barcode = barcode.map(str::parse::<Gtin>).transpose();
        let barcode = barcode.map_err(|error| error.to_string())?;
        Ok(Self { unit: unit.to_owned(), count, barcode })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tax(api::Tax);

impl FromStr for Tax {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "exempt" {
            return Ok(Self(api::Tax { rate_ppm: 0, exempt: true }));
        }
        let wrong = || "write a rate such as 13% or 6.5%, or exempt".to_owned();
        let digits = text.strip_suffix('%').ok_or_else(wrong)?;
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, short) = (whole.parse::<u32>().map_err(|_| wrong())?, part.len() <= 4);
        let part = format!("{part:0<4}").parse::<u32>().map_err(|_| wrong())?;
        if whole > 100 || !short {
            return Err(wrong());
        }
        Ok(Self(api::Tax { rate_ppm: whole * 10_000 + part, exempt: false }))
    }
}

#[derive(Serialize)]
struct Item {
    product_id: String,
    name: String,
    category_path: Vec<String>,
    brand: String,
    series: String,
    base_unit: String,
    units: Vec<Level>,
    shelf_life_days: u32,
    is_new: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax: Option<String>,
    unit_price_minor: Option<i64>,
    currency_code: String,
    picture_id: String,
    retired: bool,
}

#[derive(Serialize)]
struct Level {
    unit: String,
    base_quantity: u32,
    barcode: String,
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    item: Item,
    description_zh: String,
    description_en: String,
    storage: String,
    new_until: String,
    picture_ids: Vec<String>,
    successor_product_id: String,
}

#[derive(Serialize)]
struct Done {
    position: u64,
}

impl Products {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Package(package) => package.run().await?,
            Self::Tax(tax) => tax.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = api::ListProductsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            barcode: self.barcode.map(|it| it.to_string()).unwrap_or_default(),
            dealer_id: self.dealer,
            min_position: self.min_position,
            ..Default::default()
        };
        let mut client = OrderQueryServiceClient::new(session.wire());
        let found = client.list_products(asked).await?.into_inner().products;
        let items: Vec<Item> = found.into_iter().map(Item::from).collect();
        if self.json { output::json(&items) } else { output::text(&table(&items)) }
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = api::GetProductRequest {
            product_id: self.product,
            dealer_id: self.dealer,
            ..Default::default()
        };
        let mut client = OrderQueryServiceClient::new(session.wire());
        let told = client.get_product(asked).await?.into_inner();
        let whole = Whole {
            item: told.product.unwrap_or_default().into(),
            description_zh: told.description_zh,
            description_en: told.description_en,
            storage: told.storage,
            new_until: told.new_until,
            picture_ids: told.picture_ids,
            successor_product_id: told.successor_product_id,
        };
        if self.json { output::json(&whole) } else { output::text(&whole.text()) }
    }
}

impl Package {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let larger = self.units.iter().filter(|unit| unit.count != 1);
        let coded = |Unit { unit, barcode, .. }: &Unit| {
            let barcode = barcode.as_ref()?.to_string();
            Some(api::UnitBarcode { unit: unit.clone(), barcode })
        };
        let packaging = |Unit { unit, count, .. }: &Unit| api::Packaging {
            unit: unit.clone(),
            base_quantity: *count,
        };
        let request = api::PackageProductRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: None,
            product_id: self.product,
            packagings: larger.map(packaging).collect(),
            barcodes: self.units.iter().filter_map(coded).collect(),
        };
        let mut client = ProductServiceClient::new(session.wire());
        done(client.package_product(request).await?.into_inner().receipt, self.json)
    }
}

impl SetTax {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = api::SetProductTaxRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: None,
            product_id: self.product,
            tax: Some(self.tax.0),
            effective_on: self.from,
        };
        let mut client = ProductServiceClient::new(session.wire());
        done(client.set_product_tax(request).await?.into_inner().receipt, self.json)
    }
}

fn done(receipt: Option<Receipt>, json: bool) -> anyhow::Result<()> {
    let done = Done { position: receipt.unwrap_or_default().position };
    match json {
        true => output::json(&done),
        false => output::text(&format!("told, at position {}", done.position)),
    }
}

fn table(items: &[Item]) -> String {
    let rows = items.iter().map(|item| {
        vec![
            item.product_id.clone(),
            item.name.clone(),
            item.units.iter().map(Level::text).collect::<Vec<_>>().join(", "),
            item.tax.clone().unwrap_or_default(),
            item.unit_price_minor.map_or_else(String::new, |price| {
                format!("{} {}", item.currency_code, money::format(price, &item.currency_code))
            }),
        ]
    });
    output::lines(&output::table(&["product", "name", "units", ">tax", ">price"], rows))
}

impl Level {
    fn text(&self) -> String {
        let Self { unit, base_quantity, barcode } = self;
        match barcode.as_str() {
            "" => format!("{unit}={base_quantity}"),
            barcode => format!("{unit}={base_quantity}/{barcode}"),
        }
    }
}

impl Whole {
    fn text(&self) -> String {
        let Self { item, .. } = self;
        let days = match item.shelf_life_days {
            0 => String::new(),
            days => format!("{days} days"),
        };
        let facts = [
            ("product", item.product_id.clone()),
            ("name", item.name.clone()),
            ("category", item.category_path.join(" › ")),
            ("brand", format!("{} {}", item.brand, item.series).trim().to_owned()),
            ("units", item.units.iter().map(Level::text).collect::<Vec<_>>().join(", ")),
            ("tax", item.tax.clone().unwrap_or_default()),
            ("keeps", days),
            ("storage", self.storage.clone()),
            ("new until", self.new_until.clone()),
            ("pictures", self.picture_ids.len().to_string()),
            ("successor", self.successor_product_id.clone()),
            ("zh", self.description_zh.clone()),
            ("en", self.description_en.clone()),
        ];
        let told = facts.iter().filter(|(_, value)| !value.is_empty());
        told.map(|(name, value)| format!("{name:<10}{value}")).collect::<Vec<_>>().join("\n")
    }
}

impl From<api::Product> for Item {
    fn from(from: api::Product) -> Self {
        let coded = |unit: &str| {
            let own = from.barcodes.iter().find(|it| it.unit == unit);
            own.map(|it| it.barcode.clone()).unwrap_or_default()
        };
        let base = Level {
            unit: from.base_unit.clone(),
            base_quantity: 1,
            barcode: coded(&from.base_unit),
        };
        let larger = from.packagings.iter().map(|it| Level {
            unit: it.unit.clone(),
            base_quantity: it.base_quantity,
            barcode: coded(&it.unit),
        });
        Self {
            units: std::iter::once(base).chain(larger).collect(),
            tax: from.tax.map(shown),
            product_id: from.product_id,
            name: from.name,
            category_path: from.category_path,
            brand: from.brand,
            series: from.series,
            base_unit: from.base_unit,
            shelf_life_days: from.shelf_life_days,
            is_new: from.is_new,
            unit_price_minor: from.unit_price_minor,
            currency_code: from.currency_code,
            picture_id: from.picture_id,
            retired: from.retired,
        }
    }
}

fn shown(tax: api::Tax) -> String {
    match tax.exempt {
        true => order::tax::Tax::Exempt,
        false => order::tax::Tax::RatePpm(tax.rate_ppm),
    }
    .shown()
    .en
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_with_and_without_barcodes() {
        let unit: Unit = "箱=24/12000000000012".parse().unwrap();
        assert_eq!((unit.unit.as_str(), unit.count), ("箱", 24));
        assert!(unit.barcode.is_some());
        assert!("瓶=1".parse::<Unit>().unwrap().barcode.is_none());
        for wrong in ["瓶", "瓶=x", "瓶=1/2000000000016"] {
            assert!(wrong.parse::<Unit>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn taxes_are_read_as_people_write_them() {
        let rate = |text: &str| text.parse::<Tax>().map(|Tax(tax)| (tax.rate_ppm, tax.exempt));
        assert_eq!(rate("13%"), Ok((130_000, false)));
        assert_eq!(rate("6.5%"), Ok((65_000, false)));
        assert_eq!(rate("exempt"), Ok((0, true)));
        for wrong in ["13", "x%", "101%", "1.23456%", ""] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
