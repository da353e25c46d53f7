//! Requests about after-sale cases: asking for them, deciding, and taking goods back. How they are
//! settled stands in [`super::settling`].

use std::collections::BTreeMap;

use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::after_sale_service_server::AfterSaleService;
use tonic::{Request, Status};
use values::{AfterSaleId, OrderId, ProductId, Quantity};

use super::orders::{Who, numbered, seen};
use super::{Api, all, parse, unsaid, words};
use crate::after_sale::{
    AfterSale, AfterSaleCommand, AfterSaleRefusal, AfterSaleStatus, Case, CaseLine, Cause,
    Requested, ReturnedLine, Settlement, told,
};
use crate::order::{Arrival, Difference, LineQuantity, Order, OrderCommand, OrderRefusal, Placed};
use crate::rating::Rating;
use crate::stock::{StockCommand, StockItem};

#[tonic::async_trait]
impl AfterSaleService for Api {
    async fn request_after_sale(
        &self,
        r: Request<api::RequestAfterSaleRequest>,
    ) -> Reply<api::RequestAfterSaleResponse> {
        self.0.run(r).await
    }

    async fn approve_after_sale(
        &self,
        r: Request<api::ApproveAfterSaleRequest>,
    ) -> Reply<api::ApproveAfterSaleResponse> {
        self.0.run(r).await
    }

    async fn refuse_after_sale(
        &self,
        r: Request<api::RefuseAfterSaleRequest>,
    ) -> Reply<api::RefuseAfterSaleResponse> {
        self.0.run(r).await
    }

    async fn withdraw_after_sale(
        &self,
        r: Request<api::WithdrawAfterSaleRequest>,
    ) -> Reply<api::WithdrawAfterSaleResponse> {
        self.0.run(r).await
    }

    async fn ship_return(
        &self,
        r: Request<api::ShipReturnRequest>,
    ) -> Reply<api::ShipReturnResponse> {
        self.0.run(r).await
    }

    async fn receive_return(
        &self,
        r: Request<api::ReceiveReturnRequest>,
    ) -> Reply<api::ReceiveReturnResponse> {
        self.0.run(r).await
    }

    async fn settle_after_sale(
        &self,
        r: Request<api::SettleAfterSaleRequest>,
    ) -> Reply<api::SettleAfterSaleResponse> {
        self.0.run(r).await
    }

    async fn rate_after_sale(
        &self,
        r: Request<api::RateAfterSaleRequest>,
    ) -> Reply<api::RateAfterSaleResponse> {
        self.0.run(r).await
    }
}

/// Begins a case.
pub struct RequestAfterSale {
    after_sale_id: AfterSaleId,
    order_id: OrderId,
    wish: Settlement,
    lines: Vec<Difference>,
    note: String,
    who: Who,
}

impl Transaction for RequestAfterSale {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.who.sight, self.who.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let asked = Asking {
            after_sale_id: &self.after_sale_id,
            wish: self.wish,
            note: &self.note,
            at_receipt: false,
        };
        begin(work, placed, asked, &self.lines).await?;
        let lines = self.lines.iter().map(|line| (line.line_no, line.quantity));
        let command = OrderCommand::OpenAfterSale {
            after_sale_id: self.after_sale_id.clone(),
            lines: LineQuantity::per_line(lines),
        };
        work.decide::<Order>(self.order_id.as_str(), command).await
    }
}

/// What begins a case, but for its goods.
struct Asking<'a> {
    after_sale_id: &'a AfterSaleId,
    wish: Settlement,
    note: &'a str,
    at_receipt: bool,
}

/// The case of goods that did not arrive as they were shipped; the order opens it with their receipt.
pub(super) async fn begin_at_receipt(
    work: &mut Work<'_>,
    order: &Placed,
    arrival: &Arrival,
) -> Result<(), Rejected<OrderRefusal>> {
    let Some((after_sale_id, differences)) = &arrival.differing else { return Ok(()) };
    // What the dealer would like is not asked at the receipt; most want to go on with their business.
    let wish = Settlement::CreditNote;
    begin(work, order, Asking { after_sale_id, wish, note: "", at_receipt: true }, differences)
        .await
}

