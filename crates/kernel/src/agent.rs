//! Calls of one part of the system to another, in the name of that part and for a tenant: what
//! follows facts asks for commands, and what talks to the outside tells what it heard.

use std::time::Duration;

use chrono::TimeDelta;
use proto::access::v1::Role;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;

use crate::auth::{Caller, Keys, POLICY};
use crate::clock;
use crate::failure::internal;

/// Longest call.
const LIMIT: Duration = Duration::from_secs(10);

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// A request that carries a token of a part of the system.
///
/// # Errors
/// INTERNAL when no token can be made.
pub fn request<T>(keys: &Keys, name: &str, tenant: &str, body: T) -> Result<Request<T>, Status> {
    let caller = Caller {
        user_id: format!("{POLICY}{name}"),
        name: name.to_owned(),
        tenant: tenant.to_owned(),
        roles: vec![Role::Integration.as_str_name().to_owned()],
        time_zone: "UTC".to_owned(),
        ..Caller::default()
    };
    let token = keys.issue(&caller, clock::now(), TimeDelta::minutes(1));
    let token = token.map_err(|error| internal(&error))?;
    let mut request = Request::new(body);
    request.set_timeout(LIMIT);
    if let Ok(value) = format!("Bearer {token}").parse() {
        request.metadata_mut().insert("authorization", value);
    }
    Ok(request)
}

/// The id of a request that follows from something: whoever asks for the same again asks once.
pub fn request_id(key: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).to_string()
}

/// A connection to a role, made when it is first used; by TLS where its address says so.
///
/// # Errors
/// When the address is none.
pub fn channel(
    address: &str,
    tls: Option<ClientTlsConfig>,
) -> Result<Channel, tonic::transport::Error> {
    let mut endpoint = Endpoint::from_shared(address.to_owned())?;
    if let Some(tls) = tls.filter(|_| address.starts_with("https:")) {
        endpoint = endpoint.tls_config(tls)?;
    }
    Ok(endpoint.connect_timeout(CONNECT).connect_lazy())
}
