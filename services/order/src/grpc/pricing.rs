//! What a basket costs now: all that an order is priced from, as it is at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::command::{Rejected, Work};
use values::{BusinessDate, DealerId, PriceListId, ProductId, PromotionId, Quantity, Sight};

use super::stocking::Shelves;
use crate::account::Account;
use crate::assortment::{ASSORTMENT, Assortment};
use crate::audience::Buyer;
use crate::order::pricing::{Basket, Offer, Orderer, price};
use crate::order::promoting::{MAX_GIFTS, Offers, outcome};
use crate::order::{OrderRefusal, Placed, Submission};
use crate::order_rules::Rules;
use crate::price_book::{PRICE_BOOK, PriceBook};
use crate::price_list::PriceList;
use crate::price_list::chain::Chain;
use crate::product::Product;
use crate::promotion::{
    BOOK, Missing, Outcome, PromotionBook, PromotionQuota, Refused, Tried, Verdict,
};
use crate::territory::{TERRITORY, Territory};

/// A basket with its prices and what promotions give for it.
pub(super) struct Priced {
    pub(super) submission: Submission,
    /// Every promotion that was tried, and what came of it.
    pub(super) outcome: Outcome,
    /// Where the terms of the promotions stand.
    pub(super) book: Arc<PromotionBook>,
    /// What there was for the buyer.
    shelf: Shelf,
    /// What there is of products whose stock is kept, where it is looked at.
    pub(super) shelves: Shelves,
}

/// What a buyer's basket is priced from.
struct Shelf {
    buyer: Buyer,
    day: BusinessDate,
    assortment: Arc<Assortment>,
    chain: Chain,
    products: Products,
}

type Products = BTreeMap<ProductId, Arc<Product>>;

/// The account of whoever orders, and the regions in which its sales may count.
pub(super) struct Known {
    pub(super) account: Arc<Account>,
    pub(super) territory: Arc<Territory>,
}

/// A dealer, if somebody who sees this much may order for it.
pub(super) async fn known(
    work: &mut Work<'_>,
    dealer_id: &DealerId,
    sight: &Sight,
    today: BusinessDate,
) -> Result<Known, Rejected<OrderRefusal>> {
    if let Sight::Dealer(own) = sight
        && own != dealer_id
    {
        return Err(Rejected::Refused(OrderRefusal::OtherDealer));
    }
    let account = work.read::<Account>(dealer_id.as_str()).await?;
    let territory = work.read::<Territory>(TERRITORY).await?;
    if !account.is_seen_by(sight, &territory, today) {
        // As if there were none: which dealers other regions have is not told.
        let dealer_id = dealer_id.clone();
        return Err(Rejected::Refused(OrderRefusal::AccountNotOpen { dealer_id }));
    }
    Ok(Known { account, territory })
}

/// Prices a basket. A brand sees of every promotion what came of it, a dealer of those that are for
/// it.
pub(super) async fn priced(
    work: &mut Work<'_>,
    basket: &Basket,
    known: &Known,
    terms: (bool, Rules),
) -> Result<Priced, Rejected<OrderRefusal>> {
    priced_again(work, basket, known, terms, None).await
}

/// The same for an order that is changed as a whole: it can have again what it has.
pub(super) async fn priced_again(
    work: &mut Work<'_>,
    basket: &Basket,
    Known { account, territory }: &Known,
    (all, rules): (bool, Rules),
    own: Option<&Placed>,
) -> Result<Priced, Rejected<OrderRefusal>> {
    let orderer = Orderer::of(&basket.dealer_id, basket.business_date, account, territory)
        .map_err(Rejected::Refused)?;
    let day = basket.business_date;
    let chain = chain(work, &orderer.buyer, day).await?;
    let assortment = work.read::<Assortment>(ASSORTMENT).await?;
    let range = assortment.range(&orderer.buyer, day);
    let mut products = Products::new();
    for line in &basket.lines {
        look_at(work, &mut products, &line.product_id).await?;
    }
    let offer = Offer { range: &range, chain: &chain, products: &products };
    let submission = price(basket, &orderer, offer).map_err(Rejected::Refused)?;
    let book = work.read::<PromotionBook>(BOOK).await?;
    let offers = Offers::of(&book, &submission, all);
    let left = what_is_left(work, &offers, &submission, own).await?;
    let mut shelves = Shelves::default();
    shelves.own = own.map(|own| own.order_id.clone());
    if rules.stock_checked {
        for line in &basket.lines {
            shelves.look_at(work, &line.product_id).await?;
        }
    }
    let mut gone = BTreeSet::new();
    let outcome = loop {
        let mut there = shelves.there.clone();
        there.extend(gone.iter().map(|id: &ProductId| (id.clone(), Quantity::ZERO)));
        let outcome = outcome(&submission, &offers, &chain, &left, there);
        let before = gone.len() + shelves.there.len();
        // Gifts that nobody can order uncover others, as long as there are any.
        if gone.len() > MAX_GIFTS {
            return Err(Rejected::Refused(OrderRefusal::TooManyGifts));
        }
        for gift in &outcome.gifts {
            look_at(work, &mut products, &gift.product_id).await?;
            let offer = Offer { range: &range, chain: &chain, products: &products };
            if offer.orderable(&gift.product_id).is_none() {
                gone.insert(gift.product_id.clone());
            } else if rules.stock_checked {
                shelves.look_at(work, &gift.product_id).await?;
            }
        }
        // What the buyer can not order any more, or there is not enough of, is not given either;
        // something else may be.
        if gone.len() + shelves.there.len() == before {
            break outcome;
        }
    };
    let offer = Offer { range: &range, chain: &chain, products: &products };
    let submission = submission.given(&outcome, &offers, offer).map_err(Rejected::Refused)?;
    let mut submission = submission.taxed(&products);
    (submission.reviewed, submission.stocked) = (rules.reviewed, rules.stock_checked);
    let buyer = orderer.buyer;
    let shelf = Shelf { buyer, day, assortment, chain, products };
    Ok(Priced { submission, outcome, book, shelf, shelves })
}

