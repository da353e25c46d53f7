//! Data goes to stdout, talk to stderr; colour and bars only where a person looks.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::value::RawValue;

/// Standard output, buffered; errors are returned, so that a closed pipe ends us quietly.
pub(crate) fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Prints one JSON document, indented for people when they look at it.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = stdout();
    if io::stdout().is_terminal() {
        serde_json::to_writer_pretty(&mut out, value)?;
    } else {
        serde_json::to_writer(&mut out, value)?;
    }
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Prints one JSON document as one line.
pub(crate) fn json_line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// Prints text with a line end.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut out = stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// JSON from the server as it is; what is not JSON becomes a JSON string, nothing gets lost.
pub(crate) fn embed(text: &str) -> Box<RawValue> {
    let quoted = || serde_json::Value::from(text).to_string();
    RawValue::from_string(text.to_owned())
        .or_else(|_| RawValue::from_string(quoted()))
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Whether the error is only that the reader of our output went away.
pub(crate) fn reader_left(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// An aligned table without lines; the names of numeric columns start with `>`.
pub(crate) fn table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|name| Cell::new(name.trim_start_matches('>'))));
    for row in rows {
        table.add_row(row);
    }
    let last = columns.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { 2 }));
        if columns.get(index).is_some_and(|name| name.starts_with('>')) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The table as text without spaces at line ends.
pub(crate) fn lines(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// A progress bar for people; hidden when nobody looks.
pub(crate) fn bar(length: u64, what: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{msg:>12} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(style);
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The words of a name in camel case: `HashChanged` is `hash changed`.
pub(crate) fn spaced(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn colour(stream: &impl io::IsTerminal) -> bool {
    stream.is_terminal()
        && super::env("NO_COLOR").is_none()
        && std::env::var("TERM").ok().as_deref() != Some("dumb")
}

pub(crate) fn red(text: &str) -> String {
    painted(text, "31;1", &io::stderr())
}

pub(crate) fn dim(text: &str) -> String {
    painted(text, "2", &io::stderr())
}

/// Dimmed on stdout.
pub(crate) fn faint(text: &str) -> String {
    painted(text, "2", &io::stdout())
}

fn painted(text: &str, code: &str, stream: &impl io::IsTerminal) -> String {
    if colour(stream) { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_take_two_columns() {
        let rows = [vec!["经销商 A".into(), "5".into()], vec!["abc".into(), "1,000".into()]];

        let text = lines(&table(&["Dealer", ">Gross"], rows));

        assert_eq!(text, "Dealer    Gross\n经销商 A      5\nabc       1,000");
    }

    #[test]
    fn payloads_stay_byte_for_byte() {
        let text = r#"{"b":1.50,"a":"\u0041"}"#;

        assert_eq!(embed(text).get(), text);
        assert_eq!(embed("not json").get(), r#""not json""#);
    }
}
