//! Just enough HTTP to talk to a server on this machine.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HOST: &str = "Host: 127.0.0.1\r\nConnection: close\r\n";

/// `GET path` from 127.0.0.1, answered within two seconds: status and the raw body.
pub async fn get(port: u16, path: &str) -> Result<(u16, String)> {
    exchange(port, format!("GET {path} HTTP/1.1\r\n{HOST}\r\n")).await
}

/// `POST path` with a body of a type, in the same way.
pub async fn post(port: u16, path: &str, kind: &str, body: &str) -> Result<(u16, String)> {
    let length = body.len();
    let head = format!("Content-Type: {kind}\r\nContent-Length: {length}\r\n");
    exchange(port, format!("POST {path} HTTP/1.1\r\n{HOST}{head}\r\n{body}")).await
}

async fn exchange(port: u16, request: String) -> Result<(u16, String)> {
    let answer = tokio::time::timeout(Duration::from_secs(2), answer(port, &request));
    answer.await.context("no answer within 2 s")?
}

async fn answer(port: u16, request: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(1 << 20).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("not an HTTP answer")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((status.context("not an HTTP status line")?, body.to_owned()))
}
