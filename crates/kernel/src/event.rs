//! Events: their names, their stored form, their schemas.

mod upcast;

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use upcast::Upcaster;

use crate::metadata::Metadata;
use crate::text::Text;

/// The facts of one aggregate: an enum with `#[serde(tag = "type")]`, declared once. Its JSON is
/// the stored and published form; schemas and documents are generated from it.
pub trait DomainEvent:
    Clone
    + Debug
    + PartialEq
    + Serialize
    + DeserializeOwned
    + JsonSchema
    + AsRef<str>
    + Send
    + Sync
    + Unpin
    + 'static
{
    /// How events of old versions become those of today. An old version that is named here needs
    /// no variant any more: whoever reads an event meets today's form only.
    const UPCASTERS: &'static [Upcaster] = &[];

    /// What happened, as the trade says it.
    fn sentence(&self) -> Text;
}

/// Splits a variant's name into the event type and its version:
/// `OrderSubmittedV2` is version 2 of `OrderSubmitted`; without a suffix it is version 1.
pub fn type_and_version(variant: &str) -> (&str, u32) {
    match variant.rsplit_once('V') {
        Some((name, digits)) if !name.is_empty() => match digits.parse() {
            Ok(version) if version >= 2 => (name, version),
            _ => (variant, 1),
        },
        _ => (variant, 1),
    }
}

/// An event as cqrs-es and postgres-es see it, and as all else reads it: deserializing it is the
/// one place where old versions become today's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent, bound = "E: DomainEvent")]
pub struct Stored<E>(pub E);

impl<'de, E: DomainEvent> Deserialize<'de> for Stored<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if E::UPCASTERS.is_empty() {
            return E::deserialize(deserializer).map(Self);
        }
        let stored = Value::deserialize(deserializer)?;
        let today = upcast::upcast(E::UPCASTERS, stored).map_err(serde::de::Error::custom)?;
        E::deserialize(today).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<E: DomainEvent> cqrs_es::DomainEvent for Stored<E> {
    fn event_type(&self) -> String {
        type_and_version(self.0.as_ref()).0.to_owned()
    }

    fn event_version(&self) -> String {
        type_and_version(self.0.as_ref()).1.to_string()
    }
}

/// One event of a log, as recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Position in the log, from 1, without gaps; also the JetStream sequence.
    pub position: u64,
    /// Unique for ever.
    pub event_id: Uuid,
    /// The brand it belongs to.
    pub tenant: String,
    /// The log it stands in, for example `order`.
    pub context: String,
    /// Kind of the object, for example `price_list`.
    pub aggregate: String,
    /// The object, unique in its tenant and aggregate.
    pub object_id: String,
    /// Number of the event in the object's stream, from 1.
    pub version: u64,
    /// For example `OrderSubmitted`.
    pub event_type: String,
    /// Version of the event type, from 1.
    pub event_version: u32,
    /// When the log stored it, UTC.
    pub recorded_at: DateTime<Utc>,
    /// Who and what caused it.
    pub metadata: Metadata,
    /// The exact JSON text stored.
    pub payload: String,
}

impl Recorded {
    /// The payload as today's type.
    ///
    /// # Errors
    /// When the text is not an event of this aggregate, old versions included.
    pub fn decode<E: DomainEvent>(&self) -> Result<E, serde_json::Error> {
        serde_json::from_str(&self.payload).map(|Stored(event)| event)
    }
}

/// The JSON Schema of one event type and version.
pub struct EventSchema {
    /// For example `OrderSubmitted`.
    pub event_type: String,
    /// From 1.
    pub event_version: u32,
    /// What the event means, from its doc comment.
    pub description: String,
    /// A draft 2020-12 document.
    pub document: Value,
}

/// Cuts the schema of an event enum into one document per event; old versions follow.
///
/// # Panics
/// When the enum is not of the form that [`DomainEvent`] asks for; a test sees to that.
pub fn schemas<E: DomainEvent>(context: &str, aggregate: &str) -> Vec<EventSchema> {
    let mut whole = schemars::schema_for!(E).to_value();
    let definitions = whole.get("$defs").cloned();
    let variants = match whole.get_mut("oneOf").map(Value::take) {
        Some(Value::Array(variants)) => variants,
        _ => panic!("the events of {aggregate} are not an internally tagged enum"),
    };
    let today = variants.into_iter();
    let today = today.map(|variant| schema(context, aggregate, variant, definitions.as_ref()));
    let old = E::UPCASTERS.iter().map(|upcaster| {
        let (variant, definitions) = upcaster.variant();
        schema(context, aggregate, variant, definitions.as_ref())
    });
    today.chain(old).collect()
}

/// The name that a schema is known by everywhere: as its `$id`, and in the events' messages.
pub(crate) fn schema_id(context: &str, aggregate: &str, event_type: &str, version: u32) -> String {
    format!("urn:qudao:event:{context}:{aggregate}:{event_type}:v{version}")
}

fn schema(
    context: &str,
    aggregate: &str,
    mut variant: Value,
    definitions: Option<&Value>,
) -> EventSchema {
    let name = variant["properties"]["type"]["const"].as_str().unwrap_or_default().to_owned();
    assert!(!name.is_empty(), "an event of {aggregate} has no constant `type`");
    let (event_type, event_version) = type_and_version(&name);
    let description = variant["description"].as_str().unwrap_or_default().to_owned();
    variant["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    variant["$id"] = schema_id(context, aggregate, event_type, event_version).into();
    variant["title"] = event_type.into();
    if let Some(used) = definitions.and_then(|all| definitions_used(&variant, all)) {
        variant["$defs"] = used;
    }
    EventSchema { event_type: event_type.to_owned(), event_version, description, document: variant }
}

/// The definitions that a schema refers to, directly or through others.
fn definitions_used(schema: &Value, all: &Value) -> Option<Value> {
    let all = all.as_object()?;
    let mut used = serde_json::Map::new();
    let mut texts = vec![schema.to_string()];
    while let Some(text) = texts.pop() {
        for (name, definition) in all {
            if !used.contains_key(name) && text.contains(&format!("\"#/$defs/{name}\"")) {
                used.insert(name.clone(), definition.clone());
                texts.push(definition.to_string());
            }
        }
    }
    (!used.is_empty()).then_some(Value::Object(used))
}
