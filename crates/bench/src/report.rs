//! What a run found: kept as JSON, shown as tables.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::load::Sample;
use crate::machine::Machine;
use crate::rounds::{Rounds, Series};
use crate::statistics::{Spread, Target};

/// All of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The median of each ratio measured, by its name.
    pub ratios: BTreeMap<String, f64>,
    /// The median of each figure that stands alone, by its name.
    pub figures: BTreeMap<String, f64>,
    /// Both in full, in the order of the measurements.
    pub findings: Vec<Finding>,
    /// Each side of each comparison in full.
    pub sides: Vec<SideReport>,
    /// What was not measured, and why.
    pub left_out: Vec<LeftOut>,
    /// What it ran on.
    pub machine: Machine,
    /// When it began, RFC 3339.
    pub began: String,
    /// Rounds of each comparison.
    pub rounds: u32,
    /// Length of a turn in seconds.
    pub turn_seconds: f64,
    /// Versions of what was compared with.
    pub peers: BTreeMap<String, String>,
}

/// What one measurement found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its ratios.
    pub findings: Vec<Finding>,
    /// Its sides.
    pub sides: Vec<SideReport>,
    /// Versions of what it compared with.
    pub peers: BTreeMap<String, String>,
    /// Sides that are not installed here.
    pub left_out: Vec<LeftOut>,
}

/// A ratio, or a figure that stands alone.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The fixed name that outside checks know it by.
    pub name: String,
    /// What was measured.
    pub what: String,
    /// What it is compared with; empty for a figure that stands alone.
    pub against: String,
    /// Unit of the two figures, for example `1/s` or `ms`.
    pub unit: &'static str,
    /// Ours.
    pub ours: Spread,
    /// The other side's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Spread>,
    /// Ours to theirs, or the figure itself.
    pub ratio: Spread,
    /// What it should be, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Whether it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
    /// What one has to know to read it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// One side of a comparison.
#[derive(Debug, Serialize)]
pub struct SideReport {
    /// The comparison.
    pub measurement: String,
    /// The side.
    pub name: String,
    /// Callers at the same time.
    pub callers: usize,
    /// Calls in all rounds that counted.
    pub calls: u64,
    /// Calls per second.
    pub rate: Spread,
    /// Times of calls in milliseconds over all rounds: quantile, time. Empty where calls have no
    /// times of their own.
    pub latency_ms: BTreeMap<&'static str, f64>,
    /// Processor time of this process for one call, in µs; callers included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_us: Option<f64>,
    /// Processor time of PostgreSQL for one call, in µs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postgres_cpu_us: Option<f64>,
}

/// A measurement that was not made.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
    /// Whether it failed, rather than not being installed here.
    pub failed: bool,
}

impl Report {
    /// A report that holds nothing yet.
    pub fn new(machine: Machine, rounds: Rounds, began: String) -> Self {
        Self {
            ratios: BTreeMap::new(),
            figures: BTreeMap::new(),
            findings: Vec::new(),
            sides: Vec::new(),
            left_out: Vec::new(),
            machine,
            began,
            rounds: rounds.count,
            turn_seconds: rounds.window.as_secs_f64(),
            peers: BTreeMap::new(),
        }
    }

    /// Adds what a measurement found.
    pub fn add(&mut self, outcome: Outcome) {
        for finding in &outcome.findings {
            let by_name = match finding.theirs {
                Some(_) => &mut self.ratios,
                None => &mut self.figures,
            };
            by_name.insert(finding.name.clone(), finding.ratio.median);
        }
        self.findings.extend(outcome.findings);
        self.sides.extend(outcome.sides);
        self.peers.extend(outcome.peers);
        self.left_out.extend(outcome.left_out);
    }
}

const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999), ("max", 1.0), ("min", 0.0)];

