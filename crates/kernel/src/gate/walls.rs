//! The gate's walls by name. They all stand, always; only a build for simulations can make a gate
//! without one of them, to see that the attacks which it holds off then get through.

use http::HeaderMap;

use crate::auth::Caller;

/// What keeps callers from what is not theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// Tokens are ours, and in force.
    Tokens,
    /// Callers have a role that may do it.
    Roles,
    /// What only people may do, no program does.
    Persons,
    /// Fields are as the contract says.
    Fields,
    /// Callers name their own tenant and company only.
    Names,
    /// The tenant comes from the token alone.
    Tenant,
    /// What a tenant has turned off is not called.
    Modules,
    /// Who has to change their password does so first.
    Password,
}

/// Which of them stand.
#[derive(Default)]
pub(super) struct Walls {
    #[cfg(feature = "simulation")]
    down: Option<Wall>,
}

impl Walls {
    #[cfg(feature = "simulation")]
    pub(super) fn without(wall: Wall) -> Self {
        Self { down: Some(wall) }
    }

    #[cfg(feature = "simulation")]
    pub(super) fn stands(&self, wall: Wall) -> bool {
        self.down != Some(wall)
    }

    #[cfg(not(feature = "simulation"))]
    pub(super) const fn stands(&self, _: Wall) -> bool {
        true
    }
}

/// Whom a token names, whoever made it.
#[cfg(feature = "simulation")]
pub(super) fn believed(token: &str) -> Option<Caller> {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(not(feature = "simulation"))]
pub(super) fn believed(_: &str) -> Option<Caller> {
    None
}

/// The caller, of the tenant that a header claims.
#[cfg(feature = "simulation")]
pub(super) fn claimed(mut caller: Caller, headers: &HeaderMap) -> Caller {
    if let Some(tenant) = headers.get("x-tenant-id").and_then(|told| told.to_str().ok()) {
        tenant.clone_into(&mut caller.tenant);
    }
    caller
}

#[cfg(not(feature = "simulation"))]
pub(super) fn claimed(caller: Caller, _: &HeaderMap) -> Caller {
    caller
}
