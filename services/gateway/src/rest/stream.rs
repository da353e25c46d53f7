//! Answers that stream, in Connect's envelopes: a byte of flags, four of length, the message. The
//! last one says how the stream ended.

use axum::body::Body;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use futures::stream;
use kernel::Text;
use kernel::failure::status;
use prost_reflect::MessageDescriptor;
use serde_json::json;
use tokio::time::Instant;
use tonic::{Code, Status, Streaming};

use super::failure;
use super::json::Codec;

/// Flag of the last envelope.
const END: u8 = 2;
/// Flags and length.
const HEAD: usize = 5;

/// The message of a request's one envelope.
pub(super) fn only_message(mut body: Bytes) -> Result<Bytes, Status> {
    let head = (body.len() >= HEAD).then(|| (body.get_u8(), body.get_u32()));
    match head {
        Some((0, length)) if usize::try_from(length) == Ok(body.len()) => Ok(body),
        _ => {
            let text = Text::new(
                "请求须为一个未压缩的信封：一个零字节、四字节长度（大端）、消息",
                "the request has to be one envelope that is not compressed: a zero byte, four \
                 bytes of length (big endian), the message",
            );
            Err(status(Code::InvalidArgument, "BAD_ENVELOPE", &text))
        }
    }
}

fn envelope(flags: u8, message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HEAD + message.len());
    bytes.put_u8(flags);
    // An answer has at most 64 MiB.
    bytes.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    bytes.put_slice(message);
    bytes.freeze()
}

/// The last envelope.
pub(super) fn end(failed: Option<&Status>) -> Bytes {
    let told = match failed {
        None => json!({}),
        Some(status) => json!({"error": failure::object(status)}),
    };
    envelope(END, told.to_string().as_bytes())
}

/// The messages of a role as they come, each taken only when the client has room for it.
pub(super) fn body(
    codec: Codec,
    kind: MessageDescriptor,
    messages: Streaming<Bytes>,
    deadline: Option<Instant>,
) -> Body {
    let envelopes = stream::unfold(Some(messages), move |messages| {
        let kind = kind.clone();
        async move {
            let mut messages = messages?;
            let next = match next(&mut messages, deadline).await {
                Ok(Some(message)) => codec.unpack(&kind, message).map(Some),
                other => other,
            };
            Some(match next {
                Ok(Some(message)) => (Ok(envelope(0, &message)), Some(messages)),
                Ok(None) => (Ok(end(None)), None),
                Err(status) => (Ok::<_, std::convert::Infallible>(end(Some(&status))), None),
            })
        }
    });
    Body::from_stream(envelopes)
}

async fn next(
    messages: &mut Streaming<Bytes>,
    deadline: Option<Instant>,
) -> Result<Option<Bytes>, Status> {
    match deadline {
        None => messages.message().await,
        Some(deadline) => tokio::time::timeout_at(deadline, messages.message())
            .await
            .unwrap_or_else(|_| Err(super::late())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_opened_as_it_was_closed() {
        let message = only_message(envelope(0, b"{}")).expect("one envelope");
        assert_eq!(message, "{}");
    }

    #[test]
    fn what_is_not_one_envelope_is_refused() {
        let whole = envelope(0, b"{}");
        let packed = envelope(1, b"{}");
        let two = [whole.clone(), whole.clone()].concat();
        for bad in [Bytes::new(), whole.slice(..4), whole.slice(..6), two.into(), packed] {
            let refused = only_message(bad).expect_err("not one envelope");
            assert_eq!(refused.code(), Code::InvalidArgument);
        }
    }

    #[test]
    fn the_last_envelope_says_how_it_ended() {
        assert_eq!(end(None), b"\x02\0\0\0\x02{}".as_slice());
        let failed = end(Some(&Status::internal("no")));
        let told: serde_json::Value = serde_json::from_slice(&failed[HEAD..]).expect("JSON");
        assert_eq!(told, json!({"error": {"code": "internal", "message": "no"}}));
    }
}
