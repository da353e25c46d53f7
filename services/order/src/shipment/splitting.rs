//! How an order becomes shipments: each of its goods is sent by the warehouse that keeps them for
//! it, so what all shipments have of a line is what the order has of it.
//!
//! Goods that no warehouse keeps for it are in a shipment of their own, the last one: nobody has
//! told where they are, and none is made up for them. Goods that it waits for are in none: those that
//! come in for it later are handed over by shipments of their own, after those that it has.

use std::collections::BTreeMap;

use values::{ProductId, Quantity, ShipmentId, WarehouseId};

use super::{Load, ReleasedLine, ShipmentReleased, ShipmentStatus};
use crate::order::{LineQuantity, Placed};

/// What is kept for an order of each product, warehouse by warehouse.
pub type Places = BTreeMap<ProductId, Vec<(WarehouseId, Quantity)>>;

/// Where the goods of an order are.
#[derive(Clone, Debug, Default)]
pub struct Goods {
    /// What is kept for it, and in no shipment.
    pub places: Places,
    /// What it waits for of each product.
    pub waiting: BTreeMap<ProductId, Quantity>,
    /// What is left of each of its lines in shipments that it has.
    pub handed: BTreeMap<u32, Quantity>,
    /// How many shipments it has.
    pub shipments: u32,
}

impl Goods {
    /// With a shipment that the order has.
    pub fn beside(&mut self, load: &Load) {
        self.shipments += 1;
        for line in &load.lines {
            let open = line.quantity.less(line.shipped);
            let handed = self.handed.entry(line.line_no).or_default();
            *handed = handed.plus(open);
            let places = self.places.get_mut(&line.product_id).into_iter().flatten();
            for (warehouse_id, kept) in places {
                if load.warehouse_id.as_ref() == Some(warehouse_id) {
                    *kept = kept.less(open);
                }
            }
        }
    }
}

impl Goods {
    /// What waits of an order, and what it has open besides, line by line. What waits is of its last
    /// lines: what is there is sent of the first.
    pub fn by_line(mut self, order: &Placed) -> (Vec<LineQuantity>, Vec<LineQuantity>) {
        let (mut waiting, mut there) = (Vec::new(), Vec::new());
        for line in order.lines.iter().rev() {
            let open = line.ordered.less(line.shipped);
            let handed = self.handed.get(&line.line_no).copied().unwrap_or_default();
            let waits = self.waiting.entry(line.product_id.clone()).or_default();
            let quantity = open.less(handed).min(*waits);
            *waits = waits.less(quantity);
            let part = |quantity| LineQuantity { line_no: line.line_no, quantity };
            waiting.push(part(quantity));
            there.push(part(open.less(quantity)));
        }
        let some = |mut all: Vec<LineQuantity>| {
            all.retain(|line| !line.quantity.is_zero());
            all.reverse();
            all
        };
        (some(waiting), some(there))
    }
}

/// What people call the parties and the goods of an order.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The dealer.
    pub dealer: String,
    /// Of each product its name and its unit.
    pub products: BTreeMap<ProductId, (String, String)>,
}

/// The shipments of what is there of an order that is confirmed, besides those that it has; those with
/// a warehouse first.
pub fn split(order: &Placed, mut goods: Goods, names: &Names) -> Vec<ShipmentReleased> {
    let mut kept: BTreeMap<WarehouseId, Vec<ReleasedLine>> = BTreeMap::new();
    let mut elsewhere = Vec::new();
    for line in &order.lines {
        let (name, unit) = names.products.get(&line.product_id).cloned().unwrap_or_default();
        let part = |quantity| ReleasedLine {
            line_no: line.line_no,
            product_id: line.product_id.clone(),
            product_name: name.clone(),
            base_unit: unit.clone(),
            quantity,
        };
        let handed = goods.handed.get(&line.line_no).copied().unwrap_or_default();
        let mut left = line.ordered.less(line.shipped).less(handed);
        for (warehouse_id, there) in goods.places.get_mut(&line.product_id).into_iter().flatten() {
            let taken = left.min(*there);
            (left, *there) = (left.less(taken), there.less(taken));
            if !taken.is_zero() {
                kept.entry(warehouse_id.clone()).or_default().push(part(taken));
            }
        }
        if let Some(waiting) = goods.waiting.get_mut(&line.product_id) {
            let waits = left.min(*waiting);
            (left, *waiting) = (left.less(waits), waiting.less(waits));
        }
        if !left.is_zero() {
            elsewhere.push(part(left));
        }
    }
    let kept = kept.into_iter().map(|(warehouse_id, lines)| (Some(warehouse_id), lines));
    let parts: Vec<_> = kept.chain((!elsewhere.is_empty()).then_some((None, elsewhere))).collect();
    let of = u32::try_from(parts.len()).unwrap_or(u32::MAX).saturating_add(goods.shipments);
    let released = |(number, (warehouse_id, lines))| ShipmentReleased {
        shipment_id: ShipmentId::of(&order.order_id, number),
        order_id: order.order_id.clone(),
        number,
        of,
        dealer_id: order.dealer_id.clone(),
        dealer_name: names.dealer.clone(),
        region_ids: order.region_ids.clone(),
        warehouse_id,
        lines,
        status: ShipmentStatus::Released,
    };
    (goods.shipments + 1..).zip(parts).map(released).collect()
}
