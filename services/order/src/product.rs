//! A product (商品, SKU): what it is called, how it is counted, packed, marked and taxed, whether it
//! is on offer.

mod event;
mod refusal;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use values::{BusinessDate, Gtin, ProductId};

pub use event::{Details, Packaging, ProductEvent, Sku, UnitBarcode};
pub use refusal::ProductRefusal;

use crate::tax::{self, Tax, TaxFrom};

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
    /// Says what is told of it.
    Describe(Box<Details>),
    /// Says how it is packed and marked.
    Package(Packed),
    /// Says how it is taxed.
    SetTax {
        /// How.
        tax: Tax,
        /// From which day on; of the first one: absent is from ever, of others: from today.
        effective_on: Option<BusinessDate>,
        /// The day on which it is said.
        today: BusinessDate,
    },
    /// Says which pictures it has, the main one first.
    ArrangePictures(Vec<Uuid>),
    /// Names the one that takes its place.
    Succeed {
        /// The one.
        successor_id: ProductId,
    },
    /// Takes it out of the range.
    Retire {
        /// Why.
        reason: String,
    },
}

/// How a product is packed and marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Larger units.
    pub packagings: Vec<Packaging>,
    /// Barcodes of units.
    pub barcodes: Vec<UnitBarcode>,
}

/// A product; its object id is the product's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Product {
    /// Not heard of yet.
    #[default]
    Unpublished,
    /// In the range.
    Published(Item),
    /// Out of the range.
    Retired(Item),
}

/// All that is known of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    #[serde(flatten)]
    pub sku: Sku,
    /// What is told of it.
    pub details: Details,
    /// Barcodes of its units; of a product that has left the range those that it had.
    pub barcodes: Vec<UnitBarcode>,
    /// How it is taxed, in the order of the days.
    pub taxes: Vec<TaxFrom>,
    /// Its pictures, the main one first.
    pub pictures: Vec<Uuid>,
    /// What has taken its place.
    pub successor: Option<ProductId>,
}

impl From<Sku> for Item {
    fn from(sku: Sku) -> Self {
        Self {
            sku,
            details: Details::default(),
            barcodes: Vec::new(),
            taxes: Vec::new(),
            pictures: Vec::new(),
            successor: None,
        }
    }
}

impl Product {
    /// Its categories, from general to special; none of one that was never published.
    pub fn category_path(&self) -> &[String] {
        self.sku().map_or(&[], |sku| &sku.category_path)
    }

    /// What it is, or was.
    pub fn sku(&self) -> Option<&Sku> {
        self.item().map(|item| &item.sku)
    }

    /// All that is known of it.
    pub fn item(&self) -> Option<&Item> {
        match self {
            Self::Published(item) | Self::Retired(item) => Some(item),
            Self::Unpublished => None,
        }
    }

    /// How it is taxed on a day, if that was said.
    pub fn tax_on(&self, day: BusinessDate) -> Option<Tax> {
        self.item().and_then(|item| tax::on(&item.taxes, day))
    }

    /// The product, if dealers can order it.
    pub fn orderable(&self) -> Option<&Sku> {
        match self {
            Self::Published(item) => Some(&item.sku),
            Self::Unpublished | Self::Retired(_) => None,
        }
    }
}

type Decision = Result<Vec<ProductEvent>, ProductRefusal>;

impl Decider for Product {
    const AGGREGATE: &'static str = "product";
    const STATE_VERSION: u32 = 2;
    type Command = ProductCommand;
    type Event = ProductEvent;
    type Refusal = ProductRefusal;

    fn decide(&self, command: ProductCommand) -> Decision {
        match (self, command) {
            (Self::Unpublished, ProductCommand::Publish(sku)) => publish(sku),
            (Self::Unpublished, _) => Err(ProductRefusal::ProductNotFound),
            (Self::Published(item), ProductCommand::Publish(_)) => {
                Err(ProductRefusal::AlreadyPublished { product_id: item.sku.product_id.clone() })
            }
            (Self::Published(item), command) => item.decide(command),
            (Self::Retired(item), ProductCommand::Succeed { successor_id }) => {
                item.succeed(successor_id)
            }
            (Self::Retired(item), _) => {
                Err(ProductRefusal::AlreadyRetired { product_id: item.sku.product_id.clone() })
            }
        }
    }

    fn evolve(&mut self, event: ProductEvent) {
        match event {
            ProductEvent::ProductPublished(sku) => *self = Self::Published(sku.into()),
            ProductEvent::ProductRetired { .. } => {
                if let Self::Published(item) = std::mem::take(self) {
                    *self = Self::Retired(item);
                }
            }
            event @ (ProductEvent::ProductRenamed { .. }
            | ProductEvent::ProductDescribed { .. }
            | ProductEvent::ProductPackaged { .. }
            | ProductEvent::ProductTaxSet { .. }
            | ProductEvent::ProductPicturesArranged { .. }
            | ProductEvent::ProductSucceeded { .. }) => {
                if let Self::Published(item) | Self::Retired(item) = self {
                    item.evolve(event);
                }
            }
        }
    }
}

fn publish(sku: Sku) -> Decision {
    units(&sku.base_unit, &sku.packagings)?;
    Ok(vec![ProductEvent::ProductPublished(sku)])
}

