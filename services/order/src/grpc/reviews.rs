//! Requests about the review of orders.

use kernel::Decider as _;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::order_review_service_server::OrderReviewService;
use tonic::{Request, Status};
use values::OrderId;

use super::orders::{Who, give_back, seen};
use super::paying::{paid_on, rules};
use super::payments::give_back_money;
use super::shipments::hand_over;
use super::stocking::moved;
use super::{Api, parse, unsaid, words};
use crate::credit::Lending;
use crate::order::review::{ReviewCommand, Reviewers, StepKind};
use crate::order::{Order, OrderCommand, OrderRefusal};

#[tonic::async_trait]
impl OrderReviewService for Api {
    async fn approve_order(
        &self,
        r: Request<api::ApproveOrderRequest>,
    ) -> Reply<api::ApproveOrderResponse> {
        self.0.run(r).await
    }

    async fn send_back_order(
        &self,
        r: Request<api::SendBackOrderRequest>,
    ) -> Reply<api::SendBackOrderResponse> {
        self.0.run(r).await
    }

    async fn refuse_order(
        &self,
        r: Request<api::RefuseOrderRequest>,
    ) -> Reply<api::RefuseOrderResponse> {
        self.0.run(r).await
    }

    async fn resubmit_order(
        &self,
        r: Request<api::ResubmitOrderRequest>,
    ) -> Reply<api::ResubmitOrderResponse> {
        self.0.run(r).await
    }
}

/// Takes a step of the review of an order, or begins it anew.
pub struct ReviewOrder {
    order_id: OrderId,
    verdict: Verdict,
    who: Who,
}

enum Verdict {
    Step(ReviewCommand),
    Again { note: String },
}

impl Transaction for ReviewOrder {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.who.sight, self.who.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let rules = rules(work).await?;
        let command = match &self.verdict {
            Verdict::Step(command) => command.clone(),
            Verdict::Again { note } => {
                // As it is: nobody else wants it than before.
                let (net, paid) = (placed.net_minor, placed.payment.as_ref());
                let steps = placed.steps_anew(&rules, net, true, paid);
                ReviewCommand::Resubmit { steps: steps.unwrap_or_default(), note: note.clone() }
            }
        };
        let ends = match &command {
            ReviewCommand::Refuse { reason, .. } => Some(reason.clone()),
            ReviewCommand::Approve { .. }
            | ReviewCommand::SendBack { .. }
            | ReviewCommand::Resubmit { .. } => None,
        };
        let command = OrderCommand::Review(command);
        work.decide::<Order>(self.order_id.as_str(), command.clone()).await?;
        let after = order.after(command).map_err(Rejected::Refused)?;
        if let Some(reason) = ends {
            give_back(work, placed, placed.promotions.iter()).await?;
            give_back_money(work, &order, &after, &reason).await?;
        }
        hand_over(work, rules, (&order, &after), None).await?;
        moved(work, (&self.order_id, placed.back_order), order.stock_shifts(&after)).await?;
        paid_on(work, &order, &after, (self.who.today, Lending::default())).await
    }
}

/// Which step somebody takes.
fn step(wrong: &mut Violations, told: api::ReviewStep) -> Option<StepKind> {
    match told {
        api::ReviewStep::Unspecified => unsaid(wrong, "step"),
        api::ReviewStep::Sales => Some(StepKind::Sales),
        api::ReviewStep::Finance => Some(StepKind::Finance),
    }
}

/// In which roles somebody takes steps.
pub(super) fn reviewers(call: &Call) -> Reviewers {
    Reviewers::of(|role| call.caller.has(role))
}

fn ask(
    mut wrong: Violations,
    order_id: &str,
    call: &Call,
    verdict: Option<Verdict>,
) -> Result<ReviewOrder, Status> {
    let order_id = parse(&mut wrong, "order_id", order_id);
    let who = Who::of(&mut wrong, call);
    let ask = (|| Some(ReviewOrder { order_id: order_id?, verdict: verdict?, who: who? }))();
    wrong.finish(ask)
}

impl IntoCommand<Order> for api::ApproveOrderRequest {
    type Command = ReviewOrder;

    fn into_command(self, call: &Call) -> Result<ReviewOrder, Status> {
        let mut wrong = Violations::default();
        let step = step(&mut wrong, self.step());
        let note = words(&mut wrong, "note", &self.note, 0..=200);
        let roles = reviewers(call);
        let command = (|| Some(ReviewCommand::Approve { step: step?, note: note?, roles }))();
        ask(wrong, &self.order_id, call, command.map(Verdict::Step))
    }
}

impl IntoCommand<Order> for api::SendBackOrderRequest {
    type Command = ReviewOrder;

    fn into_command(self, call: &Call) -> Result<ReviewOrder, Status> {
        let mut wrong = Violations::default();
        let step = step(&mut wrong, self.step());
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let roles = reviewers(call);
        let command = (|| Some(ReviewCommand::SendBack { step: step?, reason: reason?, roles }))();
        ask(wrong, &self.order_id, call, command.map(Verdict::Step))
    }
}

impl IntoCommand<Order> for api::RefuseOrderRequest {
    type Command = ReviewOrder;

    fn into_command(self, call: &Call) -> Result<ReviewOrder, Status> {
        let mut wrong = Violations::default();
        let step = step(&mut wrong, self.step());
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let roles = reviewers(call);
        let command = (|| Some(ReviewCommand::Refuse { step: step?, reason: reason?, roles }))();
        ask(wrong, &self.order_id, call, command.map(Verdict::Step))
    }
}

impl IntoCommand<Order> for api::ResubmitOrderRequest {
    type Command = ReviewOrder;

    fn into_command(self, call: &Call) -> Result<ReviewOrder, Status> {
        let mut wrong = Violations::default();
        let note = words(&mut wrong, "note", &self.note, 0..=200);
        ask(wrong, &self.order_id, call, note.map(|note| Verdict::Again { note }))
    }
}
