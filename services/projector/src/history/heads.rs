//! The newest position of a log, asked for once for all who follow it.

use std::sync::Arc;
use std::time::Duration;

use kernel::failure::read_failed;
use kernel::log::Log;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// How often it is asked for while anybody follows.
const POLL: Duration = Duration::from_millis(100);

/// A position, or why it is not known.
type Head = Result<u64, Status>;

/// Watches a log for its followers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Heads {
    newest: watch::Sender<Head>,
    wanted: Arc<Notify>,
}

/// One follower's view.
pub(crate) struct Follower(watch::Receiver<Head>);

impl Heads {
    /// Starts watching; nothing is asked of the database before somebody follows.
    pub(crate) fn watch(log: Log, stop: CancellationToken) -> Self {
        let heads = Self { newest: watch::Sender::new(Ok(0)), wanted: Arc::default() };
        let watched = heads.clone();
        tokio::spawn(async move { stop.run_until_cancelled(watched.poll(&log)).await });
        heads
    }

    async fn poll(&self, log: &Log) {
        loop {
            if self.newest.receiver_count() == 0 {
                // An old failure is nothing to tell the next one who follows.
                let _ = self.newest.send_replace(Ok(0));
                self.wanted.notified().await;
            }
            let head = log.head().await.map_err(|error| read_failed(&error));
            self.newest.send_if_modified(|known| {
                let moved = match (&*known, &head) {
                    (Ok(known), Ok(head)) => known != head,
                    (Ok(_), Err(_)) | (Err(_), Ok(_)) => true,
                    (Err(_), Err(_)) => false,
                };
                if moved {
                    *known = head;
                }
                moved
            });
            tokio::time::sleep(POLL).await;
        }
    }

    /// Follows the log.
    pub(crate) fn follow(&self) -> Follower {
        let follower = Follower(self.newest.subscribe());
        self.wanted.notify_one();
        follower
    }
}

impl Follower {
    /// Waits until the log is beyond a position.
    ///
    /// # Errors
    /// When the log's database does not answer: a follower must not take silence for peace.
    pub(crate) async fn beyond(&mut self, position: u64) -> Result<u64, Status> {
        let moved = self.0.wait_for(|head| !matches!(head, Ok(head) if *head <= position)).await;
        match moved.map(|head| head.clone()) {
            Ok(head) => head,
            // The watch ends with the process, and so does whoever waits here.
            Err(_) => std::future::pending().await,
        }
    }
}
