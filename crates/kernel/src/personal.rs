//! Personal data that can be erased from a log that is never changed. A field of an event is
//! encrypted under a key of its person before it is stored, so the chain and all proofs are over
//! the ciphertext; erasing the key erases the data, in every copy of the log, and nothing else
//! changes.
//!
//! A value is sealed at the edge, before there is a command, so that deciders stay pure and nothing
//! plain is ever on its way to the log: they carry a [`Personal`] and do not look inside. Readers
//! that may see it have it revealed by the [`Vault`].

mod vault;

use std::borrow::Cow;
use std::fmt::Display;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use vault::Vault;

use crate::text::Text;

/// The name under which JSON has personal data.
const MARK: &str = "$personal";
/// What stands in the place of an erased value where people read JSON, in both languages.
pub const ERASED: &str = "已删除 · erased";
/// What stands in the place of a value that could not be revealed.
const SEALED: &str = "已加密 · encrypted";

/// A field of an event that tells something of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal<T> {
    #[serde(rename = "$personal")]
    inner: Inner<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Inner<T> {
    /// Whom it is about; one key for each person of a tenant. Empty: the object that the fact is
    /// of, as in facts that are older than the field.
    subject: String,
    #[serde(flatten)]
    content: Content<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content<T> {
    /// Not sealed yet, of a fact that is older than the field, or shown to who may see it.
    Plain(T),
    /// As stored: nonce and ciphertext in base64.
    Sealed(String),
    /// The person's key is gone.
    Erased(bool),
}

impl<T> Personal<T> {
    /// What a fact says of a person.
    pub fn of(subject: impl Into<String>, value: T) -> Self {
        let inner = Inner { subject: subject.into(), content: Content::Plain(value) };
        Self { inner }
    }

    /// What a fact says that was stored before the field was personal: about its own object.
    pub fn unsealed(value: T) -> Self {
        Self::of(String::new(), value)
    }

    /// What is left of a person whose data was erased.
    pub fn erased(subject: impl Into<String>) -> Self {
        let inner = Inner { subject: subject.into(), content: Content::Erased(true) };
        Self { inner }
    }

    /// Whom it is about.
    pub fn subject(&self) -> &str {
        &self.inner.subject
    }

    /// The value, where it can be seen.
    pub fn value(&self) -> Option<&T> {
        match &self.inner.content {
            Content::Plain(value) => Some(value),
            Content::Sealed(_) | Content::Erased(_) => None,
        }
    }

    /// The value, taken out, where it can be seen.
    pub fn into_value(self) -> Option<T> {
        match self.inner.content {
            Content::Plain(value) => Some(value),
            Content::Sealed(_) | Content::Erased(_) => None,
        }
    }

    /// Whether it was erased.
    pub fn is_erased(&self) -> bool {
        matches!(self.inner.content, Content::Erased(_))
    }
}

/// The form that is stored, whatever the value is: its ciphertext.
impl<T> JsonSchema for Personal<T> {
    fn schema_name() -> Cow<'static, str> {
        "Personal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Something about a person, encrypted; it can be erased, and the event \
                stays as it is.",
            "properties": {
                "$personal": {
                    "type": "object",
                    "description": "`subject`: whom it is about; `sealed`: base64 of nonce and \
                        ciphertext under that person's key.",
                    "properties": {
                        "subject": { "type": "string" },
                        "sealed": { "type": "string" }
                    },
                    "required": ["subject", "sealed"]
                }
            },
            "required": ["$personal"]
        })
    }
}

impl<T: Display> Personal<T> {
    /// The value in words, or why it is not there.
    pub fn text(&self) -> Text {
        match &self.inner.content {
            Content::Plain(value) => Text::new(value.to_string(), value.to_string()),
            Content::Sealed(_) => Text::new("（已加密）", "(encrypted)"),
            Content::Erased(_) => Text::new("（已删除）", "(erased)"),
        }
    }
}

/// Why personal data can not be sealed or shown.
#[derive(Debug, thiserror::Error)]
pub enum PersonalError {
    /// The database failed.
    #[error("the database of the personal keys failed")]
    Database(#[from] sqlx::Error),
    /// The payload is not JSON, or its personal data has another form.
    #[error("the payload has no personal data of the known form")]
    Form(#[from] serde_json::Error),
    /// The installation's key can not be read or made.
    #[error("the key of the personal data can not be used")]
    Key(#[from] std::io::Error),
    /// The file of the installation's key is gone, and keys of people were wrapped by it.
    #[error(
        "{} is not there, and the names of people are encrypted by the key that was in it: put it \
         back from the backup, or say where it is with --personal-key (QUDAO_PERSONAL_KEY)",
        .0.display()
    )]
    KeyMissing(PathBuf),
    /// The file holds another key than the one that the keys of people were wrapped by.
    #[error(
        "{} is not the key that the names of people are encrypted by: put the right one back from \
         the backup, or say where it is with --personal-key (QUDAO_PERSONAL_KEY)",
        .0.display()
    )]
    KeyWrong(PathBuf),
    /// The person's data was erased; nothing new is kept under the erased key.
    #[error("the data of {0} was erased; use another subject for new data")]
    Erased(String),
    /// The ciphertext is not what was sealed, or is of another person or installation.
    #[error("the data of {0} can not be decrypted")]
    Sealed(String),
}

