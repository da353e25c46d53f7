//! Requests about payments through providers, of people and of what talks to providers.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::auth::POLICY;
use kernel::clock;
use kernel::command::{Rejected, Transaction as Asking, Work};
use kernel::failure::{self, Violations};
use kernel::rpc::{Call, IntoCommand, Reply};
use kernel::{Decider as _, Text};
use proto::order::v1 as api;
use proto::order::v1::payment_service_server::PaymentService;
use tonic::{Request, Status};
use uuid::Uuid;
use values::{Minor, OrderId, PaymentId};

use super::orders::{Who, seen, signs};
use super::paying::{paid_on, rules};
use super::shipments::hand_over;
use super::{Api, parse, unsaid, words};
use crate::credit::Lending;
use crate::order::{Order, OrderCommand, OrderRefusal, Placed};
use crate::payment::{
    Closure, OnlinePayment, PaymentCommand, PaymentRefusal, PaymentStarted, PaymentStatus,
    Provider, Scene, Transaction, Verdict,
};

/// The part of the system that talks to providers.
const PAYMENTS: &str = "payments";
/// How long a payment can be paid.
const TIME_TO_PAY: TimeDelta = TimeDelta::minutes(15);

#[tonic::async_trait]
impl PaymentService for Api {
    async fn start_payment(
        &self,
        r: Request<api::StartPaymentRequest>,
    ) -> Reply<api::StartPaymentResponse> {
        self.0.run(r).await
    }

    async fn withdraw_payment(
        &self,
        r: Request<api::WithdrawPaymentRequest>,
    ) -> Reply<api::WithdrawPaymentResponse> {
        self.0.run(r).await
    }

    async fn settle_parked_payment(
        &self,
        r: Request<api::SettleParkedPaymentRequest>,
    ) -> Reply<api::SettleParkedPaymentResponse> {
        self.0.run(r).await
    }

    async fn retry_refund(
        &self,
        r: Request<api::RetryRefundRequest>,
    ) -> Reply<api::RetryRefundResponse> {
        self.0.run(r).await
    }

    async fn note_payment_presented(
        &self,
        r: Request<api::NotePaymentPresentedRequest>,
    ) -> Reply<api::NotePaymentPresentedResponse> {
        self.0.run(r).await
    }

    async fn note_payment_captured(
        &self,
        r: Request<api::NotePaymentCapturedRequest>,
    ) -> Reply<api::NotePaymentCapturedResponse> {
        self.0.run(r).await
    }

    async fn note_payment_closed(
        &self,
        r: Request<api::NotePaymentClosedRequest>,
    ) -> Reply<api::NotePaymentClosedResponse> {
        self.0.run(r).await
    }

    async fn note_refund(
        &self,
        r: Request<api::NoteRefundRequest>,
    ) -> Reply<api::NoteRefundResponse> {
        self.0.run(r).await
    }
}

/// Starts a payment of what an order owes.
pub struct StartPayment {
    payment_id: PaymentId,
    order_id: OrderId,
    provider: Provider,
    scene: Scene,
    now: DateTime<Utc>,
    who: Who,
}

impl Asking for StartPayment {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = seen(work, &self.order_id, &self.who.sight, self.who.today).await?;
        let Order::Placed(placed) = &*order else {
            return Err(Rejected::Refused(OrderRefusal::OrderNotFound));
        };
        let amount_minor = placed.unpaid().map_err(Rejected::Refused)?.owing();
        let started = Box::new(PaymentStarted {
            payment_id: self.payment_id.clone(),
            order_id: self.order_id.clone(),
            dealer_id: placed.dealer_id.clone(),
            provider: self.provider,
            scene: self.scene,
            currency: placed.currency.clone(),
            amount_minor,
            expires_at: self.now + TIME_TO_PAY,
            status: PaymentStatus::Starting,
        });
        decide(work, &self.payment_id, PaymentCommand::Start(started)).await
    }
}

