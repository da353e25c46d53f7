//! What is decided on more than one object at once, or with a look at another.

use chrono::{DateTime, Utc};
use kernel::command::{Rejected, Transaction, Work};
use kernel::log::ReadError;
use kernel::personal::Personal;
use uuid::Uuid;
use values::{
    BusinessDate, DealerClass, DealerId, RegionId, ServiceAccountId, Sight, TenantId, UserId,
};

use crate::dealer::{Dealer, DealerCommand, DealerRefusal, is_defined};
use crate::dealer_classes::{CLASSES, DealerClasses};
use crate::invitation::{Invitation, InvitationCommand, InvitationRefusal, Offer};
use crate::membership::{Authority, Company, Membership};
use crate::region_tree::{RegionCommand, RegionTree, TREE};
use crate::service_account::{ServiceAccount, ServiceAccountCommand, ServiceAccountRefusal};
use crate::tenant::{Settings, Tenant, TenantCommand, TenantRefusal};
use crate::user::{NewIdentity, Newcomer, User, UserCommand, UserRefusal};
use crate::webhook::{REMOVED, Webhook, WebhookCommand, WebhookRefusal, Wish};

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
    /// What its registrar looks after.
    pub sight: Sight,
    /// The business day of the request.
    pub today: BusinessDate,
}

impl Transaction for RegisterDealer {
    type Refusal = DealerRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<DealerRefusal>> {
        let tree = work.read::<RegionTree>(TREE).await?;
        let region_path = tree.path(&self.region_id, self.today).map_err(DealerRefusal::from);
        if let Ok(path) = &region_path
            && !self.sight.sees(&self.dealer_id, path.ids())
        {
            return Err(Rejected::Refused(DealerRefusal::OtherRegion(self.region_id.clone())));
        }
        let region_path =
            tree.takes_new(&self.region_id, self.today).map_err(Into::into).and(region_path);
        let register = DealerCommand::Register {
            dealer_id: self.dealer_id.clone(),
            name: self.name.clone(),
            city: self.city.clone(),
            region_path: region_path.map_err(Rejected::Refused)?,
        };
        work.decide::<Dealer>(self.dealer_id.as_str(), register).await
    }
}

/// A dealer is of a level and a channel that the brand has.
pub struct ClassifyDealer {
    /// The dealer.
    pub dealer_id: DealerId,
    /// What it is to be.
    pub class: DealerClass,
    /// The first day; none: at once.
    pub effective_on: Option<BusinessDate>,
    /// What whoever asks looks after.
    pub sight: Sight,
    /// The business day of the request.
    pub today: BusinessDate,
}

impl Transaction for ClassifyDealer {
    type Refusal = DealerRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<DealerRefusal>> {
        let dealer = work.read::<Dealer>(self.dealer_id.as_str()).await?;
        if *dealer == Dealer::Unknown {
            return Err(Rejected::Refused(DealerRefusal::DealerNotFound));
        }
        if let (Sight::Regions(_), Dealer::Registered(profile)) = (&self.sight, &*dealer) {
            let tree = work.read::<RegionTree>(TREE).await?;
            let known = profile.region_path.own().map(|own| tree.path(&own.region_id, self.today));
            let sees = known.is_some_and(|path| {
                path.is_ok_and(|path| self.sight.sees(&self.dealer_id, path.ids()))
            });
            if !sees {
                // As if there were none: which dealers other regions have is not told.
                return Err(Rejected::Refused(DealerRefusal::DealerNotFound));
            }
        }
        let classes = work.read::<DealerClasses>(CLASSES).await?;
        is_defined(&self.class, &classes).map_err(Rejected::Refused)?;
        let Self { class, effective_on, today, .. } = self;
        let classify = DealerCommand::Classify {
            class: class.clone(),
            effective_on: *effective_on,
            today: *today,
        };
        work.decide::<Dealer>(self.dealer_id.as_str(), classify).await
    }
}

/// A user needs the tenant, and a user of a dealer needs that dealer.
pub struct RegisterUser {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The new user.
    pub login: UserId,
    /// Who it is.
    pub newcomer: Newcomer,
    /// When.
    pub now: DateTime<Utc>,
}

