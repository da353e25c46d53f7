//! Hours of China, where the servers of both systems are.

use chrono::{DateTime, FixedOffset, Utc};

/// China's hours, which know no summer.
const CHINA: FixedOffset = match FixedOffset::east_opt(8 * 60 * 60) {
    Some(offset) => offset,
    None => panic!("eight hours are less than a day"),
};

/// As both write it: `2026-11-26 20:00:00`.
pub(crate) fn plain(at: DateTime<Utc>) -> String {
    at.with_timezone(&CHINA).format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_china() {
        let at = DateTime::parse_from_rfc3339("2026-11-26T20:00:01Z").expect("a time");
        assert_eq!(plain(at.to_utc()), "2026-11-27 04:00:01");
    }
}
