//! A change of a confirmed order passes the steps of a review that the changed order needs.

use kernel::Decider as _;
use order::order::changing::{ChangeCommand, Wanted};
use order::order::review::{Reviewer, Reviewers, Step, StepKind, StepRule, steps};
use order::order::review_refusal::ReviewRefusal;
use order::order::{Order, OrderCommand, OrderEvent, OrderRefusal, OrderStatus, Placed};
use order::order_rules::Rules;
use proto::access::v1::Role;
use values::Minor;

use crate::changing::{asked, wanted};
use crate::world::{after, confirmed, submission, submitted};

const SALES: Step =
    Step { step: StepKind::Sales, reviewer: Reviewer::RegionManager, unless_prepaid: false };
const FINANCE: Step =
    Step { step: StepKind::Finance, reviewer: Reviewer::Finance, unless_prepaid: false };

fn placed(order: &Order) -> &Placed {
    let Order::Placed(placed) = order else { panic!("it was submitted") };
    placed
}

/// A confirmed order with a change that waits.
fn proposed(wanted: &Wanted) -> Order {
    let order: Order = after([submitted(), confirmed()]);
    let propose = asked(&order, wanted, None).expect("it can").remove(0);
    order.after(propose).expect("proposed")
}

/// Somebody agrees to what waits, who has these roles; the changed order needs these steps.
fn agree(
    order: &Order,
    wanted: &Wanted,
    needed: Option<&[Step]>,
    roles: &[Role],
) -> Result<Vec<OrderEvent>, OrderRefusal> {
    let make = asked(order, wanted, None).expect("it can").remove(1);
    let OrderCommand::Change(ChangeCommand::Make(mut change)) = make else { panic!("{make:?}") };
    change.steps = needed.map(<[Step]>::to_vec);
    change.roles = Reviewers::of(|role| roles.contains(&role));
    order.decide(OrderCommand::Change(ChangeCommand::Make(change)))
}

fn steps_of(events: &[OrderEvent]) -> Vec<(StepKind, Option<StepKind>)> {
    let step = |event: &OrderEvent| {
        let OrderEvent::OrderStepApproved { step, next, status, .. } = event else { return None };
        assert_eq!(*status, OrderStatus::Confirmed, "it stays as it is");
        Some((*step, *next))
    };
    events.iter().filter_map(step).collect()
}

fn is_made(events: &[OrderEvent]) -> bool {
    events.iter().any(|event| matches!(event, OrderEvent::OrderChanged(_)))
}

fn not_theirs(reviewer: Reviewer) -> OrderRefusal {
    ReviewRefusal::NotYourStep { reviewer }.into()
}

#[test]
fn a_change_is_made_when_the_last_step_is_taken() {
    let wanted = wanted(&[(1, 4)], 0);
    let both: Option<&[Step]> = Some(&[SALES, FINANCE]);
    let mut order = proposed(&wanted);
    let no = agree(&order, &wanted, both, &[Role::Finance]).expect_err("it is sales' turn");
    assert_eq!(no, not_theirs(Reviewer::RegionManager));
    let sales = agree(&order, &wanted, both, &[Role::RegionManager]).expect("their step");
    assert_eq!(steps_of(&sales), [(StepKind::Sales, Some(StepKind::Finance))]);
    assert!(!is_made(&sales), "finance has not looked at it");
    for event in sales {
        order.evolve(event);
    }
    assert_eq!(placed(&order).net_minor, Minor(874_000));
    let no = agree(&order, &wanted, both, &[Role::RegionManager]).expect_err("taken already");
    assert_eq!(no, not_theirs(Reviewer::Finance));
    let finance = agree(&order, &wanted, both, &[Role::Finance]).expect("their step");
    assert_eq!(steps_of(&finance), [(StepKind::Finance, None)]);
    assert!(is_made(&finance));
    for event in finance {
        order.evolve(event);
    }
    assert_eq!(placed(&order).net_minor, Minor(1_474_000));
    assert_eq!(placed(&order).passed_of_change, [], "nothing waits any more");
}

