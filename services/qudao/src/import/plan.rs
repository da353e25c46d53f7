//! A file, checked and put together: what is to be there after the import, and which rows are no
//! good. Names are kept once and rows as numbers, so that a line costs some twenty bytes.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::NaiveDate;
use serde::Serialize;

use super::mapping::Mapping;
use super::sheet::{RawRow, Sheet, Unreadable};
use super::slug::slug;
use crate::client::money;

/// Most lines that an order may have.
const MOST_LINES: usize = 200;
/// Most of one product on a line.
const MOST_QUANTITY: u32 = 1_000_000;
/// Most bad rows that are kept; a file with more is the wrong file.
const MOST_BAD: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) dealers: Vec<Dealer>,
    pub(crate) products: Vec<Product>,
    /// In the order of the file.
    pub(crate) orders: Vec<Order>,
    pub(crate) bad: Vec<BadRow>,
    /// Also those beyond `MOST_BAD`.
    pub(crate) bad_count: u64,
    /// Orders left out for a bad row.
    pub(crate) left_out: u64,
    pub(crate) rows: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Dealer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) city: String,
    /// Index into the mapping's regions.
    pub(crate) region: usize,
    line: u64,
    /// An order that is imported needs it.
    pub(crate) used: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) categories: Vec<String>,
    pub(crate) unit_price_minor: i64,
    line: u64,
    /// An order that is imported needs it.
    pub(crate) used: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) date: NaiveDate,
    /// Index into the dealers.
    pub(crate) dealer: usize,
    /// By line number.
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    number: u32,
    /// Index into the products.
    pub(crate) product: u32,
    pub(crate) quantity: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct BadRow {
    /// Line of the file; the header is line 1.
    pub(crate) line: u64,
    pub(crate) column: Option<String>,
    pub(crate) reason: String,
    /// Id of the order that is left out for it.
    pub(crate) order: Option<String>,
}

/// What all good orders of a file add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) orders: u64,
    pub(crate) lines: u64,
    pub(crate) quantity: u64,
    pub(crate) gross_minor: i64,
}

/// What is wrong with a row: the column and the reason.
type Bad = (String, String);

fn bad(column: &str, reason: impl Into<String>) -> Bad {
    (column.to_owned(), reason.into())
}

impl Plan {
    pub(crate) fn read(path: &Path, mapping: &Mapping) -> anyhow::Result<Self> {
        let mut sheet = Sheet::open(path, &mapping.columns)?;
        let mut builder = Builder::new(mapping);
        while let Some(row) = sheet.next() {
            builder.plan.rows += 1;
            match row {
                Ok(row) => builder.row(&row),
                Err(unreadable) => builder.unreadable(unreadable),
            }
        }
        Ok(builder.finish())
    }

    pub(crate) fn dealers_used(&self) -> impl Iterator<Item = &Dealer> {
        self.dealers.iter().filter(|dealer| dealer.used)
    }

    pub(crate) fn products_used(&self) -> impl Iterator<Item = &Product> {
        self.products.iter().filter(|product| product.used)
    }

    pub(crate) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for order in &self.orders {
            totals.orders += 1;
            for line in &order.lines {
                totals.lines += 1;
                totals.quantity += u64::from(line.quantity);
                totals.gross_minor += self.price(*line) * i64::from(line.quantity);
            }
        }
        totals
    }

    pub(crate) fn product(&self, line: Line) -> Option<&Product> {
        self.products.get(line.product as usize)
    }

    pub(crate) fn dealer_of(&self, order: &Order) -> Option<&Dealer> {
        self.dealers.get(order.dealer)
    }

    pub(crate) fn price(&self, line: Line) -> i64 {
        self.product(line).map_or(0, |product| product.unit_price_minor)
    }
}

/// A row whose fields make sense by themselves.
struct Row<'a> {
    raw: &'a RawRow,
    order_id: String,
    number: u32,
    date: NaiveDate,
    quantity: u32,
    unit_price_minor: i64,
    region: usize,
}

