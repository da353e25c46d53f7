//! What the relay that leads does: compare the stream with the log, publish what follows its end,
//! and look at it again and again.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, watch};

use super::publisher::Publisher;
use super::reader::Reader;
use super::server::Server;
use super::standing::Doubt;
use super::{Difference, LOOK, RelayError, Settings, Standing, Status, standing};
use crate::clock;
use crate::log::Log;

/// A relay that believes to lead.
pub(super) struct Leader<'a, S> {
    pub(super) log: &'a Log,
    pub(super) server: &'a S,
    pub(super) settings: Settings,
    pub(super) status: &'a watch::Sender<Status>,
    /// See [`super::Relay`].
    pub(super) doubted: &'a AtomicU64,
}

impl<S: Server> Leader<'_, S> {
    /// Publishes as a leader; `news` tells that other processes have committed events. While the
    /// stream is no copy of the log, it only watches.
    pub(super) async fn follow(&self, news: Arc<Notify>) -> Result<Infallible, RelayError> {
        let mut depth = Difference::Sampled;
        loop {
            let stream = self.server.ensure(self.log.context(), self.settings).await?;
            let doubt = match self.doubted.load(Ordering::Relaxed) {
                0 => Doubt::End,
                sequence => Doubt::From(sequence),
            };
            let standing = standing::compare::<S>(self.log, &stream, depth, doubt).await?;
            self.status.send_modify(|status| status.stands(&standing));
            match standing.problem() {
                Some(problem) if problem.stops_publishing() => {
                    tracing::error!(context = self.log.context(), %problem, "the relay holds");
                    clock::sleep(LOOK).await;
                    depth = Difference::Last;
                }
                _ => return self.publish(news, standing).await,
            }
        }
    }

    /// Publishes what follows the stream's end, and looks at the stream once a second.
    async fn publish(&self, news: Arc<Notify>, from: Standing) -> Result<Infallible, RelayError> {
        let batches = from.takes_batches && self.settings.batches;
        let mut reader = Reader::start(self.log.clone(), from.sequence, news);
        let mut publisher = Publisher::new(self.server.clone(), from.sequence, batches);
        let published = self.publish_all(&mut reader, &mut publisher).await;
        self.doubted.store(publisher.unknown(), Ordering::Relaxed);
        published
    }

    async fn publish_all(
        &self,
        reader: &mut Reader,
        publisher: &mut Publisher<S>,
    ) -> Result<Infallible, RelayError> {
        let mut look = pin!(clock::sleep(LOOK));
        loop {
            tokio::select! {
                biased;
                sequence = publisher.acknowledged() => {
                    let sequence = sequence?;
                    self.status.send_modify(|status| status.published(sequence));
                }
                () = &mut look => {
                    look.set(clock::sleep(LOOK));
                    self.look(publisher.sequence()).await?;
                }
                chunk = reader.next(), if publisher.has_room() => publisher.send(chunk?).await?,
            }
        }
    }

    /// Whether the stream is still what was published.
    async fn look(&self, published: u64) -> Result<(), RelayError> {
        let name = crate::stream::name(self.log.context());
        let stream = self.server.found(&name).await?.ok_or(RelayError::OutOfStep)?;
        let standing =
            standing::compare::<S>(self.log, &stream, Difference::Last, Doubt::Nothing).await?;
        let stopped = standing.problem().is_some_and(|problem| problem.stops_publishing());
        if standing.sequence < published || stopped {
            return Err(RelayError::OutOfStep);
        }
        self.status.send_modify(|status| status.stands(&standing));
        Ok(())
    }
}
