//! Why a product says no.

use kernel::{Refusal, RefusalKind, Text};
use uuid::Uuid;
use values::{BusinessDate, Gtin, ProductId};

/// Why a product says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ProductRefusal {
    /// There is no such product.
    #[error("there is no such product; publish it first")]
    ProductNotFound,
    /// It is in the range already.
    #[error("product {product_id} is published already; choose another id for another product")]
    AlreadyPublished {
        /// The product.
        product_id: ProductId,
    },
    /// It has left the range.
    #[error("product {product_id} is retired already; publish a successor under another id")]
    AlreadyRetired {
        /// The product.
        product_id: ProductId,
    },
    /// Two of its units have one name.
    #[error("the unit {unit} is named twice; give every packaging a name of its own")]
    UnitTwice {
        /// The name.
        unit: String,
    },
    /// A barcode is for a unit that the product does not have.
    #[error("there is no unit {unit}; give the barcode to the base unit or to a packaging")]
    NoSuchUnit {
        /// The name.
        unit: String,
    },
    /// Two units have one barcode, or one unit has two.
    #[error(
        "the barcode {barcode} is given twice, or its unit has two; give each unit one of its own"
    )]
    BarcodeTwice {
        /// The barcode.
        barcode: Gtin,
    },
    /// Another product has the barcode.
    #[error(
        "the barcode {barcode} is that of {unit} of product {product_id}; take it away there first"
    )]
    BarcodeInUse {
        /// The barcode.
        barcode: Gtin,
        /// Whose it is.
        product_id: ProductId,
        /// Of which unit.
        unit: String,
    },
    /// A tax that would count on days that are over.
    #[error("a tax can not count from {day}, which is over; choose today or a later day")]
    TaxInThePast {
        /// The day.
        day: BusinessDate,
    },
    /// One picture is there twice.
    #[error("the picture {picture} is listed twice; list each picture once")]
    PictureTwice {
        /// The file.
        picture: Uuid,
    },
    /// A product in the range needs none in its place.
    #[error("product {product_id} is in the range; retire it before another takes its place")]
    StillInTheRange {
        /// The product.
        product_id: ProductId,
    },
    /// What is to take the place is not in the range.
    #[error("product {successor_id} is not in the range; choose another one that can be ordered")]
    NoSuccessor {
        /// What was to take the place.
        successor_id: ProductId,
    },
}

impl Refusal for ProductRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::ProductNotFound => RefusalKind::NotFound,
            Self::AlreadyPublished { .. } | Self::BarcodeInUse { .. } => RefusalKind::AlreadyExists,
            Self::AlreadyRetired { .. }
            | Self::TaxInThePast { .. }
            | Self::StillInTheRange { .. }
            | Self::NoSuccessor { .. } => RefusalKind::FailedPrecondition,
            Self::UnitTwice { .. }
            | Self::NoSuchUnit { .. }
            | Self::BarcodeTwice { .. }
            | Self::PictureTwice { .. } => RefusalKind::InvalidArgument,
        }
    }

    fn text(&self) -> Text {
        let zh = match self {
            Self::ProductNotFound => "没有这个商品，请先发布".to_owned(),
            Self::AlreadyPublished { product_id } => {
                format!("商品 {product_id} 已发布；如为另一商品，请换一个编号")
            }
            Self::AlreadyRetired { product_id } => {
                format!("商品 {product_id} 已下架；替代商品请用新编号发布")
            }
            Self::UnitTwice { unit } => format!("单位“{unit}”重复，请为每级包装取不同的名称"),
            Self::NoSuchUnit { unit } => {
                format!("没有单位“{unit}”，条码须对应基本单位或某级包装")
            }
            Self::BarcodeTwice { barcode } => {
                format!("条码 {barcode} 重复，或同一单位有两个条码；每个单位请用各自的条码")
            }
            Self::BarcodeInUse { barcode, product_id, unit } => {
                format!("条码 {barcode} 已用于商品 {product_id} 的“{unit}”，请先在该商品中移除")
            }
            Self::TaxInThePast { day } => {
                format!("税率不能从已过去的 {day} 起生效，请选择今天或以后的日期")
            }
            Self::PictureTwice { picture } => format!("图片 {picture} 重复，每张图片只能列一次"),
            Self::StillInTheRange { product_id } => {
                format!("商品 {product_id} 仍在售，请先下架再指定替代商品")
            }
            Self::NoSuccessor { successor_id } => {
                format!("商品 {successor_id} 不在售，请选择可订货的替代商品")
            }
        };
        Text::new(zh, self.to_string())
    }
}
