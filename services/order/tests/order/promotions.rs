//! What promotions give, one kind after the other.

use std::collections::{BTreeMap, BTreeSet};

use order::audience::{Audience, Buyer, NotFor, Scope, Window};
use order::promotion::outcome::Missing;
use order::promotion::{
    Applied, BasisPoints, Cart, CartLine, Fault, Gift, Group, Measure, Offer, Outcome, Part, Quota,
    Refused, Reward, Stacking, Stock, Terms, Tier, Verdict, apply,
};
use values::{BusinessDate, DealerClass, Minor, ProductId, PromotionId, Quantity};

pub(crate) fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("an id")
}

fn day(text: &str) -> BusinessDate {
    text.parse().expect("a day")
}

/// A promotion for everybody and everything, in a group of its own name.
pub(crate) fn promotion(name: &str, measure: Measure, tiers: Vec<(u64, Reward)>) -> Terms {
    let tiers = tiers.into_iter().map(|(from, reward)| Tier { from, reward }).collect();
    Terms {
        promotion_id: id(name),
        name: name.to_owned(),
        window: Window { from: day("2026-06-01"), until: Some(day("2026-06-30")) },
        audience: Audience::default(),
        scope: Scope::default(),
        group: Group { rank: 1, name: "every".to_owned(), stacking: Stacking::All },
        rank: 1,
        alone: false,
        offer: Offer { measure, tiers, repeats: false },
        quota: Quota::default(),
    }
}

pub(crate) fn line(line_no: u32, product: &str, quantity: u32, unit_price: i64) -> CartLine {
    CartLine {
        line_no,
        product_id: id(product),
        category_path: vec!["drinks".to_owned(), product[..1].to_owned()],
        quantity: Quantity::of(quantity),
        unit_price: Minor(unit_price),
        floor: Minor::ZERO,
    }
}

pub(crate) fn cart(lines: Vec<CartLine>) -> Cart {
    let buyer = Buyer {
        dealer_id: id("hz-star"),
        class: DealerClass { level_id: Some(id("gold")), channel_id: Some(id("retail")) },
        region_ids: ["root", "east", "hangzhou"].map(id).into(),
    };
    Cart { day: day("2026-06-18"), buyer, lines, stock: Stock::default(), left: BTreeMap::new() }
}

fn percent(hundredths: u16) -> Reward {
    Reward::Percent(BasisPoints(hundredths))
}

fn gift(product: &str, quantity: u32, instead: &[&str]) -> Reward {
    let instead = instead.iter().map(|product| id(product)).collect();
    Reward::Gifts(vec![Gift { product_id: id(product), quantity: Quantity::of(quantity), instead }])
}

fn verdict<'a>(outcome: &'a Outcome, promotion: &str) -> &'a Verdict {
    let promotion: PromotionId = id(promotion);
    let tried = outcome.tried.iter().find(|tried| tried.promotion_id == promotion);
    &tried.expect("it was tried").verdict
}

fn applied<'a>(outcome: &'a Outcome, promotion: &str) -> &'a Applied {
    match verdict(outcome, promotion) {
        Verdict::Applied(applied) => applied,
        refused @ Verdict::Refused(_) => panic!("{promotion}: {refused:?}"),
    }
}

fn refused<'a>(outcome: &'a Outcome, promotion: &str) -> &'a Refused {
    match verdict(outcome, promotion) {
        Verdict::Refused(refused) => refused,
        given @ Verdict::Applied(_) => panic!("{promotion}: {given:?}"),
    }
}

fn nets(outcome: &Outcome) -> Vec<i64> {
    outcome.lines.iter().map(|line| line.net.0).collect()
}

fn given(outcome: &Outcome) -> Vec<(&str, i64, Option<&str>)> {
    let gifts = outcome.gifts.iter();
    gifts
        .map(|gift| {
            let instead_of = gift.instead_of.as_ref().map(ProductId::as_str);
            (gift.product_id.as_str(), gift.quantity.get(), instead_of)
        })
        .collect()
}

#[test]
fn spend_and_save_is_spread_to_the_minor_unit() {
    let save = promotion("save", Measure::Amount, vec![(10_000, Reward::Off(Minor(1_000)))]);
    let three = ["tea", "cola", "water"].into_iter().zip(1..);
    let three = cart(three.map(|(product, line_no)| line(line_no, product, 1, 3_334)).collect());
    let outcome = apply(&three, &[save]);
    // 333⅓ each; what is left over goes to the first by name.
    assert_eq!(nets(&outcome), [3_001, 3_000, 3_001]);
    assert_eq!(outcome.net(), Minor(9_002));
    assert_eq!(applied(&outcome, "save").next, None);
}