/// The names of all units, each of which is there once.
fn units<'a>(base: &'a str, packagings: &'a [Packaging]) -> Result<Vec<&'a str>, ProductRefusal> {
    let mut units = vec![base];
    for Packaging { unit, .. } in packagings {
        if units.contains(&unit.as_str()) {
            return Err(ProductRefusal::UnitTwice { unit: unit.clone() });
        }
        units.push(unit);
    }
    Ok(units)
}

impl Item {
    fn decide(&self, command: ProductCommand) -> Decision {
        let product_id = self.sku.product_id.clone();
        Ok(match command {
            ProductCommand::Publish(_) => {
                return Err(ProductRefusal::AlreadyPublished { product_id });
            }
            ProductCommand::Rename { name } if self.sku.name == name => Vec::new(),
            ProductCommand::Rename { name } => {
                vec![ProductEvent::ProductRenamed { product_id, name }]
            }
            ProductCommand::Describe(details) if self.details == *details => Vec::new(),
            ProductCommand::Describe(details) => {
                vec![ProductEvent::ProductDescribed { product_id, details: *details }]
            }
            ProductCommand::Package(packed) => return self.package(packed),
            ProductCommand::SetTax { tax, effective_on, today } => {
                return self.set_tax(tax, effective_on, today);
            }
            ProductCommand::ArrangePictures(pictures) => return self.arrange(pictures),
            ProductCommand::Succeed { .. } => {
                return Err(ProductRefusal::StillInTheRange { product_id });
            }
            ProductCommand::Retire { reason } => {
                vec![ProductEvent::ProductRetired { product_id, reason }]
            }
        })
    }

    fn evolve(&mut self, event: ProductEvent) {
        match event {
            ProductEvent::ProductRenamed { name, .. } => self.sku.name = name,
            ProductEvent::ProductDescribed { details, .. } => self.details = details,
            ProductEvent::ProductPackaged { packagings, barcodes, .. } => {
                self.sku.packagings = packagings;
                self.barcodes = barcodes;
            }
            ProductEvent::ProductTaxSet { taxes, .. } => self.taxes = taxes,
            ProductEvent::ProductPicturesArranged { pictures, .. } => self.pictures = pictures,
            ProductEvent::ProductSucceeded { successor_id, .. } => {
                self.successor = Some(successor_id);
            }
            ProductEvent::ProductPublished(_) | ProductEvent::ProductRetired { .. } => (),
        }
    }

    fn package(&self, Packed { packagings, barcodes }: Packed) -> Decision {
        let units = units(&self.sku.base_unit, &packagings)?;
        for (index, UnitBarcode { unit, barcode }) in barcodes.iter().enumerate() {
            if !units.contains(&unit.as_str()) {
                return Err(ProductRefusal::NoSuchUnit { unit: unit.clone() });
            }
            let same =
                |other: &UnitBarcode| other.unit == *unit || other.barcode.key() == barcode.key();
            if barcodes[..index].iter().any(same) {
                return Err(ProductRefusal::BarcodeTwice { barcode: barcode.clone() });
            }
        }
        if self.sku.packagings == packagings && self.barcodes == barcodes {
            return Ok(Vec::new());
        }
        let product_id = self.sku.product_id.clone();
        Ok(vec![ProductEvent::ProductPackaged { product_id, packagings, barcodes }])
    }

    /// What counted on days that are over has counted; of what is still to come, all from the day on
    /// is replaced.
    fn set_tax(&self, tax: Tax, from: Option<BusinessDate>, today: BusinessDate) -> Decision {
        if let Some(day) = from.filter(|&day| day < today) {
            return Err(ProductRefusal::TaxInThePast { day });
        }
        let effective_on = match from {
            None if self.taxes.is_empty() => None,
            told => Some(told.unwrap_or(today)),
        };
        let before = |change: &&TaxFrom| match (change.effective_on, effective_on) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(known), Some(from)) => known < from,
        };
        let mut taxes: Vec<TaxFrom> = self.taxes.iter().filter(before).copied().collect();
        if taxes.last().is_some_and(|last| last.tax == tax) && taxes.len() == self.taxes.len() {
            return Ok(Vec::new());
        }
        taxes.push(TaxFrom { tax, effective_on });
        if taxes == self.taxes {
            return Ok(Vec::new());
        }
        let product_id = self.sku.product_id.clone();
        Ok(vec![ProductEvent::ProductTaxSet { product_id, tax, effective_on, taxes }])
    }

    fn arrange(&self, pictures: Vec<Uuid>) -> Decision {
        for (index, picture) in pictures.iter().enumerate() {
            if pictures[..index].contains(picture) {
                return Err(ProductRefusal::PictureTwice { picture: *picture });
            }
        }
        if self.pictures == pictures {
            return Ok(Vec::new());
        }
        let product_id = self.sku.product_id.clone();
        Ok(vec![ProductEvent::ProductPicturesArranged { product_id, pictures }])
    }

    fn succeed(&self, successor_id: ProductId) -> Decision {
        if self.successor.as_ref() == Some(&successor_id) {
            return Ok(Vec::new());
        }
        let product_id = self.sku.product_id.clone();
        if successor_id == product_id {
            return Err(ProductRefusal::NoSuccessor { successor_id });
        }
        Ok(vec![ProductEvent::ProductSucceeded { product_id, successor_id }])
    }

    /// The unit that a barcode is of.
    pub fn unit_of(&self, barcode: &Gtin) -> Option<&str> {
        let same = |it: &&UnitBarcode| it.barcode.key() == barcode.key();
        self.barcodes.iter().find(same).map(|it| it.unit.as_str())
    }
}
