//! Why an upload says no, before there is a file.

use kernel::{Refusal, RefusalKind, Text};

use crate::look::Unfit;

/// Why an upload says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum UploadRefusal {
    /// The caller has none under this id.
    #[error("there is no such upload of yours; it may be over: begin another one")]
    UploadNotFound,
    /// The request's id was used for another upload.
    #[error("this request_id was used for another upload; make a new one")]
    RequestIdReused,
    /// The piece is not the next one.
    #[error("the next piece begins at byte {at}; go on from there")]
    WrongOffset {
        /// Where it begins.
        at: u64,
    },
    /// More came than was said.
    #[error("the upload was said to have {size} bytes, and this is more; begin another one")]
    TooMuchData {
        /// What was said.
        size: u64,
    },
    /// Not all is there.
    #[error("{missing} bytes are missing; send them first")]
    UploadIncomplete {
        /// How many.
        missing: u64,
    },
    /// What came is something else than what was sent.
    #[error("the bytes are not those with the SHA-256 that was named; upload the file again")]
    DigestMismatch,
    /// The tenant keeps as much as it may.
    #[error("your company keeps as much as it may: {left} of {quota} bytes are left; ask for more")]
    QuotaExceeded {
        /// Bytes that may still come.
        left: u64,
        /// Bytes that may be kept.
        quota: u64,
    },
    /// Logos and product pictures are the brand's.
    #[error("only the brand's people upload logos and product pictures; upload an attachment")]
    PurposeNotYours,
    /// What it is for was not said.
    #[error("say what the file is for")]
    NoPurpose,
    /// An object has a kind and an id.
    #[error("say both the kind and the id of what the file belongs to, or neither")]
    HalfAnObject,
    /// It is no file that is taken.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl Refusal for UploadRefusal {
    fn reason(&self) -> String {
        match self {
            Self::Unfit(unfit) => unfit.as_ref().to_owned(),
            Self::UploadNotFound
            | Self::RequestIdReused
            | Self::WrongOffset { .. }
            | Self::TooMuchData { .. }
            | Self::UploadIncomplete { .. }
            | Self::DigestMismatch
            | Self::QuotaExceeded { .. }
            | Self::PurposeNotYours
            | Self::NoPurpose
            | Self::HalfAnObject => self.as_ref().to_owned(),
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::UploadNotFound => RefusalKind::NotFound,
            Self::RequestIdReused => RefusalKind::AlreadyExists,
            Self::WrongOffset { .. }
            | Self::UploadIncomplete { .. }
            | Self::QuotaExceeded { .. } => RefusalKind::FailedPrecondition,
            Self::PurposeNotYours => RefusalKind::PermissionDenied,
            Self::TooMuchData { .. }
            | Self::DigestMismatch
            | Self::NoPurpose
            | Self::HalfAnObject
            | Self::Unfit(_) => RefusalKind::InvalidArgument,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::UploadNotFound => "没有您的这个上传，可能已过期，请重新开始".to_owned(),
            Self::RequestIdReused => "该请求编号已用于另一上传，请换一个新的请求编号".to_owned(),
            Self::WrongOffset { at } => format!("下一段应从第 {at} 字节开始，请从该处继续"),
            Self::TooMuchData { size } => {
                format!("内容超出声明的 {size} 字节，请重新开始上传")
            }
            Self::UploadIncomplete { missing } => format!("还缺 {missing} 字节，请先传完"),
            Self::DigestMismatch => "内容与声明的 SHA-256 不符，请重新上传".to_owned(),
            Self::QuotaExceeded { left, quota } => {
                format!("文件空间不足：共 {quota} 字节，剩余 {left} 字节，请联系管理员扩容")
            }
            Self::PurposeNotYours => {
                "品牌标识和商品图片只能由品牌方人员上传，请改为上传附件".to_owned()
            }
            Self::NoPurpose => "请说明文件的用途".to_owned(),
            Self::HalfAnObject => "所属对象的类型和编号须同时填写或同时留空".to_owned(),
            Self::Unfit(unfit) => unfit.zh(),
        };
        Text::new(zh, self.to_string())
    }
}
