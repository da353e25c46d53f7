//! A wire on loopback that a test can cut: bytes stop, connections stay, as when packets are lost.

use std::sync::Arc;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Listens on a port of its own and passes everything on to another. Dropping it closes both.
#[derive(Debug)]
pub struct Wire {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    whole: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl Wire {
    /// A whole wire to a port of 127.0.0.1.
    pub async fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let whole = Arc::new(watch::Sender::new(true));
        let own = listener.local_addr()?.port();
        let task = tokio::spawn(listen(listener, port, whole.clone()));
        Ok(Self { port: own, whole, task })
    }

    /// Stops every byte, both ways.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets bytes through again, those that were held back first.
    pub fn heal(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, port: u16, whole: Arc<watch::Sender<bool>>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let whole = whole.subscribe();
        connections.spawn(async move {
            let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::select! {
                () = carry(near_in, far_out, whole.clone()) => (),
                () = carry(far_in, near_out, whole) => (),
            }
        });
    }
}

/// Carries bytes one way until either end closes.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut whole: watch::Receiver<bool>) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        if whole.wait_for(|whole| *whole).await.is_err() {
            return;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