impl Transaction for RegisterUser {
    type Refusal = UserRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<UserRefusal>> {
        let tenant_id = &self.tenant_id;
        if *work.read::<Tenant>(tenant_id.as_str()).await? == Tenant::Unknown {
            return Err(Rejected::Refused(UserRefusal::UnknownTenant(tenant_id.clone())));
        }
        there_is_such_a_place(work, &self.newcomer.membership, &[], self.now).await?;
        let register = UserCommand::Register(self.newcomer.clone());
        work.decide::<User>(self.login.as_str(), register).await
    }
}

/// The dealer and the regions of a membership are there, and the regions take new people. Who had
/// a region before keeps it.
async fn there_is_such_a_place(
    work: &mut Work<'_>,
    membership: &Membership,
    had: &[RegionId],
    now: DateTime<Utc>,
) -> Result<(), Rejected<UserRefusal>> {
    if let Some(dealer_id) = membership.company.dealer()
        && *work.read::<Dealer>(dealer_id.as_str()).await? == Dealer::Unknown
    {
        return Err(Rejected::Refused(UserRefusal::UnknownDealer(dealer_id.clone())));
    }
    if !membership.regions.is_empty() {
        let today = business_day(work, now).await?;
        let tree = work.read::<RegionTree>(TREE).await?;
        for region in membership.regions.iter().filter(|region| !had.contains(region)) {
            let there = tree.takes_new(region, today).map_err(UserRefusal::from);
            there.map_err(Rejected::Refused)?;
        }
    }
    Ok(())
}

/// The business day of a moment in the tenant's time zone. The caller may be somebody who is of no
/// tenant, or not signed in.
async fn business_day(work: &mut Work<'_>, now: DateTime<Utc>) -> Result<BusinessDate, ReadError> {
    let tenant = work.metadata().tenant.clone();
    let zone = match &*work.read::<Tenant>(&tenant).await? {
        Tenant::Founded(settings) => settings.time_zone.parse().unwrap_or(chrono_tz::UTC),
        Tenant::Unknown => chrono_tz::UTC,
    };
    Ok(now.with_timezone(&zone).date_naive().into())
}

/// A change of what somebody may do, with a look at who else could undo it.
pub struct Manage {
    /// Whom it is about.
    pub login: UserId,
    /// What is asked.
    pub ask: Ask,
    /// Who may be another administrator. Each is looked at again: the decision holds only while
    /// the one that was found stays one, so two can not remove each other at the same time.
    pub admins: Vec<UserId>,
    /// When.
    pub now: DateTime<Utc>,
}

/// What can be asked about somebody.
#[derive(Clone, Debug)]
pub enum Ask {
    /// To work in one more company.
    Grant(Membership, Authority),
    /// To be something else in a company.
    Change(Membership, Authority),
    /// To leave a company, for a reason.
    Leave(Company, String, Authority),
    /// To be kept out, for a reason.
    Suspend(String),
    /// To be forgotten, for a reason.
    Erase(String),
}

impl Transaction for Manage {
    type Refusal = UserRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<UserRefusal>> {
        if let Ask::Grant(membership, by) | Ask::Change(membership, by) = &self.ask
            && by.reaches(&membership.company)
        {
            let had = self.regions_in(work, &membership.company).await?;
            there_is_such_a_place(work, membership, &had, self.now).await?;
        }
        let another_admin = self.another_admin(work).await?;
        let command = match self.ask.clone() {
            Ask::Grant(membership, by) => UserCommand::Grant(membership, by),
            Ask::Change(membership, by) => UserCommand::Change { membership, by, another_admin },
            Ask::Leave(company, reason, by) => {
                UserCommand::Leave { company, reason, by, another_admin }
            }
            Ask::Suspend(reason) => UserCommand::Suspend { reason, another_admin },
            Ask::Erase(reason) => UserCommand::Erase { reason, another_admin },
        };
        work.decide::<User>(self.login.as_str(), command).await
    }
}

impl Manage {
    /// The regions that somebody looks after already.
    async fn regions_in(
        &self,
        work: &mut Work<'_>,
        company: &Company,
    ) -> Result<Vec<RegionId>, ReadError> {
        let user = work.read::<User>(self.login.as_str()).await?;
        let User::Registered(person) = &*user else { return Ok(Vec::new()) };
        let membership =
            person.memberships.iter().find(|membership| membership.company == *company);
        Ok(membership.map(|membership| membership.regions.clone()).unwrap_or_default())
    }

