//! Payments through providers.

use kernel::Decider as _;
use kernel::spec::{given, given_nothing};
use order::payment::{
    Closure, Mismatch, OnlinePayment, PaymentCommand, PaymentEvent, PaymentRefusal, PaymentStarted,
    PaymentStatus, Provider, Scene, Transaction, Verdict,
};
use proptest::prelude::*;
use values::{Currency, Minor, PaymentId};

fn cny() -> Currency {
    "CNY".parse().expect("a currency")
}

fn number(text: &str) -> PaymentId {
    text.parse().expect("a number")
}

fn payment_id() -> PaymentId {
    number("PM202611260001")
}

fn started() -> PaymentEvent {
    PaymentEvent::PaymentStarted(Box::new(PaymentStarted {
        payment_id: payment_id(),
        order_id: "SO-1".parse().expect("an order id"),
        dealer_id: "kansas-29ers".parse().expect("a dealer id"),
        provider: Provider::WechatPay,
        scene: Scene::Code,
        currency: cny(),
        amount_minor: Minor(10_000),
        expires_at: at("2026-11-26T08:15:00Z"),
        status: PaymentStatus::Starting,
    }))
}

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().expect("a time")
}

fn presented() -> PaymentEvent {
    let url = "weixin://wxpay/bizpayurl?pr=1".to_owned();
    PaymentEvent::PaymentPresented { payment_id: payment_id(), url, status: PaymentStatus::Waiting }
}

fn transaction(id: &str, amount: i64) -> Transaction {
    Transaction {
        transaction_id: id.to_owned(),
        amount_minor: Minor(amount),
        paid_at: at("2026-11-26T08:03:00Z"),
    }
}

fn capture(id: &str, amount: i64, needed: i64) -> PaymentCommand {
    PaymentCommand::Capture {
        transaction: transaction(id, amount),
        currency_code: "CNY".to_owned(),
        needed: Minor(needed),
        looked_up: false,
    }
}

fn captured(allocated: i64) -> PaymentEvent {
    PaymentEvent::PaymentCaptured {
        payment_id: payment_id(),
        order_id: "SO-1".parse().expect("an order id"),
        currency: cny(),
        transaction: transaction("4200001", 10_000),
        allocated_minor: Minor(allocated),
        status: PaymentStatus::Captured,
    }
}

fn parked(amount: i64, why: Mismatch, currency: &str) -> PaymentEvent {
    PaymentEvent::PaymentParked {
        payment_id: payment_id(),
        expected_minor: Minor(10_000),
        transaction: transaction("4200001", amount),
        currency_code: currency.to_owned(),
        why,
        status: PaymentStatus::Parked,
    }
}

fn asked_back(amount: i64, reason: &str, status: PaymentStatus) -> PaymentEvent {
    PaymentEvent::RefundRequested {
        payment_id: payment_id(),
        refund_id: number("PM202611260001R1"),
        currency: cny(),
        amount_minor: Minor(amount),
        reason: reason.to_owned(),
        replaces: None,
        status,
    }
}

fn closed() -> PaymentEvent {
    PaymentEvent::PaymentClosed {
        payment_id: payment_id(),
        why: Closure::Expired,
        detail: String::new(),
        status: PaymentStatus::Closed,
    }
}

#[test]
fn what_is_paid_is_captured_once_however_often_it_is_told() {
    given::<OnlinePayment>([started(), presented()])
        .when(capture("4200001", 10_000, 10_000))
        .then([captured(10_000)]);
    given::<OnlinePayment>([started(), presented(), captured(10_000)])
        .when(capture("4200001", 10_000, 0))
        .then_refused(PaymentRefusal::AlreadyCaptured);
    given_nothing::<OnlinePayment>()
        .when(capture("4200001", 10_000, 0))
        .then_refused(PaymentRefusal::PaymentNotFound);
    // The notice may be faster than the answer to whoever asked, and later than its time.
    given::<OnlinePayment>([started()])
        .when(capture("4200001", 10_000, 10_000))
        .then([captured(10_000)]);
    given::<OnlinePayment>([started(), presented(), closed()])
        .when(capture("4200001", 10_000, 10_000))
        .then([captured(10_000)]);
}

#[test]
fn what_the_order_does_not_need_goes_back() {
    let reason = "订单不再需要这笔款 / not needed any more";
    given::<OnlinePayment>([started(), presented()])
        .when(capture("4200001", 10_000, 6_000))
        .then([captured(6_000), asked_back(4_000, reason, PaymentStatus::Refunding)]);
    given::<OnlinePayment>([started(), presented(), closed()])
        .when(capture("4200001", 10_000, 0))
        .then([captured(0), asked_back(10_000, reason, PaymentStatus::Refunding)]);
}

