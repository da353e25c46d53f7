//! A disk whose power can be cut: an ext4 image, mounted over a loop device.
//!
//! A copy of the image's file, made while everything runs, has what was written to the disk at
//! that moment; what was only in memory is not in it. Copying takes a moment, so this is a little
//! kinder than a real cut.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A mounted image. Dropping it takes it away.
pub struct Disk {
    at: PathBuf,
    folder: TempDir,
}

impl Disk {
    /// Mounts a new, empty disk on a folder. Only root may.
    ///
    /// # Errors
    /// Says why it can not be done here.
    pub fn mount(at: &Path, mib: u64) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("qudao-disk-").tempdir().unwrap();
        let disk = Self { at: at.to_owned(), folder };
        let image = std::fs::File::create(disk.image()).unwrap();
        image.set_len(mib << 20).unwrap();
        run("mkfs.ext4", &["-q", "-F", text(&disk.image())])?;
        run("mount", &["-o", "loop", text(&disk.image()), text(at)])?;
        Ok(disk)
    }

    /// Remembers what is on the disk now. Whoever writes to it may go on.
    pub fn cut(&self) {
        // What nobody asked to be synced is what a cut takes: were it there afterwards, this
        // would be no cut.
        std::fs::write(self.unsynced(), "written, not synced").unwrap();
        run("cp", &["--sparse=always", text(&self.image()), text(&self.copy())]).unwrap();
    }

    /// Goes back to what was on the disk at the cut. Nobody may use it any more.
    pub fn come_back(&mut self) {
        self.unmount();
        std::fs::rename(self.copy(), self.image()).unwrap();
        run("mount", &["-o", "loop", text(&self.image()), text(&self.at)]).unwrap();
        let left = std::fs::read_to_string(self.unsynced()).unwrap_or_default();
        assert_eq!(left, "", "what was not synced has survived, so the power was not cut");
        let _ = std::fs::remove_file(self.unsynced());
    }

    /// Programs that were killed may take a moment to be gone.
    fn unmount(&self) {
        for _ in 0..100 {
            if run("umount", &[text(&self.at)]).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("somebody still uses {}", self.at.display());
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("copy")
    }

    fn unsynced(&self) -> PathBuf {
        self.at.join("unsynced")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also while somebody still uses it: it goes when they have ended.
        let _ = run("umount", &["-l", text(&self.at)]);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a program to its end; what it said when it failed.
pub fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
