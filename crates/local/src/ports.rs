//! Loopback ports that stay the same from one start to the next while nobody else takes them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

// Below 32768, where Linux starts to hand out ports to outgoing connections: a port from there
// can be taken by a mere client at the very moment a server wants it.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// The ports in use by name, remembered in a file.
#[derive(Debug)]
pub struct Ports {
    file: PathBuf,
    by_name: BTreeMap<String, u16>,
    // Differs between checkouts, so that two of them do not reach for the same ports.
    start: u16,
}

impl Ports {
    /// Reads what was remembered; a missing or damaged file is an empty one.
    pub fn load(file: &Path) -> Self {
        let by_name = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let digest = Sha256::digest(file.as_os_str().as_encoded_bytes());
        let start = u16::from_be_bytes([digest[0], digest[1]]) % COUNT;
        Self { file: file.to_owned(), by_name, start }
    }

    /// The port remembered for a name, free or not.
    pub fn get(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// A free port for a name: the remembered one when nobody took it meanwhile.
    pub fn choose(&mut self, name: &str) -> Result<u16> {
        if let Some(port) = self.get(name).filter(|port| is_free(*port)) {
            return Ok(port);
        }
        let port = (0..COUNT)
            .map(|step| FIRST + (self.start + step) % COUNT)
            .find(|port| !self.by_name.values().any(|taken| taken == port) && is_free(*port))
            .context("no free port between 20000 and 31999 on 127.0.0.1")?;
        self.by_name.insert(name.to_owned(), port);
        self.save()?;
        Ok(port)
    }

    /// Remembers a port that a server already runs on.
    pub(crate) fn keep(&mut self, name: &str, port: u16) -> Result<()> {
        if self.by_name.insert(name.to_owned(), port) != Some(port) {
            self.save()?;
        }
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_vec_pretty(&self.by_name)?;
        std::fs::write(&self.file, text)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_kept_until_somebody_else_takes_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ports.json");
        let mut ports = Ports::load(&file);
        let first = ports.choose("web").unwrap();
        assert_ne!(ports.choose("nats").unwrap(), first);

        let mut again = Ports::load(&file);
        assert_eq!(again.choose("web").unwrap(), first);

        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        assert_ne!(again.choose("web").unwrap(), first);
    }

    #[test]
    fn ports_lie_below_those_of_outgoing_connections() {
        let dir = tempfile::tempdir().unwrap();
        let port = Ports::load(&dir.path().join("ports.json")).choose("web").unwrap();
        assert!((20_000..32_000).contains(&port));
    }

    #[test]
    fn a_damaged_file_is_started_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ports.json");
        std::fs::write(&file, "{\"web\":").unwrap();
        assert!(Ports::load(&file).choose("web").is_ok());
    }
}
