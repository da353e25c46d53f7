//! A brand on this installation.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::Currency;

/// The facts of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum TenantEvent {
    /// A brand began to sell through this installation.
    TenantFounded {
        /// What people call the brand.
        name: String,
        /// What it sells in.
        currency: Currency,
        /// IANA name of the zone that its business day is taken from.
        time_zone: String,
    },
}

impl DomainEvent for TenantEvent {
    fn sentence(&self) -> Text {
        let Self::TenantFounded { name, currency, time_zone } = self;
        Text::new(
            format!("品牌“{name}”开通，币种 {currency}，时区 {time_zone}"),
            format!("the brand {name} was founded, selling in {currency}, zone {time_zone}"),
        )
    }
}

/// What a brand is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Tenant {
    /// Not founded yet.
    #[default]
    Unknown,
    /// At work.
    Founded(Settings),
}

/// How a brand works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What people call the brand.
    pub name: String,
    /// What it sells in.
    pub currency: Currency,
    /// IANA name of the zone that its business day is taken from.
    pub time_zone: String,
}

/// What can be asked of a tenant.
#[derive(Clone, Debug)]
pub enum TenantCommand {
    /// Begin.
    Found(Settings),
}

/// Why a tenant says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantRefusal {
    /// The id is taken.
    #[error("a tenant with this id exists; choose another id")]
    TenantExists,
    /// A rule of the region tree, which is planted with the tenant.
    #[error(transparent)]
    Regions(#[from] crate::region_tree::RegionRefusal),
}

impl Refusal for TenantRefusal {
    fn reason(&self) -> String {
        match self {
            Self::TenantExists => self.as_ref().to_owned(),
            Self::Regions(refusal) => refusal.reason(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::TenantExists => RefusalKind::AlreadyExists,
            Self::Regions(refusal) => refusal.kind(),
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::TenantExists => Text::new("该租户编号已存在，请换一个", self.to_string()),
            Self::Regions(refusal) => refusal.text(),
        }
    }
}

impl Decider for Tenant {
    const AGGREGATE: &'static str = "tenant";
    type Command = TenantCommand;
    type Event = TenantEvent;
    type Refusal = TenantRefusal;

    fn decide(&self, command: TenantCommand) -> Result<Vec<TenantEvent>, TenantRefusal> {
        let TenantCommand::Found(Settings { name, currency, time_zone }) = command;
        match self {
            Self::Unknown => Ok(vec![TenantEvent::TenantFounded { name, currency, time_zone }]),
            Self::Founded(_) => Err(TenantRefusal::TenantExists),
        }
    }

    fn evolve(&mut self, event: TenantEvent) {
        let TenantEvent::TenantFounded { name, currency, time_zone } = event;
        *self = Self::Founded(Settings { name, currency, time_zone });
    }
}
