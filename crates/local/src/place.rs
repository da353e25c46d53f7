//! The folder that holds everything one local system has: data, logs, pids, ports.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::account::{self, Account};
use crate::process::PidFile;

const LEAST_FREE_BYTES: u64 = 2 << 30;

/// Where PostgreSQL's files go when root runs us and the account that PostgreSQL runs as may not
/// enter the checkout, for example below a private home folder.
const OUTSIDE: [&str; 2] = ["/var/lib/qudao-local", "/var/tmp/qudao-local"];

/// One local system's folder, by default `.local` in the checkout.
#[derive(Clone, Debug)]
pub struct Place {
    dir: PathBuf,
    servers: PathBuf,
}

impl Place {
    /// The folder given, else `.local` of the checkout we stand in. Fetched servers are kept in
    /// the checkout either way, so that they are fetched once.
    pub fn open(dir: Option<&Path>) -> Result<Self> {
        let checkout = checkout();
        let dir = match (dir, &checkout) {
            (Some(dir), _) => std::path::absolute(dir)?,
            (None, Some(checkout)) => checkout.join(".local"),
            (None, None) => bail!("not inside a checkout of qudao: go there, or name a --dir"),
        };
        let servers = checkout.map_or(dir.clone(), |root| root.join(".local")).join("servers");
        Ok(Self { dir, servers })
    }

    /// Makes the folder and what is always in it.
    pub fn create(&self) -> Result<()> {
        for dir in [&self.dir, &self.dir.join("log"), &self.dir.join("run")] {
            fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        }
        Ok(())
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where fetched servers are kept.
    pub fn servers(&self) -> &Path {
        &self.servers
    }

    /// The log of one program.
    pub fn log(&self, program: &str) -> PathBuf {
        self.dir.join("log").join(format!("{program}.log"))
    }

    /// The file that remembers one program's process.
    pub fn pid_file(&self, program: &str) -> PidFile {
        PidFile::at(self.dir.join("run").join(format!("{program}.pid")))
    }

    /// The file that remembers the ports.
    pub fn ports(&self) -> PathBuf {
        self.dir.join("ports.json")
    }

    /// The folder of PostgreSQL's files: inside, unless it had to be put elsewhere.
    pub(crate) fn home(&self) -> PathBuf {
        match fs::read_to_string(self.dir.join("home")) {
            Ok(home) => PathBuf::from(home.trim()),
            Err(_) => self.dir.clone(),
        }
    }

    /// Makes sure that the account reaches the folder of PostgreSQL's files.
    pub(crate) fn settle(&self, account: Option<&Account>) -> Result<()> {
        if self.home() != self.dir && self.home().is_dir() {
            return Ok(());
        }
        if account::can_reach(account, &self.dir) {
            return Ok(());
        }
        let home = outside()?.join(self.outside_name());
        fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
        fs::write(home.join("belongs-to"), self.dir.as_os_str().as_encoded_bytes())?;
        fs::write(self.dir.join("home"), home.as_os_str().as_encoded_bytes())?;
        Ok(())
    }

    /// Deletes everything but fetched servers.
    pub fn delete(&self) -> Result<()> {
        let home = self.home();
        if home != self.dir {
            remove(&home)?;
        }
        for entry in fs::read_dir(&self.dir).into_iter().flatten() {
            let path = entry?.path();
            if path != self.servers {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Deletes the fetched servers, and the folder if nothing else is in it.
    pub fn delete_servers(&self) -> Result<()> {
        remove(&self.servers)?;
        // Not ours to delete when somebody keeps other things in it.
        let _ = fs::remove_dir(&self.dir);
        Ok(())
    }

    fn outside_name(&self) -> String {
        let digest = Sha256::digest(self.dir.as_os_str().as_encoded_bytes());
        digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The checkout we stand in.
pub fn checkout() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|dir| dir.join("crates/local/Cargo.toml").is_file()).map(Path::to_owned)
}

/// Says so when the disk is about to be full: servers that run into it fail in odder ways.
pub fn require_free_space(dir: &Path) -> Result<()> {
    let disk = rustix::fs::statvfs(dir)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < LEAST_FREE_BYTES {
        bail!(
            "only {} MB are free on the disk of {}, and 2 GB are needed: make room and try again",
            free >> 20,
            dir.display()
        );
    }
    Ok(())
}

/// Folders outside whose system is gone, because its checkout was deleted. Only root makes them.
pub(crate) fn abandoned() -> Vec<PathBuf> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let homes = OUTSIDE.iter().flat_map(|outside| fs::read_dir(outside).into_iter().flatten());
    homes
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|home| {
            fs::read_to_string(home.join("belongs-to")).is_ok_and(|dir| !Path::new(&dir).exists())
        })
        .collect()
}

/// Removes a file or folder; one that is gone already is no failure.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let is_dir = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir());
    let removed = if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The first folder outside that is ours alone: in a folder open to everybody, anybody could
/// have put a link there.
fn outside() -> Result<PathBuf> {
    OUTSIDE
        .iter()
        .map(PathBuf::from)
        .find(|dir| {
            let made = fs::create_dir(dir);
            let ours = fs::symlink_metadata(dir)
                .is_ok_and(|meta| meta.is_dir() && meta.uid() == 0 && meta.mode() & 0o022 == 0);
            ours && (made.is_ok() || dir.is_dir())
        })
        .with_context(|| {
            format!(
                "PostgreSQL may not enter the checkout, and neither {} nor {} can be used: move \
                 the checkout out of the private folder, or run as an ordinary user",
                OUTSIDE[0], OUTSIDE[1]
            )
        })
}
