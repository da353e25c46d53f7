//! What a camera wrote into a picture (EXIF): when, where, by what. It is written down as it was
//! found; nobody has checked it.

use std::io::Cursor;

use exif::{Exif, In, Rational, Reader, Tag, Value};

use crate::file::Place;

/// Characters of a camera's name.
const DEVICE: usize = 80;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) taken_at: Option<String>,
    pub(super) place: Option<Place>,
    pub(super) device: Option<String>,
}

/// Reads what there is and can be read; the rest is as if it were not there.
pub(super) fn read(bytes: &[u8]) -> Written {
    let Ok(exif) = Reader::new().read_from_container(&mut Cursor::new(bytes)) else {
        return Written::default();
    };
    Written { taken_at: taken_at(&exif), place: place(&exif), device: device(&exif) }
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(lines) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let text = String::from_utf8_lossy(lines.first()?);
    let text: String = text.chars().filter(|sign| !sign.is_control()).take(DEVICE).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `2026:11:26 08:30:00` as the standard has it, and `+08:00`.
fn taken_at(exif: &Exif) -> Option<String> {
    let told = text(exif, Tag::DateTimeOriginal).or_else(|| text(exif, Tag::DateTime))?;
    let time = chrono::NaiveDateTime::parse_from_str(&told, "%Y:%m:%d %H:%M:%S").ok()?;
    let offset = text(exif, Tag::OffsetTimeOriginal).unwrap_or_default();
    let told = format!("{}{offset}", time.format("%Y-%m-%dT%H:%M:%S"));
    let whole = chrono::DateTime::parse_from_rfc3339(&told).is_ok();
    Some(if whole { told } else { time.format("%Y-%m-%dT%H:%M:%S").to_string() })
}

fn place(exif: &Exif) -> Option<Place> {
    let latitude = degrees(exif, Tag::GPSLatitude, (Tag::GPSLatitudeRef, "S"), 90)?;
    let longitude = degrees(exif, Tag::GPSLongitude, (Tag::GPSLongitudeRef, "W"), 180)?;
    // Where a camera says that it knows nothing, it says zero.
    (latitude != 0 || longitude != 0)
        .then_some(Place { latitude_microdegrees: latitude, longitude_microdegrees: longitude })
}

/// Degrees, minutes and seconds as millionths of a degree; negative where the other tag says so.
fn degrees(exif: &Exif, tag: Tag, (side, negative): (Tag, &str), most: i64) -> Option<i32> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let billionths = |part: Option<&Rational>, each: i128| match part {
        Some(part) if part.denom > 0 => {
            Some(i128::from(part.num) * 1_000_000_000 / i128::from(part.denom) / each)
        }
        Some(_) => None,
        None => Some(0),
    };
    let sum = billionths(parts.first(), 1)?
        + billionths(parts.get(1), 60)?
        + billionths(parts.get(2), 3_600)?;
    let sum = (sum + 500) / 1_000;
    let sum = if text(exif, side).as_deref() == Some(negative) { -sum } else { sum };
    i32::try_from(sum).ok().filter(|sum| i64::from(*sum).abs() <= most * 1_000_000)
}

fn device(exif: &Exif) -> Option<String> {
    match (text(exif, Tag::Make), text(exif, Tag::Model)) {
        (Some(make), Some(model)) if !model.starts_with(&make) => Some(format!("{make} {model}")),
        (make, model) => model.or(make),
    }
}
