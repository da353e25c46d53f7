//! Uploads that are under way. Each is its caller's alone. A piece is stored first and then becomes
//! part of the upload by one statement that says where it has to begin; so of two that come for the
//! same place one is refused, and what broke off is gone on with where the other side says.

mod failure;
mod row;
mod sweeper;

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::clock;
use kernel::wall::{self, Schema};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::file::{Sha256, StoredFile};
use crate::look::{Seen, look};
use crate::refusal::UploadRefusal;
use crate::store::{Files, Part};
use crate::{name, quota};
pub(crate) use failure::Failure;
pub(crate) use row::{Asked, Upload};
pub use sweeper::Sweeper;

const TABLES: &str = include_str!("../migrations/uploads.sql");
/// How long an upload waits for its next piece.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
/// How long a finished one is known, so that its end can be asked for again.
const REPEATS: TimeDelta = TimeDelta::days(7);
/// Files that are looked into at the same time: a picture may take some hundred megabytes then.
const AT_ONCE: usize = 2;

/// Whose an upload is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) user: &'a str,
}

/// The uploads of all tenants.
#[derive(Clone)]
pub(crate) struct Uploads {
    schema: Schema,
    files: Files,
    quota: u64,
    looking: Arc<Semaphore>,
}

impl Uploads {
    /// Makes the tables if they are missing.
    pub(crate) async fn open(schema: &Schema, files: Files, quota: u64) -> sqlx::Result<Self> {
        schema.make(TABLES).await?;
        let looking = Arc::new(Semaphore::new(AT_ONCE));
        Ok(Self { schema: schema.clone(), files, quota, looking })
    }

    /// Begins an upload, and takes room for it. The same request finds it again.
    pub(crate) async fn start(
        &self,
        owner: Owner<'_>,
        id: Uuid,
        size: u64,
        asked: Asked,
    ) -> Result<Upload, Failure> {
        let upload = Upload::new(id, size, asked, clock::now() + PATIENCE);
        let mut tx = wall::begin(self.schema.all()).await?;
        if !upload.insert(&mut tx, owner).await? {
            drop(tx);
            let before = self.find(owner, id).await?;
            let same = before.size == upload.size && before.asked == upload.asked;
            return if same { Ok(before) } else { Err(UploadRefusal::RequestIdReused.into()) };
        }
        quota::reserve(&mut tx, owner.tenant, size, self.quota).await??;
        tx.commit().await?;
        Ok(upload)
    }

    /// An upload that is not over.
    pub(crate) async fn find(&self, owner: Owner<'_>, id: Uuid) -> Result<Upload, Failure> {
        let mut tx = self.schema.tenant().begin(owner.tenant).await?;
        let found = Upload::find(&mut tx, owner, id).await?;
        Ok(found.ok_or(UploadRefusal::UploadNotFound)?)
    }

    /// Adds the next piece.
    pub(crate) async fn append(
        &self,
        owner: Owner<'_>,
        id: Uuid,
        (offset, data): (u64, Bytes),
    ) -> Result<Upload, Failure> {
        let upload = self.find(owner, id).await?;
        upload.takes(offset, data.len() as u64)?;
        let (place, length) = ((owner.tenant, id), data.len() as u64);
        let piece = self.files.add_piece(place, data).await?;
        let until = clock::now() + PATIENCE;
        let grown =
            Upload::grow(self.schema.all(), owner, id, (offset, length, &piece), until).await?;
        if let Some(grown) = grown {
            return Ok(grown);
        }
        // Somebody else was faster.
        self.files.drop_piece(place, &piece).await?;
        let at = self.find(owner, id).await?.received;
        Err(UploadRefusal::WrongOffset { at }.into())
    }

