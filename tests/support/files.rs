//! Files to upload, and the ways to do it.

use std::io::{Cursor, Write as _};

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use proto::collab::v1 as pb;
use proto::collab::v1::file_query_service_client::FileQueryServiceClient;
use proto::collab::v1::file_service_client::FileServiceClient;
use proto::common::v1::Receipt;
use tonic::Status;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::system::{User, id};

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

/// A picture that no other size looks like.
pub fn drawn(width: u32, height: u32) -> DynamicImage {
    let shade = |n: u32| u8::try_from(n % 256).unwrap();
    DynamicImage::from(RgbImage::from_fn(width, height, |x, y| {
        Rgb([shade(x), shade(y), shade(x.wrapping_mul(y) / 7)])
    }))
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    written(&drawn(width, height), ImageFormat::Png)
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    written(&drawn(width, height), ImageFormat::Jpeg)
}

/// The name of the camera that [`photo`] is from.
pub const CAMERA: &str = "HUAWEI P70";

/// A photo with what a phone writes into it: when, where, by what, and that it was held upright.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let degrees = |parts: [u32; 3]| {
        let [degrees, minutes, hundredths] = parts;
        let part = |num, denom| Rational { num, denom };
        Value::Rational(vec![part(degrees, 1), part(minutes, 1), part(hundredths, 100)])
    };
    let fields: Vec<Field> = [
        (Tag::Make, text("HUAWEI")),
        (Tag::Model, text("P70")),
        (Tag::Orientation, Value::Short(vec![6])),
        (Tag::DateTimeOriginal, text("2026:11:26 08:30:00")),
        (Tag::OffsetTimeOriginal, text("+08:00")),
        (Tag::GPSLatitudeRef, text("N")),
        (Tag::GPSLatitude, degrees([31, 13, 4_950])),
        (Tag::GPSLongitudeRef, text("E")),
        (Tag::GPSLongitude, degrees([121, 28, 2_532])),
    ]
    .into_iter()
    .map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value })
    .collect();
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut facts = Cursor::new(b"Exif\0\0".to_vec());
    facts.set_position(6);
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).unwrap();
    facts.write_all(&tiff.into_inner()).unwrap();
    let facts = facts.into_inner();
    let picture = jpeg(width, height);
    let length = u16::try_from(facts.len() + 2).unwrap().to_be_bytes();
    [&picture[..2], &[0xff, 0xe1], &length, &facts, &picture[2..]].concat()
}

/// A part of an archive.
pub struct Part<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub options: SimpleFileOptions,
}

/// A part as documents have them.
pub fn part<'a>(name: &'a str, bytes: &'a [u8]) -> Part<'a> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    Part { name, bytes, options }
}

pub fn archive<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for Part { name, bytes, options } in parts {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A document of Excel, and what else is to be in it.
pub fn workbook<'a>(more: impl IntoIterator<Item = Part<'a>>) -> Vec<u8> {
    let own = [part("[Content_Types].xml", b"<Types/>"), part("xl/workbook.xml", b"<workbook/>")];
    archive(own.into_iter().chain(more))
}

/// The beginning of an upload of something that belongs to an order, for the brand alone.
pub fn attachment(order: &str, name: &str, size: usize) -> pb::StartUploadRequest {
    pb::StartUploadRequest {
        request_id: id(),
        name: name.to_owned(),
        size: size as u64,
        purpose: pb::FilePurpose::Attachment.into(),
        object: Some(pb::ObjectRef { kind: pb::ObjectKind::Order.into(), id: order.to_owned() }),
        ..pb::StartUploadRequest::default()
    }
}

pub fn service(user: &User) -> FileServiceClient<tonic::transport::Channel> {
    FileServiceClient::new(user.channel.clone())
}

pub async fn start(user: &User, asked: pb::StartUploadRequest) -> Result<pb::Upload, Status> {
    let answer = service(user).start_upload(user.says(asked)).await?.into_inner();
    Ok(answer.upload.unwrap())
}

