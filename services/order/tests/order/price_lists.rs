//! Who pays what, from which list, and when.

use kernel::Decider as _;
use kernel::spec::{given, given_nothing};
use order::account::{Account, AccountCommand, AccountEvent, AccountRefusal};
use order::audience::{Audience, Window};
use order::order::OrderRefusal;
use order::price_book::{
    MAX_PLACED, Placement, PriceBook, PriceBookCommand, PriceBookEvent, PriceBookRefusal,
};
use order::price_list::{
    FloorChange, PriceBreak, PriceChange, PriceList, PriceListCommand, PriceListEvent,
    PriceListRefusal, Tariff,
};
use values::{BusinessDate, DealerClass, Minor, PriceListId, Quantity};

use crate::promotions::id;
use crate::world::{Shop, after, basket, list_created, prices_set, product_id, usd};

fn day(text: &str) -> BusinessDate {
    text.parse().expect("a day")
}

fn tariff(unit_price: i64, breaks: &[(u32, i64)]) -> Tariff {
    let step = |&(from, price): &(u32, i64)| PriceBreak {
        from_quantity: Quantity::of(from),
        unit_price_minor: Minor(price),
    };
    Tariff { unit_price: Minor(unit_price), breaks: breaks.iter().map(step).collect() }
}

fn set(tariff: Tariff, on: Option<&str>) -> PriceListCommand {
    PriceListCommand::SetBasePrices {
        prices: [(product_id("trail-1"), tariff)].into(),
        effective_on: on.map(day),
        today: day("2026-11-23"),
    }
}

fn was_set(tariff: Tariff, on: Option<&str>, before: Option<i64>) -> PriceListEvent {
    PriceListEvent::BasePricesSet {
        price_list_id: PriceListId::base(),
        currency: usd(),
        prices: vec![PriceChange {
            product_id: product_id("trail-1"),
            unit_price_minor: tariff.unit_price,
            breaks: tariff.breaks,
            effective_on: on.map(day),
            previous_minor: before.map(Minor),
        }],
    }
}

/// A list with a price for trail bikes, for some.
fn list(name: &str, price: i64, audience: Audience) -> (Placement, PriceList) {
    let price_list_id: PriceListId = id(name);
    let created = PriceListEvent::PriceListCreated {
        price_list_id: price_list_id.clone(),
        name: name.into(),
        currency: usd(),
    };
    let placed = Placement {
        price_list_id: price_list_id.clone(),
        name: name.into(),
        currency: usd(),
        window: Window { from: day("2026-11-01"), until: Some(day("2026-11-30")) },
        audience,
        rank: 0,
    };
    let PriceListEvent::BasePricesSet { currency, prices, .. } =
        was_set(tariff(price, &[]), None, None)
    else {
        unreachable!("prices were set")
    };
    let priced = PriceListEvent::BasePricesSet { price_list_id, currency, prices };
    (placed, after([created, priced]))
}

fn of_region(region: &str) -> Audience {
    Audience { regions: [id(region)].into(), ..Audience::default() }
}

fn of_level(level: &str) -> Audience {
    Audience { levels: [id(level)].into(), ..Audience::default() }
}

fn of_channel(channel: &str) -> Audience {
    Audience { channels: [id(channel)].into(), ..Audience::default() }
}

fn of_dealer(dealer: &str) -> Audience {
    Audience { dealers: [id(dealer)].into(), ..Audience::default() }
}

fn gold() -> AccountEvent {
    AccountEvent::DealerClassNoted {
        dealer_id: id("kansas-29ers"),
        class: DealerClass { level_id: Some(id("gold")), channel_id: Some(id("retail")) },
        effective_on: None,
    }
}

/// What a trail bike costs in this shop, and from which list.
fn paid(shop: &Shop) -> (i64, String) {
    let order = shop.price(&basket(&[("trail-1", 1, None)])).expect("priced");
    (order.lines[0].unit_price_minor.0, order.lines[0].price_list_id.to_string())
}

