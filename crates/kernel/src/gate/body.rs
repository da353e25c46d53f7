//! The body of a call: read whole, within limits of its size, its pieces and its time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tonic::{Code, Status};

use crate::failure;
use crate::text::Text;

/// Bytes that a request may have, whatever its contract says.
pub const MAX_REQUEST: usize = 4 << 20;
/// How long a caller may take to send one.
const SENDING: Duration = Duration::from_secs(25);
/// Pieces in which it may come: 1 KiB each on average when it is as long as it may be. Each costs
/// more than its bytes, and an empty one nothing at all to who sends it.
const PIECES: usize = MAX_REQUEST >> 10;
/// Length of what goes before a message: whether it is compressed, and how long it is.
const FRAME: usize = 5;

/// The whole request. All our requests are one message, so it is never more than a frame.
pub(super) async fn read(body: Body, most: usize) -> Result<Bytes, Status> {
    match tokio::time::timeout(SENDING, collect(Limited::new(body, FRAME + most), most)).await {
        Ok(whole) => whole,
        Err(_) => {
            let text = Text::new("请求发送过慢，已中断", "the request was sent too slowly");
            Err(failure::status(Code::DeadlineExceeded, "SENT_TOO_SLOWLY", &text))
        }
    }
}

async fn collect(mut body: Limited<Body>, most: usize) -> Result<Bytes, Status> {
    let (mut first, mut whole) = (Bytes::new(), Vec::new());
    for _ in 0..PIECES {
        let piece = match body.frame().await {
            None if whole.is_empty() => return Ok(first),
            None => return Ok(Bytes::from(whole)),
            Some(Ok(piece)) => piece.into_data().unwrap_or_default(),
            Some(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large(most)),
            Some(Err(_)) => return Err(malformed("the request broke off")),
        };
        match (first.is_empty(), whole.is_empty()) {
            // Most requests are one piece, which is not copied.
            (true, true) => first = piece,
            (false, true) if !piece.is_empty() => {
                whole.extend_from_slice(&first);
                whole.extend_from_slice(&piece);
            }
            _ => whole.extend_from_slice(&piece),
        }
    }
    Err(malformed("it comes in too many pieces"))
}

/// The message in its frame. Compressed ones are not taken: what is small on the way and large
/// inside is of use to nobody else.
pub(super) fn message(body: &Bytes, most: usize) -> Result<&[u8], Status> {
    let (frame, message) =
        body.split_at_checked(FRAME).ok_or_else(|| malformed("there is no whole message"))?;
    let [compressed, length @ ..] = frame else { return Err(malformed("there is no frame")) };
    if *compressed != 0 {
        let text = Text::new("不接受压缩的请求", "compressed requests are not taken");
        return Err(failure::status(Code::Unimplemented, "COMPRESSED", &text));
    }
    let length = length.try_into().map_or(0, u32::from_be_bytes);
    if usize::try_from(length).unwrap_or(usize::MAX) > most {
        return Err(too_large(most));
    }
    if u32::try_from(message.len()) != Ok(length) {
        return Err(malformed("the message is not as long as its frame says"));
    }
    Ok(message)
}

fn too_large(most: usize) -> Status {
    let text = Text::new(
        format!("请求过大，最多 {most} 字节"),
        format!("the request is too large: {most} bytes at most"),
    );
    failure::status(Code::ResourceExhausted, "REQUEST_TOO_LARGE", &text)
}

pub(super) fn malformed(what: &str) -> Status {
    let text = Text::new("请求不是有效的消息", format!("not a message of the contract: {what}"));
    failure::status(Code::InvalidArgument, "MALFORMED", &text)
}
