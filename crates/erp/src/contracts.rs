//! The contracts of brands, from a file: its secrets are in no log, no database and no event.
//!
//! ```toml
//! [[contracts]]
//! tenant = "demo"
//! system = "kingdee"
//! base_url = "https://example.ik3cloud.com/k3cloud"
//! acct_id = "6512a3bc4fb2cc"
//! user = "channel"
//! app_id = "204399_…"
//! app_secret = "…"
//! org = "100"
//! # … see `erp::Contract`
//! ```

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::outbound::Outbound;
use serde::{Deserialize, Serialize};
use values::TenantId;

use crate::client::Client;
use crate::contract::{Contract, ContractError};

/// The file as it is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractFile {
    /// The contracts: one for a tenant, at most. What two systems should know is handed on by one
    /// of them.
    pub contracts: Vec<TenantContract>,
}

/// A contract of one tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantContract {
    /// Whose it is.
    pub tenant: String,
    /// What it says.
    #[serde(flatten)]
    pub contract: Contract,
}

/// Why contracts can not be used. It tells nothing of what is secret in them.
#[derive(Debug, thiserror::Error)]
pub enum ContractsError {
    /// The file can not be read.
    #[error("the contracts' file {0} can not be read")]
    Read(PathBuf, #[source] std::io::Error),
    /// It is not as it should be. What the parser says may quote a secret.
    #[error("the contracts' file {file} is not TOML as `erp::contracts` has it, {place}")]
    Form {
        /// Which.
        file: PathBuf,
        /// Where in it.
        place: String,
    },
    /// A tenant's name is none.
    #[error("{0} is no id of a tenant")]
    Tenant(String),
    /// A tenant has two.
    #[error("tenant {0} has two contracts")]
    Twice(String),
    /// Two tenants have the same books: numbers of their documents would meet there.
    #[error("two tenants have the same books of {0}")]
    Shared(&'static str),
    /// One can not be used.
    #[error("the contract with {system} of tenant {tenant} can not be used")]
    Contract {
        /// Whose.
        tenant: String,
        /// With which system.
        system: &'static str,
        /// What is wrong.
        #[source]
        source: ContractError,
    },
}

/// Those who can be asked, by tenant.
#[derive(Clone, Default)]
pub struct Contracts {
    clients: Arc<HashMap<String, Client>>,
    trial: Option<Arc<Client>>,
}

impl Contracts {
    /// Reads a file; nobody can be asked without one, nor when it is not there (yet).
    ///
    /// # Errors
    /// See [`ContractsError`].
    pub fn read(file: Option<&Path>, outbound: &Outbound) -> Result<Self, ContractsError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                tracing::warn!(file = %file.display(), "there are no contracts; no books are told");
                return Ok(Self::default());
            }
            Err(error) => return Err(ContractsError::Read(file.to_owned(), error)),
        };
        let parsed = toml::from_str(&text).map_err(|error| ContractsError::Form {
            file: file.to_owned(),
            place: place(&text, &error),
        })?;
        Self::of(parsed, outbound)
    }

    /// Those of a file that was read.
    ///
    /// # Errors
    /// See [`ContractsError`].
    pub fn of(file: ContractFile, outbound: &Outbound) -> Result<Self, ContractsError> {
        let mut clients = HashMap::new();
        let mut known = HashSet::new();
        for TenantContract { tenant, contract } in file.contracts {
            let id: Result<TenantId, _> = tenant.parse();
            id.map_err(|_| ContractsError::Tenant(tenant.clone()))?;
            let system = contract.system().en();
            let (address, books) = contract.books();
            let address = address.trim_end_matches('/').to_ascii_lowercase();
            if !known.insert((address, books.to_owned())) {
                return Err(ContractsError::Shared(system));
            }
            let client = Client::new(contract, outbound.clone());
            let client = client.map_err(|source| ContractsError::Contract {
                tenant: tenant.clone(),
                system,
                source,
            })?;
            if clients.insert(tenant.clone(), client).is_some() {
                return Err(ContractsError::Twice(tenant));
            }
        }
        Ok(Self { clients: Arc::new(clients), trial: None })
    }

    /// A contract that counts for every tenant, with a simulator: nobody's books are told.
    ///
    /// # Errors
    /// See [`ContractError`].
    pub fn trial(contract: Contract, outbound: &Outbound) -> Result<Self, ContractError> {
        let client = Client::new(contract, outbound.clone())?;
        Ok(Self { clients: Arc::default(), trial: Some(Arc::new(client)) })
    }

    /// Who is asked for a tenant.
    pub fn client(&self, tenant: &str) -> Option<&Client> {
        self.clients.get(tenant).or(self.trial.as_deref())
    }
}

/// Where in a text a fault is, without the text itself.
fn place(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
    line.map_or_else(String::new, |line| format!("line {line}"))
}