/// Asks something of a payment that concerns it alone.
pub struct AskPayment {
    payment_id: PaymentId,
    command: PaymentCommand,
    who: Who,
}

impl Asking for AskPayment {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        order_of(work, &self.payment_id, &self.who).await?;
        decide(work, &self.payment_id, self.command.clone()).await
    }
}

/// Takes money that a provider has, or a person says that it has.
pub struct TakeMoney {
    payment_id: PaymentId,
    told: Told,
    who: Who,
}

enum Told {
    Provider { transaction: Transaction, currency_code: String, looked_up: bool },
    Person { verdict: Verdict, reason: String },
}

impl Asking for TakeMoney {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let order = order_of(work, &self.payment_id, &self.who).await?;
        let needed = order.needed();
        let command = self.command(needed);
        let payment = work.read::<OnlinePayment>(self.payment_id.as_str()).await?;
        let before = payment.attempt().map_err(refused)?.captured.is_some();
        let after = payment.after(command.clone()).map_err(refused)?;
        decide(work, &self.payment_id, command).await?;
        let captured = after.attempt().map_err(refused)?;
        let amount = captured.captured.as_ref().map_or(Minor::ZERO, |it| it.amount_minor);
        let takes = needed.min(amount).min(captured.refundable());
        if before || takes <= Minor::ZERO {
            return Ok(());
        }
        self.pay(work, &order, takes).await
    }
}

impl TakeMoney {
    fn command(&self, needed: Minor) -> PaymentCommand {
        match &self.told {
            Told::Provider { transaction, currency_code, looked_up } => PaymentCommand::Capture {
                looked_up: *looked_up,
                transaction: transaction.clone(),
                currency_code: currency_code.clone(),
                needed,
            },
            Told::Person { verdict, reason } => {
                PaymentCommand::Settle { verdict: *verdict, needed, reason: reason.clone() }
            }
        }
    }

    /// Lets the order have the money, and its accounts follow.
    async fn pay(
        &self,
        work: &mut Work<'_>,
        placed: &Placed,
        amount: Minor,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let rules = rules(work).await?;
        let payment_id = self.payment_id.clone();
        let command = OrderCommand::Capture { payment_id, amount, confirm: !rules.reviewed };
        work.decide::<Order>(placed.order_id.as_str(), command.clone()).await?;
        let order = Order::Placed(Box::new(placed.clone()));
        let after = order.after(command).map_err(Rejected::Refused)?;
        hand_over(work, rules, (&order, &after), None).await?;
        paid_on(work, &order, &after, (self.who.today, Lending::default())).await
    }
}

/// What an order had through providers and does not need any more goes back, from the newest payment
/// on.
pub(super) async fn give_back_money(
    work: &mut Work<'_>,
    before: &Order,
    after: &Order,
    reason: &str,
) -> Result<(), Rejected<OrderRefusal>> {
    for (payment_id, amount) in before.online_refunds(after) {
        let reason = reason.to_owned();
        decide(work, &payment_id, PaymentCommand::Refund { amount, reason }).await?;
    }
    Ok(())
}

/// Whether a change may give back what is paid too much through providers.
pub(super) async fn may_give_back(
    work: &mut Work<'_>,
    before: &Order,
    after: &Order,
) -> Result<(), Rejected<OrderRefusal>> {
    for (payment_id, amount) in before.online_refunds(after) {
        let payment = work.read::<OnlinePayment>(payment_id.as_str()).await?;
        let attempt = payment.attempt().map_err(refused)?;
        attempt.may_give_back(amount).map_err(refused)?;
    }
    Ok(())
}

