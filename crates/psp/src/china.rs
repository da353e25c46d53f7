//! What providers write in their own way: hours of China, and yuan with a point.

use chrono::{DateTime, FixedOffset, NaiveDateTime, SecondsFormat, TimeZone as _, Utc};
use values::{Currency, Minor};

/// China's hours, which know no summer.
const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => panic!("eight hours are less than a day"),
};
/// How Alipay and all bills write a time.
const PLAIN: &str = "%Y-%m-%d %H:%M:%S";
/// Fractions of a unit beyond this many digits are refused.
const FRACTION: usize = 8;

/// As WeChat Pay writes it: `2026-11-26T20:00:00+08:00`.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.with_timezone(&CHINA).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// As Alipay writes it: `2026-11-26 20:00:00`.
pub(crate) fn plain(at: DateTime<Utc>) -> String {
    at.with_timezone(&CHINA).format(PLAIN).to_string()
}

/// Reads what WeChat Pay writes.
pub(crate) fn read_rfc3339(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.to_utc())
}

/// Reads what Alipay and bills write, with or without a fraction of a second.
pub(crate) fn read_plain(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S%.f").ok()?;
    CHINA.from_local_datetime(&local).single().map(|at| at.to_utc())
}

/// Yuan with a point: `1234.50`.
pub(crate) fn yuan(amount: Minor) -> String {
    let minor = amount.0.unsigned_abs();
    let sign = if amount.0 < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// Reads yuan. What a fee has below one 分 is rounded, half away from zero.
pub(crate) fn read_yuan(text: &str) -> Option<Minor> {
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > FRACTION || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| i64::from(byte - b'0'));
    let rounded = i64::from(digit(2) >= 5);
    let below = digit(0) * 10 + digit(1) + rounded;
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(below)?;
    Some(Minor(if is_negative { -minor } else { minor }))
}

/// Reads yuan that must be whole 分 above zero.
pub(crate) fn read_price(text: &str) -> Option<Minor> {
    let amount = read_yuan(text)?;
    let fraction = text.trim().split_once('.').map_or("", |(_, fraction)| fraction);
    let is_whole = fraction.bytes().skip(2).all(|byte| byte == b'0');
    (is_whole && amount.0 > 0).then_some(amount)
}

/// The one currency of both providers here.
pub(crate) fn cny() -> Option<Currency> {
    "CNY".parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_china() {
        let at = read_rfc3339("2026-11-26T20:00:01+08:00").expect("a time");
        assert_eq!(at.to_rfc3339(), "2026-11-26T12:00:01+00:00");
        assert_eq!(rfc3339(at), "2026-11-26T20:00:01+08:00");
        assert_eq!(plain(at), "2026-11-26 20:00:01");
        assert_eq!(read_plain("2026-11-26 20:00:01"), Some(at));
        assert_eq!(read_plain("2026-11-26 20:00:01.000"), Some(at));
        assert_eq!(read_plain("yesterday"), None);
    }

    #[test]
    fn yuan_become_whole_minor_units() {
        for (text, minor) in [
            ("0.01", 1),
            ("1", 100),
            ("1.5", 150),
            ("88.88", 8888),
            ("-2.30", -230),
            ("0.01000", 1),
        ] {
            assert_eq!(read_yuan(text), Some(Minor(minor)), "{text}");
        }
        for text in ["", ".5", "1.2.3", "1e3", "+1", "--1", "99999999999999999999"] {
            assert_eq!(read_yuan(text), None, "{text}");
        }
        assert_eq!(read_yuan("0.00500"), Some(Minor(1)));
        assert_eq!(read_price("0.005"), None);
        assert_eq!(read_price("0.00"), None);
        assert_eq!(yuan(Minor(5)), "0.05");
        assert_eq!(yuan(Minor(-123_456)), "-1234.56");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            proptest::prop_assert_eq!(read_yuan(&yuan(Minor(minor))), Some(Minor(minor)));
        }
    }
}