#[test]
fn what_repeats_is_given_each_time_and_says_what_the_next_time_takes() {
    let mut save = promotion("save", Measure::Amount, vec![(10_000, Reward::Off(Minor(1_000)))]);
    save.offer.repeats = true;
    let outcome = apply(&cart(vec![line(1, "tea", 7, 5_000)]), &[save]);
    let it = applied(&outcome, "save");
    assert_eq!((it.times, it.off), (3, Minor(3_000)));
    assert_eq!(it.next, Some(Missing::Amount(Minor(5_000))));
}

#[test]
fn the_highest_tier_that_is_reached_counts() {
    let tiers = vec![(10, percent(500)), (50, percent(1_000)), (100, percent(2_000))];
    let steps = promotion("steps", Measure::Quantity, tiers);
    let at =
        |quantity| apply(&cart(vec![line(1, "tea", quantity, 100)]), std::slice::from_ref(&steps));
    assert_eq!(refused(&at(9), "steps"), &Refused::TooLittle(Missing::Quantity(Quantity::of(1))));
    assert_eq!(
        (at(10).net(), at(50).net(), at(100).net()),
        (Minor(950), Minor(4_500), Minor(8_000))
    );
    assert_eq!(applied(&at(80), "steps").next, Some(Missing::Quantity(Quantity::of(20))));
}

#[test]
fn gifts_come_from_stock_then_from_what_replaces_them_then_not_at_all() {
    let mut buy = promotion("buy", Measure::Quantity, vec![(10, gift("cup", 2, &["mug", "pen"]))]);
    buy.offer.repeats = true;
    let mut ten = cart(vec![line(1, "tea", 50, 100), line(2, "cup", 1, 900)]);
    assert_eq!(given(&apply(&ten, std::slice::from_ref(&buy))), [("cup", 10, None)]);
    // What is bought is no gift.
    ten.stock.there = BTreeMap::from([
        (id("cup"), Quantity::of(4)),
        (id("mug"), Quantity::of(5)),
        (id("pen"), Quantity::of(1)),
    ]);
    let outcome = apply(&ten, std::slice::from_ref(&buy));
    assert_eq!(
        given(&outcome),
        [("cup", 3, None), ("mug", 5, Some("cup")), ("pen", 1, Some("cup"))]
    );
    assert_eq!(applied(&outcome, "buy").missing_gifts, [(id("cup"), Quantity::of(1))]);
    ten.stock.there.values_mut().for_each(|there| *there = Quantity::ZERO);
    assert_eq!(refused(&apply(&ten, &[buy]), "buy"), &Refused::GiftsGone);
}

#[test]
fn a_set_costs_its_price_and_what_is_over_its_own() {
    let parts = [("tea", 2), ("cup", 1)];
    let parts = parts.map(|(product, quantity)| Part {
        product_id: id(product),
        quantity: Quantity::of(quantity),
    });
    let set =
        promotion("set", Measure::Sets(parts.into()), vec![(1, Reward::SetPrice(Minor(2_000)))]);
    // Two sets of 2 × 500 + 1,500, and one tea and a water besides.
    let lines = vec![line(1, "tea", 5, 500), line(2, "cup", 2, 1_500), line(3, "water", 1, 300)];
    let outcome = apply(&cart(lines), std::slice::from_ref(&set));
    let it = applied(&outcome, "set");
    assert_eq!((it.times, it.off), (2, Minor(1_000)));
    assert_eq!(nets(&outcome), [2_100, 2_400, 300]);
    let next = vec![(id("tea"), Quantity::of(1)), (id("cup"), Quantity::of(1))];
    assert_eq!(it.next, Some(Missing::Parts(next)));

    let outcome = apply(&cart(vec![line(1, "tea", 5, 500)]), &[set]);
    let missing = Missing::Parts(vec![(id("cup"), Quantity::of(1))]);
    assert_eq!(refused(&outcome, "set"), &Refused::TooLittle(missing));
}

#[test]
fn a_later_one_is_judged_on_what_the_goods_cost_by_then() {
    let mut discount = promotion("discount", Measure::Quantity, vec![(1, percent(1_000))]);
    let save = promotion("save", Measure::Amount, vec![(10_000, Reward::Off(Minor(500)))]);
    let hundred = cart(vec![line(1, "tea", 100, 100)]);
    let outcome = apply(&hundred, &[save.clone(), discount.clone()]);
    assert_eq!(outcome.net(), Minor(9_000), "discount comes first: its id is the smaller one");
    assert_eq!(refused(&outcome, "save"), &Refused::TooLittle(Missing::Amount(Minor(1_000))));
    discount.rank = 2;
    assert_eq!(apply(&hundred, &[discount, save]).net(), Minor(8_550));
}

