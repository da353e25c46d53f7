//! Changes of an order after it was submitted (修改订单), settled by what they make different.
//!
//! Before it is confirmed nothing is agreed yet: the order is priced anew as a whole, at the prices and
//! promotions of the day of the change. After that what was agreed stays: a line that becomes less
//! keeps its price and its share of discounts, and what is added stands on lines of its own, priced
//! as a new order would be on that day. So no line has two prices.
//!
//! Money, stock, quotas and shipments are not known here: they follow the difference of the order
//! before and after, as they follow everything it does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{Currency, DealerId, Minor, OrderId, ProductId, PromotionId, Quantity};

use super::change_refusal::ChangeRefusal;
use super::paying::{Choice, Means, Payment, Standing};
use super::review::{Reviewers, Step};
use super::{
    AppliedPromotion, ClosedLine, Commercial, Decision, LineQuantity, OrderEvent, OrderGift,
    OrderLine, OrderRefusal, OrderStatus, Placed, Progress,
};

/// The highest number that a line can have.
pub const LAST_LINE: u32 = 400;

/// What can be asked about changes of an order.
#[derive(Clone, Debug)]
pub enum ChangeCommand {
    /// Asks the brand for it.
    Propose(Box<Proposal>),
    /// Whoever asked does not want it any more.
    Withdraw,
    /// The brand does not agree.
    Refuse {
        /// Why.
        reason: String,
    },
    /// Makes it: at once while the order is not confirmed, else what waits for it.
    Make(Box<Change>),
}

/// What somebody wants an order to become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Other quantities of lines: all of what the line should have.
    pub lines: Vec<LineQuantity>,
    /// Other goods besides.
    pub added: Vec<(ProductId, Quantity)>,
}

/// What becomes of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineChange {
    /// Number of the line; absent: the goods get lines of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_no: Option<u32>,
    /// The product.
    pub product_id: ProductId,
    /// The product's name on that day.
    pub product_name: String,
    /// Base units before.
    pub before: Quantity,
    /// Base units after.
    pub after: Quantity,
}

/// A change that waits for the brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Proposal {
    /// What becomes of the lines.
    pub changes: Vec<LineChange>,
    /// What the order would cost after discounts, as whoever proposed it was told.
    pub net_minor: Minor,
    /// Why; may be empty.
    pub note: String,
    /// Whether somebody who is not of the dealer proposed it.
    pub on_behalf: bool,
}

/// A change with its prices, ready to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What becomes of the lines.
    pub changes: Vec<LineChange>,
    /// Whether the whole order is priced anew: then `lines` and `gifts` are all that it has.
    pub anew: bool,
    /// Lines that are new or priced anew, with their numbers.
    pub lines: Vec<OrderLine>,
    /// Gifts that come with them.
    pub gifts: Vec<OrderGift>,
    /// The promotions behind both.
    pub promotions: Vec<AppliedPromotion>,
    /// What the order is paid from then; none where the brand is paid elsewhere.
    pub payment: Option<Payment>,
    /// What it has to pass then, or, where it was confirmed, before that; none: as the rules say.
    pub steps: Option<Vec<Step>>,
    /// Why; may be empty.
    pub note: String,
    /// Whether somebody who is not of the dealer wants it.
    pub on_behalf: bool,
    /// Whether nobody has to look at it once it is covered, where it has no steps.
    pub confirm: bool,
    /// In which roles somebody agrees to it; of no matter while nothing is agreed.
    pub roles: Reviewers,
}

/// Somebody asked the brand to change an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderChangeProposed {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What would change.
    pub proposal: Proposal,
    /// What it costs now.
    pub previous_net_minor: Minor,
    /// What people see, as before.
    pub status: OrderStatus,
}

/// An order became another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct OrderChanged {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub dealer_id: DealerId,
    /// All amounts are in this currency.
    pub currency: Currency,
    /// What became of the lines, in short.
    pub changes: Vec<LineChange>,
    /// Whether all of it was priced anew, as nothing was agreed yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
    /// What goes away of lines and gifts, with what it cost; lines that are priced anew go away as a
    /// whole, and come again in `lines`.
    pub less: Vec<ClosedLine>,
    /// Lines that are new or priced anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<OrderLine>,
    /// Gifts that come with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gifts: Vec<OrderGift>,
    /// The promotions behind both: all of the order when it was priced anew, else those besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<AppliedPromotion>,
    /// What the order costs from now on, before discounts.
    pub gross_minor: Minor,
    /// The same after them.
    pub net_minor: Minor,
    /// What it cost after discounts until now.
    pub previous_net_minor: Minor,
    /// Base units bought from now on, all lines together, without gifts.
    pub quantity: Quantity,
    /// What it is paid from, from now on: all of it, whatever was said before; absent where the brand
    /// is paid elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// Why; may be empty.
    pub note: String,
    /// Whether somebody who is not of the dealer wanted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_behalf: bool,
    /// What people see from now on, as long as nothing follows.
    pub status: OrderStatus,
}

