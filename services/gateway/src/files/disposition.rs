//! `Content-Disposition`, as RFC 6266 has it: a name that every client can read, and beside it the
//! real one by RFC 8187.

use std::fmt::Write as _;

/// The header for a file of this name. No sign of the name can end the text that it stands in.
pub(super) fn of(name: &str, inline: bool) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let plain: String = name.chars().map(plain).collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(name))
}

fn plain(sign: char) -> char {
    let fine = sign.is_ascii_alphanumeric() || matches!(sign, ' ' | '.' | '-' | '_' | '(' | ')');
    if fine { sign } else { '_' }
}

/// All but `attr-char` of the standard as bytes.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Nothing fails to be written to a text.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name() {
        assert_eq!(
            of("发票 \"1\"; x=%2e.pdf", false),
            "attachment; filename=\"__ _1__ x__2e.pdf\"; \
             filename*=UTF-8''%E5%8F%91%E7%A5%A8%20%221%22%3B%20x%3D%252e.pdf"
        );
        assert!(
            of("a\r\nSet-Cookie: b.jpg", true).starts_with("inline; filename=\"a__Set-Cookie_ b")
        );
    }
}
