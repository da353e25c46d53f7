//! The ordering account (订货账户) of a dealer: it may order, and its sales count in this region.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{BusinessDate, DealerClass, DealerId, RegionPath, Sight, Timeline};

use crate::audience::Buyer;
use crate::order::OrderRefusal;
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
    /// Orders of a day and later ones are those of another level or channel.
    DealerClassNoted {
        /// The dealer.
        dealer_id: DealerId,
        /// What it is from that day on.
        class: DealerClass,
        /// The first day; absent: from ever, as nothing was known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective_on: Option<BusinessDate>,
    },
    /// Orders take the credit of another dealer from now on (集团授信), or the dealer's own again.
    CreditShared {
        /// The dealer.
        dealer_id: DealerId,
        /// Whose credit its orders take; absent: its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of_dealer_id: Option<DealerId>,
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
            Self::CreditShared { dealer_id, of_dealer_id: Some(of) } => Text::new(
                format!("经销商 {dealer_id} 的订单占用 {of} 的信用额度"),
                format!("orders of {dealer_id} take the credit of {of}"),
            ),
            Self::CreditShared { dealer_id, of_dealer_id: None } => Text::new(
                format!("经销商 {dealer_id} 的订单占用自己的信用额度"),
                format!("orders of {dealer_id} take its own credit"),
            ),
            Self::DealerClassNoted { dealer_id, class, effective_on } => {
                let (level, channel) = class.shown();
                let (zh, en) = match effective_on {
                    Some(day) => (format!("自 {day} 起的订单，"), format!(" from {day} on")),
                    None => Default::default(),
                };
                Text::new(
                    format!("{zh}经销商 {dealer_id} 按级别 {level}、渠道 {channel} 计"),
                    format!(
                        "orders of {dealer_id} are those of level {level}, channel {channel}{en}"
                    ),
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
    /// Knows its level and channel.
    NoteClass {
        /// What it is from that day on.
        class: DealerClass,
        /// The first day; none: from ever.
        effective_on: Option<BusinessDate>,
    },
    /// Takes credit from another dealer.
    ShareCredit {
        /// From whom; none: from itself.
        of_dealer_id: Option<DealerId>,
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
    /// It was not opened.
    #[error("the ordering account is not open; it opens shortly after registration")]
    NotOpened,
}

impl Refusal for AccountRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::AlreadyOpened { .. } => RefusalKind::AlreadyExists,
            Self::NotOpened => RefusalKind::FailedPrecondition,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::AlreadyOpened { dealer_id } => {
                format!("经销商 {dealer_id} 的订货账户已开通，无需重复操作")
            }
            Self::NotOpened => "订货账户尚未开通；登记后很快会自动开通".to_owned(),
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
    /// Its level and channel, day by day.
    #[serde(default)]
    pub classes: Timeline<DealerClass>,
    /// Whose credit its orders take; none: its own.
    #[serde(default)]
    pub credit_of: Option<DealerId>,
}

impl Holder {
    /// The dealer as it buys on a day, in the regions of that day.
    pub fn buyer(&self, regions: &RegionPath, on: BusinessDate) -> Buyer {
        Buyer {
            dealer_id: self.dealer_id.clone(),
            class: self.classes.on(on).cloned().unwrap_or_default(),
            region_ids: regions.ids().cloned().collect(),
        }
    }
}

impl Account {
    /// The dealer, if it may order.
    ///
    /// # Errors
    /// When it may not.
    pub fn holder(&self, dealer_id: &DealerId) -> Result<&Holder, OrderRefusal> {
        match self {
            Self::Open(holder) => Ok(holder),
            Self::Unopened => Err(OrderRefusal::AccountNotOpen { dealer_id: dealer_id.clone() }),
        }
    }

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
            (Self::Unopened, AccountCommand::NoteClass { .. })
            | (Self::Unopened, AccountCommand::ShareCredit { .. }) => {
                Err(AccountRefusal::NotOpened)
            }
            (Self::Open(holder), AccountCommand::ShareCredit { of_dealer_id }) => {
                // A dealer that is named itself takes its own.
                let of_dealer_id = of_dealer_id.filter(|of| *of != holder.dealer_id);
                let dealer_id = holder.dealer_id.clone();
                let changed = of_dealer_id != holder.credit_of;
                let shared = AccountEvent::CreditShared { dealer_id, of_dealer_id };
                Ok(changed.then_some(shared).into_iter().collect())
            }
            // It was noted before: a policy may ask twice.
            (Self::Open(holder), AccountCommand::NoteClass { class, effective_on })
                if holder.classes.says(effective_on, &class) =>
            {
                Ok(Vec::new())
            }
            (Self::Open(holder), AccountCommand::NoteClass { class, effective_on }) => {
                let dealer_id = holder.dealer_id.clone();
                Ok(vec![AccountEvent::DealerClassNoted { dealer_id, class, effective_on }])
            }
        }
    }

    fn evolve(&mut self, event: AccountEvent) {
        match (&mut *self, event) {
            (_, AccountEvent::AccountOpened { dealer_id, dealer_name, region_path }) => {
                let classes = Timeline::default();
                let credit_of = None;
                *self =
                    Self::Open(Holder { dealer_id, dealer_name, region_path, classes, credit_of });
            }
            (Self::Open(holder), AccountEvent::DealerClassNoted { class, effective_on, .. }) => {
                holder.classes.set(effective_on, class);
            }
            (Self::Open(holder), AccountEvent::CreditShared { of_dealer_id, .. }) => {
                holder.credit_of = of_dealer_id;
            }
            (
                Self::Unopened,
                AccountEvent::DealerClassNoted { .. } | AccountEvent::CreditShared { .. },
            ) => (),
        }
    }
}
