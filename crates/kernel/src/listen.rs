//! How a process listens: HTTP/1 and HTTP/2 on one port, with a limit for all that a peer can make
//! it keep.

mod lingering;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::tls;
use lingering::Lingering;

/// Connections at once; who comes then waits.
const CONNECTIONS: usize = 4_096;
/// Calls at once on a connection. A gateway has one connection to a role, with the calls of all
/// its clients on it, and every open page is one that lasts.
const STREAMS: u32 = 4_096;
/// Bytes of the headers of a call, with 32 for each of them. A token has about 500.
const HEADERS: u32 = 16 << 10;
/// Calls that a peer has taken back and nobody has noticed yet. More are an attack.
const TAKEN_BACK: usize = 64;
/// Calls of a connection that were ended because of its faults. More are an attack.
const FAULTS: usize = 256;
/// How long the head of an HTTP/1 request may take, and the pause before it.
const HEAD: Duration = Duration::from_secs(30);
/// How long a peer may be connected without having asked for anything.
const SILENT: Duration = Duration::from_secs(20);
/// After how long without a sign of it a peer of HTTP/2 is asked whether it is there, and how long
/// it has to answer.
const ASK: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(20);
/// How long a new peer has to ask something, when the server is about to go.
const FIRST: Duration = Duration::from_millis(500);
/// How old a connection gets before its peer is asked to make another one; calls under way finish.
/// Servers that were added get their part by it.
const AGE: Duration = Duration::from_secs(60 * 60);
/// Connections that were made together do not end together.
const SPREAD: Duration = Duration::from_secs(10 * 60);
/// How long nothing is accepted after the system had no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// How long a peer may take until a connection is secret.
const SECRET: Duration = Duration::from_secs(10);

/// The other end of the connection that a request came on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Whether it showed a certificate of the authority, where there is one.
    pub(crate) certified: Option<bool>,
}

fn protocols() -> Builder<TokioExecutor> {
    let mut protocols = Builder::new(TokioExecutor::new());
    protocols
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEADERS as usize * 4);
    protocols
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADERS)
        .max_pending_accept_reset_streams(TAKEN_BACK)
        .max_local_error_reset_streams(FAULTS)
        .keep_alive_interval(ASK)
        .keep_alive_timeout(ANSWER);
    protocols
}

/// Serves until cancelled, then lets calls under way finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    tls: Option<tls::Listener>,
) {
    let (room, open) = (Arc::new(Semaphore::new(CONNECTIONS)), TaskTracker::new());
    let door = Door { protocols: protocols(), router, stop: stop.clone(), tls, open: open.clone() };
    loop {
        let next = async {
            let place = room.clone().acquire_owned().await.ok()?;
            Some((accept(&listener).await, place))
        };
        let ((stream, address), place) = tokio::select! {
            () = stop.cancelled() => break,
            Some(next) = next => next,
        };
        door.enter(stream, address, place);
    }
    for (stream, address) in waiting(listener) {
        let Ok(place) = room.clone().try_acquire_owned() else { break };
        door.enter(stream, address, place);
    }
    open.close();
    open.wait().await;
}

/// Whoever stands at the door when it is shut. The system resets them when the listener goes, and
/// they could not tell whether what they asked was done.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    // It does not block; the runtime would only know of those that it has already been told of.
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let accepted = std::iter::from_fn(|| listener.accept().ok());
    let taken = accepted.filter_map(|(stream, address)| {
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, address))
    });
    taken.collect()
}

/// What every connection gets.
struct Door {
    protocols: Builder<TokioExecutor>,
    router: Router,
    stop: CancellationToken,
    tls: Option<tls::Listener>,
    open: TaskTracker,
}

impl Door {
    fn enter(&self, stream: TcpStream, address: SocketAddr, place: OwnedSemaphorePermit) {
        // Without this, small answers wait for acknowledgements of the peer: 40 ms a call.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let stream = Lingering::new(stream, place, self.open.clone());
        let (protocols, router) = (self.protocols.clone(), self.router.clone());
        let (stop, tls) = (self.stop.clone(), self.tls.clone());
        self.open.spawn(async move {
            match tls {
                None => {
                    let peer = Peer { address, certified: None };
                    converse(&protocols, stream, peer, router, stop).await;
                }
                Some(tls) => {
                    if let Some((stream, certified)) = secret(&tls, stream).await {
                        let peer = Peer { address, certified };
                        converse(&protocols, stream, peer, router, stop).await;
                    }
                }
            }
        });
    }
}

/// The connection once it is secret, and whether its peer showed a certificate.
async fn secret(
    tls: &tls::Listener,
    stream: Lingering,
) -> Option<(TlsStream<Lingering>, Option<bool>)> {
    let shaking = TlsAcceptor::from(tls.config.clone()).accept(stream);
    match timeout(SECRET, shaking).await {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().is_some();
            Some((stream, tls.asks().then_some(shown)))
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection did not become secret");
            None
        }
        Err(_) => None,
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // A peer that has gone again is nobody's fault.
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(NO_ROOM).await;
            }
        }
    }
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, until its peer goes, it is old, or it never was of any use.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    protocols: &Builder<TokioExecutor>,
    stream: S,
    peer: Peer,
    router: Router,
    stop: CancellationToken,
) {
    let asked = Arc::new(Asked::default());
    let told = asked.clone();
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        told.now();
        request.extensions_mut().insert(peer);
        router.clone().call(request)
    });
    let mut connection = pin!(protocols.serve_connection(TokioIo::new(stream), service));
    let (mut silent, mut old) = (pin!(sleep(SILENT)), pin!(sleep(age(peer.address))));
    let (mut useful, mut leaving) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection ended badly");
                }
                return;
            }
            () = &mut silent, if !useful => match asked.once() {
                true => useful = true,
                false => return,
            },
            () = &mut old, if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            () = asked.before_leaving(&stop), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Whether anything was asked on a connection.
#[derive(Default)]
struct Asked {
    once: AtomicBool,
    first: Notify,
}

impl Asked {
    fn once(&self) -> bool {
        self.once.load(Ordering::Relaxed)
    }

    fn now(&self) {
        if !self.once.swap(true, Ordering::Relaxed) {
            self.first.notify_one();
        }
    }

    /// From when on a connection can be ended in order: whoever has just come has to have said
    /// which protocol they speak, to be told in it that the server goes.
    async fn before_leaving(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        if !self.once() {
            let _ = timeout(FIRST, self.first.notified()).await;
        }
    }
}

/// How old a connection gets. Ports of peers that connect together follow each other, so a
/// multiple of them spreads evenly.
fn age(peer: SocketAddr) -> Duration {
    let part = u32::from(peer.port().wrapping_mul(40_503));
    AGE + SPREAD * part / u32::from(u16::MAX)
}
