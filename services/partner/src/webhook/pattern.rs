//! Which events an endpoint wants.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::Explain;

/// `*`, a context and `.*`, or an event type with its context, such as `order.OrderSubmitted`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct EventPattern(String);

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `*`, a context and `.*`, or an event like order.OrderSubmitted")]
pub struct BadPattern;

impl Explain for BadPattern {
    fn zh(&self) -> String {
        "须为“*”、上下文加“.*”，或事件，如 order.OrderSubmitted".to_owned()
    }
}

impl EventPattern {
    /// Whether it means an event of a context.
    pub fn means(&self, context: &str, event_type: &str) -> bool {
        match self.0.split_once('.') {
            None => true,
            Some((named, "*")) => named == context,
            Some((named, wanted)) => named == context && wanted == event_type,
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EventPattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Self, BadPattern> {
        let letters = |text: &str| text.bytes().all(|it| it.is_ascii_alphabetic() || it == b'_');
        let fits = match text.split_once('.') {
            None => text == "*",
            Some((context, wanted)) => {
                let named = (1..=40).contains(&context.len()) && letters(context);
                let event = (1..=80).contains(&wanted.len()) && letters(wanted);
                named && (wanted == "*" || event)
            }
        };
        if fits { Ok(Self(text.to_owned())) } else { Err(BadPattern) }
    }
}

impl fmt::Display for EventPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
