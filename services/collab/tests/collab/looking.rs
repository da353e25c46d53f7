//! What bytes may become a file, and what is seen in them. The attacks are in the security suite.

use std::io::{Cursor, Write as _};

use collab::file::MediaType;
use collab::look::{Seen, Unfit, look};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn drawn(width: u32, height: u32) -> DynamicImage {
    let shade = |n: u32| u8::try_from(n % 256).expect("a byte");
    DynamicImage::from(RgbImage::from_fn(width, height, |x, y| {
        Rgb([shade(x), shade(y), shade(x * y / 7)])
    }))
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a picture is written");
    bytes.into_inner()
}

fn document(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in parts {
        zip.start_file(*name, options).expect("a part");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("an archive").into_inner()
}

fn picture(seen: Seen) -> (collab::file::Picture, collab::look::Copies) {
    seen.picture.expect("a picture")
}

#[test]
fn pictures_are_known_by_what_is_in_them_and_copied_small() {
    for (format, kind) in [
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::WebP, MediaType::WebP),
    ] {
        let seen = look(&written(&drawn(1_600, 800), format)).expect("a picture");
        assert_eq!(seen.media_type, kind);
        let (facts, copies) = picture(seen);
        assert_eq!((facts.width, facts.height, facts.copies), (1_600, 800, MediaType::Jpeg));
        for (copy, width) in [(copies.thumbnail, 320), (copies.preview, 1_280)] {
            let copy = image::load_from_memory_with_format(&copy, ImageFormat::Jpeg);
            assert_eq!(copy.expect("a copy").width(), width);
        }
    }
}

#[test]
fn what_can_be_seen_through_stays_so() {
    let seen = look(&written(&DynamicImage::from(RgbaImage::new(4, 4)), ImageFormat::Png));
    let (facts, copies) = picture(seen.expect("a picture"));
    assert_eq!(facts.copies, MediaType::Png);
    let copy = image::load_from_memory(&copies.preview).expect("a copy");
    assert_eq!(copy.to_rgba8().get_pixel(0, 0).0[3], 0);
}

/// Large shapes, as pictures of things have them.
fn scene() -> DynamicImage {
    let shade = |n: u32| u8::try_from(n.min(255)).expect("a byte");
    DynamicImage::from(RgbImage::from_fn(900, 600, |x, y| {
        let door = if (200..400).contains(&x) && y > 250 { 200 } else { 0 };
        Rgb([shade(x / 4 + door / 4), shade(y / 3), shade(door)])
    }))
}

#[test]
fn pictures_that_look_alike_have_hashes_that_are() {
    let bits = |bytes: &[u8]| {
        let hash = picture(look(bytes).expect("a picture")).0.perceptual_hash;
        u128::from_str_radix(&hash[..32], 16).expect("hexadecimal")
    };
    let large = bits(&written(&scene(), ImageFormat::Png));
    let small = bits(&written(&scene().thumbnail(300, 300), ImageFormat::Jpeg));
    let other = bits(&written(&scene().rotate180(), ImageFormat::Png));
    assert!((large ^ small).count_ones() < 12, "{}", (large ^ small).count_ones());
    assert!((large ^ other).count_ones() > 30, "{}", (large ^ other).count_ones());
}

#[test]
fn documents_are_known_by_their_parts() {
    let types = ("[Content_Types].xml", "<Types/>");
    let word = document(&[types, ("word/document.xml", "<w:document/>")]);
    assert_eq!(look(&word).expect("a document").media_type, MediaType::Docx);
    let excel = document(&[types, ("xl/workbook.xml", "<workbook/>")]);
    assert_eq!(look(&excel).expect("a document").media_type, MediaType::Xlsx);
    assert_eq!(look(b"%PDF-1.7\n1 0 obj\n%%EOF\n").expect("a PDF").media_type, MediaType::Pdf);
}

#[test]
fn what_is_cut_off_is_not_taken() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = written(&drawn(300, 200), format);
        for part in [whole.len() / 2, whole.len() - 10] {
            assert_eq!(look(&whole[..part]).map(|seen| seen.media_type), Err(Unfit::PictureBroken));
        }
    }
    assert_eq!(
        look(b"%PDF-1.7\n1 0 obj\n").map(|seen| seen.media_type),
        Err(Unfit::DocumentBroken)
    );
}
