//! The levels (级别) and channels (渠道类型) that a brand sorts its dealers by.

use std::collections::BTreeMap;

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{ChannelId, LevelId};

/// The id of the one list that each tenant has.
pub const CLASSES: &str = "classes";
/// Levels that a brand may have, and channels.
pub const MAX_CLASSES: usize = 50;

/// The facts of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum DealerClassesEvent {
    /// Dealers can be of more levels or channels, or these have other names.
    DealerClassesDefined {
        /// Those that are new or are called something else.
        levels: BTreeMap<LevelId, String>,
        /// Those that are new or are called something else.
        channels: BTreeMap<ChannelId, String>,
    },
}

impl DomainEvent for DealerClassesEvent {
    fn sentence(&self) -> Text {
        let Self::DealerClassesDefined { levels, channels } = self;
        let names: Vec<&str> =
            levels.values().chain(channels.values()).map(String::as_str).collect();
        Text::new(
            format!("设定经销商级别与渠道：{}", names.join("、")),
            format!("levels and channels of dealers were defined: {}", names.join(", ")),
        )
    }
}

/// What can be asked of the list.
#[derive(Clone, Debug)]
pub enum DealerClassesCommand {
    /// Have these, by the names that people call them; others stay.
    Define {
        /// Levels.
        levels: BTreeMap<LevelId, String>,
        /// Channels.
        channels: BTreeMap<ChannelId, String>,
    },
}

/// Why the list says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DealerClassesRefusal {
    /// Nobody can choose among so many.
    #[error("a brand has at most 50 levels and 50 channels; rename one that there is")]
    TooManyClasses,
}

impl Refusal for DealerClassesRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::TooManyClasses => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::TooManyClasses => "级别与渠道各最多 50 个，请改用已有的",
        };
        Text::new(zh, self.to_string())
    }
}

/// The list; its object id is [`CLASSES`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealerClasses {
    /// Levels with their names.
    pub levels: BTreeMap<LevelId, String>,
    /// Channels with their names.
    pub channels: BTreeMap<ChannelId, String>,
}

impl Decider for DealerClasses {
    const AGGREGATE: &'static str = "dealer_classes";
    type Command = DealerClassesCommand;
    type Event = DealerClassesEvent;
    type Refusal = DealerClassesRefusal;

    fn decide(
        &self,
        command: DealerClassesCommand,
    ) -> Result<Vec<DealerClassesEvent>, DealerClassesRefusal> {
        let DealerClassesCommand::Define { levels, channels } = command;
        let levels = changed(&self.levels, levels)?;
        let channels = changed(&self.channels, channels)?;
        if levels.is_empty() && channels.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![DealerClassesEvent::DealerClassesDefined { levels, channels }])
    }

    fn evolve(&mut self, event: DealerClassesEvent) {
        let DealerClassesEvent::DealerClassesDefined { levels, channels } = event;
        self.levels.extend(levels);
        self.channels.extend(channels);
    }
}

/// What is new or has another name.
fn changed<Id: Ord>(
    known: &BTreeMap<Id, String>,
    named: BTreeMap<Id, String>,
) -> Result<BTreeMap<Id, String>, DealerClassesRefusal> {
    let new = named.keys().filter(|id| !known.contains_key(id)).count();
    if known.len() + new > MAX_CLASSES {
        return Err(DealerClassesRefusal::TooManyClasses);
    }
    Ok(named.into_iter().filter(|(id, name)| known.get(id) != Some(name)).collect())
}
