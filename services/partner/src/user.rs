//! A person who uses the system. The password is not an event: see `credentials`.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use proto::access::v1::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::DealerId;

/// The facts of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum UserEvent {
    /// A person may use the system.
    UserRegistered {
        /// What people call them.
        name: String,
        /// Names of the roles they hold, as in the contract.
        roles: Vec<String>,
        /// The dealer they work for, if they are a dealer's people.
        dealer_id: Option<DealerId>,
    },
}

impl DomainEvent for UserEvent {
    fn sentence(&self) -> Text {
        let Self::UserRegistered { name, roles, .. } = self;
        let roles = roles.join(", ");
        Text::new(
            format!("登记用户“{name}”,角色 {roles}"),
            format!("{name} was registered as a user with {roles}"),
        )
    }
}

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Names of the roles they hold, as in the contract.
    pub roles: Vec<String>,
    /// The dealer they work for, if they are a dealer's people.
    pub dealer_id: Option<DealerId>,
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
            Self::UnknownDealer(_) => RefusalKind::NotFound,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::UserExists => "该用户名已存在,请换一个".to_owned(),
            Self::NoRole => "用户至少要有一个角色".to_owned(),
            Self::DealerMissing => "经销商角色必须指定所属经销商".to_owned(),
            Self::NotADealersRole => "只有经销商角色才归属经销商,且不能与其他角色混用".to_owned(),
            Self::UnknownDealer(id) => format!("没有经销商 {id},请先登记"),
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
        let Person { name, roles, dealer_id } = person;
        Ok(vec![UserEvent::UserRegistered { name, roles, dealer_id }])
    }

    fn evolve(&mut self, event: UserEvent) {
        let UserEvent::UserRegistered { name, roles, dealer_id } = event;
        *self = Self::Registered(Person { name, roles, dealer_id });
    }
}

impl Person {
    /// A dealer's people and the brand's people never are the same.
    fn check(&self) -> Result<(), UserRefusal> {
        let dealer_roles = [Role::DealerOwner, Role::DealerStaff].map(|role| role.as_str_name());
        let of_dealer = |role: &String| dealer_roles.contains(&role.as_str());
        match &self.dealer_id {
            _ if self.roles.is_empty() => Err(UserRefusal::NoRole),
            Some(_) if !self.roles.iter().all(of_dealer) => Err(UserRefusal::NotADealersRole),
            None if self.roles.iter().any(of_dealer) => Err(UserRefusal::DealerMissing),
            Some(_) | None => Ok(()),
        }
    }
}
