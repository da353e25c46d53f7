//! What is known of identity providers, and how one tells who somebody is: OpenID Connect with an
//! authorisation code and PKCE.

pub(crate) mod flows;
pub(crate) mod identities;
mod refusal;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use kernel::clock;
use kernel::outbound::{CallError, Outbound};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    SignatureVerificationError, TokenResponse as _,
};
use tokio::time::Instant;

pub(crate) use refusal::OidcError;

use crate::identity_provider::Provider;

/// How long a provider may take for one answer: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long what a provider tells of itself is taken for true.
const FRESH: Duration = Duration::from_secs(3_600);
/// How soon a provider may be asked for its keys again, when a token names one that nobody knows.
const AGAIN: Duration = Duration::from_secs(10);
/// Providers remembered at most.
const REMEMBERED: usize = 1_000;
/// How long ago an ID token may have been made: it comes straight from the provider.
const OLDEST: TimeDelta = TimeDelta::minutes(10);
/// How far the clocks of two machines may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// By what an ID token may be signed: with a key that only the provider has. No `none`, and nothing
/// for which a secret that both have is enough.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider as a tenant has it, with its secret.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) provider: Provider,
    pub(crate) secret: Option<String>,
}

/// What a visit to the provider begins with.
pub(crate) struct Departure {
    /// Where the browser goes.
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    /// The PKCE verifier.
    pub(crate) verifier: String,
}

/// Somebody at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Somebody {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

/// What providers tell of themselves.
#[derive(Clone)]
pub(crate) struct Providers {
    outbound: Outbound,
    known: Arc<Mutex<HashMap<String, Slot>>>,
}

/// One at a time asks a provider; others wait for its answer.
type Slot = Arc<tokio::sync::Mutex<Option<Known>>>;

#[derive(Clone)]
struct Known {
    metadata: CoreProviderMetadata,
    at: Instant,
}

impl Providers {
    /// Providers that these calls reach.
    pub(crate) fn new(outbound: Outbound) -> Self {
        Self { outbound: outbound.within(PATIENCE), known: Arc::default() }
    }

    /// Whether a provider is there and tells of itself what is needed.
    pub(crate) async fn check(&self, issuer: &str) -> Result<(), OidcError> {
        self.metadata(issuer, Duration::ZERO).await.map(drop)
    }

    /// Begins a visit.
    pub(crate) async fn depart(&self, party: &Party) -> Result<Departure, OidcError> {
        let client = client(party, self.metadata(&party.provider.issuer, FRESH).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let asked = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let (url, state, nonce) = asked.set_pkce_challenge(challenge).url();
        // The browser goes there: to a page, and not to what a page could be made to do.
        if !matches!(url.scheme(), "https" | "http") {
            return Err(OidcError::Form("it has no page to sign in on".to_owned()));
        }
        Ok(Departure {
            url: url.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Ends a visit: who it was, as the provider says.
    pub(crate) async fn arrive(
        &self,
        party: &Party,
        code: String,
        (nonce, verifier): (String, String),
    ) -> Result<Somebody, OidcError> {
        let issuer = &party.provider.issuer;
        let told = client(party, self.metadata(issuer, FRESH).await?)?;
        let answer = self.exchange(&told, code, verifier).await?;
        let nonce = Nonce::new(nonce);
        match who(&told, &answer, &nonce) {
            // The provider may have another key since it was asked.
            Err(OidcError::Token(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            ))) => {
                let told = client(party, self.metadata(issuer, AGAIN).await?)?;
                who(&told, &answer, &nonce)
            }
            other => other,
        }
    }

    async fn exchange(
        &self,
        client: &Client,
        code: String,
        verifier: String,
    ) -> Result<CoreTokenResponse, OidcError> {
        let request = client.exchange_code(AuthorizationCode::new(code));
        let request =
            request.map_err(|_| OidcError::Form("it has no token endpoint".to_owned()))?;
        let web = self.web();
        let asked = request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&web);
        asked.await.map_err(|error| match error {
            RequestTokenError::ServerResponse(no) => OidcError::Code(no.error().to_string()),
            RequestTokenError::Request(error) => OidcError::Away(error),
            RequestTokenError::Parse(error, _) => OidcError::Form(error.to_string()),
            RequestTokenError::Other(error) => OidcError::Form(error),
        })
    }

    /// What a provider tells of itself, not older than this.
    async fn metadata(
        &self,
        issuer: &str,
        oldest: Duration,
    ) -> Result<CoreProviderMetadata, OidcError> {
        let slot = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.entry(issuer.to_owned()).or_default().clone()
        };
        let mut known = slot.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.at.elapsed() < oldest) {
            return Ok(known.metadata.clone());
        }
        let url = IssuerUrl::new(issuer.to_owned());
        let url = url.map_err(|error| OidcError::Form(error.to_string()))?;
        let web = self.web();
        let metadata = CoreProviderMetadata::discover_async(url, &web).await.map_err(discovery)?;
        *known = Some(Known { metadata: metadata.clone(), at: Instant::now() });
        Ok(metadata)
    }

    fn web(&self) -> impl Fn(HttpRequest) -> Asked {
        let outbound = self.outbound.clone();
        move |request| {
            let outbound = outbound.clone();
            Box::pin(async move { outbound.ask(request).await })
        }
    }
}

type Asked =
    std::pin::Pin<Box<dyn Future<Output = Result<openidconnect::HttpResponse, CallError>> + Send>>;

fn discovery(error: DiscoveryError<CallError>) -> OidcError {
    if let DiscoveryError::Request(error) = error {
        return OidcError::Away(error);
    }
    OidcError::Form(kernel::failure::chain(&error))
}

fn client(party: &Party, metadata: CoreProviderMetadata) -> Result<Client, OidcError> {
    let Provider { client_id, redirect_uri, .. } = &party.provider;
    let methods = metadata.token_endpoint_auth_methods_supported().cloned().unwrap_or_default();
    let by_header =
        methods.is_empty() || methods.contains(&CoreClientAuthMethod::ClientSecretBasic);
    let redirect = RedirectUrl::new(redirect_uri.clone());
    let redirect = redirect.map_err(|error| OidcError::Form(error.to_string()))?;
    let secret = party.secret.clone().map(ClientSecret::new);
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(client_id.clone()), secret);
    let auth = if by_header { AuthType::BasicAuth } else { AuthType::RequestBody };
    Ok(client.set_redirect_uri(redirect).set_auth_type(auth))
}

/// Whom an ID token is about, once all of it was looked at: signature, issuer, audience and
/// authorised party, times, nonce.
fn who(client: &Client, answer: &CoreTokenResponse, nonce: &Nonce) -> Result<Somebody, OidcError> {
    let token = answer.id_token();
    let token = token.ok_or_else(|| OidcError::Form("it sent no ID token".to_owned()))?;
    let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
    let verifier = verifier
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(clock::now)
        .set_issue_time_verifier_fn(|made| {
            let age = clock::now() - made;
            if age > OLDEST || age < -LEEWAY {
                Err("made at another time".to_owned())
            } else {
                Ok(())
            }
        });
    let claims = token.claims(&verifier, nonce).map_err(OidcError::Token)?;
    let (issuer, subject) = (claims.issuer().to_string(), claims.subject().to_string());
    if subject.is_empty() || subject.len() > 255 {
        return Err(OidcError::Form("its subject is empty or too long".to_owned()));
    }
    Ok(Somebody { issuer, subject })
}
