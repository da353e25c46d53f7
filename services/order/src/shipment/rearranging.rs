//! How the shipments of an order follow a change of it: what they send less, and what they send still,
//! which is no warehouse's to give away.

use std::collections::BTreeMap;

use values::{ProductId, Quantity, WarehouseId};

use super::{Load, ShipmentRefusal, Standing};
use crate::order::{Commercial, LineQuantity, Placed};

/// Some of a product in some warehouses.
pub type Parts = Vec<(WarehouseId, Quantity)>;

/// Whether what is there of an order, and in no shipment, is handed over: what came in for it, or what a
/// change added. An order that was handed over goes on by shipments whatever the rules say by now, as it
/// is shipped in no other way.
pub fn goes_on(order: &Placed, loads: &[Load], hands_over: bool) -> bool {
    order.commercial == Commercial::Confirmed
        && (!loads.is_empty() || (hands_over && order.back_order))
}

/// What each shipment sends less: first what no shipment has goes, then what the last ones have. What a
/// warehouse has taken on stays.
///
/// # Errors
/// When a warehouse has taken on what would have to go.
pub fn cuts(
    before: &Placed,
    after: &Placed,
    loads: &[Load],
) -> Result<Vec<Vec<LineQuantity>>, ShipmentRefusal> {
    let mut cuts = vec![Vec::new(); loads.len()];
    if loads.is_empty() {
        return Ok(cuts);
    }
    for line in &before.lines {
        let line_no = line.line_no;
        let now = after.lines.iter().find(|it| it.line_no == line_no);
        let now = now.map_or(Quantity::ZERO, |it| it.ordered);
        let open = |load: &Load| {
            let all = load.open().into_iter().filter(|it| it.line_no == line_no);
            Quantity::total(all.map(|it| it.quantity))
        };
        let handed = Quantity::total(loads.iter().map(open));
        let beside = line.ordered.less(line.shipped).less(handed);
        let mut left = line.ordered.less(now).less(beside);
        for (load, cut) in loads.iter().zip(&mut cuts).rev() {
            let there = if load.standing == Standing::Waiting { open(load) } else { continue };
            let quantity = there.min(left);
            left = left.less(quantity);
            if !quantity.is_zero() {
                cut.push(LineQuantity { line_no, quantity });
            }
        }
        let mut taken = loads.iter().filter(|it| it.standing != Standing::Waiting);
        if let Some(load) = taken.find(|load| !open(load).is_zero())
            && !left.is_zero()
        {
            let shipment_id = load.shipment_id.clone();
            return Err(ShipmentRefusal::WarehouseHasIt { shipment_id });
        }
    }
    Ok(cuts)
}

/// What these shipments still send of each product, warehouse by warehouse.
pub fn sends(loads: &[Load]) -> BTreeMap<ProductId, Parts> {
    let mut sends: BTreeMap<ProductId, Parts> = BTreeMap::new();
    for load in loads {
        let Some(warehouse_id) = &load.warehouse_id else { continue };
        for line in &load.lines {
            let open = line.quantity.less(line.shipped);
            let parts = sends.entry(line.product_id.clone()).or_default();
            match parts.iter_mut().find(|(warehouse, _)| warehouse == warehouse_id) {
                Some((_, part)) => *part = part.plus(open),
                None => parts.push((warehouse_id.clone(), open)),
            }
        }
    }
    sends
}
