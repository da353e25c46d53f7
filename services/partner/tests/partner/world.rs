//! Names and facts that several tests begin with.

use kernel::personal::Personal;
use partner::membership::{Company, Membership};
use partner::region_tree::RegionEvent;
use partner::role::Role;
use partner::user::{Newcomer, UserEvent};
use uuid::Uuid;
use values::{DealerId, RegionId};

pub(crate) fn region(id: &str) -> RegionId {
    id.parse().unwrap()
}

pub(crate) fn dealer(id: &str) -> DealerId {
    id.parse().unwrap()
}

pub(crate) fn planted() -> RegionEvent {
    added("root", "全国", None)
}

pub(crate) fn added(id: &str, name: &str, parent: Option<&str>) -> RegionEvent {
    RegionEvent::RegionAdded {
        region_id: region(id),
        name: name.into(),
        parent_id: parent.map(region),
        added_on: None,
    }
}

/// A name as it comes here: sealed, so that nobody can read it.
pub(crate) fn sealed() -> Personal<String> {
    serde_json::from_str(r#"{"$personal":{"subject":"li.lei","sealed":"q83vEjRW"}}"#).unwrap()
}

/// The brand, or the dealer named.
pub(crate) fn company(of: Option<&str>) -> Company {
    Company::of(of.map(dealer))
}

pub(crate) fn membership(roles: &[Role], of: Option<&str>) -> Membership {
    Membership { company: company(of), roles: roles.to_vec(), regions: Vec::new() }
}

pub(crate) fn newcomer(roles: &[Role], of: Option<&str>) -> Newcomer {
    let credential_id = Uuid::from_u128(0x0198_0f3e);
    let membership = membership(roles, of);
    let (name, password_to_be_changed) = (sealed(), false);
    Newcomer { name, membership, credential_id, password_to_be_changed, identity: None }
}

pub(crate) fn registered(newcomer: Newcomer) -> UserEvent {
    let Newcomer { name, membership, credential_id, password_to_be_changed, .. } = newcomer;
    let Membership { company, roles, regions } = membership;
    let dealer_id = company.dealer().cloned();
    UserEvent::UserRegisteredV2 {
        name,
        roles,
        dealer_id,
        regions,
        credential_id,
        password_to_be_changed,
    }
}

pub(crate) fn granted(Membership { company, roles, regions }: Membership) -> UserEvent {
    UserEvent::MembershipGranted { company, roles, regions }
}

pub(crate) fn changed(Membership { company, roles, regions }: Membership) -> UserEvent {
    UserEvent::MembershipChanged { company, roles, regions }
}
