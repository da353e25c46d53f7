//! What a file is called. The name is shown and given back with the bytes; it is never part of a
//! path here, and can do no harm as a name on the machine of whoever saves the file.

use crate::file::MediaType;

/// Characters of a name.
const MOST: usize = 120;
/// Names that are devices on Windows, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A name as it may be kept: the last part of a path, without signs that nobody sees or that file
/// systems mind, with an ending that says what is in it.
pub(crate) fn cleaned(given: &str, kind: MediaType) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|sign| !is_unseen(*sign)).map(plain).collect();
    let seen = seen.trim_matches(|sign: char| sign == '.' || sign.is_whitespace());
    let (stem, ending) = match seen.rsplit_once('.') {
        Some((stem, ending)) if fits(ending, kind) => (stem, ending.to_owned()),
        _ => (seen, kind.endings()[0].to_owned()),
    };
    let stem: String = stem.chars().take(MOST).collect();
    let stem = stem.trim_end_matches(|sign: char| sign == '.' || sign.is_whitespace());
    let stem = match stem {
        "" => "file".to_owned(),
        stem if is_device(stem) => format!("_{stem}"),
        stem => stem.to_owned(),
    };
    format!("{stem}.{ending}")
}

fn fits(ending: &str, kind: MediaType) -> bool {
    kind.endings().iter().any(|one| one.eq_ignore_ascii_case(ending))
}

/// Control characters, and those that turn the direction of writing or take no room: with them
/// `gpj.exe` looks like `exe.jpg`.
fn is_unseen(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn plain(sign: char) -> char {
    if matches!(sign, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { sign }
}

fn is_device(stem: &str) -> bool {
    let stem = stem.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let numbered = |kind: &str| {
        stem.strip_prefix(kind).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_a_person_reads_and_leads_nowhere() {
        for (given, kept) in [
            ("发票 2026.pdf", "发票 2026.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Windows\\system32\\evil.exe", "evil.exe.pdf"),
            ("/absolute/path.pdf", "path.pdf"),
            ("a\0b\r\n.pdf", "ab.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe.pdf"),
            ("%2e%2e%2fup.pdf", "%2e%2e%2fup.pdf"),
            ("..", "file.pdf"),
            ("   ", "file.pdf"),
            ("CON", "_CON.pdf"),
            ("com1.PDF", "_com1.PDF"),
            ("nul.tar.pdf", "_nul.tar.pdf"),
            ("a<b>|\"c?.pdf", "a_b___c_.pdf"),
            ("console.pdf", "console.pdf"),
        ] {
            assert_eq!(cleaned(given, MediaType::Pdf), kept, "{given:?}");
        }
        let long = cleaned(&"长".repeat(10_000), MediaType::Pdf);
        assert_eq!(long.chars().count(), MOST + ".pdf".len());
    }
}
