//! A session with a running system: which server, who asks, and what every call carries.

pub(crate) mod endpoints;
pub(crate) mod failure;
pub(crate) mod money;
pub(crate) mod operator;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod retry;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use kernel::clock;
use proto::partner::v1::identity_service_client::IdentityServiceClient;
use proto::partner::v1::service_account_service_client::ServiceAccountServiceClient;
use proto::partner::v1::{CurrentUser, ExchangeKeyRequest, GetCurrentUserRequest, SignInRequest};
use tokio::time::{Instant, sleep_until};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;

use self::endpoints::Login;

/// Longest that one ordinary call may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// Longest that building the connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Wait before a token that could not be replaced is asked for again.
const AGAIN: Duration = Duration::from_secs(5);
/// So long before its end people are told that a key will expire.
const KEY_WARNING: chrono::TimeDelta = chrono::TimeDelta::days(14);
/// Largest answer accepted where answers can be large, in bytes.
pub(crate) const ANSWER_LIMIT: usize = 64 << 20;

/// The channel of every generated client.
pub(crate) type Wire = InterceptedService<Channel, Attach>;

/// How a session gets its tokens.
#[derive(Clone)]
enum Pass {
    Password(Login),
    /// Of a service account.
    Key(String),
}

/// Where to call and as whom; part of every command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// Server, for example http://127.0.0.1:4600 [default: `grpc` of .local/endpoints.json]
    #[arg(long, env = "QUDAO_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// User name; its password comes from QUDAO_PASSWORD. With QUDAO_KEY a service account acts instead [default: first of `users` of .local/endpoints.json]
    #[arg(long, env = "QUDAO_USER", value_name = "LOGIN")]
    pub(crate) user: Option<String>,
    /// Tenant that the user belongs to
    #[arg(long, env = "QUDAO_TENANT", value_name = "ID")]
    pub(crate) tenant: Option<String>,
}

impl Connection {
    /// Connects and signs in.
    pub(crate) async fn open(&self) -> anyhow::Result<Session> {
        let session = self.connect().await?;
        match env("QUDAO_TOKEN") {
            Some(token) => session.with_token(&token),
            None => {
                let key = env("QUDAO_KEY").map(Pass::Key);
                let pass = key.map_or_else(|| self.login().map(Pass::Password), Ok)?;
                session.enter(pass).await
            }
        }
    }

    /// Connects without saying who we are.
    pub(crate) async fn connect(&self) -> anyhow::Result<Session> {
        let server = match &self.server {
            Some(server) => server.clone(),
            None => endpoints::find()?.grpc,
        };
        let url = if server.contains("://") { server } else { format!("http://{server}") };
        let mut endpoint = Endpoint::from_shared(url.clone())
            .with_context(|| format!("{url} is not a server address"))?;
        if url.starts_with("https:") {
            endpoint = endpoint.tls_config(believed()?)?;
        }
        let channel = endpoint
            .connect_timeout(CONNECT)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10))
            .connect()
            .await
            .map_err(|_| failure::no_server(&url))?;
        Ok(Session { channel, attach: Attach::anonymous() })
    }

    fn login(&self) -> anyhow::Result<Login> {
        let known = || endpoints::find().map(|found| found.users).unwrap_or_default();
        endpoints::choose(
            self.user.as_deref(),
            self.tenant.as_deref(),
            env("QUDAO_PASSWORD").as_deref(),
            known,
        )
    }
}

/// Whose certificates a server may show: those of an authority of one's own, else of the public
/// ones.
fn believed() -> anyhow::Result<ClientTlsConfig> {
    let Some(file) = env("QUDAO_CA") else {
        return Ok(ClientTlsConfig::new().with_enabled_roots());
    };
    let pem = std::fs::read(&file).with_context(|| format!("{file} can not be read"))?;
    Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
}

/// An environment variable that says something.
pub(crate) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A connection on which calls can be made.
#[derive(Clone)]
pub(crate) struct Session {
    channel: Channel,
    attach: Attach,
}

/// What is added to each call.
#[derive(Clone)]
pub(crate) struct Attach {
    /// Shared by all copies of a session, since a token is replaced before it ends.
    authorization: Authorization,
    deadline: Option<Duration>,
    /// One trace for all calls, or a new one for each.
    trace: Option<Uuid>,
}

/// The header of whoever is signed in now.
type Authorization = Arc<Mutex<Option<MetadataValue<Ascii>>>>;

impl Attach {
    fn anonymous() -> Self {
        Self { authorization: Authorization::default(), deadline: Some(DEADLINE), trace: None }
    }
}

impl Interceptor for Attach {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline);
        }
        let metadata = request.metadata_mut();
        let authorization = self.authorization.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(authorization) = &*authorization {
            metadata.insert("authorization", authorization.clone());
        }
        drop(authorization);
        metadata.insert("accept-language", MetadataValue::from_static(failure::locale()));
        let trace = self.trace.unwrap_or_else(Uuid::new_v4);
        if let Ok(parent) = traceparent(trace, Uuid::new_v4()).parse() {
            metadata.insert("traceparent", parent);
        }
        Ok(request)
    }
}

