//! Parts of answers that are read as they were written: numbers do not pass through floating point,
//! and what is a number in one answer and a text in another reads the same.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::answer::ErpError;

/// A value as it was written.
pub(crate) type Raw = Box<RawValue>;

/// A text or a number, as text; none for anything else.
pub(crate) fn text(raw: &RawValue) -> Option<String> {
    let written = raw.get().trim();
    match written.as_bytes().first()? {
        b'"' => serde_json::from_str(written).ok(),
        b'-' | b'0'..=b'9' => Some(written.to_owned()),
        b't' | b'f' => Some(written.to_owned()),
        _ => None,
    }
}

/// The same of a value that may be absent; an empty text is none.
pub(crate) fn some_text(raw: Option<&Raw>) -> Option<String> {
    raw.and_then(|raw| text(raw)).filter(|text| !text.is_empty())
}

/// Reads JSON.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ErpError> {
    serde_json::from_slice(bytes).map_err(ErpError::unreadable)
}

/// Reads what was kept as it was written.
pub(crate) fn read_raw<T: DeserializeOwned>(raw: &RawValue) -> Result<T, ErpError> {
    read(raw.get().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_read_the_same() {
        let rows: Vec<Raw> =
            serde_json::from_str(r#"["200", 200, 1489997762220523500.00, null, {"a":1}, false]"#)
                .expect("JSON");
        let read: Vec<_> = rows.iter().map(|raw| text(raw)).collect();
        let some = |text: &str| Some(text.to_owned());
        let number = some("1489997762220523500.00");
        assert_eq!(read, [some("200"), some("200"), number, None, None, some("false")]);
    }
}
