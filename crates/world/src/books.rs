//! What each dealer has and owes, so that a world knows beforehand which order is covered.

use std::collections::VecDeque;

use chrono::NaiveDate;

/// How much of an order rebates may pay, in percent.
pub const REBATE_SHARE: i64 = 30;

/// The accounts of one dealer, in fen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    prepaid: i64,
    rebate: i64,
    limit: i64,
    /// What finance has added to the limit for single orders.
    granted: i64,
    /// What orders have of the limit, whether they were delivered or not.
    used: i64,
    /// What was delivered on credit, when, and is not repaid.
    owed: VecDeque<(NaiveDate, i64)>,
}

impl Books {
    pub(crate) fn with_limit(limit: i64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// What is left of the credit.
    pub(crate) fn left(&self) -> i64 {
        self.limit + self.granted - self.used
    }

    pub(crate) fn borrow(&mut self, net: i64) {
        self.used += net;
    }

    pub(crate) fn raise(&mut self, more: i64) {
        self.granted += more;
    }

    pub(crate) fn limit_to(&mut self, limit: i64) {
        self.limit = limit;
    }

    /// Cuts the limit so that only so much is left; gives what it is then.
    pub(crate) fn cut_to(&mut self, left: i64) -> i64 {
        self.limit = (self.used + left - self.granted).max(0);
        self.limit
    }

    pub(crate) fn delivered(&mut self, on: NaiveDate, net: i64) {
        self.owed.push_back((on, net));
    }

    /// Pays back all that was delivered on a day or before; gives how much that is.
    pub(crate) fn repay(&mut self, until: NaiveDate) -> i64 {
        let mut paid = 0;
        while let Some((_, net)) = self.owed.pop_front_if(|owed| owed.0 <= until) {
            paid += net;
        }
        self.used -= paid;
        paid
    }

    pub(crate) fn grant(&mut self, rebate: i64) {
        self.rebate += rebate;
    }

    /// How much money is missing for an order, after what rebates pay of it.
    pub(crate) fn missing(&self, net: i64) -> i64 {
        (net - self.rebate_for(net) - self.prepaid).max(0)
    }

    pub(crate) fn top_up(&mut self, amount: i64) {
        self.prepaid += amount;
    }

    /// Pays an order from rebates and what was sent before.
    pub(crate) fn pay(&mut self, net: i64) {
        let rebate = self.rebate_for(net);
        self.rebate -= rebate;
        self.prepaid -= net - rebate;
    }

    fn rebate_for(&self, net: i64) -> i64 {
        self.rebate.min(net * REBATE_SHARE / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::FIRST_DAY;

    #[test]
    fn rebates_pay_their_share_and_money_the_rest() {
        let mut books = Books::default();
        books.grant(50);

        assert_eq!(books.missing(100), 70);
        books.top_up(80);
        books.pay(100);
        assert_eq!((books.prepaid, books.rebate), (10, 20));
        assert_eq!(books.missing(100), 70);
    }

    #[test]
    fn what_is_repaid_can_be_owed_again() {
        let mut books = Books::with_limit(100);
        books.borrow(60);
        books.delivered(FIRST_DAY, 60);

        assert_eq!(books.left(), 40);
        assert_eq!(books.repay(FIRST_DAY.pred_opt().unwrap()), 0);
        assert_eq!(books.repay(FIRST_DAY), 60);
        assert_eq!(books.left(), 100);
    }

    #[test]
    fn a_limit_is_cut_to_what_is_left_of_it() {
        let mut books = Books::with_limit(100);
        books.borrow(60);
        books.raise(5);

        assert_eq!((books.cut_to(10), books.left()), (65, 10));
        books.limit_to(100);
        assert_eq!(books.left(), 45);
    }
}