impl Placed {
    /// What it would come to when somebody wants this.
    ///
    /// # Errors
    /// When the order can not become that.
    pub fn changes(
        &self,
        wanted: &Wanted,
        name: impl Fn(&ProductId) -> String,
    ) -> Result<Vec<LineChange>, OrderRefusal> {
        self.must_be_changeable()?;
        let confirmed = self.commercial == Commercial::Confirmed;
        let change = |line_no, product_id: &ProductId, before, after| LineChange {
            line_no,
            product_id: product_id.clone(),
            product_name: name(product_id),
            before,
            after,
        };
        let mut changes = Vec::new();
        for (index, &LineQuantity { line_no, quantity }) in wanted.lines.iter().enumerate() {
            if wanted.lines[..index].iter().any(|before| before.line_no == line_no) {
                return Err(OrderRefusal::LineTwice { line_no });
            }
            let mut all = self.lines.iter().filter(|line| !line.ordered.is_zero());
            let line = all.find(|line| line.line_no == line_no);
            let line = line.ok_or(OrderRefusal::LineNotFound { line_no })?;
            let (product, before) = (&line.product_id, line.ordered);
            let gift = line.price_list_id.is_none();
            if quantity < line.shipped {
                let shipped = line.shipped;
                return Err(ChangeRefusal::LessThanShipped { line_no, shipped }.into());
            }
            if gift && quantity != before && (!confirmed || quantity > before) {
                return Err(ChangeRefusal::GiftFollows { line_no }.into());
            }
            if quantity > before && confirmed {
                changes.push(change(None, product, Quantity::ZERO, quantity.less(before)));
            } else if quantity != before {
                changes.push(change(Some(line_no), product, before, quantity));
            }
        }
        for (product, quantity) in &wanted.added {
            changes.push(change(None, product, Quantity::ZERO, *quantity));
        }
        self.must_come_to_something(&changes)?;
        Ok(changes)
    }

    fn must_come_to_something(&self, changes: &[LineChange]) -> Result<(), OrderRefusal> {
        if changes.is_empty() {
            return Err(ChangeRefusal::NothingChanges.into());
        }
        let of = |line: &Progress| changes.iter().find(|it| it.line_no == Some(line.line_no));
        let bought = self.lines.iter().filter(|line| line.price_list_id.is_some());
        let stays = bought.map(|line| of(line).map_or(line.ordered, |it| it.after));
        let comes = changes.iter().filter(|it| it.line_no.is_none()).map(|it| it.after);
        match Quantity::total(stays.chain(comes)).is_zero() {
            true => Err(ChangeRefusal::NothingLeft.into()),
            false => Ok(()),
        }
    }

    fn must_be_changeable(&self) -> Result<(), OrderRefusal> {
        self.must_be_of_its_own()?;
        match self.commercial {
            Commercial::Cancelled => Err(OrderRefusal::OrderCancelled),
            Commercial::Confirmed
                if self.sum(|line| line.ordered) == self.sum(|line| line.shipped) =>
            {
                Err(OrderRefusal::AlreadyShipped)
            }
            Commercial::Confirmed | Commercial::Submitted => Ok(()),
        }
    }

    /// The number of the next line that it gets.
    pub fn next_line(&self) -> u32 {
        self.lines.iter().map(|line| line.line_no).max().unwrap_or_default().saturating_add(1)
    }

    /// Whether the goods that left have used up money that came through a provider.
    pub fn uses_online(&self) -> bool {
        let used = self.positions();
        let own = [used.rebate, used.prepaid, used.credit].map(|it| it.captured.0);
        self.payment.is_some() && self.delivered().0 > own.into_iter().sum()
    }

