//! Stock of an order that changes while warehouses have its shipments: what a shipment does not send any
//! more is free in the warehouse that would have sent it, and in no other.

use values::{OrderId, Quantity, WarehouseId};

use super::{Kept, Level, StockEvent, StockRefusal};
use crate::shift::Shift;

impl Kept {
    /// Follows an order that gives back what is freed from these warehouses, as far as it gives back
    /// anything, before the rest of it.
    pub(super) fn rearrange(
        &mut self,
        order_id: &OrderId,
        shift: Shift<Quantity>,
        waits: bool,
        freed: Vec<(WarehouseId, Quantity)>,
    ) -> Result<Vec<StockEvent>, StockRefusal> {
        let own = self.reserved.get(order_id).cloned().unwrap_or_default();
        let mut left = shift.release;
        let mut parts = Vec::new();
        for (warehouse_id, quantity) in freed {
            let has = own.get(&warehouse_id).copied().unwrap_or_default();
            let part = quantity.min(has).min(left);
            left = left.less(part);
            if !part.is_zero() {
                parts.push((warehouse_id, part));
            }
        }
        let mut events = Vec::new();
        self.happen(order_id, parts, StockEvent::StockReleased, &mut events, |level, quantity| {
            Level { reserved: level.reserved.less(quantity), ..level }
        });
        events.extend(self.follow(order_id, Shift { release: left, ..shift }, waits)?);
        Ok(events)
    }
}
