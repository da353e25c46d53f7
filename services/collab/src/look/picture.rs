//! A picture: its size is read from its head before anything is decoded, then it is decoded within
//! limits, and copies are made of it that hold pixels and nothing else.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use image_hasher::{HashAlg, HasherConfig};

use super::{Copies, Unfit, camera, jpeg};
use crate::file::{MediaType, Picture};

/// Pixels on one side.
const SIDE: u32 = 16_384;
/// Pixels of a picture, in millions: what phones of today take.
const MEGAPIXELS: u64 = 50;
/// Bytes that a decoder may ask for: the pixels with eight bytes each, and some room.
const MEMORY: u64 = 448 << 20;
/// Pixels on each side of the copies.
const THUMBNAIL: u32 = 320;
const PREVIEW: u32 = 1_280;
/// The last chunk of a PNG, with its checksum.
const PNG_END: &[u8] = b"IEND\xaeB`\x82";
/// Quality of copies as JPEG, of 100.
const QUALITY: u8 = 82;

pub(super) fn look(bytes: &[u8], kind: MediaType) -> Result<(Picture, Copies), Unfit> {
    let format = match kind {
        MediaType::Png => ImageFormat::Png,
        MediaType::WebP => ImageFormat::WebP,
        MediaType::Jpeg | MediaType::Pdf | MediaType::Docx | MediaType::Xlsx => ImageFormat::Jpeg,
    };
    let size = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions();
    let (width, height) = size.map_err(|_| Unfit::PictureBroken)?;
    if width > SIDE
        || height > SIDE
        || u64::from(width) * u64::from(height) > MEGAPIXELS * 1_000_000
    {
        return Err(Unfit::PictureTooLarge { width, height, most: MEGAPIXELS });
    }
    // Decoders need not see the end to show what there is.
    let is_whole = match kind {
        MediaType::Jpeg => jpeg::end(bytes).is_some(),
        MediaType::Png => bytes.windows(PNG_END.len()).any(|window| window == PNG_END),
        MediaType::WebP | MediaType::Pdf | MediaType::Docx | MediaType::Xlsx => true,
    };
    if !is_whole {
        return Err(Unfit::PictureBroken);
    }
    let decoded = decode(bytes, format).map_err(|_| Unfit::PictureBroken)?;
    let (width, height) = (decoded.width(), decoded.height());
    let preview = match width.max(height) > PREVIEW {
        true => decoded.resize(PREVIEW, PREVIEW, FilterType::Triangle),
        false => decoded,
    };
    let thumbnail = match preview.width().max(preview.height()) > THUMBNAIL {
        true => preview.resize(THUMBNAIL, THUMBNAIL, FilterType::Triangle),
        false => preview.clone(),
    };
    let copies = if preview.color().has_alpha() { MediaType::Png } else { MediaType::Jpeg };
    let hasher = HasherConfig::new().hash_alg(HashAlg::DoubleGradient).hash_size(16, 16);
    let hash = hasher.to_hasher().hash_image(&thumbnail);
    let written = camera::read(bytes);
    let facts = Picture {
        width,
        height,
        perceptual_hash: hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
        copies,
        taken_at: written.taken_at,
        place: written.place,
        device: written.device,
    };
    let copy = |picture: &DynamicImage| encode(picture, copies).map_err(|_| Unfit::PictureBroken);
    Ok((facts, Copies { thumbnail: copy(&thumbnail)?, preview: copy(&preview)? }))
}

/// Decodes the picture, the right way up.
fn decode(bytes: &[u8], format: ImageFormat) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let up = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(up);
    Ok(picture)
}

/// The pixels with eight bits for each colour, and nothing else.
fn encode(picture: &DynamicImage, kind: MediaType) -> image::ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match kind {
        MediaType::Png => picture.to_rgba8().write_with_encoder(PngEncoder::new(&mut bytes))?,
        MediaType::Jpeg | MediaType::WebP | MediaType::Pdf | MediaType::Docx | MediaType::Xlsx => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
            picture.to_rgb8().write_with_encoder(encoder)?;
        }
    }
    Ok(bytes)
}
