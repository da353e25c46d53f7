//! Calls to addresses that somebody outside has named: webhooks, identity providers, and whatever
//! else a tenant may give an address for. Such an address must not lead to what only this machine or
//! its network can reach, unless the installation says that it may.
//!
//! A name is resolved once for each call, every address that it has is looked at, and the connection
//! goes to one of those that were: there is no second look-up that could say something else.
//! Redirects are answers like others, and proxies of the environment are not used.
//!
//! Read in this order: [`Target`] (what may be named), [`is_public`] (which addresses may be
//! reached), then this file (the call); [`Secret`] and [`is_base_address`] are for whoever configures
//! such a place.

mod account;
mod public;
mod target;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub use account::{Secret, is_base_address};
pub use public::is_public;
pub use target::{BadTarget, Target};

use crate::failure::chain;

/// Longest call, from the look-up of the name to the last byte of the answer.
pub const LIMIT: Duration = Duration::from_secs(15);
/// Longest wait for a connection to one address.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for the body of an answer.
const BODY: Duration = Duration::from_secs(3);
/// Addresses of a name that are tried.
const ADDRESSES: usize = 3;
/// Bytes of an answer's body that are read when the status is what matters.
pub const ANSWER: usize = 16 << 10;
/// Bytes of an answer's body when it is wanted whole.
pub const WHOLE: usize = 512 << 10;
/// Bytes of an answer's head that are read.
const HEAD: usize = 64 << 10;

/// Which addresses a process may call that others have named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those that everybody can reach, by https.
    #[default]
    Public,
    /// Also those of private networks, and this machine itself without TLS too.
    Private,
}

impl Reach {
    /// Whether a connection to this address may be made, by TLS or without.
    fn holds(self, address: IpAddr, is_secure: bool) -> bool {
        match self {
            Self::Public => is_secure && is_public(address),
            Self::Private => is_secure || address.to_canonical().is_loopback(),
        }
    }
}

/// How names become addresses.
pub trait Resolve: Send + Sync {
    /// All addresses of a name.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;
}

/// Addresses to come.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// The resolver of the machine.
struct OfTheSystem;

impl Resolve for OfTheSystem {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// What makes calls.
#[derive(Clone)]
pub struct Outbound {
    reach: Reach,
    resolver: Arc<dyn Resolve>,
    tls: TlsConnector,
    limit: Duration,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// After how many seconds to come again, where the answer says so.
    pub retry_after: Option<Duration>,
    /// The beginning of the body, of [`ANSWER`] bytes at most.
    pub body: String,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The name has no address.
    #[error("the name {0} has no address")]
    Name(String, #[source] std::io::Error),
    /// The name leads to where it may not.
    #[error("{name} leads to {address}, which may not be called")]
    Address {
        /// The name.
        name: String,
        /// The first of its addresses that is not.
        address: IpAddr,
    },
    /// Nobody took the connection.
    #[error("no connection to {0}")]
    Connect(SocketAddr, #[source] std::io::Error),
    /// Who took it could not show that it is the one named.
    #[error("no TLS with {0}")]
    Tls(String, #[source] std::io::Error),
    /// What came back is no HTTP.
    #[error("the answer is no HTTP")]
    Protocol(#[from] hyper::Error),
    /// It is longer than whoever wants all of it takes.
    #[error("the answer has more than {0} bytes")]
    TooLong(usize),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs())]
    TimeOut(Duration),
    /// The address may not be called.
    #[error(transparent)]
    Target(#[from] BadTarget),
}

impl CallError {
    /// Its kind, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Name(..) => "name",
            Self::Address { .. } | Self::Target(_) => "address",
            Self::Connect(..) => "connect",
            Self::Tls(..) => "tls",
            Self::Protocol(_) | Self::TooLong(_) => "protocol",
            Self::TimeOut(_) => "timeout",
        }
    }
}

/// The authorities that TLS believes can not be used.
#[derive(Debug, thiserror::Error)]
#[error("the authorities for calls to the outside can not be used")]
pub struct RootsError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Outbound {
    /// Calls that reach so far. Besides the authorities of the web, those of a PEM text are
    /// believed.
    ///
    /// # Errors
    /// When the text holds no certificate.
    pub fn new(reach: Reach, authorities: Option<&[u8]>) -> Result<Self, RootsError> {
        let bad = |error: Box<dyn std::error::Error + Send + Sync>| RootsError(error);
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in CertificateDer::pem_slice_iter(authorities.unwrap_or_default()) {
            let certificate = certificate.map_err(|error| bad(Box::new(error)))?;
            roots.add(certificate).map_err(|error| bad(Box::new(error)))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(Box::new(error)))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = TlsConnector::from(Arc::new(config));
        Ok(Self { reach, resolver: Arc::new(OfTheSystem), tls, limit: LIMIT })
    }

    /// The same with another resolver: for tests of what names may lead to.
    #[must_use]
    pub fn resolving_by(self, resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver, ..self }
    }

