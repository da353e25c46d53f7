//! What a dealer has to say about goods of an order: how much of each line stands in an after-sale
//! case, what it is worth, and what of it goes back to where.
//!
//! No unit is in two cases at once, and none is settled twice. What the settled units of a line are
//! worth is counted together, down to a whole minor unit, so that all units are worth exactly what the
//! line cost and never more. What goes back is taken of what the delivered goods have used up, what was
//! used last first: payments through providers, credit, prepaid money, rebates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{AfterSaleId, Minor, PaymentId, Quantity};

use super::{Decision, LineQuantity, OrderEvent, OrderRefusal, Placed, Progress};
use crate::after_sale::AfterSaleRefusal;
use crate::rating::Rating;

/// What an order was paid from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fund {
    /// 返利
    Rebate,
    /// 预存款
    Prepaid,
    /// 信用
    Credit,
    /// 在线支付
    Online {
        /// The payment.
        payment_id: PaymentId,
    },
    /// 系统外: the brand was paid elsewhere.
    Elsewhere,
}

/// Some of what an order was paid from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refunded {
    /// Of what.
    pub fund: Fund,
    /// How much.
    pub amount_minor: Minor,
}

/// Some of one line that was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettledLine {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// How many base units.
    pub quantity: Quantity,
    /// What the dealer paid for them, or would have.
    pub worth_minor: Minor,
}

/// Money that went back for some of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WentBack {
    /// Number of the line in the order, from 1.
    pub line_no: u32,
    /// For how many base units.
    pub quantity: Quantity,
    /// How much.
    pub amount_minor: Minor,
}

/// What a case gave back for each line that it settled: by what they were worth, rounded down to whole
/// minor units of the lines so far, so that all of it adds up. Nothing where it sent goods again.
pub fn went_back(settled: &[SettledLine], refunds: &[Refunded]) -> Vec<WentBack> {
    let refunded: i128 = refunds.iter().map(|it| i128::from(it.amount_minor.0)).sum();
    let worth: i128 = settled.iter().map(|it| i128::from(it.worth_minor.0)).sum();
    if refunded == 0 || worth == 0 {
        return Vec::new();
    }
    let (mut so_far, mut given) = (0, 0);
    let back = settled.iter().map(|it| {
        so_far += i128::from(it.worth_minor.0);
        let amount = refunded * so_far / worth - given;
        given += amount;
        let amount_minor = Minor(i64::try_from(amount).unwrap_or(it.worth_minor.0));
        WentBack { line_no: it.line_no, quantity: it.quantity, amount_minor }
    });
    back.collect()
}

impl Placed {
    pub(super) fn open_after_sale(
        &self,
        after_sale_id: AfterSaleId,
        wanted: Vec<LineQuantity>,
    ) -> Decision {
        self.must_be_confirmed()?;
        if wanted.is_empty() {
            return Err(OrderRefusal::WrongNumberOfLines);
        }
        let too_many = |line_no, open| OrderRefusal::MoreThanArrived { line_no, open };
        let lines = self.take(wanted, Progress::claimable, too_many)?;
        let (order_id, status) = (self.order_id.clone(), self.status());
        Ok(vec![OrderEvent::AfterSaleOpened { order_id, after_sale_id, lines, status }])
    }

    pub(super) fn end_after_sale(
        &self,
        after_sale_id: AfterSaleId,
        settled: &[LineQuantity],
        amount: Minor,
    ) -> Decision {
        let opened = self.after_sales.get(&after_sale_id);
        let lines = opened.ok_or(OrderRefusal::AfterSale(AfterSaleRefusal::AfterSaleNotFound))?;
        for &LineQuantity { line_no, quantity } in settled {
            let opened = lines.iter().find(|line| line.line_no == line_no);
            let open = opened.map_or(Quantity::ZERO, |line| line.quantity);
            if quantity > open {
                return Err(OrderRefusal::MoreThanArrived { line_no, open });
            }
        }
        let settled = self.worth(settled);
        let most = settled.iter().map(|line| line.worth_minor).sum();
        if amount > most {
            let currency = self.currency.clone();
            return Err(OrderRefusal::MoreThanPaid { most, currency });
        }
        Ok(vec![OrderEvent::AfterSaleEnded {
            order_id: self.order_id.clone(),
            lines: lines.clone(),
            after_sale_id,
            settled,
            refunds: self.refunds(amount),
            status: self.status(),
        }])
    }

