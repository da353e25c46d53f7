//! What is priced when an order is changed, and what the order costs then.

use values::{BusinessDate, Minor, ProductId, Quantity};

use super::changing::{Change, LineChange};
use super::pricing::{Basket, BasketLine};
use super::review::Reviewers;
use super::{Commercial, OrderLine, OrderRefusal, Placed, Progress, Submission};

/// Goods that are priced for a change: of each line its number, where it has one.
pub type Goods = Vec<(Option<u32>, ProductId, Quantity)>;

impl Placed {
    /// What is priced for a change: all that is bought while nothing is agreed, else what is added.
    pub fn to_price(&self, changes: &[LineChange]) -> Goods {
        let mut goods = Goods::new();
        if self.commercial == Commercial::Submitted {
            let bought = |line: &&Progress| line.price_list_id.is_some() && !line.ordered.is_zero();
            for line in self.lines.iter().filter(bought) {
                let change = changes.iter().find(|it| it.line_no == Some(line.line_no));
                let quantity = change.map_or(line.ordered, |it| it.after);
                goods.push((Some(line.line_no), line.product_id.clone(), quantity));
            }
        }
        let added = changes.iter().filter(|it| it.line_no.is_none());
        goods.extend(added.map(|it| (None, it.product_id.clone(), it.after)));
        goods.retain(|(.., quantity)| !quantity.is_zero());
        goods
    }

    /// The same as a basket of a day.
    pub fn basket_of(&self, goods: &Goods, on: BusinessDate) -> Basket {
        let line = |(_, product_id, quantity): &(Option<u32>, ProductId, Quantity)| BasketLine {
            product_id: product_id.clone(),
            quantity: *quantity,
            seen: None,
        };
        Basket {
            order_id: self.order_id.clone(),
            dealer_id: self.dealer_id.clone(),
            lines: goods.iter().map(line).collect(),
            business_date: on,
            seen: None,
            quoted: None,
            note: String::new(),
            placed_on_behalf: self.placed_on_behalf,
        }
    }

    /// A change with what its goods cost, and what the order costs then, after discounts; what it is
    /// paid from is still to be said.
    ///
    /// # Errors
    /// When the order has gone on since, or would cost more than can be counted.
    pub fn costs_after(
        &self,
        changes: Vec<LineChange>,
        priced: Option<Submission>,
    ) -> Result<(Change, Minor), OrderRefusal> {
        let anew = self.commercial == Commercial::Submitted;
        let goods = self.to_price(&changes);
        let (lines, gifts, promotions) = match priced.map(|priced| self.numbered(&goods, priced)) {
            Some(priced) => (priced.lines, priced.gifts, priced.promotions),
            None => Default::default(),
        };
        let mut kept = Minor::ZERO;
        if !anew {
            let gone = self.less(&changes)?.iter().map(|line| line.net_minor().0).sum::<i64>();
            kept = Minor(self.net_minor.0 - gone);
        }
        let net = kept.plus(lines.iter().map(OrderLine::net_minor).sum());
        let change = Change {
            changes,
            anew,
            lines,
            gifts,
            promotions,
            payment: None,
            steps: None,
            note: String::new(),
            on_behalf: false,
            confirm: false,
            roles: Reviewers::default(),
        };
        Ok((change, net.map_err(|_| OrderRefusal::AmountTooLarge)?))
    }

    /// The same with the numbers that its lines have in the order; gifts that it had keep theirs, too,
    /// while nothing is agreed.
    fn numbered(&self, goods: &Goods, mut priced: Submission) -> Submission {
        let mut next = self.next_line();
        let mut number = |known: Option<u32>| {
            known.unwrap_or_else(|| {
                next = next.saturating_add(1);
                next - 1
            })
        };
        for (line, (line_no, ..)) in priced.lines.iter_mut().zip(goods) {
            line.line_no = number(*line_no);
        }
        let agreed = self.commercial == Commercial::Confirmed;
        let mut had: Vec<&Progress> = self.lines.iter().filter(|_| !agreed).collect();
        for gift in &mut priced.gifts {
            let same = |line: &&Progress| {
                line.price_list_id.is_none()
                    && line.product_id == gift.product_id
                    && line.promotions.contains(&gift.promotion_id)
            };
            let found = had.iter().position(same).map(|index| had.remove(index).line_no);
            gift.line_no = number(found);
        }
        priced
    }
}
