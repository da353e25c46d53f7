//! The partner context: the brand (tenant), its region tree, its dealers, the people who use the
//! system, and how they sign in.
//!
//! Read in this order: [`tenant`], [`region_tree`], [`dealer_classes`], [`dealer`], [`user`] with
//! [`membership`] and [`role`], [`invitation`], [`webhook`] (the rules), [`transactions`] (several objects at once), then `grpc`
//! (requests become commands), `sign_in`, `people` (what of them can be erased) and what is kept
//! beside the log because it is no event: `credentials` (passwords), `password` (what they must be
//! like), `attempts` (at guessing them), `sessions` and `links`. [`service_account`], `service_keys`
//! and `programs` are about who is no person; [`identity_provider`] and `oidc` about who is known
//! elsewhere. [`REVOKING`] says which facts end
//! tokens.

#![warn(missing_docs)]

mod attempts;
mod credentials;
pub mod dealer;
pub mod dealer_classes;
mod grpc;
pub mod identity_provider;
pub mod invitation;
mod known_elsewhere;
mod links;
pub mod membership;
pub mod module;
mod oidc;
mod password;
mod people;
mod programs;
pub mod region_tree;
mod revoking;
pub mod role;
mod secrets;
pub mod service_account;
mod service_keys;
mod sessions;
mod sign_in;
pub mod tenant;
pub mod transactions;
pub mod user;
pub mod webhook;

use kernel::auth::Keys;
use kernel::catalogue::{AggregateInfo, Context};
use kernel::command::Commands;
use kernel::outbound::Outbound;
use kernel::personal::Vault;
use kernel::server::Server;
use proto::partner::v1::dealer_service_server::DealerServiceServer;
use proto::partner::v1::identity_provider_service_server::IdentityProviderServiceServer;
use proto::partner::v1::identity_service_server::IdentityServiceServer;
use proto::partner::v1::invitation_service_server::InvitationServiceServer;
use proto::partner::v1::region_service_server::RegionServiceServer;
use proto::partner::v1::service_account_service_server::ServiceAccountServiceServer;
use proto::partner::v1::session_service_server::SessionServiceServer;
use proto::partner::v1::tenant_service_server::TenantServiceServer;
use proto::partner::v1::webhook_service_server::WebhookServiceServer;

use attempts::Attempts;
pub use credentials::{Credentials, Kept};
use links::Links;
use oidc::Providers;
use oidc::flows::Flows;
use oidc::identities::Identities;
pub use people::Erasures;
use people::People;
pub use revoking::REVOKING;
pub use secrets::{Holder, SecretError, Secrets};
use service_keys::ServiceKeys;
use sessions::Sessions;
use sign_in::Reception;

const NAME: &str = "partner";

/// What the context consists of.
pub const CONTEXT: Context = Context {
    name: NAME,
    aggregates: &[
        AggregateInfo::of::<tenant::Tenant>(NAME),
        AggregateInfo::of::<region_tree::RegionTree>(NAME),
        AggregateInfo::of::<dealer::Dealer>(NAME),
        AggregateInfo::of::<dealer_classes::DealerClasses>(NAME),
        AggregateInfo::of::<user::User>(NAME),
        AggregateInfo::of::<invitation::Invitation>(NAME),
        AggregateInfo::of::<identity_provider::IdentityProvider>(NAME),
        AggregateInfo::of::<service_account::ServiceAccount>(NAME),
        AggregateInfo::of::<webhook::Webhook>(NAME),
    ],
};

/// Adds the context's command services to a server; `outbound` asks identity providers, and webhooks
/// may have the addresses that it reaches. What is returned has to run beside: it ends the erasing of
/// people that another process has begun.
///
/// # Errors
/// When the tables beside the log can not be made.
pub async fn mount(
    server: &mut Server,
    commands: Commands,
    keys: Keys,
    vault: Vault,
    outbound: Outbound,
) -> sqlx::Result<Erasures> {
    let log = commands.log().clone();
    let credentials = Credentials::open(&log).await?;
    let secrets = Secrets::open(&log, vault.clone()).await?;
    // Who comes with nothing but a token is of no tenant yet, and attempts are counted by digests.
    let pool = log.schema().all().clone();
    let people = People {
        log,
        vault,
        credentials,
        sessions: Sessions(pool.clone()),
        links: Links(pool.clone()),
        attempts: Attempts(pool.clone()),
        service_keys: ServiceKeys(pool.clone()),
        flows: Flows(pool.clone()),
        identities: Identities(pool),
        secrets,
    };
    let reach = outbound.reach();
    let providers = Providers::new(outbound);
    let reception = Reception { people: people.clone(), keys, providers };
    let api = grpc::PartnerApi::new(commands, reception, reach);
    server.add(TenantServiceServer::new(api.clone())).await;
    server.add(RegionServiceServer::new(api.clone())).await;
    server.add(DealerServiceServer::new(api.clone())).await;
    server.add(IdentityServiceServer::new(api.clone())).await;
    server.add(SessionServiceServer::new(api.clone())).await;
    server.add(InvitationServiceServer::new(api.clone())).await;
    server.add(ServiceAccountServiceServer::new(api.clone())).await;
    server.add(IdentityProviderServiceServer::new(api.clone())).await;
    server.add(WebhookServiceServer::new(api)).await;
    Ok(Erasures::of(people))
}
