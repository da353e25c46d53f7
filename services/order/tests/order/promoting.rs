//! What an order remembers of promotions, where it finds them, and how often they are given.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use kernel::Decider as _;
use kernel::spec::{given, given_nothing};
use order::assortment::{Effect, Rule};
use order::audience::{Audience, Scope, Window};
use order::order::promoting::{Offers, outcome};
use order::order::{Order, OrderCommand, OrderRefusal, Submission};
use order::price_list::{FloorChange, PriceListEvent};
use order::product::{Product, ProductEvent};
use order::promotion::book::MAX_LISTED;
use order::promotion::{
    BookCommand, BookEvent, Fault, Gift, Measure, Plan, PromotionBook, PromotionQuota,
    PromotionRefusal, Quota, QuotaCommand, QuotaEvent, QuotaUse, Reward, Terms,
};
use values::{Minor, PriceListId, PromotionId, Quantity};

use crate::promotions::{id, promotion};
use crate::world::{Shop, after, basket, product_id, sku, submission, usd};

/// A promotion that counts on the day of the order.
fn plan(name: &str, measure: Measure, tiers: Vec<(u64, Reward)>) -> Plan {
    let day = |text: &str| text.parse().expect("a day");
    let window = Window { from: day("2026-11-01"), until: Some(day("2026-11-30")) };
    Plan { currency: usd(), terms: Terms { window, ..promotion(name, measure, tiers) } }
}

/// 1,000.00 off from 5,000.00 on.
fn save() -> Plan {
    plan("save", Measure::Amount, vec![(500_000, Reward::Off(Minor(100_000)))])
}

/// A race bike with each order of three bikes.
fn bonus() -> Plan {
    let gift = |id: &str, instead: &[&str]| Gift {
        product_id: product_id(id),
        quantity: Quantity::of(1),
        instead: instead.iter().map(|id| product_id(id)).collect(),
    };
    let gifts = Reward::Gifts(vec![gift("bell-9", &["race-2"])]);
    plan("bonus", Measure::Quantity, vec![(3, gifts)])
}

fn listed(plans: impl IntoIterator<Item = Plan>) -> PromotionBook {
    after(plans.into_iter().map(|plan| BookEvent::PromotionListed(Box::new(plan))))
}

/// The order of two trail bikes and a race bike with what these promotions give.
fn promoted(book: &PromotionBook, left: &[(&str, u32)], gone: &[&str]) -> Submission {
    promoted_in(&Shop::open(), book, left, gone)
}

fn promoted_in(
    shop: &Shop,
    book: &PromotionBook,
    left: &[(&str, u32)],
    gone: &[&str],
) -> Submission {
    let plain = shop.price(&basket(&[("trail-1", 2, None), ("race-2", 1, None)])).expect("priced");
    let offers = Offers::of(book, &plain, false);
    let left: BTreeMap<PromotionId, u32> = left.iter().map(|(name, n)| (id(name), *n)).collect();
    let gone: BTreeMap<_, _> = gone.iter().map(|id| (product_id(id), Quantity::ZERO)).collect();
    let wanted = basket(&[]);
    let given = shop.offered(&wanted, |_, offer| {
        let outcome = outcome(&plain, &offers, offer.chain, &left, gone.clone());
        plain.clone().given(&outcome, &offers, offer)
    });
    given.expect("an account").expect("it fits")
}

#[test]
fn an_order_remembers_its_discounts_to_the_minor_unit() {
    let order = promoted(&listed([save()]), &[], &[]);
    let off: Vec<_> = order.lines.iter().map(|line| line.off_minor().0).collect();
    // 6,000.00 and 2,740.00 share 1,000.00.
    assert_eq!(off, [68_650, 31_350]);
    assert_eq!(order.net_minor(), Minor(774_000));
    let applied: Vec<_> =
        order.promotions.iter().map(|it| (it.name.as_str(), it.times, it.off_minor.0)).collect();
    assert_eq!(applied, [("save", 1, 100_000)]);
    assert!(promoted(&listed([save()]), &[("save", 0)], &[]).promotions.is_empty());
}

