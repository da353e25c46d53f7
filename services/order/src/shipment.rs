//! A shipment (发货单): what one warehouse sends of one order. The append that confirms an order
//! makes one for each warehouse that keeps goods for it, see [`splitting`].
//!
//! The warehouse acknowledges it (接单), ships it in parts, or hands it back (退回) while there is
//! something left of it. Whoever ships goods has taken the shipment on, acknowledged or not: what
//! left has left. What a warehouse has taken on is withdrawn by nobody; what it has not is withdrawn
//! when the order does not need it any more.
//!
//! Read in this order: [`event`], this file, [`splitting`], [`rearranging`], [`status`], [`refusal`].

pub mod event;
pub mod rearranging;
pub mod refusal;
pub mod splitting;
pub mod status;

use kernel::Decider;
use serde::{Deserialize, Serialize};
use values::{DealerId, OrderId, ProductId, Quantity, ShipmentId, WarehouseId};

pub use event::{ReleasedLine, ShipmentEvent, ShipmentReleased};
pub use refusal::ShipmentRefusal;
pub use status::ShipmentStatus;

use crate::order::LineQuantity;
use crate::taking::take;

/// What can be asked of a shipment.
#[derive(Clone, Debug)]
pub enum ShipmentCommand {
    /// Hands it over to the warehouse.
    Release(Box<ShipmentReleased>),
    /// The warehouse will send it.
    Acknowledge {
        /// The warehouse's own number for it; may be empty.
        reference: String,
    },
    /// The warehouse will not send what is left of it.
    HandBack {
        /// Why.
        reason: String,
    },
    /// Goods left the warehouse.
    Ship {
        /// Which; none: all that is left.
        lines: Vec<LineQuantity>,
        /// Who carries them; may be empty.
        carrier: String,
        /// The carrier's number for them; may be empty.
        tracking_number: String,
    },
    /// The order does not need some of what is left of it.
    Lessen {
        /// Which, at least one.
        lines: Vec<LineQuantity>,
        /// Why.
        reason: String,
    },
    /// The order does not need what is left of it.
    Withdraw {
        /// Why.
        reason: String,
    },
}

/// A shipment; its object id follows from the order's, see [`ShipmentId::of`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Shipment {
    /// Not heard of yet.
    #[default]
    Unreleased,
    /// Handed over.
    Released(Box<Load>),
}

/// What a warehouse sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// Of which order.
    pub order_id: OrderId,
    /// How many shipments the order was split into.
    pub of: u32,
    /// Whose order it is.
    pub dealer_id: DealerId,
    /// From where; none: no stock is kept of the goods, so nobody has told where they are.
    pub warehouse_id: Option<WarehouseId>,
    /// What of each line.
    pub lines: Vec<LoadLine>,
    /// Whether the warehouse has taken it on.
    pub standing: Standing,
}

/// How far one line of a shipment has got: shipped ≤ quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadLine {
    /// Number in the order, from 1.
    pub line_no: u32,
    /// What is sent.
    pub product_id: ProductId,
    /// Base units released, without those that were withdrawn.
    pub quantity: Quantity,
    /// Base units that left.
    pub shipped: Quantity,
}

/// Whether a warehouse has taken a shipment on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was not heard of.
    #[default]
    Waiting,
    /// It has.
    Taken {
        /// The warehouse's own number for it; may be empty.
        reference: String,
    },
}

type Decision = Result<Vec<ShipmentEvent>, ShipmentRefusal>;

impl Shipment {
    /// The shipment, when there is one.
    ///
    /// # Errors
    /// When there is not.
    pub fn load(&self) -> Result<&Load, ShipmentRefusal> {
        match self {
            Self::Unreleased => Err(ShipmentRefusal::ShipmentNotFound),
            Self::Released(load) => Ok(load),
        }
    }
}

impl Decider for Shipment {
    const AGGREGATE: &'static str = "shipment";
    type Command = ShipmentCommand;
    type Event = ShipmentEvent;
    type Refusal = ShipmentRefusal;

    fn decide(&self, command: ShipmentCommand) -> Decision {
        match (self, command) {
            (Self::Unreleased, ShipmentCommand::Release(released)) => {
                Ok(vec![ShipmentEvent::ShipmentReleased(released)])
            }
            (Self::Unreleased, _) => Err(ShipmentRefusal::ShipmentNotFound),
            (Self::Released(_), ShipmentCommand::Release(_)) => {
                Err(ShipmentRefusal::ShipmentExists)
            }
            (Self::Released(it), ShipmentCommand::Acknowledge { reference }) => {
                it.acknowledge(reference)
            }
            (Self::Released(it), ShipmentCommand::HandBack { reason }) => it.hand_back(reason),
            (Self::Released(it), ShipmentCommand::Ship { lines, carrier, tracking_number }) => {
                it.ship(&lines, carrier, tracking_number)
            }
            (Self::Released(it), ShipmentCommand::Lessen { lines, reason }) => {
                it.withdraw(&lines, reason)
            }
            (Self::Released(it), ShipmentCommand::Withdraw { reason }) => it.withdraw(&[], reason),
        }
    }

    fn evolve(&mut self, event: ShipmentEvent) {
        match (self, event) {
            (shipment, ShipmentEvent::ShipmentReleased(released)) => {
                *shipment = Self::Released(Box::new((*released).into()));
            }
            (Self::Released(it), ShipmentEvent::ShipmentAcknowledged { reference, .. }) => {
                it.standing = Standing::Taken { reference };
            }
            (Self::Released(it), ShipmentEvent::ShipmentHandedBack { .. }) => {
                it.standing = Standing::Waiting;
            }
            (Self::Released(it), ShipmentEvent::ShipmentShipped { lines, .. }) => {
                it.leave(&lines);
            }
            (Self::Released(it), ShipmentEvent::ShipmentWithdrawn { lines, .. }) => {
                it.shorten(&lines);
            }
            (Self::Unreleased, _) => (),
        }
    }
}

