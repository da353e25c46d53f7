//! Properties of rebates: whatever orders there are, under whatever plan.

use order::audience::Scope;
use order::rebate::facts::Line;
use order::rebate::{
    Basis, Counted, Goods, Ladder, OrderFacts, Ppm, RebateSettlement, RebateSettlementEvent,
    RebateTerms, Reward,
};
use proptest::prelude::*;
use values::{BusinessDate, Minor, Quantity};

use crate::rebates::{counted, each, facts, goods, order, period, rate, settle, terms};
use crate::world::{day, product_id};

fn any_goods() -> impl Strategy<Value = Vec<Goods>> {
    let one = (any::<bool>(), -50_i64..200, -40_000_i64..900_000);
    let one = one.prop_map(|(trail, units, net)| {
        goods(if trail { "trail-1" } else { "race-2" }, units, net)
    });
    prop::collection::vec(one, 0..4)
}

fn any_order() -> impl Strategy<Value = OrderFacts> {
    (0..1_000_usize, 0..90_u32, any::<bool>(), any_goods()).prop_map(
        |(number, on, again, goods)| {
            let date: BusinessDate = day("2026-08-15").plus_days(on);
            let sends_again = again && number % 5 == 0;
            OrderFacts { sends_again, day: date, ..facts(number, "2026-10-01", goods) }
        },
    )
}

fn any_terms() -> impl Strategy<Value = RebateTerms> {
    let steps = prop::collection::btree_map(0_u64..3_000_000, 1_u32..200_000, 1..6);
    (any::<bool>(), any::<bool>(), any::<bool>(), steps).prop_map(
        |(amount, whole, trail_only, steps)| {
            let basis = if amount { Basis::Amount } else { Basis::Units };
            let ladder = if whole { Ladder::Whole } else { Ladder::Bracket };
            let tiers = steps.into_iter().map(|(from, reward)| match basis {
                Basis::Amount => rate(from, reward),
                Basis::Units => each(from / 10_000 * 7 + from % 7, i64::from(reward)),
            });
            let mut tiers: Vec<_> = tiers.collect();
            tiers.sort_by_key(|tier| tier.from);
            tiers.dedup_by_key(|tier| tier.from);
            if whole {
                // A step for everything gives no less than the one before.
                let mut rewards: Vec<_> = tiers.iter().map(|tier| tier.reward).collect();
                rewards.sort_by_key(|reward| match reward {
                    Reward::Rate(Ppm(ppm)) => i64::from(*ppm),
                    Reward::PerUnit(amount) => amount.0,
                });
                tiers.iter_mut().zip(rewards).for_each(|(tier, reward)| tier.reward = reward);
            }
            let mut terms = terms(basis, ladder, tiers);
            if trail_only {
                terms.scope = Scope::of(product_id("trail-1"));
            }
            terms
        },
    )
}

/// All that counts, added up in the order given.
fn total(terms: &RebateTerms, orders: &[OrderFacts]) -> Counted {
    let counted = orders.iter().filter_map(|it| terms.count(period("2026-10"), None, it).ok());
    counted.fold(Counted::default(), Counted::plus)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_order_of_facts_makes_no_difference(
        terms in any_terms(),
        (orders, shuffled) in prop::collection::vec(any_order(), 0..12)
            .prop_flat_map(|orders| (Just(orders.clone()), Just(orders).prop_shuffle())),
    ) {
        prop_assert_eq!(terms.check(), Ok(()));
        let mut shuffled = shuffled;
        shuffled.iter_mut().for_each(|it| it.goods.reverse());
        let (one, other) = (total(&terms, &orders), total(&terms, &shuffled));
        prop_assert_eq!(one, other);
        let reached = terms.reach(one);
        prop_assert_eq!(&reached, &terms.reach(other));
    }

    #[test]
    fn what_is_reached_is_what_its_steps_say(terms in any_terms(), net in -9_000_000_i64..9_000_000, units in -9_000_i64..9_000) {
        let reached = terms.reach(counted(net, units));
        prop_assert!(reached.amount >= Minor::ZERO);
        let sum: i64 = reached.parts.iter().map(|it| it.amount.0).sum();
        prop_assert_eq!(sum, reached.amount.0);
        // No more than all of it by the best step.
        let best = terms.tiers.iter().map(|tier| match tier.reward {
            Reward::Rate(Ppm(ppm)) => i128::from(net.max(0)) * i128::from(ppm) / 1_000_000,
            Reward::PerUnit(amount) => i128::from(units.max(0)) * i128::from(amount.0),
        });
        prop_assert!(i128::from(reached.amount.0) <= best.max().unwrap_or(0));
        match reached.tier {
            Some(tier) => prop_assert!(terms.tiers[tier].from <= reached.measured),
            None => prop_assert!(reached.parts.is_empty()),
        }
        if let Some(next) = reached.next {
            let more = i64::try_from(next.missing).expect("small");
            let counted = match terms.basis {
                Basis::Amount => counted(net.max(0) + more, units),
                Basis::Units => counted(net, units.max(0) + more),
            };
            prop_assert_eq!(terms.reach(counted).tier, Some(next.tier));
        }
    }

    /// Nobody gets more by leaving orders out, whatever they are.
    #[test]
    fn more_orders_never_give_less(
        terms in any_terms(),
        some in (0_i64..4_000_000, 0_i64..9_000),
        more in (0_i64..4_000_000, 0_i64..9_000),
    ) {
        prop_assert_eq!(terms.check(), Ok(()));
        let all = counted(some.0 + more.0, some.1 + more.1);
        prop_assert!(terms.reach(all).amount >= terms.reach(counted(some.0, some.1)).amount);
    }

    #[test]
    fn however_often_it_is_settled_all_given_is_what_was_reached(
        terms in any_terms(),
        rounds in prop::collection::vec(prop::collection::vec((0_u32..6, 0_i64..2_000_000), 0..4), 1..6),
    ) {
        use kernel::Decider as _;
        let mut state = RebateSettlement::default();
        let mut given = 0_i64;
        let mut known = std::collections::BTreeMap::new();
        for round in rounds {
            let orders: Vec<_> = round.iter().map(|&(number, net)| order(number, net)).collect();
            // Of one named twice the last one counts, as of facts read one after the other.
            orders.iter().for_each(|it| { known.insert(it.order_id.clone(), it.counted); });
            let Ok(events) = state.decide(settle(1, terms.clone(), &orders)) else { continue };
            for event in events {
                let RebateSettlementEvent::RebateSettled(it) = &event;
                given += it.given_minor.0;
                state.evolve(event);
            }
            let all = known.values().copied().fold(Counted::default(), Counted::plus);
            prop_assert_eq!(given, terms.reach(all).amount.0);
            prop_assert_eq!(state.given.0, given);
        }
    }

    #[test]
    fn all_parts_of_a_line_together_cost_what_it_does(ordered in 1_u32..500, net in 0_i64..9_000_000) {
        let line = |arrived| Line {
            ordered: Quantity::of(ordered),
            net: Minor(net),
            arrived: Quantity::of(arrived),
            ..Line::default()
        };
        let cost = |arrived| line(arrived).goods(&product_id("trail-1"), &[]).iter().map(|it| it.net.0).sum::<i64>();
        prop_assert_eq!(cost(ordered), net);
        prop_assert!(cost(ordered / 2) <= net && cost(0) == 0);
    }
}
