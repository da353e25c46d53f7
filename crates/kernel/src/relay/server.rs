//! What the relay asks of JetStream. A simulation has a server of its own, which fails on purpose.

use std::future::Future;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{GetStreamErrorKind, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, Info, RawMessageErrorKind, Stream};
use async_nats::jetstream::{self, ErrorCode};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::{RelayError, Settings, stranger};
use crate::event::Recorded;
use crate::failure::chain;
use crate::log::Log;
use crate::stream;

/// A server with streams.
pub(super) trait Server: Clone + Send + Sync + 'static {
    /// A stream, with its state when it was asked for.
    type Stream: Send + Sync;

    /// The stream, if it is there.
    fn found(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<Self::Stream>, RelayError>> + Send;

    /// The stream, made or brought up to its declaration.
    fn ensure(
        &self,
        context: &str,
        settings: Settings,
    ) -> impl Future<Output = Result<Self::Stream, RelayError>> + Send;

    /// How the stream was.
    fn state(stream: &Self::Stream) -> State;

    /// The id of the event in a message, if it has one; `None` when the message is missing.
    fn event_at(
        stream: &Self::Stream,
        sequence: u64,
    ) -> impl Future<Output = Result<Option<Option<Uuid>>, RelayError>> + Send;

    /// The first message from one sequence to another that is not the log's event there.
    fn stranger(
        log: &Log,
        stream: &Self::Stream,
        first: u64,
        last: u64,
    ) -> impl Future<Output = Result<Option<u64>, RelayError>> + Send;

    /// Sends an event's message. What is given back is the sequence that it got, once it is stored.
    fn send(
        &self,
        event: &Recorded,
        headers: HeaderMap,
    ) -> impl Future<Output = Result<Sent, RelayError>> + Send;

    /// Sends an event's message as a part of a batch, for which there is no answer.
    fn push(
        &self,
        event: &Recorded,
        headers: HeaderMap,
    ) -> impl Future<Output = Result<(), RelayError>> + Send;

    /// Goes to another server of the cluster; whether there is one.
    fn take_another(&self) -> impl Future<Output = bool> + Send;
}

/// An acknowledgement that is still to come.
pub(super) type Sent = BoxFuture<'static, Result<u64, RelayError>>;

/// State of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) last_sequence: u64,
    pub(super) first_sequence: u64,
    pub(super) messages: u64,
    /// Whether it takes atomic batches.
    pub(super) takes_batches: bool,
    /// Whether it is meant to keep recent history only.
    pub(super) forgets: bool,
}

impl Server for jetstream::Context {
    type Stream = Stream<Info>;

    async fn found(&self, name: &str) -> Result<Option<Stream<Info>>, RelayError> {
        let error = match self.get_stream(name).await {
            Ok(stream) => return Ok(Some(stream)),
            Err(error) => error,
        };
        if let GetStreamErrorKind::JetStream(refused) = error.kind()
            && refused.error_code() == ErrorCode::STREAM_NOT_FOUND
        {
            return Ok(None);
        }
        Err(failed(&error))
    }

    async fn ensure(&self, context: &str, settings: Settings) -> Result<Stream<Info>, RelayError> {
        let declared = stream::config(context, settings.replicas);
        let Some(stream) = self.found(&declared.name).await? else {
            tracing::info!(stream = declared.name, "the stream is made");
            return self.create_stream(declared).await.map_err(|error| failed(&error));
        };
        let is = &stream.cached_info().config;
        let wanted = Config {
            subjects: declared.subjects,
            num_replicas: declared.num_replicas,
            deny_delete: declared.deny_delete,
            deny_purge: declared.deny_purge,
            allow_direct: declared.allow_direct,
            allow_atomic_publish: declared.allow_atomic_publish,
            ..is.clone()
        };
        if *is == wanted {
            return Ok(stream);
        }
        // An operator may have reasons of their own; the copy is good with other settings too.
        if let Err(error) = self.update_stream(&wanted).await {
            tracing::warn!(stream = wanted.name, error = %chain(&error), "the stream stays as it is");
            return Ok(stream);
        }
        self.found(&wanted.name).await?.ok_or(RelayError::OutOfStep)
    }

    fn state(stream: &Stream<Info>) -> State {
        let Info { config, state, .. } = stream.cached_info();
        State {
            last_sequence: state.last_sequence,
            first_sequence: state.first_sequence,
            messages: state.messages,
            takes_batches: config.allow_atomic_publish,
            forgets: config.max_age.as_secs() > 0
                || config.max_bytes > 0
                || config.max_messages > 0,
        }
    }

    async fn event_at(
        stream: &Stream<Info>,
        sequence: u64,
    ) -> Result<Option<Option<Uuid>>, RelayError> {
        match stream.get_raw_message(sequence).await {
            Ok(message) => Ok(Some(stream::event_id(&message.headers))),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn stranger(
        log: &Log,
        stream: &Stream<Info>,
        first: u64,
        last: u64,
    ) -> Result<Option<u64>, RelayError> {
        stranger::find(log, stream, first, last).await
    }

    async fn send(&self, event: &Recorded, headers: HeaderMap) -> Result<Sent, RelayError> {
        let position = event.position;
        let message =
            PublishMessage::build().headers(headers).payload(event.payload.clone().into());
        let sent = self.send_publish(stream::subject(event), message).await;
        let sent = sent.map_err(|error| refused(&error, position))?;
        Ok(Box::pin(async move {
            match sent.await {
                Ok(acknowledged) => Ok(acknowledged.sequence),
                Err(error) => Err(refused(&error, position)),
            }
        }))
    }

    async fn push(&self, event: &Recorded, headers: HeaderMap) -> Result<(), RelayError> {
        let client = self.client();
        let pushed = client
            .publish_with_headers(stream::subject(event), headers, event.payload.clone().into())
            .await;
        pushed.map_err(|error| {
            if event.payload.len() + HEADERS > client.server_info().max_payload {
                return RelayError::TooLarge { position: event.position };
            }
            failed(&error)
        })
    }

    /// A server that is cut off from its cluster keeps its clients and serves them nothing.
    async fn take_another(&self) -> bool {
        let client = self.client();
        let others = client.server_pool().await.is_ok_and(|servers| servers.len() > 1);
        if others && let Err(error) = client.force_reconnect().await {
            tracing::warn!(%error, "no other server can be taken");
        }
        others
    }
}

/// Room that the headers of a message take at most, roughly.
const HEADERS: usize = 4 << 10;

fn refused(error: &jetstream::context::PublishError, position: u64) -> RelayError {
    let code = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<jetstream::Error>())
        .map(jetstream::Error::error_code);
    let out_of_step = error.kind() == PublishErrorKind::WrongLastSequence
        || code == Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT);
    if out_of_step {
        return RelayError::OutOfStep;
    }
    if error.kind() == PublishErrorKind::MaxPayloadExceeded {
        return RelayError::TooLarge { position };
    }
    failed(error)
}

pub(super) fn failed(error: &(impl std::error::Error + ?Sized)) -> RelayError {
    RelayError::Stream(chain(error))
}
