//! `qudao trace`: one trace as a tree, from the gateway to the read models.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Serialize;

use crate::client::endpoints::upward;
use crate::client::{failure, output};
use crate::collector::put_aside;
use crate::collector::span::Span;

/// Where a locally started system keeps its traces.
const PLACE: &str = ".local/log/traces.jsonl";

/// Attributes of the business are named like this; those of libraries are only in `--json`.
const OURS: &str = "qudao.";
/// Its value tells where in the log a command ended up, or what a read model has applied.
const POSITION: &str = "qudao.position";
/// 0 means success, which needs no words.
const STATUS: &str = "rpc.grpc.status_code";

#[derive(Args)]
#[command(after_help = "Examples:
  qudao trace --last
  qudao trace --last --matching SubmitOrder
  qudao trace 4bf92f3577b34da6a3ce929d0e0e4736 --json")]
pub(crate) struct Trace {
    /// Id of the trace, or how it starts
    #[arg(value_name = "TRACE_ID", required_unless_present = "last", conflicts_with = "last")]
    id: Option<String>,
    /// The command that began last
    #[arg(long)]
    last: bool,
    /// With --last: any trace with a span whose name contains this, also of a query
    #[arg(long, value_name = "TEXT", requires = "last")]
    matching: Option<String>,
    /// File of the trace collector [default: .local/log/traces.jsonl here or above]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Trace {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        failure::tell_as_json(self.json);
        let spans = read(&self.place()?)?;
        let id = match &self.id {
            Some(start) => starting_with(&spans, start)?,
            None => match &self.matching {
                Some(text) => last(&spans, |span| span.name.contains(text)),
                None => last(&spans, is_command),
            }
            .context("no such trace has been recorded (yet: spans arrive a few seconds late)")?,
        };
        let tree = Tree::new(&id, spans);
        if self.json {
            output::json(&tree)?
        } else {
            output::text(&tree.text())?
        }
        Ok(ExitCode::SUCCESS)
    }

    fn place(&self) -> anyhow::Result<PathBuf> {
        if let Some(file) = &self.file {
            return Ok(file.clone());
        }
        let here = std::env::current_dir()?;
        upward(&here, PLACE).with_context(|| format!("there is no {PLACE} here or above"))
    }
}

/// All spans of the file and of the one put aside before it. A line cut short by a crash is left
/// out.
fn read(path: &Path) -> anyhow::Result<Vec<Span>> {
    let mut spans = Vec::new();
    for path in [put_aside(path), path.to_owned()] {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        for line in BufReader::new(file).split(b'\n') {
            spans.extend(serde_json::from_slice::<Span>(&line?));
        }
    }
    if spans.is_empty() {
        bail!("{} has no traces", path.display());
    }
    Ok(spans)
}

fn starting_with(spans: &[Span], start: &str) -> anyhow::Result<String> {
    let start = start.to_ascii_lowercase();
    let ids: HashSet<&str> = spans
        .iter()
        .map(|span| span.trace_id.as_str())
        .filter(|id| id.starts_with(&start))
        .collect();
    match Vec::from_iter(ids).as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => bail!("no trace {start} has been recorded (yet: spans arrive a few seconds late)"),
        ids => bail!("{} traces start with {start}", ids.len()),
    }
}

/// A call that changed something; a read model knows a position too, but not a status.
fn is_command(span: &Span) -> bool {
    span.attributes.contains_key(POSITION) && span.attributes.contains_key(STATUS)
}

/// The trace that began last among those with such a span.
fn last(spans: &[Span], such: impl Fn(&Span) -> bool) -> Option<String> {
    let wanted: HashSet<&str> =
        spans.iter().filter(|span| such(span)).map(|span| span.trace_id.as_str()).collect();
    let mut began: HashMap<&str, u64> = HashMap::new();
    for span in spans.iter().filter(|span| wanted.contains(span.trace_id.as_str())) {
        let first = began.entry(&span.trace_id).or_insert(u64::MAX);
        *first = span.start_unix_nano.min(*first);
    }
    let (id, _) = began.into_iter().max_by_key(|&(id, began)| (began, id))?;
    Some(id.to_owned())
}

/// A trace with all that follows from it, also over links of other traces.
#[derive(Serialize)]
struct Tree {
    trace_id: String,
    duration_us: u64,
    spans: Vec<Node>,
}

#[derive(Serialize)]
struct Node {
    #[serde(flatten)]
    span: Span,
    duration_us: u64,
    /// From the start of the trace to the start of this span.
    offset_us: u64,
    /// Belongs to another trace that goes on from this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    linked: bool,
    children: Vec<Self>,
}