pub async fn append(
    user: &User,
    upload_id: &str,
    offset: u64,
    data: &[u8],
) -> Result<pb::Upload, Status> {
    let piece =
        pb::AppendUploadRequest { upload_id: upload_id.to_owned(), offset, data: data.to_vec() };
    let answer = service(user).append_upload(user.says(piece)).await?.into_inner();
    Ok(answer.upload.unwrap())
}

pub fn finishing(upload_id: &str) -> pb::FinishUploadRequest {
    let upload_id = upload_id.to_owned();
    pb::FinishUploadRequest { request_id: id(), upload_id, ..Default::default() }
}

pub async fn finish(user: &User, upload_id: &str) -> Result<Receipt, Status> {
    let answer = service(user).finish_upload(user.says(finishing(upload_id))).await?;
    Ok(answer.into_inner().receipt.unwrap())
}

/// A whole upload.
pub async fn store(
    user: &User,
    asked: pb::StartUploadRequest,
    bytes: &[u8],
) -> Result<Receipt, Status> {
    let upload = start(user, asked).await?;
    let mut offset = 0;
    for piece in bytes.chunks(PIECE) {
        offset = append(user, &upload.upload_id, offset, piece).await?.offset;
    }
    finish(user, &upload.upload_id).await
}

/// What is known of a file, once the list has it.
pub async fn known(user: &User, stored: &Receipt) -> Result<pb::File, Status> {
    let (file_id, min_position) = (stored.object_id.clone(), stored.position);
    let asked = user.says(pb::GetFileRequest { file_id, min_position });
    let mut lists = FileQueryServiceClient::new(user.channel.clone());
    Ok(lists.get_file(asked).await?.into_inner().file.unwrap())
}

/// The files of an order that a person sees.
pub async fn listed(user: &User, order: &str, min_position: u64) -> Vec<pb::File> {
    let object = Some(pb::ObjectRef { kind: pb::ObjectKind::Order.into(), id: order.to_owned() });
    let asked = pb::ListFilesRequest { object, min_position, ..Default::default() };
    let mut lists = FileQueryServiceClient::new(user.channel.clone());
    lists.list_files(user.says(asked)).await.unwrap().into_inner().files
}

/// A file as it is shown: its head, and its bytes.
pub async fn read(
    user: &User,
    file_id: &str,
    rendition: pb::Rendition,
) -> Result<(pb::FileHead, Vec<u8>), Status> {
    let (file_id, rendition) = (file_id.to_owned(), rendition.into());
    let asked = pb::ReadFileRequest { file_id, rendition, offset: 0, length: 0 };
    let mut pieces = service(user).read_file(user.says(asked)).await?.into_inner();
    let (mut head, mut bytes) = (None, Vec::new());
    while let Some(piece) = pieces.message().await? {
        head = head.or(piece.head);
        bytes.extend(piece.data);
    }
    Ok((head.unwrap(), bytes))
}

/// A file as it came.
pub async fn original(user: &User, file_id: &str) -> Result<Vec<u8>, Status> {
    let asked = pb::ReadOriginalRequest { file_id: file_id.to_owned(), ..Default::default() };
    let mut pieces = service(user).read_original(user.says(asked)).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.message().await? {
        bytes.extend(piece.data);
    }
    Ok(bytes)
}

/// A client of plain HTTP.
pub fn plain_client() -> reqwest::Client {
    // Nothing here speaks TLS, but a client asks for its library all the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Somebody at the gateway by plain HTTP.
pub struct Browser {
    pub client: reqwest::Client,
    pub web: String,
    pub token: String,
}

impl Browser {
    pub fn new(web: &str, token: &str) -> Self {
        let (web, token) = (web.to_owned(), token.to_owned());
        Self { client: plain_client(), web, token }
    }

    pub fn ask(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.client
            .request(method, format!("{}{path}", self.web))
            .header("authorization", format!("Bearer {}", self.token))
    }

    /// The same as tus has it.
    pub fn tus(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.ask(method, path).header("tus-resumable", "1.0.0")
    }
}

/// A header of an answer.
pub fn header(answer: &reqwest::Response, name: &str) -> String {
    let value = answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    value.unwrap_or_default()
}
