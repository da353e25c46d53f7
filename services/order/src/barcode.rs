//! A barcode (条码) of the tenant: it is that of one unit of one product, whoever gives it away.

use kernel::{Decider, DomainEvent, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Gtin, ProductId};

use crate::product::ProductRefusal;

/// The facts of a barcode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum BarcodeEvent {
    /// It is that of a unit from now on.
    BarcodeTaken {
        /// As it was written.
        barcode: Gtin,
        /// Of which product.
        product_id: ProductId,
        /// Of which of its units.
        unit: String,
    },
    /// It is no product's any more.
    BarcodeFreed {
        /// As it was written.
        barcode: Gtin,
        /// Whose it was.
        product_id: ProductId,
    },
}

impl DomainEvent for BarcodeEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::BarcodeTaken { barcode, product_id, unit } => Text::new(
                format!("条码 {barcode} 用于商品 {product_id} 的“{unit}”"),
                format!("the barcode {barcode} is that of {unit} of product {product_id}"),
            ),
            Self::BarcodeFreed { barcode, product_id } => Text::new(
                format!("条码 {barcode} 不再用于商品 {product_id}"),
                format!("the barcode {barcode} is not that of product {product_id} any more"),
            ),
        }
    }
}

/// What can be asked of a barcode.
#[derive(Clone, Debug)]
pub enum BarcodeCommand {
    /// Gives it to a unit.
    Take {
        /// As it is written.
        barcode: Gtin,
        /// Of which product.
        product_id: ProductId,
        /// Of which of its units.
        unit: String,
    },
    /// Takes it away from a product.
    Free {
        /// Whose it is.
        product_id: ProductId,
    },
}

/// A barcode; its object id is [`Gtin::key`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Barcode(Option<Taken>);

/// Whose a barcode is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    barcode: Gtin,
    product_id: ProductId,
    unit: String,
}

impl Decider for Barcode {
    const AGGREGATE: &'static str = "barcode";
    type Command = BarcodeCommand;
    type Event = BarcodeEvent;
    type Refusal = ProductRefusal;

    fn decide(&self, command: BarcodeCommand) -> Result<Vec<BarcodeEvent>, ProductRefusal> {
        match (&self.0, command) {
            (Some(taken), BarcodeCommand::Take { barcode, product_id, .. })
                if taken.product_id != product_id =>
            {
                let (product_id, unit) = (taken.product_id.clone(), taken.unit.clone());
                Err(ProductRefusal::BarcodeInUse { barcode, product_id, unit })
            }
            (Some(taken), BarcodeCommand::Take { barcode, unit, .. })
                if (&taken.barcode, &taken.unit) == (&barcode, &unit) =>
            {
                Ok(Vec::new())
            }
            (_, BarcodeCommand::Take { barcode, product_id, unit }) => {
                Ok(vec![BarcodeEvent::BarcodeTaken { barcode, product_id, unit }])
            }
            (Some(taken), BarcodeCommand::Free { product_id })
                if taken.product_id == product_id =>
            {
                let barcode = taken.barcode.clone();
                Ok(vec![BarcodeEvent::BarcodeFreed { barcode, product_id }])
            }
            (_, BarcodeCommand::Free { .. }) => Ok(Vec::new()),
        }
    }

    fn evolve(&mut self, event: BarcodeEvent) {
        self.0 = match event {
            BarcodeEvent::BarcodeTaken { barcode, product_id, unit } => {
                Some(Taken { barcode, product_id, unit })
            }
            BarcodeEvent::BarcodeFreed { .. } => None,
        };
    }
}
