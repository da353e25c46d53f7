//! How promotions are applied.
//!
//! Groups are gone through by their rank, promotions within a group by theirs. Each is judged on
//! what the goods cost after those before it. Lines of one product at one price are one item here,
//! so how a cart is cut into lines changes nothing; what an item saves goes to its lines at the end.
//!
//! Read in this order: this file (which promotions are given), [`attempt`] (what one would give),
//! [`items`] (the goods, and how discounts get to lines).

mod attempt;
mod items;

use std::collections::BTreeMap;

use values::{Minor, ProductId, PromotionId};

use super::cart::Cart;
use super::outcome::{GiftLine, Outcome, Refused, Tried, Verdict};
use super::terms::{Stacking, Terms};
use attempt::{Given, attempt};
use items::Items;

/// Applies promotions to a cart. The same facts and rules give the same outcome, in whatever order
/// lines and rules stand.
pub fn apply<'a>(cart: &Cart, promotions: impl IntoIterator<Item = &'a Terms>) -> Outcome {
    let mut sorted: Vec<&Terms> = promotions.into_iter().collect();
    sorted.sort_by_key(|it| (&it.group, it.rank, &it.promotion_id));
    let mut state = State::of(cart);
    for group in sorted.chunk_by(|one, other| one.group == other.group) {
        match group.first().map(|first| first.group.stacking) {
            Some(Stacking::All) => group.iter().for_each(|it| state.all(it)),
            Some(Stacking::First) => state.first(group),
            Some(Stacking::Best) => state.best(group),
            None => (),
        }
    }
    Outcome { lines: state.items.lines(), gifts: state.gifts, tried: state.tried }
}

/// What was given so far.
pub(super) struct State<'a> {
    cart: &'a Cart,
    items: Items,
    gifts: Vec<GiftLine>,
    tried: Vec<Tried>,
    /// One that stands alone, once it was given.
    alone: Option<PromotionId>,
}

impl<'a> State<'a> {
    fn of(cart: &'a Cart) -> Self {
        let items = Items::of(&cart.lines);
        Self { cart, items, gifts: Vec::new(), tried: Vec::new(), alone: None }
    }

    /// What a promotion would give now.
    fn attempt(&self, promotion: &Terms) -> Result<Given, Refused> {
        if let Some(alone) = &self.alone {
            return Err(Refused::AfterOneAlone(alone.clone()));
        }
        if promotion.alone && self.gave() {
            return Err(Refused::NotAlone);
        }
        attempt(self, promotion)
    }

    fn all(&mut self, promotion: &Terms) {
        match self.attempt(promotion) {
            Ok(given) => self.give(promotion, given),
            Err(refused) => self.refuse(promotion, refused),
        }
    }

    fn first(&mut self, group: &[&Terms]) {
        let mut taken = None;
        for promotion in group {
            match taken
                .clone()
                .map_or_else(|| self.attempt(promotion), |by| Err(Refused::Group(by)))
            {
                Ok(given) => {
                    taken = Some(promotion.promotion_id.clone());
                    self.give(promotion, given);
                }
                Err(refused) => self.refuse(promotion, refused),
            }
        }
    }

    /// The one that is worth most; of those that are worth the same the one that is tried first.
    fn best(&mut self, group: &[&Terms]) {
        let attempts: Vec<_> = group.iter().map(|promotion| self.attempt(promotion)).collect();
        let worth = |given: &Given| given.worth(&self.cart.stock.worth);
        let fit = attempts.iter().enumerate().filter_map(|(at, it)| Some((at, it.as_ref().ok()?)));
        let best = fit.max_by_key(|(at, given)| (worth(given), std::cmp::Reverse(*at)));
        let best = best.map(|(at, _)| at);
        for (at, (promotion, attempted)) in group.iter().zip(attempts).enumerate() {
            match (attempted, best) {
                (Ok(given), Some(best)) if at == best => self.give(promotion, given),
                (Ok(_), Some(best)) => {
                    self.refuse(promotion, Refused::Group(group[best].promotion_id.clone()));
                }
                (Ok(_), None) => (),
                (Err(refused), _) => self.refuse(promotion, refused),
            }
        }
    }

    fn give(&mut self, promotion: &Terms, given: Given) {
        self.items.take_off(&promotion.promotion_id, &given.off);
        self.gifts.extend(given.gifts);
        if promotion.alone {
            self.alone = Some(promotion.promotion_id.clone());
        }
        let promotion_id = promotion.promotion_id.clone();
        self.tried.push(Tried { promotion_id, verdict: Verdict::Applied(given.applied) });
    }

    fn refuse(&mut self, promotion: &Terms, refused: Refused) {
        let promotion_id = promotion.promotion_id.clone();
        self.tried.push(Tried { promotion_id, verdict: Verdict::Refused(refused) });
    }

    /// Whether any promotion was given so far.
    fn gave(&self) -> bool {
        self.tried.iter().any(|tried| matches!(tried.verdict, Verdict::Applied(_)))
    }

    /// How much of a product was given so far.
    fn given_of(&self, product_id: &ProductId) -> i64 {
        let of_it = self.gifts.iter().filter(|gift| gift.product_id == *product_id);
        of_it.map(|gift| gift.quantity.get()).sum()
    }
}

/// What gifts are worth, by what their products cost otherwise.
fn worth_of(gifts: &[GiftLine], prices: &BTreeMap<ProductId, Minor>) -> Minor {
    let worth = |gift: &GiftLine| {
        let price = prices.get(&gift.product_id).copied().unwrap_or_default();
        Minor(price.0.saturating_mul(gift.quantity.get()))
    };
    gifts.iter().map(worth).sum()
}
