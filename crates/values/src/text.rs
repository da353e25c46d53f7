//! What people write.

use std::ops::RangeInclusive;

use crate::Explain;

/// How long the name of a thing or person may be, in characters.
pub const NAME: RangeInclusive<usize> = 1..=100;

/// A text that is too short, too long or not readable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have {} to {} characters, none of them a control character", .length.start(), .length.end())]
pub struct InvalidText {
    /// How long it may be.
    pub length: RangeInclusive<usize>,
}

impl Explain for InvalidText {
    fn zh(&self) -> String {
        format!("长度须为 {} 至 {} 个字符，且不含控制字符", self.length.start(), self.length.end())
    }
}

/// A text without the blanks around it, when it has the length asked for and no control
/// characters other than line breaks and tabs.
///
/// # Errors
/// [`InvalidText`]
pub fn bounded(text: &str, length: RangeInclusive<usize>) -> Result<String, InvalidText> {
    let text = text.trim();
    let readable = |sign: char| !sign.is_control() || matches!(sign, '\n' | '\t');
    let fits = length.contains(&text.chars().count()) && text.chars().all(readable);
    if fits { Ok(text.to_owned()) } else { Err(InvalidText { length }) }
}

/// The name of a thing or person: 1 to 100 characters.
///
/// # Errors
/// [`InvalidText`]
pub fn name(text: &str) -> Result<String, InvalidText> {
    bounded(text, NAME)
}
