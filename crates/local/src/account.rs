//! Whom PostgreSQL runs as: it refuses root, so root hands it to an unprivileged account.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// An account of this machine; `None` in its place means: as whoever runs us.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// The account for PostgreSQL when we are root. It must have a passwd entry: PostgreSQL looks
/// its own name up and stops without one.
pub(crate) fn for_postgres() -> Result<Option<Account>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    ["postgres", "_postgres", "nobody"]
        .iter()
        .find_map(|name| find(&passwd, name))
        .map(Some)
        .context("PostgreSQL does not run as root, and there is no user postgres or nobody: run as an ordinary user")
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name: name.to_owned(), uid, gid })
    })
}

/// A command that runs as the account. It starts in `/`, because the account may not be allowed
/// into the folder we stand in.
pub(crate) fn command(account: Option<&Account>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// Whether the account may enter a folder or run a program. Asked by trying, because mode bits
/// alone do not tell (access lists, mounts).
pub(crate) fn can_reach(account: Option<&Account>, path: &Path) -> bool {
    account.is_none()
        || command(account, Path::new("/bin/sh"))
            .args(["-c", r#"test -x "$0""#])
            .arg(path)
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

/// Gives a folder to the account.
pub(crate) fn give(account: Option<&Account>, path: &Path) -> Result<()> {
    let Some(account) = account else { return Ok(()) };
    std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid))
        .with_context(|| format!("cannot give {} to {}", path.display(), account.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd =
            "postgres2:x:7:8::/:/bin/sh\nnobody:x:65534:65533:nobody:/:/usr/sbin/nologin\n";
        assert!(find(passwd, "postgres").is_none());
        let nobody = find(passwd, "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.gid), (65534, 65533));
    }
}