/// The order of a payment, if there is one and the caller sees it.
async fn order_of(
    work: &mut Work<'_>,
    payment_id: &PaymentId,
    who: &Who,
) -> Result<Placed, Rejected<OrderRefusal>> {
    let payment = work.read::<OnlinePayment>(payment_id.as_str()).await?;
    let order_id = &payment.attempt().map_err(refused)?.order_id;
    let not_found = || refused(PaymentRefusal::PaymentNotFound);
    match seen(work, order_id, &who.sight, who.today).await {
        Ok(order) => match &*order {
            Order::Placed(placed) => Ok(Placed::clone(placed)),
            Order::Unsubmitted => Err(not_found()),
        },
        // Payments of dealers whom the caller does not see are not there.
        Err(Rejected::Refused(_)) => Err(not_found()),
        Err(other) => Err(other),
    }
}

async fn decide(
    work: &mut Work<'_>,
    payment_id: &PaymentId,
    command: PaymentCommand,
) -> Result<(), Rejected<OrderRefusal>> {
    let decided = work.decide::<OnlinePayment>(payment_id.as_str(), command).await;
    decided.map_err(Rejected::from_other)
}

fn refused(refusal: PaymentRefusal) -> Rejected<OrderRefusal> {
    Rejected::Refused(refusal.into())
}

impl IntoCommand<OnlinePayment> for api::StartPaymentRequest {
    type Command = StartPayment;

    fn into_command(self, call: &Call) -> Result<StartPayment, Status> {
        let mut wrong = Violations::default();
        let payment_id = parse(&mut wrong, "payment_id", &own_number(call));
        let order_id = parse(&mut wrong, "order_id", &self.order_id);
        let provider = match self.provider() {
            api::PaymentProvider::Unspecified => unsaid(&mut wrong, "provider"),
            api::PaymentProvider::WechatPay => Some(Provider::WechatPay),
            api::PaymentProvider::Alipay => Some(Provider::Alipay),
        };
        let scene = match self.scene() {
            api::PaymentScene::Unspecified => unsaid(&mut wrong, "scene"),
            api::PaymentScene::Code => Some(Scene::Code),
            api::PaymentScene::Phone => Some(Scene::Phone),
        };
        let who = Who::of(&mut wrong, call);
        let command = (|| {
            let (payment_id, order_id, who) = (payment_id?, order_id?, who?);
            let (provider, scene) = (provider?, scene?);
            Some(StartPayment { payment_id, order_id, provider, scene, now: clock::now(), who })
        })();
        wrong.finish(command)
    }
}

/// The system's own number for a payment, for example `PM202611237K2M0QXA7K2M0QXA`: providers take
/// no dashes. Tenants may have one merchant, so it follows from the tenant, too, and nobody chooses
/// it.
fn own_number(call: &Call) -> String {
    let key = format!("payment/{}/{}", call.caller.tenant, call.request_id);
    let number = signs(Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()), 16);
    format!("PM{}{number}", call.today().format("%Y%m%d"))
}

fn ask(
    mut wrong: Violations,
    payment_id: &str,
    call: &Call,
    command: Option<PaymentCommand>,
) -> Result<AskPayment, Status> {
    let payment_id = parse(&mut wrong, "payment_id", payment_id);
    let who = Who::of(&mut wrong, call);
    let ask = (|| {
        let (payment_id, command, who) = (payment_id?, command?, who?);
        Some(AskPayment { payment_id, command, who })
    })();
    wrong.finish(ask)
}

fn take(
    mut wrong: Violations,
    payment_id: &str,
    call: &Call,
    told: Option<Told>,
) -> Result<TakeMoney, Status> {
    let payment_id = parse(&mut wrong, "payment_id", payment_id);
    let who = Who::of(&mut wrong, call);
    let take = (|| {
        let (payment_id, told, who) = (payment_id?, told?, who?);
        Some(TakeMoney { payment_id, told, who })
    })();
    wrong.finish(take)
}

/// What providers tell comes from what has looked at their signatures: no program of a tenant may
/// say that something was paid.
pub(super) fn from_provider(call: &Call) -> Result<(), Status> {
    let role = call.caller.user_id.strip_prefix(POLICY);
    match role == Some(PAYMENTS) {
        true => Ok(()),
        false => Err(failure::refused(&PaymentRefusal::NotFromProvider)),
    }
}

