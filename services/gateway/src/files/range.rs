//! A range of bytes, as RFC 9110 section 14 writes it. Of several ranges none is taken: the whole
//! is the answer then, as the standard allows.

use http::{HeaderMap, header};

/// What is wanted of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    All,
    /// So many bytes from here; to the end with none.
    From(u64, Option<u64>),
    /// The last ones.
    Last(u64),
}

/// What the headers ask for. What is not understood is as if it were not there.
pub(super) fn wanted(headers: &HeaderMap) -> Wanted {
    let told = headers.get(header::RANGE).and_then(|told| told.to_str().ok());
    told.and_then(parse).unwrap_or(Wanted::All)
}

fn parse(told: &str) -> Option<Wanted> {
    let (first, last) = told.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|sign| sign.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    match (first, last) {
        ("", last) => Some(Wanted::Last(number(last).filter(|last| *last > 0)?)),
        (first, "") => Some(Wanted::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            Some(Wanted::From(first, Some(last.checked_sub(first)?.checked_add(1)?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_everything_else_is_the_whole() {
        for (told, meant) in [
            ("bytes=0-0", Some(Wanted::From(0, Some(1)))),
            ("bytes=5-", Some(Wanted::From(5, None))),
            ("bytes=-7", Some(Wanted::Last(7))),
            ("bytes=9-5", None),
            ("bytes=0-1,3-4", None),
            ("bytes=-0", None),
            ("bytes=+1-2", None),
            ("lines=0-1", None),
            ("bytes=0-18446744073709551615", None),
        ] {
            assert_eq!(parse(told), meant, "{told}");
        }
    }
}