#[test]
fn the_list_that_is_closest_to_a_dealer_counts() {
    let mut shop = Shop::open();
    shop.account.evolve(gold());
    let mut lists = vec![
        list("everybody", 299_000, Audience::default()),
        list("west", 298_000, of_region("west")),
        list("retail", 297_000, of_channel("retail")),
        list("gold", 296_000, of_level("gold")),
        list("own", 295_000, of_dealer("kansas-29ers")),
        list("iron", 1, of_level("iron")),
        list("east", 2, of_region("east")),
    ];
    // Whatever order they were placed in.
    for (price, name) in
        [(295_000, "own"), (296_000, "gold"), (297_000, "retail"), (298_000, "west")]
    {
        shop.others.clone_from(&lists);
        assert_eq!(paid(&shop), (price, name.to_owned()));
        lists.reverse();
        shop.others.clone_from(&lists);
        assert_eq!(paid(&shop), (price, name.to_owned()));
        lists.retain(|(placed, _)| placed.name != name);
    }
    shop.others.clone_from(&lists);
    assert_eq!(paid(&shop), (299_000, "everybody".to_owned()), "before the base list");
    shop.others.clear();
    assert_eq!(paid(&shop), (300_000, "base".to_owned()));
}

#[test]
fn of_two_regions_the_deeper_one_is_closer() {
    let mut shop = Shop::open();
    shop.others =
        vec![list("a-all", 299_000, of_region("root")), list("b-west", 298_000, of_region("west"))];
    assert_eq!(paid(&shop), (298_000, "b-west".to_owned()));
    // Of several regions the one counts that the dealer is in.
    let both = Audience { regions: [id("root"), id("east")].into(), ..Audience::default() };
    shop.others = vec![list("a-both", 299_000, both), list("b-west", 298_000, of_region("west"))];
    assert_eq!(paid(&shop), (298_000, "b-west".to_owned()));
    shop.others[0].0.audience.regions.insert(id("west"));
    assert_eq!(paid(&shop), (299_000, "a-both".to_owned()), "as close, so the smaller id");
}

#[test]
fn a_floor_is_of_the_list_of_the_price_or_of_one_after_it() {
    let mut shop = Shop::open();
    let floor = |list: &PriceListId, minor| PriceListEvent::FloorPricesSet {
        price_list_id: list.clone(),
        currency: usd(),
        floors: vec![FloorChange {
            product_id: product_id("trail-1"),
            floor_price_minor: Minor(minor),
            previous_minor: None,
        }],
    };
    shop.list.evolve(floor(&PriceListId::base(), 280_000));
    let found = |shop: &Shop| {
        let wanted = basket(&[]);
        let day = wanted.business_date;
        shop.offered(&wanted, |_, offer| offer.chain.floor(&product_id("trail-1"), day).0)
    };
    shop.others = vec![list("own", 250_000, of_dealer("kansas-29ers"))];
    assert_eq!(found(&shop), Ok(280_000), "from the next list that has one");
    shop.others[0].1.evolve(floor(&id("own"), 240_000));
    assert_eq!(found(&shop), Ok(240_000));
    // A list without a price for it has no say.
    let gone = PriceListEvent::PricesWithdrawn {
        price_list_id: id("own"),
        product_ids: vec![product_id("trail-1")],
    };
    shop.others[0].1.evolve(gone);
    shop.others[0].1.evolve(floor(&id("own"), 1));
    assert_eq!(found(&shop), Ok(280_000));
}

#[test]
fn no_more_than_six_days_are_announced() {
    let announced = (1..=6).map(|month| {
        was_set(tariff(300 + month, &[]), Some(&format!("2027-{month:02}-01")), Some(300))
    });
    let facts = || {
        [list_created(), was_set(tariff(300, &[]), None, None)].into_iter().chain(announced.clone())
    };
    given::<PriceList>(facts())
        .when(set(tariff(1, &[]), Some("2028-01-01")))
        .then_refused(PriceListRefusal::TooManyAnnounced { product_id: product_id("trail-1") });
}

#[test]
fn a_list_counts_on_its_days_and_a_denied_dealer_has_none_of_it() {
    let mut shop = Shop::open();
    shop.others = vec![list("west", 298_000, of_region("west"))];
    for (on, price) in [
        ("2026-10-31", 300_000),
        ("2026-11-01", 298_000),
        ("2026-11-30", 298_000),
        ("2026-12-01", 300_000),
    ] {
        let mut wanted = basket(&[("trail-1", 1, None)]);
        wanted.business_date = day(on);
        let order = shop.price(&wanted).expect("priced");
        assert_eq!(order.lines[0].unit_price_minor, Minor(price), "{on}");
    }
    shop.others[0].0.audience.denied = [id("kansas-29ers")].into();
    assert_eq!(paid(&shop).0, 300_000);
}