    /// What some units are worth, with what was settled of their lines before.
    pub fn worth(&self, settled: &[LineQuantity]) -> Vec<SettledLine> {
        let worth = |&LineQuantity { line_no, quantity }: &LineQuantity| {
            let line = self.lines.iter().find(|line| line.line_no == line_no)?;
            let all = line.costs(line.settled.plus(quantity));
            let worth_minor = Minor((all.0 - line.settled_worth.0).max(0));
            Some(SettledLine { line_no, quantity, worth_minor })
        };
        settled.iter().filter_map(worth).collect()
    }

    /// Where an amount goes back to, in the reverse order of paying.
    pub fn refunds(&self, amount: Minor) -> Vec<Refunded> {
        let mut left = amount;
        let mut parts = Vec::new();
        for mut part in self.used().into_iter().rev() {
            let back = self.refunded.iter().filter(|it| it.fund == part.fund);
            let back: Minor = back.map(|it| it.amount_minor).sum();
            part.amount_minor = left.min(Minor((part.amount_minor.0 - back.0).max(0)));
            left.0 -= part.amount_minor.0;
            if part.amount_minor > Minor::ZERO {
                parts.push(part);
            }
        }
        parts
    }

    /// What the delivered goods have used up, in the order of paying.
    fn used(&self) -> Vec<Refunded> {
        let mut delivered = self.delivered();
        let Some(payment) = &self.payment else {
            return vec![Refunded { fund: Fund::Elsewhere, amount_minor: delivered }];
        };
        let online = payment
            .online
            .iter()
            .map(|part| (Fund::Online { payment_id: part.payment_id.clone() }, part.amount_minor));
        let own = [
            (Fund::Rebate, payment.rebate_minor),
            (Fund::Prepaid, payment.prepaid_minor),
            (Fund::Credit, payment.credit_minor),
        ];
        let used = own.into_iter().chain(online).map(|(fund, amount)| {
            let amount_minor = amount.min(delivered);
            delivered.0 -= amount_minor.0;
            Refunded { fund, amount_minor }
        });
        used.collect()
    }

    /// Whether it can end without its goods: what replaces them would be lost to the dealer.
    pub(super) fn must_be_of_its_own(&self) -> Result<(), OrderRefusal> {
        if self.replaces.is_some() { Err(OrderRefusal::SendsAgain) } else { Ok(()) }
    }

    pub(super) fn rate(&self, rating: Rating) -> Decision {
        if self.sum(|line| line.received.plus(line.disputed)).is_zero() {
            return Err(OrderRefusal::NothingToRate);
        }
        if self.rated {
            return Err(OrderRefusal::AlreadyRated);
        }
        let (order_id, dealer_id) = (self.order_id.clone(), self.dealer_id.clone());
        Ok(vec![OrderEvent::OrderRated { order_id, dealer_id, rating, status: self.status() }])
    }

    pub(super) fn after_sale_opened(
        &mut self,
        after_sale_id: AfterSaleId,
        lines: Vec<LineQuantity>,
    ) {
        self.each(&lines, |line, quantity| line.claimed = line.claimed.plus(quantity));
        self.after_sales.insert(after_sale_id, lines);
    }

    pub(super) fn after_sale_ended(
        &mut self,
        after_sale_id: &AfterSaleId,
        settled: &[SettledLine],
        refunds: Vec<Refunded>,
    ) {
        let opened = self.after_sales.remove(after_sale_id).unwrap_or_default();
        self.each(&opened, |line, quantity| line.claimed = line.claimed.less(quantity));
        for it in settled {
            let Some(line) = self.lines.iter_mut().find(|line| line.line_no == it.line_no) else {
                continue;
            };
            line.settled = line.settled.plus(it.quantity);
            line.settled_worth.0 += it.worth_minor.0;
        }
        for back in went_back(settled, &refunds) {
            if let Some(line) = self.lines.iter_mut().find(|line| line.line_no == back.line_no) {
                line.back = line.back.plus(back.quantity);
                line.back_minor.0 += back.amount_minor.0;
            }
        }
        self.refunded.extend(refunds);
    }
}

impl Progress {
    /// What a new case can be about.
    fn claimable(&self) -> Quantity {
        self.received.plus(self.disputed).less(self.claimed).less(self.settled)
    }
}
