//! Files that are there.

use collab::file::{File, FileEvent, StoredFile};
use kernel::Recorded;
use kernel::projection::{Db, ProjectError, Projection, Table};
use serde_json::json;

kernel::facts!(
    pub(crate) enum Shelf {
        File(File),
    }
);

const FILES: Table = Table { name: "files", key: &["tenant_id", "file_id"] };

pub(crate) struct Files;

impl Projection for Files {
    const NAME: &'static str = "files";
    const CONTEXT: &'static str = "collab";
    const VERSION: u32 = 2;
    const TABLES: &'static [&'static Table] = &[&FILES];
    const SCHEMA: &'static str = include_str!("files.sql");
    type Facts = Shelf;

    async fn project(
        &self,
        db: &mut Db<'_>,
        recorded: &Recorded,
        Shelf::File(event): Shelf,
    ) -> Result<(), ProjectError> {
        match event {
            FileEvent::FileStored(file) => stored(db, recorded, file),
            FileEvent::FileRemoved { file_id, .. } => {
                db.delete(&FILES, json!({ "tenant_id": recorded.tenant, "file_id": file_id }))
            }
        }
    }
}

fn stored(db: &mut Db<'_>, recorded: &Recorded, file: StoredFile) -> Result<(), ProjectError> {
    let (kind, id) = match &file.object {
        Some(object) => (object.kind.as_str(), object.id.as_str()),
        None => ("", ""),
    };
    let row = json!({
        "tenant_id": recorded.tenant,
        "file_id": file.file_id,
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
        "sha256": file.sha256,
        "purpose": file.purpose,
        "object_kind": kind,
        "object_id": id,
        "dealer_id": file.dealer_id,
        "for_all": file.purpose.is_for_all(),
        "picture": file.picture,
        "stored_at": recorded.recorded_at,
        "stored_by": recorded.metadata.actor_id,
    });
    db.insert(&FILES, row)
}
