//! S10: files that are not what they say, or are more than they should be.

use std::io::Cursor;
use std::time::{Duration, Instant};

use proto::access::v1::Role;
use proto::collab::v1::{CancelUploadRequest, Rendition};
use rand::Rng as _;
use tonic::{Code, Status};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::row::{Found, Row, Run};
use super::stage::{Stage, caller};
use crate::support::files::{
    Browser, append, archive, attachment, finish, header, jpeg, part, photo, png, read, service,
    start, workbook,
};
use crate::support::shop::reason;
use crate::support::system::User;

pub(super) static S10: Row = Row {
    id: "S10",
    attack: "programs, pages and SVG named as pictures; files that are two things; pictures cut \
             off, and of 50,000 × 50,000 pixels; archives that unpack to too much, have too many \
             parts, links, paths out of them, programs, macros or entities; good files with bytes \
             changed at random",
    passes: "refused with a coded reason in both languages, within 200 ms (2.4 s in a debug build) \
             and at most 64 MiB more memory; what is taken can be decoded again, and is sent with \
             nosniff and in a sandbox",
    control: "`s10_notices_a_server_that_looks_into_nothing`",
    environment: &[("QUDAO_CALLS_OF_PERSON", "0"), ("QUDAO_CALLS_OF_TENANT", "0")],
    run: |stage, run| Box::pin(attack(stage, run)),
};

/// Memory that a refusal may take, in KiB.
const MEMORY: u64 = 64 << 10;

/// How long a refusal may take.
fn limit() -> Duration {
    Duration::from_millis(if cfg!(debug_assertions) { 2_400 } else { 200 })
}

/// A file that nobody may take.
struct Fake {
    name: String,
    bytes: Vec<u8>,
    /// The reasons for which it may be refused.
    reasons: &'static [&'static str],
}

const KIND: &[&str] = &["FILE_KIND_NOT_ALLOWED"];
const POLYGLOT: &[&str] = &["FILE_POLYGLOT"];
const BROKEN: &[&str] = &["PICTURE_BROKEN", "DOCUMENT_BROKEN", "FILE_KIND_NOT_ALLOWED"];
const PIXELS: &[&str] = &["PICTURE_TOO_LARGE"];
const TOO_MUCH: &[&str] = &["DOCUMENT_TOO_LARGE", "DOCUMENT_BROKEN"];
const UNSAFE: &[&str] = &["DOCUMENT_UNSAFE", "DOCUMENT_BROKEN"];

fn fakes(run: Run) -> Vec<Fake> {
    let mut all = others();
    all.extend(polyglots());
    all.extend(cut_off());
    all.extend(floods());
    all.extend(documents(run.size(3_000, 100_000)));
    all
}

fn fake(name: &str, bytes: impl Into<Vec<u8>>, reasons: &'static [&'static str]) -> Fake {
    Fake { name: name.to_owned(), bytes: bytes.into(), reasons }
}

/// Other kinds under the names of pictures.
fn others() -> Vec<Fake> {
    let program = [b"MZ\x90\0".as_slice(), &[0; 56], &64_u32.to_le_bytes(), b"PE\0\0", &[7; 400]];
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    vec![
        fake("照片.jpg", program.concat(), KIND),
        fake("a.png", b"\x7fELF\x02\x01\x01\0rest of a program".as_slice(), KIND),
        fake("a.png", svg, KIND),
        fake("a.svg", format!("<?xml version=\"1.0\"?>{svg}"), KIND),
        fake("a.jpg", "<!DOCTYPE html><html><script>alert(1)</script></html>", KIND),
        fake("a.pdf", "#!/bin/sh\nrm -rf /\n", KIND),
        fake("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;".as_slice(), KIND),
        fake("a.jpg", b"\xff".as_slice(), KIND),
        fake("a.xlsx", archive([part("readme.txt", b"a zip and no workbook")]), KIND),
    ]
}

/// Files that are two things.
fn polyglots() -> Vec<Fake> {
    let zip = archive([part("evil.class", b"another file")]);
    let comment = |text: &[u8]| {
        let picture = jpeg(60, 40);
        let length = u16::try_from(text.len() + 2).unwrap().to_be_bytes();
        [&picture[..2], &[0xff, 0xfe], &length, text, &picture[2..]].concat()
    };
    let pdf = b"%PDF-1.7\n1 0 obj\n%%EOF\n";
    vec![
        fake("a.jpg", [jpeg(60, 40), zip.clone()].concat(), POLYGLOT),
        fake("a.png", [png(60, 40), zip.clone()].concat(), POLYGLOT),
        fake("a.pdf", [pdf.as_slice(), &zip].concat(), POLYGLOT),
        fake("a.jpg", comment(b"*/--><script>alert(1)</script>"), POLYGLOT),
        fake("a.jpg", comment(b"<?php echo 1; ?>"), POLYGLOT),
        fake("a.jpg", comment(b"%PDF-1.7"), POLYGLOT),
    ]
}

