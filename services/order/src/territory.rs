//! Where orders count (销售版图): the regions of the brand with their places day by day, as the
//! partner context has them.
//!
//! It is the order context's own copy, as nothing is asked of another context while an order is
//! decided: a policy notes each change of the region tree here. The rules of the tree are looked
//! at where it is changed; what comes here has happened.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, DealerId, RegionId, RegionPath, RegionPlaces, RegionRef, Sight};

/// The id of the one territory that each tenant has.
pub const TERRITORY: &str = "territory";

/// The facts of a territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum TerritoryEvent {
    /// A region is known of, below another; the root has none above it.
    TerritoryNoted {
        /// The region.
        region_id: RegionId,
        /// What people call it.
        name: String,
        /// The region above it on its first day; absent for the root.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent_id: Option<RegionId>,
        /// Its first day; absent when that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        added_on: Option<BusinessDate>,
    },
    /// A region is called something else in orders from now on.
    TerritoryRenamed {
        /// The region.
        region_id: RegionId,
        /// What people call it.
        name: String,
    },
    /// Orders of a day and later ones count below another region.
    TerritoryMoved {
        /// The region.
        region_id: RegionId,
        /// The region above it from that day on.
        parent_id: RegionId,
        /// The first day on which it counts there.
        effective_on: BusinessDate,
    },
    /// A move will not take place.
    TerritoryMoveCancelled {
        /// The region.
        region_id: RegionId,
        /// The day on which it was to move.
        effective_on: BusinessDate,
    },
}

impl DomainEvent for TerritoryEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::TerritoryNoted { region_id, name, .. } => Text::new(
                format!("订单开始计入区域“{name}”（{region_id}）"),
                format!("orders can count in the region {name} ({region_id})"),
            ),
            Self::TerritoryRenamed { region_id, name } => Text::new(
                format!("今后的订单中，区域 {region_id} 称为“{name}”"),
                format!("the region {region_id} is called {name} in orders from now on"),
            ),
            Self::TerritoryMoved { region_id, parent_id, effective_on } => Text::new(
                format!("自 {effective_on} 起的订单，区域 {region_id} 计入 {parent_id}"),
                format!("orders of {region_id} count below {parent_id} from {effective_on} on"),
            ),
            Self::TerritoryMoveCancelled { region_id, effective_on } => Text::new(
                format!("区域 {region_id} 不再于 {effective_on} 改变订单归属"),
                format!("orders of {region_id} do not move on {effective_on}"),
            ),
        }
    }
}

/// The regions in which orders count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Territory(RegionPlaces);

/// What can be asked of a territory.
#[derive(Clone, Debug)]
pub enum TerritoryCommand {
    /// Know a region and its name.
    Note {
        /// The region.
        region: RegionRef,
        /// The region above it on its first day; none of the root.
        parent_id: Option<RegionId>,
        /// Its first day, if it is known.
        added_on: Option<BusinessDate>,
    },
    /// Know of a move.
    Move {
        /// The region.
        region_id: RegionId,
        /// The region above it from that day on; none when there is to be no move on that day.
        parent_id: Option<RegionId>,
        /// The day.
        effective_on: BusinessDate,
    },
}

/// Why a territory says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TerritoryRefusal {
    /// The region was not noted.
    #[error("the region {0} is not noted here; note it first")]
    RegionNotNoted(RegionId),
}

impl Refusal for TerritoryRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::RegionNotNoted(_) => RefusalKind::NotFound,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::RegionNotNoted(id) => format!("此处尚未登记区域 {id}，请先登记"),
        };
        Text::new(zh, self.to_string())
    }
}

impl Territory {
    /// Where the orders of a dealer count on a day: the way from the root to its own region, the
    /// last of a path that was known before. That path, when the region is not noted here yet.
    pub fn path(&self, known: &RegionPath, on: BusinessDate) -> RegionPath {
        let path = known.own().and_then(|own| self.0.path(&own.region_id, on));
        path.unwrap_or_else(|| known.clone())
    }

    /// Whether something of a dealer is seen by who looks at it on a day, wherever its region was
    /// when it came about. The regions are those of that time, from the root to the dealer's own.
    pub fn shows(
        &self,
        sight: &Sight,
        dealer: &DealerId,
        regions: &[RegionId],
        on: BusinessDate,
    ) -> bool {
        match regions.last().and_then(|own| self.0.path(own, on)) {
            Some(path) => sight.sees(dealer, path.ids()),
            None => sight.sees(dealer, regions),
        }
    }
}

impl Decider for Territory {
    const AGGREGATE: &'static str = "territory";
    type Command = TerritoryCommand;
    type Event = TerritoryEvent;
    type Refusal = TerritoryRefusal;

    fn decide(&self, command: TerritoryCommand) -> Result<Vec<TerritoryEvent>, TerritoryRefusal> {
        match command {
            TerritoryCommand::Note { region, parent_id, added_on } => {
                Ok(self.note(region, parent_id, added_on))
            }
            TerritoryCommand::Move { region_id, parent_id, effective_on } => {
                self.move_on(region_id, parent_id, effective_on)
            }
        }
    }

    fn evolve(&mut self, event: TerritoryEvent) {
        match event {
            TerritoryEvent::TerritoryNoted { region_id, name, parent_id, added_on } => {
                self.0.add(RegionRef { region_id, name }, parent_id, added_on);
            }
            TerritoryEvent::TerritoryRenamed { region_id, name } => self.0.rename(&region_id, name),
            TerritoryEvent::TerritoryMoved { region_id, parent_id, effective_on } => {
                self.0.place(&region_id, parent_id, effective_on);
            }
            TerritoryEvent::TerritoryMoveCancelled { region_id, effective_on } => {
                self.0.withdraw(&region_id, effective_on);
            }
        }
    }
}

impl Territory {
    fn note(
        &self,
        RegionRef { region_id, name }: RegionRef,
        parent_id: Option<RegionId>,
        added_on: Option<BusinessDate>,
    ) -> Vec<TerritoryEvent> {
        match self.0.name(&region_id) {
            None => vec![TerritoryEvent::TerritoryNoted { region_id, name, parent_id, added_on }],
            Some(same) if same == name => Vec::new(),
            Some(_) => vec![TerritoryEvent::TerritoryRenamed { region_id, name }],
        }
    }

    fn move_on(
        &self,
        region_id: RegionId,
        parent_id: Option<RegionId>,
        effective_on: BusinessDate,
    ) -> Result<Vec<TerritoryEvent>, TerritoryRefusal> {
        for region_id in std::iter::once(&region_id).chain(&parent_id) {
            if !self.0.contains(region_id) {
                return Err(TerritoryRefusal::RegionNotNoted(region_id.clone()));
            }
        }
        let known = self.0.moved_on(&region_id, effective_on);
        Ok(match parent_id {
            parent if parent.as_ref() == known => Vec::new(),
            Some(parent_id) => {
                vec![TerritoryEvent::TerritoryMoved { region_id, parent_id, effective_on }]
            }
            None => vec![TerritoryEvent::TerritoryMoveCancelled { region_id, effective_on }],
        })
    }
}
