//! The facts of a file.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::DealerId;

/// The facts of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum FileEvent {
    /// The bytes of a file are kept, and were looked into.
    FileStored(StoredFile),
    /// A file is shown to nobody any more. Its bytes stay.
    FileRemoved {
        /// The file.
        file_id: Uuid,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct StoredFile {
    /// The file.
    pub file_id: Uuid,
    /// Of all its bytes, as they came.
    pub sha256: Sha256,
    /// How many there are.
    pub size: u64,
    /// Found by looking into them.
    pub media_type: MediaType,
    /// As the person who stored it called it, without folders and signs that nobody can see.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// What it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRef>,
    /// Whose people see it besides the brand's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dealer_id: Option<DealerId>,
    /// What a picture tells of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// A SHA-256, as 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
pub struct Sha256(String);

impl Sha256 {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(bytes);
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Kinds of files that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MediaType {
    /// JPEG
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG
    #[serde(rename = "image/png")]
    Png,
    /// WebP
    #[serde(rename = "image/webp")]
    WebP,
    /// PDF
    #[serde(rename = "application/pdf")]
    Pdf,
    /// Word
    #[serde(rename = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    /// Excel
    #[serde(rename = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Xlsx,
}

impl MediaType {
    /// As HTTP names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Endings of the names of such files; the first is the usual one.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::WebP => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
        }
    }

    /// Bytes that such a file may have.
    pub fn most_bytes(self) -> u64 {
        match self {
            Self::Jpeg | Self::Png | Self::WebP => 20 << 20,
            Self::Pdf | Self::Docx | Self::Xlsx => 50 << 20,
        }
    }
}

/// What a file is for. It says who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 附件: belongs to an object; for the brand's people, and those of its dealer if it has one.
    Attachment,
    /// 品牌标识: a picture for everybody.
    Logo,
    /// 商品图片: a picture for whoever sees the product.
    ProductPicture,
}

impl Purpose {
    /// Whether all people of the tenant see such a file.
    pub fn is_for_all(self) -> bool {
        match self {
            Self::Attachment | Self::ProductPicture => false,
            Self::Logo => true,
        }
    }

    /// Whether such a file is a picture that the brand shows, and the brand alone stores and removes.
    pub fn is_the_brands(self) -> bool {
        match self {
            Self::Attachment => false,
            Self::Logo | Self::ProductPicture => true,
        }
    }

    /// In words.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Attachment => ("附件", "attachment"),
            Self::Logo => ("品牌标识", "logo"),
            Self::ProductPicture => ("商品图片", "product picture"),
        }
    }
}

/// An object of whichever context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
}

/// Kinds of objects that a file can belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// An order.
    Order,
    /// A product.
    Product,
    /// A dealer.
    Dealer,
}

impl ObjectKind {
    /// Its name in events and read models.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Product => "product",
            Self::Dealer => "dealer",
        }
    }
}

/// What a picture tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Picture {
    /// Pixels across, as it is shown.
    pub width: u32,
    /// Pixels down, as it is shown.
    pub height: u32,
    /// Perceptual hash, hexadecimal: pictures that look alike differ in few bits.
    pub perceptual_hash: String,
    /// What the copies are that are shown in its place.
    pub copies: MediaType,
    /// When it was taken, by the camera's clock: `YYYY-MM-DDTHH:MM:SS`, with the offset that the
    /// camera gave, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// Where it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Maker and model of the camera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// A place on Earth, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Millionths of a degree, north is positive.
    pub latitude_microdegrees: i32,
    /// Millionths of a degree, east is positive.
    pub longitude_microdegrees: i32,
}

impl DomainEvent for FileEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::FileStored(file) => {
                let StoredFile { name, size, purpose, .. } = file;
                let (zh, en) = purpose.words();
                let digest = &file.sha256.as_str()[..12];
                Text::new(
                    format!("文件“{name}”已保存（{zh}，{size} 字节，SHA-256 {digest}…）"),
                    format!("the file {name} was stored: {en}, {size} bytes, SHA-256 {digest}…"),
                )
            }
            Self::FileRemoved { file_id, reason } => Text::new(
                format!("文件 {file_id} 已移除：{reason}"),
                format!("the file {file_id} was removed: {reason}"),
            ),
        }
    }
}
