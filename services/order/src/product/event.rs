//! The facts of a product. Declared here and nowhere else.

use kernel::{DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{BusinessDate, Gtin, ProductId, Quantity};

use crate::tax::{Tax, TaxFrom};

/// The facts of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum ProductEvent {
    /// A product came into the range. It can be ordered once a price list has a price.
    ProductPublished(Sku),
    /// A product is called something else. Placed orders keep the name of their day.
    ProductRenamed {
        /// The product.
        product_id: ProductId,
        /// What it is called from now on.
        name: String,
    },
    /// What is told of a product from now on: all of it, whatever was said before.
    ProductDescribed {
        /// The product.
        product_id: ProductId,
        /// What is told.
        details: Details,
    },
    /// How a product is packed and marked from now on: all of it, whatever was said before. Orders
    /// count in base units, so it changes nothing of them.
    ProductPackaged {
        /// The product.
        product_id: ProductId,
        /// Larger units it is packed in.
        packagings: Vec<Packaging>,
        /// The barcodes of its units, at most one each.
        barcodes: Vec<UnitBarcode>,
    },
    /// How a product is taxed from a day on. Placed orders keep the tax of their day.
    ProductTaxSet {
        /// The product.
        product_id: ProductId,
        /// How.
        tax: Tax,
        /// The first day on which it counts; absent: from ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective_on: Option<BusinessDate>,
        /// All that counts or will count, in the order of the days.
        taxes: Vec<TaxFrom>,
    },
    /// The pictures of a product from now on, the main one first.
    ProductPicturesArranged {
        /// The product.
        product_id: ProductId,
        /// Files that were stored as its pictures.
        pictures: Vec<Uuid>,
    },
    /// Another product takes the place of one that has left the range.
    ProductSucceeded {
        /// The product that has left.
        product_id: ProductId,
        /// The one in its place.
        successor_id: ProductId,
    },
    /// A product left the range. Open orders keep it.
    ProductRetired {
        /// The product.
        product_id: ProductId,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// What a product is, as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Sku {
    /// The product.
    pub product_id: ProductId,
    /// What it is called.
    pub name: String,
    /// Categories from general to special, 1 to 4.
    pub category_path: Vec<String>,
    /// The unit that quantities are counted in, for example 瓶.
    pub base_unit: String,
    /// Larger units it is packed in.
    pub packagings: Vec<Packaging>,
}

/// A larger unit, for example 箱 of 24.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Packaging {
    /// Name of the unit.
    pub unit: String,
    /// Base units in one of it, at least 2.
    pub base_quantity: Quantity,
}

/// The barcode of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitBarcode {
    /// The base unit, or one of the packagings.
    pub unit: String,
    /// The number under the barcode.
    pub barcode: Gtin,
}

/// What is told of a product besides its name. Texts may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Details {
    /// What it is, in Chinese.
    pub description_zh: String,
    /// What it is, in English.
    pub description_en: String,
    /// The brand on it.
    pub brand: String,
    /// The series of the brand that it belongs to.
    pub series: String,
    /// Days that it keeps after it was made; absent: it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf_life_days: Option<u32>,
    /// How it has to be stored.
    pub storage: String,
    /// The last day on which it is shown as new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_until: Option<BusinessDate>,
}

impl DomainEvent for ProductEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::ProductPublished(Sku { product_id, name, category_path, .. }) => {
                let category = category_path.join(" / ");
                Text::new(
                    format!("商品 {name}（{product_id}）已发布，类别：{category}"),
                    format!("product {name} ({product_id}) was published under {category}"),
                )
            }
            Self::ProductRenamed { product_id, name } => Text::new(
                format!("商品 {product_id} 改名为“{name}”"),
                format!("product {product_id} is now called {name}"),
            ),
            Self::ProductDescribed { product_id, .. } => Text::new(
                format!("商品 {product_id} 的资料已更新"),
                format!("product {product_id} was described anew"),
            ),
            Self::ProductPackaged { product_id, packagings, barcodes } => {
                packaged(product_id, packagings.len(), barcodes.len())
            }
            Self::ProductTaxSet { product_id, tax, effective_on, .. } => {
                taxed(product_id, *tax, *effective_on)
            }
            Self::ProductPicturesArranged { product_id, pictures } => {
                let (count, s) = (pictures.len(), if pictures.len() == 1 { "" } else { "s" });
                Text::new(
                    format!("商品 {product_id} 现有 {count} 张图片"),
                    format!("product {product_id} has {count} picture{s} now"),
                )
            }
            Self::ProductSucceeded { product_id, successor_id } => Text::new(
                format!("商品 {product_id} 由 {successor_id} 替代"),
                format!("product {successor_id} takes the place of {product_id}"),
            ),
            Self::ProductRetired { product_id, reason } => Text::new(
                format!("商品 {product_id} 已下架：{reason}"),
                format!("product {product_id} was retired: {reason}"),
            ),
        }
    }
}

fn packaged(product_id: &ProductId, levels: usize, barcodes: usize) -> Text {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let (units, codes) = (plural(levels), plural(barcodes));
    Text::new(
        format!("商品 {product_id} 的包装已更新：{levels} 级包装，{barcodes} 个条码"),
        format!(
            "product {product_id} is packed in {levels} larger unit{units}, with {barcodes} barcode{codes}"
        ),
    )
}

fn taxed(product_id: &ProductId, tax: Tax, effective_on: Option<BusinessDate>) -> Text {
    let Text { zh, en } = tax.shown();
    let (from, since) = match effective_on {
        Some(day) => (format!("自 {day} 起"), format!(" from {day} on")),
        None => (String::new(), String::new()),
    };
    Text::new(
        format!("商品 {product_id} {from}税率为 {zh}"),
        format!("product {product_id} is taxed {en}{since}"),
    )
}
