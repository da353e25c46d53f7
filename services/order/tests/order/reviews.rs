//! People look at an order in the steps that the rules ask for, and the last one confirms it.

use kernel::Decider as _;
use kernel::spec::given;
use order::order::expiring::{Turn, Waited};
use order::order::paying::Standing;
use order::order::review::{
    Review, ReviewCommand, Reviewer, Reviewers, Step, StepKind, StepRule, steps,
};
use order::order::review_refusal::ReviewRefusal;
use order::order::{Order, OrderCommand, OrderEvent, OrderRefusal, OrderStatus, Payment};
use order::order_rules::Rules;
use proto::access::v1::Role;
use values::Minor;

use crate::world::{after, cancelled, confirmed, submission, submitted};

const SALES: Step =
    Step { step: StepKind::Sales, reviewer: Reviewer::RegionManager, unless_prepaid: false };
const FINANCE: Step =
    Step { step: StepKind::Finance, reviewer: Reviewer::Finance, unless_prepaid: true };

fn asked(steps: &[Step]) -> OrderEvent {
    OrderEvent::OrderReviewAsked {
        order_id: submission().order_id,
        steps: steps.to_vec(),
        note: String::new(),
        status: OrderStatus::Submitted,
    }
}

fn approved(step: StepKind, next: Option<StepKind>) -> OrderEvent {
    OrderEvent::OrderStepApproved {
        order_id: submission().order_id,
        step,
        note: "可以".into(),
        next,
        status: OrderStatus::Submitted,
    }
}

fn sent_back() -> OrderEvent {
    OrderEvent::OrderSentBack {
        order_id: submission().order_id,
        step: StepKind::Sales,
        reason: "请减少数量".into(),
        status: OrderStatus::Submitted,
    }
}

fn by(role: Role) -> Reviewers {
    Reviewers::of(|has| has == role)
}

fn approve(step: StepKind, role: Role) -> OrderCommand {
    OrderCommand::Review(ReviewCommand::Approve { step, note: "可以".into(), roles: by(role) })
}

fn both() -> Vec<OrderEvent> {
    vec![submitted(), asked(&[SALES, FINANCE])]
}

fn rule(reviewer: Reviewer) -> StepRule {
    StepRule { reviewer, above_minor: None, by_dealers_only: false, unless_prepaid: false }
}

#[test]
fn the_last_step_confirms_an_order() {
    given::<Order>(both())
        .when(approve(StepKind::Sales, Role::RegionManager))
        .then([approved(StepKind::Sales, Some(StepKind::Finance))]);
    let mut passed = both();
    passed.push(approved(StepKind::Sales, Some(StepKind::Finance)));
    given::<Order>(passed)
        .when(approve(StepKind::Finance, Role::Finance))
        .then([approved(StepKind::Finance, None), confirmed()]);
}

#[test]
fn a_step_is_taken_in_its_turn_by_those_who_may() {
    let other = ReviewRefusal::OtherStep { step: StepKind::Sales };
    given::<Order>(both())
        .when(approve(StepKind::Finance, Role::Finance))
        .then_refused(other.into());
    let theirs = ReviewRefusal::NotYourStep { reviewer: Reviewer::RegionManager };
    given::<Order>(both())
        .when(approve(StepKind::Sales, Role::Finance))
        .then_refused(theirs.into());
    given::<Order>(both())
        .when(approve(StepKind::Sales, Role::HqAdmin))
        .then([approved(StepKind::Sales, Some(StepKind::Finance))]);
    let waits = ReviewRefusal::InReview { step: StepKind::Sales };
    given::<Order>(both()).when(OrderCommand::Confirm).then_refused(waits.into());
    given::<Order>(vec![submitted()])
        .when(approve(StepKind::Sales, Role::HqAdmin))
        .then_refused(ReviewRefusal::NoReview.into());
    given::<Order>(vec![submitted(), asked(&[SALES]), cancelled()])
        .when(approve(StepKind::Sales, Role::HqAdmin))
        .then_refused(OrderRefusal::OrderCancelled);
}

