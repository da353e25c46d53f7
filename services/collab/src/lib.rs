//! The collab context (协同): what people give each other besides orders. Its first aggregate is the
//! file (文件).
//!
//! Read in this order: [`file`] (what is known of a file), [`look`] (what may become one), then
//! `store` (where bytes lie), `uploads` and `quota` (how they come), `catalogue` (who sees pictures of
//! products), [`grpc`].

#![warn(missing_docs)]

mod catalogue;
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

use tonic::transport::ClientTlsConfig;

use catalogue::Catalogue;
use grpc::Api;
use uploads::Uploads;

const NAME: &str = "collab";

/// What the rest of the system must know of this context.
pub const CONTEXT: Context =
    Context { name: NAME, aggregates: &[AggregateInfo::of::<file::File>(NAME)] };

/// Why the role can not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The tables of uploads can not be made.
    #[error("the tables of uploads can not be made")]
    Uploads(#[from] sqlx::Error),
    /// The address of the lists of products is none.
    #[error("the role that knows what dealers see can not be asked there")]
    Products(#[from] tonic::transport::Error),
}

/// Adds the context's command services to a server; each tenant may keep `quota` bytes. Who sees
/// pictures of products is asked at `products`. What is returned has to run beside: it deletes
/// uploads that nobody went on with.
///
/// # Errors
/// See [`StartError`].
pub async fn mount(
    server: &mut Server,
    commands: Commands,
    (files, quota): (Files, u64),
    products: (&str, Option<ClientTlsConfig>),
) -> Result<Sweeper, StartError> {
    let catalogue = Catalogue::at(products)?;
    let uploads = Uploads::open(commands.log().schema(), files.clone(), quota).await?;
    let sweeper = Sweeper::of(uploads.clone());
    server.add(FileServiceServer::new(Api::new(commands, (files, uploads), catalogue))).await;
    Ok(sweeper)
}
