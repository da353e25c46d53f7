//! What a document says, read from the log as it was when the fact was recorded: the same each
//! time. Only the codes are those of today, so that a document goes on as soon as they are mended; and
//! an order that was changed since is told as it is now, unless the books have it as it was.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Utc};
use erp::{BizId, Body, Document, Line};
use kernel::log::{Log, ReadError};
use kernel::{Decider, Recorded};
use order::after_sale::{AfterSale, AfterSaleEvent, Case, Settlement};
use order::connection::{CodeKind, Connection, Settings};
use order::order::{Commercial, Order, OrderEvent, Placed};
use order::payment::{OnlinePayment, PaymentEvent};
use order::remittance::{Remittance, RemittanceEvent};
use order::shipment::{Shipment, ShipmentEvent};
use order::tax::Tax;
use values::{BusinessDate, Minor, Quantity};

use crate::documents::Due;

/// Where the days of the books are: both systems keep those of China.
const EAST: i32 = 8 * 3_600;

/// Why an order is not handed over that was cancelled.
pub(crate) const CANCELLED: &str = "订单已取消 · the order was cancelled";

/// What a document comes to.
#[derive(Debug)]
pub(crate) enum Made {
    /// This is handed over.
    Document {
        /// Whose it is.
        dealer_id: String,
        /// What it says; of an order that was changed, what it said before as well, the newest first.
        drafts: Vec<Draft>,
    },
    /// Its order was cancelled: it is not handed over, but an attempt before may have done so.
    Cancelled(BizId),
    /// There is nothing to hand over, for these reasons in both languages.
    Nothing(&'static str),
}

/// What a document says as of some time.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The position that it is told as of.
    pub(crate) as_of: i64,
    /// What it says.
    pub(crate) document: Document,
}

