//! What one promotion would give.

use std::collections::BTreeMap;

use values::{Minor, ProductId, Quantity};

use super::items::Item;
use super::{State, worth_of};
use crate::promotion::outcome::{Applied, GiftLine, Missing, Refused};
use crate::promotion::spread::{Taker, spread};
use crate::promotion::terms::{Gift, Measure, Part, Reward, Terms, Tier};

/// What a promotion gives.
pub(super) struct Given {
    /// How much each item costs less, by its number.
    pub(super) off: Vec<(usize, Minor)>,
    pub(super) gifts: Vec<GiftLine>,
    pub(super) applied: Applied,
}

impl Given {
    /// What it is worth to the buyer.
    pub(super) fn worth(&self, prices: &BTreeMap<ProductId, Minor>) -> Minor {
        let gifts = worth_of(&self.gifts, prices);
        Minor(self.applied.off.0.saturating_add(gifts.0))
    }
}

/// The goods that count, each with what of it can take a discount.
type Goods = Vec<(usize, Taker)>;

/// What a promotion gives for what is in the cart now.
pub(super) fn attempt(state: &State<'_>, promotion: &Terms) -> Result<Given, Refused> {
    if !promotion.window.contains(state.cart.day) {
        return Err(Refused::Day);
    }
    promotion.audience.admits(&state.cart.buyer).map_err(Refused::NotFor)?;
    let in_scope: Vec<_> = state.items.iter().filter(|(_, it)| concerns(promotion, it)).collect();
    if in_scope.is_empty() {
        return Err(Refused::Scope);
    }
    let measured = measure(&promotion.offer.measure, &in_scope);
    let reached = Reached::of(state, promotion, measured, &in_scope)?;
    let mut applied = Applied {
        tier: reached.tier,
        times: reached.times,
        ran_out: reached.ran_out,
        next: reached.next,
        ..Applied::default()
    };
    let times = i64::from(reached.times);
    let goods = goods(&promotion.offer.measure, &in_scope, times);
    let net: Minor = goods.iter().map(|(_, taker)| taker.net).sum();
    let off = match reached.reward {
        Reward::Percent(percent) => percent.of(net),
        Reward::Off(off) => Minor(off.0.saturating_mul(times)),
        Reward::SetPrice(price) => Minor((net.0 - price.0.saturating_mul(times)).max(0)),
        Reward::Gifts(gifts) => return hand_out(state, promotion, gifts, applied),
    };
    let takers: Vec<Taker> = goods.iter().map(|(_, taker)| *taker).collect();
    let (parts, kept) = spread(off.min(net), &takers);
    applied.off = parts.iter().copied().sum();
    applied.kept_by_floor = kept;
    if applied.off == Minor::ZERO {
        return Err(Refused::Floor);
    }
    let off = goods.into_iter().map(|(at, _)| at).zip(parts).collect();
    Ok(Given { off, gifts: Vec::new(), applied })
}

/// Whether an item is what a promotion is about.
fn concerns(promotion: &Terms, item: &Item) -> bool {
    let part = match &promotion.offer.measure {
        Measure::Amount | Measure::Quantity => true,
        Measure::Sets(parts) => parts.iter().any(|part| part.product_id == item.product_id),
    };
    part && promotion.scope.contains(&item.product_id, &item.category_path)
}

fn measure(measure: &Measure, items: &[(usize, &Item)]) -> u64 {
    let measured = match measure {
        Measure::Amount => items.iter().map(|(_, item)| item.net).sum::<Minor>().0,
        Measure::Quantity => Quantity::total(items.iter().map(|(_, item)| item.quantity)).get(),
        Measure::Sets(parts) => {
            parts.iter().map(|part| bought(part, items) / wanted(part)).min().unwrap_or(0)
        }
    };
    measured.unsigned_abs()
}

fn bought(part: &Part, items: &[(usize, &Item)]) -> i64 {
    let of_it = items.iter().filter(|(_, item)| item.product_id == part.product_id);
    Quantity::total(of_it.map(|(_, item)| item.quantity)).get()
}

fn wanted(part: &Part) -> i64 {
    part.quantity.get().max(1)
}

/// The tier that counts, and how often.
struct Reached<'a> {
    tier: usize,
    reward: &'a Reward,
    times: u32,
    ran_out: bool,
    next: Option<Missing>,
}

