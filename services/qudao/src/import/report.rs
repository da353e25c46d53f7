//! What an import did, for people and for scripts.

use serde::Serialize;

use super::mapping::{Mapping, Reached};
use super::plan::{BadRow, Plan, Totals};
use crate::client::{failure, money, output};

/// Most bad rows and refusals that the text shows; `--json` has more.
const MOST_SHOWN: usize = 50;

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) dry_run: bool,
    /// Rows of the file, without the header.
    pub(crate) rows: u64,
    /// Of all kinds of steps together.
    pub(crate) created: u64,
    pub(crate) unchanged: u64,
    pub(crate) refused: u64,
    /// Rows that are no good; the list has at most the first 10,000.
    pub(crate) bad: u64,
    pub(crate) orders_left_out: u64,
    pub(crate) currency: String,
    /// What the good orders of the file add up to.
    pub(crate) totals: Totals,
    pub(crate) steps: Vec<Step>,
    /// Last position in the order log that the import knows of; pass it as `--min-position`.
    pub(crate) position: u64,
    pub(crate) bad_rows: Vec<BadRow>,
    pub(crate) refusals: Vec<Refusal>,
}

/// One kind of thing that an import does.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) step: Kind,
    /// How many there are to do.
    pub(crate) planned: u64,
    pub(crate) created: u64,
    pub(crate) unchanged: u64,
    pub(crate) refused: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Regions,
    Dealers,
    Products,
    PriceLists,
    Prices,
    Orders,
    Confirmations,
    Shipments,
    Receipts,
}

/// Something that the server would not take.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    pub(crate) step: Kind,
    pub(crate) object: String,
    pub(crate) reason: String,
}

/// What became of one step.
#[derive(Debug)]
pub(super) enum Outcome {
    Created,
    Unchanged,
    Refused(String),
}

impl Kind {
    /// What takes an order that far.
    pub(super) fn of(step: Reached) -> Self {
        match step {
            Reached::Submitted => Self::Orders,
            Reached::Confirmed => Self::Confirmations,
            Reached::Shipped => Self::Shipments,
            Reached::Received => Self::Receipts,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Regions => "regions",
            Self::Dealers => "dealers",
            Self::Products => "products",
            Self::PriceLists => "price lists",
            Self::Prices => "prices",
            Self::Orders => "orders",
            Self::Confirmations => "confirmations",
            Self::Shipments => "shipments",
            Self::Receipts => "receipts",
        }
    }
}

impl Report {
    /// Before anything is done.
    pub(super) fn planned(plan: &Plan, mapping: &Mapping) -> Self {
        let orders = |least: Reached| {
            plan.orders.iter().filter(|order| mapping.reached(order.date) >= least).count()
        };
        let products = plan.products_used().count();
        let steps = [
            (Kind::Regions, mapping.regions.len()),
            (Kind::Dealers, plan.dealers_used().count()),
            (Kind::Products, products),
            (Kind::PriceLists, 1),
            (Kind::Prices, products),
            (Kind::Orders, plan.orders.len()),
            (Kind::Confirmations, orders(Reached::Confirmed)),
            (Kind::Shipments, orders(Reached::Shipped)),
            (Kind::Receipts, orders(Reached::Received)),
        ];
        Self {
            dry_run: false,
            rows: plan.rows,
            created: 0,
            unchanged: 0,
            refused: 0,
            bad: plan.bad_count,
            orders_left_out: plan.left_out,
            currency: mapping.currency.clone(),
            totals: plan.totals(),
            steps: steps.into_iter().map(|(step, planned)| Step::new(step, planned)).collect(),
            position: 0,
            bad_rows: plan.bad.clone(),
            refusals: Vec::new(),
        }
    }

    /// Nothing is going to be done.
    pub(crate) fn dry(plan: &Plan, mapping: &Mapping) -> Self {
        Self { dry_run: true, ..Self::planned(plan, mapping) }
    }

    pub(super) fn planned_steps(&self) -> u64 {
        self.steps.iter().map(|step| step.planned).sum()
    }

    pub(super) fn note(&mut self, kind: Kind, object: &str, outcome: Outcome) {
        let Some(step) = self.steps.iter_mut().find(|step| step.step == kind) else { return };
        match outcome {
            Outcome::Created => {
                step.created += 1;
                self.created += 1;
            }
            Outcome::Unchanged => {
                step.unchanged += 1;
                self.unchanged += 1;
            }
            Outcome::Refused(reason) => {
                step.refused += 1;
                self.refused += 1;
                self.refusals.push(Refusal { step: kind, object: object.to_owned(), reason });
            }
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        if self.bad > 0 || self.refused > 0 { failure::REFUSED } else { 0 }
    }

    pub(crate) fn text(&self) -> String {
        let bad = self.bad_rows.iter().take(MOST_SHOWN).map(BadRow::line);
        let refusals = self.refusals.iter().take(MOST_SHOWN);
        let mut text: Vec<String> = bad
            .chain(refusals.map(|it| format!("{} {}: {}", it.step.title(), it.object, it.reason)))
            .collect();
        let more = (self.bad + self.refused).saturating_sub(text.len() as u64);
        if more > 0 {
            text.push(format!("… and {more} more; see --json"));
        }
        if !text.is_empty() {
            text.push(String::new());
        }
        text.push(self.table());
        text.push(String::new());
        text.extend(self.summary());
        text.join("\n")
    }

    fn table(&self) -> String {
        let columns: &[&str] = if self.dry_run {
            &["step", ">would be done"]
        } else {
            &["step", ">created", ">unchanged", ">refused"]
        };
        let rows = self.steps.iter().map(|step| {
            let figures = if self.dry_run {
                vec![step.planned]
            } else {
                vec![step.created, step.unchanged, step.refused]
            };
            let title = step.step.title().to_owned();
            std::iter::once(title).chain(figures.into_iter().map(count)).collect()
        });
        output::lines(&output::table(columns, rows))
    }

    fn summary(&self) -> Vec<String> {
        let Totals { orders, lines, quantity, gross_minor } = self.totals;
        let mut text = vec![format!(
            "{} orders, {} lines, {} units, {} {}",
            count(orders),
            count(lines),
            count(quantity),
            money::format(gross_minor, &self.currency),
            self.currency
        )];
        if self.bad > 0 {
            text.push(format!(
                "bad rows: {} of {}; orders left out as a whole: {}",
                count(self.bad),
                count(self.rows),
                count(self.orders_left_out)
            ));
        }
        text.push(if self.dry_run {
            "dry run: nothing was sent".to_owned()
        } else {
            let all = [self.created, self.unchanged, self.refused, self.bad].map(count);
            let [created, unchanged, refused, bad] = all;
            format!("created {created} · unchanged {unchanged} · refused {refused} · bad {bad}")
        });
        text
    }
}

impl Step {
    fn new(step: Kind, planned: usize) -> Self {
        Self { step, planned: planned as u64, created: 0, unchanged: 0, refused: 0 }
    }
}

impl BadRow {
    fn line(&self) -> String {
        let column =
            self.column.as_ref().map(|name| format!(", column {name}")).unwrap_or_default();
        let order = self.order.as_ref().map(|id| format!(" (order {id} is left out)"));
        format!("line {}{column}: {}{}", self.line, self.reason, order.unwrap_or_default())
    }
}

fn count(number: u64) -> String {
    money::count(i64::try_from(number).unwrap_or(i64::MAX))
}
