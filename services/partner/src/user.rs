//! A person who uses the system. The password is not an event: see `credentials`.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{DealerId, TenantId};

use crate::role::Role;

/// The facts of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum UserEvent {
    /// A person may use the system.
    UserRegistered {
        /// What people call them.
        name: String,
        /// The roles they hold, by their names in the contract.
        roles: Vec<Role>,
        /// The dealer they work for, if they are a dealer's people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dealer_id: Option<DealerId>,
        /// Under what id their first password is kept, outside the log.
        credential_id: Uuid,
    },
}

impl DomainEvent for UserEvent {
    fn sentence(&self) -> Text {
        let Self::UserRegistered { name, roles, .. } = self;
        let words = roles.iter().map(|role| role.words());
        let (zh, en): (Vec<_>, Vec<_>) = words.unzip();
        let (zh, en) = (zh.join("、"), en.join(", "));
        Text::new(
            format!("登记用户“{name}”，角色：{zh}"),
            format!("{name} was registered as a user: {en}"),
        )
    }
}

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum User {
    /// Not registered.
    #[default]
    Unknown,
    /// May use the system.
    Registered(Person),
}

/// Who a user is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// What people call them.
    pub name: String,
    /// The roles they hold, each once.
    pub roles: Vec<Role>,
    /// The dealer they work for, if they are a dealer's people.
    pub dealer_id: Option<DealerId>,
    /// Under what id their first password is kept, outside the log.
    pub credential_id: Uuid,
}

/// What can be asked of a user.
#[derive(Clone, Debug)]
pub enum UserCommand {
    /// Become one.
    Register(Person),
}

/// Why a user says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum UserRefusal {
    /// The login is taken.
    #[error("a user with this login exists; choose another login")]
    UserExists,
    /// Nobody is nothing.
    #[error("a user needs at least one role; name one")]
    NoRole,
    /// A dealer's people work for a dealer.
    #[error("a dealer role needs the dealer's id; name it")]
    DealerMissing,
    /// The brand's people work for no dealer.
    #[error("only users with dealer roles, and no others, belong to a dealer; leave one out")]
    NotADealersRole,
    /// There is no such dealer.
    #[error("there is no dealer {0}; register it first")]
    UnknownDealer(DealerId),
    /// There is no such tenant.
    #[error("there is no tenant {0}; found it first")]
    UnknownTenant(TenantId),
}

impl Refusal for UserRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::UserExists => RefusalKind::AlreadyExists,
            Self::NoRole | Self::DealerMissing | Self::NotADealersRole => {
                RefusalKind::InvalidArgument
            }
            Self::UnknownDealer(_) | Self::UnknownTenant(_) => RefusalKind::NotFound,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::UserExists => "该用户名已存在，请换一个".to_owned(),
            Self::NoRole => "用户至少要有一个角色".to_owned(),
            Self::DealerMissing => "经销商角色必须指定所属经销商".to_owned(),
            Self::NotADealersRole => "只有经销商角色才归属经销商，且不能与其他角色混用".to_owned(),
            Self::UnknownDealer(id) => format!("没有经销商 {id}，请先登记"),
            Self::UnknownTenant(id) => format!("没有租户 {id}，请先开通"),
        };
        Text::new(zh, self.to_string())
    }
}

impl Decider for User {
    const AGGREGATE: &'static str = "user";
    type Command = UserCommand;
    type Event = UserEvent;
    type Refusal = UserRefusal;

    fn decide(&self, command: UserCommand) -> Result<Vec<UserEvent>, UserRefusal> {
        let UserCommand::Register(person) = command;
        if matches!(self, Self::Registered(_)) {
            return Err(UserRefusal::UserExists);
        }
        person.check()?;
        let Person { name, roles, dealer_id, credential_id } = person;
        Ok(vec![UserEvent::UserRegistered { name, roles, dealer_id, credential_id }])
    }

    fn evolve(&mut self, event: UserEvent) {
        let UserEvent::UserRegistered { name, roles, dealer_id, credential_id } = event;
        *self = Self::Registered(Person { name, roles, dealer_id, credential_id });
    }
}

impl Person {
    /// A dealer's people and the brand's people never are the same.
    fn check(&self) -> Result<(), UserRefusal> {
        let of_dealer = |role: &Role| role.is_of_dealer();
        match &self.dealer_id {
            _ if self.roles.is_empty() => Err(UserRefusal::NoRole),
            Some(_) if !self.roles.iter().all(of_dealer) => Err(UserRefusal::NotADealersRole),
            None if self.roles.iter().any(of_dealer) => Err(UserRefusal::DealerMissing),
            Some(_) | None => Ok(()),
        }
    }
}
