//! The collab context (协同): what people give each other besides orders. Its first aggregate is the
//! file (文件).
//!
//! Read in this order: [`file`] (what is known of a file), [`look`] (what may become one), then
//! `store` (where bytes lie), `uploads` and `quota` (how they come), [`grpc`].

#![warn(missing_docs)]

pub mod file;
pub mod grpc;
pub mod look;
mod name;
mod quota;
mod refusal;
mod store;
mod uploads;

use kernel::catalogue::{AggregateInfo, Context};
use kernel::command::Commands;
use kernel::server::Server;
use proto::collab::v1::file_service_server::FileServiceServer;

pub use quota::DEFAULT_QUOTA;
pub use store::{Files, FilesError};
pub use uploads::Sweeper;

use grpc::Api;
use uploads::Uploads;

const NAME: &str = "collab";

/// What the rest of the system must know of this context.
pub const CONTEXT: Context =
    Context { name: NAME, aggregates: &[AggregateInfo::of::<file::File>(NAME)] };

/// Adds the context's command services to a server; each tenant may keep `quota` bytes. What is
/// returned has to run beside: it deletes uploads that nobody went on with.
///
/// # Errors
/// When the tables of uploads can not be made.
pub async fn mount(
    server: &mut Server,
    commands: Commands,
    files: Files,
    quota: u64,
) -> sqlx::Result<Sweeper> {
    let uploads = Uploads::open(commands.log().schema(), files.clone(), quota).await?;
    let sweeper = Sweeper::of(uploads.clone());
    server.add(FileServiceServer::new(Api::new(commands, files, uploads))).await;
    Ok(sweeper)
}