async fn begin(
    work: &mut Work<'_>,
    order: &Placed,
    asked: Asking<'_>,
    goods: &[Difference],
) -> Result<(), Rejected<OrderRefusal>> {
    let mut lines: Vec<CaseLine> = Vec::new();
    for told in goods {
        let line_no = told.line_no;
        if lines.iter().any(|it| (it.line_no, it.cause) == (line_no, told.cause)) {
            return Err(refused(AfterSaleRefusal::CaseLineTwice { line_no }));
        }
        let line = order.lines.iter().find(|line| line.line_no == line_no);
        let line = line.ok_or(Rejected::Refused(OrderRefusal::LineNotFound { line_no }))?;
        lines.push(CaseLine {
            line_no,
            product_id: line.product_id.clone(),
            quantity: told.quantity,
            cause: told.cause,
            note: told.note.clone(),
        });
    }
    let requested = Requested {
        after_sale_id: asked.after_sale_id.clone(),
        order_id: order.order_id.clone(),
        dealer_id: order.dealer_id.clone(),
        currency: order.currency.clone(),
        wish: asked.wish,
        lines,
        note: asked.note.to_owned(),
        at_receipt: asked.at_receipt,
        status: AfterSaleStatus::Requested,
    };
    decide(work, asked.after_sale_id, AfterSaleCommand::Request(Box::new(requested))).await
}

/// Asks something of a case.
pub struct AskAfterSale {
    after_sale_id: AfterSaleId,
    command: AfterSaleCommand,
    who: Who,
}

impl Transaction for AskAfterSale {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let (case, _) = found(work, &self.after_sale_id, &self.who).await?;
        decide(work, &self.after_sale_id, self.command.clone()).await?;
        match &self.command {
            AfterSaleCommand::Refuse { .. } | AfterSaleCommand::Withdraw { .. } => {
                let command = OrderCommand::EndAfterSale {
                    after_sale_id: self.after_sale_id.clone(),
                    settled: Vec::new(),
                    amount: values::Minor::ZERO,
                };
                work.decide::<Order>(case.order_id.as_str(), command).await
            }
            AfterSaleCommand::ReceiveReturn { warehouse_id, lines, .. } => {
                for (product_id, quantity) in sellable(&case, lines) {
                    let command = StockCommand::Receive {
                        product_id: product_id.clone(),
                        warehouse_id: warehouse_id.clone(),
                        quantity,
                        reference: self.after_sale_id.to_string(),
                    };
                    // Of a product whose stock is not kept there is enough, whatever comes back.
                    if work.read::<StockItem>(product_id.as_str()).await?.kept().is_some() {
                        let back = work.decide::<StockItem>(product_id.as_str(), command).await;
                        back.map_err(Rejected::from_other)?;
                    }
                }
                Ok(())
            }
            // These concern the case alone, or are no requests of this kind.
            AfterSaleCommand::Request(_)
            | AfterSaleCommand::Approve { .. }
            | AfterSaleCommand::ShipReturn { .. }
            | AfterSaleCommand::Settle(_)
            | AfterSaleCommand::Rate(_) => Ok(()),
        }
    }
}

/// What can be sold again of each product.
fn sellable(case: &Case, lines: &[ReturnedLine]) -> BTreeMap<ProductId, Quantity> {
    let mut back: BTreeMap<ProductId, Quantity> = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.sellable.is_zero()) {
        let goods = case.lines.iter().find(|goods| goods.line.line_no == line.line_no);
        if let Some(goods) = goods {
            let all = back.entry(goods.line.product_id.clone()).or_default();
            *all = all.plus(line.sellable);
        }
    }
    back
}

