//! Messages and enums as JSON Schema, in the form that protobuf's JSON gives them.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::comments::Comments;
use crate::reference;
use crate::rules::Rules;

/// The schemas of all that was asked for, and of what they are made of.
pub(crate) struct Schemas<'a> {
    comments: &'a Comments,
    rules: Rules,
    done: Map<String, Value>,
    requests: BTreeSet<String>,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(pool: &DescriptorPool, comments: &'a Comments) -> Self {
        let (done, requests) = (Map::new(), BTreeSet::new());
        Self { comments, rules: Rules::of(pool), done, requests }
    }

    /// Adds a message that callers send: what it does not know is refused.
    pub(crate) fn add_request(&mut self, message: &MessageDescriptor) {
        self.add(message);
        if self.requests.insert(message.full_name().to_owned()) {
            for part in message.fields().filter_map(|field| field.kind().as_message().cloned()) {
                self.add_request(&part);
            }
        }
    }

    /// Adds a message and its parts.
    pub(crate) fn add(&mut self, message: &MessageDescriptor) {
        let name = message.full_name();
        if self.done.contains_key(name) || well_known(name).is_some() || message.is_map_entry() {
            return;
        }
        // Before its parts, for a message may hold itself.
        self.done.insert(name.to_owned(), Value::Null);
        let schema = self.message(message);
        self.done.insert(name.to_owned(), schema);
        for field in message.fields() {
            self.add_part(&field.kind());
        }
    }

    fn add_part(&mut self, kind: &Kind) {
        if let Some(part) = kind.as_message() {
            self.add(part);
            if part.is_map_entry() {
                self.add_part(&part.map_entry_value_field().kind());
            }
        }
        if let Some(kind) = kind.as_enum() {
            let schema = self.enumeration(kind);
            self.done.insert(kind.full_name().to_owned(), schema);
        }
    }

    /// All of them. New fields of answers are no breach of contract, of requests they are.
    pub(crate) fn into_map(mut self) -> Map<String, Value> {
        for name in &self.requests {
            if let Some(Value::Object(schema)) = self.done.get_mut(name) {
                schema.insert("additionalProperties".to_owned(), false.into());
            }
        }
        self.done
    }

    fn message(&self, message: &MessageDescriptor) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in message.fields() {
            properties.insert(field.json_name().to_owned(), self.field(&field));
            if self.rules.needs(&field) || is_request_id(&field) {
                required.push(field.json_name().to_owned());
            }
        }
        let mut schema = json!({"type": "object", "properties": properties});
        describe(&mut schema, self.comments.of_message(message));
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        let mut together = exclusive(message);
        match together.len() {
            0 => {}
            1 => schema["not"] = together.remove(0),
            _ => schema["not"] = json!({"anyOf": together}),
        }
        schema
    }

    fn field(&self, field: &FieldDescriptor) -> Value {
        let mut schema = if field.is_map() {
            let entry = field.kind();
            let value = entry.as_message().map(MessageDescriptor::map_entry_value_field);
            let value = value.map_or(json!({}), |value| kind(&value.kind()));
            json!({"type": "object", "additionalProperties": value})
        } else if field.is_list() {
            json!({"type": "array", "items": kind(&field.kind())})
        } else {
            kind(&field.kind())
        };
        describe(&mut schema, self.comments.of_field(field));
        if is_request_id(field) {
            schema["format"] = "uuid".into();
        }
        self.rules.apply(field, &mut schema);
        schema
    }

    fn enumeration(&self, kind: &EnumDescriptor) -> Value {
        let names: Vec<_> = kind.values().map(|value| value.name().to_owned()).collect();
        let mut told = self.comments.of_enum(kind).to_owned();
        for value in kind.values() {
            let meaning = self.comments.of_value(&value);
            if !meaning.is_empty() {
                told.push_str(&format!("\n- `{}`: {meaning}", value.name()));
            }
        }
        let mut schema = json!({"type": "string", "enum": names});
        describe(&mut schema, told.trim_start());
        schema
    }
}

fn describe(schema: &mut Value, told: &str) {
    if !told.is_empty() {
        schema["description"] = told.into();
    }
}

/// The key under which a command is known again; the kernel takes no other than a UUID.
fn is_request_id(field: &FieldDescriptor) -> bool {
    let message = field.parent_message();
    field.name() == "request_id" && message.get_field_by_name("expected_version").is_some()
}

/// Pairs of fields of which at most one may be given.
fn exclusive(message: &MessageDescriptor) -> Vec<Value> {
    let mut pairs = Vec::new();
    for choice in message.oneofs().filter(|choice| !choice.is_synthetic()) {
        let names: Vec<_> = choice.fields().map(|field| field.json_name().to_owned()).collect();
        for (at, one) in names.iter().enumerate() {
            pairs.extend(names[at + 1..].iter().map(|other| json!({"required": [one, other]})));
        }
    }
    pairs
}

fn kind(kind: &Kind) -> Value {
    let text = |format: &str, pattern: &str| json!({"type": "string", "format": format, "pattern": pattern});
    match kind {
        Kind::Double | Kind::Float => json!({"type": "number"}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({
            "type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX,
        }),
        Kind::Uint32 | Kind::Fixed32 => {
            json!({"type": "integer", "format": "uint32", "minimum": 0, "maximum": u32::MAX})
        }
        // JSON's numbers lose what is beyond 53 bits.
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => text("int64", "^-?[0-9]{1,19}$"),
        Kind::Uint64 | Kind::Fixed64 => text("uint64", "^[0-9]{1,20}$"),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::String => json!({"type": "string"}),
        Kind::Bytes => json!({"type": "string", "contentEncoding": "base64", "format": "byte"}),
        Kind::Enum(kind) => reference("schemas", kind.full_name()),
        Kind::Message(message) => well_known(message.full_name())
            .unwrap_or_else(|| reference("schemas", message.full_name())),
    }
}

/// Messages that protobuf's JSON writes in a way of their own.
fn well_known(name: &str) -> Option<Value> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({"type": "string", "format": "date-time"}),
        "Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"}),
        "FieldMask" => json!({"type": "string"}),
        "Struct" | "Any" => json!({"type": "object"}),
        "Empty" => json!({"type": "object", "additionalProperties": false}),
        "Value" => json!({}),
        "ListValue" => json!({"type": "array"}),
        "BoolValue" => kind(&Kind::Bool),
        "StringValue" => kind(&Kind::String),
        "BytesValue" => kind(&Kind::Bytes),
        "Int32Value" => kind(&Kind::Int32),
        "UInt32Value" => kind(&Kind::Uint32),
        "Int64Value" => kind(&Kind::Int64),
        "UInt64Value" => kind(&Kind::Uint64),
        "DoubleValue" | "FloatValue" => kind(&Kind::Double),
        _ => return None,
    })
}
