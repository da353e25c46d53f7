//! The measured part of docs/benchmarks.md. What people wrote around it stays.

use std::path::Path;

use anyhow::Context as _;

use crate::report::Report;
use crate::table::{self, Form};

const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// Puts a report between the two marks of a document.
///
/// # Errors
/// When the document can not be read or written, or has no marks.
pub(crate) fn write(file: &Path, report: &Report) -> anyhow::Result<()> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = with_measured(&text, &measured(report))
        .with_context(|| format!("{} has no {BEGIN} … {END}", file.display()))?;
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn with_measured(text: &str, measured: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{measured}\n{END}{after}"))
}

fn measured(report: &Report) -> String {
    let mut text = String::from("### The machine\n\n");
    for line in table::machine(report) {
        text.push_str(&format!("- {line}\n"));
    }
    for (peer, version) in &report.peers {
        text.push_str(&format!("- {peer} {version}\n"));
    }
    text.push_str(&format!("\n### Ratios\n\n{}\n", table::findings(report, Form::Markdown)));
    for finding in report.findings.iter().filter(|finding| !finding.note.is_empty()) {
        text.push_str(&format!("\n- {}: {}", finding.what, finding.note));
    }
    text.push_str(&format!("\n\n### Every side\n\n{}\n", table::sides(report, Form::Markdown)));
    if !report.left_out.is_empty() {
        text.push_str("\n### Left out\n");
        for left_out in &report.left_out {
            text.push_str(&format!("\n- `{}`: {}", left_out.name, left_out.why));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let text = format!("# Title\n{BEGIN}\nold\n{END}\nwords\n");
        let new = with_measured(&text, "new").unwrap();
        assert_eq!(new, format!("# Title\n{BEGIN}\nnew\n{END}\nwords\n"));
        assert_eq!(with_measured(&new, "new").unwrap(), new);
        assert_eq!(with_measured("# Title", "new"), None);
    }
}