#[test]
fn what_a_close_list_does_not_price_comes_from_the_next_and_never_free() {
    let mut shop = Shop::open();
    shop.others = vec![list("west", 298_000, of_region("west"))];
    let order = shop.price(&basket(&[("race-2", 1, None)])).expect("priced");
    assert_eq!(order.lines[0].price_list_id, PriceListId::base());
    shop.list = after([list_created()]);
    let missing = OrderRefusal::PriceMissing { line_no: 1, product_id: product_id("race-2") };
    assert_eq!(shop.price(&basket(&[("race-2", 1, None)])), Err(missing));
}

#[test]
fn an_order_has_the_currency_of_the_closest_list() {
    let mut shop = Shop::open();
    let (mut placed, list) = list("euros", 250_000, of_region("west"));
    placed.currency = "EUR".parse().expect("a currency");
    let PriceList::Created(mut prices) = list else { panic!("it was created") };
    prices.currency = placed.currency.clone();
    shop.others = vec![(placed, PriceList::Created(prices))];
    let order = shop.price(&basket(&[("trail-1", 1, None)])).expect("priced");
    assert_eq!(
        (order.currency.to_string().as_str(), order.lines[0].unit_price_minor.0),
        ("EUR", 250_000)
    );
    // The base list has a price for it, in another currency.
    let missing = OrderRefusal::PriceMissing { line_no: 1, product_id: product_id("race-2") };
    assert_eq!(shop.price(&basket(&[("race-2", 1, None)])), Err(missing));
}

#[test]
fn a_quantity_break_counts_what_is_in_the_whole_order() {
    let mut shop = Shop::open();
    let stepped = tariff(300_000, &[(10, 290_000), (50, 280_000)]);
    shop.list.evolve(was_set(stepped.clone(), None, Some(300_000)));
    let prices = |lines: &[(&str, u32, Option<i64>)]| -> Vec<i64> {
        let order = shop.price(&basket(lines)).expect("priced");
        order.lines.iter().map(|line| line.unit_price_minor.0).collect()
    };
    assert_eq!(prices(&[("trail-1", 9, None)]), [300_000]);
    assert_eq!(prices(&[("trail-1", 10, None)]), [290_000]);
    assert_eq!(prices(&[("trail-1", 49, None)]), [290_000]);
    assert_eq!(prices(&[("trail-1", 50, None)]), [280_000]);
    // However it is cut into lines.
    assert_eq!(prices(&[("trail-1", 4, None), ("trail-1", 6, None)]), [290_000, 290_000]);
    assert_eq!(stepped.next(Quantity::of(10)).expect("a step").from_quantity, Quantity::of(50));
    assert_eq!(stepped.next(Quantity::of(50)), None);
}

#[test]
fn a_price_can_be_announced_and_what_was_priced_stays() {
    let now = was_set(tariff(300, &[]), None, None);
    let later = || was_set(tariff(310, &[]), Some("2026-12-01"), Some(300));
    given::<PriceList>([list_created(), now.clone()])
        .when(set(tariff(310, &[]), Some("2026-12-01")))
        .then([later()]);
    let list = after::<PriceList>([list_created(), now.clone(), later()]);
    let PriceList::Created(prices) = &list else { panic!("it was created") };
    let on = |text| prices.tariff(&product_id("trail-1"), day(text)).expect("a price").unit_price.0;
    assert_eq!((on("2026-11-30"), on("2026-12-01")), (300, 310));
    // Today's price changes today and not for the days before; what is announced stays.
    let begun = || was_set(tariff(305, &[]), Some("2026-11-20"), Some(300));
    given::<PriceList>([list_created(), now.clone(), begun(), later()])
        .when(set(tariff(306, &[]), None))
        .then([was_set(tariff(306, &[]), Some("2026-11-23"), Some(305))]);
    given::<PriceList>([list_created(), now])
        .when(set(tariff(1, &[]), Some("2026-11-22")))
        .then_refused(PriceListRefusal::DayOver { today: day("2026-11-23") });
}