/// Goods that came into a warehouse again, as the books call both.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Back {
    pub(crate) warehouse: String,
    pub(crate) product: String,
    pub(crate) quantity: Quantity,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    #[error("the log does not answer")]
    Log(#[from] ReadError),
    #[error("a fact can not be read")]
    Fact(#[from] serde_json::Error),
    #[error("the log does not have what a document is about: {0}")]
    Missing(&'static str),
}

/// What makes documents of one brand.
pub(crate) struct Maker<'a> {
    pub(crate) log: &'a Log,
    pub(crate) connection: &'a Connection,
    pub(crate) settings: &'a Settings,
    /// The number that the books gave the order.
    pub(crate) order_there: Option<String>,
}

impl Maker<'_> {
    /// What a document says.
    pub(crate) async fn make(&self, due: &Due) -> Result<Made, MakeError> {
        match (due.kind.as_str(), due.aggregate.as_str()) {
            ("sales_order", _) => self.sales_order(due).await,
            ("delivery", Shipment::AGGREGATE) => self.shipment(due).await,
            ("delivery", _) => self.shipped_order(due).await,
            ("return", _) => self.goods_back(due).await,
            (_, OnlinePayment::AGGREGATE) => self.payment(due).await,
            (_, Remittance::AGGREGATE) => self.remittance(due).await,
            _ => Err(MakeError::Missing("its kind")),
        }
    }

    async fn sales_order(&self, due: &Due) -> Result<Made, MakeError> {
        let facts = self.facts::<Order>(due, &due.object_id).await?;
        if placed(&fold::<Order>(&facts, i64::MAX)?)?.commercial == Commercial::Cancelled {
            return Ok(Made::Cancelled(number(due)?));
        }
        let taxes = taxes(&facts)?;
        let mut dealer_id = String::new();
        let mut drafts = Vec::new();
        for as_of in tellings(&facts, due.position)? {
            let order = fold::<Order>(&facts, as_of)?;
            let order = placed(&order)?;
            let lines = order.lines.iter().map(|line| {
                let tax = taxes.get(&line.line_no);
                self.line((line.product_id.as_str(), tax), line.ordered, line.net)
            });
            let body = Body::SalesOrder { lines: some(lines) };
            let note = format!("订单 {}", order.order_id);
            let dealer = order.dealer_id.as_str();
            let document = self.document(due, dealer, (&order.currency, note, body))?;
            dealer.clone_into(&mut dealer_id);
            drafts.push(Draft { as_of, document });
        }
        Ok(Made::Document { dealer_id, drafts })
    }

    async fn shipped_order(&self, due: &Due) -> Result<Made, MakeError> {
        let facts = self.facts::<Order>(due, &due.object_id).await?;
        let before = fold::<Order>(&facts, due.position - 1)?;
        let after = fold::<Order>(&facts, due.position)?;
        let after = placed(&after)?;
        let left: Vec<_> = placed(&before)?
            .lines
            .iter()
            .zip(&after.lines)
            .map(|(before, after)| (after.line_no, after.shipped.less(before.shipped)))
            .collect();
        self.delivery(due, (placed(&before)?, &left), None, &taxes(&facts)?)
    }

    async fn shipment(&self, due: &Due) -> Result<Made, MakeError> {
        let facts = self.facts::<Shipment>(due, &due.object_id).await?;
        let shipment = fold::<Shipment>(&facts, due.position)?;
        let load = shipment.load().map_err(|_| MakeError::Missing("the shipment"))?;
        let event = fact::<Shipment>(&facts, due.position)?;
        let ShipmentEvent::ShipmentShipped { lines, .. } = event else {
            return Err(MakeError::Missing("what left"));
        };
        let orders = self.facts::<Order>(due, load.order_id.as_str()).await?;
        // The order tells the same of itself a moment later, in the same append.
        let before = fold::<Order>(&orders, due.position)?;
        let left: Vec<_> = lines.iter().map(|line| (line.line_no, line.quantity)).collect();
        let warehouse = load.warehouse_id.as_ref().map(|id| id.as_str());
        self.delivery(due, (placed(&before)?, &left), warehouse, &taxes(&orders)?)
    }

    /// Goods that left of an order as it was before they did.
    fn delivery(
        &self,
        due: &Due,
        (before, left): (&Placed, &[(u32, Quantity)]),
        warehouse: Option<&str>,
        taxes: &Taxes,
    ) -> Result<Made, MakeError> {
        let lines = left.iter().filter_map(|(line_no, quantity)| {
            let line = before.lines.iter().find(|line| line.line_no == *line_no)?;
            // What was sent in parts costs together what the line costs.
            let until = |shipped| share(line.net, shipped, line.ordered);
            let after = line.shipped.plus(*quantity);
            let amount = Minor(until(after).0 - until(line.shipped).0);
            Some(self.line((line.product_id.as_str(), taxes.get(line_no)), *quantity, amount))
        });
        let body = Body::Delivery {
            order: self.order_there.clone(),
            warehouse: self.warehouse(warehouse),
            lines: some(lines),
        };
        let note = format!("订单 {} 发货", before.order_id);
        self.made(due, before.dealer_id.as_str(), (&before.currency, note, body))
    }

    async fn goods_back(&self, due: &Due) -> Result<Made, MakeError> {
        let facts = self.facts::<AfterSale>(due, &due.object_id).await?;
        let case = fold::<AfterSale>(&facts, due.position)?;
        let case = case.case().map_err(|_| MakeError::Missing("the case"))?;
        let AfterSaleEvent::AfterSaleSettled(settled) = fact::<AfterSale>(&facts, due.position)?
        else {
            return Err(MakeError::Missing("how it was settled"));
        };
        let mut warehouse = None;
        for recorded in &facts {
            if let AfterSaleEvent::ReturnReceived { warehouse_id, .. } = recorded.decode()? {
                warehouse = Some(warehouse_id);
            }
        }
        // What is sent again comes as an order for nothing; what comes to nothing is no credit.
        let (credited, remark) = match settled.settlement {
            Settlement::Refund | Settlement::CreditNote => (true, ""),
            Settlement::Replacement => (false, "（补发换货，不计金额）"),
            Settlement::WriteOff => (false, "（不予补偿，不计金额）"),
        };
        let taxes = taxes(&self.facts::<Order>(due, settled.order_id.as_str()).await?)?;
        let lines = settled.lines.iter().filter_map(|line| {
            let (product, back) = came_back(case, line.line_no)?;
            let worth = if credited { line.worth_minor } else { Minor::ZERO };
            let goods = (product, taxes.get(&line.line_no));
            Some(self.line(goods, back, share(worth, back, line.quantity)))
        });
        let lines = some(lines);
        if lines.is_empty() {
            return Ok(Made::Nothing("没有退回商品 · no goods came back"));
        }
        let body = Body::Return {
            order: self.order_there.clone(),
            warehouse: self.warehouse(warehouse.as_ref().map(|id| id.as_str())),
            lines,
        };
        let note = format!("订单 {} 售后 {}{remark}", settled.order_id, settled.after_sale_id);
        self.made(due, settled.dealer_id.as_str(), (&settled.currency, note, body))
    }

    /// What came back of a case up to a position and can be sold again, as it came into warehouses.
    pub(crate) async fn back(
        &self,
        (tenant, after_sale_id): (&str, &str),
        until: i64,
    ) -> Result<Vec<Back>, MakeError> {
        let kind = Some(AfterSale::AGGREGATE);
        let facts = self.log.read_object(tenant, kind, after_sale_id).await?;
        let case = fold::<AfterSale>(&facts, until)?;
        let case = case.case().map_err(|_| MakeError::Missing("the case"))?;
        let mut all = Vec::new();
        for recorded in facts.iter().filter(|it| it.position.cast_signed() <= until) {
            let AfterSaleEvent::ReturnReceived { warehouse_id, lines, .. } = recorded.decode()?
            else {
                continue;
            };
            let warehouse = self.connection.code(CodeKind::Warehouse, warehouse_id.as_str());
            for line in lines.iter().filter(|line| !line.sellable.is_zero()) {
                let goods = case.lines.iter().find(|goods| goods.line.line_no == line.line_no);
                let goods = goods.ok_or(MakeError::Missing("a line of the case"))?;
                let product = goods.line.product_id.as_str();
                all.push(Back {
                    warehouse: warehouse.to_owned(),
                    product: self.connection.code(CodeKind::Product, product).to_owned(),
                    quantity: line.sellable,
                });
            }
        }
        Ok(all)
    }

    async fn payment(&self, due: &Due) -> Result<Made, MakeError> {
        let facts = self.facts::<OnlinePayment>(due, &due.object_id).await?;
        let mut dealer = None;
        for recorded in &facts {
            if let PaymentEvent::PaymentStarted(started) = recorded.decode()? {
                dealer = Some(started.dealer_id);
            }
        }
        let dealer = dealer.ok_or(MakeError::Missing("the payment"))?;
        let event = fact::<OnlinePayment>(&facts, due.position)?;
        let PaymentEvent::PaymentCaptured { order_id, currency, transaction, .. } = event else {
            return Err(MakeError::Missing("what was paid"));
        };
        let body = Body::Receipt {
            amount: transaction.amount_minor,
            account: None,
            reference: transaction.transaction_id,
        };
        let note = format!("订单 {order_id} 在线支付");
        self.made(due, dealer.as_str(), (&currency, note, body))
    }

    async fn remittance(&self, due: &Due) -> Result<Made, MakeError> {
        let facts = self.facts::<Remittance>(due, &due.object_id).await?;
        let RemittanceEvent::RemittanceConfirmed {
            remittance_id,
            dealer_id,
            currency,
            received_minor,
            bank_reference,
            ..
        } = fact::<Remittance>(&facts, due.position)?
        else {
            return Err(MakeError::Missing("what has arrived"));
        };
        let body =
            Body::Receipt { amount: received_minor, account: None, reference: bank_reference };
        let note = format!("汇款 {remittance_id}");
        self.made(due, dealer_id.as_str(), (&currency, note, body))
    }

    async fn facts<D: Decider>(&self, due: &Due, id: &str) -> Result<Vec<Recorded>, MakeError> {
        Ok(self.log.read_object(&due.tenant_id, Some(D::AGGREGATE), id).await?)
    }

    /// As its order has taxed it; where nobody had said how, as the brand has said for its books.
    fn line(
        &self,
        (product, tax): (&str, Option<&Tax>),
        quantity: Quantity,
        amount: Minor,
    ) -> Line {
        Line {
            product: self.connection.code(CodeKind::Product, product).to_owned(),
            unit: self.connection.unit(self.settings, product).to_owned(),
            quantity,
            amount,
            tax_percent: tax.map_or(self.settings.tax_percent, |tax| percent(*tax)),
        }
    }

    fn warehouse(&self, own: Option<&str>) -> String {
        let code = own.map(|own| self.connection.code(CodeKind::Warehouse, own));
        code.unwrap_or(&self.settings.warehouse).to_owned()
    }

    /// A document that says the same whenever it is made.
    fn made(
        &self,
        due: &Due,
        dealer: &str,
        told: (&values::Currency, String, Body),
    ) -> Result<Made, MakeError> {
        let draft = Draft { as_of: due.position, document: self.document(due, dealer, told)? };
        Ok(Made::Document { dealer_id: dealer.to_owned(), drafts: vec![draft] })
    }

    fn document(
        &self,
        due: &Due,
        dealer: &str,
        (currency, note, body): (&values::Currency, String, Body),
    ) -> Result<Document, MakeError> {
        Ok(Document {
            biz_id: number(due)?,
            day: day(due.recorded_at)?,
            customer: self.connection.code(CodeKind::Dealer, dealer).to_owned(),
            currency: currency.clone(),
            note,
            body,
        })
    }
}

