//! Why a file says no.

use kernel::{Refusal, RefusalKind, Text};

/// Why a file says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FileRefusal {
    /// There is none that the caller may see.
    #[error("there is no such file; it may have been removed")]
    FileNotFound,
    /// The upload has become a file before.
    #[error("this upload has become a file already; begin another one for another file")]
    AlreadyStored,
    /// Everybody is to see it, and it is no picture.
    #[error("a logo or a product picture has to be a JPEG, PNG or WebP picture; choose one")]
    NotAPicture,
    /// It is the brand's.
    #[error("the file belongs to the brand; ask the brand's people to remove it")]
    NotYourFile,
}

impl Refusal for FileRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::FileNotFound => RefusalKind::NotFound,
            Self::AlreadyStored => RefusalKind::AlreadyExists,
            Self::NotAPicture => RefusalKind::InvalidArgument,
            Self::NotYourFile => RefusalKind::PermissionDenied,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::FileNotFound => "没有这个文件，可能已被移除",
            Self::AlreadyStored => "该上传已成为文件；上传另一文件请重新开始",
            Self::NotAPicture => "品牌标识和商品图片须为 JPEG、PNG 或 WebP 图片，请重新选择",
            Self::NotYourFile => "该文件属于品牌方，请联系品牌方人员移除",
        };
        Text::new(zh, self.to_string())
    }
}
