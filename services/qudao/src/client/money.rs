//! Amounts between people and the smallest unit of a currency, without floating point.

/// Digits behind the point of a currency (ISO 4217).
pub(crate) fn digits(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// `1129288500` in USD → `11,292,885.00`.
pub(crate) fn format(minor: i64, currency: &str) -> String {
    let digits = digits(currency);
    let all = format!("{:0width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = all.split_at(all.len() - digits);
    let sign = if minor < 0 { "-" } else { "" };
    let point = if digits > 0 { "." } else { "" };
    format!("{sign}{}{point}{fraction}", thousands(whole))
}

/// `3268` → `3,268`.
pub(crate) fn count(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", thousands(&number.unsigned_abs().to_string()))
}

fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `6070`, `6070.5` or `6070.50` in USD → `607050`. More digits than the currency has are
/// refused unless they are zeros: rounding somebody's money is not ours to do.
pub(crate) fn parse(text: &str, currency: &str) -> Option<i64> {
    let digits = digits(currency);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let (kept, rest) = fraction.split_at(digits.min(fraction.len()));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    format!("{whole}{kept:0<digits$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(format(1_129_288_500, "USD"), "11,292,885.00");
        assert_eq!(format(-5, "CNY"), "-0.05");
        assert_eq!(format(1234, "JPY"), "1,234");
        assert_eq!(format(i64::MIN, "USD"), "-92,233,720,368,547,758.08");
    }

    #[test]
    fn amounts_are_never_rounded() {
        assert_eq!(parse("6070", "USD"), Some(607_000));
        assert_eq!(parse("6070.5", "USD"), Some(607_050));
        assert_eq!(parse("6070.500", "USD"), Some(607_050));
        assert_eq!(parse("12", "JPY"), Some(12));
        for bad in ["", ".5", "6070.505", "-1", "1e3", "1,000", "99999999999999999999"] {
            assert_eq!(parse(bad, "USD"), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_can_be_read_back(minor in 0..=i64::MAX, currency in "USD|JPY|KWD") {
            let text = format(minor, &currency).replace(',', "");
            prop_assert_eq!(parse(&text, &currency), Some(minor));
        }
    }
}