#[test]
fn an_order_that_was_sent_back_waits_for_who_ordered() {
    let back = ReviewCommand::SendBack {
        step: StepKind::Sales,
        reason: "请减少数量".into(),
        roles: by(Role::RegionManager),
    };
    given::<Order>(both()).when(OrderCommand::Review(back)).then([sent_back()]);
    let returned = || {
        let mut facts = both();
        facts.push(sent_back());
        facts
    };
    given::<Order>(returned())
        .when(approve(StepKind::Sales, Role::RegionManager))
        .then_refused(ReviewRefusal::SentBack.into());
    given::<Order>(returned())
        .when(OrderCommand::Confirm)
        .then_refused(ReviewRefusal::SentBack.into());
    let again = |steps: &[Step]| {
        let (steps, note) = (steps.to_vec(), String::new());
        OrderCommand::Review(ReviewCommand::Resubmit { steps, note })
    };
    given::<Order>(returned()).when(again(&[SALES])).then([asked(&[SALES])]);
    given::<Order>(returned()).when(again(&[])).then([asked(&[]), confirmed()]);
    given::<Order>(both()).when(again(&[SALES])).then_refused(ReviewRefusal::NotSentBack.into());
}

#[test]
fn an_order_that_is_refused_is_cancelled() {
    let refuse = ReviewCommand::Refuse {
        step: StepKind::Sales,
        reason: "下错型号".into(),
        roles: by(Role::RegionManager),
    };
    let refused = OrderEvent::OrderRefused {
        order_id: submission().order_id,
        step: StepKind::Sales,
        reason: "下错型号".into(),
        status: OrderStatus::Cancelled,
    };
    given::<Order>(both()).when(OrderCommand::Review(refuse)).then([refused, cancelled()]);
}

fn paid(open: i64, credit: i64) -> Payment {
    let standing = if credit > 0 { Standing::Reserved } else { Standing::NotNeeded };
    let prepaid_minor = Minor(874_000 - open - credit);
    let (credit_minor, open_minor) = (Minor(credit), Minor(open));
    Payment { prepaid_minor, credit_minor, open_minor, standing, ..Payment::default() }
}

#[test]
fn finance_does_not_look_at_what_is_paid_in_full() {
    let allocated = |payment, status| {
        let submission = submission();
        OrderEvent::PaymentAllocated {
            order_id: submission.order_id,
            dealer_id: submission.dealer_id,
            currency: submission.currency,
            payment,
            status,
        }
    };
    let before =
        vec![submitted(), asked(&[FINANCE]), allocated(paid(500, 0), OrderStatus::AwaitingPayment)];
    let pay = |payment| OrderCommand::Pay { payment: Box::new(payment), confirm: false };
    let waived = OrderEvent::OrderStepWaived {
        order_id: submission().order_id,
        step: StepKind::Finance,
        next: None,
        status: OrderStatus::Submitted,
    };
    given::<Order>(before.clone()).when(pay(paid(0, 0))).then([
        allocated(paid(0, 0), OrderStatus::Submitted),
        waived,
        confirmed(),
    ]);
    given::<Order>(before)
        .when(pay(paid(0, 500)))
        .then([allocated(paid(0, 500), OrderStatus::Submitted)]);
}

#[test]
fn a_full_payment_makes_each_step_needless_that_is_for_others_only() {
    let sales = Step { unless_prepaid: true, ..SALES };
    let submission = submission();
    let allocated = |open, status| OrderEvent::PaymentAllocated {
        order_id: submission.order_id.clone(),
        dealer_id: submission.dealer_id.clone(),
        currency: submission.currency.clone(),
        payment: paid(open, 0),
        status,
    };
    let unpaid = || vec![allocated(500, OrderStatus::AwaitingPayment)];
    let pay = || OrderCommand::Pay { payment: Box::new(paid(0, 0)), confirm: false };
    let waived = |step, next| OrderEvent::OrderStepWaived {
        order_id: submission.order_id.clone(),
        step,
        next,
        status: OrderStatus::Submitted,
    };
    let mut before = vec![submitted(), asked(&[sales, FINANCE])];
    before.extend(unpaid());
    given::<Order>(before.clone()).when(pay()).then([
        allocated(0, OrderStatus::Submitted),
        waived(StepKind::Sales, Some(StepKind::Finance)),
        waived(StepKind::Finance, None),
        confirmed(),
    ]);
    // What was sent back is asked for anew by who ordered, steps and all.
    before.push(sent_back());
    given::<Order>(before).when(pay()).then([allocated(0, OrderStatus::Submitted)]);
}

