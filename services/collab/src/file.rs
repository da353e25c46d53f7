//! A file (文件): what is known of it, whom it is for, that it was taken away. Its bytes are not in
//! the log but beside it, under their SHA-256, so that the log says what they must be.

mod event;
mod refusal;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::DealerId;

pub use event::{
    FileEvent, MediaType, ObjectKind, ObjectRef, Picture, Place, Purpose, Sha256, StoredFile,
};
pub use refusal::FileRefusal;

/// What can be asked of a file.
#[derive(Clone, Debug)]
pub enum FileCommand {
    /// Its bytes are there, and were looked into.
    Store(StoredFile),
    /// It is to be shown to nobody any more.
    Remove {
        /// Who asks.
        by: Viewer,
        /// Why.
        reason: String,
    },
}

/// Whose person somebody is who looks at files of their tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The brand's.
    Brand,
    /// A dealer's.
    Dealer(DealerId),
}

/// A file; its object id is the id of the upload that it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum File {
    /// Not heard of yet.
    #[default]
    Unknown,
    /// There.
    Stored(StoredFile),
    /// Taken away.
    Removed(StoredFile),
}

impl File {
    /// The file, if it is there and this person may see it. Whoever may not is not told that it is
    /// there.
    ///
    /// # Errors
    /// [`FileRefusal::FileNotFound`]
    pub fn seen_by(&self, viewer: &Viewer) -> Result<&StoredFile, FileRefusal> {
        match self {
            Self::Stored(file) if file.is_for(viewer) => Ok(file),
            Self::Unknown | Self::Stored(_) | Self::Removed(_) => Err(FileRefusal::FileNotFound),
        }
    }
}

impl File {
    /// Of a picture of a product that is there: the file and the product. Whether a dealer's people
    /// may see it follows from what they see of products.
    pub fn pictured(&self) -> Option<(&StoredFile, &str)> {
        let Self::Stored(file) = self else { return None };
        let object = file.object.as_ref().filter(|it| it.kind == ObjectKind::Product)?;
        (file.purpose == Purpose::ProductPicture).then_some((file, object.id.as_str()))
    }
}

impl StoredFile {
    /// Whether this person may see it, whatever they see besides files.
    pub fn is_for(&self, viewer: &Viewer) -> bool {
        match viewer {
            Viewer::Brand => true,
            Viewer::Dealer(dealer) => {
                self.purpose.is_for_all() || self.dealer_id.as_ref() == Some(dealer)
            }
        }
    }
}

impl Decider for File {
    const AGGREGATE: &'static str = "file";
    type Command = FileCommand;
    type Event = FileEvent;
    type Refusal = FileRefusal;

    fn decide(&self, command: FileCommand) -> Result<Vec<FileEvent>, FileRefusal> {
        match (self, command) {
            (Self::Unknown, FileCommand::Store(file)) => store(file),
            (Self::Stored(_) | Self::Removed(_), FileCommand::Store(_)) => {
                Err(FileRefusal::AlreadyStored)
            }
            (_, FileCommand::Remove { by, reason }) => self.remove(&by, reason),
        }
    }

    fn evolve(&mut self, event: FileEvent) {
        match event {
            FileEvent::FileStored(file) => *self = Self::Stored(file),
            FileEvent::FileRemoved { .. } => {
                if let Self::Stored(file) = std::mem::take(self) {
                    *self = Self::Removed(file);
                }
            }
        }
    }
}

fn store(file: StoredFile) -> Result<Vec<FileEvent>, FileRefusal> {
    if file.purpose.is_the_brands() && file.picture.is_none() {
        return Err(FileRefusal::NotAPicture);
    }
    Ok(vec![FileEvent::FileStored(file)])
}

impl File {
    fn remove(&self, by: &Viewer, reason: String) -> Result<Vec<FileEvent>, FileRefusal> {
        let file = self.seen_by(by)?;
        if matches!(by, Viewer::Dealer(_)) && file.purpose.is_the_brands() {
            return Err(FileRefusal::NotYourFile);
        }
        Ok(vec![FileEvent::FileRemoved { file_id: file.file_id, reason }])
    }
}
