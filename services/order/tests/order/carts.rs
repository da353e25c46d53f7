//! Promotions over many carts that nobody thought of.

use std::collections::BTreeMap;

use order::promotion::{
    BasisPoints, Cart, CartLine, Gift, Group, Measure, Outcome, Part, Reward, Stacking, Terms,
    Tier, Verdict, apply,
};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use values::{Minor, ProductId, Quantity};

use crate::promotions::{cart, id, line, promotion};

/// Carts that are looked at.
const CARTS: u64 = 100_000;
const PRODUCTS: [&str; 6] = ["tea", "cola", "water", "juice", "cup", "mug"];

fn product(random: &mut StdRng) -> &'static str {
    PRODUCTS[random.random_range(0..PRODUCTS.len())]
}

fn units(random: &mut StdRng, most: u32) -> Quantity {
    Quantity::of(random.random_range(1..=most))
}

fn random_cart(random: &mut StdRng) -> Cart {
    let prices: BTreeMap<&str, (i64, i64)> = PRODUCTS
        .into_iter()
        .map(|product| {
            let price = random.random_range(0..3_000);
            (product, (price, random.random_range(0..=price)))
        })
        .collect();
    let lines = (1..=random.random_range(1..8)).map(|line_no| {
        let product = product(random);
        let (price, floor) = prices[product];
        let line = line(line_no, product, random.random_range(1..60), price);
        CartLine { floor: Minor(floor), ..line }
    });
    let mut cart = cart(lines.collect());
    for product in ["cup", "mug"] {
        cart.stock.there.insert(id(product), Quantity::of(random.random_range(0..40)));
        cart.stock.worth.insert(id(product), Minor(random.random_range(0..500)));
    }
    cart
}

fn reward(random: &mut StdRng, measure: &Measure) -> Reward {
    match (random.random_range(0..4), measure) {
        (0, _) => Reward::Percent(BasisPoints(random.random_range(1..=10_000))),
        (1, Measure::Sets(_)) => Reward::SetPrice(Minor(random.random_range(0..4_000))),
        (1 | 2, _) => Reward::Off(Minor(random.random_range(1..5_000))),
        _ => Reward::Gifts(vec![Gift {
            product_id: id("cup"),
            quantity: units(random, 3),
            instead: vec![id("mug")],
        }]),
    }
}

fn random_promotion(random: &mut StdRng, number: usize) -> Terms {
    let measure = match random.random_range(0..3) {
        0 => Measure::Amount,
        1 => Measure::Quantity,
        _ => {
            let mut products = PRODUCTS;
            products.shuffle(random);
            let parts = products[..random.random_range(1..3)].iter();
            let part = |product: &&str, quantity| Part { product_id: id(product), quantity };
            Measure::Sets(parts.map(|product| part(product, units(random, 3))).collect())
        }
    };
    let most = if measure == Measure::Amount { 20_000 } else { 30 };
    let tiers = random.random_range(1..=3);
    let mut from = 0;
    let tiers = (0..tiers).map(|_| {
        from += random.random_range(1..most);
        (from, reward(random, &measure))
    });
    let tiers: Vec<_> = tiers.collect();
    let mut it = promotion(&format!("p{number}"), measure, tiers);
    let share = matches!(it.offer.tiers[0].reward, Reward::Percent(_));
    let sets = matches!(it.offer.measure, Measure::Sets(_));
    it.offer.repeats = it.offer.tiers.len() == 1 && (sets || !share) && random.random();
    it.rank = random.random_range(0..3);
    it.alone = random.random_ratio(1, 10);
    let stacking = [Stacking::All, Stacking::Best, Stacking::First];
    let group = random.random_range(0..3);
    it.group = Group { rank: 1, name: format!("g{group}"), stacking: stacking[group] };
    if random.random_ratio(1, 3) {
        it.scope.products = (0..3).map(|_| id::<ProductId>(product(random))).collect();
    }
    it
}

fn world(seed: u64) -> (Cart, Vec<Terms>, StdRng) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut cart = random_cart(&mut random);
    let promotions: Vec<_> = (0..random.random_range(1..8))
        .map(|number| random_promotion(&mut random, number))
        .collect();
    for it in promotions.iter().filter(|_| random.random_ratio(1, 4)).collect::<Vec<_>>() {
        cart.left.insert(it.promotion_id.clone(), seed as u32 % 4);
    }
    (cart, promotions, random)
}