    /// The same with another longest call.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// How far its calls reach.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Posts a JSON text to an address, with more headers. Any status is an answer, and of its body
    /// only the beginning is wanted.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn post(
        &self,
        address: &str,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: String,
    ) -> Result<Answer, CallError> {
        let target = Target::parse(address, self.reach)?;
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = http::Method::POST;
        let own = request.headers_mut();
        own.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        own.extend(headers.into_iter().map(|(name, value)| (Some(name), value)));
        let answer = self.timed(&target, request, Wanted::Beginning).await?;
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(seconds);
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        Ok(Answer { status: answer.status().as_u16(), retry_after, body })
    }

    /// Sends a request to the address in it, with the method and the headers that it has. Any status
    /// is an answer; all of its body is wanted, of [`WHOLE`] bytes at most.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn ask(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let target = Target::parse(&request.uri().to_string(), self.reach)?;
        let request = request.map(|body| Full::new(Bytes::from(body)));
        self.timed(&target, request, Wanted::Whole).await
    }

    async fn timed(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
        wanted: Wanted,
    ) -> Result<Response<Vec<u8>>, CallError> {
        let call = self.call(target, addressed(target, request), wanted);
        let answer = tokio::time::timeout(self.limit, call).await;
        answer.unwrap_or(Err(CallError::TimeOut(self.limit)))
    }

    async fn call(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
        wanted: Wanted,
    ) -> Result<Response<Vec<u8>>, CallError> {
        let addresses = self.addresses(target).await?;
        let stream = connect(&addresses).await?;
        if !target.is_secure() {
            return exchange(stream, request, wanted).await;
        }
        let host = target.host();
        let failed = |error| CallError::Tls(host.to_owned(), error);
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| failed(std::io::Error::other(error)))?;
        let stream = self.tls.connect(name, stream).await.map_err(failed)?;
        exchange(stream, request, wanted).await
    }

    /// Where a target is, when all of it may be reached.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, CallError> {
        let name = target.host();
        let found = match target.literal() {
            Some(address) => vec![address],
            None => {
                let found = self.resolver.resolve(name).await;
                found.map_err(|error| CallError::Name(name.to_owned(), error))?
            }
        };
        if found.is_empty() {
            let error = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(CallError::Name(name.to_owned(), error));
        }
        let closed = found.iter().find(|it| !self.reach.holds(**it, target.is_secure()));
        if let Some(address) = closed {
            return Err(CallError::Address { name: name.to_owned(), address: *address });
        }
        let port = target.port();
        Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, CallError> {
    let mut last = None;
    for address in addresses.iter().take(ADDRESSES) {
        let connected = tokio::time::timeout(CONNECT, TcpStream::connect(address)).await;
        match connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(CallError::Connect(*address, error)),
        }
    }
    Err(last.unwrap_or(CallError::TimeOut(CONNECT)))
}

/// How much of an answer's body is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    /// What comes of it in a moment: the status has said what matters.
    Beginning,
    /// All, or nothing.
    Whole,
}

/// The request as it is sent: its host and its path are those of the target.
fn addressed(target: &Target, mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    *request.uri_mut() = target.path();
    *request.version_mut() = http::Version::HTTP_11;
    let own = request.headers_mut();
    own.insert(HOST, target.authority());
    own.insert(USER_AGENT, HeaderValue::from_static(concat!("qudao/", env!("CARGO_PKG_VERSION"))));
    request
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    wanted: Wanted,
) -> Result<Response<Vec<u8>>, CallError> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    // It ends with the call: nothing is left open for who answers slowly.
    let exchanged = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = match wanted {
            Wanted::Beginning => beginning(body).await,
            Wanted::Whole => whole(body).await?,
        };
        Ok(Response::from_parts(head, body))
    };
    tokio::pin!(exchanged, connection);
    tokio::select! {
        answer = &mut exchanged => answer,
        // It may end when its last byte was read, and before that byte was looked at.
        ended = &mut connection => match (exchanged.await, ended) {
            (Err(CallError::Protocol(_)), Err(error)) => Err(error.into()),
            (answer, _) => answer,
        },
    }
}

/// Seconds, or a date in HTTP's form from which they follow.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    (until.to_utc() - crate::clock::now()).to_std().ok()
}

/// The beginning of a body: what stops in between, or never ends, is told as far as it came.
async fn beginning(mut body: Incoming) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < ANSWER {
            match body.frame().await {
                Some(Ok(frame)) => {
                    bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
                }
                Some(Err(error)) => {
                    tracing::debug!(error = %chain(&error), "an answer stopped");
                    break;
                }
                None => break,
            }
        }
    };
    if tokio::time::timeout(BODY, read).await.is_err() {
        tracing::debug!("an answer did not end");
    }
    bytes.truncate(ANSWER);
    bytes
}

/// All of a body; the call's own time is its limit.
async fn whole(mut body: Incoming) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        if bytes.len() + data.len() > WHOLE {
            return Err(CallError::TooLong(WHOLE));
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