    /// Gives an upload up. One that is not there is given up already.
    pub(crate) async fn cancel(&self, owner: Owner<'_>, id: Uuid) -> Result<(), Failure> {
        let upload = match self.find(owner, id).await {
            Err(Failure::Refused(UploadRefusal::UploadNotFound)) => return Ok(()),
            found => found?,
        };
        // What has become a file stays one.
        if upload.file.is_none() {
            self.forget(owner.tenant, id).await?;
        }
        Ok(())
    }

    /// Deletes an upload that nobody goes on with.
    async fn forget(&self, tenant: &str, id: Uuid) -> Result<(), Failure> {
        // From now on no piece is added.
        let over = DateTime::<Utc>::UNIX_EPOCH;
        Upload::keep_until(self.schema.all(), tenant, id, over).await?;
        self.files.drop_pieces(tenant, id).await?;
        let mut tx = wall::begin(self.schema.all()).await?;
        if let Some(size) = Upload::delete(&mut tx, tenant, id).await? {
            quota::release(&mut tx, tenant, size).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Looks into an upload that is whole, and keeps what is shown of it. Done again, it says the
    /// same.
    pub(crate) async fn examine(&self, owner: Owner<'_>, id: Uuid) -> Result<StoredFile, Failure> {
        let upload = self.find(owner, id).await?;
        if let Some(file) = upload.file {
            return Ok(file);
        }
        if upload.received < upload.size {
            let missing = upload.size - upload.received;
            return Err(UploadRefusal::UploadIncomplete { missing }.into());
        }
        let _turn = self.looking.clone().acquire_owned().await;
        let bytes = self.whole(owner.tenant, &upload).await?;
        let looked = bytes.clone();
        let looked = tokio::task::spawn_blocking(move || (Sha256::of(&looked), look(&looked)));
        let (sha256, seen) = looked.await?;
        if !upload.asked.sha256.is_empty() && upload.asked.sha256 != sha256.as_str() {
            return Err(UploadRefusal::DigestMismatch.into());
        }
        let seen = seen.map_err(UploadRefusal::from)?;
        self.keep(owner.tenant, upload, sha256, (bytes, seen)).await
    }

    async fn whole(&self, tenant: &str, upload: &Upload) -> Result<Bytes, Failure> {
        let mut whole = Vec::with_capacity(usize::try_from(upload.size).unwrap_or_default());
        for piece in &upload.pieces {
            whole.extend_from_slice(&self.files.piece((tenant, upload.id), piece).await?);
        }
        Ok(whole.into())
    }

    async fn keep(
        &self,
        tenant: &str,
        upload: Upload,
        sha256: Sha256,
        (bytes, seen): (Bytes, Seen),
    ) -> Result<StoredFile, Failure> {
        self.files.keep(tenant, &sha256, Part::Original, bytes).await?;
        let picture = match seen.picture {
            None => None,
            Some((facts, copies)) => {
                for (part, copy) in
                    [(Part::Thumbnail, copies.thumbnail), (Part::Preview, copies.preview)]
                {
                    self.files.keep(tenant, &sha256, part, copy.into()).await?;
                }
                Some(facts)
            }
        };
        let file = StoredFile {
            file_id: upload.id,
            sha256,
            size: upload.size,
            media_type: seen.media_type,
            name: name::cleaned(&upload.asked.name, seen.media_type),
            purpose: upload.asked.purpose,
            object: upload.asked.object,
            dealer_id: upload.asked.dealer_id,
            picture,
        };
        let mut tx = wall::begin(self.schema.all()).await?;
        if Upload::found(&mut tx, tenant, &file, clock::now() + REPEATS).await? {
            quota::keep(&mut tx, tenant, (&file.sha256, file.size.cast_signed())).await?;
        }
        tx.commit().await?;
        Ok(file)
    }

    /// Deletes the pieces of an upload that has become a file.
    pub(crate) async fn tidy(&self, tenant: &str, id: Uuid) {
        if let Err(error) = self.files.drop_pieces(tenant, id).await {
            // They are deleted when the upload is swept.
            tracing::warn!(error = %kernel::failure::chain(&error), "pieces of an upload are left");
        }
    }
}
