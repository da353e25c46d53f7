//! Letting in people whom an identity provider knows.

use kernel::clock;
use kernel::failure::{read_failed, refused, unavailable};
use proto::partner::v1 as pb;
use tonic::Status;
use values::TenantId;

use crate::identity_provider::{IdentityProvider, IdentityProviderRefusal, PROVIDER, Provider};
use crate::oidc::flows::{Purpose, Return};
use crate::oidc::{OidcError, Party, Somebody};
use crate::secrets::Holder;
use crate::sign_in::Reception;

impl Reception {
    /// A tenant's provider, and how many facts there are of it. Texts that can not be ids are
    /// nobody's, as unknown ones are.
    pub(crate) async fn provider(&self, tenant: &str) -> Result<Option<(Provider, u64)>, Status> {
        if tenant.parse::<TenantId>().is_err() {
            return Ok(None);
        }
        let loaded = self.people.log.load::<IdentityProvider>(tenant, PROVIDER).await;
        Ok(match loaded.map_err(|error| read_failed(&error))? {
            (IdentityProvider::Configured(provider), version) => Some((provider, version)),
            (IdentityProvider::None | IdentityProvider::Removed, _) => None,
        })
    }

    /// The same with its secret.
    pub(crate) async fn party(&self, tenant: &str) -> Result<Party, Status> {
        let provider = self.provider(tenant).await?;
        let (provider, _) =
            provider.ok_or_else(|| refused(&IdentityProviderRefusal::NoProvider))?;
        let secret = match provider.secret_id {
            Some(id) => {
                let mut kept = self.people.secrets.of((tenant, Holder::Provider), &[id]).await?;
                kept.pop().map(|(_, secret)| secret)
            }
            None => None,
        };
        Ok(Party { provider, secret })
    }

    /// Ends a visit: its tenant, what it was about, and who came. It is taken before anything is
    /// asked, so it is over whatever comes of it.
    pub(crate) async fn arrive(
        &self,
        purpose: Purpose,
        back: pb::FinishedFlow,
    ) -> Result<(String, String, Somebody), Status> {
        let pb::FinishedFlow { state, code, issuer, flow_secret } = back;
        let back = Return { purpose, state: &state, flow_secret: &flow_secret };
        let flow = self.people.flows.take(&back, clock::now()).await;
        let flow = flow.map_err(|error| unavailable(&error))?.ok_or(OidcError::NoFlow)?;
        let party = self.party(&flow.tenant).await?;
        // Another provider may have been configured meanwhile, or have answered in its place.
        let asked = party.provider.issuer == flow.issuer;
        if !asked || (!issuer.is_empty() && issuer != flow.issuer) {
            return Err(OidcError::OtherIssuer.into());
        }
        let arrived = self.providers.arrive(&party, code, (flow.nonce, flow.verifier)).await?;
        Ok((flow.tenant, flow.about, arrived))
    }
}
