//! Documents of Word and Excel: zip archives with XML in them. What is in one is looked at before
//! it is unpacked, and unpacked within limits; nothing of it is written anywhere.

use std::io::{Cursor, Read as _};

use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use super::{Seen, Unfit};
use crate::file::MediaType;

/// Parts of a document.
const ENTRIES: u16 = 2_000;
/// Bytes of all parts, unpacked.
const UNPACKED: u64 = 128 << 20;
/// So many times may the whole be larger than what is packed, when it is large.
const RATIO: u64 = 100;
const LARGE: u64 = 4 << 20;
/// Bytes of the record at the end of an archive, and of the comment that may follow it.
const END: usize = 22;
const COMMENT: usize = 65_535;
/// Bytes that are unpacked at a time.
const BUFFER: usize = 64 << 10;
const DOCTYPE: &[u8] = b"<!DOCTYPE";
const ENTITY: &[u8] = b"<!ENTITY";
const END_SIGN: &[u8] = b"PK\x05\x06";

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Whether a program that looks for an archive from the end would find one.
pub(super) fn ends_as_one(bytes: &[u8]) -> bool {
    entries(bytes).is_some()
}

/// How many entries the record at the end tells of.
fn entries(bytes: &[u8]) -> Option<u16> {
    let tail = &bytes[bytes.len().saturating_sub(END + COMMENT)..];
    let ends = tail.windows(END).rev().filter(|window| window.starts_with(END_SIGN));
    let record = ends.into_iter().next()?;
    Some(u16::from_le_bytes([record[10], record[11]]))
}

pub(super) fn look(bytes: &[u8]) -> Result<Seen, Unfit> {
    // The record is read before the list that it tells of is made.
    match entries(bytes) {
        None => return Err(Unfit::DocumentBroken),
        Some(entries) if entries > ENTRIES => return Err(Unfit::DocumentTooLarge),
        Some(_) => {}
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unfit::DocumentBroken)?;
    let media_type = kind(&archive)?;
    let most = media_type.most_bytes();
    if bytes.len() as u64 > most {
        return Err(Unfit::FileTooLarge { most });
    }
    let mut sum = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| Unfit::DocumentBroken)?;
        admit(&entry)?;
        sum += entry.size();
        if sum > UNPACKED || (sum > LARGE && sum / RATIO > bytes.len() as u64) {
            return Err(Unfit::DocumentTooLarge);
        }
    }
    for index in 0..archive.len() {
        unpack(&mut archive, index)?;
    }
    Ok(Seen { media_type, picture: None })
}

/// What a document is, its parts say.
fn kind(archive: &Archive<'_>) -> Result<MediaType, Unfit> {
    let has = |name| archive.index_for_name(name).is_some();
    match has("[Content_Types].xml") {
        true if has("word/document.xml") => Ok(MediaType::Docx),
        true if has("xl/workbook.xml") => Ok(MediaType::Xlsx),
        _ => Err(Unfit::FileKindNotAllowed { what: "ZIP".to_owned() }),
    }
}

/// What can be told of a part without unpacking it.
fn admit<R: std::io::Read>(entry: &ZipFile<'_, R>) -> Result<(), Unfit> {
    let unsafe_for = |what| Err(Unfit::DocumentUnsafe { what });
    let Ok(name) = entry.name() else { return Err(Unfit::DocumentBroken) };
    let steps_out = name.split('/').any(|step| matches!(step, ".." | "."));
    let leads_out = steps_out || name.starts_with('/');
    if leads_out || entry.enclosed_name().is_none() || name.contains(['\\', ':']) {
        return unsafe_for("a path that leads out of it");
    }
    if entry.is_symlink() {
        return unsafe_for("a link");
    }
    if entry.encrypted() {
        return unsafe_for("an encrypted part");
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return unsafe_for("a part packed in an unusual way");
    }
    let name = name.to_ascii_lowercase();
    if name.ends_with("vbaproject.bin") {
        return unsafe_for("a macro");
    }
    let archives = [".zip", ".jar", ".7z", ".rar", ".exe", ".dll", ".docm", ".xlsm"];
    if archives.iter().any(|ending| name.ends_with(ending)) {
        return unsafe_for("a program or an archive");
    }
    Ok(())
}

/// Unpacks a part, as far as it was said to be long, and looks at it when it is XML.
fn unpack(archive: &mut Archive<'_>, index: usize) -> Result<(), Unfit> {
    let mut entry = archive.by_index(index).map_err(|_| Unfit::DocumentBroken)?;
    let told = entry.size();
    let name = entry.name().map_err(|_| Unfit::DocumentBroken)?.to_ascii_lowercase();
    let is_xml = [".xml", ".rels", ".vml"].iter().any(|ending| name.ends_with(ending));
    let mut buffer = vec![0; BUFFER];
    let (mut kept, mut got) = (0, 0);
    loop {
        let read = entry.read(&mut buffer[kept..]).map_err(|_| Unfit::DocumentBroken)?;
        if read == 0 {
            return Ok(());
        }
        got += read as u64;
        if got > told {
            return Err(Unfit::DocumentTooLarge);
        }
        if is_xml {
            plain(&buffer[..kept + read])?;
            // A word may be cut in two.
            let rest = (kept + read).min(DOCTYPE.len() - 1);
            buffer.copy_within(kept + read - rest..kept + read, 0);
            kept = rest;
        }
    }
}

/// These documents declare nothing, and are in UTF-8: in an encoding with zeros, words could hide.
fn plain(xml: &[u8]) -> Result<(), Unfit> {
    let has = |word: &[u8]| xml.windows(word.len()).any(|window| window == word);
    if xml.contains(&0) {
        return Err(Unfit::DocumentBroken);
    }
    if has(DOCTYPE) || has(ENTITY) {
        return Err(Unfit::DocumentUnsafe { what: "a document type with entities" });
    }
    Ok(())
}
