//! Taxes in prices (增值税): all prices contain them, so the gross amount is what counts, and the tax
//! is the part of it that a rate says.

use std::collections::BTreeMap;

use kernel::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, Minor};

/// Millionths.
const MILLION: i128 = 1_000_000;

/// How a product is taxed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tax {
    /// By this many millionths of the amount without tax: 130 000 are 13 %. 0 is a rate too (零税率).
    RatePpm(u32),
    /// Not at all (免税).
    Exempt,
}

impl Tax {
    /// What of an amount is tax, to the nearest minor unit, halves away from zero.
    pub fn within(self, gross: Minor) -> Minor {
        let rate = i128::from(self.rate_ppm());
        let (of, whole) = (i128::from(gross.0) * rate, MILLION + rate);
        let half = if of < 0 { -whole } else { whole };
        // No more than the amount itself, so it fits.
        Minor(i64::try_from((2 * of + half) / (2 * whole)).unwrap_or_default())
    }

    /// The rate; 0 of what is exempt.
    pub fn rate_ppm(self) -> u32 {
        match self {
            Self::RatePpm(rate) => rate,
            Self::Exempt => 0,
        }
    }

    /// In words, for example `13%`.
    pub fn shown(self) -> Text {
        let Self::RatePpm(rate) = self else { return Text::new("免税", "exempt") };
        let (whole, part) = (rate / 10_000, rate % 10_000);
        let shown = match part {
            0 => format!("{whole}%"),
            part => format!("{whole}.{}%", format!("{part:04}").trim_end_matches('0')),
        };
        Text::new(shown.clone(), shown)
    }
}

/// How a product is taxed from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaxFrom {
    /// How.
    pub tax: Tax,
    /// The first day on which it counts; absent: from ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<BusinessDate>,
}

/// What counts on a day, of changes in the order of their days.
pub fn on(changes: &[TaxFrom], day: BusinessDate) -> Option<Tax> {
    let counts = |change: &&TaxFrom| change.effective_on.is_none_or(|from| from <= day);
    changes.iter().rev().find(counts).map(|change| change.tax)
}

/// The tax of one line of an order, which its amount contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineTax {
    /// How the product was taxed on the day of the order.
    pub tax: Tax,
    /// What of the amount after discounts is tax; the rest is net of tax.
    pub tax_minor: Minor,
}

/// The taxes that lines contain, given what each costs and how it is taxed. For each rate they add up
/// to the tax of all its lines together, as an invoice tells it; what rounding leaves over is on the
/// largest line, and where that has no room for it, on the next one.
pub fn contained(lines: &[(Minor, Option<Tax>)]) -> Vec<Option<LineTax>> {
    let of = |&(gross, tax): &(Minor, Option<Tax>)| {
        tax.map(|tax| LineTax { tax, tax_minor: tax.within(gross) })
    };
    let mut taxes: Vec<Option<LineTax>> = lines.iter().map(of).collect();
    let mut rates: BTreeMap<Tax, Vec<usize>> = BTreeMap::new();
    for (index, (_, tax)) in lines.iter().enumerate() {
        if let Some(tax) = tax {
            rates.entry(*tax).or_default().push(index);
        }
    }
    for (tax, mut members) in rates {
        let gross: Minor = members.iter().map(|&index| lines[index].0).sum();
        let rounded: Minor = members.iter().filter_map(|&index| taxes[index]).map(amount).sum();
        let mut tail = tax.within(gross).0 - rounded.0;
        members.sort_by_key(|&index| (-lines[index].0.0, index));
        for index in members {
            let Some(line) = &mut taxes[index] else { continue };
            let before = line.tax_minor.0;
            let after = (before + tail).clamp(0, lines[index].0.0.max(0));
            line.tax_minor = Minor(after);
            tail -= after - before;
        }
    }
    taxes
}