    pub(super) fn change(&self, command: ChangeCommand) -> Decision {
        let (order_id, status) = (self.order_id.clone(), self.status());
        match command {
            ChangeCommand::Propose(proposal) => {
                self.must_be_changeable()?;
                self.must_be_confirmed()?;
                if self.proposal.is_some() {
                    return Err(ChangeRefusal::ChangeWaits.into());
                }
                let proposed = OrderChangeProposed {
                    order_id,
                    dealer_id: self.dealer_id.clone(),
                    currency: self.currency.clone(),
                    proposal: *proposal,
                    previous_net_minor: self.net_minor,
                    status,
                };
                Ok(vec![OrderEvent::OrderChangeProposed(Box::new(proposed))])
            }
            ChangeCommand::Withdraw => {
                self.proposal()?;
                Ok(vec![OrderEvent::OrderChangeWithdrawn { order_id, status }])
            }
            ChangeCommand::Refuse { reason } => {
                self.proposal()?;
                Ok(vec![OrderEvent::OrderChangeRefused { order_id, reason, status }])
            }
            ChangeCommand::Make(change) => self.make(*change),
        }
    }

    /// What waits for the brand.
    ///
    /// # Errors
    /// When nothing does.
    pub fn proposal(&self) -> Result<&Proposal, OrderRefusal> {
        Ok(self.proposal.as_deref().ok_or(ChangeRefusal::NoChangeWaits)?)
    }

    fn make(&self, change: Change) -> Decision {
        self.must_be_changeable()?;
        let agreed = self.commercial == Commercial::Confirmed;
        if agreed {
            self.proposal()?;
        }
        let (anew, steps, confirm) = (change.anew, change.steps.clone(), change.confirm);
        if anew == agreed {
            return Err(ChangeRefusal::ChangeOutdated.into());
        }
        let roles = change.roles.clone();
        let changed = self.changed_by(change)?;
        let mut after = self.clone();
        after.changed(&changed);
        let mut passed = Vec::new();
        if agreed {
            after.must_be_covered()?;
            let (events, made) = self.agreed(steps.as_deref(), &roles)?;
            if !made {
                return Ok(events);
            }
            passed = events;
        }
        let status = after.status();
        let follows = match steps.filter(|_| !agreed) {
            Some(steps) => after.asked(steps, String::new()),
            None => after.confirmed(confirm).into_iter().collect(),
        };
        let changed = OrderEvent::OrderChanged(Box::new(OrderChanged { status, ..changed }));
        Ok(passed.into_iter().chain([changed]).chain(follows).collect())
    }

    fn changed_by(&self, change: Change) -> Result<OrderChanged, OrderRefusal> {
        let numbers = change.lines.iter().map(|line| line.line_no);
        let mut numbers = numbers.chain(change.gifts.iter().map(|gift| gift.line_no));
        if numbers.any(|number| number > LAST_LINE) {
            return Err(ChangeRefusal::TooManyLines.into());
        }
        let less = match change.anew {
            true => self.lines.iter().filter_map(|line| line.closing(line.ordered)).collect(),
            false => self.less(&change.changes)?,
        };
        let added = Minor::total(change.lines.iter().map(|line| line.gross_minor));
        let added = added.map_err(|_| OrderRefusal::AmountTooLarge)?;
        let gone: i64 = less.iter().map(|line: &ClosedLine| line.gross_minor.0).sum();
        let gross = Minor(self.gross_minor.0 - gone).plus(added);
        let gone: i64 = less.iter().map(|line| line.net_minor().0).sum();
        let comes: Minor = change.lines.iter().map(OrderLine::net_minor).sum();
        let bought = self.lines.iter().filter(|line| line.price_list_id.is_some());
        let left = bought.map(|line| {
            let gone = less.iter().find(|it| it.line_no == line.line_no);
            gone.map_or(line.ordered, |it| line.ordered.less(it.quantity))
        });
        let quantity = Quantity::total(left.chain(change.lines.iter().map(|line| line.quantity)));
        Ok(OrderChanged {
            order_id: self.order_id.clone(),
            dealer_id: self.dealer_id.clone(),
            currency: self.currency.clone(),
            changes: change.changes,
            anew: change.anew,
            less,
            lines: change.lines,
            gifts: change.gifts,
            promotions: change.promotions,
            gross_minor: gross.map_err(|_| OrderRefusal::AmountTooLarge)?,
            net_minor: Minor(self.net_minor.0 - gone + comes.0),
            previous_net_minor: self.net_minor,
            quantity,
            payment: change.payment,
            note: change.note,
            on_behalf: change.on_behalf,
            status: self.status(),
        })
    }

    /// What goes away of its lines, at the price that they have.
    ///
    /// # Errors
    /// When the order has gone on since somebody looked at it.
    pub fn less(&self, changes: &[LineChange]) -> Result<Vec<ClosedLine>, OrderRefusal> {
        let mut less = Vec::new();
        for change in changes {
            let Some(line_no) = change.line_no else { continue };
            let line = self.lines.iter().find(|line| line.line_no == line_no);
            let line = line.ok_or(OrderRefusal::LineNotFound { line_no })?;
            if line.ordered != change.before || change.after > change.before {
                return Err(ChangeRefusal::ChangeOutdated.into());
            }
            if change.after < line.shipped {
                let shipped = line.shipped;
                return Err(ChangeRefusal::LessThanShipped { line_no, shipped }.into());
            }
            less.extend(line.closing(change.before.less(change.after)));
        }
        Ok(less)
    }

