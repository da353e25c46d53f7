//! What is decided on more than one object at once, or with a look at another.

use kernel::command::{Rejected, Transaction, Work};
use values::{DealerId, RegionId, TenantId, UserId};

use crate::dealer::{Dealer, DealerCommand, DealerRefusal, Profile};
use crate::region_tree::{RegionCommand, RegionTree, TREE};
use crate::tenant::{Settings, Tenant, TenantCommand, TenantRefusal};
use crate::user::{Person, User, UserCommand, UserRefusal};

/// A tenant comes into being with the root of its region tree, in one append.
pub struct FoundTenant {
    /// The new tenant.
    pub tenant_id: TenantId,
    /// How it works.
    pub settings: Settings,
    /// Name of the root of its region tree.
    pub root_name: String,
}

impl Transaction for FoundTenant {
    type Refusal = TenantRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<TenantRefusal>> {
        let found = TenantCommand::Found(self.settings.clone());
        work.decide::<Tenant>(self.tenant_id.as_str(), found).await?;
        let plant = RegionCommand::Plant { name: self.root_name.clone() };
        work.decide::<RegionTree>(TREE, plant).await.map_err(Rejected::from_other)
    }
}

/// A dealer is registered in a region as it is on that day.
pub struct RegisterDealer {
    /// The new dealer.
    pub dealer_id: DealerId,
    /// What people call the company.
    pub name: String,
    /// Where it is.
    pub city: String,
    /// The region it belongs to.
    pub region_id: RegionId,
}

impl Transaction for RegisterDealer {
    type Refusal = DealerRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<DealerRefusal>> {
        let tree = work.read::<RegionTree>(TREE).await?;
        let region_path = tree.path(&self.region_id).map_err(DealerRefusal::from);
        let profile = Profile {
            dealer_id: self.dealer_id.clone(),
            name: self.name.clone(),
            city: self.city.clone(),
            region_path: region_path.map_err(Rejected::Refused)?,
        };
        let register = DealerCommand::Register(profile);
        work.decide::<Dealer>(self.dealer_id.as_str(), register).await
    }
}

/// A user needs the tenant, and a user of a dealer needs that dealer.
pub struct RegisterUser {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The new user.
    pub login: UserId,
    /// Who it is.
    pub person: Person,
}

impl Transaction for RegisterUser {
    type Refusal = UserRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<UserRefusal>> {
        let tenant_id = &self.tenant_id;
        if *work.read::<Tenant>(tenant_id.as_str()).await? == Tenant::Unknown {
            return Err(Rejected::Refused(UserRefusal::UnknownTenant(tenant_id.clone())));
        }
        if let Some(dealer_id) = &self.person.dealer_id
            && *work.read::<Dealer>(dealer_id.as_str()).await? == Dealer::Unknown
        {
            return Err(Rejected::Refused(UserRefusal::UnknownDealer(dealer_id.clone())));
        }
        let register = UserCommand::Register(self.person.clone());
        work.decide::<User>(self.login.as_str(), register).await
    }
}