struct Builder<'a> {
    mapping: &'a Mapping,
    plan: Plan,
    orders: HashMap<String, usize>,
    dealers: HashMap<String, usize>,
    products: HashMap<String, usize>,
    /// Ids of orders with a bad row.
    spoilt: HashSet<String>,
}

impl<'a> Builder<'a> {
    fn new(mapping: &'a Mapping) -> Self {
        Self {
            mapping,
            plan: Plan::default(),
            orders: HashMap::new(),
            dealers: HashMap::new(),
            products: HashMap::new(),
            spoilt: HashSet::new(),
        }
    }

    fn row(&mut self, raw: &RawRow) {
        if let Err((column, reason)) = self.parse(raw).and_then(|row| self.place(&row)) {
            let order = self.mapping.order_id(&raw.order_id);
            self.note(BadRow { line: raw.line, column: Some(column), reason, order });
        }
    }

    fn unreadable(&mut self, Unreadable { line, order_id, reason }: Unreadable) {
        let order = order_id.and_then(|id| self.mapping.order_id(&id));
        self.note(BadRow { line, column: None, reason, order });
    }

    fn note(&mut self, row: BadRow) {
        if let Some(order) = &row.order {
            self.spoilt.insert(order.clone());
        }
        self.plan.bad_count += 1;
        if self.plan.bad.len() < MOST_BAD {
            self.plan.bad.push(row);
        }
    }

