//! Large bodies, parsed beside the threads that serve everybody. Nobody is authenticated yet when
//! a body is parsed, so how many are parsed at a time is bounded, and with it what strangers can
//! make us do.

use std::sync::Arc;

use bytes::Bytes;
use kernel::failure::internal;
use prost_reflect::MessageDescriptor;
use tokio::sync::Semaphore;
use tonic::Status;

use super::json::Codec;

/// What is smaller takes less than handing it over would be worth: an order of 200 lines is.
const LARGE: usize = 64 << 10;
/// A body of 4 MiB may take some 150 MB while it is parsed.
const AT_ONCE: usize = 2;

/// The turns of large bodies.
#[derive(Clone)]
pub(super) struct Aside(Arc<Semaphore>);

impl Aside {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// A request's bytes for the wire, when it is its turn.
    pub(super) async fn pack(
        &self,
        codec: Codec,
        kind: MessageDescriptor,
        body: Bytes,
    ) -> Result<Bytes, Status> {
        if body.len() <= LARGE {
            return codec.pack(&kind, body);
        }
        let turn = Arc::clone(&self.0).acquire_owned().await.map_err(|error| internal(&error))?;
        // The turn is over when the work is, also when its caller has gone.
        let parsed = tokio::task::spawn_blocking(move || {
            let parsed = codec.pack(&kind, body);
            drop(turn);
            parsed
        });
        parsed.await.map_err(|error| internal(&error))?
    }
}
