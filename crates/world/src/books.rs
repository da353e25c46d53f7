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
    /// What was delivered on credit and is not repaid, the oldest first.
    owed: VecDeque<Owed>,
}

/// What is owed for one order.
#[derive(Clone, Debug)]
struct Owed {
    order_id: String,
    /// When the first of it was delivered.
    since: NaiveDate,
    amount_minor: i64,
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

    /// Some of an order was delivered. Further parts of it stand beside the first, as long as that is
    /// not paid.
    pub(crate) fn delivered(&mut self, on: NaiveDate, order_id: &str, amount_minor: i64) {
        match self.owed.iter_mut().find(|owed| owed.order_id == order_id) {
            Some(owed) => owed.amount_minor += amount_minor,
            None => {
                let order_id = order_id.to_owned();
                self.owed.push_back(Owed { order_id, since: on, amount_minor });
            }
        }
    }

    /// Pays back all of which the first was delivered on a day or before; gives how much that is.
    pub(crate) fn repay(&mut self, until: NaiveDate) -> i64 {
        let mut paid = 0;
        while let Some(owed) = self.owed.pop_front_if(|owed| owed.since <= until) {
            paid += owed.amount_minor;
        }
        self.used -= paid;
        paid
    }

    /// Takes so much off what is owed for an order; gives what that was more than nothing.
    pub(crate) fn reduce(&mut self, order_id: &str, amount_minor: i64) -> i64 {
        let Some(owed) = self.owed.iter_mut().find(|owed| owed.order_id == order_id) else {
            return 0;
        };
        let less = owed.amount_minor.min(amount_minor);
        owed.amount_minor -= less;
        self.owed.retain(|owed| owed.amount_minor > 0);
        self.used -= less;
        less
    }

    /// An order does not need so much of the credit.
    pub(crate) fn give_back(&mut self, amount_minor: i64) {
        self.used -= amount_minor;
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

    /// Pays an order from rebates and what was sent before; gives what rebates paid.
    pub(crate) fn pay(&mut self, net: i64) -> i64 {
        let rebate = self.rebate_for(net);
        self.rebate -= rebate;
        self.prepaid -= net - rebate;
        rebate
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
        assert_eq!(books.pay(100), 30);
        assert_eq!((books.prepaid, books.rebate), (10, 20));
        assert_eq!(books.missing(100), 70);
    }

    #[test]
    fn what_is_repaid_can_be_owed_again() {
        let mut books = Books::with_limit(100);
        books.borrow(60);
        books.delivered(FIRST_DAY, "SO-1", 20);
        books.delivered(FIRST_DAY.succ_opt().unwrap(), "SO-1", 40);

        assert_eq!(books.left(), 40);
        assert_eq!(books.repay(FIRST_DAY.pred_opt().unwrap()), 0);
        assert_eq!(books.repay(FIRST_DAY), 60);
        assert_eq!(books.left(), 100);
    }

    #[test]
    fn no_more_is_taken_off_than_is_owed() {
        let mut books = Books::with_limit(100);
        books.borrow(60);
        books.delivered(FIRST_DAY, "SO-1", 30);

        assert_eq!((books.reduce("SO-1", 10), books.reduce("SO-2", 10)), (10, 0));
        assert_eq!((books.reduce("SO-1", 50), books.left()), (20, 70));
        books.give_back(30);
        assert_eq!((books.repay(FIRST_DAY), books.left()), (0, 100));
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