#[test]
fn an_order_that_was_sent_back_waits_for_no_review() {
    let expire = || {
        let (waited, reason) = (Waited::Review, Waited::Review.reason(48));
        OrderCommand::Expire { waited, hours: 48, reason }
    };
    let mut facts = both();
    let here: Order = after(facts.clone());
    here.decide(expire()).expect("it waits for the brand");
    facts.push(sent_back());
    given::<Order>(facts.clone()).when(expire()).then_refused(OrderRefusal::NotDue);
    facts.push(asked(&[SALES]));
    let again: Order = after(facts);
    again.decide(expire()).expect("it waits for the brand again");
    // The time counts from what begins a review, or ends it.
    assert_eq!(Turn::of(&submitted()), None);
    assert_eq!(Turn::of(&asked(&[SALES])), Some(Turn::Brand));
    assert_eq!(Turn::of(&sent_back()), Some(Turn::Orderer));
    assert_eq!(Turn::of(&approved(StepKind::Sales, None)), None, "the same review goes on");
}

#[test]
fn rules_say_which_orders_need_which_step() {
    let net = Minor(10_000);
    let of = |rules: &Rules, on_behalf, payment: Option<&Payment>| {
        let found = steps(rules, net, on_behalf, payment)?;
        Some(found.iter().map(|step| step.step).collect::<Vec<_>>())
    };
    let none = Rules::default();
    assert_eq!(of(&none, false, None), None, "people confirm orders in one step, as before");
    let mut rules = Rules { sales_review: Some(rule(Reviewer::RegionManager)), ..none };
    rules.finance_review = Some(StepRule { unless_prepaid: true, ..rule(Reviewer::Finance) });
    let both = Some(vec![StepKind::Sales, StepKind::Finance]);
    assert_eq!(of(&rules, false, None), both);
    assert_eq!(of(&rules, false, Some(&paid(0, 5))), both);
    assert_eq!(of(&rules, false, Some(&paid(0, 0))), Some(vec![StepKind::Sales]));
    let dealers = StepRule { by_dealers_only: true, ..rule(Reviewer::RegionManager) };
    rules.sales_review = Some(dealers);
    assert_eq!(of(&rules, true, None), Some(vec![StepKind::Finance]));
    for (above, needed) in [(9_999, true), (10_000, false)] {
        let above = StepRule { above_minor: Some(Minor(above)), ..rule(Reviewer::RegionManager) };
        let rules = Rules { sales_review: Some(above), ..none };
        let expected = if needed { vec![StepKind::Sales] } else { vec![] };
        assert_eq!(of(&rules, false, None), Some(expected), "more than that");
    }
    let off = Rules { reviewed: false, ..rules };
    assert_eq!(of(&off, false, None), None, "the system confirms them");
}

#[test]
fn an_order_keeps_the_steps_that_it_was_submitted_with() {
    let placed: Order = after(both());
    let Order::Placed(placed) = placed else { panic!("it was submitted") };
    assert_eq!(placed.review, Some(Review { steps: vec![SALES, FINANCE], sent_back: false }));
    let rules = Rules::default();
    let anew = placed.steps_anew(&rules, placed.net_minor, false, None).expect("it had steps");
    assert_eq!(anew.len(), 1, "rules without steps leave one to an order that had some");
    let nobody = Rules { reviewed: false, ..rules };
    assert_eq!(placed.steps_anew(&nobody, placed.net_minor, false, None), Some(vec![]));
}
