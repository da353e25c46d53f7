//! A brand on this installation.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;
use values::Currency;

use crate::module::Module;

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
    /// A brand looks or works otherwise from now on.
    TenantChanged {
        /// What people call the brand.
        name: String,
        /// How it looks.
        look: Look,
        /// Language of what people are shown who have not chosen one: `zh-CN` or `en`.
        locale: Locale,
        /// IANA name of the zone that its business day is taken from.
        time_zone: String,
        /// The month in which its fiscal year begins, 1 to 12.
        fiscal_start_month: u32,
        /// What it works with.
        modules: Vec<Module>,
    },
}

impl DomainEvent for TenantEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::TenantFounded { name, currency, time_zone } => Text::new(
                format!("品牌“{name}”开通，币种 {currency}，时区 {time_zone}"),
                format!("the brand {name} was founded, selling in {currency}, zone {time_zone}"),
            ),
            Self::TenantChanged { name, time_zone, modules, .. } => Text::new(
                format!(
                    "品牌“{name}”的设置已更改，时区 {time_zone}，启用 {} 个模块",
                    modules.len()
                ),
                format!("settings of {name}: zone {time_zone}, {} modules", modules.len()),
            ),
        }
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
    /// How it looks.
    pub look: Look,
    /// Language of what people are shown who have not chosen one.
    pub locale: Locale,
    /// The month in which its fiscal year begins, 1 to 12.
    pub fiscal_start_month: u32,
    /// What it works with.
    pub modules: Vec<Module>,
}

impl Settings {
    /// How a brand works that has changed nothing yet: with everything.
    pub fn founded(name: String, currency: Currency, time_zone: String) -> Self {
        Self {
            name,
            currency,
            time_zone,
            look: Look::default(),
            locale: Locale::Chinese,
            fiscal_start_month: 1,
            modules: Module::iter().collect(),
        }
    }
}

/// How a brand looks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// `file:` and the id of a file, or a picture as a data URI; none when empty.
    pub logo: String,
    /// Colour of what is to be noticed, `#rrggbb`; the system's own when empty.
    pub accent: String,
    /// Colour of what is to be noticed on a dark page.
    pub accent_dark: String,
}

/// A language that there are words in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Locale {
    /// 简体中文
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English
    #[serde(rename = "en")]
    English,
}

impl Locale {
    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The language of a tag.
    pub fn of(tag: &str) -> Option<Self> {
        [Self::Chinese, Self::English].into_iter().find(|locale| locale.tag() == tag)
    }
}

/// What can be asked of a tenant.
#[derive(Clone, Debug)]
pub enum TenantCommand {
    /// Begin.
    Found(Settings),
    /// Look or work otherwise. What it sells in stays.
    Change(Change),
}

/// How a brand is to look and work.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What people call the brand.
    pub name: String,
    /// How it looks.
    pub look: Look,
    /// Language of what people are shown who have not chosen one.
    pub locale: Locale,
    /// IANA name of the zone that its business day is taken from.
    pub time_zone: String,
    /// The month in which its fiscal year begins, 1 to 12.
    pub fiscal_start_month: u32,
    /// What it works with, each once.
    pub modules: Vec<Module>,
}

/// Why a tenant says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantRefusal {
    /// The id is taken.
    #[error("a tenant with this id exists; choose another id")]
    TenantExists,
    /// There is no such tenant.
    #[error("there is no such tenant; found it first")]
    NoTenant,
    /// Nothing is left to work with.
    #[error("a tenant works with at least one module; name one")]
    NoModule,
    /// A rule of the region tree, which is planted with the tenant.
    #[error(transparent)]
    Regions(#[from] crate::region_tree::RegionRefusal),
}

impl Refusal for TenantRefusal {
    fn reason(&self) -> String {
        match self {
            Self::TenantExists | Self::NoTenant | Self::NoModule => self.as_ref().to_owned(),
            Self::Regions(refusal) => refusal.reason(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::TenantExists => RefusalKind::AlreadyExists,
            Self::NoTenant => RefusalKind::NotFound,
            Self::NoModule => RefusalKind::InvalidArgument,
            Self::Regions(refusal) => refusal.kind(),
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::TenantExists => Text::new("该租户编号已存在，请换一个", self.to_string()),
            Self::NoTenant => Text::new("没有这个租户，请先开通", self.to_string()),
            Self::NoModule => Text::new("至少要启用一个模块", self.to_string()),
            Self::Regions(refusal) => refusal.text(),
        }
    }
}

impl Decider for Tenant {
    const AGGREGATE: &'static str = "tenant";
    type Command = TenantCommand;
    type Event = TenantEvent;
    type Refusal = TenantRefusal;
    const STATE_VERSION: u32 = 2;

    fn decide(&self, command: TenantCommand) -> Result<Vec<TenantEvent>, TenantRefusal> {
        match (self, command) {
            (Self::Unknown, TenantCommand::Found(Settings { name, currency, time_zone, .. })) => {
                Ok(vec![TenantEvent::TenantFounded { name, currency, time_zone }])
            }
            (Self::Founded(_), TenantCommand::Found(_)) => Err(TenantRefusal::TenantExists),
            (Self::Unknown, TenantCommand::Change(_)) => Err(TenantRefusal::NoTenant),
            (Self::Founded(settings), TenantCommand::Change(change)) => settings.change(change),
        }
    }

    fn evolve(&mut self, event: TenantEvent) {
        match (&mut *self, event) {
            (_, TenantEvent::TenantFounded { name, currency, time_zone }) => {
                *self = Self::Founded(Settings::founded(name, currency, time_zone));
            }
            (
                Self::Founded(settings),
                TenantEvent::TenantChanged {
                    name,
                    look,
                    locale,
                    time_zone,
                    fiscal_start_month,
                    modules,
                },
            ) => {
                let currency = settings.currency.clone();
                *settings = Settings {
                    name,
                    currency,
                    time_zone,
                    look,
                    locale,
                    fiscal_start_month,
                    modules,
                };
            }
            (Self::Unknown, TenantEvent::TenantChanged { .. }) => (),
        }
    }
}

impl Settings {
    fn change(&self, change: Change) -> Result<Vec<TenantEvent>, TenantRefusal> {
        let Change { name, look, locale, time_zone, fiscal_start_month, modules } = change;
        if modules.is_empty() {
            return Err(TenantRefusal::NoModule);
        }
        let before = (&self.name, &self.look, self.locale, &self.time_zone);
        let same = before == (&name, &look, locale, &time_zone)
            && (self.fiscal_start_month, &self.modules) == (fiscal_start_month, &modules);
        if same {
            return Ok(Vec::new());
        }
        Ok(vec![TenantEvent::TenantChanged {
            name,
            look,
            locale,
            time_zone,
            fiscal_start_month,
            modules,
        }])
    }
}
