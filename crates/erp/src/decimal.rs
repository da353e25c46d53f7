//! Numbers with a point, as systems write them, made of whole ones and read back.

use values::{Currency, Minor};

/// Digits after the point that are read.
const FRACTION: usize = 18;

/// An amount with a point: `1234.50`.
pub(crate) fn written(amount: Minor, currency: &Currency) -> String {
    pointed(amount.0.into(), currency.minor_digits() as usize)
}

/// A number of so many digits after the point.
fn pointed(number: i128, digits: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let shown = format!("{:0width$}", number.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = shown.split_at(shown.len() - digits);
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// What one of so many costs when all cost this, with so many digits after the point, rounded half
/// away from zero.
pub(crate) fn each(amount: Minor, quantity: i64, currency: &Currency, digits: u32) -> String {
    let minor_digits = currency.minor_digits();
    let scaled = i128::from(amount.0) * 10_i128.pow(digits.saturating_sub(minor_digits));
    let quantity = i128::from(quantity.max(1));
    let rounded = (scaled * 2 + quantity) / (quantity * 2);
    pointed(rounded, digits.max(minor_digits) as usize)
}

/// What of an amount with tax is not tax, rounded half up; the rest is.
pub(crate) fn net(amount: Minor, tax_percent: u8) -> Minor {
    let parts = i128::from(amount.0) * 100;
    let whole = 100 + i128::from(tax_percent);
    let rounded = (parts * 2 + whole) / (whole * 2);
    // It is not above the amount, which is no more than an `i64`.
    Minor(i64::try_from(rounded).unwrap_or(amount.0))
}

/// Reads an amount. What it has below its minor unit is rounded, half away from zero: systems that
/// multiply prices may keep more digits than they show.
pub(crate) fn amount(text: &str, currency: &Currency) -> Option<Minor> {
    let digits = currency.minor_digits() as usize;
    let (is_negative, whole, fraction) = parts(text)?;
    let below = &fraction[..fraction.len().min(digits)];
    let minor: i64 = format!("{whole}{below:0<digits$}").parse().ok()?;
    let is_more = fraction.as_bytes().get(digits).is_some_and(|digit| *digit >= b'5');
    let minor = minor.checked_add(i64::from(is_more))?;
    Some(Minor(if is_negative { -minor } else { minor }))
}

/// Reads a quantity; parts of a unit are left out, so `-0.5` is one less than none.
pub(crate) fn units(text: &str) -> Option<i64> {
    let (is_negative, whole, fraction) = parts(text)?;
    let whole: i64 = whole.parse().ok()?;
    let has_part = fraction.bytes().any(|byte| byte != b'0');
    if is_negative { (-whole).checked_sub(i64::from(has_part)) } else { Some(whole) }
}

/// The sign, and what is before and after the point.
fn parts(text: &str) -> Option<(bool, &str, &str)> {
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !whole.is_empty() && fraction.len() <= FRACTION;
    (fits && is_number(whole) && is_number(fraction)).then_some((is_negative, whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cny() -> Currency {
        "CNY".parse().expect("a currency")
    }

    #[test]
    fn amounts_are_written_with_the_digits_of_their_currency() {
        assert_eq!(written(Minor(5), &cny()), "0.05");
        assert_eq!(written(Minor(-123_456), &cny()), "-1234.56");
        assert_eq!(written(Minor(7), &"JPY".parse().expect("a currency")), "7");
        assert_eq!(written(Minor(7), &"KWD".parse().expect("a currency")), "0.007");
    }

    #[test]
    fn a_price_is_what_is_left_of_an_amount_by_its_quantity() {
        assert_eq!(each(Minor(1000), 3, &cny(), 10), "3.3333333333");
        assert_eq!(each(Minor(2000), 3, &cny(), 6), "6.666667");
        assert_eq!(each(Minor(0), 3, &cny(), 6), "0.000000");
        assert_eq!(each(Minor(5), 1, &"JPY".parse().expect("a currency"), 2), "5.00");
    }

    #[test]
    fn tax_and_what_is_not_tax_are_the_amount() {
        assert_eq!(net(Minor(11_300), 13), Minor(10_000));
        assert_eq!(net(Minor(8_888), 13), Minor(7_865));
        assert_eq!(net(Minor(8_888), 0), Minor(8_888));
        assert_eq!(net(Minor(1), 100), Minor(1), "half a unit is rounded up");
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        for (text, minor) in [
            ("1130", 113_000),
            ("88.88", 8_888),
            ("0.0500000000", 5),
            ("-2.3", -230),
            ("0.0049", 0),
            ("88.8750", 8_888),
        ] {
            assert_eq!(amount(text, &cny()), Some(Minor(minor)), "{text}");
        }
        for text in ["", ".5", "1e3", "+1", "99999999999999999999", "1,000.00", "NaN"] {
            assert_eq!(amount(text, &cny()), None, "{text}");
        }
        assert_eq!(units("12.0"), Some(12));
        assert_eq!(units("12.9"), Some(12));
        assert_eq!(units("-0.5"), Some(-1));
        assert_eq!(units("-3.000"), Some(-3));
        assert_eq!(units("1.2E2"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            let text = written(Minor(minor), &cny());
            proptest::prop_assert_eq!(amount(&text, &cny()), Some(Minor(minor)));
        }

        #[test]
        fn a_price_of_ten_digits_gives_the_amount_back(
            minor in 0_i64..1_000_000_000_000, quantity in 1_i64..10_000_000,
        ) {
            let price = each(Minor(minor), quantity, &cny(), 10).replace('.', "");
            let back = price.parse::<i128>().expect("digits") * i128::from(quantity);
            // The tenth digit stands for a hundred-millionth of a minor unit.
            let rounded = (back + 50_000_000) / 100_000_000;
            proptest::prop_assert_eq!(rounded, i128::from(minor));
        }
    }
}