/// How the lines of an order are taxed, as far as that was said on its day.
type Taxes = BTreeMap<u32, Tax>;

fn taxes(facts: &[Recorded]) -> Result<Taxes, MakeError> {
    let mut taxes = Taxes::new();
    for recorded in facts {
        let event: OrderEvent = recorded.decode()?;
        let lines = if let OrderEvent::OrderSubmitted(order) = event {
            order.lines
        } else if let OrderEvent::OrderChanged(changed) = event {
            changed.lines
        } else {
            continue;
        };
        taxes.extend(lines.into_iter().filter_map(|line| Some((line.line_no, line.tax?.tax))));
    }
    Ok(taxes)
}

/// The books take whole percents. Another rate is none to them: the document is refused, and waits
/// for a person.
fn percent(tax: Tax) -> u8 {
    let rate = tax.rate_ppm();
    let whole = rate.is_multiple_of(10_000).then(|| u8::try_from(rate / 10_000).ok());
    whole.flatten().unwrap_or(u8::MAX)
}

fn number(due: &Due) -> Result<BizId, MakeError> {
    due.number.parse().map_err(|_| MakeError::Missing("its number"))
}

/// The positions as of which an order may have been told: where it was confirmed, and where it became
/// another one since; the newest first.
fn tellings(facts: &[Recorded], confirmed: i64) -> Result<Vec<i64>, MakeError> {
    let mut all = vec![confirmed];
    for recorded in facts.iter().filter(|it| it.position.cast_signed() > confirmed) {
        let event: OrderEvent = recorded.decode()?;
        if let OrderEvent::OrderChanged(_) | OrderEvent::OrderShortClosed { .. } = event {
            all.push(recorded.position.cast_signed());
        }
    }
    all.reverse();
    Ok(all)
}

