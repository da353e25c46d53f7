//! A call whose body is one's own, byte by byte, by a client of HTTP/2 that knows nothing of gRPC.

use std::time::{Duration, Instant};

use prost::bytes::Bytes;
use tokio::net::TcpStream;
use tonic::{Code, Status};

use super::oversized::Sent;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// What a server said to a call; the words are for people who read of a failure.
#[derive(Debug)]
#[expect(dead_code, reason = "the words are shown by Debug")]
pub(super) struct Said {
    /// The code, of whichever headers had it; none when the call was not answered.
    pub(super) code: Option<Code>,
    /// Its words, or why there was no answer.
    pub(super) words: String,
    /// When the answer began that goes on for as long as the caller listens.
    pub(super) streams_since: Option<Duration>,
}

/// How long an answer may go on, once it has begun, before it is one that does not end by itself.
const STREAMING: Duration = Duration::from_secs(2);

/// A call on a connection of its own.
pub(super) async fn say(port: u16, path: &str, token: &str, sent: &Sent) -> Said {
    let body = Bytes::from(sent.body.clone());
    let said = tokio::time::timeout(PATIENCE, exchange(port, path, token, sent.encoding, body));
    match said.await {
        Ok(Ok(Ended::With(status))) => {
            let words = status.message().to_owned();
            Said { code: Some(status.code()), words, streams_since: None }
        }
        Ok(Ok(Ended::Never { began })) => {
            Said { code: Some(Code::Ok), words: "a stream".to_owned(), streams_since: Some(began) }
        }
        Ok(Err(error)) => Said { code: None, words: error.to_string(), streams_since: None },
        Err(_) => Said { code: None, words: "no answer".to_owned(), streams_since: None },
    }
}

/// The head of a call.
pub(super) fn request(path: &str, token: &str, encoding: Option<&str>) -> http::Request<()> {
    let mut request = http::Request::post(format!("http://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"));
    if let Some(encoding) = encoding {
        request = request.header("grpc-encoding", encoding);
    }
    request.body(()).unwrap()
}

/// How an answer ended.
enum Ended {
    With(Status),
    /// It is a stream that goes on.
    Never {
        began: Duration,
    },
}

async fn exchange(
    port: u16,
    path: &str,
    token: &str,
    encoding: Option<&str>,
    mut body: Bytes,
) -> Result<Ended, h2::Error> {
    let started = Instant::now();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await?;
    let connection = tokio::spawn(connection);
    let mut client = client.ready().await?;
    let (answer, mut sender) = client.send_request(request(path, token, encoding), false)?;
    let sending = async {
        while !body.is_empty() {
            sender.reserve_capacity(body.len());
            // Once the call is answered, nobody gives room any more.
            let Some(Ok(room)) = std::future::poll_fn(|cx| sender.poll_capacity(cx)).await else {
                return;
            };
            let piece = body.split_to(room.min(body.len()));
            if sender.send_data(piece, body.is_empty()).is_err() {
                return;
            }
        }
    };
    let mut answer = std::pin::pin!(answer);
    let answered = tokio::select! {
        answered = answer.as_mut() => answered?,
        () = sending => answer.await?,
    };
    let began = started.elapsed();
    let status = tokio::time::timeout(STREAMING, status_of(answered)).await;
    connection.abort();
    match status {
        Ok(status) => Ok(Ended::With(status?)),
        Err(_) => Ok(Ended::Never { began }),
    }
}

/// The status of an answer: in its headers, or behind its body.
pub(super) async fn status_of(answer: http::Response<h2::RecvStream>) -> Result<Status, h2::Error> {
    if let Some(status) = Status::from_header_map(answer.headers()) {
        return Ok(status);
    }
    let http = answer.status();
    let mut body = answer.into_body();
    while let Some(piece) = body.data().await {
        let length = piece?.len();
        body.flow_control().release_capacity(length)?;
    }
    let trailers = body.trailers().await?;
    let told = trailers.as_ref().and_then(Status::from_header_map);
    Ok(told.unwrap_or_else(|| Status::unknown(format!("HTTP {http}"))))
}
