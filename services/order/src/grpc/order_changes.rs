//! Requests about changes of orders, and what one comes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::command::{Question, Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, IntoQuestion, Reply};
use proto::order::v1 as api;
use proto::order::v1::order_change_service_server::OrderChangeService;
use tonic::{Request, Status};
use values::{BusinessDate, Minor, OrderId, ProductId, Quantity};

use super::change_making::make;
use super::orders::{Who, seen};
use super::paying::{Bill, means, rules, told_payment};
use super::pricing::{Known, known, priced_again};
use super::promotions::units;
use super::quotes::{given, quoted, sees_money};
use super::reviews::reviewers;
use super::{Api, all, parse, words};
use crate::order::change_refusal::ChangeRefusal;
use crate::order::changing::{Change, ChangeCommand, LineChange, Proposal, Wanted};
use crate::order::review::{Reviewers, steps};
use crate::order::{Commercial, LineQuantity, Order, OrderCommand, OrderRefusal, Placed};
use crate::order_rules::Rules;
use crate::product::Product;
use crate::promotion::PromotionBook;

#[tonic::async_trait]
impl OrderChangeService for Api {
    async fn quote_order_change(
        &self,
        r: Request<api::QuoteOrderChangeRequest>,
    ) -> Reply<api::QuoteOrderChangeResponse> {
        self.0.ask(r).await
    }

    async fn propose_order_change(
        &self,
        r: Request<api::ProposeOrderChangeRequest>,
    ) -> Reply<api::ProposeOrderChangeResponse> {
        self.0.run(r).await
    }

    async fn approve_order_change(
        &self,
        r: Request<api::ApproveOrderChangeRequest>,
    ) -> Reply<api::ApproveOrderChangeResponse> {
        self.0.run(r).await
    }

    async fn refuse_order_change(
        &self,
        r: Request<api::RefuseOrderChangeRequest>,
    ) -> Reply<api::RefuseOrderChangeResponse> {
        self.0.run(r).await
    }

    async fn withdraw_order_change(
        &self,
        r: Request<api::WithdrawOrderChangeRequest>,
    ) -> Reply<api::WithdrawOrderChangeResponse> {
        self.0.run(r).await
    }
}

/// A change that was worked out, with where the terms of promotions stand.
pub(super) struct Worked {
    pub(super) change: Change,
    pub(super) net: Minor,
    pub(super) book: Option<Arc<PromotionBook>>,
}