/// W3C Trace Context, sampled; the span id is the first half of `span`.
fn traceparent(trace: Uuid, span: Uuid) -> String {
    format!("00-{}-{:016x}-01", trace.simple(), span.as_u64_pair().0)
}

impl Session {
    /// What the generated clients are made on, for example `OrderServiceClient::new(session.wire())`.
    pub(crate) fn wire(&self) -> Wire {
        InterceptedService::new(self.channel.clone(), self.attach.clone())
    }

    /// All calls from here on belong to one trace, which an error message names.
    pub(crate) fn one_trace(mut self) -> Self {
        let trace = Uuid::new_v4();
        failure::remember_trace(trace);
        self.attach.trace = Some(trace);
        self
    }

    /// Another deadline; none for streams that are meant to stay open, which keep-alive watches.
    pub(crate) fn with_deadline(mut self, deadline: Option<Duration>) -> Self {
        self.attach.deadline = deadline;
        self
    }

    pub(crate) fn with_token(mut self, token: &str) -> anyhow::Result<Self> {
        self.attach.authorization = Arc::new(Mutex::new(Some(header(token)?)));
        Ok(self)
    }

    /// Signs in with a password; see [`Session::enter`].
    pub(crate) async fn sign_in(self, login: &Login) -> anyhow::Result<Self> {
        self.enter(Pass::Password(login.clone())).await
    }

    /// The same for a program, with its key.
    pub(crate) async fn exchange_key(self, key: String) -> anyhow::Result<Self> {
        self.enter(Pass::Key(key)).await
    }

    /// Gets in, and again before each token ends: an import may run for longer than one is good.
    async fn enter(self, pass: Pass) -> anyhow::Result<Self> {
        let (token, renew_at) = self.token(&pass).await?;
        let session = self.with_token(&token)?;
        tokio::spawn(stay_signed_in(session.clone(), pass, renew_at));
        Ok(session)
    }

    /// A token, and when it is time for the next.
    async fn token(&self, pass: &Pass) -> anyhow::Result<(String, Instant)> {
        let asked = Instant::now();
        let (token, ends) = match pass {
            Pass::Password(login) => self.by_password(login).await?,
            Pass::Key(key) => self.by_key(key).await?,
        };
        let ends = chrono::DateTime::parse_from_rfc3339(&ends)?;
        // The server's clock may be another: what counts is how long the token is good.
        let valid = (ends.to_utc() - clock::now()).to_std().unwrap_or_default();
        Ok((token, asked + valid * 4 / 5))
    }

    async fn by_key(&self, key: &str) -> anyhow::Result<(String, String)> {
        let request = ExchangeKeyRequest { key: key.to_owned() };
        let answer = ServiceAccountServiceClient::new(self.wire()).exchange_key(request).await?;
        let answer = answer.into_inner();
        warn_of_the_end(&answer.key_expires_at)?;
        Ok((answer.token, answer.expires_at))
    }

    async fn by_password(&self, login: &Login) -> anyhow::Result<(String, String)> {
        let request = SignInRequest {
            tenant_id: login.tenant.clone(),
            login: login.login.clone(),
            password: login.password.clone(),
            without_refresh: true,
        };
        let answer = IdentityServiceClient::new(self.wire()).sign_in(request).await?.into_inner();
        Ok((answer.token, answer.expires_at))
    }

    /// Who the server takes us for.
    pub(crate) async fn user(&self) -> anyhow::Result<CurrentUser> {
        IdentityServiceClient::new(self.wire())
            .get_current_user(GetCurrentUserRequest {})
            .await?
            .into_inner()
            .user
            .context("the server does not say who is signed in")
    }
}

/// Tells once that the key will not be good for much longer.
fn warn_of_the_end(expires_at: &str) -> anyhow::Result<()> {
    static TOLD: std::sync::Once = std::sync::Once::new();
    let left = chrono::DateTime::parse_from_rfc3339(expires_at)?.to_utc() - clock::now();
    if left <= KEY_WARNING {
        let days = left.num_days();
        TOLD.call_once(|| eprintln!("warning: QUDAO_KEY expires in {days} days; issue another"));
    }
    Ok(())
}

fn header(token: &str) -> anyhow::Result<MetadataValue<Ascii>> {
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.trim())
        .parse()
        .context("the token has characters that no token has")?;
    value.set_sensitive(true);
    Ok(value)
}

/// Replaces the token of a session before it ends, until the program does.
async fn stay_signed_in(session: Session, pass: Pass, mut renew_at: Instant) {
    loop {
        sleep_until(renew_at).await;
        match session.token(&pass).await.and_then(|(token, at)| Ok((header(&token)?, at))) {
            Ok((header, at)) => {
                let authorization = &session.attach.authorization;
                *authorization.lock().unwrap_or_else(PoisonError::into_inner) = Some(header);
                renew_at = at;
            }
            // The token at hand is good for a while yet.
            Err(_) => renew_at = Instant::now() + AGAIN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_has_the_shape_of_the_standard() {
        let parent = traceparent(Uuid::from_u128(0xab), Uuid::from_u128(1 << 64));

        assert_eq!(parent, format!("00-{:032x}-{:016x}-01", 0xab, 1));
    }
}
