//! Calls to identity providers. Their addresses come from people, so nothing is asked that is not
//! out in the open: https only, no address of a private network, no redirect, within limits of time
//! and size. An installation may allow its own networks, and plain http on its own machine.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use kernel::outbound::is_public;
use openidconnect::{HttpRequest, HttpResponse};
use tower::Service;

/// How long a provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(4);
/// Bytes of an answer.
const MOST: usize = 512 << 10;

/// Where an installation may look for identity providers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surroundings {
    /// In the open only.
    #[default]
    Public,
    /// Also in private networks, and without TLS on this machine.
    Private,
}

/// Why a provider was not asked, or has not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    /// The address is not one that may be asked.
    #[error("the address may not be asked: https, and no private network")]
    Forbidden,
    /// There was no answer, or a wrong one.
    #[error("the server did not answer")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("the server took longer than {} seconds", PATIENCE.as_secs())]
    TooLate,
}

type Web = Client<HttpsConnector<HttpConnector<Resolver>>, Full<bytes::Bytes>>;

/// What calls providers.
#[derive(Clone)]
pub(crate) struct Outbound {
    web: Web,
    surroundings: Surroundings,
}

impl Outbound {
    /// Calls within these surroundings.
    ///
    /// # Errors
    /// When the machine has no certificates of authorities.
    pub(crate) fn new(surroundings: Surroundings) -> std::io::Result<Self> {
        let mut plain = HttpConnector::new_with_resolver(Resolver(surroundings));
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(CONNECT));
        // Whether plain http may be is asked for each address.
        let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http();
        let connector = connector.enable_http1().wrap_connector(plain);
        let web = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { web, surroundings })
    }

    /// Asks once.
    pub(crate) async fn ask(self, request: HttpRequest) -> Result<HttpResponse, OutboundError> {
        if !self.surroundings.allow(request.uri()) {
            return Err(OutboundError::Forbidden);
        }
        let asked = async {
            let request = request.map(|body| Full::new(bytes::Bytes::from(body)));
            let answer = self.web.request(request).await.map_err(failed)?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, MOST).collect().await;
            let body = body.map_err(OutboundError::Failed)?.to_bytes().to_vec();
            Ok(HttpResponse::from_parts(head, body))
        };
        tokio::time::timeout(PATIENCE, asked).await.map_err(|_| OutboundError::TooLate)?
    }
}

fn failed(error: hyper_util::client::legacy::Error) -> OutboundError {
    OutboundError::Failed(Box::new(error))
}

impl Surroundings {
    /// Whether an address may be asked at all, as far as it can be told without its name's numbers.
    pub(crate) fn allow(self, uri: &http::Uri) -> bool {
        let host = uri.host().unwrap_or_default();
        let number = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let here = host == "localhost" || number.is_some_and(|number| number.is_loopback());
        match uri.scheme_str() {
            Some("https") => number.is_none_or(|number| self.holds(number)),
            Some("http") => here && self == Self::Private,
            Some(_) | None => false,
        }
    }

    fn holds(self, address: IpAddr) -> bool {
        match self {
            Self::Private => true,
            Self::Public => is_public(address),
        }
    }
}

/// Finds the numbers of a name, and leaves out those that may not be asked: looked at here, they
/// are the ones that are connected to.
#[derive(Clone, Copy)]
struct Resolver(Surroundings);

type Found = std::vec::IntoIter<SocketAddr>;

impl Service<Name> for Resolver {
    type Response = Found;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = std::io::Result<Found>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let surroundings = self.0;
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let good: Vec<_> = all.filter(|found| surroundings.holds(found.ip())).collect();
            if good.is_empty() {
                return Err(std::io::Error::other("the name is one of a private network"));
            }
            Ok(good.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_that_is_not_out_in_the_open() {
        let allowed = |address: &str| {
            let uri = address.parse().expect("an address");
            [Surroundings::Public, Surroundings::Private].map(|around| around.allow(&uri))
        };
        for address in ["https://id.example.com/a", "https://8.8.8.8/", "https://[2606:4700::1]/"] {
            assert_eq!(allowed(address), [true, true], "{address}");
        }
        for address in [
            "https://127.0.0.1/",
            "https://10.0.0.8/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.8]/",
            "https://[64:ff9b::a00:8]/",
            "https://[2002:a00:8::]/",
            "http://127.0.0.1:9000/",
            "http://localhost:9000/",
        ] {
            assert_eq!(allowed(address), [false, true], "{address}");
        }
        for address in ["http://id.example.com/", "http://10.0.0.8/", "/relative"] {
            assert_eq!(allowed(address), [false, false], "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_does_not_lead_to_where_its_number_may_not_be_asked() {
        let find = |around| {
            let name = "localhost".parse::<Name>().expect("a name");
            Resolver(around).call(name)
        };
        assert!(find(Surroundings::Public).await.is_err());
        assert!(find(Surroundings::Private).await.is_ok());
    }
}
