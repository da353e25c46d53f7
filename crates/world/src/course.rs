//! How far an order has got on its way, and what its parts cost.

use crate::acts::{NewOrder, Parcel};

/// An order that the brand has taken.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// Whose it is.
    pub(crate) dealer: usize,
    pub(crate) lines: Vec<Line>,
    /// Whether it is paid later.
    pub(crate) on_credit: bool,
    /// What rebates paid of it.
    pub(crate) rebate_minor: i64,
    /// Parcels that have not left, and those that have not arrived.
    pub(crate) to_leave: usize,
    pub(crate) to_arrive: usize,
}

/// A line of it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) product: usize,
    pub(crate) unit_price_minor: i64,
    pub(crate) ordered: u32,
    pub(crate) shipped: u32,
    /// What it costs after discounts.
    net_minor: i64,
}

impl Line {
    /// What the part of it that has left costs, down to a whole fen.
    fn delivered(&self) -> i64 {
        let part = i128::from(self.net_minor) * i128::from(self.shipped);
        i64::try_from(part / i128::from(self.ordered.max(1))).unwrap_or(self.net_minor)
    }

    /// What has not left.
    pub(crate) fn rest(&self) -> u32 {
        self.ordered - self.shipped
    }
}

impl Course {
    pub(crate) fn of(dealer: usize, order: &NewOrder, parcels: usize) -> Self {
        let gross: Vec<i64> = order.lines.iter().map(|line| line.gross_minor()).collect();
        let lines = order.lines.iter().zip(shares(order.off_minor, &gross));
        let line = |(line, off): (&crate::acts::NewLine, i64)| Line {
            product: line.product,
            unit_price_minor: line.unit_price_minor,
            ordered: line.quantity,
            shipped: 0,
            net_minor: line.gross_minor() - off,
        };
        Self {
            dealer,
            lines: lines.map(line).collect(),
            on_credit: false,
            rebate_minor: 0,
            to_leave: parcels,
            to_arrive: parcels,
        }
    }

    /// A parcel of it leaves; gives what that costs.
    pub(crate) fn ship(&mut self, parcel: &Parcel) -> i64 {
        let before = self.delivered();
        for &(line_no, quantity) in &parcel.lines {
            if let Some(line) = self.line(line_no) {
                line.shipped += quantity;
            }
        }
        self.to_leave -= 1;
        self.delivered() - before
    }

    pub(crate) fn line(&mut self, line_no: u32) -> Option<&mut Line> {
        self.lines.get_mut((line_no as usize).checked_sub(1)?)
    }

    fn delivered(&self) -> i64 {
        self.lines.iter().map(Line::delivered).sum()
    }

    /// What was ordered of it, and what has left, in units.
    pub(crate) fn units(&self) -> (u64, u64) {
        let sum = |of: fn(&Line) -> u32| self.lines.iter().map(|line| u64::from(of(line))).sum();
        (sum(|line| line.ordered), sum(|line| line.shipped))
    }

    /// What the rest of it costs, where nothing is taken off.
    pub(crate) fn rest_minor(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.rest()) * line.unit_price_minor).sum()
    }
}

/// Shares of a discount in proportion to amounts, to the fen: what rounding down leaves goes to those that
/// lost most by it, and among equal ones to the first.
fn shares(off_minor: i64, amounts: &[i64]) -> Vec<i64> {
    let whole = amounts.iter().map(|amount| i128::from(*amount)).sum::<i128>().max(1);
    let exact: Vec<i128> =
        amounts.iter().map(|amount| i128::from(off_minor) * i128::from(*amount)).collect();
    let mut shares: Vec<i128> = exact.iter().map(|part| part / whole).collect();
    let left = i128::from(off_minor) - shares.iter().sum::<i128>();
    let mut by_loss: Vec<usize> = (0..amounts.len()).collect();
    by_loss.sort_by_key(|&at| std::cmp::Reverse(exact[at] % whole));
    for at in by_loss.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[at] += 1;
    }
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::NewLine;

    #[test]
    fn shares_add_up_and_go_to_who_lost_most() {
        assert_eq!(shares(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(shares(10, &[100, 199]), [3, 7]);
        assert_eq!(shares(0, &[5, 5]), [0, 0]);
    }

    #[test]
    fn what_leaves_costs_its_part() {
        let line = |quantity| NewLine { product: 0, quantity, unit_price_minor: 100 };
        let order = NewOrder {
            id: "SO-1".to_owned(),
            lines: vec![line(3), line(1)],
            net_minor: 399,
            off_minor: 1,
            from_cart: false,
            untouched: true,
        };
        let mut course = Course::of(0, &order, 2);
        let parcel = |part, lines| Parcel { order_id: "SO-1".to_owned(), shipment: 1, part, lines };

        assert_eq!(course.ship(&parcel(1, vec![(1, 1)])), 99);
        assert_eq!((course.units(), course.rest_minor()), ((4, 1), 300));
        assert_eq!(course.ship(&parcel(2, vec![(1, 2), (2, 1)])), 300);
        assert_eq!((course.units(), course.to_leave), ((4, 4), 0));
    }
}