#[test]
fn who_takes_all_steps_makes_a_change_at_once() {
    let wanted = wanted(&[(1, 4)], 0);
    for roles in [&[Role::HqAdmin][..], &[Role::RegionManager, Role::Finance]] {
        let both: Option<&[Step]> = Some(&[SALES, FINANCE]);
        let all = agree(&proposed(&wanted), &wanted, both, roles).expect("they may");
        assert_eq!(steps_of(&all).len(), 2, "each stands in the log");
        assert!(is_made(&all));
    }
}

#[test]
fn a_change_that_needs_no_step_is_agreed_to_by_who_may_confirm_orders() {
    let wanted = wanted(&[(1, 1)], 0);
    for needed in [None, Some(&[][..])] {
        let of = |role| agree(&proposed(&wanted), &wanted, needed, &[role]);
        for role in [Role::HqAdmin, Role::SalesDirector, Role::RegionManager] {
            assert!(is_made(&of(role).expect("they may")), "{role:?}");
        }
        let no = of(Role::Finance).expect_err("finance confirms no orders");
        assert_eq!(no, not_theirs(Reviewer::RegionManager));
    }
}

#[test]
fn steps_of_a_change_that_was_taken_back_count_for_no_other() {
    let first = wanted(&[(1, 4)], 0);
    let both: Option<&[Step]> = Some(&[SALES, FINANCE]);
    let mut order = proposed(&first);
    for event in agree(&order, &first, both, &[Role::RegionManager]).expect("their step") {
        order.evolve(event);
    }
    let order = order.after(OrderCommand::Change(ChangeCommand::Withdraw)).expect("it waits");
    let second = wanted(&[(1, 100)], 0);
    let propose = asked(&order, &second, None).expect("it can").remove(0);
    let order = order.after(propose).expect("proposed");
    let no = agree(&order, &second, both, &[Role::Finance]).expect_err("sales was not asked");
    assert_eq!(no, not_theirs(Reviewer::RegionManager));
}

#[test]
fn an_order_of_the_brand_that_its_dealer_changes_is_one_of_the_dealer() {
    let dealers = StepRule {
        reviewer: Reviewer::RegionManager,
        above_minor: None,
        by_dealers_only: true,
        unless_prepaid: false,
    };
    let rules = Rules { sales_review: Some(dealers), ..Rules::default() };
    let mut submission = submission();
    submission.placed_on_behalf = true;
    submission.steps = steps(&rules, submission.net_minor(), true, None);
    submission.payment = Some(order::order::Payment {
        open_minor: Minor(874_000),
        ..order::order::Payment::default()
    });
    let submit = OrderCommand::Submit(Box::new(submission));
    let order = Order::default().after(submit).expect("submitted");
    let needed = |order: &Order, on_behalf| {
        let placed = placed(order);
        placed.steps_anew(&rules, placed.net_minor, on_behalf, None).expect("rules have steps")
    };
    assert_eq!(needed(&order, true), [], "the brand changes its own");
    assert_eq!(needed(&order, false), [SALES], "its dealer does");
    let change = |order: &Order, bottles, on_behalf| {
        let make = asked(order, &wanted(&[(1, bottles)], 0), None).expect("it can").remove(0);
        let OrderCommand::Change(ChangeCommand::Make(mut change)) = make else {
            panic!("{make:?}")
        };
        (change.on_behalf, change.payment) = (on_behalf, placed(order).payment.clone());
        change.steps = Some(needed(order, on_behalf));
        order.after(OrderCommand::Change(ChangeCommand::Make(change))).expect("changed")
    };
    let theirs = change(&order, 5, false);
    assert_eq!(
        needed(&theirs, true),
        [SALES],
        "the brand's next change does not hide the dealer's"
    );
    assert_eq!(needed(&change(&order, 5, true), true), []);
}
