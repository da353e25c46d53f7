//! The people of the demonstration.

use std::path::Path;

use anyhow::{Context as _, bail};
use proto::access::v1::Role;
use proto::partner::v1::RegisterUserRequest;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use serde::Deserialize;

use super::TENANT;
use crate::client::endpoints::Login;
use crate::client::{Session, failure, retry};
use crate::import::commands::request_id;

/// Somebody in `users.json`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Person {
    tenant: String,
    pub(super) login: String,
    password: String,
    name: String,
    /// As in the contract, such as `ROLE_HQ_ADMIN`.
    roles: Vec<String>,
    #[serde(default)]
    pub(super) dealer_id: Option<String>,
}

/// Reads the file; everybody must be of the tenant that is founded.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Person>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let people: Vec<Person> = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a list of people", path.display()))?;
    if let Some(stranger) = people.iter().find(|person| person.tenant != TENANT) {
        bail!("{}: {} is of tenant {}", path.display(), stranger.login, stranger.tenant);
    }
    Ok(people)
}

impl Person {
    pub(super) fn account(&self) -> Login {
        Login {
            tenant: self.tenant.clone(),
            login: self.login.clone(),
            password: self.password.clone(),
        }
    }

    fn registration(&self) -> anyhow::Result<RegisterUserRequest> {
        let roles = self.roles.iter().map(|name| {
            let role = Role::from_str_name(name);
            role.map(i32::from).with_context(|| format!("{}: no role {name}", self.login))
        });
        let mut request = RegisterUserRequest {
            tenant_id: self.tenant.clone(),
            login: self.login.clone(),
            name: self.name.clone(),
            roles: roles.collect::<anyhow::Result<_>>()?,
            dealer_id: self.dealer_id.clone().unwrap_or_default(),
            // The passwords of the demonstration stand in its documentation.
            keep_password: true,
            ..Default::default()
        };
        // Without the password: an id must not be a way to guess it.
        request.request_id = request_id(&self.tenant, &self.login, &request);
        request.password.clone_from(&self.password);
        Ok(request)
    }
}

/// Registers people one after another, so that the last one is proof of all.
pub(super) async fn register(
    operator: &Session,
    people: impl Iterator<Item = &Person>,
) -> anyhow::Result<()> {
    for person in people {
        let request = person.registration()?;
        let registered = retry::until_answered(&[], async || {
            IdentityServiceClient::new(operator.wire()).register_user(request.clone()).await
        });
        match registered.await {
            Err(status) if !failure::already(&status) => {
                let what = format!("registering {}", person.login);
                return Err(anyhow::Error::from(status).context(what));
            }
            _ => {}
        }
    }
    Ok(())
}
