//! Stock of an order that changes while warehouses have its shipments: what a shipment sends stays kept
//! in the warehouse that sends it, so what is given back is what no shipment has.

use values::{OrderId, Quantity};

use super::{Kept, Parts, StockEvent, StockRefusal, first_of};
use crate::shift::Shift;

impl Kept {
    /// Follows an order of which shipments send so much from these warehouses. What it waits for goes
    /// first, as of any order; of what it has, nothing goes that a shipment sends.
    pub(super) fn rearrange(
        &mut self,
        order_id: &OrderId,
        shift: Shift<Quantity>,
        waits: bool,
        sends: &Parts,
    ) -> Result<Vec<StockEvent>, StockRefusal> {
        let given_up = shift.release.min(self.line.of(order_id));
        let own = self.reserved.get(order_id).into_iter().flatten();
        let beside = own.map(|(warehouse_id, kept)| {
            let sent = sends.iter().filter(|(from, _)| from == warehouse_id);
            (warehouse_id, kept.less(Quantity::total(sent.map(|(_, quantity)| *quantity))))
        });
        let released = first_of(shift.release.less(given_up), beside);
        let mut events = self.follow(order_id, Shift { release: given_up, ..shift }, waits)?;
        self.release(order_id, released, &mut events);
        Ok(events)
    }
}
