//! What is told of products: packaging, barcodes, taxes, pictures, successors; and taxes of orders.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::spec::{given, given_nothing};
use order::barcode::{Barcode, BarcodeCommand, BarcodeEvent};
use order::product::{
    Details, Packaging, Packed, Product, ProductCommand, ProductEvent, ProductRefusal, UnitBarcode,
};
use order::tax::{Tax, TaxFrom};
use uuid::Uuid;
use values::{BusinessDate, Gtin, Minor, Quantity};

use crate::world::{after, day, product_id, sku};

fn published() -> ProductEvent {
    ProductEvent::ProductPublished(sku("trail-1"))
}

fn retired() -> ProductEvent {
    ProductEvent::ProductRetired { product_id: product_id("trail-1"), reason: "停产".into() }
}

fn gtin(text: &str) -> Gtin {
    text.parse().expect("a barcode")
}

fn coded(unit: &str, barcode: &str) -> UnitBarcode {
    UnitBarcode { unit: unit.into(), barcode: gtin(barcode) }
}

fn cases() -> Vec<Packaging> {
    vec![Packaging { unit: "箱".into(), base_quantity: Quantity::of(24) }]
}

const ONE: &str = "2000000000008";
const CASE: &str = "12000000000005";

fn package(barcodes: Vec<UnitBarcode>) -> ProductCommand {
    ProductCommand::Package(Packed { packagings: cases(), barcodes })
}

fn packaged(barcodes: Vec<UnitBarcode>) -> ProductEvent {
    let product_id = product_id("trail-1");
    ProductEvent::ProductPackaged { product_id, packagings: cases(), barcodes }
}

#[test]
fn a_product_is_packed_and_marked() {
    let barcodes = vec![coded("辆", ONE), coded("箱", CASE)];
    let event = packaged(barcodes.clone());
    let product =
        given::<Product>([published()]).when(package(barcodes.clone())).then([event.clone()]);
    assert_eq!(product.orderable().unwrap().packagings, cases());
    assert_eq!(product.item().unwrap().unit_of(&gtin(CASE)), Some("箱"));
    given::<Product>([published(), event]).when(package(barcodes)).then_nothing();
    given_nothing::<Product>()
        .when(package(Vec::new()))
        .then_refused(ProductRefusal::ProductNotFound);
}

#[test]
fn a_unit_has_one_barcode_and_is_there() {
    let refused = |barcodes, refusal| {
        given::<Product>([published()]).when(package(barcodes)).then_refused(refusal);
    };
    let twice = |barcode| ProductRefusal::BarcodeTwice { barcode: gtin(barcode) };
    refused(vec![coded("辆", ONE), coded("箱", ONE)], twice(ONE));
    refused(vec![coded("辆", ONE), coded("辆", CASE)], twice(CASE));
    // The same number in a longer form is the same barcode.
    let upc = vec![coded("辆", "012345678905"), coded("箱", "0012345678905")];
    refused(upc, twice("0012345678905"));
    let no_unit = ProductRefusal::NoSuchUnit { unit: "托".into() };
    refused(vec![coded("托", ONE)], no_unit);
    let same = Packaging { unit: "辆".into(), base_quantity: Quantity::of(2) };
    let packed = Packed { packagings: vec![same], barcodes: Vec::new() };
    given::<Product>([published()])
        .when(ProductCommand::Package(packed))
        .then_refused(ProductRefusal::UnitTwice { unit: "辆".into() });
}

#[test]
fn a_barcode_is_that_of_one_product_until_it_is_given_away() {
    let take = |product: &str, unit: &str| BarcodeCommand::Take {
        barcode: gtin(ONE),
        product_id: product_id(product),
        unit: unit.into(),
    };
    let taken = |product: &str, unit: &str| BarcodeEvent::BarcodeTaken {
        barcode: gtin(ONE),
        product_id: product_id(product),
        unit: unit.into(),
    };
    let free = |product: &str| BarcodeCommand::Free { product_id: product_id(product) };
    let freed =
        || BarcodeEvent::BarcodeFreed { barcode: gtin(ONE), product_id: product_id("trail-1") };
    given_nothing::<Barcode>().when(take("trail-1", "辆")).then([taken("trail-1", "辆")]);
    let given_one = || given::<Barcode>([taken("trail-1", "辆")]);
    given_one().when(take("trail-1", "辆")).then_nothing();
    given_one().when(take("trail-1", "箱")).then([taken("trail-1", "箱")]);
    given_one().when(take("race-2", "辆")).then_refused(ProductRefusal::BarcodeInUse {
        barcode: gtin(ONE),
        product_id: product_id("trail-1"),
        unit: "辆".into(),
    });
    given_one().when(free("race-2")).then_nothing();
    given_one().when(free("trail-1")).then([freed()]);
    given::<Barcode>([taken("trail-1", "辆"), freed()])
        .when(take("race-2", "辆"))
        .then([taken("race-2", "辆")]);
}

const GENERAL: Tax = Tax::RatePpm(130_000);
const REDUCED: Tax = Tax::RatePpm(90_000);

fn today() -> BusinessDate {
    day("2026-11-23")
}

fn set_tax(tax: Tax, from: Option<&str>) -> ProductCommand {
    ProductCommand::SetTax { tax, effective_on: from.map(day), today: today() }
}