impl Tree {
    fn new(id: &str, spans: Vec<Span>) -> Self {
        let mut grove = Grove::new(id, spans);
        let start = grove.start;
        let roots = std::mem::take(&mut grove.roots);
        let nodes: Vec<Node> = roots.into_iter().map(|span| grove.node(span)).collect();
        let end = nodes.iter().map(Node::end).max().unwrap_or(start);
        Self { trace_id: id.to_owned(), duration_us: micros(start, end), spans: nodes }
    }

    fn text(&self) -> String {
        let mut lines = Vec::new();
        for node in &self.spans {
            node.draw("", "", &mut lines);
        }
        let rows = lines
            .into_iter()
            .map(|[tree, service, offset, took, facts]| vec![tree, service, offset, took, facts]);
        let columns = ["span", "service", ">at", ">took", "what"];
        format!("trace {}\n{}", self.trace_id, output::lines(&output::table(&columns, rows)))
    }
}

/// The spans of one trace, while they are put in order.
struct Grove {
    id: String,
    start: u64,
    roots: Vec<Span>,
    /// By the span that they follow.
    children: HashMap<String, Vec<Span>>,
}

impl Grove {
    fn new(id: &str, spans: Vec<Span>) -> Self {
        let own: HashSet<String> = spans
            .iter()
            .filter(|span| span.trace_id == id)
            .map(|span| span.span_id.clone())
            .collect();
        // Whole other traces that go on from this one: their spans, by trace.
        let followers: HashSet<String> = spans
            .iter()
            .filter(|span| span.trace_id != id && span.links.iter().any(|link| link.trace_id == id))
            .map(|span| span.trace_id.clone())
            .collect();
        let all: HashSet<String> = spans.iter().map(|span| span.span_id.clone()).collect();
        let mut grove =
            Self { id: id.to_owned(), start: u64::MAX, roots: vec![], children: HashMap::new() };
        let mut sorted: BTreeMap<(u64, String), Span> = BTreeMap::new();
        for span in spans {
            if span.trace_id == id || followers.contains(&span.trace_id) {
                sorted.insert((span.start_unix_nano, span.span_id.clone()), span);
            }
        }
        for span in sorted.into_values() {
            grove.plant(span, &own, &all);
        }
        grove
    }

    fn plant(&mut self, span: Span, own: &HashSet<String>, all: &HashSet<String>) {
        if span.trace_id == self.id {
            self.start = self.start.min(span.start_unix_nano);
        }
        let link = span.links.iter().find(|link| own.contains(&link.span_id));
        let linked = link.map(|link| link.span_id.clone()).filter(|_| span.trace_id != self.id);
        match linked.or_else(|| Some(span.parent_span_id.clone()).filter(|id| all.contains(id))) {
            Some(parent) => self.children.entry(parent).or_default().push(span),
            // The caller keeps no spans, so the first span we have has a parent that nobody knows.
            None if span.trace_id == self.id => self.roots.push(span),
            None => {}
        }
    }

    fn node(&mut self, span: Span) -> Node {
        // Taken out, so that a circle in broken data ends.
        let children = self.children.remove(&span.span_id).unwrap_or_default();
        let children = children.into_iter().map(|child| self.node(child)).collect();
        Node {
            duration_us: micros(span.start_unix_nano, span.end_unix_nano),
            offset_us: micros(self.start, span.start_unix_nano),
            linked: span.trace_id != self.id,
            span,
            children,
        }
    }
}

impl Node {
    fn end(&self) -> u64 {
        self.children.iter().map(Self::end).fold(self.span.end_unix_nano, u64::max)
    }

    fn draw(&self, branch: &str, below: &str, lines: &mut Vec<[String; 5]>) {
        let mark = if self.linked { "↪ " } else { "" };
        lines.push([
            format!("{branch}{mark}{}", self.span.name),
            self.span.service.clone(),
            format!("+{}", duration(self.offset_us)),
            duration(self.duration_us),
            self.facts(),
        ]);
        for (index, child) in self.children.iter().enumerate() {
            let last = index + 1 == self.children.len();
            let (own, on) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            child.draw(&format!("{below}{own}"), &format!("{below}{on}"), lines);
        }
    }

    fn facts(&self) -> String {
        let mut facts = Vec::new();
        if self.span.error {
            facts.push(format!("ERROR {}", self.span.status_message).trim_end().to_owned());
        }
        for (name, value) in &self.span.attributes {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if let Some(name) = name.strip_prefix(OURS) {
                facts.push(format!("{name}={text}"));
            } else if name == STATUS && text != "0" {
                facts.push(format!("status={text}"));
            }
        }
        facts.join(" ")
    }
}

fn micros(from: u64, to: u64) -> u64 {
    to.saturating_sub(from) / 1000
}

/// `950 µs`, `12.3 ms`, `4.56 s`.
fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros / 100 % 10),
        _ => format!("{}.{:02} s", micros / 1_000_000, micros / 10_000 % 100),
    }
}

#[cfg(test)]
#[path = "trace/tests.rs"]
mod tests;
