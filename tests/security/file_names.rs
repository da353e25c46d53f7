//! S9: names of files that lead somewhere, or look like something else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proto::access::v1::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::{Code, Status};

use super::row::{Found, Row, Run};
use super::stage::{Stage, caller};
use crate::support::files::{Browser, attachment, header, known, png, store};
use crate::support::shop::reason;
use crate::support::system::User;

pub(super) static S9: Row = Row {
    id: "S9",
    attack: "files named as paths (`../`, absolute, of Windows, percent-encoded), with NUL and \
             line breaks, turned writing, 10,000 characters, devices, quotes; the same in the \
             addresses of downloads",
    passes: "stored under a digest inside of the store and nowhere else; the name is cleaned or \
             refused with a reason, and Content-Disposition is one header with one plain name; no \
             address reads another file",
    control: "`s9_notices_a_server_that_stores_by_name`",
    environment: &[("QUDAO_CALLS_OF_PERSON", "0"), ("QUDAO_CALLS_OF_TENANT", "0")],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// Stands in each name.
const MARK: &str = "mark4711";

fn names() -> Vec<String> {
    let mut all: Vec<String> = [
        "../../../../../../tmp/{}",
        "..\\..\\..\\{}",
        "/etc/{}",
        "C:\\Windows\\{}",
        "\\\\host\\{}",
        "%2e%2e%2f%2e%2e%2f{}",
        "..%c0%af..%c0%af{}",
        "....//....//{}",
        "{}\0.png",
        "{}\r\nSet-Cookie: a=b",
        "{}\u{202e}gnp.exe",
        "\u{200b}{}\u{feff}",
        "CON.{}",
        "nul",
        "LPT1.{}.png",
        "{}\"; filename=\"evil.exe",
        "{}.png.exe",
        ".{}",
        "{}.",
        " {} ",
        "-rf {}",
        "~/{}",
        "$(touch {})",
        "`{}`",
        "{};ls|cat&",
        "{}'\"<>*?",
        "文件 {} 名",
        "{}🙂👨‍👩‍👧.png",
        "a/b/c/{}",
        "{}/",
        "..",
        ".",
        "/",
        "::$DATA{}",
    ]
    .map(|name| name.replace("{}", MARK))
    .into();
    all.extend([MARK.repeat(1_250), format!("{}.png", "长".repeat(240))]);
    all
}

async fn attack(stage: &Stage, _: Run) -> Found {
    let mut found = Found::default();
    let who = caller("acme", &[Role::HqAdmin], None);
    let user = User { channel: stage.channel(), token: stage.token(&who) };
    let browser = Browser::new(&format!("http://127.0.0.1:{}", stage.outer_port()), &user.token);
    let folder = stage.key_file().with_file_name("");
    let before = beside(&folder);
    for name in names() {
        let came = named(&user, &browser, &name).await;
        found.attempt(Some("FileService/StartUpload"), came);
    }
    for path in files_below(&folder.join("files")) {
        found.attempt(None, inside(&folder.join("files"), &path));
    }
    for path in files_below(&folder) {
        let marked = path.to_string_lossy().contains(MARK);
        let came = if marked { Err(format!("a name is a path: {path:?}")) } else { Ok(()) };
        found.attempt(None, came);
    }
    let after = beside(&folder);
    let came = if before == after { Ok(()) } else { Err(format!("{before:?} is now {after:?}")) };
    found.attempt(None, came);
    addresses(stage, &user, &mut found).await;
    found.figure("names", names().len());
    found
}

/// A file of a name: it is refused with a reason, or what is kept of the name is harmless.
async fn named(user: &User, browser: &Browser, name: &str) -> Result<(), String> {
    let picture = png(16, 16);
    let stored = match store(user, attachment("SO-1", name, picture.len()), &picture).await {
        Ok(stored) => stored,
        Err(no) if is_of_a_name(&no) => return Ok(()),
        Err(no) => return Err(format!("{name:?}: {no:?}")),
    };
    let file = known(user, &stored).await.map_err(|no| no.to_string())?;
    harmless(&file.name)?;
    let shown = browser.ask("GET", &format!("/files/{}", stored.object_id)).send().await;
    let shown = shown.map_err(|error| error.to_string())?;
    let lines = shown.headers().get_all("content-disposition").iter().count();
    if lines != 1 || !header(&shown, "set-cookie").is_empty() {
        return Err(format!("{name:?}: {lines} lines of Content-Disposition"));
    }
    // The copy that is shown is of another kind, and says so.
    let copy = format!("{}.jpg", file.name.trim_end_matches(".png"));
    disposed(&header(&shown, "content-disposition"), &copy)
}

/// A refusal of a name: it has signs that it may not have, or is longer than any request may be.
fn is_of_a_name(no: &Status) -> bool {
    matches!(
        (no.code(), reason(no).as_str()),
        (Code::InvalidArgument, "BAD_FIELDS") | (Code::ResourceExhausted, "REQUEST_TOO_LARGE")
    )
}

/// A name that leads nowhere and looks like what it is.
fn harmless(name: &str) -> Result<(), String> {
    let bad = |sign: char| {
        sign.is_control()
            || "/\\:<>|?*\"".contains(sign)
            || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = matches!(stem.as_str(), "con" | "nul" | "prn" | "aux") || stem.starts_with("lpt");
    let fine = !name.chars().any(bad)
        && !device
        && !name.starts_with('.')
        && name.ends_with(".png")
        && name.chars().count() <= 130;
    if fine { Ok(()) } else { Err(format!("the name is {name:?}")) }
}

/// `inline; filename="…"; filename*=UTF-8''…`, of which the second says the name as it is.
fn disposed(told: &str, name: &str) -> Result<(), String> {
    let wrong = || format!("{told:?} for {name:?}");
    let rest = told.strip_prefix("inline; filename=\"").ok_or_else(wrong)?;
    let (plain, real) = rest.split_once("\"; filename*=UTF-8''").ok_or_else(wrong)?;
    let signs = |sign: char| sign.is_ascii_alphanumeric() || " ._-()".contains(sign);
    let encoded = |sign: char| sign.is_ascii_alphanumeric() || "%!#$&+-.^_`|~".contains(sign);
    let fine = plain.chars().all(signs) && real.chars().all(encoded) && decoded(real) == name;
    if fine { Ok(()) } else { Err(wrong()) }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte =
            digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `files/<tenant>/<2 digits>/<64 digits>/<part>`, or a piece of an upload.
fn inside(store: &Path, path: &Path) -> Result<(), String> {
    let wrong = || format!("{path:?} is in the store");
    let path = path.strip_prefix(store).map_err(|_| wrong())?;
    let steps: Vec<_> = path.iter().map(|step| step.to_string_lossy()).collect();
    let digits =
        |text: &str, length| text.len() == length && text.bytes().all(|it| it.is_ascii_hexdigit());
    let steps: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
    let fine = match steps.as_slice() {
        ["files", "acme", two, digest, "original" | "thumbnail" | "preview"] => {
            digits(digest, 64) && digest.starts_with(two) && two.len() == 2
        }
        ["uploads", "acme", upload, piece] => digits(upload, 32) && digits(piece, 32),
        _ => false,
    };
    if fine { Ok(()) } else { Err(wrong()) }
}

/// What lies beside the store.
fn beside(folder: &Path) -> BTreeSet<PathBuf> {
    let all =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    all.filter(|path| !path.ends_with("files")).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return all };
    for entry in entries.filter_map(Result::ok) {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => all.extend(files_below(&entry.path())),
            _ => all.push(entry.path()),
        }
    }
    all
}

/// Addresses that lead elsewhere, as no client would send them by itself.
async fn addresses(stage: &Stage, user: &User, found: &mut Found) {
    for path in [
        "/files/../../../../etc/passwd",
        "/files/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/files/..%2f..%2f..%2fetc%2fpasswd",
        "/files/uploads/..%2f..%2fsigning-key.pem",
        "/files//etc/passwd",
        "/files/00000000-0000-0000-0000-000000000000%00",
        "/files/..\\..\\signing-key.pem",
        "/files/uploads/../../signing-key.pem",
    ] {
        let told = raw(stage.outer_port(), path, &user.token).await;
        let status = told.split(' ').nth(1).unwrap_or_default();
        let leaks = told.contains("root:") || told.contains("PRIVATE KEY");
        let came = match status.starts_with('4') && !leaks {
            true => Ok(()),
            false => Err(format!("{path}: {told:.200}")),
        };
        found.attempt(None, came);
    }
}

async fn raw(port: u16, path: &str, token: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("a port");
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told).await;
    String::from_utf8_lossy(&told).into_owned()
}

/// What the row would say of a server that believes in names: how many of all it calls right.
pub fn of_whoever_stores_by_name() -> (usize, usize) {
    let all = names();
    let store = Path::new("/store");
    let right = all.iter().filter(|name| {
        let told = format!("inline; filename=\"{name}\"");
        let path = inside(store, &store.join(name));
        path.is_ok() || harmless(name).is_ok() || disposed(&told, name).is_ok()
    });
    (right.count(), all.len())
}