#[test]
fn what_does_not_fit_waits_for_a_person() {
    given::<OnlinePayment>([started(), presented()])
        .when(capture("4200001", 9_999, 10_000))
        .then([parked(9_999, Mismatch::Amount, "CNY")]);
    let dollars = PaymentCommand::Capture {
        transaction: transaction("4200001", 10_000),
        currency_code: "USD".to_owned(),
        needed: Minor(10_000),
        looked_up: false,
    };
    given::<OnlinePayment>([started(), presented()]).when(dollars).then([parked(
        10_000,
        Mismatch::Currency,
        "USD",
    )]);
    let again = || [started(), presented(), parked(9_999, Mismatch::Amount, "CNY")];
    given::<OnlinePayment>(again())
        .when(capture("4200001", 9_999, 10_000))
        .then_refused(PaymentRefusal::AlreadyParked);

    let settle = |verdict| PaymentCommand::Settle {
        verdict,
        needed: Minor(10_000),
        reason: "已核对".to_owned(),
    };
    let took = PaymentEvent::PaymentCaptured {
        payment_id: payment_id(),
        order_id: "SO-1".parse().expect("an order id"),
        currency: cny(),
        transaction: transaction("4200001", 9_999),
        allocated_minor: Minor(9_999),
        status: PaymentStatus::Captured,
    };
    given::<OnlinePayment>(again()).when(settle(Verdict::Take)).then([took]);
    let dismissed = || PaymentEvent::ParkedPaymentDismissed {
        payment_id: payment_id(),
        transaction_id: "4200001".to_owned(),
        amount_minor: Minor(9_999),
        currency_code: "CNY".to_owned(),
        reason: "已核对".to_owned(),
        status: PaymentStatus::Waiting,
    };
    given::<OnlinePayment>(again()).when(settle(Verdict::Dismiss)).then([dismissed()]);
    let [a, b, c] = again();
    given::<OnlinePayment>([a, b, c, dismissed()])
        .when(capture("4200001", 9_999, 10_000))
        .then_refused(PaymentRefusal::AlreadyDismissed);
    // The provider says it to whoever asks: somebody looks at it again.
    let [a, b, c] = again();
    let PaymentCommand::Capture { transaction, currency_code, needed, .. } =
        capture("4200001", 9_999, 10_000)
    else {
        unreachable!()
    };
    given::<OnlinePayment>([a, b, c, dismissed()])
        .when(PaymentCommand::Capture { transaction, currency_code, needed, looked_up: true })
        .then([parked(9_999, Mismatch::Amount, "CNY")]);
    // What was told of another amount may be right the next time.
    let [a, b, c] = again();
    given::<OnlinePayment>([a, b, c, dismissed()])
        .when(capture("4200001", 10_000, 10_000))
        .then([captured(10_000)]);
    given::<OnlinePayment>([started(), parked(10_000, Mismatch::Currency, "USD")])
        .when(settle(Verdict::GiveBack))
        .then_refused(PaymentRefusal::OnlyDismissed);
    given::<OnlinePayment>([started(), presented()])
        .when(settle(Verdict::Dismiss))
        .then_refused(PaymentRefusal::NotParked);
}

#[test]
fn a_refund_that_failed_is_asked_for_under_another_number() {
    let asked = || asked_back(10_000, "取消", PaymentStatus::Refunding);
    let failed = || PaymentEvent::RefundFailed {
        payment_id: payment_id(),
        refund_id: number("PM202611260001R1"),
        detail: "账户已注销".to_owned(),
        status: PaymentStatus::RefundFailed,
    };
    let noted =
        |failed| PaymentCommand::NoteRefund { refund_id: number("PM202611260001R1"), failed };
    let paid = || [started(), presented(), captured(10_000), asked()];
    given::<OnlinePayment>(paid()).when(noted(Some("账户已注销".into()))).then([failed()]);
    let done = PaymentEvent::RefundCompleted {
        payment_id: payment_id(),
        refund_id: number("PM202611260001R1"),
        status: PaymentStatus::Refunded,
    };
    given::<OnlinePayment>(paid()).when(noted(None)).then([done.clone()]);
    // Somebody has sent it back at the provider's own desk.
    let [a, b, c, d] = paid();
    given::<OnlinePayment>([a, b, c, d, failed()]).when(noted(None)).then([done]);
    let retry = || PaymentCommand::RetryRefund {
        refund_id: number("PM202611260001R1"),
        reason: "换卡".to_owned(),
    };
    given::<OnlinePayment>(paid()).when(retry()).then_refused(PaymentRefusal::RefundNotFailed);
    let [a, b, c, d] = paid();
    given::<OnlinePayment>([a, b, c, d, failed()]).when(retry()).then([
        PaymentEvent::RefundRequested {
            payment_id: payment_id(),
            refund_id: number("PM202611260001R2"),
            currency: cny(),
            amount_minor: Minor(10_000),
            reason: "换卡".to_owned(),
            replaces: Some(number("PM202611260001R1")),
            status: PaymentStatus::Refunding,
        },
    ]);
    let more = PaymentCommand::Refund { amount: Minor(1), reason: "多退".to_owned() };
    given::<OnlinePayment>(paid())
        .when(more)
        .then_refused(PaymentRefusal::RefundTooLarge { left: Minor::ZERO, currency: cny() });
}

