//! A product (商品, SKU): what it is called, how it is counted and packed, whether it is on offer.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{ProductId, Quantity};

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
    /// A product left the range. Open orders keep it.
    ProductRetired {
        /// The product.
        product_id: ProductId,
        /// Why, in the words of the person who did it.
        reason: String,
    },
}

/// What is known of a product.
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
            Self::ProductRetired { product_id, reason } => Text::new(
                format!("商品 {product_id} 已下架：{reason}"),
                format!("product {product_id} was retired: {reason}"),
            ),
        }
    }
}

/// What can be asked of a product.
#[derive(Clone, Debug)]
pub enum ProductCommand {
    /// Brings it into the range.
    Publish(Sku),
    /// Gives it another name.
    Rename {
        /// The new name.
        name: String,
    },
    /// Takes it out of the range.
    Retire {
        /// Why.
        reason: String,
    },
}

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
}

impl Refusal for ProductRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::ProductNotFound => RefusalKind::NotFound,
            Self::AlreadyPublished { .. } => RefusalKind::AlreadyExists,
            Self::AlreadyRetired { .. } => RefusalKind::FailedPrecondition,
            Self::UnitTwice { .. } => RefusalKind::InvalidArgument,
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
        };
        Text::new(zh, self.to_string())
    }
}

/// A product; its object id is the product's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Product {
    /// Not heard of yet.
    #[default]
    Unpublished,
    /// In the range.
    Published(Sku),
    /// Out of the range.
    Retired(Sku),
}

impl Product {
    /// Its categories, from general to special; none of one that was never published.
    pub fn category_path(&self) -> &[String] {
        match self {
            Self::Published(sku) | Self::Retired(sku) => &sku.category_path,
            Self::Unpublished => &[],
        }
    }

    /// What it is, or was.
    pub fn sku(&self) -> Option<&Sku> {
        match self {
            Self::Published(sku) | Self::Retired(sku) => Some(sku),
            Self::Unpublished => None,
        }
    }

    /// The product, if dealers can order it.
    pub fn orderable(&self) -> Option<&Sku> {
        match self {
            Self::Published(sku) => Some(sku),
            Self::Unpublished | Self::Retired(_) => None,
        }
    }
}

impl Decider for Product {
    const AGGREGATE: &'static str = "product";
    type Command = ProductCommand;
    type Event = ProductEvent;
    type Refusal = ProductRefusal;

    fn decide(&self, command: ProductCommand) -> Result<Vec<ProductEvent>, ProductRefusal> {
        match (self, command) {
            (Self::Unpublished, ProductCommand::Publish(sku)) => publish(sku),
            (Self::Unpublished, ProductCommand::Rename { .. } | ProductCommand::Retire { .. }) => {
                Err(ProductRefusal::ProductNotFound)
            }
            (Self::Published(sku), ProductCommand::Publish(_)) => {
                Err(ProductRefusal::AlreadyPublished { product_id: sku.product_id.clone() })
            }
            (Self::Published(sku), ProductCommand::Rename { name }) if sku.name == name => {
                Ok(Vec::new())
            }
            (Self::Published(sku), ProductCommand::Rename { name }) => {
                let product_id = sku.product_id.clone();
                Ok(vec![ProductEvent::ProductRenamed { product_id, name }])
            }
            (Self::Published(sku), ProductCommand::Retire { reason }) => {
                let product_id = sku.product_id.clone();
                Ok(vec![ProductEvent::ProductRetired { product_id, reason }])
            }
            (Self::Retired(sku), _) => {
                Err(ProductRefusal::AlreadyRetired { product_id: sku.product_id.clone() })
            }
        }
    }

    fn evolve(&mut self, event: ProductEvent) {
        match event {
            ProductEvent::ProductPublished(sku) => *self = Self::Published(sku),
            ProductEvent::ProductRenamed { name, .. } => {
                if let Self::Published(sku) = self {
                    sku.name = name;
                }
            }
            ProductEvent::ProductRetired { .. } => {
                if let Self::Published(sku) = std::mem::take(self) {
                    *self = Self::Retired(sku);
                }
            }
        }
    }
}

fn publish(sku: Sku) -> Result<Vec<ProductEvent>, ProductRefusal> {
    let mut units = vec![&sku.base_unit];
    for Packaging { unit, .. } in &sku.packagings {
        if units.contains(&unit) {
            return Err(ProductRefusal::UnitTwice { unit: unit.clone() });
        }
        units.push(unit);
    }
    Ok(vec![ProductEvent::ProductPublished(sku)])
}
