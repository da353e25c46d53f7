//! What orders come to under rebate plans, who makes those count, and what is settled.

use kernel::{DomainEvent as _, Refusal as _};
use order::audience::{Audience, Buyer, NotFor, Scope, Window};
use order::order::claims::went_back;
use order::order::{Fund, Order, OrderCommand, OrderStatus, Refunded, SettledLine};
use order::rebate::{
    Basis, Counted, CountedOrder, Cycle, Draft, Fault, Goods, Ladder, Next, NotCounted, OrderFacts,
    Part, Period, Ppm, RebatePlan, RebatePlanCommand, RebatePlanEvent, RebateRefusal,
    RebateSettlement, RebateSettlementEvent, RebateTerms, RebateTier, Reward, Settle,
    settlement_id,
};
use values::{DealerClass, Minor, Quantity};

use crate::world::{after, confirmed, day, product_id, received, shipped, submitted, usd};

pub(crate) fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

pub(crate) fn rate(from: u64, ppm: u32) -> RebateTier {
    RebateTier { from, reward: Reward::Rate(Ppm(ppm)) }
}

pub(crate) fn each(from: u64, amount: i64) -> RebateTier {
    RebateTier { from, reward: Reward::PerUnit(Minor(amount)) }
}

pub(crate) fn terms(basis: Basis, ladder: Ladder, tiers: Vec<RebateTier>) -> RebateTerms {
    RebateTerms {
        plan_id: "yearly".parse().expect("an id"),
        name: "月度返利".into(),
        currency: usd(),
        window: Window { from: day("2026-01-01"), until: None },
        cycle: Cycle::Month,
        audience: Audience::default(),
        scope: Scope::default(),
        basis,
        ladder,
        tiers,
    }
}

/// 1 % from 10,000.00 on, 2 % from 20,000.00 on.
fn two_steps(ladder: Ladder) -> RebateTerms {
    terms(Basis::Amount, ladder, vec![rate(1_000_000, 10_000), rate(2_000_000, 20_000)])
}

pub(crate) fn facts(number: usize, on: &str, goods: Vec<Goods>) -> OrderFacts {
    OrderFacts {
        order_id: format!("SO-{number:04}").parse().expect("a number"),
        buyer: Buyer {
            dealer_id: "kansas-29ers".parse().expect("an id"),
            class: DealerClass::default(),
            region_ids: vec!["us".parse().expect("an id"), "ks".parse().expect("an id")],
        },
        day: day(on),
        currency: usd(),
        sends_again: false,
        goods,
    }
}

pub(crate) fn goods(product: &str, units: i64, net: i64) -> Goods {
    let category_path = vec!["Bikes".into()];
    Goods { product_id: product_id(product), category_path, units, net: Minor(net) }
}

pub(crate) fn counted(net: i64, units: i64) -> Counted {
    Counted { net_minor: Minor(net), units }
}