fn cut_off() -> Vec<Fake> {
    let mut all = Vec::new();
    for (name, whole) in [("a.jpg", photo(200, 150)), ("a.png", png(200, 150))] {
        for tenths in [1, 3, 5, 8] {
            all.push(fake(name, &whole[..whole.len() * tenths / 10], BROKEN));
        }
        all.push(fake(name, &whole[..whole.len() - 2], BROKEN));
    }
    let book = workbook([]);
    all.push(fake("a.xlsx", &book[..book.len() - 30], BROKEN));
    all.push(fake("a.pdf", b"%PDF-1.7\n1 0 obj".as_slice(), BROKEN));
    all
}

/// Pictures with more pixels than anybody's memory has.
fn floods() -> Vec<Fake> {
    let mut head = [50_000_u32.to_be_bytes(), 50_000_u32.to_be_bytes()].concat();
    head.extend([8, 6, 0, 0, 0]);
    let chunk = |kind: &[u8], data: &[u8]| {
        let told = [kind, data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [length.as_slice(), &told, &crc32(&told).to_be_bytes()].concat()
    };
    let sign = b"\x89PNG\r\n\x1a\n";
    let end = [chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"), chunk(b"IEND", b"")].concat();
    let flood = [sign.as_slice(), &chunk(b"IHDR", &head), &end].concat();
    let mut large = jpeg(60, 40);
    let frame = large.windows(2).position(|two| two == [0xff, 0xc0]).expect("a frame");
    large[frame + 5..frame + 9].copy_from_slice(&[0xc3, 0x50, 0xc3, 0x50]);
    vec![fake("a.png", flood, PIXELS), fake("a.jpg", large, PIXELS)]
}

/// As PNG has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

fn documents(entries: usize) -> Vec<Fake> {
    let zeros = vec![0; 24 << 20];
    let bomb = workbook([part("xl/media/image1.bin", &zeros)]);
    let mut lies = workbook([part("xl/media/image1.bin", &zeros)]);
    for (sign, at) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
        let last = lies.windows(4).rposition(|window| window == sign).expect("an entry");
        lies[last + at..last + at + 4].copy_from_slice(&5_u32.to_le_bytes());
    }
    let names: Vec<_> = (0..entries).map(|n| format!("xl/{n}")).collect();
    let many = workbook(names.iter().map(|name| part(name, b"")));
    let declared = "<!DOCTYPE x [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\">]><sst>&b;</sst>";
    let wide: Vec<u8> = declared.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = |text: &'static str| workbook([part("xl/sharedStrings.xml", text.as_bytes())]);
    let named = |name: &str| workbook([part(name, b"something")]);
    // No writer makes such a path by itself.
    let mut absolute = named("xetc/cron.d/evil");
    while let Some(at) = absolute.windows(5).position(|window| window == b"xetc/") {
        absolute[at] = b'/';
    }
    let mut linked = ZipWriter::new_append(Cursor::new(workbook([]))).expect("a workbook");
    let options = SimpleFileOptions::default();
    linked.add_symlink("xl/link", "/etc/passwd", options).expect("a link");
    let linked = linked.finish().expect("an archive").into_inner();
    vec![
        fake("bomb.xlsx", bomb, TOO_MUCH),
        fake("lies.xlsx", lies, TOO_MUCH),
        fake("many.xlsx", many, TOO_MUCH),
        fake("nested.xlsx", named("xl/42.zip"), UNSAFE),
        fake("program.xlsx", named("xl/a.exe"), UNSAFE),
        fake("macro.xlsx", named("xl/vbaProject.bin"), UNSAFE),
        fake("out.xlsx", named("../../../../tmp/evil"), UNSAFE),
        fake("absolute.xlsx", absolute, UNSAFE),
        fake("windows.xlsx", named("C:\\evil.txt"), UNSAFE),
        fake("link.xlsx", linked, UNSAFE),
        fake("entities.xlsx", text(declared), UNSAFE),
        fake("wide.xlsx", workbook([part("xl/sharedStrings.xml", &wide)]), UNSAFE),
    ]
}

async fn attack(stage: &Stage, run: Run) -> Found {
    let mut found = Found::default();
    let who = caller("acme", &[Role::HqAdmin], None);
    let user = User { channel: stage.channel(), token: stage.token(&who) };
    let (fakes, mut grown, mut slowest) = (fakes(run), u64::MAX, Duration::ZERO);
    // Allocators keep what they once had: the smaller growth of two rounds counts.
    for _ in 0..2 {
        let mut most = 0;
        for fake in &fakes {
            let before = stage.resident_kib();
            let (came, took) = upload(&user, &fake.name, &fake.bytes).await;
            most = most.max(stage.resident_kib().saturating_sub(before));
            slowest = slowest.max(took);
            found.attempt(Some(FINISH), judged(fake, &came, took));
        }
        grown = grown.min(most);
    }
    let memory = if grown <= MEMORY { Ok(()) } else { Err(format!("{grown} KiB more")) };
    found.attempt(Some(FINISH), memory);
    changed(&user, run, &mut found).await;
    taken(stage, &user, &mut found).await;
    found.figure("kinds of files", fakes.len());
    found.figure("slowest refusal", format!("{slowest:.1?}"));
    found.figure("memory", format!("+{} MiB", grown >> 10));
    found
}

const FINISH: &str = "FileService/FinishUpload";

/// Uploads a file; what came of it, and how long the look into it took.
async fn upload(user: &User, name: &str, bytes: &[u8]) -> (Result<String, Status>, Duration) {
    let begun = start(user, attachment("SO-1", name, bytes.len())).await;
    let upload_id = match begun {
        Ok(begun) => begun.upload_id,
        Err(no) => return (Err(no), Duration::ZERO),
    };
    let mut offset = 0;
    for piece in bytes.chunks(1 << 20) {
        offset = append(user, &upload_id, offset, piece).await.expect("a piece").offset;
    }
    let started = Instant::now();
    let came = finish(user, &upload_id).await;
    let took = started.elapsed();
    let cancel = CancelUploadRequest { upload_id };
    service(user).cancel_upload(user.says(cancel)).await.expect("it is given up");
    (came.map(|receipt| receipt.object_id), took)
}

fn judged(fake: &Fake, came: &Result<String, Status>, took: Duration) -> Result<(), String> {
    let Err(no) = came else { return Err(format!("{} was taken", fake.name)) };
    let said = reason(no);
    if no.code() != Code::InvalidArgument || !fake.reasons.contains(&said.as_str()) {
        return Err(format!("{}: {:?} {said} {}", fake.name, no.code(), no.message()));
    }
    if !String::from_utf8_lossy(no.details()).contains("zh-CN") {
        return Err(format!("{} is refused in one language", fake.name));
    }
    if took > limit() { Err(format!("{} took {took:?}", fake.name)) } else { Ok(()) }
}

/// What the row would say of a server that takes everything: how many of all it calls right.
pub fn of_whoever_looks_into_nothing() -> (usize, usize) {
    let fakes = fakes(Run { seed: 1, whole: false });
    let taken = Ok(String::new());
    let right = fakes.iter().filter(|fake| judged(fake, &taken, Duration::ZERO).is_ok());
    (right.count(), fakes.len())
}

/// Good files with bytes changed: whatever they are then, nothing breaks.
async fn changed(user: &User, run: Run, found: &mut Found) {
    let mut choices = run.choices();
    let good = [photo(120, 90), png(120, 90), workbook([part("xl/styles.xml", b"<styles/>")])];
    for n in 0..run.size(15, 300) {
        let mut bytes = good[n % good.len()].clone();
        for _ in 0..choices.random_range(1..20) {
            let at = choices.random_range(0..bytes.len());
            bytes[at] = choices.random();
        }
        let (came, took) = upload(user, "a.jpg", &bytes).await;
        let judged = match came {
            Ok(_) => Ok(()),
            Err(no) if no.code() == Code::InvalidArgument && took <= limit() => Ok(()),
            Err(no) => Err(format!("{no:?} after {took:?}")),
        };
        found.attempt(Some(FINISH), judged);
    }
}

/// What is taken can be decoded again, and does nothing where it is shown.
async fn taken(stage: &Stage, user: &User, found: &mut Found) {
    let browser = Browser::new(&format!("http://127.0.0.1:{}", stage.outer_port()), &user.token);
    for bytes in [photo(500, 400), png(500, 400)] {
        let (came, _) = upload(user, "<script>.html", &bytes).await;
        let file = came.expect("a good picture is taken");
        for rendition in [Rendition::Thumbnail, Rendition::Preview] {
            let (_, copy) = read(user, &file, rendition).await.expect("it is shown");
            let came = image::load_from_memory(&copy).map(drop).map_err(|error| error.to_string());
            found.attempt(Some("FileService/ReadFile"), came);
        }
        let shown = browser.ask("GET", &format!("/files/{file}")).send().await.expect("an answer");
        let told = ["x-content-type-options", "content-security-policy", "content-type"];
        let [sniff, policy, kind] = told.map(|name| header(&shown, name));
        let fine = sniff == "nosniff" && policy.contains("sandbox") && kind.starts_with("image/");
        let came = if fine { Ok(()) } else { Err(format!("{sniff}, {policy}, {kind}")) };
        found.attempt(None, came);
    }
}
