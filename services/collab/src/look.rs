//! Looks into the bytes of an upload, and says what they are. Names and what callers say of them
//! count for nothing. Only what is on the list is taken, and only what is one thing: what another
//! program would read as something else is refused.
//!
//! Nothing here is async: it is work for a thread of its own.

mod archive;
mod camera;
mod jpeg;
mod picture;

use crate::file::{MediaType, Picture};

/// What was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What kind of file it is.
    pub media_type: MediaType,
    /// What a picture tells of itself, and the copies of it that are shown.
    pub picture: Option<(Picture, Copies)>,
}

/// Copies of a picture, without anything that its camera wrote into it.
#[derive(Clone, Debug)]
pub struct Copies {
    /// At most 320 pixels on each side.
    pub thumbnail: Vec<u8>,
    /// At most 1280 pixels on each side.
    pub preview: Vec<u8>,
}

/// Why bytes are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Unfit {
    /// The kind is not on the list.
    #[error("{what} files are not taken; take JPEG, PNG, WebP, PDF, Word (docx) or Excel (xlsx)")]
    FileKindNotAllowed {
        /// What it seems to be.
        what: String,
    },
    /// Of its kind, it is too long.
    #[error("such a file may have {most} bytes; make it smaller")]
    FileTooLarge {
        /// Bytes that it may have.
        most: u64,
    },
    /// It can be read as two things.
    #[error("the file is also {what}; save it anew with the program that it is from")]
    FilePolyglot {
        /// What else it is.
        what: &'static str,
    },
    /// It can not be decoded.
    #[error("the picture is damaged or cut off; take or export it again")]
    PictureBroken,
    /// It has too many pixels.
    #[error(
        "the picture has {width} × {height} pixels, more than {most} megapixels; make it smaller"
    )]
    PictureTooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Megapixels that it may have.
        most: u64,
    },
    /// It can not be read.
    #[error("the document is damaged or cut off; save it again")]
    DocumentBroken,
    /// Unpacked, it would be too much.
    #[error("the document would be too large unpacked; save it with less in it")]
    DocumentTooLarge,
    /// There is something in it that a document does not need.
    #[error("there is {what} in the document; save it without")]
    DocumentUnsafe {
        /// What.
        what: &'static str,
    },
}

impl Unfit {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::FileKindNotAllowed { what } => format!(
                "不接受 {what} 文件；可上传 JPEG、PNG、WebP、PDF、Word（docx）或 Excel（xlsx）"
            ),
            Self::FileTooLarge { most } => {
                format!("此类文件最多 {most} 字节，请缩小后重试")
            }
            Self::FilePolyglot { what } => {
                format!("该文件同时也是其他类型（{what}），请用原程序重新保存")
            }
            Self::PictureBroken => "图片已损坏或不完整，请重新拍摄或导出".to_owned(),
            Self::PictureTooLarge { width, height, most } => {
                format!("图片有 {width} × {height} 像素，超过 {most} 百万像素，请缩小后重试")
            }
            Self::DocumentBroken => "文档已损坏或不完整，请重新保存".to_owned(),
            Self::DocumentTooLarge => "文档解压后过大，请减少内容后重试".to_owned(),
            Self::DocumentUnsafe { what } => {
                format!("文档中含有不允许的内容（{what}），请去除后重试")
            }
        }
    }
}

/// Says what the bytes are.
///
/// # Errors
/// See [`Unfit`].
pub fn look(bytes: &[u8]) -> Result<Seen, Unfit> {
    let found = infer::get(bytes);
    let media_type = match found.map_or("", |kind| kind.mime_type()) {
        "image/jpeg" => MediaType::Jpeg,
        "image/png" => MediaType::Png,
        "image/webp" => MediaType::WebP,
        "application/pdf" => MediaType::Pdf,
        _ if bytes.starts_with(b"PK\x03\x04") => return archive::look(bytes),
        _ => return Err(not_allowed(found.map(|kind| kind.extension()), bytes)),
    };
    let most = media_type.most_bytes();
    if bytes.len() as u64 > most {
        return Err(Unfit::FileTooLarge { most });
    }
    if let Some(what) = also(bytes, media_type) {
        return Err(Unfit::FilePolyglot { what });
    }
    let picture = match media_type {
        MediaType::Jpeg | MediaType::Png | MediaType::WebP => {
            Some(picture::look(bytes, media_type)?)
        }
        MediaType::Pdf if is_whole_pdf(bytes) => None,
        MediaType::Pdf | MediaType::Docx | MediaType::Xlsx => return Err(Unfit::DocumentBroken),
    };
    Ok(Seen { media_type, picture })
}

/// People know kinds by the endings of names.
fn not_allowed(found: Option<&str>, bytes: &[u8]) -> Unfit {
    let text = std::str::from_utf8(&bytes[..bytes.len().min(64)]).is_ok();
    let what = match found {
        Some(ending) => ending.to_uppercase(),
        None if text => "TXT".to_owned(),
        None => "?".to_owned(),
    };
    Unfit::FileKindNotAllowed { what }
}

/// A PDF ends with its mark, after which there may be some rubbish.
fn is_whole_pdf(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(1_024)..];
    bytes.starts_with(b"%PDF-") && contains(end, b"%%EOF")
}

/// What else a program could read in the bytes of a picture or PDF.
fn also(bytes: &[u8], kind: MediaType) -> Option<&'static str> {
    if archive::ends_as_one(bytes) {
        return Some("a zip archive");
    }
    if kind != MediaType::Pdf && contains(&bytes[..bytes.len().min(1_024)], b"%PDF-") {
        return Some("a PDF");
    }
    // The text of a PDF may speak of anything.
    if kind == MediaType::Pdf {
        return None;
    }
    // Packed data holds any three bytes by chance, and words of this length by none.
    const WORDS: [(&[u8], &str); 4] = [
        (b"<script", "a web page"),
        (b"<!doctype", "a web page"),
        (b"<iframe", "a web page"),
        (b"<?php ", "a program"),
    ];
    let stands = |at: usize, word: &[u8]| {
        bytes[at..].get(..word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word))
    };
    let mut begins = bytes.iter().enumerate().filter(|(_, sign)| **sign == b'<').map(|(at, _)| at);
    begins.find_map(|at| WORDS.iter().find(|(word, _)| stands(at, word))).map(|(_, what)| *what)
}

/// Whether a short text stands somewhere.
fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
