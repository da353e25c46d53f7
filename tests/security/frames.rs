//! HTTP/2 by hand: frames as bytes, so that they can be wrong.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a connection of HTTP/2 begins with.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// One frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Headers as HPACK writes them when it neither knows nor remembers anything.
pub(super) fn block(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(0);
        for text in [name, value] {
            length(&mut block, text.len());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// A length with a prefix of seven bits.
fn length(block: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(short) if short < 127 => block.push(short),
        _ => {
            let mut rest = length - 127;
            block.push(127);
            while rest >= 128 {
                block.push(u8::try_from(rest % 128).unwrap() | 128);
                rest /= 128;
            }
            block.push(u8::try_from(rest).unwrap());
        }
    }
}

/// The head of a call.
pub(super) fn head(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let usual = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    block(&[&usual[..], more].concat())
}

/// A connection whose bytes are one's own.
pub(super) struct Wire(TcpStream, Vec<u8>);

/// How a server ended what it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It closed the connection.
    Closed,
    /// It said that it takes no more calls on it.
    GoAway,
    /// It ended the call, or answered it.
    Answered,
    /// It did nothing for a while.
    Silent,
}

impl Wire {
    /// Connects and says nothing.
    pub(super) async fn silent(port: u16) -> Self {
        Self(TcpStream::connect(("127.0.0.1", port)).await.unwrap(), Vec::new())
    }

    /// Connects and begins as HTTP/2 does.
    pub(super) async fn open(port: u16) -> Self {
        let mut wire = Self::silent(port).await;
        wire.send(PREFACE).await;
        wire.send(&frame(SETTINGS, 0, 0, &[])).await;
        wire
    }

    /// Sends bytes; says whether the other end still takes them.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = tokio::time::timeout(Duration::from_secs(5), self.0.write_all(bytes)).await;
        matches!(sent, Ok(Ok(())))
    }

    /// The kinds and flags of the frames that came: those that are there, or the next ones that
    /// come in time.
    pub(super) async fn frames(&mut self, patience: Duration) -> Vec<(u8, u8)> {
        let mut buffer = [0; 16 << 10];
        let mut frames = Vec::new();
        let mut patience = patience;
        loop {
            match tokio::time::timeout(patience, self.0.read(&mut buffer)).await {
                Err(_) | Ok(Ok(0) | Err(_)) => return frames,
                Ok(Ok(number)) => self.1.extend_from_slice(&buffer[..number]),
            }
            frames.extend(whole(&mut self.1));
            if !frames.is_empty() {
                patience = Duration::ZERO;
            }
        }
    }

    /// Reads until the server ends the connection, or the call on it, or is silent for so long.
    pub(super) async fn ending(&mut self, patience: Duration) -> Ending {
        let mut got = Vec::new();
        let mut buffer = [0; 16 << 10];
        let mut seen = Ending::Silent;
        loop {
            match tokio::time::timeout(patience, self.0.read(&mut buffer)).await {
                Err(_) => return seen,
                Ok(Ok(0) | Err(_)) => return Ending::Closed,
                Ok(Ok(number)) => got.extend_from_slice(&buffer[..number]),
            }
            if got.starts_with(b"HTTP/1.") {
                return Ending::Answered;
            }
            seen = whole(&mut got).into_iter().fold(seen, |seen, (kind, _)| match kind {
                GOAWAY => Ending::GoAway,
                HEADERS | RST_STREAM if seen == Ending::Silent => Ending::Answered,
                _ => seen,
            });
            if seen != Ending::Silent {
                return seen;
            }
        }
    }
}

/// The kinds and flags of the whole frames at the beginning of bytes, which are taken away.
fn whole(got: &mut Vec<u8>) -> Vec<(u8, u8)> {
    let mut frames = Vec::new();
    while let [a, b, c, kind, flags, ..] = got.as_slice() {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let head = (*kind, *flags);
        if got.len() < 9 + length {
            break;
        }
        frames.push(head);
        got.drain(..9 + length);
    }
    frames
}