    /// Each field by itself.
    fn parse<'r>(&self, raw: &'r RawRow) -> Result<Row<'r>, Bad> {
        let (mapping, names) = (self.mapping, &self.mapping.columns);
        let filled = [
            (&names.product, &raw.product),
            (&names.dealer, &raw.dealer),
            (&names.city, &raw.city),
        ];
        for (name, value) in filled.into_iter().chain(names.categories.iter().zip(&raw.categories))
        {
            if value.is_empty() {
                return Err(bad(name, "is empty"));
            }
        }
        let order_id = mapping.order_id(&raw.order_id).ok_or_else(|| {
            bad(&names.order_id, format!("{:?} is not an order id", raw.order_id))
        })?;
        let date =
            NaiveDate::parse_from_str(&raw.business_date, &mapping.date_format).map_err(|_| {
                bad(&names.business_date, format!("{:?} is not a date", raw.business_date))
            })?;
        let quantity = number(&names.quantity, &raw.quantity)?;
        if quantity > MOST_QUANTITY {
            return Err(bad(&names.quantity, format!("{quantity} is above {MOST_QUANTITY}")));
        }
        let region = mapping
            .region(&raw.region)
            .ok_or_else(|| bad(&names.region, format!("{:?} is in no region", raw.region)))?;
        Ok(Row {
            number: number(&names.line_no, &raw.line_no)?,
            unit_price_minor: self.price(raw, quantity)?,
            order_id,
            date,
            quantity,
            region,
            raw,
        })
    }

    /// The unit price, which has to make the total of the line.
    fn price(&self, raw: &RawRow, quantity: u32) -> Result<i64, Bad> {
        let names = &self.mapping.columns;
        let amount = |column: &str, text: &str| {
            money::parse(text, &self.mapping.currency)
                .ok_or_else(|| bad(column, format!("{text:?} is not an amount")))
        };
        let price = amount(&names.unit_price, &raw.unit_price)?;
        let total = amount(&names.line_total, &raw.line_total)?;
        if price == 0 {
            return Err(bad(&names.unit_price, "is 0"));
        }
        if price.checked_mul(i64::from(quantity)) != Some(total) {
            let (price, total) = (&raw.unit_price, &raw.line_total);
            return Err(bad(&names.line_total, format!("{price} × {quantity} is not {total}")));
        }
        Ok(price)
    }

    /// A row among the others.
    fn place(&mut self, row: &Row<'_>) -> Result<(), Bad> {
        let product = self.product(row)?;
        let dealer = self.dealer(row)?;
        let names = &self.mapping.columns;
        let index = *self.orders.entry(row.order_id.clone()).or_insert(self.plan.orders.len());
        if index == self.plan.orders.len() {
            let (id, date) = (row.order_id.clone(), row.date);
            self.plan.orders.push(Order { id, date, dealer, lines: Vec::new() });
        }
        let order = &mut self.plan.orders[index];
        if order.date != row.date {
            return Err(bad(&names.business_date, format!("the order is of {}", order.date)));
        }
        if order.dealer != dealer {
            let other = &self.plan.dealers[order.dealer].name;
            return Err(bad(&names.dealer, format!("the order is of {other}")));
        }
        if order.lines.iter().any(|line| line.number == row.number) {
            return Err(bad(&names.line_no, format!("line {} is there twice", row.number)));
        }
        if order.lines.len() == MOST_LINES {
            return Err(bad(&names.line_no, format!("the order has more than {MOST_LINES} lines")));
        }
        order.lines.push(Line { number: row.number, product, quantity: row.quantity });
        Ok(())
    }

    fn product(&mut self, row: &Row<'_>) -> Result<u32, Bad> {
        let (raw, names) = (row.raw, &self.mapping.columns);
        let id = slug(&raw.product);
        if let Some(&index) = self.products.get(&id) {
            let known = &self.plan.products[index];
            let since = format!("in line {}", known.line);
            if known.name != raw.product {
                let clash = format!("gives the same id as {:?} {since}: {id}", known.name);
                return Err(bad(&names.product, clash));
            }
            if known.unit_price_minor != row.unit_price_minor {
                let price = money::format(known.unit_price_minor, &self.mapping.currency);
                return Err(bad(&names.unit_price, format!("the product cost {price} {since}")));
            }
            if known.categories != raw.categories {
                let path = known.categories.join(" › ");
                let column = names.categories.first().map_or("category", String::as_str);
                return Err(bad(column, format!("the product was in {path} {since}")));
            }
            return Ok(index as u32);
        }
        let index = self.plan.products.len();
        self.plan.products.push(Product {
            id: id.clone(),
            name: raw.product.clone(),
            categories: raw.categories.clone(),
            unit_price_minor: row.unit_price_minor,
            line: raw.line,
            used: false,
        });
        self.products.insert(id, index);
        Ok(index as u32)
    }

    fn dealer(&mut self, row: &Row<'_>) -> Result<usize, Bad> {
        let (raw, names) = (row.raw, &self.mapping.columns);
        let id = slug(&raw.dealer);
        if let Some(&index) = self.dealers.get(&id) {
            let known = &self.plan.dealers[index];
            let since = format!("in line {}", known.line);
            if known.name != raw.dealer {
                let clash = format!("gives the same id as {:?} {since}: {id}", known.name);
                return Err(bad(&names.dealer, clash));
            }
            if known.region != row.region {
                return Err(bad(&names.region, format!("the dealer was elsewhere {since}")));
            }
            if known.city != raw.city {
                return Err(bad(&names.city, format!("the dealer was in {} {since}", known.city)));
            }
            return Ok(index);
        }
        let index = self.plan.dealers.len();
        self.plan.dealers.push(Dealer {
            id: id.clone(),
            name: raw.dealer.clone(),
            city: raw.city.clone(),
            region: row.region,
            line: raw.line,
            used: false,
        });
        self.dealers.insert(id, index);
        Ok(index)
    }

    /// Leaves out spoilt orders, and what only they needed.
    fn finish(mut self) -> Plan {
        let spoilt = self.spoilt;
        self.plan.left_out = spoilt.len() as u64;
        self.plan.orders.retain(|order| !spoilt.contains(&order.id) && !order.lines.is_empty());
        for order in &mut self.plan.orders {
            order.lines.sort_by_key(|line| line.number);
            self.plan.dealers[order.dealer].used = true;
            for line in &order.lines {
                self.plan.products[line.product as usize].used = true;
            }
        }
        self.plan
    }
}

fn number(column: &str, text: &str) -> Result<u32, Bad> {
    match text.parse() {
        Ok(0) => Err(bad(column, "is 0; it must be above")),
        Ok(number) => Ok(number),
        Err(_) => Err(bad(column, format!("{text:?} is not a whole number above 0"))),
    }
}
