//! Yuan with a point and hours of China, as providers write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone as _, Utc};
use values::Minor;

const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => panic!("eight hours are less than a day"),
};

/// `88.88`
pub(crate) fn yuan(amount: Minor) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    let minor = amount.0.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// Reads an amount above zero with two digits after the point at most.
pub(crate) fn read_yuan(text: &str) -> Option<Minor> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > 2 {
        return None;
    }
    let below: i64 = format!("{fraction:0<2}").parse().ok()?;
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(below)?;
    (minor > 0).then_some(Minor(minor))
}

/// What a provider takes: 0.6 %, rounded.
pub(crate) fn fee(amount: Minor) -> Minor {
    Minor((amount.0 * 6 + 500) / 1000)
}

/// `2026-11-26T20:00:00+08:00`
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.with_timezone(&CHINA).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `2026-11-26 20:00:00`
pub(crate) fn plain(at: DateTime<Utc>) -> String {
    at.with_timezone(&CHINA).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads `2026-11-26 20:00:00`.
pub(crate) fn read_plain(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    CHINA.from_local_datetime(&local).single().map(|at| at.to_utc())
}

/// The day in China.
pub(crate) fn day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&CHINA).date_naive()
}
