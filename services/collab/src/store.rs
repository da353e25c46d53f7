//! Where bytes lie: a folder, or a bucket of an S3-compatible store. A path is made of the tenant,
//! of a digest and of ids made here; nothing that a caller wrote is ever part of one.
//!
//! What is kept is never overwritten. Of the same bytes there is one object for each tenant: two
//! tenants share nothing, so neither learns what the other has.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, RetryConfig};
use uuid::Uuid;

use crate::file::Sha256;

/// How long a store is tried again that does not answer: a caller waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is kept of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Part {
    /// Its bytes as they came.
    Original,
    /// The small copy of a picture.
    Thumbnail,
    /// The larger copy of a picture.
    Preview,
}

/// The store of files can not be used.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder can not be made.
    #[error("the folder of files {} can not be used", .0.display())]
    Folder(PathBuf, #[source] std::io::Error),
    /// The store's settings are wrong.
    #[error("the store of files can not be used")]
    Store(#[from] object_store::Error),
}

/// The bytes of all files and of all uploads.
#[derive(Clone)]
pub struct Files(Arc<dyn ObjectStore>);

impl Files {
    /// In a folder, or where `s3://<bucket>` or `s3://<bucket>/<prefix>` says. Endpoint, region and
    /// keys of the latter come from the environment, under the names that AWS gave them
    /// (`AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP`).
    ///
    /// # Errors
    /// See [`FilesError`].
    pub fn open(place: &str) -> Result<Self, FilesError> {
        let Some(bucket) = place.strip_prefix("s3://") else {
            let folder = PathBuf::from(place);
            std::fs::create_dir_all(&folder)
                .map_err(|error| FilesError::Folder(folder.clone(), error))?;
            let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
            return Ok(Self(Arc::new(store)));
        };
        // TLS of the store's client is by the library that all of the system uses; when somebody
        // has said so before, it was the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (bucket, prefix) = bucket.split_once('/').unwrap_or((bucket, ""));
        let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..Default::default() };
        let store =
            AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry).build()?;
        Ok(match prefix {
            "" => Self(Arc::new(store)),
            prefix => Self(Arc::new(PrefixStore::new(
                store,
                Path::parse(prefix).map_err(object_store::Error::from)?,
            ))),
        })
    }

    /// Keeps a part of a file. What is there already is the same, for its name says what it is.
    pub(crate) async fn keep(
        &self,
        tenant: &str,
        sha256: &Sha256,
        part: Part,
        bytes: Bytes,
    ) -> object_store::Result<()> {
        let payload = PutPayload::from_bytes(bytes);
        let path = path(tenant, sha256, part);
        match self.0.put_opts(&path, payload, PutMode::Create.into()).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Bytes of a part.
    pub(crate) async fn size(
        &self,
        tenant: &str,
        sha256: &Sha256,
        part: Part,
    ) -> object_store::Result<u64> {
        Ok(self.0.head(&path(tenant, sha256, part)).await?.size)
    }

    /// A range of a part.
    pub(crate) async fn read(
        &self,
        tenant: &str,
        sha256: &Sha256,
        part: Part,
        range: std::ops::Range<u64>,
    ) -> object_store::Result<Bytes> {
        self.0.get_range(&path(tenant, sha256, part), range).await
    }

    /// Keeps a piece of an upload under a name of its own, which is returned.
    pub(crate) async fn add_piece(
        &self,
        (tenant, upload): (&str, Uuid),
        bytes: Bytes,
    ) -> object_store::Result<String> {
        let name = Uuid::now_v7().simple().to_string();
        let path = under(tenant, upload).join(name.as_str());
        self.0.put_opts(&path, PutPayload::from_bytes(bytes), PutMode::Create.into()).await?;
        Ok(name)
    }

    /// A piece of an upload.
    pub(crate) async fn piece(
        &self,
        (tenant, upload): (&str, Uuid),
        name: &str,
    ) -> object_store::Result<Bytes> {
        self.0.get(&under(tenant, upload).join(name)).await?.bytes().await
    }

    /// Deletes a piece that did not become part of its upload.
    pub(crate) async fn drop_piece(
        &self,
        (tenant, upload): (&str, Uuid),
        name: &str,
    ) -> object_store::Result<()> {
        self.0.delete(&under(tenant, upload).join(name)).await
    }

    /// Deletes all pieces of an upload, also those that nobody knows of.
    pub(crate) async fn drop_pieces(&self, tenant: &str, upload: Uuid) -> object_store::Result<()> {
        let found: Vec<_> = self.0.list(Some(&under(tenant, upload))).try_collect().await?;
        for piece in found {
            match self.0.delete(&piece.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn path(tenant: &str, sha256: &Sha256, part: Part) -> Path {
    let (digest, part): (_, &'static str) = (sha256.as_str(), part.into());
    Path::from_iter(["files", tenant, &digest[..2], digest, part])
}

fn under(tenant: &str, upload: Uuid) -> Path {
    Path::from_iter(["uploads", tenant, &upload.simple().to_string()])
}
