//! In which company a person works, and as what. One person may work in several.

use std::fmt;
use std::str::FromStr;

use kernel::Text;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use values::{DealerId, InvalidId, RegionId};

use crate::role::Role;

/// Where a person works: in the brand itself, or in one of its dealers. Its text is the id of the
/// person's membership, of which there is at most one in each company.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Company {
    /// The brand.
    Brand,
    /// A dealer.
    Dealer(DealerId),
}

const BRAND: &str = "brand";
const DEALER: &str = "dealer:";

impl Company {
    /// The company of a dealer's people, else the brand.
    pub fn of(dealer_id: Option<DealerId>) -> Self {
        dealer_id.map_or(Self::Brand, Self::Dealer)
    }

    /// The dealer, if it is one.
    pub fn dealer(&self) -> Option<&DealerId> {
        match self {
            Self::Brand => None,
            Self::Dealer(dealer_id) => Some(dealer_id),
        }
    }

    /// As the trade says it.
    pub fn words(&self) -> Text {
        match self {
            Self::Brand => Text::new("品牌方", "the brand"),
            Self::Dealer(id) => Text::new(format!("经销商 {id}"), format!("the dealer {id}")),
        }
    }
}

impl fmt::Display for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brand => f.write_str(BRAND),
            Self::Dealer(dealer_id) => write!(f, "{DEALER}{dealer_id}"),
        }
    }
}

impl From<Company> for String {
    fn from(company: Company) -> Self {
        company.to_string()
    }
}

impl FromStr for Company {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let wrong = InvalidId {
            zh: "“brand”或“dealer:经销商编号”",
            rule: "`brand` or `dealer:<its id>`",
        };
        match text.strip_prefix(DEALER) {
            Some(id) => id.parse().map(Self::Dealer).map_err(|_| wrong),
            None => (text == BRAND).then_some(Self::Brand).ok_or(wrong),
        }
    }
}

impl TryFrom<String> for Company {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl JsonSchema for Company {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Company".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(brand|dealer:[a-z0-9-]{1,64})$" })
    }
}

/// What a person is in a company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    /// Where.
    pub company: Company,
    /// The roles they hold there, each once.
    pub roles: Vec<Role>,
    /// The roots of the parts of the region tree that they see; none means all of it.
    #[serde(default)]
    pub regions: Vec<RegionId>,
}

/// Why a membership can not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMembership {
    /// Nobody is nothing.
    NoRole,
    /// A dealer's people work for a dealer.
    DealerMissing,
    /// A dealer's people and the brand's people never are the same.
    NotADealersRole,
    /// A dealer's people see their company, wherever it is.
    RegionsOfDealer,
}

impl Membership {
    /// Whether roles, company and regions go together.
    ///
    /// # Errors
    /// See [`NoMembership`].
    pub fn check(&self) -> Result<(), NoMembership> {
        let of_dealer = |role: &Role| role.is_of_dealer();
        match &self.company {
            _ if self.roles.is_empty() => Err(NoMembership::NoRole),
            Company::Dealer(_) if !self.roles.iter().all(of_dealer) => {
                Err(NoMembership::NotADealersRole)
            }
            Company::Brand if self.roles.iter().any(of_dealer) => Err(NoMembership::DealerMissing),
            Company::Dealer(_) if !self.regions.is_empty() => Err(NoMembership::RegionsOfDealer),
            Company::Brand | Company::Dealer(_) => Ok(()),
        }
    }

    /// Whether its holder looks after the users of the whole tenant.
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role.is_admin())
    }
}

/// Who asks for a change of a membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// An administrator of the brand, for anybody.
    Brand,
    /// Somebody of a dealer, for their own company's people.
    Dealer(DealerId),
}

impl Authority {
    /// Whether a company is theirs to look after.
    pub fn reaches(&self, company: &Company) -> bool {
        match self {
            Self::Brand => true,
            Self::Dealer(own) => company.dealer() == Some(own),
        }
    }
}

/// Roles in words, Chinese and English.
pub(crate) fn roles_in_words(roles: &[Role]) -> Text {
    let (zh, en): (Vec<_>, Vec<_>) = roles.iter().map(|role| role.words()).unzip();
    Text::new(zh.join("、"), en.join(", "))
}
