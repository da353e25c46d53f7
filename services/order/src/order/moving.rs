//! Goods on their way: what leaves, what arrives well, and what does not.
//!
//! What did not arrive as it was shipped (少货、破损、错货) is over for the order's way, as what
//! arrived well is: it opens an after-sale case in the same decision, which goes on from there.

use values::{AfterSaleId, Quantity};

use super::{
    Decision, Difference, Fulfilment, LineQuantity, OrderEvent, OrderRefusal, Placed, Progress,
};
use crate::taking::{Wrong, take};

/// Goods that reached the dealer, or should have.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// What arrived well; nothing: all that was on its way, but for what differs.
    pub lines: Vec<LineQuantity>,
    /// What did not, with the case that it opens.
    pub differing: Option<(AfterSaleId, Vec<Difference>)>,
}

impl From<Vec<LineQuantity>> for Arrival {
    fn from(lines: Vec<LineQuantity>) -> Self {
        Self { lines, differing: None }
    }
}

impl Progress {
    /// What is on its way.
    fn under_way(&self) -> Quantity {
        self.shipped.less(self.received).less(self.disputed)
    }
}

impl Placed {
    pub(super) fn ship(&self, wanted: Vec<LineQuantity>) -> Decision {
        self.must_be_confirmed()?;
        let open = |line: &Progress| line.ordered.less(line.shipped);
        if self.sum(open).is_zero() {
            return Err(OrderRefusal::AlreadyShipped);
        }
        let too_many = |line_no, open| OrderRefusal::MoreThanOrdered { line_no, open };
        let lines = self.take(wanted, open, too_many)?;
        let mut after = self.clone();
        after.each(&lines, |line, quantity| line.shipped = line.shipped.plus(quantity));
        let status = after.status();
        Ok(vec![OrderEvent::OrderShipped { order_id: after.order_id, lines, status }])
    }

    pub(super) fn receive(&self, arrival: Arrival) -> Decision {
        self.must_be_confirmed()?;
        if self.fulfilment() == Fulfilment::Received {
            return Err(OrderRefusal::AlreadyReceived);
        }
        if self.sum(Progress::under_way).is_zero() {
            return Err(OrderRefusal::NothingToReceive);
        }
        let (after_sale_id, differences) = arrival.differing.unzip();
        let differences = differences.unwrap_or_default();
        let mut after = self.clone();
        after.differ(&differences)?;
        let too_many = |line_no, open| OrderRefusal::MoreThanShipped { line_no, open };
        let lines = after.take(arrival.lines, Progress::under_way, too_many)?;
        after.each(&lines, |line, quantity| line.received = line.received.plus(quantity));
        let claimed = claimed(&differences);
        let (order_id, status) = (after.order_id.clone(), after.status());
        let received = OrderEvent::OrderReceived { order_id, lines, differences, status };
        let opened = after_sale_id.filter(|_| !claimed.is_empty()).map(|after_sale_id| {
            let order_id = after.order_id.clone();
            OrderEvent::AfterSaleOpened { order_id, after_sale_id, lines: claimed, status }
        });
        Ok(std::iter::once(received).chain(opened).collect())
    }

    /// What arrived well and what did not is on its way no more.
    pub(super) fn arrived(&mut self, lines: &[LineQuantity], differences: &[Difference]) {
        self.each(lines, |line, quantity| line.received = line.received.plus(quantity));
        let differing = claimed(differences);
        self.each(&differing, |line, quantity| line.disputed = line.disputed.plus(quantity));
    }

    /// Takes what did not arrive well off what is on its way.
    fn differ(&mut self, differences: &[Difference]) -> Result<(), OrderRefusal> {
        for (index, told) in differences.iter().enumerate() {
            let line_no = told.line_no;
            let same = |it: &Difference| it.line_no == line_no && it.cause == told.cause;
            if differences[..index].iter().any(same) {
                return Err(OrderRefusal::LineTwice { line_no });
            }
            let line = self.lines.iter_mut().find(|line| line.line_no == line_no);
            let line = line.ok_or(OrderRefusal::LineNotFound { line_no })?;
            let open = line.under_way();
            if told.quantity > open {
                return Err(OrderRefusal::MoreThanShipped { line_no, open });
            }
            line.disputed = line.disputed.plus(told.quantity);
        }
        Ok(())
    }

    /// What is moved of the open goods: what is wanted, or everything when nothing is named.
    pub(super) fn take(
        &self,
        wanted: Vec<LineQuantity>,
        open: impl Fn(&Progress) -> Quantity,
        too_many: impl Fn(u32, Quantity) -> OrderRefusal,
    ) -> Result<Vec<LineQuantity>, OrderRefusal> {
        let open = |line: &Progress| LineQuantity { line_no: line.line_no, quantity: open(line) };
        let open: Vec<_> = self.lines.iter().map(open).collect();
        take(&wanted, &open).map_err(|wrong| match wrong {
            Wrong::NotFound { line_no } => OrderRefusal::LineNotFound { line_no },
            Wrong::Twice { line_no } => OrderRefusal::LineTwice { line_no },
            Wrong::TooMany { line_no, open } => too_many(line_no, open),
        })
    }

    pub(super) fn each(&mut self, moved: &[LineQuantity], apply: impl Fn(&mut Progress, Quantity)) {
        for moved in moved {
            if let Some(line) = self.lines.iter_mut().find(|line| line.line_no == moved.line_no) {
                apply(line, moved.quantity);
            }
        }
    }
}

/// What differs of each line, whatever the cause.
fn claimed(differences: &[Difference]) -> Vec<LineQuantity> {
    LineQuantity::per_line(differences.iter().map(|it| (it.line_no, it.quantity)))
}