#[test]
fn periods_are_those_of_the_calendar() {
    for (text, first, last, before) in [
        ("2026-02", "2026-02-01", "2026-02-28", "2026-01"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026-Q3"),
        ("2026", "2026-01-01", "2026-12-31", "2025"),
    ] {
        let it = period(text);
        assert_eq!((it.to_string().as_str(), it.previous()), (text, period(before)));
        assert_eq!((it.first_day(), it.last_day()), (day(first), day(last)));
        assert!(it.contains(day(first)) && it.contains(day(last)));
        assert!(!it.contains(day(last).plus_days(1)));
        assert_eq!(it.cycle().of(day(last)), it);
    }
    for text in ["2026-13", "2026-0", "2026-1", "2026-Q5", "2026-Q0", "26", "", "2026-", "+2026"] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
}

#[test]
fn the_highest_step_counts_for_everything() {
    let terms = two_steps(Ladder::Whole);
    let none = terms.reach(counted(999_999, 10));
    assert_eq!((none.tier, none.amount), (None, Minor::ZERO));
    assert_eq!(none.next, Some(Next { tier: 0, missing: 1 }));
    let first = terms.reach(counted(1_000_050, 10));
    assert_eq!((first.tier, first.amount), (Some(0), Minor(10_000)));
    assert_eq!(first.next, Some(Next { tier: 1, missing: 999_950 }));
    let second = terms.reach(counted(2_000_049, 10));
    // 40,000.98 are rounded down.
    assert_eq!((second.tier, second.amount, second.next), (Some(1), Minor(40_000), None));
}

#[test]
fn each_bracket_counts_for_what_lies_in_it() {
    let reached = two_steps(Ladder::Bracket).reach(counted(2_500_000, 10));
    let parts = [
        Part { tier: 0, of: 1_000_000, amount: Minor(10_000) },
        Part { tier: 1, of: 500_000, amount: Minor(10_000) },
    ];
    assert_eq!((reached.parts.as_slice(), reached.amount), (parts.as_slice(), Minor(20_000)));
}

#[test]
fn units_can_be_measured_and_paid_for() {
    let whole = terms(Basis::Units, Ladder::Whole, vec![each(100, 50), rate(200, 30_000)]);
    assert_eq!(whole.reach(counted(900_000, 150)).amount, Minor(7_500));
    // The second step pays a share of the amount, once the units are reached: plans that were
    // approved so are worked out so, but no other is taken (see below).
    assert_eq!(whole.reach(counted(900_000, 200)).amount, Minor(27_000));
    let bracket = terms(Basis::Units, Ladder::Bracket, vec![each(0, 10), each(100, 20)]);
    assert_eq!(bracket.reach(counted(0, 130)).amount, Minor(100 * 10 + 30 * 20));
    assert_eq!(bracket.reach(counted(0, -5)).amount, Minor::ZERO);
}

#[test]
fn only_what_the_plan_names_counts() {
    let mut terms = two_steps(Ladder::Whole);
    let order = facts(1, "2026-10-05", vec![goods("trail-1", 2, 500), goods("race-2", 1, 300)]);
    let october = period("2026-10");
    assert_eq!(terms.count(october, None, &order), Ok(counted(800, 3)));
    assert_eq!(terms.count(period("2026-11"), None, &order), Err(NotCounted::Day));
    assert_eq!(terms.count(october, Some(day("2026-10-04")), &order), Err(NotCounted::Day));
    let again = OrderFacts { sends_again: true, ..order.clone() };
    assert_eq!(terms.count(october, None, &again), Err(NotCounted::SendsAgain));
    let other = OrderFacts { currency: "CNY".parse().expect("one"), ..order.clone() };
    assert_eq!(terms.count(october, None, &other), Err(NotCounted::Currency));
    let all_back = vec![goods("trail-1", 2, 500), goods("trail-1", -2, -500)];
    let nothing = OrderFacts { goods: all_back, ..order.clone() };
    assert_eq!(terms.count(october, None, &nothing), Err(NotCounted::NoGoods));
    terms.scope = Scope::of(product_id("race-2"));
    assert_eq!(terms.count(october, None, &order), Ok(counted(300, 1)));
    terms.audience.regions.insert("tx".parse().expect("an id"));
    assert_eq!(terms.count(october, None, &order), Err(NotCounted::Buyer(NotFor::Region)));
    terms.audience.regions.insert("us".parse().expect("an id"));
    assert_eq!(terms.count(october, None, &order), Ok(counted(300, 1)));
    terms.window.from = day("2026-11-01");
    assert_eq!(terms.count(october, None, &order), Err(NotCounted::Day));
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    let fine = two_steps(Ladder::Whole);
    assert_eq!(fine.check(), Ok(()));
    let with = |change: fn(&mut RebateTerms)| {
        let mut terms = two_steps(Ladder::Whole);
        change(&mut terms);
        terms.check()
    };
    assert_eq!(with(|it| it.window.until = Some(day("2025-12-31"))), Err(Fault::Window));
    assert_eq!(with(|it| it.window.from = day("2026-01-02")), Err(Fault::Begin));
    let april = |it: &mut RebateTerms| {
        (it.cycle, it.window.from) = (Cycle::Year, day("2026-04-01"));
    };
    assert_eq!(with(april), Err(Fault::Begin));
    assert_eq!(with(|it| it.tiers.clear()), Err(Fault::Tiers));
    assert_eq!(with(|it| it.tiers.push(rate(2_000_000, 1))), Err(Fault::Tiers));
    assert_eq!(with(|it| it.tiers[0] = rate(1, 0)), Err(Fault::Rate));
    assert_eq!(with(|it| it.tiers[0] = rate(1, 1_000_001)), Err(Fault::Rate));
    assert_eq!(with(|it| it.tiers[0] = each(1, 0)), Err(Fault::PerUnit));
    let mixed = |it: &mut RebateTerms| {
        (it.ladder, it.tiers[0]) = (Ladder::Bracket, each(1, 1));
    };
    assert_eq!(with(mixed), Err(Fault::Mixed));
}

#[test]
fn no_order_can_be_left_out_to_get_more() {
    let with = |basis, ladder, tiers: &[RebateTier]| terms(basis, ladder, tiers.to_vec()).check();
    let falling = [rate(0, 20_000), rate(1_000_000, 10_000)];
    // 199.99 of 9,999.99, but 100.00 of 10,000.00.
    let plan = terms(Basis::Amount, Ladder::Whole, falling.to_vec());
    assert!(plan.reach(counted(999_999, 1)).amount > plan.reach(counted(1_000_000, 1)).amount);
    assert_eq!(with(Basis::Amount, Ladder::Whole, &falling), Err(Fault::Falling));
    let falling_units = [each(0, 20), each(100, 10)];
    assert_eq!(with(Basis::Units, Ladder::Whole, &falling_units), Err(Fault::Falling));
    for mixed in [[each(0, 20), rate(100, 500_000)], [rate(0, 1), each(100, 10)]] {
        for basis in [Basis::Amount, Basis::Units] {
            assert_eq!(with(basis, Ladder::Whole, &mixed), Err(Fault::Falling));
        }
    }
    // What lies below a bracket keeps what that gives.
    assert_eq!(with(Basis::Amount, Ladder::Bracket, &falling), Ok(()));
    assert_eq!(with(Basis::Units, Ladder::Bracket, &falling_units), Ok(()));
    // As much as before is no fall, and one step can not fall.
    assert_eq!(with(Basis::Amount, Ladder::Whole, &[rate(0, 5), rate(9, 5)]), Ok(()));
    assert_eq!(with(Basis::Amount, Ladder::Whole, &[each(0, 5)]), Ok(()));
}

fn placed(order: &Order) -> OrderFacts {
    match order {
        Order::Placed(placed) => OrderFacts::from(&**placed),
        Order::Unsubmitted => panic!("it was submitted"),
    }
}

#[test]
fn an_order_counts_as_far_as_its_goods_have_come_and_not_gone_back() {
    let mut order: Order = after([submitted(), confirmed()]);
    let terms = two_steps(Ladder::Whole);
    let november = period("2026-11");
    assert_eq!(terms.count(november, None, &placed(&order)), Err(NotCounted::NoGoods));
    // One of two trail bikes and the race bike.
    order = after([
        submitted(),
        confirmed(),
        shipped(&[(1, 2), (2, 1)], OrderStatus::Shipped),
        received(&[(1, 1), (2, 1)], OrderStatus::PartlyReceived),
    ]);
    let came = terms.count(november, None, &placed(&order)).expect("it counts");
    assert_eq!(came.units, 2);
    let after_sale_id: values::AfterSaleId = "AS-1".parse().expect("a number");
    let lines = crate::world::lines(&[(2, 1)]);
    let commands = [
        OrderCommand::OpenAfterSale { after_sale_id: after_sale_id.clone(), lines: lines.clone() },
        OrderCommand::EndAfterSale { after_sale_id, settled: lines, amount: Minor(100_000) },
    ];
    for command in commands {
        use kernel::Decider as _;
        let events = order.decide(command).expect("it may");
        events.into_iter().for_each(|event| order.evolve(event));
    }
    let left = terms.count(november, None, &placed(&order)).expect("it counts");
    assert_eq!((left.units, left.net_minor.0), (1, came.net_minor.0 - 100_000));
}

#[test]
fn what_a_case_gave_back_is_that_of_its_lines_and_adds_up() {
    let line = |line_no, worth| SettledLine {
        line_no,
        quantity: Quantity::of(1),
        worth_minor: Minor(worth),
    };
    let settled = [line(1, 1), line(2, 1), line(3, 1)];
    let refund = |amount| [Refunded { fund: Fund::Credit, amount_minor: Minor(amount) }];
    let amounts: Vec<_> =
        went_back(&settled, &refund(2)).iter().map(|it| it.amount_minor.0).collect();
    assert_eq!((amounts.iter().sum::<i64>(), amounts), (2, vec![0, 1, 1]));
    // Goods that are sent again are the dealer's: nothing went back.
    assert!(went_back(&settled, &[]).is_empty());
}

fn draft(version: u32, terms: RebateTerms, by: &str) -> Box<Draft> {
    Box::new(Draft { version, terms, drafted_by: by.into() })
}

fn approved(version: u32) -> RebatePlanEvent {
    let plan_id = "yearly".parse().expect("an id");
    RebatePlanEvent::RebatePlanApproved { plan_id, version }
}

fn ended() -> RebatePlanEvent {
    let plan_id = "yearly".parse().expect("an id");
    let (last_day, reason) = (day("2026-11-15"), "改政策".into());
    RebatePlanEvent::RebatePlanEnded { plan_id, last_day, reason }
}

fn revise(terms: RebateTerms) -> RebatePlanCommand {
    RebatePlanCommand::Revise { terms: Box::new(terms), by: "li.lei".into() }
}

#[test]
fn a_plan_is_drafted_approved_written_anew_and_ended() {
    use kernel::spec::{given, given_nothing};
    let first = two_steps(Ladder::Whole);
    let drafted = RebatePlanEvent::RebatePlanDrafted(draft(1, first.clone(), "han.meimei"));
    let command =
        RebatePlanCommand::Draft { terms: Box::new(first.clone()), by: "han.meimei".into() };
    given_nothing::<RebatePlan>().when(command.clone()).then([drafted.clone()]);
    given_nothing::<RebatePlan>()
        .when(RebatePlanCommand::Approve)
        .then_refused(RebateRefusal::RebatePlanNotFound);
    let plan_id = first.plan_id.clone();
    given::<RebatePlan>([drafted.clone()])
        .when(command)
        .then_refused(RebateRefusal::AlreadyDrafted { plan_id });
    given::<RebatePlan>([drafted.clone()]).when(RebatePlanCommand::Approve).then([approved(1)]);
    let mut second = two_steps(Ladder::Bracket);
    second.window.from = day("2026-11-01");
    let revised =
        |version| RebatePlanEvent::RebatePlanRevised(draft(version, second.clone(), "li.lei"));
    given::<RebatePlan>([drafted.clone()]).when(revise(second.clone())).then([revised(1)]);
    let running = [drafted, approved(1)];
    given::<RebatePlan>(running.clone()).when(revise(second.clone())).then([revised(2)]);
    given::<RebatePlan>(running.clone()).when(revise(first.clone())).then_nothing();
    given::<RebatePlan>(running.clone()).when(RebatePlanCommand::Approve).then_nothing();
    let quarters = RebateTerms { cycle: Cycle::Quarter, ..first };
    given::<RebatePlan>(running.clone())
        .when(revise(quarters))
        .then_refused(RebateRefusal::OtherPlan);
    let over: Vec<_> = running.into_iter().chain([ended()]).collect();
    given::<RebatePlan>(over).when(revise(second)).then_refused(RebateRefusal::RebatePlanEnded);
}

#[test]
fn each_period_has_the_version_that_had_begun_with_it() {
    let mut second = two_steps(Ladder::Bracket);
    second.window.from = day("2026-11-01");
    let drafted =
        RebatePlanEvent::RebatePlanDrafted(draft(1, two_steps(Ladder::Whole), "han.meimei"));
    let revised = RebatePlanEvent::RebatePlanRevised(draft(2, second, "li.lei"));
    let plan: RebatePlan = after([drafted, approved(1), revised, approved(2), ended()]);
    let versions = plan.versions().expect("it is there");
    let number = |text| versions.of_period(period(text)).map(|it| it.version);
    assert_eq!((number("2026-10"), number("2026-11")), (Ok(1), Ok(2)));
    let no = |text| Err(RebateRefusal::NoSuchPeriod { period: period(text) });
    // Before it began, after it ended, and of another length.
    assert_eq!(
        (number("2025-12"), number("2026-12"), number("2026-Q4")),
        (no("2025-12"), no("2026-12"), no("2026-Q4"))
    );
    let terms = &versions.of_period(period("2026-11")).expect("it counts").terms;
    assert_eq!(versions.last_day(terms, period("2026-11")), day("2026-11-15"));
    assert_eq!(versions.drafters.len(), 2);
    for event in [approved(1), ended()] {
        assert!(event.sentence().zh.contains("yearly") && event.sentence().en.contains("yearly"));
    }
}

#[test]
fn a_version_that_ends_earlier_leaves_settled_periods_within_reach() {
    let mut second = two_steps(Ladder::Bracket);
    second.window.until = Some(day("2026-06-30"));
    let drafted =
        RebatePlanEvent::RebatePlanDrafted(draft(1, two_steps(Ladder::Whole), "han.meimei"));
    let revised = RebatePlanEvent::RebatePlanRevised(draft(2, second, "li.lei"));
    let plan: RebatePlan = after([drafted, approved(1), revised, approved(2)]);
    let versions = plan.versions().expect("it is there");
    let number = |text, by| versions.of_settlement(period(text), by).map(|version| version.version);
    let no = |text| Err(RebateRefusal::NoSuchPeriod { period: period(text) });
    // The newest one counts where it has days, whatever was settled by before.
    assert_eq!((number("2026-06", 0), number("2026-06", 1)), (Ok(2), Ok(2)));
    // July does not count any more; but where it was settled, what comes back is taken off it.
    assert_eq!((number("2026-07", 0), number("2026-07", 1)), (no("2026-07"), Ok(1)));
    assert_eq!((number("2026-Q3", 1), number("2026-07", 3)), (no("2026-Q3"), no("2026-07")));
}

pub(crate) fn order(number: u32, net: i64) -> CountedOrder {
    let order_id = format!("SO-{number:04}").parse().expect("a number");
    CountedOrder { order_id, counted: counted(net, 1) }
}

pub(crate) fn settle(version: u32, terms: RebateTerms, orders: &[CountedOrder]) -> Settle {
    Settle {
        version: *draft(version, terms, "han.meimei"),
        period: period("2026-10"),
        dealer_id: "kansas-29ers".parse().expect("an id"),
        orders: orders.to_vec(),
    }
}

/// What a settlement gives, and what it is after it.
fn settled(before: &RebateSettlement, settle: Settle) -> (i64, RebateSettlement) {
    use kernel::Decider as _;
    let gives = before.gives(&settle).expect("there is something");
    let events = before.decide(settle).expect("there is something");
    let [RebateSettlementEvent::RebateSettled(told)] = events.as_slice() else {
        panic!("one fact")
    };
    assert_eq!(told.given_minor, gives);
    assert_eq!(told.accrued_minor.0, told.before_minor.0 + told.given_minor.0);
    let mut after = before.clone();
    events.into_iter().for_each(|event| after.evolve(event));
    (gives.0, after)
}

#[test]
fn settling_again_gives_the_difference_only() {
    use kernel::Decider as _;
    let terms = two_steps(Ladder::Whole);
    let nothing = RebateSettlement::default();
    let (given, first) = settled(&nothing, settle(1, terms.clone(), &[order(1, 1_500_000)]));
    assert_eq!(given, 15_000);
    let again = first.decide(settle(1, terms.clone(), &[order(1, 1_500_000)]));
    assert_eq!(again, Err(RebateRefusal::NothingToSettle));
    // An order that came late lifts all of it to the next step.
    let late = [order(1, 1_500_000), order(2, 1_000_000)];
    let (given, second) = settled(&first, settle(1, terms.clone(), &late));
    assert_eq!(given, 50_000 - 15_000);
    // A return takes back what has become too much.
    let back = [order(1, 0), order(2, 1_000_000)];
    let (given, third) = settled(&second, settle(1, terms.clone(), &back));
    assert_eq!(given, 10_000 - 50_000);
    // Another version is a correction.
    let brackets = two_steps(Ladder::Bracket);
    let (given, fourth) = settled(&third, settle(2, brackets, &back));
    assert_eq!((given, fourth.given), (-10_000, Minor::ZERO));
    let none = settle(1, terms, &[]);
    assert_eq!(nothing.decide(none), Err(RebateRefusal::NothingToSettle));
}

#[test]
fn a_settlement_looks_at_so_many_orders_only() {
    let all: Vec<_> = (0..1_001).map(|number| order(number, 1)).collect();
    let terms = two_steps(Ladder::Whole);
    let no = RebateSettlement::default().gives(&settle(1, terms, &all));
    assert_eq!(no, Err(RebateRefusal::TooManyOrders));
    assert!(RebateRefusal::TooManyOrders.text().zh.contains("1000"));
}

#[test]
fn settlements_of_different_things_are_different_objects() {
    let of = |plan: &str, time: &str, dealer: &str| {
        let (plan_id, dealer_id) = (plan.parse().expect("an id"), dealer.parse().expect("an id"));
        settlement_id(&plan_id, period(time), &dealer_id)
    };
    let ids = [
        of("a", "2026-10", "d"),
        of("a", "2026-11", "d"),
        of("a", "2026-10", "e"),
        of("b", "2026-10", "d"),
        of("a-2026-10", "2026", "d"),
    ];
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}