/// Every sum is exact, and nothing is given that is not there.
fn adds_up(cart: &Cart, outcome: &Outcome) -> Result<(), String> {
    let by_number: BTreeMap<u32, &CartLine> =
        cart.lines.iter().map(|line| (line.line_no, line)).collect();
    if outcome.lines.len() != cart.lines.len() {
        return Err("a line is missing".to_owned());
    }
    for line in &outcome.lines {
        let asked = by_number[&line.line_no];
        let units = asked.quantity.get();
        if line.gross.0 != asked.unit_price.0 * units || line.gross.0 != line.net.0 + line.off().0 {
            return Err(format!("a line does not add up: {line:?}"));
        }
        if line.net.0 < asked.floor.0 * units || line.discounts.iter().any(|it| it.off.0 <= 0) {
            return Err(format!("a line below its floor, or dearer: {line:?}"));
        }
    }
    for tried in &outcome.tried {
        let Verdict::Applied(applied) = &tried.verdict else { continue };
        let shares = outcome.lines.iter().flat_map(|line| &line.discounts);
        let shares = shares.filter(|share| share.promotion_id == tried.promotion_id);
        if shares.map(|share| share.off).sum::<Minor>() != applied.off {
            return Err(format!("shares of {} do not add up", tried.promotion_id));
        }
        if cart.left.get(&tried.promotion_id).is_some_and(|left| applied.times > *left) {
            return Err(format!("more of {} than is left", tried.promotion_id));
        }
    }
    for (product_id, there) in &cart.stock.there {
        let bought = cart.lines.iter().filter(|line| line.product_id == *product_id);
        let bought = Quantity::total(bought.map(|line| line.quantity));
        let given = outcome.gifts.iter().filter(|gift| gift.product_id == *product_id);
        let given = Quantity::total(given.map(|gift| gift.quantity));
        if given > there.less(bought) {
            return Err(format!("{given} of {product_id} given, {bought} of {there} bought"));
        }
    }
    Ok(())
}

/// The lines in another order, or one of them cut in two, or the rules in another order.
fn turned(cart: &Cart, promotions: &[Terms], random: &mut StdRng) -> (Cart, Vec<Terms>) {
    let (mut cart, mut promotions) = (cart.clone(), promotions.to_vec());
    if let Some(cut) = cart.lines.iter_mut().find(|line| line.quantity > Quantity::of(1)) {
        let part = Quantity::of(1);
        let rest = CartLine { line_no: 99, quantity: cut.quantity.less(part), ..cut.clone() };
        cut.quantity = part;
        cart.lines.push(rest);
    }
    cart.lines.shuffle(random);
    promotions.shuffle(random);
    (cart, promotions)
}

#[test]
fn sums_are_exact_whatever_the_cart_and_independent_of_the_order_of_its_lines() {
    let (mut given, mut kinds) = (0_u64, BTreeMap::new());
    for seed in 0..CARTS {
        let (cart, promotions, mut random) = world(seed);
        let outcome = apply(&cart, &promotions);
        assert_eq!(adds_up(&cart, &outcome), Ok(()), "seed {seed}");

        let mut lines = cart.clone();
        lines.lines.reverse();
        assert_eq!(apply(&lines, &promotions), outcome, "seed {seed}, lines reversed");

        let (cut, shuffled) = turned(&cart, &promotions, &mut random);
        let again = apply(&cut, &shuffled);
        assert_eq!(adds_up(&cut, &again), Ok(()), "seed {seed}, cut");
        assert_eq!(again.tried, outcome.tried, "seed {seed}, cut");
        assert_eq!(
            (again.net(), &again.gifts),
            (outcome.net(), &outcome.gifts),
            "seed {seed}, cut"
        );

        for tried in outcome.tried {
            given += u64::from(matches!(tried.verdict, Verdict::Applied(_)));
            let kind = match tried.verdict {
                Verdict::Applied(_) => "applied".to_owned(),
                Verdict::Refused(refused) => {
                    format!("{refused:?}").split(['(', ' ']).next().unwrap_or_default().to_owned()
                }
            };
            *kinds.entry(kind).or_insert(0_u64) += 1;
        }
    }
    println!("{CARTS} carts, {given} promotions given: {kinds:?}");
    // A generator that never gets anywhere would prove nothing.
    for kind in ["applied", "TooLittle", "RanOut", "Floor", "GiftsGone", "Group", "NotAlone"] {
        assert!(kinds.get(kind).is_some_and(|times| *times > 500), "{kind}: {kinds:?}");
    }
}

/// A check that never fails proves nothing either.
#[test]
fn the_checks_notice_a_unit_too_much() {
    let caught = (0..1_000).filter(|seed| {
        let (cart, promotions, mut random) = world(*seed);
        let mut outcome = apply(&cart, &promotions);
        let line = random.random_range(0..outcome.lines.len());
        outcome.lines[line].net.0 += 1;
        adds_up(&cart, &outcome).is_err()
    });
    assert_eq!(caught.count(), 1_000);
}

#[test]
fn tiers_of_a_promotion_rise() {
    for seed in 0..1_000 {
        let (_, promotions, _) = world(seed);
        for promotion in promotions {
            assert_eq!(promotion.check(), Ok(()), "seed {seed}");
            let rises = |pair: &[Tier]| pair[0].from < pair[1].from;
            assert!(promotion.offer.tiers.windows(2).all(rises));
        }
    }
}
