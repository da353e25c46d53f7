//! Ids made from names.

use sha2::{Digest as _, Sha256};

/// Longest id that the rpcs take.
const LONGEST: usize = 64;

/// `Kansas City 29ers` → `kansas-city-29ers`. What an id cannot show, such as Chinese characters,
/// is told apart by a piece of the name's hash; the same name always gives the same id.
pub(crate) fn slug(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for character in name.trim().chars() {
        if character.is_ascii_alphanumeric() {
            id.push(character.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    let lost = !name.is_ascii();
    if !lost && !id.is_empty() && id.len() <= LONGEST {
        return id.to_owned();
    }
    let hash: String =
        Sha256::digest(name.trim()).iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let kept = id.get(..id.len().min(LONGEST - 1 - hash.len())).unwrap_or_default();
    match kept.trim_end_matches('-') {
        "" => format!("x-{hash}"),
        kept => format!("{kept}-{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_readable_ids() {
        assert_eq!(slug("Kansas City 29ers"), "kansas-city-29ers");
        assert_eq!(slug("F-Si Black Inc."), "f-si-black-inc");
        assert_ne!(slug("上海经销商"), slug("北京经销商"));
        assert!(slug("上海 Bikes").starts_with("bikes-"));
    }

    proptest! {
        #[test]
        fn every_name_gives_an_acceptable_id(name in ".{0,200}") {
            let id = slug(&name);
            prop_assert!((1..=LONGEST).contains(&id.len()), "{id}");
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            prop_assert!(id.bytes().all(fits), "{id}");
        }
    }
}