impl Worked {
    fn must_cost(&self, seen: Option<Minor>, order: &Placed) -> Result<(), OrderRefusal> {
        let (current, currency) = (self.net, order.currency.clone());
        match seen {
            Some(seen) if seen != current => {
                Err(OrderRefusal::AmountChanged { seen, current, currency })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Works a change out: the whole order anew while nothing is agreed, else what is added besides.
async fn worked_out(
    work: &mut Work<'_>,
    order: &Placed,
    changes: Vec<LineChange>,
    (who, on_behalf): (&Who, bool),
    rules: Rules,
) -> Result<Worked, Rejected<OrderRefusal>> {
    let known = known(work, &order.dealer_id, &who.sight, who.today).await?;
    let goods = order.to_price(&changes);
    let (mut book, mut submission) = (None, None);
    if !goods.is_empty() {
        let basket = order.basket_of(&goods, who.today);
        let rules = Rules { stock_checked: order.stocked, ..rules };
        let own = (order.commercial == Commercial::Submitted).then_some(order);
        let priced = priced_again(work, &basket, &known, (false, rules), own).await?;
        (book, submission) = (Some(priced.book), Some(priced.submission));
    }
    let (change, net) = order.costs_after(changes, submission).map_err(Rejected::Refused)?;
    let payment = paid(work, order, &known, (net, rules, who.today)).await?;
    let steps = match change.anew {
        true => order.steps_anew(&rules, net, on_behalf, payment.as_ref()),
        false => steps(&rules, net, order.placed_on_behalf && on_behalf, payment.as_ref()),
    };
    let change = Change { payment, steps, on_behalf, confirm: !rules.reviewed, ..change };
    Ok(Worked { change, net, book })
}

/// What the order is paid from when it costs this much.
async fn paid(
    work: &mut Work<'_>,
    order: &Placed,
    known: &Known,
    (net, rules, today): (Minor, Rules, BusinessDate),
) -> Result<Option<crate::order::Payment>, Rejected<OrderRefusal>> {
    if order.payment.is_none() {
        return Ok(None);
    }
    if net > order.net_minor && order.uses_online() {
        return Err(Rejected::Refused(ChangeRefusal::PaidOnline.into()));
    }
    let mut bill = Bill::of_placed(order);
    bill.net = net;
    let means = means(work, known, &bill, rules, today).await?;
    Ok(means.pay_changed(order, net))
}

/// What somebody does about a change.
pub struct ChangeOrder {
    order_id: OrderId,
    what: What,
    who: Who,
    on_behalf: bool,
    roles: Reviewers,
}

enum What {
    Propose { wanted: Wanted, note: String, seen: Option<Minor> },
    Approve,
    Refuse { reason: String },
    Withdraw,
}

impl Transaction for ChangeOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.who.sight, self.who.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let command = match &self.what {
            What::Propose { wanted, note, seen } => {
                return self.propose(work, (&order, placed), (wanted, note, *seen)).await;
            }
            What::Approve => return self.approve(work, (&order, placed)).await,
            What::Refuse { reason } => ChangeCommand::Refuse { reason: reason.clone() },
            What::Withdraw => ChangeCommand::Withdraw,
        };
        work.decide::<Order>(self.order_id.as_str(), OrderCommand::Change(command)).await
    }
}

impl ChangeOrder {
    async fn propose(
        &self,
        work: &mut Work<'_>,
        (order, placed): (&Order, &Placed),
        (wanted, note, seen): (&Wanted, &str, Option<Minor>),
    ) -> Result<(), Rejected<OrderRefusal>> {
        let changes = changes(work, placed, wanted).await?;
        let rules = rules(work).await?;
        let who = (&self.who, self.on_behalf);
        let mut worked = worked_out(work, placed, changes, who, rules).await?;
        worked.must_cost(seen, placed).map_err(Rejected::Refused)?;
        if placed.commercial == Commercial::Submitted {
            worked.change.note = note.to_owned();
            return make(work, (order, placed), worked, (rules, self.who.today)).await;
        }
        let proposal = Proposal {
            changes: worked.change.changes,
            net_minor: worked.net,
            note: note.to_owned(),
            on_behalf: self.on_behalf,
        };
        let command = ChangeCommand::Propose(Box::new(proposal));
        work.decide::<Order>(self.order_id.as_str(), OrderCommand::Change(command)).await
    }

    async fn approve(
        &self,
        work: &mut Work<'_>,
        (order, placed): (&Order, &Placed),
    ) -> Result<(), Rejected<OrderRefusal>> {
        let proposal = placed.proposal().map_err(Rejected::Refused)?;
        let rules = rules(work).await?;
        let changes = proposal.changes.clone();
        let who = (&self.who, proposal.on_behalf);
        let mut worked = worked_out(work, placed, changes, who, rules).await?;
        worked.must_cost(Some(proposal.net_minor), placed).map_err(Rejected::Refused)?;
        worked.change.note.clone_from(&proposal.note);
        worked.change.roles.clone_from(&self.roles);
        make(work, (order, placed), worked, (rules, self.who.today)).await
    }
}

/// What becomes of the lines, with the names that products have today.
async fn changes(
    work: &mut Work<'_>,
    order: &Placed,
    wanted: &Wanted,
) -> Result<Vec<LineChange>, Rejected<OrderRefusal>> {
    let mut names = BTreeMap::new();
    let own = order.lines.iter().map(|line| &line.product_id);
    for product_id in own.chain(wanted.added.iter().map(|(product_id, _)| product_id)) {
        if !names.contains_key(product_id) {
            let product = work.read::<Product>(product_id.as_str()).await?;
            let name = product.sku().map_or_else(|| product_id.to_string(), |sku| sku.name.clone());
            names.insert(product_id.clone(), name);
        }
    }
    let name = |product_id: &ProductId| names.get(product_id).cloned().unwrap_or_default();
    order.changes(wanted, name).map_err(Rejected::Refused)
}

/// What a change would come to.
pub struct QuoteChange {
    order_id: OrderId,
    wanted: Wanted,
    who: Who,
    on_behalf: bool,
    /// Whether the caller is told what the dealer has.
    money: bool,
}

/// What it would come to.
pub struct ChangeQuote {
    worked: Worked,
    order: Placed,
    money: bool,
}

impl Question for QuoteChange {
    type Answer = ChangeQuote;
    type Refusal = OrderRefusal;

    async fn look(&self, work: &mut Work<'_>) -> Result<ChangeQuote, Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.who.sight, self.who.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let changes = changes(work, placed, &self.wanted).await?;
        let rules = rules(work).await?;
        let who = (&self.who, self.on_behalf);
        let worked = worked_out(work, placed, changes, who, rules).await?;
        Ok(ChangeQuote { worked, order: Placed::clone(placed), money: self.money })
    }
}

impl From<ChangeQuote> for api::QuoteOrderChangeResponse {
    fn from(quote: ChangeQuote) -> Self {
        let ChangeQuote { worked: Worked { change, net, .. }, order, money } = quote;
        Self {
            currency_code: order.currency.to_string(),
            changes: change.changes.iter().map(told_change).collect(),
            previous_net_minor: order.net_minor.0,
            net_minor: net.0,
            lines: change.lines.iter().map(quoted).collect(),
            gifts: change.gifts.iter().map(given).collect(),
            previous_payment: order.payment.as_ref().filter(|_| money).map(told_payment),
            payment: change.payment.as_ref().filter(|_| money).map(told_payment),
            needs_approval: !change.anew,
        }
    }
}

/// What becomes of a line, as callers are told it.
pub fn told_change(change: &LineChange) -> api::ChangedLine {
    api::ChangedLine {
        line_no: change.line_no.unwrap_or_default(),
        product_id: change.product_id.to_string(),
        product_name: change.product_name.clone(),
        before: units(change.before),
        after: units(change.after),
    }
}

fn wanted(
    wrong: &mut Violations,
    lines: &[api::WantedLine],
    added: &[api::QuoteOrderLine],
) -> Option<Wanted> {
    let line = |line: &api::WantedLine| LineQuantity {
        line_no: line.line_no,
        quantity: Quantity::of(line.quantity),
    };
    let added = all(added, |index, line| {
        let product_id = parse(wrong, format!("added[{index}].product_id"), &line.product_id)?;
        Some((product_id, Quantity::of(line.quantity)))
    });
    Some(Wanted { lines: lines.iter().map(line).collect(), added: added? })
}

fn ask(
    mut wrong: Violations,
    order_id: &str,
    call: &Call,
    what: Option<What>,
) -> Result<ChangeOrder, Status> {
    let order_id = parse(&mut wrong, "order_id", order_id);
    let who = Who::of(&mut wrong, call);
    let (on_behalf, roles) = (call.caller.dealer_id.is_none(), reviewers(call));
    let ask = (|| {
        let (order_id, what, who) = (order_id?, what?, who?);
        Some(ChangeOrder { order_id, what, who, on_behalf, roles })
    })();
    wrong.finish(ask)
}

impl IntoQuestion<Order> for api::QuoteOrderChangeRequest {
    type Question = QuoteChange;

    fn into_question(self, call: &Call) -> Result<QuoteChange, Status> {
        let mut wrong = Violations::default();
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let wanted = wanted(&mut wrong, &self.lines, &self.added);
        let who = Who::of(&mut wrong, call);
        let (on_behalf, money) = (call.caller.dealer_id.is_none(), sees_money(&call.caller));
        let question = (|| {
            let (order_id, wanted, who) = (order_id?, wanted?, who?);
            Some(QuoteChange { order_id, wanted, who, on_behalf, money })
        })();
        wrong.finish(question)
    }
}

impl IntoCommand<Order> for api::ProposeOrderChangeRequest {
    type Command = ChangeOrder;

    fn into_command(self, call: &Call) -> Result<ChangeOrder, Status> {
        let mut wrong = Violations::default();
        let wanted = wanted(&mut wrong, &self.lines, &self.added);
        let note = words(&mut wrong, "note", &self.note, 0..=200);
        let seen = self.net_minor.map(Minor);
        let what = (|| Some(What::Propose { wanted: wanted?, note: note?, seen }))();
        ask(wrong, &self.order_id, call, what)
    }
}

impl IntoCommand<Order> for api::ApproveOrderChangeRequest {
    type Command = ChangeOrder;

    fn into_command(self, call: &Call) -> Result<ChangeOrder, Status> {
        ask(Violations::default(), &self.order_id, call, Some(What::Approve))
    }
}

impl IntoCommand<Order> for api::RefuseOrderChangeRequest {
    type Command = ChangeOrder;

    fn into_command(self, call: &Call) -> Result<ChangeOrder, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        ask(wrong, &self.order_id, call, reason.map(|reason| What::Refuse { reason }))
    }
}

impl IntoCommand<Order> for api::WithdrawOrderChangeRequest {
    type Command = ChangeOrder;

    fn into_command(self, call: &Call) -> Result<ChangeOrder, Status> {
        ask(Violations::default(), &self.order_id, call, Some(What::Withdraw))
    }
}
