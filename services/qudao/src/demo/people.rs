//! The people of the demonstration.

use std::path::Path;

use anyhow::Context as _;
use proto::access::v1::Role;
use proto::partner::v1::RegisterUserRequest;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use serde::Deserialize;

use super::once;
use crate::client::Session;
use crate::client::endpoints::Login;
use crate::import::commands::request_id;

/// Somebody who is registered with a password of their own, as those in `users.json` are.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Person {
    pub(super) tenant: String,
    pub(super) login: String,
    password: String,
    name: String,
    /// As in the contract, such as `ROLE_HQ_ADMIN`.
    roles: Vec<String>,
    #[serde(default)]
    pub(super) dealer_id: Option<String>,
}

/// Reads the file.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Person>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} is not a list of people", path.display()))
}

/// Somebody among the people of one brand.
pub(super) fn find<'a>(people: &'a [Person], login: &str) -> anyhow::Result<&'a Person> {
    let found = people.iter().find(|person| person.login == login);
    found.with_context(|| format!("users.json has no {login} of each brand"))
}

impl Person {
    /// Somebody of the brand.
    pub(crate) fn of_brand(account: Login, name: &str, role: Role) -> Self {
        let Login { tenant, login, password } = account;
        let roles = vec![role.as_str_name().to_owned()];
        Self { tenant, login, password, name: name.to_owned(), roles, dealer_id: None }
    }

    /// The owner of a dealer.
    pub(crate) fn of_dealer(account: Login, name: &str, dealer_id: &str) -> Self {
        let dealer_id = Some(dealer_id.to_owned());
        Self { dealer_id, ..Self::of_brand(account, name, Role::DealerOwner) }
    }

    pub(crate) fn account(&self) -> Login {
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
pub(crate) async fn register(
    operator: &Session,
    people: impl Iterator<Item = &Person>,
) -> anyhow::Result<()> {
    for person in people {
        let request = person.registration()?;
        once(&format!("registering {}", person.login), async || {
            IdentityServiceClient::new(operator.wire()).register_user(request.clone()).await
        })
        .await?;
    }
    Ok(())
}
