//! Events as Parquet files in a folder, for DuckDB, Polars, Spark and their like.
//!
//! Read in this order: [`row`] (the columns), [`manifest`] (what is there, and how far it goes),
//! [`Archive`] (adding to it), `file` (one Parquet file). A crate of its own, so that nobody but
//! the executable builds the Parquet writer.

#![warn(missing_docs)]

mod file;
pub mod manifest;
pub mod row;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub use manifest::{Entry, Manifest};
pub use row::Row;

/// Name of the list of files.
pub const MANIFEST: &str = "manifest.json";
/// Rows and bytes that are kept in memory before they become files.
const ROWS_MOST: usize = 100_000;
const BYTES_MOST: usize = 64 << 20;

/// Why an archive can not be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file can not be read or written.
    #[error("{0} can not be read or written")]
    File(PathBuf, #[source] std::io::Error),
    /// The manifest is not one.
    #[error("{0} is not the manifest of an archive")]
    Manifest(PathBuf, #[source] serde_json::Error),
    /// The writer refuses.
    #[error("a Parquet file can not be written")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The archive has events of somebody else.
    #[error("the archive has the events of {found}, not of {wanted}; choose another folder")]
    OtherScope {
        /// Whose events it has.
        found: String,
        /// Whose events were to be added.
        wanted: String,
    },
    /// A file is not what the manifest says.
    #[error("{0} is not the file that the manifest speaks of")]
    Changed(String),
}

/// A folder of Parquet files that is being added to. What is not committed is not there: a run
/// that is killed leaves nothing that the next one does not take away.
pub struct Archive {
    folder: PathBuf,
    manifest: Manifest,
    waiting: BTreeMap<Partition, Vec<Row>>,
    rows: usize,
    bytes: usize,
}

/// What lies in one folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Partition {
    tenant: String,
    date: String,
    event_type: String,
}

impl Archive {
    /// Opens an archive of the events of `scope`, or begins one; removes what a killed run left.
    ///
    /// # Errors
    /// See [`ArchiveError`].
    pub fn open(folder: &Path, scope: &str) -> Result<Self, ArchiveError> {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let manifest = Manifest::load(&folder.join(MANIFEST))?;
        let manifest = manifest.unwrap_or_else(|| Manifest::new(scope));
        if manifest.scope != scope {
            let (found, wanted) = (manifest.scope, scope.to_owned());
            return Err(ArchiveError::OtherScope { found, wanted });
        }
        let archive = Self {
            folder: folder.to_owned(),
            manifest,
            waiting: BTreeMap::new(),
            rows: 0,
            bytes: 0,
        };
        archive.remove_strays()?;
        Ok(archive)
    }

    /// What is there.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Adds an event to what waits to be written.
    pub fn add(&mut self, row: Row) {
        self.rows += 1;
        self.bytes += row.payload.len() + 400;
        let partition = Partition {
            tenant: row.tenant.clone(),
            date: row.recorded_at.date_naive().to_string(),
            event_type: row.event_type.clone(),
        };
        self.waiting.entry(partition).or_default().push(row);
    }

    /// Whether so much waits that it should be committed.
    pub fn is_full(&self) -> bool {
        self.rows >= ROWS_MOST || self.bytes >= BYTES_MOST
    }

    /// Writes what waits, all of it events of one context up to a position, and then the manifest
    /// that names it. Gives the number of new files.
    ///
    /// # Errors
    /// See [`ArchiveError`]. The manifest is then as it was.
    pub fn commit(&mut self, context: &str, position: u64) -> Result<usize, ArchiveError> {
        if position <= self.manifest.last_position(context) {
            return Ok(0);
        }
        let mut manifest = self.manifest.clone();
        let waiting = std::mem::take(&mut self.waiting);
        (self.rows, self.bytes) = (0, 0);
        let files = waiting.len();
        for (partition, rows) in waiting {
            manifest.files.push(self.write(context, partition, &rows)?);
        }
        manifest.reached.insert(context.to_owned(), position);
        replace(&self.folder.join(MANIFEST), &manifest.text())?;
        self.manifest = manifest;
        Ok(files)
    }

    fn write(
        &self,
        context: &str,
        partition: Partition,
        rows: &[Row],
    ) -> Result<Entry, ArchiveError> {
        let Partition { tenant, date, event_type } = partition;
        let first_position = rows.first().map_or(0, |row| row.position);
        let last_position = rows.last().map_or(0, |row| row.position);
        let path = format!(
            "tenant={}/date={date}/type={event_type}/{context}-{first_position:012}-{last_position:012}.parquet",
            encoded(&tenant)
        );
        let bytes = file::parquet(rows)?;
        let sha256 = manifest::sha256(&bytes);
        replace(&self.folder.join(&path), &bytes)?;
        Ok(Entry {
            path,
            context: context.to_owned(),
            tenant,
            date,
            event_type,
            first_position,
            last_position,
            rows: rows.len() as u64,
            bytes: bytes.len() as u64,
            sha256,
        })
    }

    /// Compares every file with the manifest; gives the number of rows.
    ///
    /// # Errors
    /// [`ArchiveError::Changed`] names the first file that is another one.
    pub fn check(&self) -> Result<u64, ArchiveError> {
        let mut rows = 0;
        for entry in &self.manifest.files {
            let path = self.folder.join(&entry.path);
            let bytes = std::fs::read(&path).map_err(|error| failed(&path, error))?;
            if manifest::sha256(&bytes) != entry.sha256 {
                return Err(ArchiveError::Changed(entry.path.clone()));
            }
            rows += entry.rows;
        }
        Ok(rows)
    }

    /// Files of ours that the manifest does not name were written by a run that did not end.
    fn remove_strays(&self) -> Result<(), ArchiveError> {
        let known = self.manifest.files.iter().map(|entry| self.folder.join(&entry.path));
        let known: std::collections::BTreeSet<_> = known.collect();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            let listed = std::fs::read_dir(&folder).map_err(|error| failed(&folder, error))?;
            for entry in listed {
                let path = entry.map_err(|error| failed(&folder, error))?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let partition = ["tenant=", "date=", "type="].iter().any(|p| name.starts_with(p));
                if path.is_dir() && partition {
                    folders.push(path);
                } else if is_ours(&name) && !known.contains(&path) {
                    std::fs::remove_file(&path).map_err(|error| failed(&path, error))?;
                }
            }
        }
        Ok(())
    }
}

/// `order-000000000001-000000000200.parquet`, and what is to become one or a manifest.
fn is_ours(name: &str) -> bool {
    let finished = name.strip_suffix(".tmp").unwrap_or(name);
    if finished == MANIFEST {
        return finished != name;
    }
    let Some(range) = finished.strip_suffix(".parquet") else { return false };
    let mut parts = range.rsplitn(3, '-');
    let numbers = parts.by_ref().take(2).all(|part| part.parse::<u64>().is_ok());
    numbers && parts.next().is_some()
}

/// Data as a name of a folder: as in a URL, so that every reader of such folders gets it back.
fn encoded(data: &str) -> String {
    let mut name = String::with_capacity(data.len());
    for byte in data.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    name
}

/// Puts a file in its place at once and for good: it is there with all its bytes, or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut unfinished = path.to_owned();
    unfinished.as_mut_os_string().push(".tmp");
    let write = || {
        std::fs::create_dir_all(folder)?;
        let mut file = std::fs::File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: std::io::Error) -> ArchiveError {
    ArchiveError::File(path.to_owned(), error)
}
