//! When this happened, ask for that: facts of one context become commands on another.
//!
//! A policy is a projection whose effect is a command. The command's request id is made from the
//! fact, so a fact that is delivered twice asks for nothing twice.
//!
//! What follows from time passing is asked for by [`Expiring`], which looks at rows that facts have made.

mod expiring;
mod follow_regions;
mod follow_waits;
mod hand_over;
mod open_accounts;

use std::sync::Arc;

use async_nats::jetstream;
use kernel::Recorded;
use kernel::agent;
use kernel::auth::Keys;
use kernel::log::Log;
use kernel::projection::{AnyProjection, Runner, install};
use kernel::rpc::{CAUSATION, CORRELATION};
use kernel::wall::{Logins, Schema, WallError};
use tonic::transport::{Channel, ClientTlsConfig};
use tonic::{Request, Status};

pub use expiring::Expiring;

/// Schema of the policies' checkpoints.
const SCHEMA: &str = "policies";

/// Why the policies can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer.
    #[error("the policies' database does not answer")]
    Database(#[from] sqlx::Error),
    /// The database does not answer, or a login would go past the wall between tenants.
    #[error("the policies' database can not be used")]
    Wall(#[from] WallError),
    /// A policy listens to a context whose log was not given.
    #[error("there is no log of the context {0}")]
    NoLog(&'static str),
    /// An address is none.
    #[error("the order role's address can not be used")]
    Address(#[from] tonic::transport::Error),
}

/// What asks for commands: it runs until it is told to stop.
pub struct Policies {
    /// One for each policy that follows facts.
    pub runners: Vec<Runner>,
    /// What looks at the clock.
    pub expiring: Expiring,
}

/// All policies there are. The order role is called by TLS where its address says so.
///
/// # Errors
/// See [`StartError`].
pub async fn runners(
    logins: &Logins,
    logs: &[Log],
    jetstream: jetstream::Context,
    (order, tls): (&str, Option<ClientTlsConfig>),
    keys: Keys,
) -> Result<Policies, StartError> {
    let schema = Schema::open(logins, SCHEMA, (6, 1)).await?;
    install(schema.owner()).await?;
    let commander = Commander { channel: agent::channel(order, tls)?, keys };
    schema.make(include_str!("../migrations/tables.sql")).await?;
    let policies: [Arc<dyn AnyProjection>; 4] = [
        Arc::new(open_accounts::OpenAccounts(commander.clone())),
        Arc::new(follow_regions::FollowRegions(commander.clone())),
        Arc::new(hand_over::HandOver(commander.clone())),
        Arc::new(follow_waits::FollowWaits),
    ];
    let mut runners = Vec::with_capacity(policies.len());
    for policy in policies {
        let context = policy.context();
        let log = logs.iter().find(|log| log.context() == context);
        let log = log.cloned().ok_or(StartError::NoLog(context))?;
        runners.push(Runner::new(policy, &schema, log, jetstream.clone()).await?);
    }
    let expiring = Expiring { rows: schema.all().clone(), commander };
    Ok(Policies { runners, expiring })
}

/// What was answered to a policy's command, whose checkpoint has not moved yet.
fn answered<T>(answer: T) -> T {
    kernel::fault::at("policy.asked");
    answer
}

/// How a policy asks for a command: in the name of the policy, for the fact's tenant, once.
#[derive(Clone)]
struct Commander {
    channel: Channel,
    keys: Keys,
}

impl Commander {
    /// The id of the request that follows from a fact.
    fn request_id(policy: &str, fact: &Recorded) -> String {
        agent::request_id(&format!("{policy}/{}/{}", fact.context, fact.event_id))
    }

    /// A request that carries the policy's own token and the fact's trace.
    fn request<T>(&self, policy: &str, fact: &Recorded, body: T) -> Result<Request<T>, Status> {
        let mut request = agent::request(&self.keys, policy, &fact.tenant, body)?;
        let headers = request.metadata_mut();
        let metadata = &fact.metadata;
        for (name, value) in [
            (CAUSATION, Some(fact.event_id.to_string())),
            (CORRELATION, Some(metadata.correlation_id.to_string())),
            ("traceparent", metadata.traceparent.clone()),
        ] {
            if let Some(Ok(value)) = value.map(|value| value.parse()) {
                headers.insert(name, value);
            }
        }
        Ok(request)
    }
}
