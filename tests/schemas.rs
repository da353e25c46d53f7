//! The schemas of events, their examples and docs/events.md, compared with the code. `UPDATE=1`
//! writes schemas and document anew; examples are written by hand and stay for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kernel::catalogue::{AggregateInfo, Context};
use kernel::event::EventSchema;
use serde_json::Value;

pub(crate) const CONTEXTS: [Context; 3] = [order::CONTEXT, partner::CONTEXT, collab::CONTEXT];

/// Where the whole tree lies.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A checked-in file must have exactly this text; `UPDATE=1` writes it.
#[track_caller]
pub(crate) fn must_be(path: &Path, text: &str) {
    if updating() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let differs = || written.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(
        written == text,
        "{} is not what the code says, from line {} on; UPDATE=1 writes it anew",
        path.display(),
        differs().unwrap_or(written.lines().count().min(text.lines().count())) + 1
    );
}

/// A file that the code no longer speaks of; `UPDATE=1` deletes it.
#[track_caller]
fn must_go(path: &Path) {
    if updating() {
        return std::fs::remove_file(path).unwrap();
    }
    panic!("{} is stale; UPDATE=1 deletes it", path.display());
}

fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

fn folder() -> PathBuf {
    root().join("event-schemas")
}

pub(crate) fn aggregates() -> impl Iterator<Item = (PathBuf, &'static AggregateInfo)> {
    CONTEXTS.into_iter().flat_map(|context| {
        let of = move |aggregate: &'static AggregateInfo| {
            (folder().join(context.name).join(aggregate.name), aggregate)
        };
        context.aggregates.iter().map(of)
    })
}

pub(crate) fn file_name(schema: &EventSchema) -> String {
    format!("{}.v{}.json", schema.event_type, schema.event_version)
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap() + "\n"
}

/// Names of the files that lie right in a folder.
pub(crate) fn files(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    let entries = entries.map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn folders(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

#[test]
fn schemas_of_events_are_those_checked_in() {
    for (folder, aggregate) in aggregates() {
        let schemas = aggregate.schemas();
        let expected: BTreeMap<_, _> =
            schemas.iter().map(|schema| (file_name(schema), pretty(&schema.document))).collect();
        for stale in files(&folder).into_iter().filter(|name| !expected.contains_key(name)) {
            must_go(&folder.join(stale));
        }
        for (name, text) in expected {
            must_be(&folder.join(name), &text);
        }
    }
}

#[test]
fn there_are_schemas_of_known_aggregates_only() {
    let known: BTreeSet<_> = aggregates().map(|(folder, _)| folder).collect();
    let found: BTreeSet<_> =
        folders(&folder()).iter().flat_map(|context| folders(context)).collect();
    let released = folder().join("released");
    let found: BTreeSet<_> =
        found.into_iter().filter(|path| !path.starts_with(&released)).collect();
    assert_eq!(found, known);
}

#[test]
fn every_event_of_every_version_has_an_example() {
    for (folder, aggregate) in aggregates() {
        let names: BTreeSet<_> = aggregate.schemas().iter().map(file_name).collect();
        // Equal, not only contained: an example whose event is gone can not be read any more.
        assert_eq!(files(&folder.join("examples")), names, "{}", aggregate.name);
    }
}

#[test]
fn events_ever_released_are_still_read() {
    for (folder, aggregate) in aggregates() {
        for name in files(&folder.join("examples")) {
            let path = folder.join("examples").join(&name);
            let text = std::fs::read_to_string(&path).unwrap();
            let json: Value = serde_json::from_str(&text).unwrap();
            let stored = json["type"].as_str().unwrap_or_default();
            let (event_type, version) = kernel::event::type_and_version(stored);
            assert_eq!(format!("{event_type}.v{version}.json"), name, "its `type` is another");
            let read = (aggregate.parses)(&text);
            read.unwrap_or_else(|error| panic!("{} can not be read: {error}", path.display()));
        }
    }
}

#[test]
fn the_document_of_events_is_the_one_checked_in() {
    must_be(&root().join("docs/events.md"), &document());
}

fn document() -> String {
    let mut text = String::from(
        "# Events\n\nMade from the code by `make schemas`; change the comments there.\n\
         The exact form of each event is its JSON Schema in [event-schemas](../event-schemas); \
         one real payload of each lies beside it in `examples`.\n\
         Amounts end in `_minor` and are whole minor units of the currency that stands beside \
         them.\n",
    );
    for context in CONTEXTS {
        for aggregate in context.aggregates {
            section(&mut text, &context, aggregate);
        }
    }
    text
}

fn section(text: &mut String, context: &Context, aggregate: &AggregateInfo) {
    let (context, name) = (context.name, aggregate.name);
    let schemas = aggregate.schemas();
    write!(
        text,
        "\n## {context} · {name}\n\nSubject: `ev.{context}.<tenant>.{name}.<id>.<Event>`\n\n\
         | event | meaning | fields | version |\n|---|---|---|---|\n"
    )
    .unwrap();
    let mut parts = BTreeMap::new();
    for schema in &schemas {
        let fields = fields(&schema.document);
        let meaning = line(&schema.description);
        writeln!(
            text,
            "| `{}` | {meaning} | {fields} | {} |",
            schema.event_type, schema.event_version
        )
        .unwrap();
        let definitions = schema.document["$defs"].as_object().into_iter().flatten();
        let made_of_fields = definitions.filter(|(_, part)| part["properties"].is_object());
        parts.extend(made_of_fields.map(|(name, part)| (name.clone(), part.clone())));
    }
    if !parts.is_empty() {
        text.push_str("\n| part | meaning | fields |\n|---|---|---|\n");
    }
    for (name, part) in parts {
        let meaning = line(part["description"].as_str().unwrap_or_default());
        writeln!(text, "| `{name}` | {meaning} | {} |", fields(&part)).unwrap();
    }
}

/// The fields of a schema in one cell of a table.
fn fields(schema: &Value) -> String {
    let fields = schema["properties"].as_object().into_iter().flatten();
    let told = fields.filter(|(name, _)| *name != "type").map(|(name, field)| {
        let meaning = line(field["description"].as_str().unwrap_or_default());
        assert!(!meaning.is_empty(), "{name} has no doc comment");
        format!("`{name}`: {meaning}")
    });
    told.collect::<Vec<_>>().join("<br>")
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
