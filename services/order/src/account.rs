//! The ordering account (订货账户) of a dealer: it may order, and its sales count in this region.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, DealerId, RegionPath, Sight};

use crate::territory::Territory;

/// The facts of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum AccountEvent {
    /// A dealer may order from now on.
    AccountOpened {
        /// The dealer.
        dealer_id: DealerId,
        /// Its name on that day.
        dealer_name: String,
        /// Where its sales count: regions from the root to its own, as of that day.
        region_path: RegionPath,
    },
}

impl DomainEvent for AccountEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::AccountOpened { dealer_name, region_path, .. } => {
                let region = region_path.own().map_or("", |own| own.name.as_str());
                Text::new(
                    format!("经销商 {dealer_name} 开通了订货账户，区域：{region}"),
                    format!("the ordering account of {dealer_name} was opened in {region}"),
                )
            }
        }
    }
}

/// What can be asked of an account.
#[derive(Clone, Debug)]
pub enum AccountCommand {
    /// Opens it.
    Open {
        /// The dealer.
        dealer_id: DealerId,
        /// Its name today.
        dealer_name: String,
        /// Regions from the root to its own, as of today.
        region_path: RegionPath,
    },
}

/// Why an account says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountRefusal {
    /// It was opened before.
    #[error("the ordering account of {dealer_id} is open already; nothing is left to do")]
    AlreadyOpened {
        /// The dealer.
        dealer_id: DealerId,
    },
}

impl Refusal for AccountRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::AlreadyOpened { .. } => RefusalKind::AlreadyExists,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::AlreadyOpened { dealer_id } => {
                format!("经销商 {dealer_id} 的订货账户已开通，无需重复操作")
            }
        };
        Text::new(zh, self.to_string())
    }
}

/// An ordering account; its object id is the dealer's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Account {
    /// The dealer can not order yet.
    #[default]
    Unopened,
    /// The dealer may order.
    Open(Holder),
}

/// The dealer of an open account, as orders remember it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// The dealer.
    pub dealer_id: DealerId,
    /// Its name.
    pub dealer_name: String,
    /// Regions from the root to its own, as of the day on which it was opened; the territory has
    /// those of other days.
    pub region_path: RegionPath,
}

impl Account {
    /// Whether somebody knows of it on a day who sees this much; of one that is not open nobody
    /// does. Its region is where it is on that day.
    pub fn is_seen_by(&self, sight: &Sight, territory: &Territory, on: BusinessDate) -> bool {
        match self {
            Self::Unopened => true,
            Self::Open(holder) => {
                let path = territory.path(&holder.region_path, on);
                sight.sees(&holder.dealer_id, path.ids())
            }
        }
    }
}

impl Decider for Account {
    const AGGREGATE: &'static str = "account";
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Refusal = AccountRefusal;

    fn decide(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, AccountRefusal> {
        match (self, command) {
            (Self::Unopened, AccountCommand::Open { dealer_id, dealer_name, region_path }) => {
                Ok(vec![AccountEvent::AccountOpened { dealer_id, dealer_name, region_path }])
            }
            (Self::Open(holder), AccountCommand::Open { .. }) => {
                Err(AccountRefusal::AlreadyOpened { dealer_id: holder.dealer_id.clone() })
            }
        }
    }

    fn evolve(&mut self, event: AccountEvent) {
        match event {
            AccountEvent::AccountOpened { dealer_id, dealer_name, region_path } => {
                *self = Self::Open(Holder { dealer_id, dealer_name, region_path });
            }
        }
    }
}
