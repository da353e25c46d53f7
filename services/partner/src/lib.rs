//! The partner context: the brand (tenant), its region tree, its dealers, the people who use the
//! system, and how they sign in.
//!
//! Read in this order: [`tenant`], [`region_tree`], [`dealer`], [`user`] and [`role`] (the rules),
//! [`transactions`] (several objects at once), then `grpc` (requests become commands), `sign_in`,
//! `people` (what of them can be erased) and `credentials` (passwords, which are no events).

#![warn(missing_docs)]

mod credentials;
pub mod dealer;
mod grpc;
mod people;
pub mod region_tree;
pub mod role;
mod sign_in;
pub mod tenant;
pub mod transactions;
pub mod user;

use kernel::auth::Keys;
use kernel::catalogue::{AggregateInfo, Context};
use kernel::command::Commands;
use kernel::personal::Vault;
use kernel::server::Server;
use proto::partner::v1::dealer_service_server::DealerServiceServer;
use proto::partner::v1::identity_service_server::IdentityServiceServer;
use proto::partner::v1::region_service_server::RegionServiceServer;
use proto::partner::v1::tenant_service_server::TenantServiceServer;

pub use credentials::{Credentials, Kept};
pub use people::Erasures;
use people::People;

const NAME: &str = "partner";

/// What the context consists of.
pub const CONTEXT: Context = Context {
    name: NAME,
    aggregates: &[
        AggregateInfo::of::<tenant::Tenant>(NAME),
        AggregateInfo::of::<region_tree::RegionTree>(NAME),
        AggregateInfo::of::<dealer::Dealer>(NAME),
        AggregateInfo::of::<user::User>(NAME),
    ],
};

/// Adds the context's command services to a server. What is returned has to run beside: it ends
/// the erasing of people that another process has begun.
///
/// # Errors
/// When the table of credentials can not be made.
pub async fn mount(
    server: &mut Server,
    commands: Commands,
    keys: Keys,
    vault: Vault,
) -> sqlx::Result<Erasures> {
    let log = commands.log().clone();
    let credentials = Credentials::open(&log).await?;
    let people = People { log, vault, credentials };
    let api = grpc::PartnerApi::new(commands, people.clone(), keys);
    server.add(TenantServiceServer::new(api.clone())).await;
    server.add(RegionServiceServer::new(api.clone())).await;
    server.add(DealerServiceServer::new(api.clone())).await;
    server.add(IdentityServiceServer::new(api)).await;
    Ok(Erasures::of(people))
}