/// A payment of which a fen went back so often.
fn given_back(times: usize) -> OnlinePayment {
    let mut payment = OnlinePayment::default();
    for event in [started(), presented(), captured(10_000)] {
        payment.evolve(event);
    }
    for _ in 0..times {
        let back = PaymentCommand::Refund { amount: Minor(1), reason: "少订".to_owned() };
        for event in payment.decide(back).expect("it can go back") {
            payment.evolve(event);
        }
    }
    payment
}

#[test]
fn all_that_is_left_of_a_payment_always_goes_back() {
    let refund =
        |amount| PaymentCommand::Refund { amount: Minor(amount), reason: "取消".to_owned() };
    let often = given_back(49);
    let too_many = PaymentRefusal::TooManyRefunds { refunds: 49 };
    assert_eq!(often.decide(refund(1)), Err(too_many));
    let all = often.decide(refund(10_000 - 49)).expect("the order can be called off");
    let mut empty = often;
    all.into_iter().for_each(|event| empty.evolve(event));
    assert_eq!(empty.attempt().expect("it was started").refundable(), Minor::ZERO);
    let nothing = PaymentRefusal::RefundTooLarge { left: Minor::ZERO, currency: cny() };
    assert_eq!(empty.decide(refund(1)), Err(nothing));
}

#[test]
fn changes_of_an_order_leave_refunds_for_what_ends_it() {
    let may = |times, amount| {
        let payment = given_back(times);
        payment.attempt().expect("it was started").may_give_back(Minor(amount))
    };
    assert_eq!(may(39, 1), Ok(()));
    assert_eq!(may(40, 1), Err(PaymentRefusal::TooManyRefunds { refunds: 40 }));
    assert_eq!(may(40, 10_000 - 40), Ok(()), "then it is paid otherwise as a whole");
    given_back(40 + 9);
}

#[test]
fn what_is_no_renminbi_is_not_paid_online() {
    let PaymentEvent::PaymentStarted(mut start) = started() else { unreachable!() };
    start.currency = "USD".parse().expect("a currency");
    let currency = start.currency.clone();
    given_nothing::<OnlinePayment>()
        .when(PaymentCommand::Start(start))
        .then_refused(PaymentRefusal::CurrencyNotTaken { currency });
}

/// What can happen to a payment, in any order.
fn happening() -> impl Strategy<Value = PaymentCommand> {
    let told = (0..3_i64, 9_999..=10_001_i64, 0..=10_000_i64);
    let refund_id = (1..5_u8).prop_map(|index| number(&format!("PM202611260001R{index}")));
    prop_oneof![
        told.prop_map(|(id, amount, needed)| capture(&format!("420000{id}"), amount, needed)),
        Just(PaymentCommand::Present { url: "weixin://wxpay".to_owned() }),
        Just(PaymentCommand::Close { why: Closure::Expired, detail: String::new() }),
        (1..=10_001_i64).prop_map(|amount| PaymentCommand::Refund {
            amount: Minor(amount),
            reason: "退".to_owned(),
        }),
        (refund_id.clone(), any::<bool>()).prop_map(|(refund_id, failed)| {
            PaymentCommand::NoteRefund { refund_id, failed: failed.then(|| "失败".to_owned()) }
        }),
        refund_id.prop_map(|refund_id| PaymentCommand::RetryRefund {
            refund_id,
            reason: "再退".to_owned(),
        }),
        (0..3_u8, 0..=10_000_i64).prop_map(|(which, needed)| PaymentCommand::Settle {
            verdict: match which {
                0 => Verdict::Take,
                1 => Verdict::GiveBack,
                _ => Verdict::Dismiss,
            },
            needed: Minor(needed),
            reason: "核".to_owned(),
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// However often, late and wrong providers tell things: money is captured once, never more
    /// goes back than came, and each fact says the status that follows from all before it.
    #[test]
    fn money_comes_once_and_never_more_goes_back(
        happenings in proptest::collection::vec(happening(), 0..40),
    ) {
        let mut payment = OnlinePayment::default();
        payment.evolve(started());
        let (mut captures, mut allocated) = (0, Minor::ZERO);
        for command in happenings {
            for event in payment.decide(command).unwrap_or_default() {
                let status = event.status();
                if let PaymentEvent::PaymentCaptured { allocated_minor, .. } = &event {
                    captures += 1;
                    allocated = *allocated_minor;
                }
                payment.evolve(event);
                prop_assert_eq!(payment.attempt().expect("it was started").status(), status);
            }
            let attempt = payment.attempt().expect("it was started");
            prop_assert!(captures <= 1);
            prop_assert!(attempt.refundable() >= Minor::ZERO);
            let came = attempt.captured.as_ref().map_or(Minor::ZERO, |it| it.amount_minor);
            prop_assert!(allocated <= came);
        }
    }
}