impl<'a> Reached<'a> {
    fn of(
        state: &State<'_>,
        promotion: &'a Terms,
        measured: u64,
        items: &[(usize, &Item)],
    ) -> Result<Self, Refused> {
        let offer = &promotion.offer;
        let missing = |goal: u64| missing(&offer.measure, measured, goal, items);
        let reached = offer.tiers.iter().enumerate().rev().find(|(_, it)| it.from <= measured);
        let Some((tier, Tier { from, reward })) = reached else {
            let first = offer.tiers.first().map_or(0, |tier| tier.from);
            return Err(Refused::TooLittle(missing(first)));
        };
        // Of sets each one counts; of what else is measured, what a repeated offer asks for.
        let step = match (&offer.measure, offer.repeats) {
            (Measure::Sets(_), _) => Some(1),
            (_, true) => Some((*from).max(1)),
            (_, false) => None,
        };
        let possible = step.map_or(1, |step| measured / step);
        let left = state.cart.left.get(&promotion.promotion_id).copied().unwrap_or(u32::MAX);
        let times = u32::try_from(possible).unwrap_or(u32::MAX).min(left);
        if times == 0 {
            return Err(Refused::RanOut);
        }
        let ran_out = u64::from(times) < possible || (left == times && left != u32::MAX);
        let goal = match offer.tiers.get(tier + 1) {
            Some(next) => Some(next.from),
            None => step.and_then(|step| step.checked_mul(possible + 1)),
        };
        let next = goal.filter(|_| !ran_out).map(missing);
        Ok(Self { tier, reward, times, ran_out, next })
    }
}

fn missing(measure: &Measure, measured: u64, goal: u64, items: &[(usize, &Item)]) -> Missing {
    let rest = i64::try_from(goal.saturating_sub(measured)).unwrap_or(i64::MAX);
    match measure {
        Measure::Amount => Missing::Amount(Minor(rest)),
        Measure::Quantity => Missing::Quantity(units(rest)),
        Measure::Sets(parts) => {
            let sets = i64::try_from(goal).unwrap_or(i64::MAX);
            let short = |part: &Part| wanted(part).saturating_mul(sets) - bought(part, items);
            let parts = parts.iter().map(|part| (part.product_id.clone(), units(short(part))));
            Missing::Parts(parts.filter(|(_, short)| !short.is_zero()).collect())
        }
    }
}

fn units(number: i64) -> Quantity {
    Quantity::of(u32::try_from(number.max(0)).unwrap_or(u32::MAX))
}

/// What takes a discount: of sets only as much as is in them, the dearest first.
fn goods(measure: &Measure, items: &[(usize, &Item)], sets: i64) -> Goods {
    let Measure::Sets(parts) = measure else {
        return items.iter().map(|(at, item)| (*at, item.taker())).collect();
    };
    let mut goods = Vec::new();
    for part in parts {
        let mut open = wanted(part).saturating_mul(sets);
        let mut of_it: Vec<_> =
            items.iter().filter(|(_, item)| item.product_id == part.product_id).collect();
        of_it.sort_by_key(|(at, item)| (std::cmp::Reverse(unit_price(item)), *at));
        for (at, item) in of_it {
            let used = open.min(item.quantity.get());
            open -= used;
            if used > 0 {
                goods.push((*at, share(item, used)));
            }
        }
    }
    goods
}

/// To compare, not to count with.
fn unit_price(item: &Item) -> i64 {
    item.net.0 / item.quantity.get().max(1)
}

/// What so many units of an item can take.
fn share(item: &Item, used: i64) -> Taker {
    let whole = item.taker();
    let part = |amount: Minor| {
        let part = i128::from(amount.0) * i128::from(used) / i128::from(item.quantity.get().max(1));
        // Not more than the amount.
        Minor(i64::try_from(part).unwrap_or(amount.0))
    };
    let net = part(whole.net);
    Taker { net, room: whole.room.min(net) }
}

/// Gifts, as far as there are any.
fn hand_out(
    state: &State<'_>,
    promotion: &Terms,
    gifts: &[Gift],
    mut applied: Applied,
) -> Result<Given, Refused> {
    let mut given: Vec<GiftLine> = Vec::new();
    for gift in gifts {
        let mut open = gift.quantity.get().saturating_mul(i64::from(applied.times));
        let instead = gift.instead.iter().map(|it| (it, Some(gift.product_id.clone())));
        for (product_id, instead_of) in std::iter::once((&gift.product_id, None)).chain(instead) {
            let most = i64::from(u32::MAX);
            let taken = open.min(stock(state, &given, product_id)).min(most);
            if taken > 0 {
                open -= taken;
                given.push(GiftLine {
                    promotion_id: promotion.promotion_id.clone(),
                    product_id: product_id.clone(),
                    quantity: units(taken),
                    instead_of,
                });
            }
        }
        if open > 0 {
            applied.missing_gifts.push((gift.product_id.clone(), units(open)));
        }
    }
    match given.is_empty() {
        true => Err(Refused::GiftsGone),
        false => Ok(Given { off: Vec::new(), gifts: given, applied }),
    }
}

/// What is left of a product after what is bought and given.
fn stock(state: &State<'_>, given: &[GiftLine], product_id: &ProductId) -> i64 {
    let Some(there) = state.cart.stock.there.get(product_id) else { return i64::MAX };
    let now = given.iter().filter(|gift| gift.product_id == *product_id);
    let now: i64 = now.map(|gift| gift.quantity.get()).sum();
    there.less(state.items.bought(product_id)).get() - state.given_of(product_id) - now
}
