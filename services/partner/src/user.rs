//! A person who uses the system. Their name is sealed before it gets here, so that it can be
//! erased; the password is not an event: see `people`.

use kernel::event::Upcaster;
use kernel::personal::Personal;
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
    UserRegisteredV2 {
        /// What people call them.
        name: Personal<String>,
        /// The roles they hold, by their names in the contract.
        roles: Vec<Role>,
        /// The dealer they work for, if they are a dealer's people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dealer_id: Option<DealerId>,
        /// Under what id their first password is kept, outside the log.
        credential_id: Uuid,
    },
    /// A person's data was erased for good; they can not sign in any more.
    UserErased {
        /// Why.
        reason: String,
    },
}

/// A person may use the system.
#[derive(Deserialize, JsonSchema)]
struct UserRegisteredV1 {
    /// What people call them.
    name: String,
    /// The roles they hold, by their names in the contract.
    roles: Vec<Role>,
    /// The dealer they work for, if they are a dealer's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dealer_id: Option<DealerId>,
    /// Under what id their first password is kept, outside the log.
    credential_id: Uuid,
}

impl From<UserRegisteredV1> for UserEvent {
    fn from(old: UserRegisteredV1) -> Self {
        let UserRegisteredV1 { name, roles, dealer_id, credential_id } = old;
        let name = Personal::unsealed(name);
        Self::UserRegisteredV2 { name, roles, dealer_id, credential_id }
    }
}

impl DomainEvent for UserEvent {
    const UPCASTERS: &'static [Upcaster] =
        &[Upcaster::of::<UserRegisteredV1, UserEvent>("UserRegistered", 1)];

    fn sentence(&self) -> Text {
        match self {
            Self::UserRegisteredV2 { name, roles, .. } => {
                let name = name.text();
                let words = roles.iter().map(|role| role.words());
                let (zh, en): (Vec<_>, Vec<_>) = words.unzip();
                let (zh, en) = (zh.join("、"), en.join(", "));
                Text::new(
                    format!("登记用户“{}”，角色：{zh}", name.zh),
                    format!("{} was registered as a user: {en}", name.en),
                )
            }
            Self::UserErased { reason } => Text::new(
                format!("删除了该用户的个人信息，原因：{reason}"),
                format!("the user's personal data was erased: {reason}"),
            ),
        }
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
    /// Was one, and never will be again.
    Erased {
        /// Under what id their password was kept, so that its erasing can be repeated.
        credential_id: Uuid,
    },
}

/// Who a user is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// What people call them.
    pub name: Personal<String>,
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
    /// Be forgotten.
    Erase {
        /// Why.
        reason: String,
    },
}

/// Why a user says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum UserRefusal {
    /// The login is taken.
    #[error("a user with this login exists; choose another login")]
    UserExists,
    /// The login was an erased user's.
    #[error("the user with this login was erased, and it is not given out again; choose another")]
    LoginErased,
    /// There is no such user.
    #[error("there is no user with this login; check it")]
    UnknownUser,
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
            Self::UserExists | Self::LoginErased => RefusalKind::AlreadyExists,
            Self::NoRole | Self::DealerMissing | Self::NotADealersRole => {
                RefusalKind::InvalidArgument
            }
            Self::UnknownUser | Self::UnknownDealer(_) | Self::UnknownTenant(_) => {
                RefusalKind::NotFound
            }
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::UserExists => "该用户名已存在，请换一个".to_owned(),
            Self::LoginErased => "该用户名属于已删除的用户，不再分配，请换一个".to_owned(),
            Self::UnknownUser => "没有这个用户名的用户，请检查".to_owned(),
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
    const STATE_VERSION: u32 = 2;

    fn decide(&self, command: UserCommand) -> Result<Vec<UserEvent>, UserRefusal> {
        match (self, command) {
            (Self::Unknown, UserCommand::Register(person)) => person.register(),
            (Self::Registered(_), UserCommand::Register(_)) => Err(UserRefusal::UserExists),
            (Self::Erased { .. }, UserCommand::Register(_)) => Err(UserRefusal::LoginErased),
            (Self::Unknown, UserCommand::Erase { .. }) => Err(UserRefusal::UnknownUser),
            (Self::Registered(_), UserCommand::Erase { reason }) => {
                Ok(vec![UserEvent::UserErased { reason }])
            }
            // Asking again is how a caller makes sure.
            (Self::Erased { .. }, UserCommand::Erase { .. }) => Ok(Vec::new()),
        }
    }

    fn evolve(&mut self, event: UserEvent) {
        *self = match (&self, event) {
            (_, UserEvent::UserRegisteredV2 { name, roles, dealer_id, credential_id }) => {
                Self::Registered(Person { name, roles, dealer_id, credential_id })
            }
            (Self::Registered(Person { credential_id, .. }), UserEvent::UserErased { .. }) => {
                Self::Erased { credential_id: *credential_id }
            }
            (Self::Unknown | Self::Erased { .. }, UserEvent::UserErased { .. }) => return,
        };
    }
}

impl Person {
    fn register(self) -> Result<Vec<UserEvent>, UserRefusal> {
        // Nothing of an erased person can be kept, so nobody can be registered in their place.
        if self.name.is_erased() {
            return Err(UserRefusal::LoginErased);
        }
        self.check()?;
        let Self { name, roles, dealer_id, credential_id } = self;
        Ok(vec![UserEvent::UserRegisteredV2 { name, roles, dealer_id, credential_id }])
    }

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
