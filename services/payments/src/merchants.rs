//! The contracts of brands with providers, from a file: its secrets are in no log, no database and
//! no event.
//!
//! ```toml
//! public_url = "https://orders.example.com"
//!
//! [[merchants]]
//! tenant = "demo"
//! provider = "wechat_pay"
//! mch_id = "1900000001"
//! # … see `psp::Merchant`
//! ```

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::outbound::{Outbound, Target};
use psp::{Client, Merchant, MerchantError, Provider};
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use values::TenantId;

/// The file as it is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MerchantFile {
    /// Where the gateway is reached from the outside: providers send their notices there.
    pub public_url: String,
    /// The contracts: one of each provider for a tenant, at most.
    pub merchants: Vec<TenantMerchant>,
}

/// A contract of one tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TenantMerchant {
    /// Whose it is.
    pub tenant: String,
    /// What it says.
    #[serde(flatten)]
    pub merchant: Merchant,
}

/// Why contracts can not be used. It tells nothing of what is secret in them.
#[derive(Debug, thiserror::Error)]
pub enum MerchantsError {
    /// The file can not be read.
    #[error("the merchants' file {0} can not be read")]
    Read(PathBuf, #[source] std::io::Error),
    /// It is not as it should be. What the parser says may quote a secret.
    #[error("the merchants' file {file} is not TOML as docs/operating.md has it, {place}")]
    Form {
        /// Which.
        file: PathBuf,
        /// Where in it.
        place: String,
    },
    /// The address for notices is none.
    #[error("public_url is no address like https://orders.example.com")]
    Address,
    /// A tenant's name is none.
    #[error("{0} is no id of a tenant")]
    Tenant(String),
    /// A tenant has two of one kind.
    #[error("tenant {0} has two merchants of {1}")]
    Twice(String, &'static str),
    /// Two tenants have one merchant: their payments would meet at the provider.
    #[error("two tenants have the same merchant of {0}, {1}")]
    Shared(&'static str, String),
    /// One can not be used.
    #[error("the merchant of {provider} of tenant {tenant} can not be used")]
    Merchant {
        /// Whose.
        tenant: String,
        /// With whom.
        provider: &'static str,
        /// What is wrong.
        #[source]
        source: MerchantError,
    },
}

/// Those who can be asked, by tenant and provider.
#[derive(Clone, Default)]
pub struct Merchants {
    clients: Arc<HashMap<(String, Provider), Client>>,
    trial: Arc<HashMap<Provider, Client>>,
    public_url: Arc<str>,
}

impl Merchants {
    /// Reads a file; nobody can be asked without one, nor when it is not there (yet).
    ///
    /// # Errors
    /// See [`MerchantsError`].
    pub fn read(file: Option<&Path>, outbound: &Outbound) -> Result<Self, MerchantsError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                tracing::warn!(file = %file.display(), "there are no merchants; nobody pays online");
                return Ok(Self::default());
            }
            Err(error) => return Err(MerchantsError::Read(file.to_owned(), error)),
        };
        let parsed = toml::from_str(&text).map_err(|error| MerchantsError::Form {
            file: file.to_owned(),
            place: place(&text, &error),
        })?;
        Self::of(parsed, outbound)
    }

    /// Those of a file that was read.
    ///
    /// # Errors
    /// See [`MerchantsError`].
    pub fn of(file: MerchantFile, outbound: &Outbound) -> Result<Self, MerchantsError> {
        let public_url = file.public_url.trim_end_matches('/').to_owned();
        Target::parse(&public_url, outbound.reach()).map_err(|_| MerchantsError::Address)?;
        let mut clients = HashMap::new();
        let mut known_to = HashSet::new();
        for TenantMerchant { tenant, merchant } in file.merchants {
            let known: Result<TenantId, _> = tenant.parse();
            known.map_err(|_| MerchantsError::Tenant(tenant.clone()))?;
            let (provider, id) = (merchant.provider(), merchant.id().to_owned());
            if !known_to.insert((provider, id.clone())) {
                return Err(MerchantsError::Shared(provider.en(), id));
            }
            let client = Client::new(merchant, outbound.clone());
            let client = client.map_err(|source| MerchantsError::Merchant {
                tenant: tenant.clone(),
                provider: provider.en(),
                source,
            })?;
            if clients.insert((tenant.clone(), provider), client).is_some() {
                return Err(MerchantsError::Twice(tenant, provider.en()));
            }
        }
        let clients = Arc::new(clients);
        Ok(Self { clients, trial: Arc::default(), public_url: public_url.into() })
    }

    /// Contracts that count for every tenant, with a simulator: nobody's money moves.
    ///
    /// # Errors
    /// See [`MerchantError`].
    pub fn trial(
        merchants: impl IntoIterator<Item = Merchant>,
        public_url: &str,
        outbound: &Outbound,
    ) -> Result<Self, MerchantError> {
        let client = |merchant: Merchant| {
            Ok((merchant.provider(), Client::new(merchant, outbound.clone())?))
        };
        let trial: Result<_, MerchantError> = merchants.into_iter().map(client).collect();
        Ok(Self { trial: Arc::new(trial?), public_url: public_url.into(), ..Self::default() })
    }

    /// Who is asked for a tenant.
    pub fn client(&self, tenant: &str, provider: Provider) -> Option<&Client> {
        let own = self.clients.get(&(tenant.to_owned(), provider));
        own.or_else(|| self.trial.get(&provider))
    }

    /// The providers that a tenant has.
    pub fn providers(&self, tenant: &str) -> Vec<Provider> {
        let all = Provider::VARIANTS.iter().copied();
        all.filter(|provider| self.client(tenant, *provider).is_some()).collect()
    }

    /// Tenants with contracts of their own, and with whom.
    pub(crate) fn own(&self) -> Vec<(String, Provider)> {
        self.clients.keys().cloned().collect()
    }

    /// Whether contracts count for all tenants: then several share one merchant.
    pub(crate) fn is_trial(&self) -> bool {
        !self.trial.is_empty()
    }

    /// Where a provider sends what it has to tell about a tenant's payments.
    pub fn notify_url(&self, tenant: &str, provider: Provider) -> String {
        format!("{}/payments/notices/{tenant}/{}", self.public_url, provider.as_ref())
    }
}

/// Where in a text a fault is, without the text itself.
fn place(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
    line.map_or_else(String::new, |line| format!("line {line}"))
}
