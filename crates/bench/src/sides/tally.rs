//! An aggregate that costs next to nothing to decide, so that the stores are what is measured.
//! Every store that can carry out commands carries out this one's.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts, and never below zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    count: i64,
}

/// What happens to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum TallyEvent {
    /// It counted.
    Counted {
        /// How many.
        by: i64,
        /// Words of the size that a small business fact has.
        note: String,
    },
}

impl DomainEvent for TallyEvent {
    fn sentence(&self) -> Text {
        let Self::Counted { by, .. } = self;
        Text::new(format!("计数 {by:+}"), format!("counted {by:+}"))
    }
}

/// Why it says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tally does not go below zero")]
pub struct BelowZero;

impl Refusal for BelowZero {
    fn reason(&self) -> String {
        "BELOW_ZERO".to_owned()
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::FailedPrecondition
    }

    fn text(&self) -> Text {
        Text::new("不能小于零", "a tally does not go below zero")
    }
}

impl Decider for Tally {
    const AGGREGATE: &'static str = "tally";
    type Command = i64;
    type Event = TallyEvent;
    type Refusal = BelowZero;

    fn decide(&self, by: i64) -> Result<Vec<TallyEvent>, BelowZero> {
        if self.count + by < 0 {
            return Err(BelowZero);
        }
        Ok(vec![counted(by)])
    }

    fn evolve(&mut self, TallyEvent::Counted { by, .. }: TallyEvent) {
        self.count += by;
    }
}

/// The fact that every store is given; 150 bytes as JSON.
pub fn counted(by: i64) -> TallyEvent {
    TallyEvent::Counted {
        by,
        note: "苏州恒通 ordered 24 bottles of iced tea 500 ml, to be delivered on Thursday before \
               noon at the east gate"
            .to_owned(),
    }
}
