//! What the values promise.

use proptest::prelude::*;
use values::money::{NoWeight, TooLarge};
use values::text::bounded;
use values::{
    BusinessDate, Currency, DealerId, Minor, OrderId, Quantity, RegionId, RegionPath, RegionRef,
    TenantId, UserId,
};

fn usd() -> Currency {
    "USD".parse().expect("a currency")
}

#[test]
fn ids_take_what_the_contract_says_and_nothing_else() {
    assert!("kansas-29ers".parse::<DealerId>().is_ok());
    assert!("a".repeat(64).parse::<DealerId>().is_ok());
    for bad in ["", "Kansas", "a b", "a.b", "a/b", "堪萨斯", &"a".repeat(65)] {
        assert!(bad.parse::<DealerId>().is_err(), "{bad}");
    }
    assert!("SO-000002".parse::<OrderId>().is_ok());
    assert!("SO_000002".parse::<OrderId>().is_err());
    assert!("li.ming_2".parse::<UserId>().is_ok());
    assert!("l".parse::<UserId>().is_err());
    assert!("qingyuan".parse::<TenantId>().is_ok());
    assert!("1st".parse::<TenantId>().is_err());
}

#[test]
fn an_amount_is_written_as_its_currency_has_it() {
    let shown =
        |code: &str, minor| code.parse::<Currency>().expect("a currency").show(Minor(minor));
    assert_eq!(shown("USD", 874_000), "USD 8,740.00");
    assert_eq!(shown("CNY", 5), "CNY 0.05");
    assert_eq!(shown("CNY", -123_456_789), "CNY -1,234,567.89");
    assert_eq!(shown("JPY", 1_234_567), "JPY 1,234,567");
    assert_eq!(shown("KWD", 1_234_567), "KWD 1,234.567");
    assert_eq!(shown("CNY", i64::MIN), "CNY -92,233,720,368,547,758.08");
}

#[test]
fn a_currency_is_three_capital_letters() {
    assert!(["", "US", "usd", "USDT", "U1D"].iter().all(|code| code.parse::<Currency>().is_err()));
    assert_eq!(usd().as_str(), "USD");
}

#[test]
fn amounts_never_wrap_around() {
    assert_eq!(Minor(i64::MAX).plus(Minor(1)), Err(TooLarge));
    assert_eq!(Minor(i64::MIN).minus(Minor(1)), Err(TooLarge));
    assert_eq!(Minor(i64::MAX).times(Quantity::of(2)), Err(TooLarge));
    assert_eq!(Minor::total([Minor(1), Minor(2)]), Ok(Minor(3)));
}

#[test]
fn what_rounding_leaves_over_goes_to_the_largest_remainders() {
    assert_eq!(Minor(100).split(&[1, 1, 1]), Ok(vec![Minor(34), Minor(33), Minor(33)]));
    assert_eq!(Minor(10).split(&[1, 2]), Ok(vec![Minor(3), Minor(7)]));
    assert_eq!(
        Minor(-100).split(&[1, 1, 1]).map(|parts| parts.iter().copied().sum()),
        Ok(Minor(-100))
    );
    assert_eq!(Minor(100).split(&[0, 0]), Err(NoWeight));
    assert_eq!(Minor(100).split(&[]), Err(NoWeight));
}

#[test]
fn a_business_date_has_one_form() {
    let date: BusinessDate = "2026-02-28".parse().expect("a day");
    assert_eq!(date.to_string(), "2026-02-28");
    for bad in ["2026-02-29", "2026-2-8", "20260228", "2026-02-28T00:00:00Z", "+2026-02-28", ""] {
        assert!(bad.parse::<BusinessDate>().is_err(), "{bad}");
    }
}

#[test]
fn a_path_passes_each_region_once() {
    let region =
        |id: &str| RegionRef { region_id: id.parse().expect("an id"), name: id.to_owned() };
    let path = RegionPath::parse(vec![region("root"), region("west")]).expect("a path");
    assert_eq!(path.own().map(|own| own.region_id.as_str()), Some("west"));
    assert_eq!(path.regions()[0].region_id, RegionId::root());
    assert!(RegionPath::parse(vec![]).is_err());
    assert!(RegionPath::parse(vec![region("root"), region("root")]).is_err());
}

#[test]
fn a_text_is_counted_in_characters_and_trimmed() {
    assert_eq!(bounded(" 堪萨斯 ", 1..=3).as_deref(), Ok("堪萨斯"));
    assert!(bounded("堪萨斯", 1..=2).is_err());
    assert!(bounded("  ", 1..=2).is_err());
    assert!(bounded("a\u{0}", 1..=9).is_err());
    assert!(bounded("a\nb", 1..=9).is_ok());
}

#[test]
fn values_are_stored_as_plain_text_and_numbers() {
    let json = |value: &dyn Fn() -> serde_json::Result<String>| value().expect("serialises");
    assert_eq!(json(&|| serde_json::to_string(&Minor(5))), "5");
    assert_eq!(json(&|| serde_json::to_string(&Quantity::of(5))), "5");
    assert_eq!(json(&|| serde_json::to_string(&usd())), "\"USD\"");
    assert_eq!(json(&|| serde_json::to_string(&RegionId::root())), "\"root\"");
}

proptest! {
    #[test]
    fn the_parts_of_a_split_add_up_exactly_and_are_fair(
        amount in any::<i64>(),
        weights in prop::collection::vec(any::<u64>(), 1..20),
    ) {
        let whole: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        prop_assume!(whole > 0);
        let parts = Minor(amount).split(&weights).expect("there is a weight");

        let sum: i128 = parts.iter().map(|part| i128::from(part.0)).sum();
        prop_assert_eq!(sum, i128::from(amount));
        for (part, &weight) in parts.iter().zip(&weights) {
            let off = i128::from(part.0) * whole - i128::from(amount) * i128::from(weight);
            prop_assert!(off.abs() < whole, "a part is one unit or more off its share");
        }
    }

    #[test]
    fn parsing_never_panics(text in ".*") {
        let _ = (text.parse::<OrderId>(), text.parse::<Currency>(), text.parse::<BusinessDate>());
        let _ = bounded(&text, 0..=10);
    }
}
