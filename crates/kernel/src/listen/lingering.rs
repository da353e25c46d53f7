//! A socket that is closed so that its peer hears what was said last.
//!
//! A socket that is closed while something unread lies in it is reset, and with that the peer's
//! system throws away what it has not read yet: the last answers, and that the server goes away.
//! HTTP asks servers to say that they are done, and to read on until the peer is (RFC 9112, 9.6).

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// How long a peer has to close its side.
const LINGER: Duration = Duration::from_secs(1);

/// A connection; dropped, it is read until its peer has closed it too.
pub(super) struct Lingering {
    stream: Option<TcpStream>,
    /// Kept until the socket is closed: lingering ones are connections as well.
    place: Option<OwnedSemaphorePermit>,
    open: TaskTracker,
}

impl Lingering {
    pub(super) fn new(stream: TcpStream, place: OwnedSemaphorePermit, open: TaskTracker) -> Self {
        Self { stream: Some(stream), place: Some(place), open }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(self.get_mut().stream.as_mut().expect("it is taken by drop alone"))
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let (Some(mut stream), place) = (self.stream.take(), self.place.take()) else { return };
        self.open.spawn(async move {
            let until_closed = async {
                stream.shutdown().await?;
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
            };
            if let Ok(Err(error)) = timeout(LINGER, until_closed).await {
                tracing::debug!(%error, "a peer was gone before its connection was closed");
            }
            drop(place);
        });
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream().poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;
    use tokio::sync::Semaphore;

    use super::*;

    /// Sends an answer and closes with something unread; what the peer hears, which asks again
    /// before it reads.
    async fn heard(lingers: bool) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut peer = TcpStream::connect(listener.local_addr()?).await?;
        let (mut stream, _) = listener.accept().await?;
        peer.write_all(b"a question nobody reads").await?;
        stream.readable().await?;
        let open = TaskTracker::new();
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        if lingers {
            Lingering::new(stream, place, open.clone()).write_all(b"goodbye").await?;
        } else {
            stream.write_all(b"goodbye").await?;
            drop(stream);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut told = String::new();
        peer.read_to_string(&mut told).await?;
        drop(peer);
        open.close();
        open.wait().await;
        Ok(told)
    }

    #[tokio::test]
    async fn the_last_words_are_heard() {
        assert_eq!(heard(true).await.unwrap(), "goodbye");
        heard(false).await.expect_err("the control: it is reset, and the words are lost");
    }
}