#[test]
fn no_line_goes_below_its_floor() {
    let floors = vec![FloorChange {
        product_id: product_id("trail-1"),
        floor_price_minor: Minor(299_000),
        previous_minor: None,
    }];
    let set = PriceListEvent::FloorPricesSet {
        price_list_id: PriceListId::base(),
        currency: usd(),
        floors,
    };
    let mut shop = Shop::open();
    shop.list.evolve(set);
    let order = promoted_in(&shop, &listed([save()]), &[], &[]);
    let off: Vec<_> = order.lines.iter().map(|line| line.off_minor().0).collect();
    // Two trail bikes can go down by 10.00 each; the race bike takes the rest.
    assert_eq!(off, [2_000, 98_000]);
}

#[test]
fn what_can_not_be_given_is_replaced_and_the_gift_is_shipped_like_a_line() {
    let order = promoted(&listed([bonus()]), &[], &["bell-9"]);
    let [gift] = order.gifts.as_slice() else { panic!("{:?}", order.gifts) };
    assert_eq!((gift.line_no, gift.product_id.as_str()), (3, "race-2"));
    assert_eq!(gift.instead_of.as_ref().map(|id| id.as_str()), Some("bell-9"));
    let submit = OrderCommand::Submit(Box::new(order));
    let order = after::<Order>(Order::default().decide(submit).expect("submitted"));
    let Order::Placed(placed) = order else { panic!("it was submitted") };
    let open: Vec<_> = placed.lines.iter().map(|it| (it.line_no, it.ordered.get())).collect();
    assert_eq!(open, [(1, 2), (2, 1), (3, 1)]);
    assert_eq!(placed.promotions, [(id("bonus"), 1)]);
}

#[test]
fn a_gift_that_the_dealer_does_not_see_is_not_named() {
    let hidden = Rule {
        rule_id: id("bells"),
        name: "bells".into(),
        effect: Effect::Hide,
        window: Window { from: "2026-01-01".parse().expect("a day"), until: None },
        audience: Audience::default(),
        scope: Scope::of(product_id("bell-9")),
    };
    let mut shop = Shop::open();
    let bell = after::<Product>([ProductEvent::ProductPublished(sku("bell-9"))]);
    shop.products.insert(product_id("bell-9"), bell.into());
    let named = |shop: &Shop| {
        let order = promoted_in(shop, &listed([bonus()]), &[], &["bell-9"]);
        order.gifts[0].instead_of.clone()
    };
    assert_eq!(named(&shop), Some(product_id("bell-9")), "out of stock");
    shop.rules.push(hidden);
    assert_eq!(named(&shop), None, "hidden");
}

#[test]
fn a_fingerprint_changes_with_what_is_paid_and_with_what_is_given() {
    let of = |book: &PromotionBook, gone: &[&str]| promoted(book, &[], gone).fingerprint();
    let plain = of(&listed([]), &[]);
    assert_eq!(plain, of(&listed([]), &["bell-9"]));
    assert_ne!(plain, of(&listed([save()]), &[]));
    assert_ne!(plain, of(&listed([bonus()]), &["bell-9"]));
    let mut twice = bonus();
    if let Reward::Gifts(gifts) = &mut twice.terms.offer.tiers[0].reward {
        gifts[0].quantity = Quantity::of(2);
    }
    assert_ne!(of(&listed([bonus()]), &["bell-9"]), of(&listed([twice]), &["bell-9"]));
}

#[test]
fn a_dealer_is_told_of_nothing_that_is_for_others() {
    let others = Audience { dealers: [id("somebody-else")].into(), ..Audience::default() };
    let mut theirs = save();
    theirs.terms.audience = others;
    let mut euros = bonus();
    euros.currency = "EUR".parse().expect("a currency");
    let (book, order) = (listed([theirs, euros]), submission());
    assert_eq!(Offers::of(&book, &order, false).terms().count(), 0);
    // The brand asks why; prices in other money are no answer to that.
    let asked: Vec<_> = Offers::of(&book, &order, true).terms().map(|it| it.name.clone()).collect();
    assert_eq!(asked, ["save"]);
}