#[test]
fn breaks_are_in_order_and_cost_something() {
    let wrong = || PriceListRefusal::BreaksNotRising { product_id: product_id("trail-1") };
    for breaks in [&[(1, 90)][..], &[(10, 90), (10, 80)], &[(20, 90), (10, 80)]] {
        given::<PriceList>([list_created()])
            .when(set(tariff(100, breaks), None))
            .then_refused(wrong());
    }
    let eleven: Vec<_> = (2..13).map(|from| (from, 90)).collect();
    given::<PriceList>([list_created()])
        .when(set(tariff(100, &eleven), None))
        .then_refused(wrong());
    let free = PriceListRefusal::PriceNotPositive { product_id: product_id("trail-1") };
    given::<PriceList>([list_created()])
        .when(set(tariff(100, &[(10, 0)]), None))
        .then_refused(free);
}

#[test]
fn prices_can_be_withdrawn() {
    let priced = || [list_created(), prices_set(&[("trail-1", None, 300), ("race-2", None, 200)])];
    let withdraw = |names: &[&str]| PriceListCommand::WithdrawPrices {
        products: names.iter().map(|name| product_id(name)).collect(),
    };
    let gone = PriceListEvent::PricesWithdrawn {
        price_list_id: PriceListId::base(),
        product_ids: vec![product_id("trail-1")],
    };
    let list = given::<PriceList>(priced()).when(withdraw(&["trail-1", "ghost"])).then([gone]);
    let shop = Shop { list, ..Shop::open() };
    let missing = OrderRefusal::PriceMissing { line_no: 1, product_id: product_id("trail-1") };
    assert_eq!(shop.price(&basket(&[("trail-1", 1, None)])), Err(missing));
    given::<PriceList>(priced()).when(withdraw(&["ghost"])).then_nothing();
}

#[test]
fn a_list_is_placed_anew_and_taken_out() {
    let (placed, _) = list("west", 1, of_region("west"));
    let place = |placed: &Placement| PriceBookCommand::Place(Box::new(placed.clone()));
    let is = |placed: &Placement| PriceBookEvent::PriceListPlaced(Box::new(placed.clone()));
    let out = || PriceBookCommand::TakeOut { price_list_id: id("west"), reason: "调价".into() };
    let gone =
        PriceBookEvent::PriceListTakenOut { price_list_id: id("west"), reason: "调价".into() };
    given_nothing::<PriceBook>().when(place(&placed)).then([is(&placed)]);
    given::<PriceBook>([is(&placed)]).when(place(&placed)).then_nothing();
    let wider = Placement { audience: Audience::default(), ..placed.clone() };
    given::<PriceBook>([is(&placed)]).when(place(&wider)).then([is(&wider)]);
    given::<PriceBook>([is(&placed)]).when(out()).then([gone]);
    let not_placed = PriceBookRefusal::NotPlaced { price_list_id: id("west") };
    given_nothing::<PriceBook>().when(out()).then_refused(not_placed);
    let base = Placement { price_list_id: PriceListId::base(), ..placed.clone() };
    given_nothing::<PriceBook>().when(place(&base)).then_refused(PriceBookRefusal::BaseListPlaced);
    let window = Window { from: day("2026-11-02"), until: Some(day("2026-11-01")) };
    let never = Placement { window, ..placed.clone() };
    given_nothing::<PriceBook>().when(place(&never)).then_refused(PriceBookRefusal::NoDays);
    let numbered =
        |n: usize| is(&Placement { price_list_id: id(&format!("list-{n}")), ..placed.clone() });
    given::<PriceBook>((0..MAX_PLACED).map(numbered))
        .when(place(&placed))
        .then_refused(PriceBookRefusal::TooManyPriceLists);
}

#[test]
fn an_account_knows_the_class_of_each_day() {
    let note = |effective_on| AccountCommand::NoteClass {
        class: DealerClass { level_id: Some(id("gold")), channel_id: Some(id("retail")) },
        effective_on,
    };
    given_nothing::<Account>().when(note(None)).then_refused(AccountRefusal::NotOpened);
    let account =
        given::<Account>([crate::world::account_opened()]).when(note(None)).then([gold()]);
    let Account::Open(holder) = account else { panic!("it is open") };
    let buyer = holder.buyer(&crate::world::region_path(), day("2020-01-01"));
    assert_eq!(buyer.class.level_id, Some(id("gold")));
}