fn amount(line: LineTax) -> Minor {
    line.tax_minor
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const GENERAL: Tax = Tax::RatePpm(130_000);

    #[test]
    fn the_tail_of_rounding_is_on_the_largest_line() {
        // 3 × 0.10 and 1 × 10.00: 0.0115 and 1.1504 each, 1.1849 together.
        let lines = [10, 10, 1_000, 10].map(|gross| (Minor(gross), Some(GENERAL)));
        let taxes = contained(&lines).into_iter().map(|it| it.map(|it| it.tax_minor.0));
        assert_eq!(taxes.collect::<Vec<_>>(), [Some(1), Some(1), Some(115), Some(1)]);
        // 8 lines of 0.04 round to nothing each, and have 0.04 together: more than one line's worth.
        let lines = [4; 8].map(|gross| (Minor(gross), Some(GENERAL)));
        let taxes: i64 = contained(&lines).into_iter().flatten().map(|it| it.tax_minor.0).sum();
        assert_eq!(taxes, 4);
    }

    #[test]
    fn what_has_no_rate_has_no_tax() {
        let lines =
            [(Minor(100), None), (Minor(113), Some(GENERAL)), (Minor(9), Some(Tax::Exempt))];
        let told = contained(&lines);
        assert_eq!(told[0], None);
        assert_eq!(told[1], Some(LineTax { tax: GENERAL, tax_minor: Minor(13) }));
        assert_eq!(told[2], Some(LineTax { tax: Tax::Exempt, tax_minor: Minor(0) }));
    }

    #[test]
    fn rates_are_told_as_people_write_them() {
        let shown = |ppm| Tax::RatePpm(ppm).shown().en;
        assert_eq!([130_000, 0, 5_000, 10_500].map(shown), ["13%", "0%", "0.5%", "1.05%"]);
    }

    #[test]
    fn a_tax_counts_from_its_day_on() {
        let day = |text: &str| text.parse::<BusinessDate>().ok();
        let changes = [
            TaxFrom { tax: GENERAL, effective_on: None },
            TaxFrom { tax: Tax::Exempt, effective_on: day("2027-01-01") },
        ];
        for (asked, tax) in [("2026-12-31", GENERAL), ("2027-01-01", Tax::Exempt)] {
            assert_eq!(day(asked).and_then(|day| on(&changes, day)), Some(tax));
        }
    }

    fn tax() -> impl Strategy<Value = Option<Tax>> {
        let known = [130_000, 90_000, 60_000, 0, 500_000].map(Tax::RatePpm);
        prop_oneof![
            8 => prop::sample::select(known.to_vec()).prop_map(Some),
            1 => Just(Some(Tax::Exempt)),
            1 => Just(None),
        ]
    }

    proptest! {
        #[test]
        fn taxes_of_a_rate_add_up_to_the_tax_of_its_lines_together(
            lines in vec((prop_oneof![0_i64..20, 0_i64..90_000_000], tax()), 1..60),
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(it, tax)| (Minor(it), tax)).collect();
            let told = contained(&lines);
            prop_assert_eq!(told.len(), lines.len());
            let mut totals: BTreeMap<Tax, (i64, i64)> = BTreeMap::new();
            for ((gross, tax), line) in lines.iter().zip(&told) {
                prop_assert_eq!(*tax, line.map(|line| line.tax));
                let Some(line) = line else { continue };
                // Net and tax are both parts of the amount, so they add up to it.
                prop_assert!((0..=gross.0).contains(&line.tax_minor.0));
                let total = totals.entry(line.tax).or_default();
                *total = (total.0 + gross.0, total.1 + line.tax_minor.0);
            }
            for (tax, (gross, told)) in totals {
                prop_assert_eq!(tax.within(Minor(gross)).0, told);
            }
        }

        #[test]
        fn all_but_the_largest_line_of_a_rate_are_rounded_to_the_nearest(
            lines in vec(1_000_i64..90_000_000, 1..40),
        ) {
            let lines: Vec<_> = lines.into_iter().map(|it| (Minor(it), Some(GENERAL))).collect();
            let told = contained(&lines);
            let off = lines.iter().zip(&told).filter(|((gross, tax), line)| {
                line.map(|line| line.tax_minor) != tax.map(|tax| tax.within(*gross))
            });
            let off: Vec<i64> = off.map(|((gross, _), _)| gross.0).collect();
            prop_assert!(off.len() <= 1);
            let largest = lines.iter().map(|(gross, _)| gross.0).max();
            prop_assert!(off.iter().all(|&gross| Some(gross) == largest));
        }
    }
}