/// All places in a payload that hold personal data: what stands under the mark.
fn found(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Object(fields) => {
            let marked = fields.len() == 1 && fields.contains_key(MARK);
            let values = fields.values_mut();
            if marked { values.collect() } else { values.flat_map(found).collect() }
        }
        Value::Array(items) => items.iter_mut().flat_map(found).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Names the subject where a fact does not: it is about its own object.
pub(crate) fn name_subjects(payload: &mut Value, object_id: &str) {
    for inner in found(payload) {
        if inner["subject"].as_str() == Some("") {
            inner["subject"] = object_id.into();
        }
    }
}

/// Whether anything in it is personal.
pub fn is_in(payload: &str) -> bool {
    payload.contains(MARK)
}

/// Whether anything personal in it is not sealed yet.
pub(crate) fn is_plain_in(payload: &str) -> Result<bool, serde_json::Error> {
    if !is_in(payload) {
        return Ok(false);
    }
    let mut payload: Value = serde_json::from_str(payload)?;
    Ok(found(&mut payload).iter().any(|inner| inner.get("plain").is_some()))
}

/// Whether a payload in today's form tells plainly what is erased where it is shown: then what was
/// stored must not be shown either.
///
/// # Errors
/// When one of the two is not JSON.
pub fn tells_erased(today: &str, shown: &str) -> Result<bool, serde_json::Error> {
    if !is_plain_in(today)? {
        return Ok(false);
    }
    let (mut today, mut shown): (Value, Value) =
        (serde_json::from_str(today)?, serde_json::from_str(shown)?);
    let mut both = found(&mut today).into_iter().zip(found(&mut shown));
    Ok(both.any(|(today, shown)| today.get("plain").is_some() && shown.get("erased").is_some()))
}

/// JSON as people read it: values in the place of what wraps them, and words where there are none.
pub fn plainly(json: &mut Value) {
    match json {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key(MARK) => {
            let mut inner = fields.remove(MARK).unwrap_or_default();
            let word = if inner.get("erased").is_some() { ERASED } else { SEALED };
            *json = inner.get_mut("plain").map_or_else(|| word.into(), Value::take);
        }
        Value::Object(fields) => fields.values_mut().for_each(plainly),
        Value::Array(items) => items.iter_mut().for_each(plainly),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_read_values_and_words() {
        let plain = serde_json::to_value(Personal::of("ming", "王小明")).expect("JSON");
        let erased = serde_json::to_value(Personal::<String>::erased("hong")).expect("JSON");
        let sealed = json!({"$personal": {"subject": "li", "sealed": "AAAA"}});
        let mut state = json!({"by": plain, "others": [erased, sealed], "outlet": "O-1"});
        plainly(&mut state);
        let others = ["已删除 · erased", "已加密 · encrypted"];
        assert_eq!(state, json!({"by": "王小明", "others": others, "outlet": "O-1"}));
    }

    #[test]
    fn what_was_stored_plain_and_is_erased_is_known() {
        let plain = json!({"by": Personal::of("hong", 1), "at": Personal::of("ming", "王小明")});
        let erased = json!({"by": Personal::of("hong", 1), "at": Personal::<i32>::erased("ming")});
        let sealed = json!({"at": {"$personal": {"subject": "ming", "sealed": "AAAA"}}});
        let gone = json!({"at": Personal::<i32>::erased("ming")});
        let cases = [(&plain, &erased, true), (&plain, &plain, false), (&sealed, &gone, false)];
        for (today, shown, told) in cases {
            let answer = tells_erased(&today.to_string(), &shown.to_string());
            assert_eq!(answer.expect("JSON"), told, "{today} as {shown}");
        }
    }

    #[test]
    fn an_old_fact_is_about_its_own_object() {
        let mut fact = json!({"a": Personal::unsealed("王小明"), "b": Personal::of("hong", 1)});
        name_subjects(&mut fact, "ming");
        let told = [&fact["a"], &fact["b"]].map(|one| one["$personal"]["subject"].clone());
        assert_eq!(told, ["ming", "hong"]);
    }
}
