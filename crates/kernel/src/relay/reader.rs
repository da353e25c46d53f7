//! Reads the log ahead of the publisher, in chunks bounded by number and by bytes.

use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::{Notify, mpsc};

use super::LOOK;
use crate::clock;
use crate::event::Recorded;
use crate::log::{Log, ReadError};
use crate::task::{self, Task};

/// Events of a chunk at most: as many as an atomic batch may have. The server's work for a batch
/// has a fixed part, so fewer cost more for each.
pub(super) const EVENTS: usize = 1_000;
/// Bytes of payload after which a chunk is full. One event can be larger.
const BYTES: usize = 2 << 20;
/// An event with a payload of this many bytes goes alone: should the server refuse it for its size,
/// those before it are not held up.
const ALONE: usize = 64 << 10;
/// Events asked for by one query; they are read from the socket as chunks are taken.
const PAGE: u32 = 8_192;

/// Events that follow each other in the log.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) events: Vec<Recorded>,
    pub(super) bytes: usize,
}

/// The task that reads ahead; it ends when this is dropped.
pub(super) struct Reader {
    chunks: mpsc::Receiver<Result<Chunk, ReadError>>,
    _task: Task,
}

impl Reader {
    /// Reads what follows a position, and goes on as the log grows; `news` tells of other
    /// processes, the log itself of this one.
    pub(super) fn start(log: Log, position: u64, news: Arc<Notify>) -> Self {
        let (sender, chunks) = mpsc::channel(1);
        let task = task::spawn(async move {
            if let Err(error) = read(&log, position, &news, &sender).await {
                // Nobody listens when the relay has stopped for another reason.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self { chunks, _task: task }
    }

    /// The next chunk, waited for.
    pub(super) async fn next(&mut self) -> Result<Chunk, ReadError> {
        match self.chunks.recv().await {
            Some(chunk) => chunk,
            None => Err(ReadError::Database(sqlx::Error::WorkerCrashed)),
        }
    }
}

type Chunks = mpsc::Sender<Result<Chunk, ReadError>>;

/// Whether anybody still wants chunks.
async fn pass_on(chunk: &mut Chunk, chunks: &Chunks) -> bool {
    chunks.send(Ok(std::mem::take(chunk))).await.is_ok()
}

async fn read(log: &Log, mut at: u64, news: &Notify, chunks: &Chunks) -> Result<(), ReadError> {
    let mut committed = log.committed();
    loop {
        committed.mark_unchanged();
        let mut rows = log.stream_after(at, PAGE).boxed();
        let mut chunk = Chunk::default();
        let mut read = 0;
        while let Some(event) = rows.try_next().await? {
            at = event.position;
            read += 1;
            let alone = event.payload.len() >= ALONE;
            if alone && !chunk.events.is_empty() && !pass_on(&mut chunk, chunks).await {
                return Ok(());
            }
            chunk.bytes += event.payload.len();
            chunk.events.push(event);
            let full = chunk.events.len() == EVENTS || chunk.bytes >= BYTES || alone;
            if full && !pass_on(&mut chunk, chunks).await {
                return Ok(());
            }
        }
        drop(rows);
        if !chunk.events.is_empty() && !pass_on(&mut chunk, chunks).await {
            return Ok(());
        }
        if read == PAGE {
            continue;
        }
        tokio::select! {
            biased;
            // Looking again by itself as well: notices can get lost with a connection.
            () = clock::sleep(LOOK) => (),
            () = news.notified() => (),
            Ok(()) = committed.changed() => (),
        }
    }
}
