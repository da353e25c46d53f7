//! When this happened, ask for that: facts of one context become commands on another.
//!
//! A policy is a projection whose effect is a command. The command's request id is made from the
//! fact, so a fact that is delivered twice asks for nothing twice.

mod follow_regions;
mod open_accounts;

use std::sync::Arc;

use async_nats::jetstream;
use kernel::auth::{Caller, Keys, POLICY};
use kernel::log::Log;
use kernel::projection::{AnyProjection, Runner, install};
use kernel::rpc::{CAUSATION, CORRELATION};
use kernel::wall::{Logins, Schema, WallError};
use kernel::{Recorded, clock};
use proto::access::v1::Role;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;

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

/// A runner for each policy there is. The order role is called by TLS where its address says so.
///
/// # Errors
/// See [`StartError`].
pub async fn runners(
    logins: &Logins,
    logs: &[Log],
    jetstream: jetstream::Context,
    (order, tls): (&str, Option<ClientTlsConfig>),
    keys: Keys,
) -> Result<Vec<Runner>, StartError> {
    let schema = Schema::open(logins, SCHEMA, (4, 1)).await?;
    install(schema.owner()).await?;
    let mut endpoint = Endpoint::from_shared(order.to_owned())?;
    if let Some(tls) = tls.filter(|_| order.starts_with("https:")) {
        endpoint = endpoint.tls_config(tls)?;
    }
    let order = endpoint.connect_lazy();
    let commander = Commander { channel: order, keys };
    let policies: [Arc<dyn AnyProjection>; 2] = [
        Arc::new(open_accounts::OpenAccounts(commander.clone())),
        Arc::new(follow_regions::FollowRegions(commander)),
    ];
    let mut runners = Vec::with_capacity(policies.len());
    for policy in policies {
        let context = policy.context();
        let log = logs.iter().find(|log| log.context() == context);
        let log = log.cloned().ok_or(StartError::NoLog(context))?;
        runners.push(Runner::new(policy, &schema, log, jetstream.clone()).await?);
    }
    Ok(runners)
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
        let key = format!("{policy}/{}/{}", fact.context, fact.event_id);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).to_string()
    }

    /// A request that carries the policy's own token and the fact's trace.
    fn request<T>(&self, policy: &str, fact: &Recorded, body: T) -> Result<Request<T>, Status> {
        let caller = Caller {
            user_id: format!("{POLICY}{policy}"),
            name: policy.to_owned(),
            tenant: fact.tenant.clone(),
            roles: vec![Role::Integration.as_str_name().to_owned()],
            time_zone: "UTC".to_owned(),
            ..Caller::default()
        };
        let token = self.keys.issue(&caller, clock::now(), chrono::TimeDelta::minutes(1));
        let token = token.map_err(|error| kernel::failure::internal(&error))?;
        let mut request = Request::new(body);
        request.set_timeout(std::time::Duration::from_secs(10));
        let headers = request.metadata_mut();
        let metadata = &fact.metadata;
        for (name, value) in [
            ("authorization", Some(format!("Bearer {token}"))),
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