/// A case, if there is one and the caller sees its order, with that.
pub(super) async fn found(
    work: &mut Work<'_>,
    after_sale_id: &AfterSaleId,
    who: &Who,
) -> Result<(Case, Placed), Rejected<OrderRefusal>> {
    let after_sale = work.read::<AfterSale>(after_sale_id.as_str()).await?;
    let case = after_sale.case().map_err(refused)?.clone();
    match seen(work, &case.order_id, &who.sight, who.today).await {
        Ok(order) => match &*order {
            Order::Placed(placed) => Ok((case, Placed::clone(placed))),
            Order::Unsubmitted => Err(refused(AfterSaleRefusal::AfterSaleNotFound)),
        },
        // Cases of dealers whom the caller does not see are not there.
        Err(Rejected::Refused(_)) => Err(refused(AfterSaleRefusal::AfterSaleNotFound)),
        Err(other) => Err(other),
    }
}

pub(super) async fn decide(
    work: &mut Work<'_>,
    after_sale_id: &AfterSaleId,
    command: AfterSaleCommand,
) -> Result<(), Rejected<OrderRefusal>> {
    let decided = work.decide::<AfterSale>(after_sale_id.as_str(), command).await;
    decided.map_err(Rejected::from_other)
}

pub(super) fn refused(refusal: AfterSaleRefusal) -> Rejected<OrderRefusal> {
    Rejected::Refused(refusal.into())
}

/// The system's own number for a case that begins with this call.
pub(super) fn own_number(wrong: &mut Violations, call: &Call) -> Option<AfterSaleId> {
    parse(wrong, "after_sale_id", &numbered("AS", call))
}

/// What arrived, as a request tells it.
pub(super) fn arrival(
    wrong: &mut Violations,
    call: &Call,
    lines: Vec<LineQuantity>,
    told: &[api::LineDifference],
) -> Option<Arrival> {
    if told.is_empty() {
        return Some(lines.into());
    }
    let differences = all(told, |index, line| {
        let field = |part| format!("differences[{index}].{part}");
        let note = words(wrong, field("note"), &line.note, 0..=200);
        let cause = told::difference(line.kind()).or_else(|| unsaid(wrong, field("kind")));
        let quantity = Quantity::of(line.quantity);
        Some(Difference { line_no: line.line_no, cause: cause?, quantity, note: note? })
    });
    let after_sale_id = own_number(wrong, call);
    Some(Arrival { lines, differing: Some((after_sale_id?, differences?)) })
}

/// How content somebody is, as a request tells it.
pub(super) fn rating(
    wrong: &mut Violations,
    (goods, service): (u32, u32),
    comment: &str,
) -> Option<Rating> {
    let comment = words(wrong, "comment", comment, 0..=500);
    // The contract has looked at both.
    let score = |told: u32| u8::try_from(told).unwrap_or(5);
    Some(Rating { goods: score(goods), service: score(service), comment: comment? })
}

impl IntoCommand<AfterSale> for api::RequestAfterSaleRequest {
    type Command = RequestAfterSale;

    fn into_command(self, call: &Call) -> Result<RequestAfterSale, Status> {
        let mut wrong = Violations::default();
        let after_sale_id = match self.after_sale_id.as_str() {
            "" => own_number(&mut wrong, call),
            told => parse(&mut wrong, "after_sale_id", told),
        };
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let wish = told::settlement(self.wish()).or_else(|| unsaid(&mut wrong, "wish"));
        let lines = all(&self.lines, |index, line| {
            let field = |part| format!("lines[{index}].{part}");
            let note = words(&mut wrong, field("note"), &line.note, 0..=200);
            let cause = told_cause(&mut wrong, field("cause"), line.cause());
            let quantity = Quantity::of(line.quantity);
            Some(Difference { line_no: line.line_no, cause: cause?, quantity, note: note? })
        });
        let note = words(&mut wrong, "note", &self.note, 0..=500);
        let who = Who::of(&mut wrong, call);
        let command = (|| {
            let (after_sale_id, order_id, wish) = (after_sale_id?, order_id?, wish?);
            let (lines, note, who) = (lines?, note?, who?);
            Some(RequestAfterSale { after_sale_id, order_id, wish, lines, note, who })
        })();
        wrong.finish(command)
    }
}

