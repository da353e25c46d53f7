//! Stock: what there is for orders, and requests about it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::command::{Addressed, Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::stock_service_server::StockService;
use tonic::{Request, Status};
use values::{BusinessDate, OrderId, ProductId, Quantity, WarehouseId};

use super::{Api, all, parse, words};
use crate::order::stocking::StockShifts;
use crate::order::{OrderRefusal, Submission};
use crate::product::Product;
use crate::shift::Shift;
use crate::stock::{StockCommand, StockItem, StockRefusal};

/// What there is of products whose stock is kept.
#[derive(Default)]
pub(super) struct Shelves {
    looked: BTreeSet<ProductId>,
    /// The order that is changed: it can have again what it has.
    pub(super) own: Option<OrderId>,
    pub(super) there: BTreeMap<ProductId, Quantity>,
    /// When more is expected, where the brand says so.
    pub(super) expected: BTreeMap<ProductId, BusinessDate>,
}

impl Shelves {
    /// Looks at a product, once.
    pub(super) async fn look_at(
        &mut self,
        work: &mut Work<'_>,
        product_id: &ProductId,
    ) -> Result<(), Rejected<OrderRefusal>> {
        if self.looked.insert(product_id.clone()) {
            let stock: Arc<StockItem> = work.read::<StockItem>(product_id.as_str()).await?;
            if let Some(kept) = stock.kept() {
                let own = self.own.iter().flat_map(|order_id| stock.kept_for(order_id));
                let own = Quantity::total(own.map(|(_, quantity)| quantity));
                self.there.insert(product_id.clone(), kept.available().plus(own));
                let expected = kept.expected_on.map(|day| (product_id.clone(), day));
                self.expected.extend(expected);
            }
        }
        Ok(())
    }
}

/// What an order takes of each product.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) goods: BTreeMap<ProductId, Quantity>,
    /// Whether what is not there may wait.
    pub(super) waits: bool,
}

impl Wanted {
    /// That of an order that begins; none where stock is not looked at.
    pub(super) fn of(submission: &Submission) -> Option<Self> {
        let wanted = || Self { goods: submission.wanted(), waits: submission.back_order };
        submission.stocked.then(wanted)
    }
}

/// Keeps what an order takes.
pub(super) async fn reserve(
    work: &mut Work<'_>,
    order_id: &OrderId,
    Wanted { goods, waits }: Wanted,
) -> Result<(), Rejected<OrderRefusal>> {
    let hold = |(product_id, hold)| (product_id, Shift { hold, ..Shift::default() });
    moved(work, (order_id, waits), goods.into_iter().map(hold).collect()).await
}

/// Lets stock follow an order, which may wait for what is not there, or may not.
pub(super) async fn moved(
    work: &mut Work<'_>,
    (order_id, waits): (&OrderId, bool),
    shifts: StockShifts,
) -> Result<(), Rejected<OrderRefusal>> {
    for (product_id, shift) in shifts {
        let command = StockCommand::Follow { order_id: order_id.clone(), shift, waits };
        let followed = work.decide::<StockItem>(product_id.as_str(), command).await;
        followed.map_err(Rejected::from_other)?;
    }
    Ok(())
}

#[tonic::async_trait]
impl StockService for Api {
    async fn count_stock(
        &self,
        r: Request<api::CountStockRequest>,
    ) -> Reply<api::CountStockResponse> {
        self.0.run(r).await
    }

    async fn receive_stock(
        &self,
        r: Request<api::ReceiveStockRequest>,
    ) -> Reply<api::ReceiveStockResponse> {
        self.0.run(r).await
    }

    async fn end_stock(&self, r: Request<api::EndStockRequest>) -> Reply<api::EndStockResponse> {
        self.0.run(r).await
    }
}

/// Tells of several products at once: all of it is stored, or nothing.
pub struct TellStock(Vec<(ProductId, StockCommand)>);

impl Transaction for TellStock {
    type Refusal = StockRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<StockRefusal>> {
        let mut told = BTreeSet::new();
        for (product_id, command) in &self.0 {
            if !told.insert(product_id) {
                let product_id = product_id.clone();
                return Err(Rejected::Refused(StockRefusal::ProductTwice { product_id }));
            }
            if let Product::Unpublished = *work.read::<Product>(product_id.as_str()).await? {
                let product_id = product_id.clone();
                return Err(Rejected::Refused(StockRefusal::UnknownProduct { product_id }));
            }
            work.decide::<StockItem>(product_id.as_str(), command.clone()).await?;
        }
        Ok(())
    }
}

/// What is told of several products of one warehouse, with a word about it; `most` is its longest.
fn told<'a>(
    (warehouse_id, items): (&str, impl Iterator<Item = (&'a str, u32)>),
    (field, word, most): (&str, &str, usize),
    command: impl Fn(ProductId, WarehouseId, Quantity, String) -> StockCommand,
) -> Result<TellStock, Status> {
    let mut wrong = Violations::default();
    let warehouse_id: Option<WarehouseId> = parse(&mut wrong, "warehouse_id", warehouse_id);
    let word = words(&mut wrong, field, word, 0..=most);
    let items: Vec<_> = items.collect();
    let items = all(&items, |index, (product_id, units)| {
        let field = format!("items[{index}].product_id");
        let product_id: ProductId = parse(&mut wrong, field, product_id)?;
        Some((product_id, Quantity::of(*units)))
    });
    let tell = (|| {
        let (warehouse_id, word) = (warehouse_id?, word?);
        let one = |(product_id, units): (ProductId, Quantity)| {
            let (warehouse_id, word) = (warehouse_id.clone(), word.clone());
            (product_id.clone(), command(product_id, warehouse_id, units, word))
        };
        Some(TellStock(items?.into_iter().map(one).collect()))
    })();
    wrong.finish(tell)
}

impl IntoCommand<StockItem> for api::CountStockRequest {
    type Command = TellStock;

    fn into_command(self, _: &Call) -> Result<TellStock, Status> {
        let items = self.items.iter().map(|item| (item.product_id.as_str(), item.on_hand));
        told(
            (&self.warehouse_id, items),
            ("reason", &self.reason, 200),
            |product_id, warehouse_id, on_hand, reason| StockCommand::Count {
                product_id,
                warehouse_id,
                on_hand,
                reason,
            },
        )
    }
}

impl IntoCommand<StockItem> for api::ReceiveStockRequest {
    type Command = TellStock;

    fn into_command(self, _: &Call) -> Result<TellStock, Status> {
        let items = self.items.iter().map(|item| (item.product_id.as_str(), item.quantity));
        told(
            (&self.warehouse_id, items),
            ("reference", &self.reference, 64),
            |product_id, warehouse_id, quantity, reference| StockCommand::Receive {
                product_id,
                warehouse_id,
                quantity,
                reference,
            },
        )
    }
}

impl IntoCommand<StockItem> for api::EndStockRequest {
    type Command = Addressed<StockItem>;

    fn into_command(self, _: &Call) -> Result<Addressed<StockItem>, Status> {
        let mut wrong = Violations::default();
        parse::<ProductId>(&mut wrong, "product_id", &self.product_id);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = StockCommand::End { reason: wrong.finish(reason)? };
        Ok(Addressed { object_id: self.product_id, command })
    }
}