impl Priced {
    /// What there is of a product, and how much is missing, where that is too little for the order.
    pub(super) fn too_little(&self, product_id: &ProductId) -> Option<(Quantity, Quantity)> {
        let there = *self.shelves.there.get(product_id)?;
        let wanted = self.submission.wanted().get(product_id).copied().unwrap_or_default();
        (wanted > there).then(|| (there, wanted.less(there)))
    }

    /// Leaves out of what came of promotions what would tell of products that the buyer does not
    /// see.
    pub(super) async fn concealed(
        mut self,
        work: &mut Work<'_>,
    ) -> Result<Self, Rejected<OrderRefusal>> {
        let Shelf { buyer, day, assortment, chain, products } = &mut self.shelf;
        for product_id in named(&self.outcome) {
            look_at(work, products, &product_id).await?;
        }
        let range = assortment.range(buyer, *day);
        let offer = Offer { range: &range, chain, products };
        self.outcome.tried.retain_mut(|tried| conceal(tried, offer));
        Ok(self)
    }
}

/// Products that people are told of by what is missing, though nobody put them into the basket.
fn named(outcome: &Outcome) -> Vec<ProductId> {
    let goods = |tried: &Tried| match &tried.verdict {
        Verdict::Applied(applied) => {
            let parts = applied.next.iter().flat_map(Missing::parts);
            parts.chain(&applied.missing_gifts).cloned().collect()
        }
        Verdict::Refused(Refused::TooLittle(missing)) => missing.parts().to_vec(),
        Verdict::Refused(_) => Vec::new(),
    };
    outcome.tried.iter().flat_map(goods).map(|(product_id, _)| product_id).collect()
}

/// Leaves out what would tell of products that the buyer does not see; whether the promotion may be
/// told of at all.
fn conceal(tried: &mut Tried, offer: Offer<'_>) -> bool {
    let sees = |(product_id, _): &(ProductId, Quantity)| offer.is_seen(product_id);
    match &mut tried.verdict {
        Verdict::Applied(applied) => {
            applied.missing_gifts.retain(sees);
            applied.next.take_if(|next| !next.parts().iter().all(sees));
            true
        }
        Verdict::Refused(Refused::TooLittle(missing)) => missing.parts().iter().all(sees),
        Verdict::Refused(_) => true,
    }
}

/// The price lists that count for a buyer on a day.
async fn chain(
    work: &mut Work<'_>,
    buyer: &Buyer,
    day: BusinessDate,
) -> Result<Chain, Rejected<OrderRefusal>> {
    let book = work.read::<PriceBook>(PRICE_BOOK).await?;
    let base = PriceListId::base();
    let ids = book.chain(buyer, day).into_iter().map(|placed| &placed.price_list_id);
    let mut lists = Vec::new();
    for id in ids.chain([&base]) {
        lists.push(work.read::<PriceList>(id.as_str()).await?);
    }
    Ok(Chain::of(lists))
}

async fn look_at(
    work: &mut Work<'_>,
    products: &mut Products,
    product_id: &ProductId,
) -> Result<(), Rejected<OrderRefusal>> {
    if !products.contains_key(product_id) {
        let product = work.read::<Product>(product_id.as_str()).await?;
        products.insert(product_id.clone(), product);
    }
    Ok(())
}

/// How often the dealer can still be given what has a limit.
async fn what_is_left(
    work: &mut Work<'_>,
    offers: &Offers<'_>,
    submission: &Submission,
    own: Option<&Placed>,
) -> Result<BTreeMap<PromotionId, u32>, Rejected<OrderRefusal>> {
    let mut left = BTreeMap::new();
    for terms in offers.limited() {
        let taken = work.read::<PromotionQuota>(terms.promotion_id.as_str()).await?;
        let times = taken.left(&terms.quota, &submission.dealer_id);
        let mut had = own.iter().flat_map(|own| &own.promotions);
        let had = had.find(|(id, _)| *id == terms.promotion_id).map_or(0, |(_, times)| *times);
        left.insert(terms.promotion_id.clone(), times.saturating_add(had));
    }
    Ok(left)
}
