//! What a dealer may want to order: the rule of suggestions, from what it ordered before. The words
//! of the rule are at `SuggestOrder` in the contract.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use proto::order::v1::SuggestionBasis;

/// How many orders are looked at, at most.
pub(crate) const ORDERS: i64 = 20;
/// How many days back they are looked for.
pub(crate) const DAYS: u64 = 90;
/// More of a product than this is in no line of an order.
const MOST_PIECES: i64 = 1_000_000;

/// What one order took of a product.
#[derive(Clone, Debug)]
pub(crate) struct Bought {
    /// Which order, from 0 for the last one.
    pub(crate) order: i64,
    pub(crate) day: NaiveDate,
    pub(crate) product_id: String,
    /// Base units of all its lines, without gifts.
    pub(crate) quantity: i64,
}

/// A product, and why it may be wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suggestion {
    pub(crate) product_id: String,
    pub(crate) basis: SuggestionBasis,
    pub(crate) quantity: u32,
    pub(crate) orders: u32,
    pub(crate) interval_days: u32,
    pub(crate) days_since: u32,
    pub(crate) is_due: bool,
}

/// What is due comes first, the longest overdue before all; then what is usual, then what the last
/// order had besides.
pub(crate) fn suggest(bought: &[Bought], today: NaiveDate) -> Vec<Suggestion> {
    let mut products: BTreeMap<&str, Vec<&Bought>> = BTreeMap::new();
    for one in bought {
        products.entry(&one.product_id).or_default().push(one);
    }
    let found = products.into_values().filter_map(|taken| of_product(taken, today));
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|one| {
        let overdue = i64::from(one.days_since) - i64::from(one.interval_days);
        (i32::from(one.basis), Reverse(overdue), one.product_id.clone())
    });
    found
}

/// One product by what orders took of it.
fn of_product(mut taken: Vec<&Bought>, today: NaiveDate) -> Option<Suggestion> {
    taken.sort_by_key(|one| one.order);
    let last = *taken.first()?;
    let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days().max(0);
    let (basis, quantity, interval) = match taken.len() {
        1 if last.order == 0 => (SuggestionBasis::LastOrder, last.quantity, 0),
        1 => return None,
        _ => {
            let between = taken.windows(2).map(|two| days(two[1].day, two[0].day)).collect();
            let quantities = taken.iter().map(|one| one.quantity).collect();
            (SuggestionBasis::Usual, median(quantities)?, median(between)?.max(1))
        }
    };
    let since = days(last.day, today);
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Suggestion {
        product_id: last.product_id.clone(),
        basis,
        quantity: count(quantity.clamp(1, MOST_PIECES)),
        orders: u32::try_from(taken.len()).unwrap_or(u32::MAX),
        interval_days: count(interval),
        days_since: count(since),
        is_due: basis == SuggestionBasis::Usual && since >= interval,
    })
}

/// Of an even number the lower one of the two in the middle, so that it is a number that was there.
fn median(mut numbers: Vec<i64>) -> Option<i64> {
    numbers.sort_unstable();
    let middle = numbers.len().checked_sub(1)? / 2;
    numbers.get(middle).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
    }

    fn bought(order: i64, on: u32, product: &str, quantity: i64) -> Bought {
        Bought { order, day: day(on), product_id: product.to_owned(), quantity }
    }

    #[test]
    fn the_median_of_an_even_number_is_the_lower_one() {
        assert_eq!(median(vec![9, 1, 5]), Some(5));
        assert_eq!(median(vec![9, 1, 5, 4]), Some(4));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn what_is_usual_is_due_after_its_median_interval() {
        let history = [
            bought(3, 1, "tea", 24),
            bought(2, 5, "tea", 48),
            bought(1, 9, "tea", 240),
            bought(0, 19, "tea", 24),
        ];
        let on = |today| suggest(&history, day(today)).remove(0);
        let tea = on(22);
        let numbers = (tea.quantity, tea.orders, tea.interval_days, tea.days_since, tea.is_due);
        assert_eq!(numbers, (24, 4, 4, 3, false), "{tea:?}");
        assert!(on(23).is_due, "4 days have passed");
        assert_eq!(tea.basis, SuggestionBasis::Usual);
    }

    #[test]
    fn two_orders_of_a_day_are_a_day_apart() {
        let history = [bought(1, 9, "tea", 1), bought(0, 9, "tea", 3)];
        let today = suggest(&history, day(9)).remove(0);
        assert_eq!((today.interval_days, today.is_due, today.quantity), (1, false, 1));
        assert!(suggest(&history, day(10))[0].is_due);
    }

    #[test]
    fn of_what_was_bought_once_only_the_last_order_counts() {
        let history = [
            bought(1, 1, "cola", 6),
            bought(1, 1, "tea", 6),
            bought(0, 9, "tea", 6),
            bought(0, 9, "water", 2_000_000),
        ];
        let found = suggest(&history, day(20));
        let told: Vec<_> = found.iter().map(|one| (one.product_id.as_str(), one.basis)).collect();
        assert_eq!(
            told,
            [("tea", SuggestionBasis::Usual), ("water", SuggestionBasis::LastOrder)],
            "cola was bought once, and not the last time"
        );
        assert_eq!(found[1].quantity, 1_000_000, "no line takes more");
        assert!(!found[1].is_due);
        assert_eq!(suggest(&[], day(20)), []);
    }

    #[test]
    fn the_longest_overdue_comes_first() {
        let often = |product: &str, days: [u32; 2]| {
            [bought(1, days[0], product, 1), bought(0, days[1], product, 1)]
        };
        let history =
            [often("a", [1, 15]), often("b", [10, 12]), often("c", [11, 12]), often("d", [11, 12])];
        let found = suggest(&history.concat(), day(20));
        let told: Vec<_> = found.iter().map(|one| (one.product_id.as_str(), one.is_due)).collect();
        assert_eq!(told, [("c", true), ("d", true), ("b", true), ("a", false)]);
    }
}