#[test]
fn of_a_group_the_best_or_the_first_is_given() {
    let in_group = |name: &str, reward: Reward, stacking: Stacking| {
        let mut it = promotion(name, Measure::Quantity, vec![(1, reward)]);
        it.group = Group { rank: 1, name: "one-of".to_owned(), stacking };
        it
    };
    let mut ten = cart(vec![line(1, "tea", 10, 1_000)]);
    ten.stock.worth.insert(id("cup"), Minor(900));
    for (stacking, taken) in [(Stacking::Best, "b-cup"), (Stacking::First, "a-percent")] {
        let group = [
            in_group("a-percent", percent(500), stacking),
            in_group("b-cup", gift("cup", 1, &[]), stacking),
            in_group("c-off", Reward::Off(Minor(400)), stacking),
        ];
        let outcome = apply(&ten, &group);
        let others = ["a-percent", "b-cup", "c-off"].into_iter().filter(|name| *name != taken);
        applied(&outcome, taken);
        for other in others {
            assert_eq!(refused(&outcome, other), &Refused::Group(id(taken)), "{stacking:?}");
        }
    }
}

#[test]
fn one_that_stands_alone_ends_it_and_comes_after_none() {
    let alone = |rank| {
        let mut it = promotion("alone", Measure::Quantity, vec![(1, percent(100))]);
        (it.alone, it.rank) = (true, rank);
        it
    };
    let other = |rank| {
        let mut it = promotion("other", Measure::Quantity, vec![(1, percent(5_000))]);
        it.rank = rank;
        it
    };
    let ten = cart(vec![line(1, "tea", 10, 1_000)]);
    let outcome = apply(&ten, &[other(2), alone(1)]);
    assert_eq!(refused(&outcome, "other"), &Refused::AfterOneAlone(id("alone")));
    let outcome = apply(&ten, &[other(1), alone(2)]);
    assert_eq!(refused(&outcome, "alone"), &Refused::NotAlone);
}

#[test]
fn no_price_falls_below_its_floor() {
    let mut ten = cart(vec![line(1, "tea", 10, 1_000), line(2, "cup", 10, 1_000)]);
    ten.lines[0].floor = Minor(950);
    let half = promotion("half", Measure::Quantity, vec![(1, percent(5_000))]);
    let outcome = apply(&ten, std::slice::from_ref(&half));
    assert_eq!(nets(&outcome), [9_500, 500], "what the one can not take, the other does");
    ten.lines[1].floor = Minor(900);
    let outcome = apply(&ten, std::slice::from_ref(&half));
    assert_eq!(nets(&outcome), [9_500, 9_000]);
    assert_eq!(applied(&outcome, "half").kept_by_floor, Minor(8_500));
    ten.lines.iter_mut().for_each(|line| line.floor = Minor(1_000));
    assert_eq!(refused(&apply(&ten, &[half]), "half"), &Refused::Floor);
}

#[test]
fn what_is_left_of_it_is_not_exceeded() {
    let mut save = promotion("save", Measure::Amount, vec![(1_000, Reward::Off(Minor(100)))]);
    save.offer.repeats = true;
    let mut ten = cart(vec![line(1, "tea", 10, 1_000)]);
    ten.left.insert(id("save"), 4);
    let outcome = apply(&ten, std::slice::from_ref(&save));
    let it = applied(&outcome, "save");
    assert_eq!((it.times, it.off, it.ran_out, &it.next), (4, Minor(400), true, &None));
    ten.left.insert(id("save"), 0);
    assert_eq!(refused(&apply(&ten, &[save]), "save"), &Refused::RanOut);
}

