//! What fields may hold, as the options of protovalidate say it, in the words of JSON Schema. The
//! options are read by their names, so contracts with and without them are understood.

mod forms;

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, ReflectMessage as _,
};
use serde_json::{Value, json};

use forms::Forms;

/// The reader of the options; without the extension in the contracts there are none.
pub(crate) struct Rules {
    field: Option<ExtensionDescriptor>,
    forms: Forms,
}

impl Rules {
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let field = pool.get_extension_by_name("buf.validate.field");
        Self { field, forms: Forms::of(pool) }
    }

    fn read(&self, field: &FieldDescriptor) -> Option<DynamicMessage> {
        let extension = self.field.as_ref()?;
        let options = field.options();
        let rules = options.has_extension(extension).then(|| options.get_extension(extension))?;
        rules.as_message().cloned()
    }

    /// Whether leaving the field out breaks its rules.
    pub(crate) fn needs(&self, field: &FieldDescriptor) -> bool {
        let Some(rules) = self.read(field) else { return false };
        if flag(&rules, "required") {
            return true;
        }
        // A field without presence that is left out is empty; one with presence is not looked at.
        let skipped = field.supports_presence() || ignored_when_empty(&rules);
        let string = part(&rules, "string");
        let asks = |rules: &Option<DynamicMessage>, name: &str| {
            rules
                .as_ref()
                .and_then(|rules| number(rules, name))
                .is_some_and(|least| least != json!(0))
        };
        let some = string.as_ref().is_some_and(|string| flag(string, "uuid"))
            || ["min_len", "len", "min_bytes"].iter().any(|name| asks(&string, name))
            || string.as_ref().is_some_and(|string| self.forms.refuse_empty(string))
            || asks(&part(&rules, "repeated"), "min_items")
            || asks(&part(&rules, "map"), "min_pairs");
        some && !skipped
    }

    /// Writes a field's rules into its schema.
    pub(crate) fn apply(&self, field: &FieldDescriptor, schema: &mut Value) {
        if let Some(rules) = self.read(field) {
            self.apply_to(&rules, &field.kind(), schema);
        }
    }

    fn apply_to(&self, rules: &DynamicMessage, kind: &Kind, schema: &mut Value) {
        for (field, value) in rules.fields() {
            let Some(rules) = value.as_message() else { continue };
            match field.name() {
                "string" => {
                    text(rules, schema);
                    self.forms.apply(rules, schema);
                }
                "repeated" => self.list(rules, kind, schema),
                "map" => {
                    let words = [("min_pairs", "minProperties"), ("max_pairs", "maxProperties")];
                    copy(rules, schema, &words);
                }
                "enum" => names(rules, kind, schema),
                "bytes" => {}
                _ => bounds(rules, schema),
            }
        }
        if ignored_when_empty(rules) {
            or_empty(schema);
        }
    }

    fn list(&self, rules: &DynamicMessage, kind: &Kind, schema: &mut Value) {
        copy(rules, schema, &[("min_items", "minItems"), ("max_items", "maxItems")]);
        if flag(rules, "unique") {
            schema["uniqueItems"] = true.into();
        }
        if let (Some(each), true) = (part(rules, "items"), schema["items"].is_object()) {
            self.apply_to(&each, kind, &mut schema["items"]);
        }
    }
}

/// What is left out or empty is not looked at.
fn or_empty(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for word in ["minLength", "minItems", "format"] {
        if word != "format" || schema.get(word).is_some_and(|format| format == "uuid") {
            schema.remove(word);
        }
    }
    if let Some(Value::String(pattern)) = schema.get_mut("pattern") {
        *pattern = format!("^$|{pattern}");
    }
    if schema.get("minimum").and_then(Value::as_i64).is_some_and(|least| least > 0) {
        schema.insert("minimum".to_owned(), json!(0));
    }
}

fn text(rules: &DynamicMessage, schema: &mut Value) {
    copy(
        rules,
        schema,
        &[("min_len", "minLength"), ("max_len", "maxLength"), ("len", "minLength")],
    );
    copy(rules, schema, &[("len", "maxLength"), ("pattern", "pattern"), ("const", "const")]);
    copy(rules, schema, &[("in", "enum")]);
    for (rule, format) in
        [("uuid", "uuid"), ("email", "email"), ("uri", "uri"), ("hostname", "hostname")]
    {
        if flag(rules, rule) {
            schema["format"] = format.into();
        }
    }
    if flag(rules, "uuid") && schema.get("pattern").is_none() {
        // A format alone is a hint.
        schema["pattern"] = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$".into();
    }
}

