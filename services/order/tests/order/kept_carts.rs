//! Carts and templates that dealers keep.

use kernel::spec::{given, given_nothing};
use kernel::{DomainEvent as _, Refusal as _};
use order::cart::{Cart, CartCommand, CartEvent, CartKind, CartRefusal, Kept, KeptLine};
use values::{CartId, DealerId, OrderId, Quantity};

use crate::world::product_id;

fn cart_id() -> CartId {
    "CT-1".parse().expect("a number")
}

fn order_id() -> OrderId {
    "SO-1".parse().expect("a number")
}

fn dealer(id: &str) -> DealerId {
    id.parse().expect("a dealer id")
}

fn kept(kind: CartKind, quantity: u32) -> Box<Kept> {
    let line = KeptLine { product_id: product_id("trail-1"), quantity: Quantity::of(quantity) };
    Box::new(Kept {
        cart_id: cart_id(),
        dealer_id: dealer("kansas-29ers"),
        kind,
        name: "十二月备货".into(),
        note: String::new(),
        lines: vec![line],
    })
}

fn saved(kind: CartKind, quantity: u32) -> CartEvent {
    CartEvent::CartSaved(kept(kind, quantity))
}

fn create(quantity: u32) -> CartCommand {
    CartCommand::Save { kept: kept(CartKind::Cart, quantity), is_new: true }
}

fn save(quantity: u32) -> CartCommand {
    CartCommand::Save { kept: kept(CartKind::Cart, quantity), is_new: false }
}

fn submit(of: &str, seen: Option<u64>) -> CartCommand {
    CartCommand::Submit { dealer_id: dealer(of), order_id: order_id(), seen }
}

fn submitted() -> CartEvent {
    let (cart_id, dealer_id) = (cart_id(), dealer("kansas-29ers"));
    CartEvent::CartSubmitted { cart_id, dealer_id, order_id: order_id() }
}

fn deleted() -> CartEvent {
    CartEvent::CartDeleted { cart_id: cart_id(), dealer_id: dealer("kansas-29ers") }
}

#[test]
fn a_cart_is_kept_as_it_was_saved_last() {
    given_nothing::<Cart>().when(create(2)).then([saved(CartKind::Cart, 2)]);
    let open = [saved(CartKind::Cart, 2)];
    given::<Cart>(open.clone()).when(save(2)).then_nothing();
    given::<Cart>(open.clone()).when(save(3)).then([saved(CartKind::Cart, 3)]);
    given_nothing::<Cart>().when(save(2)).then_refused(CartRefusal::CartNotFound);
    // A number that was just made is nobody's; if it is all the same, nothing is overwritten.
    given::<Cart>(open).when(create(3)).then_refused(CartRefusal::CartChanged);
}

#[test]
fn what_another_dealer_keeps_is_not_there() {
    let others = |mut kept: Box<Kept>| {
        kept.dealer_id = dealer("others");
        CartCommand::Save { kept, is_new: false }
    };
    let open = [saved(CartKind::Cart, 2)];
    given::<Cart>(open.clone())
        .when(others(kept(CartKind::Cart, 3)))
        .then_refused(CartRefusal::CartNotFound);
    given::<Cart>(open).when(submit("others", None)).then_refused(CartRefusal::CartNotFound);
    given::<Cart>([saved(CartKind::Cart, 2), submitted()])
        .when(submit("others", None))
        .then_refused(CartRefusal::CartNotFound);
}

#[test]
fn a_cart_becomes_one_order_and_a_template_any_number() {
    let open = [saved(CartKind::Cart, 2)];
    given::<Cart>(open).when(submit("kansas-29ers", None)).then([submitted()]);
    let over = CartRefusal::CartSubmitted { order_id: order_id() };
    for asked in [submit("kansas-29ers", None), save(2), CartCommand::Delete] {
        given::<Cart>([saved(CartKind::Cart, 2), submitted()])
            .when(asked)
            .then_refused(over.clone());
    }
    given::<Cart>([saved(CartKind::Template, 2)]).when(submit("kansas-29ers", None)).then_nothing();
    given_nothing::<Cart>()
        .when(submit("kansas-29ers", None))
        .then_refused(CartRefusal::CartNotFound);
}

#[test]
fn what_was_saved_since_it_was_seen_is_not_ended() {
    let twice = [saved(CartKind::Cart, 2), saved(CartKind::Cart, 3)];
    given::<Cart>(twice.clone())
        .when(submit("kansas-29ers", Some(1)))
        .then_refused(CartRefusal::CartChanged);
    given::<Cart>(twice).when(submit("kansas-29ers", Some(2))).then([submitted()]);
}

#[test]
fn a_cart_is_thrown_away_once() {
    let open = [saved(CartKind::Cart, 2)];
    given::<Cart>(open).when(CartCommand::Delete).then([deleted()]);
    for asked in [CartCommand::Delete, save(2), submit("kansas-29ers", None)] {
        given::<Cart>([saved(CartKind::Cart, 2), deleted()])
            .when(asked)
            .then_refused(CartRefusal::CartDeleted);
    }
    given_nothing::<Cart>().when(CartCommand::Delete).then_refused(CartRefusal::CartNotFound);
}

#[test]
fn each_product_stands_in_a_cart_once_and_there_are_200_at_most() {
    let with = |lines: Vec<KeptLine>| {
        let kept = Box::new(Kept { lines, ..*kept(CartKind::Cart, 1) });
        CartCommand::Save { kept, is_new: true }
    };
    let line = |number: usize| KeptLine {
        product_id: product_id(&format!("p-{number}")),
        quantity: Quantity::of(1),
    };
    let most: Vec<_> = (0..200).map(line).collect();
    let saved = Box::new(Kept { lines: most.clone(), ..*kept(CartKind::Cart, 1) });
    given_nothing::<Cart>().when(with(most)).then([CartEvent::CartSaved(saved)]);
    for lines in [(0..201).map(line).collect(), vec![line(1), line(1)]] {
        given_nothing::<Cart>().when(with(lines)).then_refused(CartRefusal::TooManyProducts);
    }
}

#[test]
fn a_refusal_says_in_both_languages_what_to_do() {
    let refusals = [
        CartRefusal::CartNotFound,
        CartRefusal::CartSubmitted { order_id: order_id() },
        CartRefusal::CartDeleted,
        CartRefusal::CartChanged,
        CartRefusal::TooManyProducts,
    ];
    for refusal in refusals {
        let text = refusal.text();
        assert!(text.en.contains(';') && text.zh.contains(['，', '；']), "{text:?}");
    }
    let told = submitted().sentence();
    assert!(told.zh.contains("SO-1") && told.en.contains("SO-1"), "{told:?}");
}
