//! The difference of two states, field by field.

use std::collections::BTreeSet;

use proto::history::v1::FieldChange;
use serde_json::Value;

/// Fields that differ, as JSON pointers, in a stable order.
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    compare(&mut found, String::new(), Some(before), Some(after));
    found
}

fn compare(
    found: &mut Vec<FieldChange>,
    path: String,
    before: Option<&Value>,
    after: Option<&Value>,
) {
    if before == after {
        return;
    }
    let (mut old, mut new) = (children(before), children(after));
    if old.is_empty() && new.is_empty() {
        let json = |value: Option<&Value>| {
            value.filter(|value| !value.is_null()).map(Value::to_string).unwrap_or_default()
        };
        found.push(FieldChange { path, before_json: json(before), after_json: json(after) });
        return;
    }
    let keys: BTreeSet<Key> = old.iter().chain(&new).map(|(key, _)| key.clone()).collect();
    let take = |from: &mut Vec<(Key, &Value)>, key: &Key| {
        from.iter().position(|(at, _)| at == key).map(|index| from.swap_remove(index).1.clone())
    };
    for key in keys {
        let (old, new) = (take(&mut old, &key), take(&mut new, &key));
        compare(found, format!("{path}/{}", key.text()), old.as_ref(), new.as_ref());
    }
}

/// Elements keep their order; fields are in the order of the alphabet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Element(usize),
    Field(String),
}

impl Key {
    fn text(&self) -> String {
        match self {
            Self::Element(index) => index.to_string(),
            // As RFC 6901 asks.
            Self::Field(name) => name.replace('~', "~0").replace('/', "~1"),
        }
    }
}

fn children(value: Option<&Value>) -> Vec<(Key, &Value)> {
    match value {
        Some(Value::Object(fields)) => {
            fields.iter().map(|(name, value)| (Key::Field(name.clone()), value)).collect()
        }
        Some(Value::Array(elements)) => {
            elements.iter().enumerate().map(|(at, value)| (Key::Element(at), value)).collect()
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"status": "SUBMITTED", "lines": [{"no": 1, "shipped": 0}], "a/b": 1});
        let after = json!({"status": "SHIPPED", "lines": [{"no": 1, "shipped": 2}], "a/b": null});
        let told: Vec<_> = changes(&before, &after)
            .into_iter()
            .map(|change| (change.path, change.before_json, change.after_json))
            .collect();
        let owned = |path: &str, before: &str, after: &str| {
            (path.to_owned(), before.to_owned(), after.to_owned())
        };
        assert_eq!(
            told,
            [
                owned("/a~1b", "1", ""),
                owned("/lines/0/shipped", "0", "2"),
                owned("/status", "\"SUBMITTED\"", "\"SHIPPED\""),
            ]
        );
    }

    #[test]
    fn a_new_object_shows_every_field() {
        assert_eq!(changes(&Value::Null, &json!({"a": 1, "b": {"c": [true]}})).len(), 2);
    }
}