impl Load {
    /// What people see: derived here alone.
    pub fn status(&self) -> ShipmentStatus {
        let all = Quantity::total(self.lines.iter().map(|line| line.quantity));
        let shipped = Quantity::total(self.lines.iter().map(|line| line.shipped));
        match &self.standing {
            _ if all.is_zero() => ShipmentStatus::Withdrawn,
            _ if shipped >= all => ShipmentStatus::Shipped,
            _ if !shipped.is_zero() => ShipmentStatus::PartlyShipped,
            Standing::Taken { .. } => ShipmentStatus::Acknowledged,
            Standing::Waiting => ShipmentStatus::Released,
        }
    }

    /// What is left of each line.
    pub fn open(&self) -> Vec<LineQuantity> {
        let open = |line: &LoadLine| LineQuantity {
            line_no: line.line_no,
            quantity: line.quantity.less(line.shipped),
        };
        self.lines.iter().map(open).collect()
    }

    /// What leaves when these lines are named; none: all that is left.
    ///
    /// # Errors
    /// When nothing is left, or not so much.
    pub fn leaving(&self, wanted: &[LineQuantity]) -> Result<Vec<LineQuantity>, ShipmentRefusal> {
        self.must_be_open()?;
        Ok(take(wanted, &self.open())?)
    }

    fn must_be_open(&self) -> Result<(), ShipmentRefusal> {
        match self.status() {
            ShipmentStatus::Withdrawn => Err(ShipmentRefusal::ShipmentWithdrawn),
            ShipmentStatus::Shipped => Err(ShipmentRefusal::ShipmentShipped),
            ShipmentStatus::Released
            | ShipmentStatus::Acknowledged
            | ShipmentStatus::PartlyShipped => Ok(()),
        }
    }

    fn acknowledge(&self, reference: String) -> Decision {
        match &self.standing {
            Standing::Taken { reference: known } if *known == reference => return Ok(Vec::new()),
            Standing::Taken { reference: known } if !known.is_empty() => {
                let reference = known.clone();
                return Err(ShipmentRefusal::AcknowledgedOtherwise { reference });
            }
            // Who has taken it on without a number says it now.
            Standing::Taken { .. } | Standing::Waiting => self.must_be_open()?,
        }
        let standing = Standing::Taken { reference: reference.clone() };
        let status = Self { standing, ..self.clone() }.status();
        let shipment_id = self.shipment_id.clone();
        Ok(vec![ShipmentEvent::ShipmentAcknowledged { shipment_id, reference, status }])
    }

    fn hand_back(&self, reason: String) -> Decision {
        self.must_be_open()?;
        if self.standing == Standing::Waiting {
            return Err(ShipmentRefusal::NotAcknowledged);
        }
        let status = Self { standing: Standing::Waiting, ..self.clone() }.status();
        let shipment_id = self.shipment_id.clone();
        Ok(vec![ShipmentEvent::ShipmentHandedBack { shipment_id, reason, status }])
    }

    fn ship(&self, wanted: &[LineQuantity], carrier: String, tracking_number: String) -> Decision {
        let lines = self.leaving(wanted)?;
        let mut after = self.clone();
        after.leave(&lines);
        Ok(vec![ShipmentEvent::ShipmentShipped {
            shipment_id: self.shipment_id.clone(),
            order_id: self.order_id.clone(),
            lines,
            carrier,
            tracking_number,
            status: after.status(),
        }])
    }

    /// What is left of these lines, or of all when none is named, is not sent any more.
    fn withdraw(&self, lines: &[LineQuantity], reason: String) -> Decision {
        let lines = take(lines, &self.open())?;
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let shipment_id = self.shipment_id.clone();
        if self.standing != Standing::Waiting {
            return Err(ShipmentRefusal::WarehouseHasIt { shipment_id });
        }
        let mut after = self.clone();
        after.shorten(&lines);
        let status = after.status();
        Ok(vec![ShipmentEvent::ShipmentWithdrawn { shipment_id, lines, reason, status }])
    }

    fn leave(&mut self, lines: &[LineQuantity]) {
        self.each(lines, |line, quantity| line.shipped = line.shipped.plus(quantity));
        if self.standing == Standing::Waiting {
            self.standing = Standing::Taken { reference: String::new() };
        }
    }

    /// Sends less of these lines.
    pub fn shorten(&mut self, lines: &[LineQuantity]) {
        self.each(lines, |line, quantity| line.quantity = line.quantity.less(quantity));
    }

    fn each(&mut self, lines: &[LineQuantity], apply: impl Fn(&mut LoadLine, Quantity)) {
        for moved in lines {
            if let Some(line) = self.lines.iter_mut().find(|line| line.line_no == moved.line_no) {
                apply(line, moved.quantity);
            }
        }
    }
}

impl From<ShipmentReleased> for Load {
    fn from(released: ShipmentReleased) -> Self {
        let line = |line: ReleasedLine| LoadLine {
            line_no: line.line_no,
            product_id: line.product_id,
            quantity: line.quantity,
            shipped: Quantity::ZERO,
        };
        Self {
            shipment_id: released.shipment_id,
            order_id: released.order_id,
            of: released.of,
            dealer_id: released.dealer_id,
            warehouse_id: released.warehouse_id,
            lines: released.lines.into_iter().map(line).collect(),
            standing: Standing::Waiting,
        }
    }
}