/// Lines of which there is something.
fn some(lines: impl Iterator<Item = Line>) -> Vec<Line> {
    lines.filter(|line| !line.quantity.is_zero()).collect()
}

/// Of a line of a case: the product, and how many of it came back and were accepted.
fn came_back(case: &Case, line_no: u32) -> Option<(&str, Quantity)> {
    let of_line = || case.lines.iter().filter(move |goods| goods.line.line_no == line_no);
    let product = of_line().next()?.line.product_id.as_str();
    let back = case.goods_return.then(|| Quantity::total(of_line().map(|goods| goods.accepted)));
    Some((product, back?))
}

/// What some of so many are worth.
fn share(worth: Minor, some: Quantity, all: Quantity) -> Minor {
    if all.is_zero() {
        return Minor::ZERO;
    }
    let part = i128::from(worth.0) * i128::from(some.get().min(all.get())) / i128::from(all.get());
    Minor(i64::try_from(part).unwrap_or(worth.0))
}

fn day(at: DateTime<Utc>) -> Result<BusinessDate, MakeError> {
    let east = FixedOffset::east_opt(EAST).ok_or(MakeError::Missing("the day"))?;
    let day = at.with_timezone(&east).date_naive().to_string();
    day.parse().map_err(|_| MakeError::Missing("the day"))
}

fn placed(order: &Order) -> Result<&Placed, MakeError> {
    match order {
        Order::Placed(placed) => Ok(placed),
        Order::Unsubmitted => Err(MakeError::Missing("the order")),
    }
}

/// An object as it was after a position.
fn fold<D: Decider>(facts: &[Recorded], position: i64) -> Result<D, MakeError> {
    let mut state = D::default();
    for recorded in facts.iter().filter(|it| it.position.cast_signed() <= position) {
        state.evolve(recorded.decode()?);
    }
    Ok(state)
}

/// The fact at a position.
fn fact<D: Decider>(facts: &[Recorded], position: i64) -> Result<D::Event, MakeError> {
    let found = facts.iter().find(|it| it.position.cast_signed() == position);
    Ok(found.ok_or(MakeError::Missing("the fact"))?.decode()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_worth_together_what_all_is() {
        let (worth, all) = (Minor(1_000), Quantity::of(3));
        let until = |some| share(worth, Quantity::of(some), all).0;
        let parts: Vec<_> = (1..=3).map(|some| until(some) - until(some - 1)).collect();
        assert_eq!(parts, [333, 333, 334]);
        assert_eq!(share(worth, Quantity::of(1), Quantity::ZERO), Minor::ZERO);
    }

    #[test]
    fn a_day_is_that_of_china() {
        let late: DateTime<Utc> = "2026-11-26T16:00:00Z".parse().expect("a time");
        assert_eq!(day(late).expect("a day").to_string(), "2026-11-27");
    }
}
