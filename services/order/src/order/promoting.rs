//! How promotions get into a submission: the engine says what is given, and the order remembers it.

use std::collections::BTreeMap;

use uuid::Uuid;
use values::{BusinessDate, Minor, ProductId, PromotionId, Quantity};

use super::pricing::Offer;
use super::{AppliedPromotion, OrderGift, OrderRefusal, Submission};
use crate::audience::Buyer;
use crate::price_list::chain::Chain;
use crate::promotion::{
    Cart, CartLine, GiftLine, Outcome, Plan, PromotionBook, QuotaUse, Reward, Stock, Terms,
    Verdict, apply,
};

/// Kinds of gifts that one order may have.
pub const MAX_GIFTS: usize = 200;

/// The promotions that an order may be given.
pub struct Offers<'a> {
    plans: Vec<&'a Plan>,
}

impl<'a> Offers<'a> {
    /// Those in the money of an order. A brand sees of each why it is not given; a dealer only those
    /// that are for it on that day, as what others get is not told.
    pub fn of(book: &'a PromotionBook, submission: &Submission, all: bool) -> Self {
        let buyer = buyer(submission);
        let day = submission.business_date;
        let for_it = |terms: &Terms| {
            all || (terms.window.contains(day) && terms.audience.admits(&buyer).is_ok())
        };
        let fit = |plan: &&Plan| plan.currency == submission.currency && for_it(&plan.terms);
        Self { plans: book.plans().filter(fit).collect() }
    }

    /// Their terms.
    pub fn terms(&self) -> impl Iterator<Item = &'a Terms> {
        self.plans.iter().map(|plan| &plan.terms)
    }

    /// Those that are given a number of times only.
    pub fn limited(&self) -> impl Iterator<Item = &'a Terms> {
        self.terms().filter(|terms| !terms.quota.is_without_limit())
    }

    fn named(&self, promotion_id: &PromotionId) -> Option<&'a Terms> {
        self.terms().find(|terms| terms.promotion_id == *promotion_id)
    }

    /// What products cost that could be given, to compare gifts with discounts.
    fn worth(&self, chain: &Chain, on: BusinessDate) -> BTreeMap<ProductId, Minor> {
        let priced = |id: &ProductId| Some((id.clone(), chain.find(id, on)?.tariff.unit_price));
        self.terms().flat_map(gift_ids).filter_map(priced).collect()
    }
}

/// All that a promotion could give.
fn gift_ids(terms: &Terms) -> impl Iterator<Item = &ProductId> {
    let gifts = terms.offer.tiers.iter().flat_map(|tier| match &tier.reward {
        Reward::Gifts(gifts) => gifts.as_slice(),
        Reward::Percent(_) | Reward::Off(_) | Reward::SetPrice(_) => &[],
    });
    gifts.flat_map(|gift| std::iter::once(&gift.product_id).chain(&gift.instead))
}

/// What promotions give for a submission, given how often each may still be given, and how much there
/// is of what is scarce.
pub fn outcome(
    submission: &Submission,
    offers: &Offers<'_>,
    chain: &Chain,
    left: &BTreeMap<PromotionId, u32>,
    there: BTreeMap<ProductId, Quantity>,
) -> Outcome {
    let line = |line: &super::OrderLine| CartLine {
        line_no: line.line_no,
        product_id: line.product_id.clone(),
        category_path: line.category_path.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price_minor,
        floor: chain.floor(&line.product_id, submission.business_date),
    };
    let cart = Cart {
        day: submission.business_date,
        buyer: buyer(submission),
        lines: submission.lines.iter().map(line).collect(),
        stock: Stock { there, worth: offers.worth(chain, submission.business_date) },
        left: left.clone(),
    };
    apply(&cart, offers.terms())
}

fn buyer(submission: &Submission) -> Buyer {
    Buyer {
        dealer_id: submission.dealer_id.clone(),
        class: submission.class.clone(),
        region_ids: submission.region_path.ids().cloned().collect(),
    }
}

impl Submission {
    /// What it costs after all discounts.
    pub fn net_minor(&self) -> Minor {
        self.lines.iter().map(super::OrderLine::net_minor).sum()
    }

    /// Names what it costs after discounts, which goods are given and what it is paid from, for
    /// whoever wants to be asked again when that changes.
    pub fn fingerprint(&self) -> String {
        let mut told = format!("{} {}", self.currency, self.net_minor().0);
        for gift in &self.gifts {
            told.push_str(&format!(" {}×{}", gift.product_id, gift.quantity.get()));
        }
        if let Some(paid) = &self.payment {
            let parts = [paid.rebate_minor, paid.prepaid_minor, paid.credit_minor, paid.open_minor];
            parts.iter().for_each(|part| told.push_str(&format!(" {}", part.0)));
            told.push_str(&format!(" {:?}", paid.standing));
        }
        Uuid::new_v5(&Uuid::NAMESPACE_OID, told.as_bytes()).to_string()
    }

    /// How often it has a promotion.
    pub fn uses(&self, promotion_id: &PromotionId, times: u32) -> QuotaUse {
        QuotaUse {
            promotion_id: promotion_id.clone(),
            order_id: self.order_id.clone(),
            dealer_id: self.dealer_id.clone(),
            times,
        }
    }

    /// The same with what promotions give.
    ///
    /// # Errors
    /// When it is given more kinds of goods than an order can list.
    pub fn given(
        mut self,
        outcome: &Outcome,
        offers: &Offers<'_>,
        offer: Offer<'_>,
    ) -> Result<Self, OrderRefusal> {
        if outcome.gifts.len() > MAX_GIFTS {
            return Err(OrderRefusal::TooManyGifts);
        }
        for (line, priced) in self.lines.iter_mut().zip(&outcome.lines) {
            debug_assert_eq!(line.line_no, priced.line_no, "both are in order of their numbers");
            line.discounts.clone_from(&priced.discounts);
        }
        let applied = outcome.tried.iter().filter_map(|tried| match &tried.verdict {
            Verdict::Applied(applied) => Some(AppliedPromotion {
                promotion_id: tried.promotion_id.clone(),
                name: offers.named(&tried.promotion_id)?.name.clone(),
                times: applied.times,
                off_minor: applied.off,
            }),
            Verdict::Refused(_) => None,
        });
        self.promotions = applied.collect();
        let after = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let gifts = outcome.gifts.iter().zip(after + 1..);
        self.gifts = gifts.filter_map(|(gift, no)| named(gift, no, offer)).collect();
        Ok(self)
    }
}

fn named(gift: &GiftLine, line_no: u32, offer: Offer<'_>) -> Option<OrderGift> {
    let sku = offer.orderable(&gift.product_id)?;
    Some(OrderGift {
        line_no,
        promotion_id: gift.promotion_id.clone(),
        product_id: gift.product_id.clone(),
        product_name: sku.name.clone(),
        base_unit: sku.base_unit.clone(),
        quantity: gift.quantity,
        // What the buyer does not see is not named either.
        instead_of: gift.instead_of.clone().filter(|id| offer.is_seen(id)),
    })
}