impl IntoCommand<OnlinePayment> for api::WithdrawPaymentRequest {
    type Command = AskPayment;

    fn into_command(self, call: &Call) -> Result<AskPayment, Status> {
        let command = PaymentCommand::Close { why: Closure::Withdrawn, detail: String::new() };
        ask(Violations::default(), &self.payment_id, call, Some(command))
    }
}

impl IntoCommand<OnlinePayment> for api::SettleParkedPaymentRequest {
    type Command = TakeMoney;

    fn into_command(self, call: &Call) -> Result<TakeMoney, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let verdict = match self.verdict() {
            api::ParkedVerdict::Unspecified => unsaid(&mut wrong, "verdict"),
            api::ParkedVerdict::Take => Some(Verdict::Take),
            api::ParkedVerdict::GiveBack => Some(Verdict::GiveBack),
            api::ParkedVerdict::Dismiss => Some(Verdict::Dismiss),
        };
        let told = verdict.zip(reason);
        let told = told.map(|(verdict, reason)| Told::Person { verdict, reason });
        take(wrong, &self.payment_id, call, told)
    }
}

impl IntoCommand<OnlinePayment> for api::RetryRefundRequest {
    type Command = AskPayment;

    fn into_command(self, call: &Call) -> Result<AskPayment, Status> {
        let mut wrong = Violations::default();
        let refund_id = parse(&mut wrong, "refund_id", &self.refund_id);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = refund_id.zip(reason);
        let command =
            command.map(|(refund_id, reason)| PaymentCommand::RetryRefund { refund_id, reason });
        ask(wrong, &self.payment_id, call, command)
    }
}

impl IntoCommand<OnlinePayment> for api::NotePaymentPresentedRequest {
    type Command = AskPayment;

    fn into_command(self, call: &Call) -> Result<AskPayment, Status> {
        from_provider(call)?;
        let command = PaymentCommand::Present { url: self.url };
        ask(Violations::default(), &self.payment_id, call, Some(command))
    }
}

impl IntoCommand<OnlinePayment> for api::NotePaymentCapturedRequest {
    type Command = TakeMoney;

    fn into_command(self, call: &Call) -> Result<TakeMoney, Status> {
        from_provider(call)?;
        let mut wrong = Violations::default();
        let paid_at = wrong.take(
            "paid_at",
            DateTime::parse_from_rfc3339(&self.paid_at).map_err(|_| {
                Text::new("须为 RFC 3339 时间", "must be a time like 2026-11-23T08:00:00Z")
            }),
        );
        let told = paid_at.map(|paid_at| Told::Provider {
            transaction: Transaction {
                transaction_id: self.transaction,
                amount_minor: Minor(self.amount_minor),
                paid_at: paid_at.to_utc(),
            },
            currency_code: self.currency_code,
            looked_up: self.looked_up,
        });
        take(wrong, &self.payment_id, call, told)
    }
}

impl IntoCommand<OnlinePayment> for api::NotePaymentClosedRequest {
    type Command = AskPayment;

    fn into_command(self, call: &Call) -> Result<AskPayment, Status> {
        from_provider(call)?;
        let why = if self.refused { Closure::Refused } else { Closure::Expired };
        let command = PaymentCommand::Close { why, detail: self.detail };
        ask(Violations::default(), &self.payment_id, call, Some(command))
    }
}

impl IntoCommand<OnlinePayment> for api::NoteRefundRequest {
    type Command = AskPayment;

    fn into_command(self, call: &Call) -> Result<AskPayment, Status> {
        from_provider(call)?;
        let mut wrong = Violations::default();
        let refund_id = parse(&mut wrong, "refund_id", &self.refund_id);
        let failed = Some(self.failure).filter(|failure| !failure.is_empty());
        let command = refund_id.map(|refund_id| PaymentCommand::NoteRefund { refund_id, failed });
        ask(wrong, &self.payment_id, call, command)
    }
}