#[test]
fn the_book_holds_what_counts_or_will() {
    let list = |plan: Plan, today: &str| {
        let today = today.parse().expect("a day");
        BookCommand::List { plan: Box::new(plan), today }
    };
    let is = |plan: Plan| BookEvent::PromotionListed(Box::new(plan));
    let gone = |name: &str| BookEvent::PromotionUnlisted { promotion_id: id(name) };
    given_nothing::<PromotionBook>().when(list(save(), "2026-10-01")).then([is(save())]);
    given::<PromotionBook>([is(save())]).when(list(save(), "2026-10-01")).then_nothing();
    let mut later = bonus();
    later.terms.window.until = None;
    // What is over stays: an order of an earlier day gets it.
    given::<PromotionBook>([is(save())]).when(list(later.clone(), "2026-12-01")).then([is(later)]);
    let unlist = || BookCommand::Unlist { promotion_id: id("save") };
    given::<PromotionBook>([is(save())]).when(unlist()).then([gone("save")]);
    given_nothing::<PromotionBook>().when(unlist()).then_nothing();
}

#[test]
fn a_full_book_says_so() {
    let numbered = |number: usize| {
        let name = format!("save-{number}");
        BookEvent::PromotionListed(Box::new(plan(&name, Measure::Amount, vec![])))
    };
    let today = "2026-11-23".parse().expect("a day");
    let full = || (0..MAX_LISTED).map(numbered);
    given::<PromotionBook>(full())
        .when(BookCommand::List { plan: Box::new(save()), today })
        .then_refused(PromotionRefusal::TooManyPromotions);
    let later = "2026-12-01".parse().expect("a day");
    let mut book: PromotionBook = after(full());
    let list = BookCommand::List { plan: Box::new(save()), today: later };
    book.decide(list).expect("there is room").into_iter().for_each(|event| book.evolve(event));
    assert_eq!(book.plans().count(), 1, "those that are over have left");
}

fn quota(total: u32, per_dealer: u32) -> Quota {
    Quota { total: NonZeroU32::new(total), per_dealer: NonZeroU32::new(per_dealer) }
}

fn by(order: &str, dealer: &str, times: u32) -> QuotaUse {
    QuotaUse { promotion_id: id("save"), order_id: id(order), dealer_id: id(dealer), times }
}

#[test]
fn no_quota_is_exceeded_and_a_cancelled_order_gives_back() {
    use QuotaEvent::{QuotaReturned, QuotaTaken};
    let take = |by: QuotaUse| QuotaCommand::Take { by, quota: quota(10, 4) };
    let ran_out = || OrderRefusal::PromotionRanOut { promotion_id: id("save") };
    let first = || QuotaTaken(by("SO-1", "a", 4));
    given_nothing::<PromotionQuota>().when(take(by("SO-1", "a", 4))).then([first()]);
    given::<PromotionQuota>([first()]).when(take(by("SO-2", "a", 1))).then_refused(ran_out());
    let full = || [first(), QuotaTaken(by("SO-2", "b", 4)), QuotaTaken(by("SO-3", "c", 2))];
    given::<PromotionQuota>(full()).when(take(by("SO-4", "d", 1))).then_refused(ran_out());
    let back = || QuotaReturned(by("SO-1", "a", 4));
    given::<PromotionQuota>(full()).when(QuotaCommand::Return(by("SO-1", "a", 4))).then([back()]);
    let freed = || full().into_iter().chain([back()]);
    given::<PromotionQuota>(freed())
        .when(take(by("SO-4", "d", 4)))
        .then([QuotaTaken(by("SO-4", "d", 4))]);
    // What was not counted comes back to nobody.
    given::<PromotionQuota>(freed()).when(QuotaCommand::Return(by("SO-1", "a", 4))).then_nothing();
}

#[test]
fn what_is_left_is_the_smaller_of_both() {
    let taken =
        [("a", 3), ("b", 5)].map(|(dealer, n)| QuotaEvent::QuotaTaken(by("SO-1", dealer, n)));
    let used: PromotionQuota = after(taken);
    let left = |quota, dealer: &str| used.left(&quota, &id(dealer));
    assert_eq!(left(quota(10, 4), "a"), 1);
    assert_eq!(left(quota(10, 4), "c"), 2);
    assert_eq!(left(quota(0, 4), "c"), 4);
    assert_eq!(left(quota(4, 0), "c"), 0);
    assert_eq!(left(quota(0, 0), "a"), u32::MAX);
}

#[test]
fn a_dealer_can_not_have_more_than_there_is() {
    let fits = |quota| Terms { quota, ..save().terms }.check();
    assert_eq!(fits(quota(10, 10)), Ok(()));
    assert_eq!(fits(quota(10, 11)), Err(Fault::Quota));
}