fn tax_set(taxes: &[(Tax, Option<&str>)]) -> ProductEvent {
    let from = |&(tax, from): &(Tax, Option<&str>)| TaxFrom { tax, effective_on: from.map(day) };
    let taxes: Vec<TaxFrom> = taxes.iter().map(from).collect();
    let last = *taxes.last().expect("at least one");
    let (tax, effective_on) = (last.tax, last.effective_on);
    ProductEvent::ProductTaxSet { product_id: product_id("trail-1"), tax, effective_on, taxes }
}

#[test]
fn a_tax_counts_from_a_day_on() {
    let first = tax_set(&[(GENERAL, None)]);
    given::<Product>([published()]).when(set_tax(GENERAL, None)).then([first.clone()]);
    let given_first = || given::<Product>([published(), tax_set(&[(GENERAL, None)])]);
    given_first().when(set_tax(GENERAL, None)).then_nothing();
    let next = tax_set(&[(GENERAL, None), (REDUCED, Some("2027-01-01"))]);
    let product = given_first().when(set_tax(REDUCED, Some("2027-01-01"))).then([next.clone()]);
    assert_eq!(product.tax_on(day("2026-12-31")), Some(GENERAL));
    assert_eq!(product.tax_on(day("2027-01-01")), Some(REDUCED));
    given_first()
        .when(set_tax(REDUCED, Some("2026-11-22")))
        .then_refused(ProductRefusal::TaxInThePast { day: day("2026-11-22") });
    // What was announced for a later day goes by what is said now.
    given::<Product>([published(), first, next])
        .when(set_tax(Tax::Exempt, None))
        .then([tax_set(&[(GENERAL, None), (Tax::Exempt, Some("2026-11-23"))])]);
}

#[test]
fn what_is_told_of_a_product_is_told_once() {
    let details =
        Details { brand: "清泉".into(), shelf_life_days: Some(365), ..Details::default() };
    let describe = || ProductCommand::Describe(Box::new(details.clone()));
    let product_id = product_id("trail-1");
    let described = ProductEvent::ProductDescribed { product_id, details: details.clone() };
    given::<Product>([published()]).when(describe()).then([described.clone()]);
    given::<Product>([published(), described]).when(describe()).then_nothing();
}

#[test]
fn pictures_are_in_an_order_each_of_them_once() {
    let [one, two] = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let arranged = |pictures| ProductEvent::ProductPicturesArranged {
        product_id: product_id("trail-1"),
        pictures,
    };
    let arrange = ProductCommand::ArrangePictures;
    given::<Product>([published()]).when(arrange(vec![two, one])).then([arranged(vec![two, one])]);
    given::<Product>([published(), arranged(vec![two, one])])
        .when(arrange(vec![two, one]))
        .then_nothing();
    given::<Product>([published()])
        .when(arrange(vec![one, one]))
        .then_refused(ProductRefusal::PictureTwice { picture: one });
}

#[test]
fn another_product_takes_the_place_of_a_retired_one_only() {
    let succeed = |id: &str| ProductCommand::Succeed { successor_id: product_id(id) };
    let succeeded = ProductEvent::ProductSucceeded {
        product_id: product_id("trail-1"),
        successor_id: product_id("trail-2"),
    };
    given::<Product>([published(), retired()]).when(succeed("trail-2")).then([succeeded.clone()]);
    given::<Product>([published(), retired(), succeeded]).when(succeed("trail-2")).then_nothing();
    given::<Product>([published()])
        .when(succeed("trail-2"))
        .then_refused(ProductRefusal::StillInTheRange { product_id: product_id("trail-1") });
    given::<Product>([published(), retired()])
        .when(succeed("trail-1"))
        .then_refused(ProductRefusal::NoSuccessor { successor_id: product_id("trail-1") });
}

/// Products as an offer knows them, each with its tax.
fn taxed_products(taxes: &[(&str, Option<Tax>)]) -> BTreeMap<values::ProductId, Arc<Product>> {
    let one = |&(id, tax): &(&str, Option<Tax>)| {
        let set = tax.map(|tax| ProductEvent::ProductTaxSet {
            product_id: product_id(id),
            tax,
            effective_on: None,
            taxes: vec![TaxFrom { tax, effective_on: None }],
        });
        let published = ProductEvent::ProductPublished(sku(id));
        let product = after::<Product>(std::iter::once(published).chain(set));
        (product_id(id), Arc::new(product))
    };
    taxes.iter().map(one).collect()
}

#[test]
fn lines_of_an_order_tell_the_tax_that_they_contain() {
    let submission = crate::world::submission();
    let ids: Vec<String> =
        submission.lines.iter().map(|line| line.product_id.to_string()).collect();
    let taxes: Vec<(&str, Option<Tax>)> =
        ids.iter().map(|id| (id.as_str(), Some(GENERAL))).collect();
    let products = taxed_products(&taxes);
    let net = submission.net_minor();
    let taxed = submission.clone().taxed(&products);
    let total: Minor =
        taxed.lines.iter().filter_map(|line| line.tax).map(|tax| tax.tax_minor).sum();
    assert_eq!(total, GENERAL.within(net));
    assert!(total > Minor::ZERO);
    // Whatever is said of taxes, an order costs the same.
    assert_eq!(taxed.net_minor(), net);
    assert_eq!(taxed.fingerprint(), submission.fingerprint());
    let none = submission.taxed(&taxed_products(&[(ids[0].as_str(), None)]));
    assert!(none.lines.iter().all(|line| line.tax.is_none()));
}