/// Bounds of numbers. Those of 64 bits are strings in JSON, for whose value JSON Schema has no
/// word: they are told beside it.
fn bounds(rules: &DynamicMessage, schema: &mut Value) {
    let told = [
        ("gte", "minimum"),
        ("gt", "exclusiveMinimum"),
        ("lte", "maximum"),
        ("lt", "exclusiveMaximum"),
        ("const", "const"),
        ("in", "enum"),
    ];
    let is_text = schema["type"] == "string";
    for (rule, word) in told {
        let Some(value) = number(rules, rule) else { continue };
        match (is_text, word) {
            (false, _) => schema[word] = value,
            (true, "const" | "enum") => schema[word] = quoted(value),
            (true, _) => schema[format!("x-{word}")] = quoted(value),
        }
    }
    // The bound that was asked for replaces that of the type.
    if let (false, Some(object)) = (is_text, schema.as_object_mut()) {
        for (ours, of_type) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if object.contains_key(ours) {
                object.remove(of_type);
            }
        }
    }
}

/// Which of an enum's names are left; they stand beside the reference to the enum.
fn names(rules: &DynamicMessage, kind: &Kind, schema: &mut Value) {
    let Some(kind) = kind.as_enum() else { return };
    let numbers = |name: &str| {
        let value = rules.get_field_by_name(name).filter(|_| has(rules, name))?;
        let numbers = value.as_list()?.iter().filter_map(prost_reflect::Value::as_i32);
        Some(numbers.collect::<Vec<_>>())
    };
    let (only, never) = (numbers("in"), numbers("not_in").unwrap_or_default());
    if only.is_none() && never.is_empty() {
        return;
    }
    let left = kind.values().filter(|value| {
        let number = value.number();
        only.as_ref().is_none_or(|only| only.contains(&number)) && !never.contains(&number)
    });
    schema["enum"] = left.map(|value| value.name().to_owned()).collect::<Vec<_>>().into();
}

fn copy(rules: &DynamicMessage, schema: &mut Value, words: &[(&str, &str)]) {
    for (rule, word) in words {
        if let Some(value) = number(rules, rule) {
            schema[*word] = value;
        }
    }
}

fn has(rules: &DynamicMessage, name: &str) -> bool {
    rules.descriptor().get_field_by_name(name).is_some_and(|field| rules.has_field(&field))
}

fn flag(rules: &DynamicMessage, name: &str) -> bool {
    rules.get_field_by_name(name).is_some_and(|value| value.as_bool() == Some(true))
}

fn part(rules: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    let value = rules.get_field_by_name(name).filter(|_| has(rules, name))?;
    value.as_message().cloned()
}

fn ignored_when_empty(rules: &DynamicMessage) -> bool {
    let name = || {
        let field = rules.descriptor().get_field_by_name("ignore")?;
        let number = rules.get_field(&field).as_enum_number()?;
        Some(field.kind().as_enum()?.get_value(number)?.name().to_owned())
    };
    name().is_some_and(|name| name != "IGNORE_UNSPECIFIED")
}

/// A rule's value, when the rule is given.
fn number(rules: &DynamicMessage, name: &str) -> Option<Value> {
    let value = rules.get_field_by_name(name).filter(|_| has(rules, name))?;
    plain(&value)
}

fn plain(value: &prost_reflect::Value) -> Option<Value> {
    use prost_reflect::Value as V;
    Some(match value {
        V::Bool(value) => json!(value),
        V::I32(value) => json!(value),
        V::I64(value) => json!(value),
        V::U32(value) => json!(value),
        V::U64(value) => json!(value),
        V::F32(value) => json!(value),
        V::F64(value) => json!(value),
        V::String(value) => json!(value),
        V::List(values) => values.iter().filter_map(plain).collect::<Vec<_>>().into(),
        V::Bytes(_) | V::EnumNumber(_) | V::Message(_) | V::Map(_) => return None,
    })
}

/// Numbers as protobuf's JSON writes those of 64 bits.
fn quoted(value: Value) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        Value::Array(values) => values.into_iter().map(quoted).collect::<Vec<_>>().into(),
        other @ (Value::Null | Value::Bool(_) | Value::String(_) | Value::Object(_)) => other,
    }
}

#[cfg(test)]
mod tests;
