//! How an upload fails.

use kernel::failure;
use tonic::Status;

use crate::refusal::UploadRefusal;

/// How an upload fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] UploadRefusal),
    /// The table of uploads.
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    /// The bytes.
    #[error("the store of files does not answer")]
    Store(#[from] object_store::Error),
    /// The program itself.
    #[error("a file could not be looked into")]
    Task(#[from] tokio::task::JoinError),
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => failure::refused(&refusal),
            Failure::Database(_) | Failure::Store(_) => failure::unavailable(&failure),
            Failure::Task(_) => failure::internal(&failure),
        }
    }
}
