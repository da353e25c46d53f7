//! Just enough HTTP to ask a server on this machine whether it is well.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// `GET path` from 127.0.0.1, answered within two seconds: status and the raw body.
pub async fn get(port: u16, path: &str) -> Result<(u16, String)> {
    tokio::time::timeout(Duration::from_secs(2), exchange(port, path))
        .await
        .context("no answer within 2 s")?
}

async fn exchange(port: u16, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(1 << 20).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("not an HTTP answer")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((status.context("not an HTTP status line")?, body.to_owned()))
}
