//! Receives traces (OTLP over gRPC) and keeps them as JSON lines for `qudao trace`: the whole way
//! of a command can be seen on a laptop without a tracing system.

pub(crate) mod span;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// The file is put aside at this size; the one put aside before goes. So traces never take more
/// than twice this.
const LARGEST: u64 = 32 << 20;

/// Receives traces until dropped.
pub(crate) async fn serve(listener: TcpListener, file: PathBuf) -> anyhow::Result<()> {
    let collector = Collector { book: Mutex::new(Book::open(file, LARGEST).await?) };
    tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(collector))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await
        .context("the trace collector stopped")
}

struct Collector {
    book: Mutex<Book>,
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut lines = Vec::new();
        for span in span::all(request.into_inner()) {
            serde_json::to_writer(&mut lines, &span)
                .map_err(|error| Status::internal(error.to_string()))?;
            lines.push(b'\n');
        }
        let mut book = self.book.lock().await;
        book.append(&lines).await.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// A file that stays bounded.
struct Book {
    path: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl Book {
    async fn open(path: PathBuf, largest: u64) -> anyhow::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .await
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let file =
            append_to(&path).await.with_context(|| format!("cannot write {}", path.display()))?;
        let size = file.metadata().await?.len();
        Ok(Self { path, file, size, largest })
    }

    async fn append(&mut self, lines: &[u8]) -> std::io::Result<()> {
        let more = lines.len() as u64;
        if self.size > 0 && self.size + more > self.largest {
            fs::rename(&self.path, put_aside(&self.path)).await?;
            (self.file, self.size) = (append_to(&self.path).await?, 0);
        }
        self.file.write_all(lines).await?;
        self.file.flush().await?;
        self.size += more;
        Ok(())
    }
}

async fn append_to(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path).await
}

/// Where the older half of the traces lies.
pub(crate) fn put_aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_file_is_put_aside_when_it_is_large() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/traces.jsonl");
        let mut book = Book::open(path.clone(), 10).await.unwrap();

        for line in ["aaaaaa\n", "bbbbbb\n", "cccccc\n"] {
            book.append(line.as_bytes()).await.unwrap();
        }

        assert_eq!(std::fs::read_to_string(&path).unwrap(), "cccccc\n");
        assert_eq!(std::fs::read_to_string(put_aside(&path)).unwrap(), "bbbbbb\n");
    }
}