#[test]
fn it_is_for_those_it_names_and_denying_wins() {
    let any = promotion("any", Measure::Quantity, vec![(1, percent(1_000))]);
    let why = |change: &dyn Fn(&mut Terms)| {
        let mut it = any.clone();
        change(&mut it);
        match verdict(&apply(&cart(vec![line(1, "tea", 1, 100)]), &[it]), "any") {
            Verdict::Applied(_) => None,
            Verdict::Refused(refused) => Some(refused.clone()),
        }
    };
    let audience = |it: &mut Terms| {
        it.audience = Audience {
            regions: BTreeSet::from([id("east")]),
            levels: BTreeSet::from([id("gold")]),
            channels: BTreeSet::from([id("retail")]),
            dealers: BTreeSet::from([id("hz-star")]),
            denied: BTreeSet::new(),
        };
    };
    assert_eq!(why(&audience), None);
    assert_eq!(
        why(&|it| it.audience.regions = [id("west")].into()),
        Some(Refused::NotFor(NotFor::Region))
    );
    assert_eq!(
        why(&|it| it.audience.levels = [id("iron")].into()),
        Some(Refused::NotFor(NotFor::Level))
    );
    assert_eq!(
        why(&|it| it.audience.channels = [id("web")].into()),
        Some(Refused::NotFor(NotFor::Channel))
    );
    assert_eq!(
        why(&|it| it.audience.dealers = [id("other")].into()),
        Some(Refused::NotFor(NotFor::Dealer))
    );
    let denied = |it: &mut Terms| {
        audience(it);
        it.audience.denied = [id("hz-star")].into();
    };
    assert_eq!(why(&denied), Some(Refused::NotFor(NotFor::Dealer)));
    assert_eq!(why(&|it| it.window.until = Some(day("2026-06-17"))), Some(Refused::Day));
    assert_eq!(why(&|it| it.window.from = day("2026-06-19")), Some(Refused::Day));
    assert_eq!(why(&|it| it.window.until = Some(day("2026-06-18"))), None);
    assert_eq!(why(&|it| it.scope = Scope::of(id("cup"))), Some(Refused::Scope));
    assert_eq!(why(&|it| it.scope.except = [id("tea")].into()), Some(Refused::Scope));
    let of = |path: &[&str]| BTreeSet::from([path.iter().map(|it| (*it).to_owned()).collect()]);
    assert_eq!(why(&|it| it.scope.categories = of(&["drinks"])), None);
    assert_eq!(why(&|it| it.scope.categories = of(&["drinks", "t"])), None);
    assert_eq!(why(&|it| it.scope.categories = of(&["drinks", "x"])), Some(Refused::Scope));
}

#[test]
fn half_a_unit_is_rounded_up() {
    assert_eq!(BasisPoints(1_250).of(Minor(4)), Minor(1), "0.5");
    assert_eq!(BasisPoints(1_249).of(Minor(4)), Minor(0), "0.4996");
    assert_eq!(BasisPoints(10_000).of(Minor(i64::MAX)), Minor(i64::MAX));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let fault =
        |measure: Measure, tiers: Vec<(u64, Reward)>| promotion("it", measure, tiers).check();
    let off = |amount| Reward::Off(Minor(amount));
    let part = |quantity| Part { product_id: id("tea"), quantity: Quantity::of(quantity) };
    let sets = |parts: Vec<Part>| Measure::Sets(parts);
    assert_eq!(fault(Measure::Amount, vec![(1, off(1)), (2, off(2))]), Ok(()));
    assert_eq!(fault(sets(vec![part(1)]), vec![(1, Reward::SetPrice(Minor(0)))]), Ok(()));
    for (measure, tiers, wrong) in [
        (Measure::Amount, vec![], Fault::Tiers),
        (Measure::Amount, vec![(0, off(1))], Fault::Tiers),
        (Measure::Amount, vec![(2, off(1)), (2, off(2))], Fault::Tiers),
        (Measure::Amount, vec![(1, off(0))], Fault::Off),
        (Measure::Amount, vec![(1, percent(0))], Fault::Percent),
        (Measure::Amount, vec![(1, percent(10_001))], Fault::Percent),
        (Measure::Amount, vec![(1, Reward::SetPrice(Minor(1)))], Fault::SetPrice),
        (Measure::Amount, vec![(1, Reward::Gifts(vec![]))], Fault::Gifts),
        (Measure::Amount, vec![(1, gift("cup", 0, &[]))], Fault::Gifts),
        (sets(vec![]), vec![(1, off(1))], Fault::Parts),
        (sets(vec![part(0)]), vec![(1, off(1))], Fault::Parts),
        (sets(vec![part(1), part(2)]), vec![(1, off(1))], Fault::Parts),
    ] {
        assert_eq!(fault(measure, tiers), Err(wrong));
    }
    let mut it = promotion("it", Measure::Amount, vec![(1, off(1)), (2, off(2))]);
    it.offer.repeats = true;
    assert_eq!(it.check(), Err(Fault::RepeatedTiers));
    it.window.until = Some(day("2026-05-31"));
    assert_eq!(it.check(), Err(Fault::Window));
    let mut share = promotion("it", Measure::Amount, vec![(1, percent(10))]);
    share.offer.repeats = true;
    assert_eq!(share.check(), Err(Fault::RepeatedPercent));
    let many: Vec<_> = (0..50).map(|n| format!("cup-{n}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let gifts = vec![(1, gift("cup", 1, &many))];
    assert_eq!(promotion("it", Measure::Amount, gifts).check(), Err(Fault::Gifts));
}
