//! A run as tables for people, on a screen or in a document.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use crate::report::{Finding, Report, SideReport};
use crate::statistics::Spread;

/// How a table is drawn.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// On a screen, as wide as it is.
    Screen,
    /// In a Markdown document.
    Markdown,
}

impl Form {
    fn table(self, columns: &[&str]) -> Table {
        let mut table = Table::new();
        match self {
            Self::Screen => table
                .load_preset(presets::NOTHING)
                .set_content_arrangement(ContentArrangement::Dynamic),
            Self::Markdown => table
                .load_preset(presets::ASCII_MARKDOWN)
                .set_content_arrangement(ContentArrangement::Disabled),
        };
        table.set_header(columns.iter().map(|name| Cell::new(name.trim_start_matches('>'))));
        for (index, name) in columns.iter().enumerate() {
            if let (true, Some(column)) = (name.starts_with('>'), table.column_mut(index)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

/// The ratios with their targets.
pub(crate) fn findings(report: &Report, form: Form) -> String {
    let columns =
        ["what", "against", ">ours", ">theirs", ">ratio", ">of the rounds", ">target", "reached"];
    let mut table = form.table(&columns);
    for finding in &report.findings {
        table.add_row(finding_row(finding));
    }
    table.to_string()
}

fn finding_row(finding: &Finding) -> [String; 8] {
    let figure = |spread: &Spread| format!("{} {}", number(spread.median), finding.unit);
    let alone = finding.theirs.is_none();
    let ratio = |text: String| if alone { String::new() } else { text };
    [
        finding.what.clone(),
        finding.against.clone(),
        figure(&finding.ours),
        finding.theirs.as_ref().map(figure).unwrap_or_default(),
        ratio(format!("{}×", number(finding.ratio.median))),
        ratio(format!("{} – {}", number(finding.ratio.least), number(finding.ratio.most))),
        finding.target.map(|target| target.to_string()).unwrap_or_default(),
        match finding.reached {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => String::new(),
        },
    ]
}

/// Every side with its times.
pub(crate) fn sides(report: &Report, form: Form) -> String {
    let columns = [
        "measurement",
        "side",
        ">callers",
        ">calls/s",
        ">of the rounds",
        ">p50 ms",
        ">p99 ms",
        ">max ms",
        ">µs CPU/call",
        ">µs PostgreSQL",
    ];
    let mut table = form.table(&columns);
    for side in &report.sides {
        table.add_row(side_row(side));
    }
    table.to_string()
}

fn side_row(side: &SideReport) -> [String; 10] {
    let time = |name| side.latency_ms.get(name).copied().map(number).unwrap_or_default();
    [
        side.measurement.clone(),
        side.name.clone(),
        side.callers.to_string(),
        number(side.rate.median),
        format!("{} – {}", number(side.rate.least), number(side.rate.most)),
        time("p50"),
        time("p99"),
        time("max"),
        side.cpu_us.map(number).unwrap_or_default(),
        side.postgres_cpu_us.map(number).unwrap_or_default(),
    ]
}

/// What it ran on, a fact a line.
pub(crate) fn machine(report: &Report) -> Vec<String> {
    let machine = &report.machine;
    let settings = machine.postgres_settings.iter();
    let settings: Vec<_> = settings.map(|(name, value)| format!("{name}={value}")).collect();
    vec![
        format!("{} processors ({}), {} MB", machine.cores, machine.cpu, machine.memory_mb),
        format!("Linux {}, load before the run {}", machine.kernel, machine.load),
        format!("PostgreSQL {}: {}", machine.postgres, settings.join(", ")),
        format!("nats-server {}", machine.nats),
        format!(
            "one write and fsync of 8 kB in the temporary folder: {} ms",
            number(machine.fsync_ms)
        ),
        format!(
            "{} build, {} rounds, turns of {} s, begun {}",
            machine.build, report.rounds, report.turn_seconds, report.began
        ),
    ]
}

/// Three figures that matter, and no more.
fn number(figure: f64) -> String {
    let size = figure.abs();
    if size >= 1_000.0 {
        return thousands(figure.round() as i64);
    }
    let decimals = match size {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{figure:.decimals$}")
}

fn thousands(whole: i64) -> String {
    let digits = whole.abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if whole < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn figures_keep_what_matters() {
        let shown: Vec<_> = [1_234_567.0, 999.4, 31.44, 1.256, 0.4567, 0.0].map(number).into();
        assert_eq!(shown, ["1,234,567", "999", "31.4", "1.26", "0.457", "0.000"]);
        assert_eq!(number(-1_234.0), "-1,234");
    }
}
