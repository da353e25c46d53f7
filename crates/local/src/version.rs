//! Versions as servers print them.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Major and minor version of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// What comes before the first dot.
    pub major: u32,
    /// What comes after it; 0 when there is none, as in a beta.
    pub minor: u32,
}

impl Version {
    pub(crate) const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Reads the first word that looks like a version: `v2.15.1`, `15.14`, `18beta1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.split([' ', '\n', '(', ')']).find_map(|word| {
            let word = word.strip_prefix('v').unwrap_or(word);
            let mut parts = word.split('.');
            let major = leading_number(parts.next()?)?;
            let minor = parts.next().and_then(leading_number).unwrap_or(0);
            Some(Self { major, minor })
        })
    }

    /// Asks a program with `--version`.
    pub(crate) fn of(program: &Path) -> Result<Self> {
        let output = Command::new(program)
            .arg("--version")
            .output()
            .with_context(|| format!("{} does not start", program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!(
                "{} --version fails: {}",
                program.display(),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Self::parse(&text).with_context(|| format!("{} --version says {text:?}", program.display()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_print_them() {
        let cases = [
            ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n", Version::new(15, 14)),
            ("postgres (PostgreSQL) 18beta1", Version::new(18, 0)),
            ("nats-server: v2.15.1\n", Version::new(2, 15)),
            ("nats-server: v2.9.10", Version::new(2, 9)),
        ];
        for (text, version) in cases {
            assert_eq!(Version::parse(text), Some(version), "{text}");
        }
        assert_eq!(Version::parse("command not found"), None);
    }

    #[test]
    fn a_two_digit_minor_is_newer_than_a_one_digit_one() {
        assert!(Version::new(2, 12) > Version::new(2, 9));
        assert!(Version::new(18, 0) > Version::new(15, 14));
    }
}