fn told_cause(wrong: &mut Violations, field: String, told: api::AfterSaleCause) -> Option<Cause> {
    told::cause(told).or_else(|| unsaid(wrong, field))
}

fn ask(
    mut wrong: Violations,
    after_sale_id: &str,
    call: &Call,
    command: Option<AfterSaleCommand>,
) -> Result<AskAfterSale, Status> {
    let after_sale_id = parse(&mut wrong, "after_sale_id", after_sale_id);
    let who = Who::of(&mut wrong, call);
    let ask = (|| {
        let (after_sale_id, command, who) = (after_sale_id?, command?, who?);
        Some(AskAfterSale { after_sale_id, command, who })
    })();
    wrong.finish(ask)
}

impl IntoCommand<AfterSale> for api::ApproveAfterSaleRequest {
    type Command = AskAfterSale;

    fn into_command(self, call: &Call) -> Result<AskAfterSale, Status> {
        let mut wrong = Violations::default();
        let goods_return = self.goods_return;
        let remark = words(&mut wrong, "remark", &self.remark, 0..=500);
        let command = remark.map(|remark| AfterSaleCommand::Approve { goods_return, remark });
        ask(wrong, &self.after_sale_id, call, command)
    }
}

impl IntoCommand<AfterSale> for api::RefuseAfterSaleRequest {
    type Command = AskAfterSale;

    fn into_command(self, call: &Call) -> Result<AskAfterSale, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| AfterSaleCommand::Refuse { reason });
        ask(wrong, &self.after_sale_id, call, command)
    }
}

impl IntoCommand<AfterSale> for api::WithdrawAfterSaleRequest {
    type Command = AskAfterSale;

    fn into_command(self, call: &Call) -> Result<AskAfterSale, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| AfterSaleCommand::Withdraw { reason });
        ask(wrong, &self.after_sale_id, call, command)
    }
}

impl IntoCommand<AfterSale> for api::ShipReturnRequest {
    type Command = AskAfterSale;

    fn into_command(self, call: &Call) -> Result<AskAfterSale, Status> {
        let mut wrong = Violations::default();
        let carrier = words(&mut wrong, "carrier", &self.carrier, 1..=50);
        let number = words(&mut wrong, "tracking_number", &self.tracking_number, 0..=50);
        let command = carrier.zip(number);
        let command = command.map(|(carrier, tracking_number)| AfterSaleCommand::ShipReturn {
            carrier,
            tracking_number,
        });
        ask(wrong, &self.after_sale_id, call, command)
    }
}

impl IntoCommand<AfterSale> for api::ReceiveReturnRequest {
    type Command = AskAfterSale;

    fn into_command(self, call: &Call) -> Result<AskAfterSale, Status> {
        let mut wrong = Violations::default();
        let warehouse_id = parse(&mut wrong, "warehouse_id", &self.warehouse_id);
        let lines = all(&self.lines, |index, line| {
            let field = format!("lines[{index}].cause");
            let cause = told_cause(&mut wrong, field, line.cause())?;
            Some(ReturnedLine {
                line_no: line.line_no,
                cause,
                sellable: Quantity::of(line.sellable),
                scrap: Quantity::of(line.scrap),
                rejected: Quantity::of(line.rejected),
            })
        });
        let last = self.last;
        let command = warehouse_id.zip(lines).map(|(warehouse_id, lines)| {
            AfterSaleCommand::ReceiveReturn { warehouse_id, lines, last }
        });
        ask(wrong, &self.after_sale_id, call, command)
    }
}

impl IntoCommand<AfterSale> for api::RateAfterSaleRequest {
    type Command = AskAfterSale;

    fn into_command(self, call: &Call) -> Result<AskAfterSale, Status> {
        let mut wrong = Violations::default();
        let rating = rating(&mut wrong, (self.goods, self.service), &self.comment);
        ask(wrong, &self.after_sale_id, call, rating.map(AfterSaleCommand::Rate))
    }
}