    async fn another_admin(&self, work: &mut Work<'_>) -> Result<bool, ReadError> {
        for login in self.admins.iter().filter(|login| **login != self.login) {
            if let User::Registered(person) = &*work.read::<User>(login.as_str()).await?
                && person.is_admin()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Somebody is invited to a company and regions that are there.
pub struct Invite {
    /// The new invitation.
    pub invitation_id: Uuid,
    /// To what.
    pub offer: Offer,
    /// Who invites.
    pub by: Authority,
    /// When.
    pub now: DateTime<Utc>,
}

impl Transaction for Invite {
    type Refusal = InvitationRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<InvitationRefusal>> {
        if self.by.reaches(&self.offer.membership.company) {
            let there = there_is_such_a_place(work, &self.offer.membership, &[], self.now).await;
            there.map_err(Rejected::from_other)?;
        }
        let send = InvitationCommand::Send(self.offer.clone(), self.by.clone());
        work.decide::<Invitation>(&self.invitation_id.to_string(), send).await
    }
}

/// An invitation is accepted and its user registered, in one append.
pub struct AcceptInvitation {
    /// Which one.
    pub invitation_id: String,
    /// The login that the person chose.
    pub login: UserId,
    /// What people call them.
    pub name: Personal<String>,
    /// Under what id their password is kept.
    pub credential_id: Uuid,
    /// As whom they sign in through a provider, if they have no password.
    pub identity: Option<NewIdentity>,
    /// When.
    pub now: DateTime<Utc>,
}

impl Transaction for AcceptInvitation {
    type Refusal = InvitationRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<InvitationRefusal>> {
        let invitation = work.read::<Invitation>(&self.invitation_id).await?;
        let accept = InvitationCommand::Accept { login: self.login.clone(), now: self.now };
        // What is not open says why.
        if let Invitation::Open(Offer { membership, .. }) = &*invitation {
            // A region may have been retired since.
            let there = there_is_such_a_place(work, membership, &[], self.now).await;
            there.map_err(Rejected::from_other)?;
            let newcomer = Newcomer {
                name: self.name.clone(),
                membership: membership.clone(),
                credential_id: self.credential_id,
                password_to_be_changed: false,
                identity: self.identity.clone(),
            };
            let register = UserCommand::Register(newcomer);
            let registered = work.decide::<User>(self.login.as_str(), register).await;
            registered.map_err(Rejected::from_other)?;
        }
        work.decide::<Invitation>(&self.invitation_id, accept).await
    }
}

/// A program is added to a company and regions that are there.
pub struct AddServiceAccount {
    /// What it acts as.
    pub account_id: ServiceAccountId,
    /// What people call it.
    pub name: String,
    /// For which company it works, and as what.
    pub membership: Membership,
    /// When.
    pub now: DateTime<Utc>,
}

impl Transaction for AddServiceAccount {
    type Refusal = ServiceAccountRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<ServiceAccountRefusal>> {
        let there = there_is_such_a_place(work, &self.membership, &[], self.now).await;
        there.map_err(Rejected::from_other)?;
        let (name, membership) = (self.name.clone(), self.membership.clone());
        let add = ServiceAccountCommand::Add { name, membership };
        work.decide::<ServiceAccount>(self.account_id.as_str(), add).await
    }
}

/// An endpoint is registered, if the tenant has room for one more.
pub struct RegisterWebhook {
    /// The new endpoint.
    pub endpoint_id: String,
    /// Where and what.
    pub wish: Wish,
    /// Under what id its secret is kept.
    pub secret_id: Uuid,
}

impl Transaction for RegisterWebhook {
    type Refusal = WebhookRefusal;

    /// Two that take the last place know nothing of each other; one of them has to be later.
    const ALONE: bool = true;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<WebhookRefusal>> {
        let others = work.count_without::<Webhook>(REMOVED).await?;
        let (wish, secret_id) = (self.wish.clone(), self.secret_id);
        let register = WebhookCommand::Register { wish, secret_id, others };
        work.decide::<Webhook>(&self.endpoint_id, register).await
    }
}