impl SideReport {
    /// What a side did in all rounds.
    ///
    /// # Errors
    /// When its times can not be added up.
    pub fn of(measurement: &str, callers: usize, series: &Series) -> anyhow::Result<Self> {
        let mut latency = crate::load::histogram()?;
        for sample in &series.samples {
            latency.add(&sample.latency)?;
        }
        let calls: u64 = series.samples.iter().map(|sample| sample.operations).sum();
        let each = |total: Option<f64>| total.filter(|_| calls > 0).map(|us| us / calls as f64);
        let own: Option<f64> =
            series.samples.iter().map(|s| Some(s.cpu?.as_secs_f64() * 1e6)).sum();
        // Callers of another process take their connections with them, and what these used.
        let server: Option<f64> = own.and_then(|_| {
            series.server_cpu.iter().map(|cpu| Some((*cpu)?.as_secs_f64() * 1e6)).sum()
        });
        let zero = Spread { median: 0.0, least: 0.0, most: 0.0 };
        let quantiles = if latency.is_empty() { &[][..] } else { &QUANTILES[..] };
        let time = |(name, quantile): &(&'static str, f64)| {
            (*name, latency.value_at_quantile(*quantile) as f64 / 1e6)
        };
        Ok(Self {
            measurement: measurement.to_owned(),
            name: series.name.clone(),
            callers,
            calls,
            rate: Spread::of(&series.each(Sample::rate)).unwrap_or(zero),
            latency_ms: quantiles.iter().map(time).collect(),
            cpu_us: each(own),
            postgres_cpu_us: each(server),
        })
    }
}

impl Finding {
    /// A ratio of speeds of two sides that were measured in turns; none when one stood still.
    pub fn of_rates(name: &str, what: &str, ours: &Series, theirs: &Series) -> Option<Self> {
        Self::of(name, what, "1/s", ours, theirs, Sample::rate)
    }

    /// A ratio of the times that half of the calls took.
    pub fn of_medians(name: &str, what: &str, ours: &Series, theirs: &Series) -> Option<Self> {
        Self::of(name, what, "ms", ours, theirs, |sample| sample.quantile_ms(0.5))
    }

    fn of(
        name: &str,
        what: &str,
        unit: &'static str,
        ours: &Series,
        theirs: &Series,
        figure: impl Fn(&Sample) -> f64,
    ) -> Option<Self> {
        let (own, other) = (ours.each(&figure), theirs.each(&figure));
        Some(Self {
            name: name.to_owned(),
            what: what.to_owned(),
            against: theirs.name.clone(),
            unit,
            ours: Spread::of(&own)?,
            theirs: Spread::of(&other),
            ratio: Spread::of_ratios(&own, &other)?,
            target: None,
            reached: None,
            note: String::new(),
        })
    }

    /// A figure that stands alone.
    pub fn alone(name: &str, what: &str, unit: &'static str, figures: &[f64]) -> Option<Self> {
        let spread = Spread::of(figures)?;
        Some(Self {
            name: name.to_owned(),
            what: what.to_owned(),
            against: String::new(),
            unit,
            ours: spread,
            theirs: None,
            ratio: spread,
            target: None,
            reached: None,
            note: String::new(),
        })
    }

    /// With what it should be.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self.reached = Some(target.reached(self.ratio.median));
        self
    }

    /// With what one has to know to read it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

impl Outcome {
    /// With the versions of packages that it compared with, as a Cargo.lock has them.
    #[must_use]
    pub fn with_versions(mut self, lock: &str, packages: &[&str]) -> Self {
        let found = packages.iter().map(|name| {
            let version = locked(lock, name).unwrap_or_else(|| "of unknown version".to_owned());
            ((*name).to_owned(), version)
        });
        self.peers.extend(found);
        self
    }
}

/// The version of a package in a Cargo.lock.
fn locked(lock: &str, name: &str) -> Option<String> {
    let entry = lock
        .split("[[package]]")
        .find(|entry| entry.lines().any(|line| line.trim() == format!("name = \"{name}\"")))?;
    let version = entry.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_locked() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"a\"\n\
                    version = \"4.5.6\"\n";
        let outcome = Outcome::default().with_versions(lock, &["a", "a-b", "c"]);
        let found: Vec<_> = outcome.peers.into_iter().collect();
        let named = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(
            found,
            [named("a", "4.5.6"), named("a-b", "1.2.3"), named("c", "of unknown version")]
        );
    }

    #[test]
    fn figures_that_stand_alone_are_no_ratios() {
        let lone = Finding::alone("memory", "memory", "MB", &[3.0, 1.0, 2.0]).unwrap();
        assert_eq!(lone.clone().target(Target::AtMost(1.9)).reached, Some(false));
        let mut report = Report::new(Machine::default(), Rounds::default(), String::new());
        let pair = Finding { name: "pair".to_owned(), theirs: Some(lone.ours), ..lone.clone() };
        report.add(Outcome { findings: vec![lone, pair], ..Outcome::default() });
        assert_eq!(report.figures.into_iter().collect::<Vec<_>>(), [("memory".to_owned(), 2.0)]);
        assert_eq!(report.ratios.into_iter().collect::<Vec<_>>(), [("pair".to_owned(), 2.0)]);
    }
}
