//! Short close (欠量关闭): an order of which a part was shipped ends with that part.
//!
//! What is not delivered any more costs nothing: the order costs what the delivered part of each line
//! does, down to a whole minor unit, and everything else that it had is given back. So once it is
//! closed it has used up exactly what it costs, and nothing is kept for it.
//!
//! What waits for goods can be done without before the rest has left (放弃欠货): the same fact, of a part
//! of what is open.

use values::{Minor, PromotionId, Quantity};

use super::paying::{OnlinePart, Payment, Standing};
use super::{
    ClosedLine, Decision, Fulfilment, LineQuantity, OrderEvent, OrderRefusal, Placed, Progress,
};

impl Placed {
    pub(super) fn close_short(&self, reason: String) -> Decision {
        self.must_be_confirmed()?;
        let lines: Vec<ClosedLine> = self.lines.iter().filter_map(Progress::rest).collect();
        if lines.is_empty() {
            return Err(OrderRefusal::AlreadyShipped);
        }
        if self.fulfilment() == Fulfilment::None {
            return Err(OrderRefusal::NothingShipped);
        }
        self.must_be_of_its_own()?;
        Ok(self.shortened(lines, reason))
    }

    /// Does without some of what has not left; not without all that was bought: such an order is
    /// cancelled.
    pub(super) fn give_up(&self, wanted: &[LineQuantity], reason: String) -> Decision {
        self.must_be_confirmed()?;
        self.must_be_of_its_own()?;
        if wanted.is_empty() {
            return Err(OrderRefusal::NothingWaits);
        }
        let open = |line: &Progress| line.ordered.less(line.shipped);
        let too_many = |line_no, open| OrderRefusal::MoreThanOrdered { line_no, open };
        let taken = self.take(wanted.to_vec(), open, too_many)?;
        let closing = |it: &LineQuantity| {
            let line = self.lines.iter().find(|line| line.line_no == it.line_no)?;
            line.closing(it.quantity)
        };
        let lines: Vec<_> = taken.iter().filter_map(closing).collect();
        if !self.keeps_bought(&taken) {
            return Err(OrderRefusal::NothingShipped);
        }
        Ok(self.shortened(lines, reason))
    }

    /// Whether something that was bought is left without these. Gifts count for nothing: they are given
    /// besides what is bought.
    pub fn keeps_bought(&self, without: &[LineQuantity]) -> bool {
        let mut bought = self.lines.iter().filter(|line| line.price_list_id.is_some());
        bought.any(|line| {
            let gone = without.iter().filter(|it| it.line_no == line.line_no);
            line.ordered > Quantity::total(gone.map(|it| it.quantity))
        })
    }

    /// The fact that these will not come.
    fn shortened(&self, lines: Vec<ClosedLine>, reason: String) -> Vec<OrderEvent> {
        let mut after = self.clone();
        after.shorten(&lines);
        let payment = self.payment.as_ref().map(|paid| paid.costing(after.net_minor));
        vec![OrderEvent::OrderShortClosed {
            order_id: self.order_id.clone(),
            dealer_id: self.dealer_id.clone(),
            currency: self.currency.clone(),
            net_minor: lines.iter().map(ClosedLine::net_minor).sum(),
            status: after.status(),
            lines,
            payment,
            reason,
        }]
    }

    /// Takes the closed part of the lines away, with what it cost.
    pub(super) fn shorten(&mut self, closed: &[ClosedLine]) {
        let less = |of: &mut Minor, by: Minor| of.0 = of.0.saturating_sub(by.0);
        for closed in closed {
            let Some(line) = self.lines.iter_mut().find(|it| it.line_no == closed.line_no) else {
                continue;
            };
            line.ordered = line.ordered.less(closed.quantity);
            less(&mut line.net, closed.net_minor());
            less(&mut self.gross_minor, closed.gross_minor);
            less(&mut self.net_minor, closed.net_minor());
        }
    }

    /// The promotions that others can have once its rest is closed, and how often.
    ///
    /// A promotion is counted in times, and no part of an order is so many times of it. So nothing
    /// comes back of a promotion of which anything was delivered; all of it comes back only where
    /// every line that has its discount, and every gift that it gave, delivered nothing.
    pub fn unused_promotions(&self) -> impl Iterator<Item = &(PromotionId, u32)> {
        let used = |id: &PromotionId| {
            let delivered = self.lines.iter().filter(|line| !line.shipped.is_zero());
            delivered.into_iter().any(|line| line.promotions.contains(id))
        };
        self.promotions.iter().filter(move |(id, _)| !used(id))
    }
}

impl Progress {
    /// What the delivered part of it costs.
    pub(super) fn delivered(&self) -> Minor {
        self.costs(self.shipped)
    }

    /// What so much of it has to cost so that what was delivered costs no less than before: of a part of
    /// a part, rounding down twice could take off a minor unit that was used up already.
    fn least(&self, left: Quantity) -> i64 {
        let shipped = i128::from(self.shipped.get());
        if shipped == 0 {
            return 0;
        }
        let least = i128::from(self.delivered().0) * i128::from(left.get());
        i64::try_from((least + shipped - 1) / shipped).unwrap_or(self.net.0)
    }

    /// What so much of it costs, down to a whole minor unit; all of it costs what the line does.
    pub(super) fn costs(&self, quantity: Quantity) -> Minor {
        let whole = i128::from(self.ordered.get()).max(1);
        let part = i128::from(self.net.0) * i128::from(quantity.get()) / whole;
        Minor(i64::try_from(part).unwrap_or(self.net.0))
    }

    /// What would be closed of it.
    fn rest(&self) -> Option<ClosedLine> {
        self.closing(self.ordered.less(self.shipped))
    }

    /// What would be closed of it with so many units.
    pub(super) fn closing(&self, quantity: Quantity) -> Option<ClosedLine> {
        // No more than the whole line, which could be counted.
        let gross = self.unit_price.times(quantity).unwrap_or(self.net);
        let left = self.ordered.less(quantity);
        let net = Minor(self.net.0 - self.costs(left).0.max(self.least(left)).min(self.net.0));
        let closed = ClosedLine {
            line_no: self.line_no,
            quantity,
            gross_minor: gross,
            off_minor: Minor(gross.0 - net.0),
        };
        (quantity != Quantity::ZERO).then_some(closed)
    }
}

impl Payment {
    /// What pays an order that costs less from now on. It is used up in the order in which it was
    /// taken, so what was taken last is given back first: what was paid through providers, the newest
    /// part before the older ones, then credit, prepaid money and rebates.
    pub(super) fn costing(&self, net: Minor) -> Self {
        let mut left = net;
        let mut keep = |amount: Minor| {
            let kept = amount.min(left);
            left.0 -= kept.0;
            kept
        };
        let rebate_minor = keep(self.rebate_minor);
        let prepaid_minor = keep(self.prepaid_minor);
        let credit_minor = keep(self.credit_minor);
        let online = self.online.iter().map(|part| OnlinePart {
            payment_id: part.payment_id.clone(),
            amount_minor: keep(part.amount_minor),
        });
        let online = online.filter(|part| part.amount_minor > Minor::ZERO).collect();
        let lent = credit_minor > Minor::ZERO;
        Self {
            rebate_minor,
            prepaid_minor,
            credit_minor,
            online,
            open_minor: keep(self.open_minor),
            credit_dealer_id: self.credit_dealer_id.clone().filter(|_| lent),
            standing: if lent { self.standing } else { Standing::NotNeeded },
            ..self.clone()
        }
    }
}
