//! Old versions of events: each becomes the next one when it is read.

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Value, json};

use super::type_and_version;

/// How one version of an event becomes the next: a pure `From`, declared beside the event.
///
/// ```
/// # use schemars::JsonSchema; use serde::{Deserialize, Serialize}; use kernel::event::Upcaster;
/// /// A meter was read; version 1 knew whole units only.
/// #[derive(Deserialize, JsonSchema)]
/// struct MeterReadV1 { units: i64 }
/// #[derive(Serialize)]
/// struct MeterReadV2 { thousandths: i64 }
/// impl From<MeterReadV1> for MeterReadV2 {
///     fn from(old: MeterReadV1) -> Self { Self { thousandths: old.units * 1000 } }
/// }
/// const UPCASTERS: &[Upcaster] = &[Upcaster::of::<MeterReadV1, MeterReadV2>("MeterRead", 1)];
/// ```
pub struct Upcaster {
    event_type: &'static str,
    from: u32,
    convert: fn(Value) -> Result<Value, serde_json::Error>,
    schema: fn() -> Value,
}

impl Upcaster {
    /// Version `from` of an event type, which `Old` describes, becomes the version after it.
    /// `New` need not be today's version: upcasters are chained.
    pub const fn of<Old, New>(event_type: &'static str, from: u32) -> Self
    where
        Old: DeserializeOwned + JsonSchema,
        New: From<Old> + Serialize,
    {
        Self {
            event_type,
            from,
            convert: |old| serde_json::to_value(New::from(serde_json::from_value::<Old>(old)?)),
            schema: || schemars::schema_for!(Old).to_value(),
        }
    }

    /// The schema of the old version as a variant of an event enum, and the definitions it uses.
    pub(super) fn variant(&self) -> (Value, Option<Value>) {
        let mut schema = (self.schema)();
        let name = variant(self.event_type, self.from);
        schema["properties"]["type"] = json!({ "const": name, "type": "string" });
        let mut required = vec![Value::from("type")];
        required.extend(schema["required"].as_array().into_iter().flatten().cloned());
        schema["required"] = required.into();
        let definitions = schema.as_object_mut().and_then(|fields| {
            fields.remove("title");
            fields.remove("$defs")
        });
        (schema, definitions)
    }
}

/// The name under which a version is stored: `OrderSubmitted`, `OrderSubmittedV2`.
fn variant(event_type: &str, version: u32) -> String {
    if version < 2 { event_type.to_owned() } else { format!("{event_type}V{version}") }
}

/// The payload in the newest version that the upcasters lead to.
pub(super) fn upcast(
    upcasters: &[Upcaster],
    mut payload: Value,
) -> Result<Value, serde_json::Error> {
    loop {
        let (event_type, version) = type_and_version(payload["type"].as_str().unwrap_or_default());
        let known =
            upcasters.iter().find(|one| one.event_type == event_type && one.from == version);
        let Some(upcaster) = known else { return Ok(payload) };
        payload = (upcaster.convert)(payload)?;
        let Some(fields) = payload.as_object_mut() else {
            return Err(serde_json::Error::custom("an event is an object with fields"));
        };
        fields.insert("type".to_owned(), variant(upcaster.event_type, upcaster.from + 1).into());
    }
}
