//! The file that a locally started system leaves behind to be found by.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// Where the file lies, below the current folder or one above it.
const PLACE: &str = ".local/endpoints.json";

/// The part of the file that clients need.
#[derive(Debug, Deserialize)]
pub(crate) struct Endpoints {
    pub(crate) grpc: String,
    /// Database of a local system, for what the operator does there.
    #[serde(default)]
    pub(crate) postgres: Option<String>,
    #[serde(default)]
    pub(crate) users: Vec<Login>,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Login {
    #[serde(alias = "tenant_id")]
    pub(crate) tenant: String,
    #[serde(alias = "user")]
    pub(crate) login: String,
    pub(crate) password: String,
}

/// Reads the file that QUDAO_ENDPOINTS names, else the one of the nearest folder upward.
pub(crate) fn find() -> anyhow::Result<Endpoints> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let named = super::env("QUDAO_ENDPOINTS").map(PathBuf::from);
    let Some(path) = named.or_else(|| upward(&here, PLACE)) else {
        bail!(
            "no server: neither --server nor QUDAO_SERVER is given, and there is no {PLACE} in \
             {} or above. `make up` starts one.",
            here.display()
        );
    };
    let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what a local system writes", path.display()))
}

/// The first of `start` and the folders above it that has `place`.
pub(crate) fn upward(start: &Path, place: &str) -> Option<PathBuf> {
    start.ancestors().map(|folder| folder.join(place)).find(|path| path.exists())
}

/// Who signs in: the one asked for, else the first known. A password given goes before a known
/// one, a user known by name needs none.
pub(crate) fn choose(
    user: Option<&str>,
    tenant: Option<&str>,
    password: Option<&str>,
    known: impl FnOnce() -> Vec<Login>,
) -> anyhow::Result<Login> {
    if let (Some(user), Some(tenant), Some(password)) = (user, tenant, password) {
        return Ok(login(tenant, user, password));
    }
    let known = known().into_iter().find(|known| {
        user.is_none_or(|user| known.login == user)
            && tenant.is_none_or(|tenant| known.tenant == tenant)
    });
    match (known, user) {
        (Some(known), Some(_)) => {
            Ok(login(&known.tenant, &known.login, password.unwrap_or(&known.password)))
        }
        (Some(known), None) => Ok(known),
        (None, Some(user)) => bail!(
            "cannot sign in as {user}: give --tenant and the password in QUDAO_PASSWORD \
             ({PLACE} does not know that user)"
        ),
        (None, None) => bail!(
            "who are you? Give --user, --tenant and QUDAO_PASSWORD, or QUDAO_TOKEN \
             ({PLACE} names nobody)"
        ),
    }
}

fn login(tenant: &str, login: &str, password: &str) -> Login {
    Login { tenant: tenant.to_owned(), login: login.to_owned(), password: password.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Login> {
        vec![login("bikes", "admin", "a"), login("bikes", "wang", "w"), login("tea", "admin", "t")]
    }

    #[test]
    fn nobody_asked_for_means_the_first_known() {
        assert_eq!(choose(None, None, None, known).unwrap(), login("bikes", "admin", "a"));
        assert_eq!(choose(None, Some("tea"), None, known).unwrap(), login("tea", "admin", "t"));
    }

    #[test]
    fn a_known_user_needs_no_password() {
        assert_eq!(choose(Some("wang"), None, None, known).unwrap(), login("bikes", "wang", "w"));
        let own = choose(Some("wang"), None, Some("own"), known).unwrap();
        assert_eq!(own.password, "own");
    }

    #[test]
    fn an_unknown_user_is_told_what_is_missing() {
        let error = choose(Some("li"), None, Some("x"), known).unwrap_err().to_string();
        assert!(error.contains("--tenant"), "{error}");
    }

    #[test]
    fn the_nearest_file_upward_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(root.path().join(".local")).unwrap();
        std::fs::write(root.path().join(PLACE), r#"{"grpc":"127.0.0.1:1","extra":1}"#).unwrap();

        let found = upward(&deep, PLACE).unwrap();

        assert_eq!(found, root.path().join(PLACE));
        let read: Endpoints = serde_json::from_slice(&std::fs::read(found).unwrap()).unwrap();
        assert_eq!((read.grpc.as_str(), read.users.len()), ("127.0.0.1:1", 0));
    }
}