    /// Becomes what a change made of it.
    pub(super) fn changed(&mut self, changed: &OrderChanged) {
        self.shorten(&changed.less);
        let bought = changed.lines.iter().cloned().map(Progress::from);
        let given = changed.gifts.iter().cloned().map(Progress::from);
        for line in bought.chain(given) {
            self.lines.retain(|it| it.line_no != line.line_no);
            self.lines.push(line);
        }
        self.lines.sort_by_key(|line| line.line_no);
        (self.gross_minor, self.net_minor) = (changed.gross_minor, changed.net_minor);
        match changed.anew {
            true => self.promotions.clear(),
            false => self.changed = true,
        }
        for applied in &changed.promotions {
            let id = &applied.promotion_id;
            match self.promotions.iter_mut().find(|(had, _)| had == id) {
                Some((_, times)) => *times = times.saturating_add(applied.times),
                None => self.promotions.push((id.clone(), applied.times)),
            }
        }
        let lines = &self.lines;
        self.promotions.retain(|(id, _)| !is_over(lines, id));
        self.payment.clone_from(&changed.payment);
        self.placed_on_behalf &= changed.on_behalf;
        self.nothing_waits();
    }

    /// No change waits any more.
    pub(super) fn nothing_waits(&mut self) {
        (self.proposal, self.passed_of_change) = (None, Vec::new());
    }

    /// How often it is given each promotion more or less than the order before it.
    pub fn quota_changes(&self, before: &Self) -> Vec<(PromotionId, i64)> {
        let times = |order: &Self, id: &PromotionId| {
            let found = order.promotions.iter().find(|(had, _)| had == id);
            found.map_or(0, |(_, times)| i64::from(*times))
        };
        let own = self.promotions.iter().map(|(id, _)| id);
        let gone = before.promotions.iter().map(|(id, _)| id);
        let gone = gone.filter(|id| times(self, id) == 0);
        let changes = own.chain(gone).map(|id| (id.clone(), times(self, id) - times(before, id)));
        changes.filter(|(_, change)| *change != 0).collect()
    }
}

/// Whether nothing is left of what a promotion gave.
fn is_over(lines: &[Progress], id: &PromotionId) -> bool {
    let mut its = lines.iter().filter(|line| line.promotions.contains(id)).peekable();
    its.peek().is_some() && its.all(|line| line.ordered.is_zero())
}

impl Means {
    /// What pays an order that costs this much from now on.
    ///
    /// What is too much is given back, the last used first. What is added is paid from what whoever paid
    /// the order wanted to pay from, and of that from what the goods that left have not passed yet in the
    /// order of paying, or an account would have used up less than before.
    pub fn pay_changed(&self, order: &Placed, net: Minor) -> Option<Payment> {
        let paid = order.payment.as_ref()?;
        let used = order.positions();
        let mut had = Payment { open_minor: Minor::ZERO, ..paid.clone() };
        if had.standing == Standing::OnHold {
            (had.credit_minor, had.standing) = (Minor::ZERO, Standing::NotNeeded);
        }
        had.rebate_minor = had.rebate_minor.min(self.most_rebate(order, &had, net));
        let had = had.costing(net);
        let choice = Choice {
            rebate: paid.choice.rebate
                && used.prepaid.captured == Minor::ZERO
                && used.credit.captured == Minor::ZERO,
            prepaid: paid.choice.prepaid && used.credit.captured == Minor::ZERO,
            credit: paid.choice.credit,
        };
        let payment = self.pay_more(&had, net, choice);
        Some(Payment { choice: paid.choice, ..payment })
    }

    /// How much of its rebates an order may keep when it costs this much: what the rules allow today, or
    /// the part of it that they paid so far. What was granted stays, also when the share has become
    /// smaller since.
    fn most_rebate(&self, order: &Placed, had: &Payment, net: Minor) -> Minor {
        let (now, before) = (i128::from(net.0), i128::from(order.net_minor.0));
        let kept = i128::from(had.rebate_minor.0) * now / before.max(1);
        let granted = i64::try_from(kept).map_or(had.rebate_minor, Minor);
        self.share_of(net).max(granted).max(order.positions().rebate.captured)
    }
}
